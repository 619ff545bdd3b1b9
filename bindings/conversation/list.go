package conversation

import (
	"context"
	"iter"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// ListParams names an account.
type ListParams struct {
	OwnerUserID string `json:"ownerUserID" arg:"1,required" help:"the account"`
	AtOnce      bool   `json:"at_once" help:"ask for all in one call, not in pages"`
}

func listOp() bindings.Op {
	return bindings.Op{
		Name: "list", Effect: bindings.Read,
		Doc:     "List the conversations of an account.",
		Example: `conversation.list("alice")`,
		Notes: "In the order of the server's database; conversation.sorted has the newest first. The server answers with an empty list for an account that does not exist, " +
			"and with no rows when the page is left out: the page is always sent, and an unknown account is an error of kind not_found.",
		Run: bindings.Stream(runList),
	}
}

func runList(ctx context.Context, env *bindings.Env, p ListParams) iter.Seq2[Conversation, error] {
	if err := bindings.CheckID("ownerUserID", p.OwnerUserID); err != nil {
		return bindings.Fails[Conversation](err)
	}
	type answer struct {
		Total         int64          `json:"total"`
		Conversations []Conversation `json:"conversations"`
	}
	next := func(number, size int64) ([]Conversation, int64, error) {
		if p.AtOnce {
			a, err := openim.Do[answer](ctx, env.API, "/conversation/get_all_conversations", value.NewObject("ownerUserID", p.OwnerUserID))
			return a.Conversations, int64(len(a.Conversations)), err
		}
		a, err := openim.Do[answer](ctx, env.API, "/conversation/get_owner_conversation",
			value.NewObject("userID", p.OwnerUserID, "pagination", bindings.Pagination(number, size)))
		return a.Conversations, a.Total, err
	}
	rows := bindings.Pages(env, "conversations of "+p.OwnerUserID, bindings.PageSize,
		func(c Conversation) string { return c.ConversationID }, next)
	return bindings.Only(rows, func(Conversation) bool { return true },
		func() error { return bindings.MustBeKnown(ctx, env, p.OwnerUserID) })
}
