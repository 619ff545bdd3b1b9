package message

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// everyone lists the accounts of level 0 and 1, without the sender and the account that imctl runs as. The number is
// checked against the server's own, so that a broadcast can't miss some without a word.
func everyone(ctx context.Context, env *bindings.Env, sendID string) ([]string, error) {
	type user struct {
		UserID string `json:"userID"`
	}
	type answer struct {
		Total int64  `json:"total"`
		Users []user `json:"users"`
	}
	var ids []string
	seen := map[string]bool{sendID: true, env.Target.Admin: true}
	users := bindings.Pages(env, "accounts", bindings.PageSize, func(u user) string { return u.UserID },
		func(number, size int64) ([]user, int64, error) {
			a, err := openim.Do[answer](ctx, env.API, "/user/get_users", value.NewObject("pagination", bindings.Pagination(number, size)))
			return a.Users, a.Total, err
		})
	for u, err := range users {
		if err != nil {
			return nil, err
		}
		if !seen[u.UserID] {
			seen[u.UserID] = true
			ids = append(ids, u.UserID)
		}
	}
	return ids, nil
}

// reasons gives the failed rows of accounts that don't exist that reason.
func reasons(ctx context.Context, env *bindings.Env, rows []Receipt) error {
	var ids []string
	for _, r := range rows {
		if unsaid(r) {
			ids = append(ids, r.RecvID)
		}
	}
	known, err := bindings.KnownAccounts(ctx, env, ids)
	if err != nil {
		return err
	}
	for i, r := range rows {
		if unsaid(r) && !known[r.RecvID] {
			rows[i] = lost(r.RecvID, "failed", bindings.NoAccount(r.RecvID))
		}
	}
	return nil
}

// unsaid tells whether the server failed the receiver and gave no reason.
func unsaid(r Receipt) bool {
	return r.Status == "failed" && r.err.Kind == fault.API && r.err.Code == 0
}

// partial is the error of a broadcast that did not reach everyone.
func partial(rows []Receipt) error {
	return bindings.PartialError(rows, "receivers not reached", func(r Receipt) (string, *fault.Error) { return r.RecvID, r.err })
}

// progress shows how far a long broadcast is.
func progress(env *bindings.Env, total int) (show func(done int), finish func()) {
	if env.Track == nil || total <= castBatch {
		return func(int) {}, func() {}
	}
	p := env.Track("broadcast")
	return func(done int) { p.Set(int64(done), int64(total)) }, func() { p.Finish("") }
}
