package group

import (
	"context"
	"slices"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// UnhandledParams names an account.
type UnhandledParams struct {
	UserID string `json:"userID" arg:"1,required" help:"an owner or admin of groups"`
	Since  int64  `json:"since" min:"1" help:"only requests made after this time, in ms"`
}

// Unhandled is how many requests wait.
type Unhandled struct {
	UserID string `json:"userID" column:"1" key:"true" help:"the account"`
	Count  int64  `json:"count" column:"2" help:"requests to enter its groups that wait for an answer"`
}

func unhandledCountOp() bindings.Op {
	return bindings.Op{
		Name: "unhandled_count", Effect: bindings.Read,
		Doc:     "Count the requests to enter an account's groups that wait for an answer.",
		Example: `group.unhandled_count("alice")`,
		Notes:   "Of all groups that the account owns or is an admin of. An account that does not exist is an error of kind not_found; the server would count 0.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p UnhandledParams) (Unhandled, error) {
			if err := bindings.CheckID("userID", p.UserID); err != nil {
				return Unhandled{}, err
			}
			out, err := openim.Do[Unhandled](ctx, env.API, "/group/get_group_application_unhandled_count",
				value.NewObject("userID", p.UserID, "time", p.Since))
			if err == nil && out.Count == 0 {
				err = bindings.MustBeKnown(ctx, env, p.UserID)
			}
			out.UserID = p.UserID
			return out, err
		}),
	}
}

// ID is the id of a member.
type ID struct {
	UserID string `json:"userID" column:"1" key:"true" help:"the member"`
}

func memberIDsOp() bindings.Op {
	return bindings.Op{
		Name: "member_ids", Effect: bindings.Read,
		Doc:     "List the ids of the members of a group.",
		Example: `group.member_ids("g1")`,
		Notes:   "All in one call, without names. The server answers an unknown group with an empty list; here that is an error of kind not_found.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p GroupParams) ([]ID, error) {
			type answer struct {
				UserIDs []string `json:"userIDs"`
			}
			if err := bindings.CheckID("groupID", p.GroupID); err != nil {
				return nil, err
			}
			a, err := openim.Do[answer](ctx, env.API, "/group/get_group_member_user_id", value.NewObject("groupID", p.GroupID))
			if err == nil && len(a.UserIDs) == 0 {
				_, err = read(ctx, env, p.GroupID)
			}
			out := make([]ID, len(a.UserIDs))
			for i, id := range a.UserIDs {
				out[i].UserID = id
			}
			return out, err
		}),
	}
}

// AbstractParams names groups.
type AbstractParams struct {
	GroupIDs []string `json:"groupIDs" arg:"1...,required" help:"the groups"`
}

// Abstract is the number of members of a group, and what tells whether they changed.
type Abstract struct {
	GroupID             string `json:"groupID" column:"1" key:"true" help:"the group"`
	GroupMemberNumber   int64  `json:"groupMemberNumber" column:"2" help:"members, the owner included"`
	GroupMemberListHash uint64 `json:"groupMemberListHash" column:"3" help:"hash of the member list: another one when members came or went"`
}

func abstractOp() bindings.Op {
	return bindings.Op{
		Name: "abstract", Effect: bindings.Read,
		Doc:     "Show the number of members of groups and the hash of their member lists.",
		Example: `group.abstract{groupIDs={"g1", "g2"}}`,
		Notes:   "The hash has 64 bits and keeps every digit. One unknown group makes the server refuse the whole call without naming it; the error here names it.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p AbstractParams) ([]Abstract, error) {
			type answer struct {
				Rows []Abstract `json:"groupAbstractInfos"`
			}
			ids, err := bindings.CheckIDs("groupIDs", p.GroupIDs)
			if err != nil {
				return nil, err
			}
			rows := []Abstract{}
			for some := range slices.Chunk(ids, lookup) {
				a, err := openim.Do[answer](ctx, env.API, "/group/get_group_abstract_info", value.NewObject("groupIDs", some))
				if fault.Is(err, fault.NotFound) {
					return nil, nameUnknown(ctx, env, some, err)
				}
				if err != nil {
					return nil, err
				}
				rows = append(rows, a.Rows...)
			}
			bindings.Arrange(rows, ids, func(r Abstract) string { return r.GroupID })
			return rows, nil
		}),
	}
}

// nameUnknown adds to an error which of the groups don't exist.
func nameUnknown(ctx context.Context, env *bindings.Env, ids []string, err error) error {
	there, asked := groupsOf(ctx, env, ids)
	if asked != nil {
		return err
	}
	var missing []string
	for _, id := range ids {
		if !slices.ContainsFunc(there, func(g Info) bool { return g.GroupID == id }) {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return err
	}
	e := *fault.From(err)
	e.Message = "no group " + strings.Join(missing, ", ")
	return &e
}

// groupsOf returns those of the groups that exist, dismissed ones too.
func groupsOf(ctx context.Context, env *bindings.Env, ids []string) ([]Info, error) {
	type answer struct {
		GroupInfos []Info `json:"groupInfos"`
	}
	out := []Info{}
	for some := range slices.Chunk(ids, lookup) {
		a, err := openim.Do[answer](ctx, env.API, "/group/get_groups_info", value.NewObject("groupIDs", some))
		if err != nil {
			return nil, err
		}
		out = append(out, a.GroupInfos...)
	}
	return out, nil
}
