package conversation

import (
	"context"
	"iter"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// SortedParams selects conversations of an account.
type SortedParams struct {
	OwnerUserID     string   `json:"ownerUserID" arg:"1,required" help:"the account"`
	ConversationIDs []string `json:"conversationIDs" help:"only these conversations"`
}

// Elem is a conversation with its last message.
type Elem struct {
	ConversationID    string `json:"conversationID" column:"1" key:"true" help:"the conversation's id"`
	UnreadCount       int64  `json:"unreadCount" column:"2" help:"messages that the account has not read"`
	IsPinned          bool   `json:"isPinned" column:"3" help:"pinned to the top (the server spells it IsPinned)"`
	LatestMsgRecvTime int64  `json:"latestMsgRecvTime" column:"4" help:"when its last message was sent, in ms; 0: it has none"`
	RecvMsgOpt        int64  `json:"recvMsgOpt" help:"0 receive, 1 do not receive, 2 receive without notification"`

	MsgInfo *value.Object `json:"msgInfo" help:"the last message as the server gives it; null: there is none"`
	Rest    value.Rest    `json:"-"`
}

func sortedOp() bindings.Op {
	return bindings.Op{
		Name: "sorted", Effect: bindings.Read,
		Doc:     "List the conversations of an account with their last message, pinned ones first, then the newest.",
		Example: `conversation.sorted("alice")`,
		Notes: "The server's call is deprecated and loses rows: of two conversations with the same last time only one comes; conversation.list and conversation.unread have all. " +
			"It answers an account without conversations with an error, which is an empty list here, and its totals count what the page does not, so they are not shown.",
		Run: bindings.Stream(runSorted),
	}
}

func runSorted(ctx context.Context, env *bindings.Env, p SortedParams) iter.Seq2[Elem, error] {
	if err := bindings.CheckID("ownerUserID", p.OwnerUserID); err != nil {
		return bindings.Fails[Elem](err)
	}
	body := value.NewObject("userID", p.OwnerUserID)
	if p.ConversationIDs != nil {
		ids, err := bindings.CheckIDs("conversationIDs", p.ConversationIDs)
		if err != nil {
			return bindings.Fails[Elem](err)
		}
		body.Set("conversationIDs", ids)
	}
	type row struct {
		Elem
		Pinned bool `json:"IsPinned"`
	}
	type answer struct {
		ConversationElems []row `json:"conversationElems"`
	}
	next := func(number, size int64) ([]Elem, int64, error) {
		body.Set("pagination", bindings.Pagination(number, size))
		a, err := openim.Do[answer](ctx, env.API, "/conversation/get_sorted_conversation_list", body)
		if fault.Is(err, fault.NotFound) { // it has no conversation
			err = nil
		}
		out := make([]Elem, len(a.ConversationElems))
		for i, r := range a.ConversationElems {
			out[i] = r.Elem
			out[i].IsPinned = r.Pinned
			if r.MsgInfo != nil {
				at, _ := r.MsgInfo.Get("LatestMsgRecvTime")
				out[i].LatestMsgRecvTime, _ = at.(int64)
			}
		}
		return out, -1, err
	}
	rows := bindings.Pages(env, "conversations of "+p.OwnerUserID, bindings.PageSize, func(e Elem) string { return e.ConversationID }, next)
	return bindings.Only(rows, func(Elem) bool { return true },
		func() error { return bindings.MustBeKnown(ctx, env, p.OwnerUserID) })
}
