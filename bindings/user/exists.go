package user

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
)

// ExistsParams are the parameters of user.exists.
type ExistsParams struct {
	UserIDs []string `arg:"1...,required" help:"the accounts to look for"`
}

// Existence is a row of user.exists.
type Existence struct {
	UserID string `key:"true" column:"1" help:"the id asked for"`
	Exists bool   `column:"2" help:"whether an account has it"`
}

func existsOp() bindings.Op {
	return bindings.Op{
		Name: "exists", Effect: bindings.Read,
		Doc:     "Tell which ids are registered.",
		Notes:   "Any number of ids; a repeated one gives a row for each time it was named.",
		Example: `print(user.exists("alice")[1].exists)`,
		Run:     bindings.Func(runExists),
	}
}

func runExists(ctx context.Context, env *bindings.Env, p ExistsParams) ([]Existence, error) {
	if err := checkIDs("userIDs", p.UserIDs...); err != nil {
		return nil, err
	}
	found, err := known(ctx, env, p.UserIDs)
	if err != nil {
		return nil, err
	}
	rows := make([]Existence, len(p.UserIDs))
	for i, id := range p.UserIDs {
		rows[i] = Existence{id, found[id]}
	}
	return rows, nil
}
