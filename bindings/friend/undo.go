package friend

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
)

// parting are the writes that end what befriending two accounts adds: a direction that is there already stays.
func parting(ctx context.Context, env *bindings.Env, owner string, others ...string) ([]bindings.Planned, error) {
	accounts, err := bindings.KnownAccounts(ctx, env, append([]string{owner}, others...))
	if err != nil || !accounts[owner] {
		return nil, err
	}
	var undo []bindings.Planned
	for _, other := range others {
		if other == owner || !accounts[other] {
			continue
		}
		mine, theirs, err := friends(ctx, env, owner, other)
		switch {
		case err != nil:
			return nil, err
		case !mine && !theirs:
			undo = append(undo, bindings.UndoBy("friend.delete", "ownerUserID", owner, "friendUserIDs", []string{other}))
		case !mine:
			undo = append(undo, bindings.UndoBy("friend.delete", "ownerUserID", owner, "friendUserIDs", []string{other}, "one_way", true))
		case !theirs:
			undo = append(undo, bindings.UndoBy("friend.delete", "ownerUserID", other, "friendUserIDs", []string{owner}, "one_way", true))
		}
	}
	return undo, nil
}

func undoImport(ctx context.Context, env *bindings.Env, p *ImportParams) ([]bindings.Planned, error) {
	ids, err := checkList(p.OwnerUserID, "friendUserIDs", p.FriendUserIDs)
	if err != nil { // the call itself will say so
		return nil, nil
	}
	return parting(ctx, env, p.OwnerUserID, ids...)
}

// undoPair is for the request to be friends, and for its acceptance: either may be in a test of its own.
func undoPair(ctx context.Context, env *bindings.Env, from, to string) ([]bindings.Planned, error) {
	if checkPair("fromUserID", from, "toUserID", to) != nil { // the call itself will say so
		return nil, nil
	}
	return parting(ctx, env, from, to)
}

func undoAdd(ctx context.Context, env *bindings.Env, p *AddParams) ([]bindings.Planned, error) {
	return undoPair(ctx, env, p.FromUserID, p.ToUserID)
}

func undoAccept(ctx context.Context, env *bindings.Env, p *AnswerParams) ([]bindings.Planned, error) {
	return undoPair(ctx, env, p.FromUserID, p.ToUserID)
}

func undoBlock(ctx context.Context, env *bindings.Env, p *BlockParams) ([]bindings.Planned, error) {
	if _, err := checkList(p.OwnerUserID, "blackUserIDs", p.BlackUserIDs); err != nil { // the call itself will say so
		return nil, nil
	}
	ids, there, err := blockList(ctx, env, p.OwnerUserID, p.BlackUserIDs)
	if err != nil {
		return nil, err
	}
	var undo []bindings.Planned
	for _, id := range ids {
		if !there[id] {
			undo = append(undo, bindings.UndoBy("friend.unblock", "ownerUserID", p.OwnerUserID, "blackUserIDs", []string{id}))
		}
	}
	return undo, nil
}
