package group

import (
	"context"
	"strconv"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// maxMembers is the most ids the server takes in one list (SERVER-BEHAVIOUR §4).
const maxMembers = 1000

// CreateParams describes the group to make.
type CreateParams struct {
	OwnerUserID       string   `json:"ownerUserID" arg:"1,required" help:"the account that owns it"`
	GroupName         string   `json:"groupName" arg:"2" help:"its name"`
	MemberUserIDs     []string `json:"memberUserIDs" help:"ordinary members beside the owner, at most 1000"`
	AdminUserIDs      []string `json:"adminUserIDs" help:"members with the admin role"`
	GroupID           string   `json:"groupID" help:"its id; the server makes one when it is left out"`
	FaceURL           string   `json:"faceURL" help:"address of its picture"`
	Introduction      string   `json:"introduction" help:"the introduction"`
	Notification      string   `json:"notification" help:"the announcement"`
	Ex                string   `json:"ex" help:"extra data of the application"`
	NeedVerification  *int64   `json:"needVerification" help:"0 applying needs approval, 1 inviting too, 2 nothing does"`
	LookMemberInfo    *int64   `json:"lookMemberInfo" help:"0 members may look at each other's profile, 1 not"`
	ApplyMemberFriend *int64   `json:"applyMemberFriend" help:"0 members may ask each other to be friends, 1 not"`
	SendMessage       *bool    `json:"sendMessage" help:"false: no message in the group says that it was made"`
}

func createOp() bindings.Op {
	return bindings.Op{
		Name: "create", Effect: bindings.Write,
		Doc:     "Make a group with an owner, members and admins.",
		Example: `group.create{ownerUserID="alice", groupName="Sales", memberUserIDs={"bob", "carol"}}`,
		Notes: "The type is always 2, the only one that the server takes. A groupID in use is refused, also that of a dismissed group. " +
			"An unknown account refuses the whole call. The server's answer counts one member too many when an admin who is no member " +
			"makes the group, so the group is read back and that is the result.",
		Run: bindings.Func(runCreate), Undo: bindings.UndoOf(undoCreate),
	}
}

func runCreate(ctx context.Context, env *bindings.Env, p CreateParams) (Info, error) {
	if err := p.check(); err != nil {
		return Info{}, err
	}
	info := value.NewObject("groupName", p.GroupName, "groupType", int64(groupType))
	set := func(key, v string) {
		if v != "" {
			info.Set(key, v)
		}
	}
	set("groupID", p.GroupID)
	set("faceURL", p.FaceURL)
	set("introduction", p.Introduction)
	set("notification", p.Notification)
	set("ex", p.Ex)
	setOptional(info, "needVerification", p.NeedVerification)
	setOptional(info, "lookMemberInfo", p.LookMemberInfo)
	setOptional(info, "applyMemberFriend", p.ApplyMemberFriend)
	body := value.NewObject("groupInfo", info, "ownerUserID", p.OwnerUserID)
	if len(p.MemberUserIDs) > 0 {
		body.Set("memberUserIDs", p.MemberUserIDs)
	}
	if len(p.AdminUserIDs) > 0 {
		body.Set("adminUserIDs", p.AdminUserIDs)
	}
	setOptional(body, "sendMessage", p.SendMessage)

	type answer struct {
		GroupInfo Info `json:"groupInfo"`
	}
	a, err := openim.Do[answer](ctx, env.API, "/group/create_group", body)
	if err != nil {
		return Info{}, err
	}
	g, err := read(ctx, env, a.GroupInfo.GroupID)
	if err != nil {
		env.Warning("the group %s was made, but can't be read back: %v; memberCount may be one too high", a.GroupInfo.GroupID, err)
		return a.GroupInfo, nil
	}
	return g, nil
}

func (p CreateParams) check() error {
	if err := bindings.CheckID("ownerUserID", p.OwnerUserID); err != nil {
		return err
	}
	if p.GroupID != "" {
		if err := bindings.CheckID("groupID", p.GroupID); err != nil {
			return err
		}
	}
	if len(p.MemberUserIDs) > maxMembers {
		return fault.New(fault.Usage, "memberUserIDs has %d ids; the server takes %d", len(p.MemberUserIDs), maxMembers).
			WithHint("make the group with the first ones and add the others with group.invite")
	}
	where := map[string]string{p.OwnerUserID: "ownerUserID"}
	for _, list := range []struct {
		field string
		ids   []string
	}{{"adminUserIDs", p.AdminUserIDs}, {"memberUserIDs", p.MemberUserIDs}} {
		for i, id := range list.ids {
			field := list.field + "[" + strconv.Itoa(i+1) + "]"
			if err := bindings.CheckID(field, id); err != nil {
				return err
			}
			if first, twice := where[id]; twice {
				return fault.New(fault.Usage, "%s: %q is %s already", field, id, first).
					WithHint("the server refuses a repeated member; name each account once")
			}
			where[id] = field
		}
	}
	return checkSettings(p.NeedVerification, p.LookMemberInfo, p.ApplyMemberFriend)
}

func checkSettings(needVerification, lookMemberInfo, applyMemberFriend *int64) error {
	for _, err := range []error{
		checkRange("needVerification", needVerification, 2),
		checkRange("lookMemberInfo", lookMemberInfo, 1),
		checkRange("applyMemberFriend", applyMemberFriend, 1),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// setOptional puts a field into a request only when it was given.
func setOptional[T any](o *value.Object, key string, v *T) {
	if v != nil {
		o.Set(key, *v)
	}
}
