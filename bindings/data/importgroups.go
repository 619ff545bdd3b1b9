package data

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
)

// putGroups makes groups with their owner alone, and no notice in the chat. They are muted at the end.
func (im *importer) putGroups(ctx context.Context, items []*item) error {
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.row.(*GroupRow).GroupID
	}
	now, err := groupsNow(ctx, im.env, ids)
	if err != nil {
		return err
	}
	for _, it := range items {
		g := it.row.(*GroupRow)
		there, known := now[g.GroupID]
		var err error
		switch {
		case g.Status == groupDismissed:
			it.skip("dismissed")
		case !known:
			err = im.one(ctx, it, "/group/create_group", createGroup(g))
		case im.mine(there.CreateTime):
			it.done()
		case sameGroup(*g, there):
			it.skip("there already")
		case im.conflict(it):
			body := value.NewObject("groupID", g.GroupID, "notification", g.Notification, "introduction", g.Introduction, "faceURL", g.FaceURL,
				"ex", g.Ex, "needVerification", int64(g.NeedVerification), "lookMemberInfo", int64(g.LookMemberInfo), "applyMemberFriend", int64(g.ApplyMemberFriend))
			if g.GroupName != "" { // a blank one makes the server ignore the whole call (SERVER-BEHAVIOUR §6)
				body.Set("groupName", g.GroupName)
			}
			err = im.one(ctx, it, "/group/set_group_info_ex", body)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func createGroup(g *GroupRow) *value.Object {
	const workingGroup = 2 // the one type that can be made (SERVER-BEHAVIOUR §6)
	info := value.NewObject("groupID", g.GroupID, "groupName", g.GroupName, "notification", g.Notification, "introduction", g.Introduction,
		"faceURL", g.FaceURL, "ex", g.Ex, "creatorUserID", g.CreatorUserID, "groupType", int64(workingGroup),
		"needVerification", int64(g.NeedVerification), "lookMemberInfo", int64(g.LookMemberInfo), "applyMemberFriend", int64(g.ApplyMemberFriend),
		"notificationUserID", g.NotificationUserID, "notificationUpdateTime", g.NotificationUpdateTime)
	return value.NewObject("groupInfo", info, "ownerUserID", g.OwnerUserID, "memberUserIDs", []string{}, "adminUserIDs", []string{}, "sendMessage", false)
}

func sameGroup(a, b GroupRow) bool {
	return a.GroupName == b.GroupName && a.Notification == b.Notification && a.Introduction == b.Introduction && a.FaceURL == b.FaceURL &&
		a.Ex == b.Ex && a.NeedVerification == b.NeedVerification && a.LookMemberInfo == b.LookMemberInfo && a.ApplyMemberFriend == b.ApplyMemberFriend
}

// putMembers invites members of one group, and sets what differs.
func (im *importer) putMembers(ctx context.Context, items []*item) error {
	const inviteBatch = 50 // the server stores so many at a time; earlier ones of a larger call stay when it fails
	groupID := items[0].row.(*MemberRow).GroupID
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.row.(*MemberRow).UserID
	}
	now, err := membersNow(ctx, im.env, groupID, distinct(ids...))
	if err != nil && (bindings.Fatal(err) || !im.env.DryRun) {
		return im.refuseAll(items, err)
	}
	var fresh, change []*item
	for _, it := range items {
		m := it.row.(*MemberRow)
		there, known := now[m.UserID]
		switch {
		case !known:
			fresh = append(fresh, it)
		case im.mine(there.JoinTime):
			change = append(change, it)
		case sameMember(*m, there):
			it.skip("there already")
		case im.conflict(it):
			change = append(change, it)
		}
	}
	for some := range slices.Chunk(fresh, inviteBatch) {
		err := each(some, func(some []*item) error {
			ids := make([]string, len(some))
			for i, it := range some {
				ids[i] = it.row.(*MemberRow).UserID
			}
			return im.send(ctx, "/group/invite_user_to_group",
				value.NewObject("groupID", groupID, "invitedUserIDs", ids, "reason", "", "sendMessage", false))
		})
		if err != nil {
			return err
		}
	}
	if fresh = left(fresh); len(fresh) > 0 && !im.env.DryRun { // what they are now: the server shows the account's name for who has none of his own
		if now, err = membersNow(ctx, im.env, groupID, distinct(ids...)); err != nil {
			return err
		}
	}
	change = append(change, fresh...)
	differ := slices.DeleteFunc(slices.Clone(change), func(it *item) bool {
		m := it.row.(*MemberRow)
		return sameMember(*m, now[m.UserID])
	})
	err = each(differ, func(some []*item) error {
		members := value.List{}
		for _, it := range some {
			m := it.row.(*MemberRow)
			members = append(members, memberChange(*m, now[m.UserID]))
		}
		return im.send(ctx, "/group/set_group_member_info", value.NewObject("members", members))
	})
	settleLeft(change)
	return err
}

// refuseAll makes an error that of all rows, unless it ends the import.
func (im *importer) refuseAll(items []*item, err error) error {
	if bindings.Fatal(err) {
		return err
	}
	for _, it := range items {
		it.fail(err)
	}
	return nil
}

func sameMember(a, b MemberRow) bool {
	return a.RoleLevel == b.RoleLevel && a.Nickname == b.Nickname && a.FaceURL == b.FaceURL && a.Ex == b.Ex
}

// memberChange is what differs. An owner is made with the group.
func memberChange(m, now MemberRow) *value.Object {
	o := value.NewObject("groupID", m.GroupID, "userID", m.UserID)
	for _, text := range []struct{ name, want, is string }{{"nickname", m.Nickname, now.Nickname}, {"faceURL", m.FaceURL, now.FaceURL}, {"ex", m.Ex, now.Ex}} {
		if text.want != text.is {
			o.Set(text.name, text.want)
		}
	}
	if m.RoleLevel != now.RoleLevel && m.RoleLevel != roleOwner {
		o.Set("roleLevel", int64(m.RoleLevel))
	}
	return o
}
