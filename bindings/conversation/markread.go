package conversation

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// MarkReadParams names a conversation and how far it is read.
type MarkReadParams struct {
	OwnerUserID string `json:"ownerUserID" arg:"1,required" help:"the account that has read it"`
	Which
	HasReadSeq int64 `json:"hasReadSeq" min:"1" help:"number of the last message read; left out: the newest"`
}

// SetReadSeqParams names a conversation and how far it is read.
type SetReadSeqParams struct {
	OwnerUserID string `json:"ownerUserID" arg:"1,required" help:"the account that has read it"`
	Which
	HasReadSeq int64 `json:"hasReadSeq" arg:"3,required" min:"1" help:"number of the last message read"`
}

// Marked says how far the conversation is read now.
type Marked struct {
	ConversationID string `json:"conversationID" column:"1" key:"true" help:"the conversation's id"`
	Status         string `json:"status" column:"2" help:"read, or already: it was read so far before"`
	HasReadSeq     int64  `json:"hasReadSeq" column:"3" help:"number of the newest message that the account has read"`
	Unread         int64  `json:"unread" column:"4" help:"messages after it"`
}

func markReadOp() bindings.Op {
	return bindings.Op{
		Name: "mark_read", Effect: bindings.Write,
		Doc:     "Mark a conversation of an account as read, as its user would by opening it.",
		Example: `conversation.mark_read{ownerUserID="alice", userID="bob"}`,
		Notes: "In a single chat the messages are marked as read, and the other side is told. The server takes a seq beyond the newest message, " +
			"and then counts the messages to come as read: that is refused here. Status `already` when there is nothing to read: safe to repeat. A read mark never goes back.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p MarkReadParams) (Marked, error) {
			return mark(ctx, env, p.OwnerUserID, p.Which, p.HasReadSeq, "/msg/mark_conversation_as_read")
		}),
		Before: before(func(p MarkReadParams) (string, Which) { return p.OwnerUserID, p.Which }),
	}
}

func setReadSeqOp() bindings.Op {
	return bindings.Op{
		Name: "set_read_seq", Effect: bindings.Write,
		Doc:     "Move the read mark of an account in a conversation, and nothing else.",
		Example: `conversation.set_read_seq{ownerUserID="alice", userID="bob", hasReadSeq=7}`,
		Notes: "The messages themselves are not marked as read; conversation.mark_read does that. A read mark never goes back: the server answers success to a lower seq and keeps its own, " +
			"which is an error here. It ignores noNotification, so the account's devices are always told.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p SetReadSeqParams) (Marked, error) {
			return mark(ctx, env, p.OwnerUserID, p.Which, p.HasReadSeq, "/msg/set_conversation_has_read_seq")
		}),
		Before: before(func(p SetReadSeqParams) (string, Which) { return p.OwnerUserID, p.Which }),
	}
}

// mark moves the read mark to seq, or to the newest message when that is 0.
func mark(ctx context.Context, env *bindings.Env, owner string, w Which, seq int64, path string) (Marked, error) {
	id, err := w.id(owner)
	if err != nil {
		return Marked{}, err
	}
	now, err := position(ctx, env, owner, id)
	if err != nil {
		return Marked{}, err
	}
	out := Marked{ConversationID: id, Status: "already", HasReadSeq: now.HasReadSeq, Unread: now.Unread}
	switch {
	case seq > now.MaxSeq:
		return Marked{}, fault.New(fault.Usage, "hasReadSeq: the newest message of %s is %d, got %d", id, now.MaxSeq, seq).WithHint("nothing was sent")
	case seq == 0:
		seq = max(now.MaxSeq, now.HasReadSeq)
	case seq < now.HasReadSeq:
		return Marked{}, fault.New(fault.Unsupported, "a read mark never goes back: %s has read %s up to %d", owner, id, now.HasReadSeq).
			WithHint("nothing was sent")
	}
	if seq == now.HasReadSeq {
		return out, nil
	}
	if _, err := env.API.Call(ctx, path, value.NewObject("conversationID", id, "userID", owner, "hasReadSeq", seq)); err != nil {
		return Marked{}, err
	}
	out.Status, out.HasReadSeq, out.Unread = "read", seq, max(0, now.MaxSeq-seq)
	return out, nil
}
