package data

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// putUsers registers accounts. Their globalRecvMsgOpt is set at the end: it may refuse messages.
func (im *importer) putUsers(ctx context.Context, items []*item) error {
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.row.(*UserRow).UserID
	}
	now, err := usersNow(ctx, im.env, slices.Compact(slices.Sorted(slices.Values(ids))))
	if err != nil {
		return err
	}
	var fresh, special []*item
	for _, it := range items {
		u := it.row.(*UserRow)
		there, known := now[u.UserID]
		switch {
		case !known && u.AppMangerLevel >= levelNotification:
			special = append(special, it)
		case !known:
			fresh = append(fresh, it)
		case im.mine(there.CreateTime):
			it.done()
		case u.UserID == im.env.Target.Admin:
			it.skip("the account that imctl is logged in as")
		case sameUser(*u, there):
			it.skip("there already")
		case im.conflict(it):
			body := value.NewObject("userID", u.UserID, "nickname", u.Nickname, "faceURL", u.FaceURL, "ex", u.Ex)
			if err := im.one(ctx, it, "/user/update_user_info_ex", value.NewObject("userInfo", body)); err != nil {
				return err
			}
		}
	}
	for _, it := range special {
		u := it.row.(*UserRow)
		body := value.NewObject("userID", u.UserID, "nickName", u.Nickname, "faceURL", u.FaceURL, "appMangerLevel", u.AppMangerLevel)
		if err := im.one(ctx, it, "/user/add_notification_account", body); err != nil {
			return err
		}
	}
	err = each(fresh, func(some []*item) error {
		users := value.List{}
		for _, it := range some {
			u := it.row.(*UserRow)
			users = append(users, value.NewObject("userID", u.UserID, "nickname", u.Nickname, "faceURL", u.FaceURL, "ex", u.Ex,
				"appMangerLevel", int64(u.AppMangerLevel)))
		}
		return im.send(ctx, "/user/user_register", value.NewObject("users", users))
	})
	settleLeft(fresh)
	return err
}

// levelNotification is the lowest appMangerLevel of notification accounts, which have a call of their own.
const levelNotification = 3

func sameUser(a, b UserRow) bool {
	return a.Nickname == b.Nickname && a.FaceURL == b.FaceURL && a.Ex == b.Ex
}

// settleLeft makes what nobody refused done.
func settleLeft(items []*item) {
	for _, it := range left(items) {
		it.done()
	}
}

// one sends a call for one row.
func (im *importer) one(ctx context.Context, it *item, path string, body any) error {
	err := im.send(ctx, path, body)
	switch {
	case err == nil:
		it.done()
	case bindings.Fatal(err):
		return err
	default:
		it.fail(err)
	}
	return nil
}

// putFriends makes friendships of one account. The server makes both directions (SERVER-BEHAVIOUR §6): one that the export
// does not have is taken away again, unless it was there before.
func (im *importer) putFriends(ctx context.Context, items []*item) error {
	owner := items[0].row.(*FriendRow).OwnerUserID
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.row.(*FriendRow).FriendUserID
	}
	now, err := friendsNow(ctx, im.env, owner, distinct(ids...))
	if err != nil {
		return err
	}
	var fresh, change []*item
	for _, it := range items {
		f := it.row.(*FriendRow)
		there, known := now[f.FriendUserID]
		switch {
		case !known:
			fresh = append(fresh, it)
			change = append(change, it)
		case im.mine(there.CreateTime):
			change = append(change, it)
		case sameFriend(*f, there):
			it.skip("there already")
		case im.conflict(it):
			change = append(change, it)
		}
	}
	err = each(fresh, func(some []*item) error {
		ids := make([]string, len(some))
		for i, it := range some {
			ids[i] = it.row.(*FriendRow).FriendUserID
		}
		return im.send(ctx, "/friend/import_friend", value.NewObject("ownerUserID", owner, "friendUserIDs", ids))
	})
	if err != nil {
		return err
	}
	for _, it := range left(change) {
		f := it.row.(*FriendRow)
		if !sameFriend(*f, now[f.FriendUserID]) {
			body := value.NewObject("ownerUserID", owner, "friendUserIDs", []string{f.FriendUserID},
				"isPinned", f.IsPinned, "remark", f.Remark, "ex", f.Ex)
			if err := im.one(ctx, it, "/friend/update_friends", body); err != nil {
				return err
			}
		}
		if it.outcome != failed && im.oneSided[friendPair{owner, f.FriendUserID}] {
			if err := im.takeBack(ctx, it, f); err != nil {
				return err
			}
		}
	}
	settleLeft(change)
	return nil
}

func sameFriend(a, b FriendRow) bool {
	return a.Remark == b.Remark && a.Ex == b.Ex && a.IsPinned == b.IsPinned
}

