package group

import (
	"context"
	"iter"
	"regexp"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// ListParams selects groups.
type ListParams struct {
	GroupName string `json:"groupName" arg:"1" help:"only groups whose name holds this text; case counts"`
	UserID    string `json:"userID" help:"only groups that this account is in"`
}

func listOp() bindings.Op {
	return bindings.Op{
		Name: "list", Effect: bindings.Read,
		Doc:     "List the groups of the server, newest first, or those that an account is in.",
		Example: `group.list{groupName="Sales"}`,
		Notes: "The server takes groupName as a regular expression; here it is plain text. Dismissed groups are left out by the server; group.get finds them. " +
			"With userID the list is by name, and the name is looked for here; a dismissed group may show in it when it is the only one.",
		Run: bindings.Stream(runList),
	}
}

func runList(ctx context.Context, env *bindings.Env, p ListParams) iter.Seq2[Info, error] {
	if p.UserID != "" {
		return joined(ctx, env, p)
	}
	type row struct {
		GroupInfo          Info   `json:"groupInfo"`
		GroupOwnerUserID   string `json:"groupOwnerUserID"`
		GroupOwnerUserName string `json:"groupOwnerUserName"`
	}
	type answer struct {
		Total  int64 `json:"total"`
		Groups []row `json:"groups"`
	}
	return bindings.Pages(env, "groups", bindings.PageSize, func(g Info) string { return g.GroupID },
		func(number, size int64) ([]Info, int64, error) {
			body := value.NewObject("pagination", bindings.Pagination(number, size))
			if p.GroupName != "" {
				body.Set("groupName", regexp.QuoteMeta(p.GroupName))
			}
			a, err := openim.Do[answer](ctx, env.API, "/group/get_groups", body)
			out := make([]Info, len(a.Groups))
			for i, g := range a.Groups {
				out[i] = g.GroupInfo
				if out[i].OwnerUserID == "" {
					out[i].OwnerUserID = g.GroupOwnerUserID
				}
			}
			return out, a.Total, err
		})
}

// joined lists the groups of an account; their names are filtered here, since the server's call has no such filter.
func joined(ctx context.Context, env *bindings.Env, p ListParams) iter.Seq2[Info, error] {
	type answer struct {
		Total  int64  `json:"total"`
		Groups []Info `json:"groups"`
	}
	if err := bindings.CheckID("userID", p.UserID); err != nil {
		return bindings.Fails[Info](err)
	}
	rows := bindings.Pages(env, "groups of "+p.UserID, bindings.PageSize, func(g Info) string { return g.GroupID },
		func(number, size int64) ([]Info, int64, error) {
			a, err := openim.Do[answer](ctx, env.API, "/group/get_joined_group_list",
				value.NewObject("fromUserID", p.UserID, "pagination", bindings.Pagination(number, size)))
			return a.Groups, a.Total, err
		})
	return bindings.Only(rows, func(g Info) bool { return strings.Contains(g.GroupName, p.GroupName) },
		func() error { return bindings.MustBeKnown(ctx, env, p.UserID) })
}
