package user

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
)

// retiring are the writes that take back the making of accounts. A message that was still on its way to the server's
// store brings a conversation back after all, which goes later.
func retiring(ids ...string) []bindings.Planned {
	undo := make([]bindings.Planned, 0, 2*len(ids))
	for _, id := range ids {
		undo = append(undo, bindings.UndoBy("user.delete", "userID", id, "clear", true))
	}
	for _, id := range ids {
		late := bindings.UndoBy("conversation.delete", "ownerUserID", id, "all", true)
		late.Later = true
		undo = append(undo, late)
	}
	return undo
}

func undoAdd(_ context.Context, _ *bindings.Env, p *AddParams) ([]bindings.Planned, error) {
	return retiring(p.UserID), nil
}

func undoRegister(_ context.Context, _ *bindings.Env, p *RegisterParams) ([]bindings.Planned, error) {
	ids := make([]string, len(p.Users))
	for i, u := range p.Users {
		ids[i] = u.UserID
	}
	return retiring(ids...), nil
}

// undoDisable leaves alone who is disabled already.
func undoDisable(ctx context.Context, env *bindings.Env, p *DisableParams) ([]bindings.Planned, error) {
	c := chosen{p.UserID, p.UserIDs, p.All}
	if c.check(env) != nil { // the call itself will say so
		return nil, nil
	}
	ids, err := c.accounts(ctx, env, everyOrdinary)
	if err != nil {
		return nil, err
	}
	before, err := disabledAmong(ctx, env, ids)
	if err != nil {
		return nil, err
	}
	var undo []bindings.Planned
	for _, id := range ids {
		if !before[id] {
			undo = append(undo, bindings.UndoBy("user.enable", "userID", id))
		}
	}
	return undo, nil
}

// disabledAmong tells which of the accounts are disabled.
func disabledAmong(ctx context.Context, env *bindings.Env, ids []string) (map[string]bool, error) {
	bans, err := readBans(env)
	if err != nil {
		return nil, err
	}
	banned, disabled := bannedIDs(bans), map[string]bool{}
	for _, id := range ids {
		if _, is := banned[id]; is || !env.API.HasChat() {
			disabled[id] = is
		} else if disabled[id], err = blocked(ctx, env, id); err != nil {
			return nil, err
		}
	}
	return disabled, nil
}
