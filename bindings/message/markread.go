package message

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
)

// MarkReadParams names messages that an account has read.
type MarkReadParams struct {
	ConversationID string  `json:"conversationID" arg:"1,required" help:"the conversation they are in"`
	UserID         string  `json:"userID" arg:"2,required" help:"the account that has read them"`
	Seqs           []int64 `json:"seqs" arg:"3,required" help:"their numbers"`
}

func markReadOp() bindings.Op {
	return bindings.Op{
		Name: "mark_read", Effect: bindings.Write,
		Doc:     "Mark single messages as read by an account, and tell their sender.",
		Example: `message.mark_read{conversationID="si_alice_bob", userID="bob", seqs={6, 7}}`,
		Notes: "The server takes the last seq of the list as how far the account has read, so they are sent in order; that mark never goes back. " +
			"An empty list makes the server panic and is refused here. Status `read`, or `absent` for a seq without a message that the account sees. conversation.mark_read marks all.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p MarkReadParams) ([]SeqRow, error) {
			seqs, there, err := stored(ctx, env, p.ConversationID, p.UserID, p.Seqs)
			if err != nil {
				return nil, err
			}
			return onStored(seqs, there, "read", func(some []int64) error {
				_, err := env.API.Call(ctx, "/msg/mark_msgs_as_read",
					value.NewObject("conversationID", p.ConversationID, "userID", p.UserID, "seqs", some))
				return err
			})
		}),
	}
}

// onStored sends those seqs that hold a message, in one call, and says what became of each.
func onStored(seqs []int64, there map[int64]bool, done string, send func([]int64) error) ([]SeqRow, error) {
	rows := make([]SeqRow, len(seqs))
	var todo []int64
	for i, seq := range seqs {
		rows[i] = SeqRow{Seq: seq, Status: "absent"}
		if there[seq] {
			rows[i].Status = done
			todo = append(todo, seq)
		}
	}
	if len(todo) > 0 {
		if err := send(todo); err != nil {
			return nil, err
		}
	}
	return rows, nil
}
