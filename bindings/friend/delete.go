package friend

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// DeleteParams names an account and friends of it.
type DeleteParams struct {
	OwnerUserID   string   `json:"ownerUserID" arg:"1,required" help:"the account"`
	FriendUserIDs []string `json:"friendUserIDs" arg:"2...,required" help:"the friends to part from"`
	OneWay        bool     `json:"one_way" help:"only take them out of the account's own list"`
}

func deleteOp() bindings.Op {
	return bindings.Op{
		Name: "delete", Effect: bindings.Write,
		Doc:     "End friendships, both ways unless one_way is set.",
		Example: `friend.delete{ownerUserID="alice", friendUserIDs={"bob"}}`,
		Notes: "The server's own call ends one direction only and leaves the account in the friend's list. " +
			"It answers success for strangers too, so both directions are read first: status `deleted`, `not_friends` (nothing to do: safe to repeat) or `failed`. " +
			"Remarks and pins on the friend are lost.",
		Run: bindings.Func(runDelete),
		Preview: bindings.PreviewOf(func(_ context.Context, _ *bindings.Env, p DeleteParams) (bindings.Preview, error) {
			return bindings.PreviewAccounts("part "+p.OwnerUserID+" from", p.FriendUserIDs), nil
		}),
	}
}

func runDelete(ctx context.Context, env *bindings.Env, p DeleteParams) ([]Row, error) {
	ids, err := checkList(p.OwnerUserID, "friendUserIDs", p.FriendUserIDs)
	if err != nil {
		return nil, err
	}
	rows := each(p.OwnerUserID, ids, func(id string) (string, error) { return parted(ctx, env, p.OwnerUserID, id, p.OneWay) })
	return rows, partial("deleted", rows)
}

func parted(ctx context.Context, env *bindings.Env, owner, id string, oneWay bool) (string, error) {
	if id == owner {
		return "", fault.New(fault.Usage, "%q is no friend of itself", id)
	}
	mine, theirs, err := friends(ctx, env, owner, id)
	if err != nil {
		return "", err
	}
	if oneWay {
		theirs = false
	}
	if !mine && !theirs {
		return "not_friends", bindings.MustBeKnown(ctx, env, owner, id)
	}
	if mine {
		if err := deleteOne(ctx, env, owner, id); err != nil {
			return "", err
		}
	}
	if theirs {
		if err := deleteOne(ctx, env, id, owner); err != nil {
			e := *fault.From(err)
			e.Kind = fault.Partial
			e.Message = "still in the list of " + id + ": " + e.Message
			return "", &e
		}
	}
	return "deleted", nil
}

func deleteOne(ctx context.Context, env *bindings.Env, owner, friend string) error {
	_, err := env.API.Call(ctx, "/friend/delete_friend", value.NewObject("ownerUserID", owner, "friendUserID", friend))
	return err
}
