package conversation

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// undoSet sets what is changed back, or deletes the conversation when the call makes it.
func undoSet(ctx context.Context, env *bindings.Env, p *SetParams) ([]bindings.Planned, error) {
	settings, err := p.Settings.given()
	if err != nil { // the call itself will say so
		return nil, nil
	}
	id, err := p.Which.id(p.OwnerUserID)
	if err != nil {
		return nil, nil
	}
	c, err := one(ctx, env, p.OwnerUserID, id)
	if fault.Is(err, fault.NotFound) {
		return []bindings.Planned{bindings.UndoBy("conversation.delete", "ownerUserID", p.OwnerUserID, "conversationIDs", []string{id})}, nil
	}
	if err != nil {
		return nil, err
	}
	was := value.From(c).(*value.Object)
	undo := bindings.UndoBy("conversation.set", "ownerUserID", p.OwnerUserID, "conversationID", id)
	for _, k := range settings.Keys() {
		v, _ := was.Get(k)
		undo.Params.(*value.Object).Set(k, v)
	}
	return []bindings.Planned{undo}, nil
}
