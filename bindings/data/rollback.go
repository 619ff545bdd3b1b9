package data

import (
	"context"
	"slices"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
)

// noteHad writes down which collections are there before their places are taken.
func (r *restore) noteHad(ctx context.Context) error {
	there, err := allNames(ctx, r.db)
	if err != nil {
		return err
	}
	for _, name := range r.mark.Names {
		if there[name] {
			r.mark.Had = append(r.mark.Had, name)
		}
	}
	return nil
}

// rollback brings back what a restore put aside, and clears away what it loaded. Interrupted, it is called again.
func (r *restore) rollback(ctx context.Context) (*RestoreResult, error) {
	m, err := readMark(ctx, r.db)
	if err != nil {
		return nil, err
	}
	switch {
	case m == nil:
		return nil, fault.New(fault.NotFound, "rollback: no restore into the database %s is unfinished or kept what it replaced", r.db.Name())
	case m.State == ending:
		return nil, fault.New(fault.Unsupported, "rollback: the restore is done, and what it replaced is being dropped").WithHint("resume=true ends it")
	case m.State == merging:
		return nil, fault.New(fault.Unsupported, "rollback: a restore with policy=%s changes documents in place; nothing was put aside", m.Policy).
			WithHint("resume=true completes it; a backup from before it, restored with policy=replace, brings the old data back")
	}
	r.mark, r.result.From = m, m.From
	touched := m.State != loading
	if touched {
		if err := r.keepSeqs(ctx); err != nil {
			return nil, err
		}
		m.State = undoing
		if err := m.write(ctx, r.db); err != nil {
			return nil, err
		}
		back, err := r.bringBack(ctx)
		if err != nil {
			return nil, err
		}
		r.result.Collections = len(back)
		r.did("the old collections have their places again", "%s", strings.Join(back, ", "))
		if err := r.dropCaches(ctx); err != nil {
			return nil, err
		}
	}
	if err := r.clearStaging(ctx); err != nil {
		return nil, err
	}
	r.did("what was loaded was cleared away", "the database is as it was before the restore")
	return &r.result, nil
}

// bringBack gives what lies aside its place, and drops what was not there before.
func (r *restore) bringBack(ctx context.Context) ([]string, error) {
	there, err := allNames(ctx, r.db)
	if err != nil {
		return nil, err
	}
	var back []string
	for name := range there {
		if old, ok := strings.CutPrefix(name, asidePrefix); ok {
			back = append(back, old)
		}
	}
	inOrder(back)
	drop := func(name string) error {
		return store.MongoError(ctx, "dropping the restored "+name, r.db.Collection(name).Drop(ctx))
	}
	for _, name := range r.mark.Names {
		if !slices.Contains(r.mark.Had, name) && there[name] && !there[stagingPrefix+name] {
			if err := drop(name); err != nil {
				return nil, err
			}
		}
	}
	for _, name := range back {
		if there[name] {
			if err := drop(name); err != nil {
				return nil, err
			}
		}
		if err := rename(ctx, r.db, asidePrefix+name, name); err != nil {
			return nil, err
		}
	}
	return back, nil
}

// keepSeqs raises the seqs that lie aside to those that were given since they went there.
func (r *restore) keepSeqs(ctx context.Context) error {
	there, err := allNames(ctx, r.db)
	if err != nil || !there[asidePrefix+seqName] {
		return err
	}
	given, err := r.givenSeqs(ctx)
	if err != nil {
		return err
	}
	r.result.SeqsRaised, err = raise(ctx, r.db.Collection(asidePrefix+seqName), given)
	return err
}
