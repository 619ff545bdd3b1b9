package group

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// inviteBatch is how many members the server stores at a time: a call with more that fails leaves some of them in
// (SERVER-BEHAVIOUR §6, invite_user_to_group).
const inviteBatch = 50

// InviteParams names whom to bring into a group.
type InviteParams struct {
	GroupID     string   `json:"groupID" arg:"1,required" help:"the group"`
	UserIDs     []string `json:"userIDs" arg:"2...,required" help:"the accounts to bring in"`
	Reason      string   `json:"reason" help:"kept with the invitation"`
	SendMessage *bool    `json:"sendMessage" help:"false: no message in the group says so"`
}

func inviteOp() bindings.Op {
	return bindings.Op{
		Name: "invite", Effect: bindings.Write,
		Doc:     "Bring accounts into a group; a row for each says what became of it.",
		Example: `group.invite{groupID="g1", userIDs={"dave", "erin"}}`,
		Notes: "Members and accounts are looked up first: one existing member makes the server fail the call with an error 500 and leaves part of it done, " +
			"and one unknown account refuses the whole. Status `invited`, `already` (a member before) or `failed`. Safe to repeat. " +
			"An admin's invitation needs no approval, whatever the group's needVerification.",
		Run: bindings.Func(runInvite), Undo: bindings.UndoOf(undoInvite),
		Before: before(func(p InviteParams) string { return p.GroupID }),
		Preview: bindings.PreviewOf(func(_ context.Context, _ *bindings.Env, p InviteParams) (bindings.Preview, error) {
			return bindings.PreviewAccounts("invite", p.UserIDs), nil
		}),
	}
}

func runInvite(ctx context.Context, env *bindings.Env, p InviteParams) ([]Row, error) {
	ids, members, err := among(ctx, env, p.GroupID, p.UserIDs)
	if err != nil {
		return nil, err
	}
	accounts, err := bindings.KnownAccounts(ctx, env, ids)
	if err != nil {
		return nil, err
	}
	var rows []Row
	var todo []string
	for _, id := range ids {
		switch _, in := members[id]; {
		case in:
			rows = append(rows, Row{GroupID: p.GroupID, UserID: id, Status: "already"})
		case !accounts[id]:
			rows = append(rows, failed(p.GroupID, id, bindings.NoAccount(id)))
		default:
			todo = append(todo, id)
		}
	}
	var stop error
	for some := range slices.Chunk(todo, inviteBatch) {
		if stop == nil {
			stop = inviteSome(ctx, env, p, some, &rows)
			continue
		}
		for _, id := range some {
			rows = append(rows, failed(p.GroupID, id, fault.New(fault.From(stop).Kind, "not tried: %v", stop)))
		}
	}
	order(rows, ids)
	return rows, partial("invited", rows)
}

// inviteSome invites one batch. After a failure it looks who is in all the same. The error it returns ends the call.
func inviteSome(ctx context.Context, env *bindings.Env, p InviteParams, ids []string, rows *[]Row) error {
	body := value.NewObject("groupID", p.GroupID, "invitedUserIDs", ids, "reason", p.Reason)
	setOptional(body, "sendMessage", p.SendMessage)
	_, failure := env.API.Call(ctx, "/group/invite_user_to_group", body)
	members := map[string]Member{}
	if failure != nil && !bindings.Fatal(failure) {
		if found, err := present(ctx, env, p.GroupID, ids); err == nil {
			members = found
		}
	}
	for _, id := range ids {
		if _, in := members[id]; failure == nil || in {
			*rows = append(*rows, Row{GroupID: p.GroupID, UserID: id, Status: "invited"})
		} else {
			*rows = append(*rows, failed(p.GroupID, id, failure))
		}
	}
	if failure != nil && bindings.Fatal(failure) {
		return failure
	}
	return nil
}
