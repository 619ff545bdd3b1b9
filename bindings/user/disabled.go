package user

import (
	"context"
	"iter"

	"github.com/openimsdk/imctl/bindings"
)

// DisabledParams are the parameters of user.disabled.
type DisabledParams struct {
	Keyword string `arg:"1" help:"only accounts with this text in the userID, or at a chat server in its other names"`
}

// Disabled is a row of user.disabled.
type Disabled struct {
	UserID     string `key:"true" column:"1" help:"the account"`
	Nickname   string `column:"2" help:"its name, where the chat server tells it"`
	Reason     string `column:"3" help:"why it was disabled"`
	CreateTime int64  `column:"4" help:"since when, in Unix milliseconds"`
	OpUserID   string `help:"who did it, where the chat server tells it"`
	Means      string `column:"5" help:"chat: blocked at the chat server; imctl: on imctl's own ban list"`
}

func disabledOp() bindings.Op {
	return bindings.Op{
		Name: "disabled", Effect: bindings.Read,
		Doc: "List the accounts that are disabled.",
		Notes: "With a chat server its block list, and then imctl's own ban list. The message server has no list of its own. " +
			"imctl's list is that of this machine: bans made elsewhere are not on it.",
		Example: `for u in user.disabled() do print(u.userID, u.reason) end`,
		Run:     bindings.Stream(runDisabled),
	}
}

func runDisabled(ctx context.Context, env *bindings.Env, p DisabledParams) iter.Seq2[Disabled, error] {
	return func(yield func(Disabled, error) bool) {
		if env.API.HasChat() {
			for b, err := range blocks(ctx, env, p.Keyword) {
				if !yield(Disabled{b.UserID, b.Nickname, b.Reason, b.CreateTime, b.OpUserID, "chat"}, err) || err != nil {
					return
				}
			}
		}
		bans, err := readBans(env)
		if err != nil {
			yield(Disabled{}, err)
			return
		}
		for _, b := range bans {
			if bindings.Holds(b.UserID, p.Keyword) && !yield(Disabled{UserID: b.UserID, Reason: b.Reason, CreateTime: b.CreateTime, Means: "imctl"}, nil) {
				return
			}
		}
	}
}

// everyDisabled lists the ids of all disabled accounts, but for the one that imctl is logged in as.
func everyDisabled(ctx context.Context, env *bindings.Env) ([]string, error) {
	var ids []string
	for d, err := range runDisabled(ctx, env, DisabledParams{}) {
		if err != nil {
			return nil, err
		}
		if !own(env, d.UserID) {
			ids = append(ids, d.UserID)
		}
	}
	return distinct(ids), nil
}
