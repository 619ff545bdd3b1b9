package friend

import (
	"context"

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
		Run: bindings.Func(runImport), Undo: bindings.UndoOf(undoImport),
		Preview: bindings.PreviewOf(func(_ context.Context, _ *bindings.Env, p ImportParams) (bindings.Preview, error) {
			return bindings.PreviewAccounts("befriend "+p.OwnerUserID+" with", p.FriendUserIDs), nil
		}),
	}
}

func runImport(ctx context.Context, env *bindings.Env, p ImportParams) ([]Row, error) {
	ids, err := checkList(p.OwnerUserID, "friendUserIDs", p.FriendUserIDs)
	if err != nil {
		return nil, err
	}
	if len(ids) == 1 && ids[0] == p.OwnerUserID {
		return nil, ownFriend(p.OwnerUserID)
	}
	accounts, err := bindings.KnownAccounts(ctx, env, append([]string{p.OwnerUserID}, ids...))
	if err != nil {
		return nil, err
	}
	if !accounts[p.OwnerUserID] {
		return nil, bindings.NoAccount(p.OwnerUserID)
	}
	var rows []Row
	var todo []string
	for _, id := range ids {
		switch {
		case id == p.OwnerUserID:
			rows = append(rows, failed(p.OwnerUserID, id, ownFriend(id)))
		case !accounts[id]:
			rows = append(rows, failed(p.OwnerUserID, id, bindings.NoAccount(id)))
		default:
			todo = append(todo, id)
		}
	}
	bindings.Batches(todo, batch, func(some []string) error {
		_, err := env.API.Call(ctx, "/friend/import_friend", value.NewObject("ownerUserID", p.OwnerUserID, "friendUserIDs", some))
		return err
	}, func(id string, err error) {
		rows = append(rows, outcome(p.OwnerUserID, id, "friends", err))
	})
	bindings.Arrange(rows, ids, func(r Row) string { return r.UserID })
	return rows, partial("made friends", rows)
}

func ownFriend(id string) *fault.Error {
	return fault.New(fault.Usage, "%q can't be a friend of itself", id).WithHint("nothing was sent for it")
}
