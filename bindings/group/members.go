package group

import (
	"context"
	"iter"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// MembersParams selects members of a group.
type MembersParams struct {
	GroupID string `json:"groupID" arg:"1,required" help:"the group"`
	Role    string `json:"role" enum:"owner,admin,member" help:"only members with this role"`
	Keyword string `json:"keyword" help:"only members whose userID or name holds this text; case does not count"`
	Muted   bool   `json:"muted" help:"only members who are muted now"`
}

func membersOp() bindings.Op {
	return bindings.Op{
		Name: "members", Effect: bindings.Read,
		Doc:     "List the members of a group, the owner and admins first.",
		Example: `group.members{groupID="g1", role="admin"}`,
		Notes: "The server checks its own filter and then ignores it, and its keyword search never finds anything, so all filters work here, " +
			"on the whole list. The members of a dismissed group are still listed, unless they were deleted with it.",
		Run: bindings.Stream(runMembers),
	}
}

func memberPage(ctx context.Context, env *bindings.Env, groupID string, number, size int64) ([]Member, int64, error) {
	type answer struct {
		Total   int64    `json:"total"`
		Members []Member `json:"members"`
	}
	a, err := openim.Do[answer](ctx, env.API, "/group/get_group_member_list",
		value.NewObject("groupID", groupID, "pagination", bindings.Pagination(number, size)))
	return a.Members, a.Total, err
}

func runMembers(ctx context.Context, env *bindings.Env, p MembersParams) iter.Seq2[Member, error] {
	if err := bindings.CheckID("groupID", p.GroupID); err != nil {
		return bindings.Fails[Member](err)
	}
	rows := bindings.Pages(env, "members of "+p.GroupID, bindings.PageSize, func(m Member) string { return m.UserID },
		func(number, size int64) ([]Member, int64, error) {
			return memberPage(ctx, env, p.GroupID, number, size)
		})
	return bindings.Only(rows, func(m Member) bool { return p.wants(m, env.Now().UnixMilli()) }, func() error {
		_, err := read(ctx, env, p.GroupID) // no member: is there such a group?
		return err
	})
}

func (p MembersParams) wants(m Member, now int64) bool {
	role, any := roleLevels()[p.Role], p.Role == ""
	return (any || m.RoleLevel == role) && (!p.Muted || m.MuteEndTime > now) &&
		(bindings.Holds(m.UserID, p.Keyword) || bindings.Holds(m.Nickname, p.Keyword))
}

func roleLevels() map[string]int64 {
	return map[string]int64{"owner": roleOwner, "admin": roleAdmin, "member": roleMember}
}
