package conversation

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// ForUserParams names an account that others have conversations with.
type ForUserParams struct {
	UserID string  `json:"userID" arg:"1,required" help:"the account that the conversations are with"`
	Ex     *string `json:"ex" arg:"2" help:"extra data of the application to set on them; empty: blank it"`
}

// ForUserResult says what was asked for.
type ForUserResult struct {
	UserID string `json:"userID" column:"1" key:"true" help:"the account"`
	Ex     string `json:"ex" column:"2" help:"what was set on the conversations that others have with it"`
}

func forUserOp() bindings.Op {
	return bindings.Op{
		Name: "for_user", Effect: bindings.Write,
		Doc:     "Set ex on the conversations that all others have with an account.",
		Example: `conversation.for_user{userID="alice", ex="vip"}`,
		Notes: "The account's own list stays as it is. How many conversations changed the server does not say, and it answers success for an account that does not exist: " +
			"that is an error of kind not_found here. Servers up to 3.8.3 don't have the call: kind unsupported.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p ForUserParams) (ForUserResult, error) {
			if err := bindings.CheckID("userID", p.UserID); err != nil {
				return ForUserResult{}, err
			}
			if p.Ex == nil {
				return ForUserResult{}, fault.New(fault.Usage, "nothing to change: ex is missing").WithHint("nothing was sent")
			}
			if err := bindings.MustBeKnown(ctx, env, p.UserID); err != nil {
				return ForUserResult{}, err
			}
			_, err := env.API.Call(ctx, "/conversation/update_conversations_by_user", value.NewObject("userID", p.UserID, "ex", *p.Ex))
			return ForUserResult{UserID: p.UserID, Ex: *p.Ex}, err
		}),
		Preview: bindings.PreviewOf(func(_ context.Context, _ *bindings.Env, p ForUserParams) (bindings.Preview, error) {
			return bindings.Preview{Count: -1, Bulk: true, Text: "set ex on the conversations that all others have with " + p.UserID}, nil
		}),
	}
}
