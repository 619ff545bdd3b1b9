package user

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// LogoutParams are the parameters of user.logout.
type LogoutParams struct {
	UserID     string `arg:"1,required" help:"the account to log out"`
	Platform   string `arg:"2" help:"one platform by name: ios, android, windows, osx, web, miniweb, linux, androidpad, ipad, admin, harmonyos or bot; all twelve when left out"`
	PlatformID int32  `min:"0" help:"one platform by id, 1 to 12"`
}

// Logout is a row of user.logout: one platform.
type Logout struct {
	UserID     string `key:"true" column:"1" help:"the account"`
	PlatformID int32  `help:"the platform's id"`
	Platform   string `column:"2" help:"the platform's name"`
	Sessions   int    `column:"3" help:"connections that were open before"`
	LoggedOut  bool   `column:"4" help:"whether the server carried it out and nothing is open now"`
	Verified   string `column:"5" help:"how that is known"`
}

func logoutOp() bindings.Op {
	return bindings.Op{
		Name: "logout", Effect: bindings.Write,
		Doc: "End the sessions of an account on one platform or on all twelve.",
		Notes: "An account that is logged out already is a success. The connections are closed and the tokens kicked (they answer 1506 then); " +
			"connections and their tokens are checked afterwards. Tokens of apps that are not connected can't be listed, and are kicked all the same.\n" +
			"The person can log in again at once: user.disable prevents that.\nThe server says success for unknown ids too; here they are an error (kind not_found).",
		Example: `user.logout{userID="alice", platform="ios"}`,
		Run:     bindings.Func(runLogout),
	}
}

func runLogout(ctx context.Context, env *bindings.Env, p LogoutParams) ([]Logout, error) {
	if err := checkIDs("userID", p.UserID); err != nil {
		return nil, err
	}
	only, err := platformOf(p.PlatformID, p.Platform)
	if err != nil {
		return nil, err
	}
	if err := checkNotOwn(env, p.UserID); err != nil {
		return nil, err
	}
	if err := mustExist(ctx, env, []string{p.UserID}); err != nil {
		return nil, err
	}
	before, unknown := connections(ctx, env, []string{p.UserID})
	var rows []Logout
	for i := range platforms() {
		id := int32(i + 1)
		if only != 0 && only != id {
			continue
		}
		if err := forceLogout(ctx, env, p.UserID, id); err != nil {
			return rows, sayWho(err, p.UserID)
		}
		rows = append(rows, Logout{UserID: p.UserID, PlatformID: id, Platform: platformName(id), LoggedOut: true})
	}
	was := slices.DeleteFunc(before, func(c connection) bool { return only != 0 && c.PlatformID != only })
	open, live, err := gone(ctx, env, p.UserID, was)
	if unknown == nil {
		unknown = err
	}
	return judgeLogout(rows, was, open, live, unknown)
}

// judgeLogout fills in what the check showed; a session that is still open is a partial failure.
func judgeLogout(rows []Logout, before, open, live []connection, unknown error) ([]Logout, error) {
	count := func(of []connection, platform int32) (n int) {
		for _, c := range of {
			if c.PlatformID == platform {
				n++
			}
		}
		return n
	}
	for i := range rows {
		r := &rows[i]
		r.Sessions = count(before, r.PlatformID)
		switch left := count(open, r.PlatformID); {
		case unknown != nil:
			r.Verified = "the server answered success; the gateways did not say what is open: " + unknown.Error()
		case left > 0:
			r.LoggedOut, r.Verified = false, "still open"
		case count(live, r.PlatformID) > 0:
			r.LoggedOut, r.Verified = false, "closed, but the token is still taken"
		case r.Sessions > 0:
			r.Verified = "closed, token dead"
		default:
			r.Verified = "nothing was open"
		}
	}
	left := slices.DeleteFunc(slices.Clone(rows), func(r Logout) bool { return r.LoggedOut })
	if len(left) > 0 {
		return rows, fault.New(fault.Partial, "%s is still logged in on %s", left[0].UserID, left[0].Platform).
			WithHint("the server answered success; look at its gateways")
	}
	return rows, nil
}
