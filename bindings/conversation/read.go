package conversation

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// batch is how many ids one call names.
const batch = 500

// several returns those of the conversations that the owner has. The server leaves the others out.
func several(ctx context.Context, env *bindings.Env, owner string, ids []string) ([]Conversation, error) {
	type answer struct {
		Conversations []Conversation `json:"conversations"`
	}
	var out []Conversation
	for some := range slices.Chunk(ids, batch) {
		a, err := openim.Do[answer](ctx, env.API, "/conversation/get_conversations",
			value.NewObject("ownerUserID", owner, "conversationIDs", some))
		if err != nil {
			return nil, err
		}
		out = append(out, a.Conversations...)
	}
	return out, nil
}

// one returns the conversation, and an error of kind not_found when the owner has none of that id.
func one(ctx context.Context, env *bindings.Env, owner, id string) (Conversation, error) {
	type answer struct {
		Conversation Conversation `json:"conversation"`
	}
	a, err := openim.Do[answer](ctx, env.API, "/conversation/get_conversation",
		value.NewObject("ownerUserID", owner, "conversationID", id))
	if fault.Is(err, fault.NotFound) {
		e := *fault.From(err)
		e.Message = "no conversation " + id + " of " + owner
		e.Hint = "conversation.list shows what the account has; a conversation begins with its first message, or with conversation.set"
		return Conversation{}, &e
	}
	return a.Conversation, err
}

// before reads the conversation that a write would change, for the fingerprint of a plan.
func before[P any](which func(P) (owner string, w Which)) bindings.Beforer {
	return bindings.BeforeOf(func(ctx context.Context, env *bindings.Env, p P) (Conversation, error) {
		owner, w := which(p)
		id, err := w.id(owner)
		if err != nil {
			return Conversation{}, err
		}
		return one(ctx, env, owner, id)
	})
}
