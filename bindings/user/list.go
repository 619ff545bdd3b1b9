package user

import (
	"context"
	"iter"

	"github.com/openimsdk/imctl/bindings"
)

// ListParams are the parameters of user.list.
type ListParams struct {
	System     bool  `help:"also list admins, notification accounts and robots"`
	Limit      int64 `min:"0" help:"stop after so many accounts; 0 lists all"`
	ShowNumber int64 `default:"1000" min:"1" help:"accounts in one page"`
}

func listOp() bindings.Op {
	return bindings.Op{
		Name: "list", Effect: bindings.Read,
		Doc: "List the accounts.",
		Notes: "The server's own list leaves out admins, notification accounts and robots (levels 2 and up); system=true lists them too.\n" +
			"It is unsorted: an account registered during the listing may be missed or moved. A sum that differs from the server's total gives a warning.",
		Example: `for u in user.list() do print(u.userID, u.nickname) end`,
		Run:     bindings.Stream(runList),
	}
}

func runList(ctx context.Context, env *bindings.Env, p ListParams) iter.Seq2[User, error] {
	if p.System {
		return first(everyone(ctx, env, p.ShowNumber), p.Limit)
	}
	return first(ordinary(ctx, env, filter{}, p.ShowNumber), p.Limit)
}

func ordinary(ctx context.Context, env *bindings.Env, f filter, size int64) iter.Seq2[User, error] {
	return bindings.Pages(env, "accounts", size, func(u User) string { return u.UserID },
		func(number, size int64) ([]User, int64, error) { return usersPage(ctx, env, f, number, size) })
}

// everyone lists accounts of all levels: the ids first, page by page, then what is known of them.
func everyone(ctx context.Context, env *bindings.Env, size int64) iter.Seq2[User, error] {
	return bindings.Pages(env, "accounts", size, func(u User) string { return u.UserID },
		func(number, size int64) ([]User, int64, error) {
			ids, total, err := idsPage(ctx, env, number, size)
			if err != nil || len(ids) == 0 {
				return nil, total, err
			}
			found, err := usersInfo(ctx, env, ids)
			if err != nil {
				return nil, total, err
			}
			users := make([]User, len(ids))
			for i, id := range ids {
				u, ok := found[id]
				if !ok {
					u.UserID = id // removed since the page was made: the id is all there is
				}
				users[i] = u
			}
			return users, total, nil
		})
}
