package message

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
)

// ClearParams names conversations of an account.
type ClearParams struct {
	UserID          string   `json:"userID" arg:"1,required" help:"the account"`
	ConversationIDs []string `json:"conversationIDs" arg:"2...,required" help:"the conversations to empty"`
	ForAll          bool     `json:"for_all" help:"for everyone in them; else only for the account"`
}

// ClearAllParams names an account.
type ClearAllParams struct {
	UserID string `json:"userID" arg:"1,required" help:"the account"`
	ForAll bool   `json:"for_all" help:"for everyone in its conversations; else only for the account"`
}

// Cleared is the outcome for one conversation.
type Cleared struct {
	ConversationID string `json:"conversationID" column:"1" key:"true" help:"the conversation"`
	Status         string `json:"status" column:"2" help:"cleared, or absent: the account has no messages there"`
	MaxSeq         int64  `json:"maxSeq" column:"3" help:"messages up to this number are hidden now"`
}

func clearOp() bindings.Op {
	return bindings.Op{
		Name: "clear", Effect: bindings.Destroy,
		Doc:     "Empty conversations of an account: all their messages are hidden, for the account or for everyone.",
		Example: `message.clear{userID="alice", conversationIDs={"si_alice_bob"}}`,
		Notes: "The messages stay stored and message.search still finds them; nobody can pull them any more. The conversation counts as read. " +
			"The server says nothing of a conversation that the account does not have: status `absent`. A message that is sent meanwhile may be hidden too.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p ClearParams) ([]Cleared, error) {
			if err := bindings.CheckID("userID", p.UserID); err != nil {
				return nil, err
			}
			ids, err := bindings.CheckIDs("conversationIDs", p.ConversationIDs)
			if err != nil {
				return nil, err
			}
			newest, err := maxSeqs(ctx, env, p.UserID)
			if err != nil {
				return nil, err
			}
			rows := make([]Cleared, len(ids))
			var todo []string
			for i, id := range ids {
				rows[i] = Cleared{ConversationID: id, Status: "absent"}
				if last, there := newest[id]; there {
					rows[i] = Cleared{ConversationID: id, Status: "cleared", MaxSeq: last}
					todo = append(todo, id)
				}
			}
			if len(todo) == 0 {
				return rows, bindings.MustBeKnown(ctx, env, p.UserID)
			}
			_, err = env.API.Call(ctx, "/msg/clear_conversation_msg",
				value.NewObject("userID", p.UserID, "conversationIDs", todo, "deleteSyncOpt", syncOpt(p.ForAll)))
			return rows, err
		}),
		Preview: bindings.PreviewOf(func(_ context.Context, _ *bindings.Env, p ClearParams) (bindings.Preview, error) {
			return previewClear(p.ConversationIDs, p.UserID, p.ForAll), nil
		}),
	}
}

func clearAllOp() bindings.Op {
	return bindings.Op{
		Name: "clear_all", Effect: bindings.Destroy,
		Doc:     "Empty all conversations of an account, for the account or for everyone.",
		Example: `message.clear_all("alice")`,
		Notes: "As message.clear for each conversation. The rows are the conversations that had messages when the call began; those of notifications are not among them. " +
			"The server answers success for an account that does not exist: here that is an error of kind not_found.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p ClearAllParams) ([]Cleared, error) {
			if err := bindings.CheckID("userID", p.UserID); err != nil {
				return nil, err
			}
			newest, err := chats(ctx, env, p.UserID)
			if err != nil {
				return nil, err
			}
			if len(newest) == 0 {
				return []Cleared{}, bindings.MustBeKnown(ctx, env, p.UserID)
			}
			if _, err := env.API.Call(ctx, "/msg/user_clear_all_msg",
				value.NewObject("userID", p.UserID, "deleteSyncOpt", syncOpt(p.ForAll))); err != nil {
				return nil, err
			}
			var rows []Cleared
			for _, id := range slices.Sorted(maps.Keys(newest)) {
				rows = append(rows, Cleared{ConversationID: id, Status: "cleared", MaxSeq: newest[id]})
			}
			return rows, nil
		}),
		Preview: bindings.PreviewOf(func(ctx context.Context, env *bindings.Env, p ClearAllParams) (bindings.Preview, error) {
			newest, err := chats(ctx, env, p.UserID)
			return previewClear(slices.Sorted(maps.Keys(newest)), p.UserID, p.ForAll), err
		}),
	}
}

// chats are the newest seqs of the account's conversations, those of notifications left out.
func chats(ctx context.Context, env *bindings.Env, userID string) (map[string]int64, error) {
	newest, err := maxSeqs(ctx, env, userID)
	maps.DeleteFunc(newest, func(id string, _ int64) bool { return len(id) > 2 && id[:2] == "n_" })
	return newest, err
}

func previewClear(ids []string, userID string, forAll bool) bindings.Preview {
	return bindings.Preview{Count: len(ids), Sample: ids[:min(len(ids), 5)],
		Text: fmt.Sprintf("empty %d conversations of %s for %s", len(ids), userID, whom(userID, forAll))}
}
