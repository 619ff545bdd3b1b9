package group

import (
	"context"
	"fmt"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
)

// DismissParams names the group to end.
type DismissParams struct {
	GroupID      string `json:"groupID" arg:"1,required" help:"the group"`
	DeleteMember bool   `json:"deleteMember" help:"remove the member list too"`
	SendMessage  *bool  `json:"sendMessage" help:"false: the members are not told"`
}

// DismissResult says what became of the group.
type DismissResult struct {
	GroupID     string `json:"groupID" column:"1" key:"true" help:"the group"`
	GroupName   string `json:"groupName" column:"2" help:"its name"`
	MemberCount int64  `json:"memberCount" column:"3" help:"members it had"`
	Status      string `json:"status" column:"4" help:"dismissed, or already"`
}

func dismissOp() bindings.Op {
	return bindings.Op{
		Name: "dismiss", Effect: bindings.Destroy,
		Doc:     "End a group for good.",
		Example: `group.dismiss("g1")`,
		Notes: "The server keeps a dismissed group: group.get shows it with status 2, its id stays taken, and its members stay listed unless deleteMember is set. " +
			"Status `already` when there was nothing left to do: safe to repeat. A dismissed group can be dismissed again with deleteMember to remove its members.",
		Run:     bindings.Func(runDismiss),
		Before:  before(func(p DismissParams) string { return p.GroupID }),
		Preview: bindings.PreviewOf(previewDismiss),
	}
}

func previewDismiss(ctx context.Context, env *bindings.Env, p DismissParams) (bindings.Preview, error) {
	if err := bindings.CheckID("groupID", p.GroupID); err != nil {
		return bindings.Preview{}, err
	}
	g, err := read(ctx, env, p.GroupID)
	if err != nil {
		return bindings.Preview{}, err
	}
	text := fmt.Sprintf("dismiss the group %s (%s) with %d members", g.GroupID, g.GroupName, g.MemberCount)
	return bindings.Preview{Count: 1, Sample: []string{g.GroupID + " " + g.GroupName}, Text: text}, nil
}

func runDismiss(ctx context.Context, env *bindings.Env, p DismissParams) (DismissResult, error) {
	if err := bindings.CheckID("groupID", p.GroupID); err != nil {
		return DismissResult{}, err
	}
	g, err := read(ctx, env, p.GroupID)
	if err != nil {
		return DismissResult{}, err
	}
	out := DismissResult{GroupID: g.GroupID, GroupName: g.GroupName, MemberCount: g.MemberCount, Status: "already"}
	if g.dismissed() && (!p.DeleteMember || g.MemberCount == 0) {
		return out, nil
	}
	body := value.NewObject("groupID", p.GroupID, "deleteMember", p.DeleteMember)
	setOptional(body, "sendMessage", p.SendMessage)
	if _, err := env.API.Call(ctx, "/group/dismiss_group", body); err != nil {
		return DismissResult{}, err
	}
	out.Status = "dismissed"
	return out, nil
}
