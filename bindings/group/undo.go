package group

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// undoCreate gives the group an id when it has none: the server's own is known only afterwards.
func undoCreate(_ context.Context, env *bindings.Env, p *CreateParams) ([]bindings.Planned, error) {
	if p.GroupID == "" {
		id, err := env.Unique()
		if err != nil {
			return nil, err
		}
		p.GroupID = "g_" + id
	}
	return []bindings.Planned{bindings.UndoBy("group.dismiss", "groupID", p.GroupID, "deleteMember", true)}, nil
}

// refused tells whether the call itself will be refused, so that there is nothing to take back.
func refused(err error) bool { return fault.Is(err, fault.Usage) || fault.Is(err, fault.NotFound) }

// strangers are those of the accounts that are not in the group, and could be.
func strangers(ctx context.Context, env *bindings.Env, groupID string, userIDs []string) ([]string, error) {
	ids, members, err := among(ctx, env, groupID, userIDs)
	if refused(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	accounts, err := bindings.KnownAccounts(ctx, env, ids)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, id := range ids {
		if _, in := members[id]; !in && accounts[id] {
			out = append(out, id)
		}
	}
	return out, nil
}

func undoInvite(ctx context.Context, env *bindings.Env, p *InviteParams) ([]bindings.Planned, error) {
	ids, err := strangers(ctx, env, p.GroupID, p.UserIDs)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return []bindings.Planned{bindings.UndoBy("group.kick", "groupID", p.GroupID, "userIDs", ids)}, nil
}

// undoEntry is for the request to enter a group, and for its acceptance: either may be in a test of its own.
func undoEntry(ctx context.Context, env *bindings.Env, groupID, userID string) ([]bindings.Planned, error) {
	ids, err := strangers(ctx, env, groupID, []string{userID})
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return []bindings.Planned{bindings.UndoBy("group.quit", "groupID", groupID, "userID", userID)}, nil
}

func undoJoin(ctx context.Context, env *bindings.Env, p *JoinParams) ([]bindings.Planned, error) {
	return undoEntry(ctx, env, p.GroupID, p.UserID)
}

func undoAccept(ctx context.Context, env *bindings.Env, p *AnswerParams) ([]bindings.Planned, error) {
	return undoEntry(ctx, env, p.GroupID, p.UserID)
}

// undoTransfer gives the group back to its owner.
func undoTransfer(ctx context.Context, env *bindings.Env, p *TransferParams) ([]bindings.Planned, error) {
	_, err := alive(ctx, env, p.GroupID)
	if refused(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	now, err := owners(ctx, env, p.GroupID)
	if err != nil || len(now) != 1 || now[0] == p.NewOwnerUserID {
		return nil, err
	}
	return []bindings.Planned{bindings.UndoBy("group.transfer", "groupID", p.GroupID, "newOwnerUserID", now[0])}, nil
}
