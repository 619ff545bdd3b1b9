package message

import (
	"context"
	"fmt"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// storeTime is how long a message that was just sent may take until it is stored.
const storeTime = 5 * time.Second

// codeRevoked is the server's answer to a second revoke.
const codeRevoked = 1404

// RevokeParams names a message.
type RevokeParams struct {
	ConversationID string `json:"conversationID" arg:"1,required" help:"the conversation it is in, as message.send gave it"`
	UserID         string `json:"userID" required:"true" help:"in whose name: the sender, or in a group its owner or an admin"`
	ClientMsgID    string `json:"clientMsgID" help:"the message's id, as message.send gave it"`
	Seq            int64  `json:"seq" min:"1" help:"or its number in the conversation"`
}

// Revoked says what became of the message.
type Revoked struct {
	ConversationID string `json:"conversationID" column:"1" help:"the conversation"`
	Seq            int64  `json:"seq" column:"2" key:"true" help:"the message's number"`
	Status         string `json:"status" column:"3" help:"revoked, or already"`
}

func revokeOp() bindings.Op {
	return bindings.Op{
		Name: "revoke", Effect: bindings.Destroy,
		Doc:     "Take a message back, for everyone.",
		Example: `message.revoke{conversationID="si_alice_bob", userID="alice", seq=7}`,
		Notes: "The server revokes by seq. With clientMsgID the message is looked for, from the newest back; one that was just sent is waited for up to 5 seconds. " +
			"The other side of a single chat may not revoke. Status `already` when it was revoked before: safe to repeat. message.search still shows the text of a revoked message.",
		Run: bindings.Func(runRevoke),
		Preview: bindings.PreviewOf(func(_ context.Context, _ *bindings.Env, p RevokeParams) (bindings.Preview, error) {
			what := p.ClientMsgID
			if what == "" {
				what = fmt.Sprintf("seq %d", p.Seq)
			}
			return bindings.Preview{Count: 1, Sample: []string{what}, Text: "revoke the message " + what + " of " + p.ConversationID}, nil
		}),
	}
}

func runRevoke(ctx context.Context, env *bindings.Env, p RevokeParams) (Revoked, error) {
	for _, f := range []struct{ field, id string }{{"conversationID", p.ConversationID}, {"userID", p.UserID}} {
		if err := bindings.CheckID(f.field, f.id); err != nil {
			return Revoked{}, err
		}
	}
	if (p.ClientMsgID == "") == (p.Seq == 0) {
		return Revoked{}, fault.New(fault.Usage, "want clientMsgID or seq, one of them")
	}
	out := Revoked{ConversationID: p.ConversationID, Seq: p.Seq, Status: "revoked"}
	if p.Seq == 0 {
		m, err := find(ctx, env, p.ConversationID, p.UserID, p.ClientMsgID)
		if err != nil {
			return Revoked{}, err
		}
		if out.Seq = m.Seq; m.IsRevoked {
			out.Status = "already"
			return out, nil
		}
	}
	_, err := env.API.Call(ctx, "/msg/revoke_msg",
		value.NewObject("conversationID", p.ConversationID, "seq", out.Seq, "userID", p.UserID))
	if e := fault.From(err); e != nil && e.Code == codeRevoked {
		out.Status = "already"
		return out, nil
	}
	if err != nil {
		return Revoked{}, err
	}
	return out, nil
}

// find looks for a message by its id: in all that is stored, from the newest back, then among those that come.
func find(ctx context.Context, env *bindings.Env, conversation, userID, clientMsgID string) (Message, error) {
	newest, err := maxSeqs(ctx, env, userID)
	if err != nil {
		return Message{}, err
	}
	last := newest[conversation]
	for to := last; to > 0; to -= pullBatch {
		rows, err := pull(ctx, env, conversation, userID, max(1, to-pullBatch+1), to)
		if err != nil {
			return Message{}, err
		}
		for _, m := range rows {
			if m.ClientMsgID == clientMsgID {
				return m, nil
			}
		}
	}
	w := watch{conversation: conversation, reader: userID, next: max(1, last-lookBack+1)}
	m, err := w.until(ctx, env, storeTime, func(m Message) bool { return m.ClientMsgID == clientMsgID })
	if fault.Is(err, fault.Timeout) && ctx.Err() == nil {
		return m, fault.New(fault.NotFound, "no message %q in %s as %s sees it", clientMsgID, conversation, userID)
	}
	return m, err
}
