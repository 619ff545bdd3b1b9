package message

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// userPage is how many accounts one call asks for.
const userPage = 500

type user struct {
	UserID string `json:"userID"`
}

// everyone lists the accounts of level 0 and 1, without the sender and the account that imctl runs as. The number is
// checked against the server's own, so that a broadcast can't miss some without a word.
func everyone(ctx context.Context, env *bindings.Env, sendID string) ([]string, error) {
	type answer struct {
		Total int64  `json:"total"`
		Users []user `json:"users"`
	}
	var ids []string
	seen := map[string]bool{}
	for page := int64(1); ; page++ {
		a, err := openim.Do[answer](ctx, env.API, "/user/get_users", value.NewObject(
			"pagination", value.NewObject("pageNumber", page, "showNumber", int64(userPage))))
		if err != nil {
			return nil, err
		}
		before := len(seen)
		for _, u := range a.Users {
			if !seen[u.UserID] && u.UserID != sendID && u.UserID != env.Target.Admin {
				ids = append(ids, u.UserID)
			}
			seen[u.UserID] = true
		}
		if len(a.Users) > 0 && len(seen) == before {
			return nil, fault.New(fault.API, "the server repeats itself: page %d of the accounts brings nothing new", page)
		}
		if len(a.Users) == 0 || page*userPage >= a.Total && len(a.Users) < userPage {
			if int64(len(seen)) != a.Total {
				warn(env, "the server counts %d accounts, and %d were listed", a.Total, len(seen))
			}
			return ids, nil
		}
	}
}

// reasons gives the failed rows of accounts that don't exist that reason.
func reasons(ctx context.Context, env *bindings.Env, rows []Receipt) error {
	var ids []string
	for _, r := range rows {
		if r.Status == "failed" && r.err.Kind == fault.API && r.err.Code == 0 {
			ids = append(ids, r.RecvID)
		}
	}
	type answer struct {
		UsersInfo []user `json:"usersInfo"`
	}
	known, asked := map[string]bool{}, map[string]bool{}
	for some := range slices.Chunk(ids, userPage) {
		a, err := openim.Do[answer](ctx, env.API, "/user/get_users_info", value.NewObject("userIDs", some))
		if err != nil {
			return err
		}
		for _, u := range a.UsersInfo {
			known[u.UserID] = true
		}
		for _, id := range some {
			asked[id] = true
		}
	}
	for i, r := range rows {
		if asked[r.RecvID] && !known[r.RecvID] {
			rows[i] = lost(r.RecvID, "failed", fault.New(fault.NotFound, "no account %q", r.RecvID))
		}
	}
	return nil
}

// partial is the error of a broadcast that did not reach everyone. The failure of a call on one is its own.
func partial(rows []Receipt) error {
	var bad []string
	for _, r := range rows {
		if r.err == nil {
			continue
		}
		if len(rows) == 1 {
			return r.err
		}
		bad = append(bad, r.RecvID+": "+r.Error)
	}
	if len(bad) == 0 {
		return nil
	}
	first := strings.Join(bad[:min(len(bad), 5)], "; ")
	if len(bad) > 5 {
		first += fmt.Sprintf("; and %d more", len(bad)-5)
	}
	return fault.New(fault.Partial, "%d of %d receivers not reached: %s", len(bad), len(rows), first)
}

// progress shows how far a long broadcast is.
func progress(env *bindings.Env, total int) (show func(done int), finish func()) {
	if env.Track == nil || total <= castBatch {
		return func(int) {}, func() {}
	}
	p := env.Track("broadcast")
	return func(done int) { p.Set(int64(done), int64(total)) }, func() { p.Finish("") }
}

func itoa(i int) string { return strconv.Itoa(i) }
