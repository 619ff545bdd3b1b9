package group

import (
	"context"
	"iter"
	"strings"

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
		value.NewObject("groupID", groupID, "pagination", pagination(number, size)))
	return a.Members, a.Total, err
}

func runMembers(ctx context.Context, env *bindings.Env, p MembersParams) iter.Seq2[Member, error] {
	return func(yield func(Member, error) bool) {
		if err := checkID("groupID", p.GroupID); err != nil {
			yield(Member{}, err)
			return
		}
		any := false
		rows := pages(ctx, env, "members of "+p.GroupID, func(m Member) string { return m.UserID },
			func(ctx context.Context, number, size int64) ([]Member, int64, error) {
				return memberPage(ctx, env, p.GroupID, number, size)
			})
		for m, err := range rows {
			any = true
			if err == nil && !p.wants(m, env.Now().UnixMilli()) {
				continue
			}
			if !yield(m, err) || err != nil {
				return
			}
		}
		if any {
			return
		}
		if _, err := read(ctx, env, p.GroupID); err != nil { // no member: is there such a group?
			yield(Member{}, err)
		}
	}
}

func (p MembersParams) wants(m Member, now int64) bool {
	role, any := roleLevels()[p.Role], p.Role == ""
	return (any || m.RoleLevel == role) && (!p.Muted || m.MuteEndTime > now) &&
		(fold(m.UserID, p.Keyword) || fold(m.Nickname, p.Keyword))
}

func roleLevels() map[string]int64 {
	return map[string]int64{"owner": roleOwner, "admin": roleAdmin, "member": roleMember}
}

func contains(text, part string) bool { return strings.Contains(text, part) }

// fold tells whether text holds part, whatever the case.
func fold(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}
