package conversation

import (
	"context"
	"maps"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// UnreadParams selects conversations of an account.
type UnreadParams struct {
	OwnerUserID     string   `json:"ownerUserID" arg:"1,required" help:"the account"`
	ConversationIDs []string `json:"conversationIDs" arg:"2..." help:"only these conversations"`
	UnreadOnly      bool     `json:"unread_only" help:"only those with unread messages"`
}

// Position is how far an account has read a conversation.
type Position struct {
	ConversationID string `json:"conversationID" column:"1" key:"true" help:"the conversation's id"`
	Unread         int64  `json:"unread" column:"2" help:"messages after the last one read; 0 when it was marked as read beyond the newest"`
	HasReadSeq     int64  `json:"hasReadSeq" column:"3" help:"number of the newest message that the account has read"`
	MaxSeq         int64  `json:"maxSeq" column:"4" help:"number of the newest message"`
	MaxSeqTime     int64  `json:"maxSeqTime" help:"when it was sent, in ms"`
	IsPinned       bool   `json:"isPinned" help:"pinned to the top"`
}

func unreadOp() bindings.Op {
	return bindings.Op{
		Name: "unread", Effect: bindings.Read,
		Doc:     "List the conversations of an account with their unread counts.",
		Example: `conversation.unread{ownerUserID="alice", unread_only=true}`,
		Notes: "The server gives the newest and the read seq; the count is their difference. A named conversation that the account does not have comes with zeros. " +
			"A seq shows a moment after the message was sent.",
		Run: bindings.Func(runUnread),
	}
}

func runUnread(ctx context.Context, env *bindings.Env, p UnreadParams) ([]Position, error) {
	if err := bindings.CheckID("ownerUserID", p.OwnerUserID); err != nil {
		return nil, err
	}
	var ids []string
	if p.ConversationIDs != nil {
		var err error
		if ids, err = bindings.CheckIDs("conversationIDs", p.ConversationIDs); err != nil {
			return nil, err
		}
	}
	rows, err := positions(ctx, env, p.OwnerUserID, ids)
	if err == nil && len(rows) == 0 {
		err = bindings.MustBeKnown(ctx, env, p.OwnerUserID)
	}
	if p.UnreadOnly {
		rows = slices.DeleteFunc(rows, func(r Position) bool { return r.Unread == 0 })
	}
	return rows, err
}

// positions returns how far the account has read the conversations, of none named all, by id.
func positions(ctx context.Context, env *bindings.Env, owner string, ids []string) ([]Position, error) {
	type answer struct {
		Seqs   map[string]Position `json:"seqs"` // left out when empty
		Pinned []string            `json:"pinnedConversationIDs"`
	}
	body := value.NewObject("userID", owner, "returnPinned", true)
	if ids != nil {
		body.Set("conversationIDs", ids)
	}
	a, err := openim.Do[answer](ctx, env.API, "/msg/get_conversations_has_read_and_max_seq", body)
	if err != nil {
		return nil, err
	}
	rows := []Position{}
	for _, id := range slices.Sorted(maps.Keys(a.Seqs)) {
		r := a.Seqs[id]
		r.ConversationID, r.Unread, r.IsPinned = id, max(0, r.MaxSeq-r.HasReadSeq), slices.Contains(a.Pinned, id)
		rows = append(rows, r)
	}
	return rows, nil
}

// position is how far the account has read one conversation, which it must have.
func position(ctx context.Context, env *bindings.Env, owner, id string) (Position, error) {
	rows, err := positions(ctx, env, owner, []string{id})
	if err != nil {
		return Position{}, err
	}
	if len(rows) == 1 && rows[0].MaxSeq > 0 {
		return rows[0], nil
	}
	_, err = one(ctx, env, owner, id) // the server gives zeros for any id
	return Position{ConversationID: id}, err
}
