package message

import (
	"context"
	"fmt"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
)

// DeleteParams names messages of a conversation.
type DeleteParams struct {
	ConversationID string  `json:"conversationID" arg:"1,required" help:"the conversation they are in"`
	UserID         string  `json:"userID" arg:"2,required" help:"the account that deletes them"`
	Seqs           []int64 `json:"seqs" arg:"3,required" help:"their numbers"`
	ForAll         bool    `json:"for_all" help:"for everyone in the conversation, for good; else only for the account"`
}

// EraseParams names messages of a conversation.
type EraseParams struct {
	ConversationID string  `json:"conversationID" arg:"1,required" help:"the conversation they are in"`
	Seqs           []int64 `json:"seqs" arg:"2,required" help:"their numbers"`
}

// Erased says what was asked for.
type Erased struct {
	ConversationID string  `json:"conversationID" column:"1" key:"true" help:"the conversation"`
	Seqs           []int64 `json:"seqs" column:"2" help:"the numbers that hold no message now"`
}

func deleteOp() bindings.Op {
	return bindings.Op{
		Name: "delete", Effect: bindings.Destroy,
		Doc:     "Delete messages of a conversation, for one account or for everyone.",
		Example: `message.delete{conversationID="si_alice_bob", userID="alice", seqs={6, 7}}`,
		Notes: "For one account they are emptied and stay stored: a pull in its view still has them, with status 4 and no content; for_all removes them, and their seqs stay empty. The account's other devices are told, with for_all everyone is. " +
			"The server says nothing of seqs without a message, so they are read first: status `deleted` or `absent`: safe to repeat. message.revoke leaves a trace in the chat, this does not.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p DeleteParams) ([]SeqRow, error) {
			seqs, there, err := stored(ctx, env, p.ConversationID, p.UserID, p.Seqs)
			if err != nil {
				return nil, err
			}
			return onStored(seqs, there, "deleted", func(some []int64) error {
				_, err := env.API.Call(ctx, "/msg/delete_msgs", value.NewObject(
					"conversationID", p.ConversationID, "userID", p.UserID, "seqs", some, "deleteSyncOpt", syncOpt(p.ForAll)))
				return err
			})
		}),
		Preview: bindings.PreviewOf(func(_ context.Context, _ *bindings.Env, p DeleteParams) (bindings.Preview, error) {
			return previewSeqs("delete", p.ConversationID, p.Seqs, p.UserID, p.ForAll)
		}),
	}
}

func eraseOp() bindings.Op {
	return bindings.Op{
		Name: "erase", Effect: bindings.Destroy,
		Doc:     "Remove messages from the server's store, for everyone and without a word to anyone.",
		Example: `message.erase{conversationID="si_alice_bob", seqs={6, 7}}`,
		Notes: "The server checks neither the conversation nor the seqs and answers success in any case. Devices that have the messages keep them; message.delete with for_all tells them. " +
			"Its other call, delete_msg_physical (by age), deletes nothing and answers success: it compares seconds with milliseconds, and is not offered.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p EraseParams) (Erased, error) {
			seqs, err := checkSeqs(p.Seqs)
			if err == nil {
				err = bindings.CheckID("conversationID", p.ConversationID)
			}
			if err != nil {
				return Erased{}, err
			}
			_, err = env.API.Call(ctx, "/msg/delete_msg_phsical_by_seq", value.NewObject("conversationID", p.ConversationID, "seqs", seqs))
			return Erased{ConversationID: p.ConversationID, Seqs: seqs}, err
		}),
		Preview: bindings.PreviewOf(func(_ context.Context, _ *bindings.Env, p EraseParams) (bindings.Preview, error) {
			return previewSeqs("erase", p.ConversationID, p.Seqs, "", true)
		}),
	}
}

// syncOpt says for whom a deletion holds. The account's own devices are always told.
func syncOpt(forAll bool) *value.Object {
	return value.NewObject("IsSyncSelf", true, "IsSyncOther", forAll)
}

func previewSeqs(verb, conversation string, seqs []int64, userID string, forAll bool) (bindings.Preview, error) {
	ids, err := checkSeqs(seqs)
	sample := make([]string, 0, 5)
	for _, seq := range ids[:min(len(ids), 5)] {
		sample = append(sample, fmt.Sprintf("seq %d", seq))
	}
	return bindings.Preview{Count: len(ids), Sample: sample,
		Text: fmt.Sprintf("%s %d messages of %s for %s", verb, len(ids), conversation, whom(userID, forAll))}, err
}

func whom(userID string, forAll bool) string {
	if forAll {
		return "everyone"
	}
	return userID
}
