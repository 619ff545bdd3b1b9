package user

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
)

// SessionsParams are the parameters of user.sessions.
type SessionsParams struct {
	UserIDs []string `arg:"1...,required" help:"the accounts to look at"`
}

// Session is a row of user.sessions: one open connection.
type Session struct {
	UserID       string `key:"true" column:"1" help:"the account"`
	PlatformID   int32  `help:"the platform's id"`
	Platform     string `column:"2" help:"the platform's name"`
	ConnID       string `column:"3" help:"the gateway's id of the connection"`
	IsBackground bool   `column:"4" help:"whether the app is in the background"`
}

func sessionsOp() bindings.Op {
	return bindings.Op{
		Name: "sessions", Effect: bindings.Read,
		Doc: "List the open connections of accounts, as the gateways have them now.",
		Notes: "The server's answer holds the live tokens of the users; they are left out here.\n" +
			"With several gateways the first one that knows the user answers for it: connections at another one may be missing.",
		Example: `for _, s in ipairs(user.sessions("alice")) do print(s.platform, s.connID) end`,
		Run:     bindings.Func(runSessions),
	}
}

func runSessions(ctx context.Context, env *bindings.Env, p SessionsParams) ([]Session, error) {
	if err := checkIDs("userIDs", p.UserIDs...); err != nil {
		return nil, err
	}
	if err := mustExist(ctx, env, distinct(p.UserIDs)); err != nil {
		return nil, err
	}
	open, err := connections(ctx, env, p.UserIDs)
	if err != nil {
		return nil, err
	}
	rows := make([]Session, len(open))
	for i, c := range open {
		rows[i] = Session{c.UserID, c.PlatformID, platformName(c.PlatformID), c.ConnID, c.IsBackground}
	}
	return rows, nil
}
