package message

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// SeqRow is the outcome for one message.
type SeqRow struct {
	Seq    int64  `json:"seq" column:"1" key:"true" help:"the message's number in the conversation"`
	Status string `json:"status" column:"2" help:"what became of it"`
}

// checkSeqs sorts the numbers of messages and leaves out repeats.
func checkSeqs(seqs []int64) ([]int64, error) {
	out := slices.Clone(seqs)
	slices.Sort(out)
	out = slices.Compact(out)
	if len(out) == 0 {
		return nil, fault.New(fault.Usage, "seqs is an empty list").WithHint("nothing was sent")
	}
	if out[0] < 1 {
		return nil, fault.New(fault.Usage, "seqs: want 1 or more, got %d", out[0]).WithHint("nothing was sent")
	}
	return out, nil
}

// statusDeleted is the status of a message that the account has deleted for itself: it still comes, without content.
const statusDeleted = 4

// deleted tells whether the account in whose view the message was read has deleted it.
func (m Message) deleted() bool {
	if m.Rest.Members == nil {
		return false
	}
	status, _ := m.Rest.Members.Get("status")
	return status == int64(statusDeleted)
}

// stored checks a conversation of an account and seqs in it, and tells which of them hold a message that the account
// sees. A seq beyond the newest is refused.
func stored(ctx context.Context, env *bindings.Env, conversation, userID string, seqs []int64) ([]int64, map[int64]bool, error) {
	ids, err := checkSeqs(seqs)
	if err != nil {
		return nil, nil, err
	}
	highest := ids[len(ids)-1]
	newest, err := PullParams{ConversationID: conversation, UserID: userID, Begin: 1}.end(ctx, env)
	if err != nil {
		return nil, nil, err
	}
	if highest > newest {
		return nil, nil, fault.New(fault.Usage, "seqs: the newest message of %s is %d, got %d", conversation, newest, highest).WithHint("nothing was sent")
	}
	there := map[int64]bool{}
	for rest := ids; len(rest) > 0; {
		from := rest[0]
		n := 0
		for n < len(rest) && rest[n] < from+pullBatch {
			n++
		}
		rows, err := pull(ctx, env, conversation, userID, from, rest[n-1])
		if err != nil {
			return nil, nil, err
		}
		for _, m := range rows {
			there[m.Seq] = !m.deleted()
		}
		rest = rest[n:]
	}
	return ids, there, nil
}