// takeBack removes the direction that came with a one-sided friendship.
func (im *importer) takeBack(ctx context.Context, it *item, f *FriendRow) error {
	if im.env.DryRun {
		return nil
	}
	back, err := friendsNow(ctx, im.env, f.FriendUserID, []string{f.OwnerUserID})
	if err != nil {
		return err
	}
	if there, ok := back[f.OwnerUserID]; !ok || !im.mine(there.CreateTime) {
		return nil
	}
	return im.one(ctx, it, "/friend/delete_friend", value.NewObject("ownerUserID", f.FriendUserID, "friendUserID", f.OwnerUserID))
}

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

// putConversations sets what one account has set for its conversations, and how far it has read.
func (im *importer) putConversations(ctx context.Context, items []*item) error {
	type answer struct {
		Conversations []ConversationRow `json:"conversations"`
	}
	owner := items[0].row.(*ConversationRow).OwnerUserID
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.row.(*ConversationRow).ConversationID
	}
	a, err := openim.Do[answer](ctx, im.env.API, "/conversation/get_conversations", value.NewObject("ownerUserID", owner, "conversationIDs", ids))
	if notThere(err) != nil {
		return im.refuseAll(items, err)
	}
	now := map[string]ConversationRow{}
	for _, c := range a.Conversations {
		now[c.ConversationID] = c
	}
	states, err := readStates(ctx, im.env, owner, ids)
	if notThere(err) != nil {
		return im.refuseAll(items, err)
	}
	groups, err := im.groupsOf(ctx, items, now)
	if err != nil {
		return err
	}
	for _, it := range items {
		c := it.row.(*ConversationRow)
		there, known := now[c.ConversationID]
		g, groupKnown := groups[c.GroupID]
		switch {
		case !known && c.GroupID != "" && !im.env.DryRun && (!groupKnown || g.Status == groupDismissed):
			it.skip("its group is dismissed, or not here")
			continue
		case known && sameSettings(*c, there):
		case known && !sameSettings(ConversationRow{}, there) && !im.conflict(it):
			continue
		default:
			if err := im.one(ctx, it, "/conversation/set_conversations", value.NewObject("userIDs", []string{owner}, "conversation", settings(c))); err != nil {
				return err
			}
		}
		if it.outcome != failed {
			if err := im.read(ctx, it, c, states[c.ConversationID]); err != nil {
				return err
			}
		}
		if it.outcome == waiting {
			it.skip("there already")
		}
	}
	return nil
}

// groupsOf are the groups, as they are here, of the conversations that the account does not have yet.
func (im *importer) groupsOf(ctx context.Context, items []*item, now map[string]ConversationRow) (map[string]GroupRow, error) {
	var ids []string
	for _, it := range items {
		if c := it.row.(*ConversationRow); c.GroupID != "" && now[c.ConversationID].ConversationID == "" {
			ids = append(ids, c.GroupID)
		}
	}
	if ids = distinct(ids...); len(ids) == 0 {
		return nil, nil
	}
	return groupsNow(ctx, im.env, ids)
}

func sameSettings(a, b ConversationRow) bool {
	return a.RecvMsgOpt == b.RecvMsgOpt && a.IsPinned == b.IsPinned && a.IsPrivateChat == b.IsPrivateChat && a.BurnDuration == b.BurnDuration &&
		a.GroupAtType == b.GroupAtType && a.IsMsgDestruct == b.IsMsgDestruct && a.MsgDestructTime == b.MsgDestructTime &&
		a.AttachedInfo == b.AttachedInfo && a.Ex == b.Ex
}

func settings(c *ConversationRow) *value.Object {
	o := value.NewObject("conversationID", c.ConversationID, "conversationType", int64(c.ConversationType), "userID", c.UserID, "groupID", c.GroupID,
		"recvMsgOpt", int64(c.RecvMsgOpt), "isPinned", c.IsPinned, "burnDuration", int64(c.BurnDuration), "groupAtType", int64(c.GroupAtType),
		"isMsgDestruct", c.IsMsgDestruct, "msgDestructTime", c.MsgDestructTime, "attachedInfo", c.AttachedInfo, "ex", c.Ex)
	if c.IsPrivateChat { // it is set for both sides, with a notice to them
		o.Set("isPrivateChat", true)
	}
	return o
}

// read leaves as many messages unread as the account had: seqs are other ones here.
func (im *importer) read(ctx context.Context, it *item, c *ConversationRow, state readState) error {
	want := state.MaxSeq - c.Unread
	if want < 1 || want <= state.HasReadSeq {
		return nil
	}
	return im.one(ctx, it, "/msg/set_conversation_has_read_seq",
		value.NewObject("conversationID", c.ConversationID, "userID", c.OwnerUserID, "hasReadSeq", want, "noNotification", true))
}
