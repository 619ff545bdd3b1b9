package conversation

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// OwnerParams names an account.
type OwnerParams struct {
	OwnerUserID string `json:"ownerUserID" arg:"1,required" help:"the account"`
}

// ID is the id of a conversation.
type ID struct {
	ConversationID string `json:"conversationID" column:"1" key:"true" help:"the conversation's id"`
}

// IDsParams names an account and what is known of it already.
type IDsParams struct {
	OwnerUserID string `json:"ownerUserID" arg:"1,required" help:"the account"`
	IDHash      uint64 `json:"idHash" help:"the hash of the ids that are known already; 0: none"`
}

// IDs are the ids of all conversations of an account.
type IDs struct {
	ConversationIDs []string `json:"conversationIDs" column:"1" help:"the ids; none when they are equal"`
	Equal           bool     `json:"equal" column:"2" help:"the hash that was sent is that of the ids"`
	Version         uint64   `json:"version" column:"3" help:"version of the list, for conversation.sync"`
	VersionID       string   `json:"versionID" column:"4" help:"id of its history"`

	Rest value.Rest `json:"-"`
}

func idsOp() bindings.Op {
	return bindings.Op{
		Name: "ids", Effect: bindings.Read,
		Doc:     "Show the ids of all conversations of an account, and the version of the list.",
		Example: `conversation.ids("alice")`,
		Notes:   "What a client asks for when it is told to sync in full. The hash of no ids at all is 0, so an account without conversations is `equal`. An unknown account has none.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p IDsParams) (IDs, error) {
			if err := bindings.CheckID("ownerUserID", p.OwnerUserID); err != nil {
				return IDs{}, err
			}
			return allIDs(ctx, env, p.OwnerUserID, p.IDHash)
		}),
	}
}

func allIDs(ctx context.Context, env *bindings.Env, owner string, hash uint64) (IDs, error) {
	return openim.Do[IDs](ctx, env.API, "/conversation/get_full_conversation_ids", value.NewObject("userID", owner, "idHash", hash))
}

func pinnedOp() bindings.Op {
	return bindings.Op{
		Name: "pinned", Effect: bindings.Read,
		Doc:     "List the ids of the pinned conversations of an account.",
		Example: `conversation.pinned("alice")`,
		Notes:   "An account that does not exist is an error of kind not_found; the server would answer with an empty list.",
		Run:     bindings.Func(someIDs("/conversation/get_pinned_conversation_ids")),
	}
}

func notNotifyOp() bindings.Op {
	return bindings.Op{
		Name: "not_notify", Effect: bindings.Read,
		Doc:     "List the ids of the conversations that an account receives without notification.",
		Example: `conversation.not_notify("alice")`,
		Notes:   "Only those with recvMsgOpt 2 are in the server's list; those with 1, which receive nothing, are not.",
		Run:     bindings.Func(someIDs("/conversation/get_not_notify_conversation_ids")),
	}
}

// someIDs asks for a list of ids.
func someIDs(path string) func(context.Context, *bindings.Env, OwnerParams) ([]ID, error) {
	type answer struct {
		ConversationIDs []string `json:"conversationIDs"`
	}
	return func(ctx context.Context, env *bindings.Env, p OwnerParams) ([]ID, error) {
		if err := bindings.CheckID("ownerUserID", p.OwnerUserID); err != nil {
			return nil, err
		}
		a, err := openim.Do[answer](ctx, env.API, path, value.NewObject("userID", p.OwnerUserID))
		if err == nil && len(a.ConversationIDs) == 0 {
			err = bindings.MustBeKnown(ctx, env, p.OwnerUserID)
		}
		if err != nil {
			return nil, err
		}
		out := make([]ID, len(a.ConversationIDs))
		for i, id := range a.ConversationIDs {
			out[i].ConversationID = id
		}
		return out, nil
	}
}
