package user

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// before reads the account that a write would change, for the fingerprint of a plan. A write that selects its
// accounts by a rule has none.
func before[P any](userID func(P) string) bindings.Beforer {
	return bindings.BeforeOf(func(ctx context.Context, env *bindings.Env, p P) (User, error) {
		id := userID(p)
		type answer struct {
			UsersInfo []User `json:"usersInfo"`
		}
		a, err := openim.Do[answer](ctx, env.API, "/user/get_users_info", value.NewObject("userIDs", value.List{id}))
		if err != nil {
			return User{}, err
		}
		if len(a.UsersInfo) == 0 {
			return User{}, fault.New(fault.NotFound, "no account %s", id)
		}
		return a.UsersInfo[0], nil
	})
}
