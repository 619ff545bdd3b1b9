package user

import (
	"context"
	"strings"

	"github.com/openimsdk/imctl/bindings"
)

// RegisterParams are the parameters of user.register.
type RegisterParams struct {
	Users []NewUser `arg:"1,required" help:"the accounts to register, all or none"`
}

// RegisterResult is the result of user.register.
type RegisterResult struct {
	Registered int      `column:"1" help:"how many accounts were registered"`
	UserIDs    []string `column:"2" help:"their ids"`
}

func registerOp() bindings.Op {
	return bindings.Op{
		Name: "register", Effect: bindings.Write,
		Doc: "Register a batch of accounts on the message server, in one call.",
		Notes: "All or nothing: one id that is registered already refuses the whole batch with code 1102, and the server does not say which (user.exists does). " +
			"user.import copes with that.\nNo chat server takes part: nobody can log in with a password afterwards (see user.add).",
		Example: `user.register{users={{userID="alice", nickname="Alice"}, {userID="bob", nickname="Bob"}}}`,
		Run:     bindings.Func(runRegister), Undo: bindings.UndoOf(undoRegister),
	}
}

func runRegister(ctx context.Context, env *bindings.Env, p RegisterParams) (RegisterResult, error) {
	res := RegisterResult{UserIDs: make([]string, len(p.Users))}
	place := make(map[string]int, len(p.Users))
	for i, u := range p.Users {
		if why := flaw(u.UserID); why != "" {
			return RegisterResult{}, usage("users[%d].userID %q: %s", i+1, u.UserID, strings.TrimPrefix(why, "userID "))
		}
		if earlier, twice := place[u.UserID]; twice {
			return RegisterResult{}, usage("users[%d].userID %q is that of users[%d] too", i+1, u.UserID, earlier)
		}
		place[u.UserID] = i + 1
		res.UserIDs[i] = u.UserID
	}
	if err := register(ctx, env, p.Users); err != nil {
		return RegisterResult{}, err
	}
	res.Registered = len(p.Users)
	return res, nil
}
