package group

import (
	"context"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// TransferParams names the new owner of a group.
type TransferParams struct {
	GroupID        string `json:"groupID" arg:"1,required" help:"the group"`
	NewOwnerUserID string `json:"newOwnerUserID" arg:"2,required" help:"the member who shall own it"`
}

// TransferResult says who owned the group and who does now.
type TransferResult struct {
	GroupID        string `json:"groupID" column:"1" key:"true" help:"the group"`
	OldOwnerUserID string `json:"oldOwnerUserID" column:"2" help:"the owner before"`
	NewOwnerUserID string `json:"newOwnerUserID" column:"3" help:"the owner now"`
	Status         string `json:"status" column:"4" help:"transferred, or already"`
}

func transferOp() bindings.Op {
	return bindings.Op{
		Name: "transfer", Effect: bindings.Write,
		Doc:     "Give a group another owner.",
		Example: `group.transfer{groupID="g1", newOwnerUserID="bob"}`,
		Notes: "The owner is read from the member list and never taken from the caller: the server lets an admin name a wrong old owner, and the group then has two. " +
			"A group that has two owners or none is refused, with what mends it. The two swap their roles; a muted new owner is unmuted.",
		Run: bindings.Func(runTransfer), Undo: bindings.UndoOf(undoTransfer),
		Before: before(func(p TransferParams) string { return p.GroupID }),
	}
}

func runTransfer(ctx context.Context, env *bindings.Env, p TransferParams) (TransferResult, error) {
	if err := bindings.CheckID("newOwnerUserID", p.NewOwnerUserID); err != nil {
		return TransferResult{}, err
	}
	if _, err := alive(ctx, env, p.GroupID); err != nil {
		return TransferResult{}, err
	}
	now, err := owners(ctx, env, p.GroupID)
	if err != nil {
		return TransferResult{}, err
	}
	switch {
	case len(now) == 0:
		return TransferResult{}, fault.New(fault.API, "the group %q has no owner to take it from", p.GroupID).
			WithHint("nothing was sent; the API can't make an owner where there is none")
	case len(now) > 1:
		return TransferResult{}, fault.New(fault.API, "the group %q has %d owners: %s", p.GroupID, len(now), strings.Join(now, ", ")).
			WithHint(`nothing was sent; group.set_role{groupID="%s", userIDs={"%s"}, role="member"} leaves one`, p.GroupID, now[len(now)-1])
	}
	out := TransferResult{GroupID: p.GroupID, OldOwnerUserID: now[0], NewOwnerUserID: p.NewOwnerUserID, Status: "already"}
	if now[0] == p.NewOwnerUserID {
		return out, nil
	}
	members, err := present(ctx, env, p.GroupID, []string{p.NewOwnerUserID})
	if err != nil {
		return TransferResult{}, err
	}
	if _, in := members[p.NewOwnerUserID]; !in {
		return TransferResult{}, fault.New(fault.NotFound, "%q is not in the group %q", p.NewOwnerUserID, p.GroupID).
			WithHint("nothing was sent; group.invite brings it in")
	}
	if _, err := env.API.Call(ctx, "/group/transfer_group",
		value.NewObject("groupID", p.GroupID, "oldOwnerUserID", now[0], "newOwnerUserID", p.NewOwnerUserID)); err != nil {
		return TransferResult{}, err
	}
	out.Status = "transferred"
	return out, nil
}
