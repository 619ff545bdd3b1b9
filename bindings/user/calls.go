package user

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// chunk is how many ids go into one request. The endpoints used here have no limit of their own but the size of the
// body (SERVER-BEHAVIOUR §4).
const chunk = 1000

// register sends one batch to the message server, which takes all of it or nothing (SERVER-BEHAVIOUR §6).
func register(ctx context.Context, env *bindings.Env, users []NewUser) error {
	_, err := env.API.Call(ctx, "/user/user_register", value.NewObject("users", value.From(users)))
	return err
}

// usersInfo gets accounts by id; unknown ones are left out.
func usersInfo(ctx context.Context, env *bindings.Env, ids []string) (map[string]User, error) {
	type answer struct{ UsersInfo []User }
	found := make(map[string]User, len(ids))
	for part := range slices.Chunk(distinct(ids), chunk) {
		got, err := openim.Do[answer](ctx, env.API, "/user/get_users_info", value.NewObject("userIDs", list(part)))
		if err != nil {
			return nil, err
		}
		for _, u := range got.UsersInfo {
			found[u.UserID] = u
		}
	}
	return found, nil
}

// known tells which of the ids are registered.
func known(ctx context.Context, env *bindings.Env, ids []string) (map[string]bool, error) {
	type answer struct {
		Results []struct {
			UserID        string
			AccountStatus int32 // 1 registered, 0 not
		}
	}
	found := make(map[string]bool, len(ids))
	for part := range slices.Chunk(distinct(ids), chunk) {
		got, err := openim.Do[answer](ctx, env.API, "/user/account_check", value.NewObject("checkUserIDs", list(part)))
		if err != nil {
			return nil, err
		}
		for _, r := range got.Results {
			if r.AccountStatus == 1 {
				found[r.UserID] = true
			}
		}
	}
	return found, nil
}

// usersPage gets one page of the ordinary accounts (levels 0 and 1), with the total. The filters are regular
// expressions joined by OR (SERVER-BEHAVIOUR §6).
func usersPage(ctx context.Context, env *bindings.Env, f filter, number, size int64) ([]User, int64, error) {
	type answer struct {
		Total int64
		Users []User
	}
	body := value.NewObject("pagination", bindings.Pagination(number, size))
	if f.userID != "" {
		body.Set("userID", f.userID)
	}
	if f.nickname != "" {
		body.Set("nickName", f.nickname) // spelt so here
	}
	got, err := openim.Do[answer](ctx, env.API, "/user/get_users", body)
	return got.Users, got.Total, err
}

// idsPage gets one page of the ids of all accounts, those of the system included, with the total.
func idsPage(ctx context.Context, env *bindings.Env, number, size int64) ([]string, int64, error) {
	type answer struct {
		Total   int64
		UserIDs []string
	}
	got, err := openim.Do[answer](ctx, env.API, "/user/get_all_users_uid", value.NewObject("pagination", bindings.Pagination(number, size)))
	return got.UserIDs, got.Total, err
}

func list(texts []string) value.List {
	out := make(value.List, len(texts))
	for i, t := range texts {
		out[i] = t
	}
	return out
}
