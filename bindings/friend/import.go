package friend

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// ImportParams names an account and those that become its friends.
type ImportParams struct {
	OwnerUserID   string   `json:"ownerUserID" arg:"1,required" help:"the account"`
	FriendUserIDs []string `json:"friendUserIDs" arg:"2...,required" help:"its friends to be"`
}

func importOp() bindings.Op {
	return bindings.Op{
		Name: "import", Effect: bindings.Write,
		Doc:     "Make accounts friends at once, both ways, without a request.",
		Example: `friend.import{ownerUserID="alice", friendUserIDs={"bob", "carol"}}`,
		Notes: "Both directions are written; half a friendship is completed; who is a friend already stays one: safe to repeat. " +
			"The server refuses the whole call for one unknown account and does not say which, so accounts are looked up first: " +
			"status `friends` or `failed`. In the shipped configuration the server stores a message in the chat of the two.",
		Run: bindings.Func(runImport),
		Preview: bindings.PreviewOf(func(_ context.Context, _ *bindings.Env, p ImportParams) (bindings.Preview, error) {
			return preview("befriend "+p.OwnerUserID+" with", p.FriendUserIDs), nil
		}),
	}
}

func runImport(ctx context.Context, env *bindings.Env, p ImportParams) ([]Row, error) {
	if err := checkID("ownerUserID", p.OwnerUserID); err != nil {
		return nil, err
	}
	ids, err := checkIDs("friendUserIDs", p.FriendUserIDs)
	if err != nil {
		return nil, err
	}
	accounts, err := known(ctx, env, append([]string{p.OwnerUserID}, ids...))
	if err != nil {
		return nil, err
	}
	if !accounts[p.OwnerUserID] {
		return nil, noAccount(p.OwnerUserID)
	}
	var rows []Row
	var todo []string
	for _, id := range ids {
		switch {
		case id == p.OwnerUserID:
			rows = append(rows, failed(p.OwnerUserID, id, fault.New(fault.Usage, "%q can't be a friend of itself", id)))
		case !accounts[id]:
			rows = append(rows, failed(p.OwnerUserID, id, noAccount(id)))
		default:
			todo = append(todo, id)
		}
	}
	var stop error
	for some := range slices.Chunk(todo, batch) {
		failure := stop
		if stop == nil {
			_, failure = env.API.Call(ctx, "/friend/import_friend",
				value.NewObject("ownerUserID", p.OwnerUserID, "friendUserIDs", some))
			if failure != nil && fatal(failure) {
				stop = failure
			}
		}
		for _, id := range some {
			if failure != nil {
				rows = append(rows, failed(p.OwnerUserID, id, failure))
			} else {
				rows = append(rows, Row{OwnerUserID: p.OwnerUserID, UserID: id, Status: "friends"})
			}
		}
	}
	order(rows, ids)
	return rows, partial("made friends", rows)
}
