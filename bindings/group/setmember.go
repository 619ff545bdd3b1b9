package group

import (
	"context"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// SetMemberParams names a member and what to change on it; what is left out stays as it is.
type SetMemberParams struct {
	GroupID  string  `json:"groupID" arg:"1,required" help:"the group"`
	UserID   string  `json:"userID" arg:"2,required" help:"the member"`
	Nickname *string `json:"nickname" help:"its name in the group"`
	FaceURL  *string `json:"faceURL" help:"address of its picture in the group"`
	Ex       *string `json:"ex" help:"extra data of the application"`
	Role     string  `json:"role" enum:"admin,member" help:"its role: admin (60) or member (20)"`
}

func setMemberOp() bindings.Op {
	return bindings.Op{
		Name: "set_member_info", Effect: bindings.Write,
		Doc:     "Change a member's name, picture, extra data or role in a group.",
		Example: `group.set_member_info{groupID="g1", userID="bob", nickname="Bob from sales"}`,
		Notes: "Only the fields that are named change; a blank name or picture is shown as the account's own. The role of the only owner is refused: the server would leave the group without one; group.transfer makes another. " +
			"The member is read back, and what did not take is an error of kind partial. group.set_role does many at once.",
		Run: bindings.Func(runSetMember),
		Before: bindings.BeforeOf(func(ctx context.Context, env *bindings.Env, p SetMemberParams) (Member, error) {
			members, err := present(ctx, env, p.GroupID, []string{p.UserID})
			return members[p.UserID], err
		}),
	}
}

func runSetMember(ctx context.Context, env *bindings.Env, p SetMemberParams) (Member, error) {
	change := value.NewObject("groupID", p.GroupID, "userID", p.UserID)
	setOptional(change, "nickname", p.Nickname)
	setOptional(change, "faceURL", p.FaceURL)
	setOptional(change, "ex", p.Ex)
	if p.Role != "" {
		change.Set("roleLevel", roleLevels()[p.Role])
	}
	if change.Len() == 2 {
		return Member{}, fault.New(fault.Usage, "nothing to change: name nickname, faceURL, ex or role").WithHint("nothing was sent")
	}
	_, members, err := among(ctx, env, p.GroupID, []string{p.UserID})
	if err != nil {
		return Member{}, err
	}
	m, in := members[p.UserID]
	if !in {
		return Member{}, fault.New(fault.NotFound, "%q is not in the group", p.UserID)
	}
	if p.Role != "" && m.RoleLevel == roleOwner {
		spare, err := spareOwners(ctx, env, p.GroupID, members)
		if err != nil {
			return Member{}, err
		}
		if spare == 0 {
			return Member{}, fault.New(fault.Denied, "%q is the only owner of the group", p.UserID).WithHint("group.transfer gives the group another owner")
		}
	}
	if _, err := env.API.Call(ctx, "/group/set_group_member_info", value.NewObject("members", value.List{change})); err != nil {
		return Member{}, err
	}
	after, err := present(ctx, env, p.GroupID, []string{p.UserID})
	if err != nil {
		return Member{}, err
	}
	if missed := differs(wanted(change), value.From(after[p.UserID]).(*value.Object)); len(missed) > 0 {
		return after[p.UserID], fault.New(fault.Partial, "the server answered success, but did not take %s", strings.Join(missed, ", "))
	}
	return after[p.UserID], nil
}

// wanted is the part of a change that reads back as it was sent: a blank name or picture is filled from the account.
func wanted(change *value.Object) *value.Object {
	out := value.NewObject()
	for _, k := range change.Keys() {
		if v, _ := change.Get(k); v != "" || k == "ex" {
			out.Set(k, v)
		}
	}
	return out
}
