package group

import (
	"context"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// UpdateParams holds the settings to change; what is left out stays as it is.
type UpdateParams struct {
	GroupID           string  `json:"groupID" arg:"1,required" help:"the group"`
	GroupName         *string `json:"groupName" help:"its name; never blank"`
	Notification      *string `json:"notification" help:"the announcement"`
	Introduction      *string `json:"introduction" help:"the introduction"`
	FaceURL           *string `json:"faceURL" help:"address of its picture"`
	Ex                *string `json:"ex" help:"extra data of the application"`
	NeedVerification  *int64  `json:"needVerification" help:"0 applying needs approval, 1 inviting too, 2 nothing does"`
	LookMemberInfo    *int64  `json:"lookMemberInfo" help:"0 members may look at each other's profile, 1 not"`
	ApplyMemberFriend *int64  `json:"applyMemberFriend" help:"0 members may ask each other to be friends, 1 not"`
}

func updateOp() bindings.Op {
	return bindings.Op{
		Name: "update", Effect: bindings.Write,
		Doc:     "Change a group's name, texts and settings.",
		Example: `group.update{groupID="g1", groupName="Sales EU", needVerification=1}`,
		Notes: "Only the fields that are named change; an empty text blanks a field. A blank groupName is refused here: the server answers success to it " +
			"and drops every other field of the call. The group is read back, and what did not take is an error of kind partial.",
		Run:    bindings.Func(runUpdate),
		Before: before(func(p UpdateParams) string { return p.GroupID }),
	}
}

func runUpdate(ctx context.Context, env *bindings.Env, p UpdateParams) (Info, error) {
	if p.GroupName != nil && strings.TrimSpace(*p.GroupName) == "" {
		return Info{}, fault.New(fault.Usage, "groupName is blank").
			WithHint("nothing was sent; the server would drop the whole change and answer success")
	}
	if err := checkSettings(p.NeedVerification, p.LookMemberInfo, p.ApplyMemberFriend); err != nil {
		return Info{}, err
	}
	body := value.NewObject("groupID", p.GroupID)
	setOptional(body, "groupName", p.GroupName)
	setOptional(body, "notification", p.Notification)
	setOptional(body, "introduction", p.Introduction)
	setOptional(body, "faceURL", p.FaceURL)
	setOptional(body, "ex", p.Ex)
	setOptional(body, "needVerification", p.NeedVerification)
	setOptional(body, "lookMemberInfo", p.LookMemberInfo)
	setOptional(body, "applyMemberFriend", p.ApplyMemberFriend)
	if body.Len() == 1 {
		return Info{}, fault.New(fault.Usage, "nothing to change: name at least one field beside groupID")
	}
	if _, err := alive(ctx, env, p.GroupID); err != nil {
		return Info{}, err
	}
	if _, err := env.API.Call(ctx, "/group/set_group_info_ex", body); err != nil {
		return Info{}, err
	}
	g, err := read(ctx, env, p.GroupID)
	if err != nil {
		return Info{}, err
	}
	if missed := differs(body, value.From(g).(*value.Object)); len(missed) > 0 {
		return g, fault.New(fault.Partial, "the server answered success, but did not take %s", strings.Join(missed, ", "))
	}
	return g, nil
}

// differs lists the members of want that got does not hold.
func differs(want, got *value.Object) []string {
	var out []string
	for _, k := range want.Keys() {
		w, _ := want.Get(k)
		if g, _ := got.Get(k); g != w {
			out = append(out, k)
		}
	}
	return out
}
