package message

import (
	"context"
	"maps"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// SeqsParams names an account.
type SeqsParams struct {
	UserID         string `json:"userID" arg:"1,required" help:"the account"`
	ConversationID string `json:"conversationID" help:"only this conversation"`
}

// Seqs is how far a conversation has come for an account.
type Seqs struct {
	ConversationID string `json:"conversationID" column:"1" key:"true" help:"the conversation"`
	MaxSeq         int64  `json:"maxSeq" column:"2" help:"number of its newest message"`
	HasReadSeq     int64  `json:"hasReadSeq" column:"3" help:"number of the newest message that the account has read; 0 for notifications"`
	MaxSeqTime     int64  `json:"maxSeqTime" help:"when the newest message was sent, in ms; 0 when the server does not say"`
}

func seqsOp() bindings.Op {
	return bindings.Op{
		Name: "seqs", Effect: bindings.Read,
		Doc:     "List the conversations of an account with their newest and read seq.",
		Example: `message.seqs("alice")`,
		Notes:   "A conversation without messages is left out by the server. A seq shows a moment after the message was sent.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p SeqsParams) ([]Seqs, error) {
			if err := bindings.CheckID("userID", p.UserID); err != nil {
				return nil, err
			}
			newest, err := maxSeqs(ctx, env, p.UserID)
			if err != nil {
				return nil, err
			}
			type answer struct {
				Seqs map[string]Seqs `json:"seqs"`
			}
			read, err := openim.Do[answer](ctx, env.API, "/msg/get_conversations_has_read_and_max_seq",
				value.NewObject("userID", p.UserID))
			if err != nil {
				return nil, err
			}
			out := []Seqs{}
			for _, id := range slices.Sorted(maps.Keys(newest)) {
				if p.ConversationID != "" && id != p.ConversationID {
					continue
				}
				row := read.Seqs[id]
				row.ConversationID, row.MaxSeq = id, newest[id]
				out = append(out, row)
			}
			return out, nil
		}),
	}
}

// maxSeqs returns the newest seq of each conversation of the account, those of notifications included.
func maxSeqs(ctx context.Context, env *bindings.Env, userID string) (map[string]int64, error) {
	type answer struct {
		MaxSeqs map[string]int64 `json:"maxSeqs"`
	}
	a, err := openim.Do[answer](ctx, env.API, "/msg/newest_seq", value.NewObject("userID", userID))
	return a.MaxSeqs, err
}
