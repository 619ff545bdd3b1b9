package user

import (
	"context"
	"slices"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// connection is an open WebSocket as the gateways report it, with its live token, which must never be shown.
type connection struct {
	UserID       string `json:"-"`
	PlatformID   int32
	ConnID       string
	IsBackground bool
	Token        string
}

// connections asks the gateways for the open connections of the accounts. The first gateway that has an account
// answers for it (REST-API, /user/get_users_online_status).
func connections(ctx context.Context, env *bindings.Env, ids []string) ([]connection, error) {
	type status struct {
		UserID               string
		DetailPlatformStatus []connection
	}
	var out []connection
	for part := range slices.Chunk(distinct(ids), chunk) {
		got, err := openim.Do[[]status](ctx, env.API, "/user/get_users_online_status", value.NewObject("userIDs", list(part)))
		if err != nil {
			return nil, err
		}
		for _, s := range got {
			for _, c := range s.DetailPlatformStatus {
				c.UserID = s.UserID
				out = append(out, c)
			}
		}
	}
	return out, nil
}

// forceLogout ends the sessions of an account on one platform and kicks its tokens. It succeeds for unknown and for
// offline users (SERVER-BEHAVIOUR §3).
func forceLogout(ctx context.Context, env *bindings.Env, id string, platform int32) error {
	_, err := env.API.Call(ctx, "/auth/force_logout", value.NewObject("userID", id, "platformID", int64(platform)))
	return err
}

// forceLogoutAll does so on every platform.
func forceLogoutAll(ctx context.Context, env *bindings.Env, id string) error {
	for platform := range platforms() {
		if err := forceLogout(ctx, env, id, int32(platform)+1); err != nil {
			return err
		}
	}
	return nil
}

// tokenDead tells whether the server still takes a token: 1501, 1506 and 1507 are expired, kicked and swept
// (SERVER-BEHAVIOUR §3).
func tokenDead(ctx context.Context, env *bindings.Env, token string) (bool, error) {
	_, err := env.API.Call(ctx, "/auth/parse_token", value.NewObject("token", token), openim.NoToken())
	if err == nil {
		return false, nil
	}
	if code := fault.From(err).Code; code >= 1501 && code <= 1507 {
		return true, nil
	}
	return false, err
}

// gone waits until the sessions that were open are closed and their tokens dead; what is left of either is returned. Services of
// a cluster learn of a kick a moment later.
func gone(ctx context.Context, env *bindings.Env, id string, before []connection) (open, live []connection, err error) {
	const tries, pause = 5, 200 * time.Millisecond
	for try := 1; ; try++ {
		if open, err = connections(ctx, env, []string{id}); err != nil {
			return nil, nil, err
		}
		was := func(c connection) bool {
			return slices.ContainsFunc(before, func(b connection) bool { return b.ConnID == c.ConnID && b.PlatformID == c.PlatformID })
		}
		open = slices.DeleteFunc(open, func(c connection) bool { return !was(c) })
		live = nil
		for _, c := range before {
			if c.Token == "" {
				continue
			}
			dead, err := tokenDead(ctx, env, c.Token)
			if err != nil {
				return nil, nil, err
			}
			if !dead {
				live = append(live, c)
			}
		}
		if len(open) == 0 && len(live) == 0 || try == tries {
			return open, live, nil
		}
		if err := bindings.Wait(ctx, pause); err != nil {
			return nil, nil, err
		}
	}
}
