package message

import (
	"context"
	"iter"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// pullBatch is how many seqs one call asks for.
const pullBatch = 100

// PullParams selects messages of one conversation by their seq.
type PullParams struct {
	ConversationID string `json:"conversationID" arg:"1,required" help:"the conversation"`
	UserID         string `json:"userID" arg:"2,required" help:"an account that is in it: its view is given"`
	Begin          int64  `json:"begin" default:"1" min:"1" help:"the first seq"`
	End            int64  `json:"end" min:"1" help:"the last seq; left out: the newest"`
}

func pullOp() bindings.Op {
	return bindings.Op{
		Name: "pull", Effect: bindings.Read,
		Doc:     "Read the messages of a conversation in the order of their seq.",
		Example: `message.pull{conversationID="si_alice_bob", userID="alice", begin=1}`,
		Notes: "The server gives nothing when num is missing, so it is always sent. It skips a range that fails, or that the account has cleared, without a word: " +
			"a range from which nothing comes is said on stderr. What lies past the newest seq is not asked for. content is decoded; a revoked message has contentType 2101.",
		Run: bindings.Stream(runPull),
	}
}

func runPull(ctx context.Context, env *bindings.Env, p PullParams) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		end, err := p.end(ctx, env)
		if err != nil {
			yield(Message{}, err)
			return
		}
		for from := p.Begin; from <= end; from += pullBatch {
			to := min(from+pullBatch-1, end)
			rows, err := pull(ctx, env, p.ConversationID, p.UserID, from, to)
			if err != nil {
				yield(Message{}, err)
				return
			}
			if len(rows) == 0 {
				env.Warning("the server gave none of the messages %d to %d of %s: they were cleared or deleted for %s, or it failed on them without a word",
					from, to, p.ConversationID, p.UserID)
			}
			for _, m := range rows {
				if !yield(m, nil) {
					return
				}
			}
		}
	}
}

// end is the last seq to ask for: the newest one, or an earlier one that was given.
func (p PullParams) end(ctx context.Context, env *bindings.Env) (int64, error) {
	if err := bindings.CheckID("conversationID", p.ConversationID); err != nil {
		return 0, err
	}
	if err := bindings.CheckID("userID", p.UserID); err != nil {
		return 0, err
	}
	if p.End != 0 && p.End < p.Begin {
		return 0, fault.New(fault.Usage, "end %d is before begin %d", p.End, p.Begin)
	}
	newest, err := maxSeqs(ctx, env, p.UserID)
	if err != nil {
		return 0, err
	}
	last, there := newest[p.ConversationID]
	if !there {
		var ids []string
		for id := range newest {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		return 0, fault.New(fault.NotFound, "%q has no conversation %q with messages%s", p.UserID, p.ConversationID,
			fault.DidYouMean(p.ConversationID, ids)).WithHint("message.seqs lists the conversations of an account")
	}
	if p.End != 0 {
		last = min(last, p.End)
	}
	return last, nil
}

// pull asks for a range of seqs and returns what of it came, in order.
func pull(ctx context.Context, env *bindings.Env, conversation, userID string, from, to int64) ([]Message, error) {
	type list struct {
		Msgs []Message `json:"Msgs"`
	}
	type answer struct {
		Msgs             map[string]list `json:"msgs"`
		NotificationMsgs map[string]list `json:"notificationMsgs"`
	}
	one := value.NewObject("conversationID", conversation, "begin", from, "end", to, "num", to-from+1)
	a, err := openim.Do[answer](ctx, env.API, "/msg/pull_msg_by_seq",
		value.NewObject("userID", userID, "seqRanges", value.List{one}, "order", int64(0)))
	if err != nil {
		return nil, err
	}
	rows := append(a.Msgs[conversation].Msgs, a.NotificationMsgs[conversation].Msgs...)
	rows = slices.DeleteFunc(rows, func(m Message) bool { return m.Seq < from || m.Seq > to })
	for i := range rows {
		rows[i].finish(conversation, true)
	}
	slices.SortStableFunc(rows, func(a, b Message) int { return int(a.Seq - b.Seq) })
	return rows, nil
}
