package user

import (
	"context"
	"slices"
	"sync"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// chosen are the accounts that a call of disable or enable acts on.
type chosen struct {
	UserID  string
	UserIDs []string
	All     bool
}

// ids are the accounts that are named.
func (c chosen) ids() []string {
	if c.UserID == "" {
		return distinct(c.UserIDs)
	}
	return distinct(append([]string{c.UserID}, c.UserIDs...))
}

// check refuses what can't be right before anything is sent.
func (c chosen) check(env *bindings.Env) error {
	ids := c.ids()
	switch {
	case c.All && len(ids) > 0:
		return usage("all takes every account: don't name %s beside it", ids[0])
	case !c.All && len(ids) == 0:
		return usage("missing field userID: name the account, or all=true")
	}
	if err := checkIDs("userID", ids...); err != nil {
		return err
	}
	return checkNotOwn(env, ids...)
}

// accounts are the ids that the call acts on: those that are named, or with all those that every lists.
func (c chosen) accounts(ctx context.Context, env *bindings.Env, every func(context.Context, *bindings.Env) ([]string, error)) ([]string, error) {
	if err := c.check(env); err != nil {
		return nil, err
	}
	if c.All {
		return every(ctx, env)
	}
	return c.ids(), nil
}

// everyOrdinary lists the ids of all ordinary accounts, but for the one that imctl is logged in as.
func everyOrdinary(ctx context.Context, env *bindings.Env) ([]string, error) {
	var ids []string
	for u, err := range ordinary(ctx, env, filter{}, chunk) {
		if err != nil {
			return nil, err
		}
		if !own(env, u.UserID) {
			ids = append(ids, u.UserID)
		}
	}
	return ids, nil
}

// previewOf is the preview of a call that acts on ids; verb says what it does to them.
func previewOf(verb string, ids []string, bulk bool) bindings.Preview {
	p := bindings.PreviewAccounts(verb, ids)
	p.Bulk = bulk
	if len(ids) == 1 {
		p.Text = verb + " " + ids[0]
	}
	return p
}

// each runs fn for every id, several at a time; rows come back in the order of the ids. When the context ends, the
// ids that are left are not begun.
func each[R any](ctx context.Context, ids []string, fn func(id string) R) []R {
	const workers = 8
	rows := make([]R, len(ids))
	var wg sync.WaitGroup
	slots := make(chan struct{}, workers)
	for i, id := range ids {
		slots <- struct{}{}
		if ctx.Err() != nil {
			rows = rows[:i]
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			rows[i] = fn(id)
		})
	}
	wg.Wait()
	return slices.Clip(rows)
}

// partly is the error of a call that failed for some accounts.
func partly(failed, total int, verb, id, why string) error {
	if failed == 0 {
		return nil
	}
	return fault.New(fault.Partial, "%d of %d accounts were not %s; %s: %s", failed, total, verb, id, why)
}
