package group

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// RoleParams names members and the role they shall have.
type RoleParams struct {
	GroupID string   `json:"groupID" arg:"1,required" help:"the group"`
	UserIDs []string `json:"userIDs" arg:"2...,required" help:"the members"`
	Role    string   `json:"role" required:"true" enum:"admin,member" help:"the role: admin (60) or member (20)"`
}

func setRoleOp() bindings.Op {
	return bindings.Op{
		Name: "set_role", Effect: bindings.Write,
		Doc:     "Make members of a group admins, or ordinary members again.",
		Example: `group.set_role{groupID="g1", userIDs={"bob"}, role="admin"}`,
		Notes: "An owner is made by group.transfer only. The server would let an admin take the role of the owner away and leave the group without one: " +
			"that is refused here, unless the group has two. Status `set`, `already` or `failed`; safe to repeat.",
		Run:    bindings.Func(runSetRole),
		Before: before(func(p RoleParams) string { return p.GroupID }),
		Preview: bindings.PreviewOf(func(_ context.Context, _ *bindings.Env, p RoleParams) (bindings.Preview, error) {
			return bindings.PreviewAccounts("set the role of", p.UserIDs), nil
		}),
	}
}

func runSetRole(ctx context.Context, env *bindings.Env, p RoleParams) ([]Row, error) {
	ids, members, err := among(ctx, env, p.GroupID, p.UserIDs)
	if err != nil {
		return nil, err
	}
	level := roleLevels()[p.Role]
	spare, err := spareOwners(ctx, env, p.GroupID, members)
	if err != nil {
		return nil, err
	}
	var rows []Row
	var todo []string
	for _, id := range ids {
		m, in := members[id]
		switch {
		case !in:
			rows = append(rows, failed(p.GroupID, id, fault.New(fault.NotFound, "%q is not in the group", id)))
		case m.RoleLevel == level:
			rows = append(rows, Row{GroupID: p.GroupID, UserID: id, Status: "already"})
		case m.RoleLevel == roleOwner && spare == 0:
			rows = append(rows, failed(p.GroupID, id, fault.New(fault.Denied, "%q is the only owner of the group", id).
				WithHint("group.transfer gives the group another owner")))
		default:
			if m.RoleLevel == roleOwner {
				spare--
			}
			todo = append(todo, id)
		}
	}
	for some := range slices.Chunk(todo, maxMembers) {
		list := make(value.List, len(some))
		for i, id := range some {
			list[i] = value.NewObject("groupID", p.GroupID, "userID", id, "roleLevel", level)
		}
		_, failure := env.API.Call(ctx, "/group/set_group_member_info", value.NewObject("members", list))
		for _, id := range some {
			rows = append(rows, outcome(p.GroupID, id, "set", failure))
		}
	}
	order(rows, ids)
	return rows, partial("set", rows)
}

// spareOwners is how many owners the group has beyond one. It asks only when an owner is among the members.
func spareOwners(ctx context.Context, env *bindings.Env, groupID string, members map[string]Member) (int, error) {
	for _, m := range members {
		if m.RoleLevel == roleOwner {
			all, err := owners(ctx, env, groupID)
			return max(len(all)-1, 0), err
		}
	}
	return 0, nil
}
