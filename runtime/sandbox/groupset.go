package sandbox

import (
	"slices"
	"strings"
)

type createGroupReq struct {
	MemberUserIDs, AdminUserIDs []string
	GroupInfo                   *groupInfo
	OwnerUserID                 string
	SendMessage                 *bool
}

func (r createGroupReq) check() error {
	if r.GroupInfo == nil {
		return missingParameter("groupInfo")
	}
	if r.GroupInfo.GroupType < 0 || r.GroupInfo.GroupType > workingGroup {
		return argsError("groupType is invalid")
	}
	return first(tooMany("memberUserIDs", len(r.MemberUserIDs)), required("ownerUserID", r.OwnerUserID))
}

// createGroup counts the caller in its answer, also one who is no member.
func createGroup(c *call, req createGroupReq) (any, error) {
	in := req.GroupInfo
	if in.GroupType != workingGroup {
		return nil, argsError("group type only supports 2")
	}
	if err := c.self(req.OwnerUserID); err != nil {
		return nil, err
	}
	ids := slices.Concat(req.MemberUserIDs, req.AdminUserIDs, []string{req.OwnerUserID})
	if !slices.Contains(ids, c.userID) {
		ids = append(ids, c.userID)
	}
	if repeated(ids) {
		return nil, argsError("group member repeated")
	}
	if len(c.knownUsers(ids)) != len(ids) {
		return nil, fail(codeUserIDNotFound, "user not found")
	}
	if in.GroupID == "" {
		in.GroupID = c.newID(c.groups.has)
	} else if c.groups.has(in.GroupID) {
		return nil, fail(codeGroupIDExisted, "group id existed")
	}
	g := &group{
		groupID: in.GroupID, groupName: in.GroupName, notification: in.Notification, introduction: in.Introduction,
		faceURL: in.FaceURL, ex: in.Ex, creatorUserID: in.CreatorUserID, notificationUserID: in.NotificationUserID,
		status: in.Status, groupType: in.GroupType, needVerification: in.NeedVerification, lookMemberInfo: in.LookMemberInfo,
		applyMemberFriend: in.ApplyMemberFriend, createTime: c.nowMilli(), notificationUpdateTime: in.NotificationUpdateTime,
	}
	c.groups.put(g.groupID, g)
	add := func(role int32, ids ...string) {
		for _, id := range ids {
			c.addMember(g.groupID, id, role, joinedByInvitation, c.userID)
		}
	}
	add(roleOwner, req.OwnerUserID)
	add(roleAdmin, req.AdminUserIDs...)
	add(roleMember, req.MemberUserIDs...)
	answer := c.groupInfo(g)
	answer.MemberCount = len(ids)
	c.tellGroup(g.groupID, noteGroupCreated, struct {
		Group      groupInfo    `json:"group"`
		OpUser     *memberInfo  `json:"opUser"`
		MemberList []memberInfo `json:"memberList"`
	}{answer, c.operator(g.groupID), c.memberInfos(g.groupID, keys(c.members[g.groupID]))}, req.SendMessage)
	if g.notification != "" {
		c.tellGroup(g.groupID, noteAnnouncement, c.groupTips(g), nil)
	}
	return struct {
		GroupInfo groupInfo `json:"groupInfo"`
	}{answer}, nil
}

// groupTips is what most notifications about a group tell.
func (c *call) groupTips(g *group) any {
	return struct {
		Group  groupInfo   `json:"group"`
		OpUser *memberInfo `json:"opUser"`
	}{c.groupInfo(g), c.operator(g.groupID)}
}

// groupSet is a change of a group: null leaves a field alone.
type groupSet struct {
	GroupID                                             string
	GroupName, Notification, Introduction, FaceURL, Ex  *string
	NeedVerification, LookMemberInfo, ApplyMemberFriend *int32
}

type setGroupInfoReq struct{ GroupInfoForSet *groupSet }

func (r setGroupInfoReq) check() error {
	if r.GroupInfoForSet == nil {
		return missingParameter("groupInfoForSet")
	}
	return required("groupID", r.GroupInfoForSet.GroupID)
}

// setGroupInfo leaves the texts alone that are empty, but for ex.
func setGroupInfo(c *call, req setGroupInfoReq) (any, error) {
	in := req.GroupInfoForSet
	for _, text := range []**string{&in.GroupName, &in.Notification, &in.Introduction, &in.FaceURL} {
		if *text != nil && **text == "" {
			*text = nil
		}
	}
	return nil, c.setGroup(in)
}

// setGroupInfoEx drops every field when the name is blank, with success.
func setGroupInfoEx(c *call, req groupSet) (any, error) {
	if req.GroupName != nil && strings.TrimSpace(*req.GroupName) == "" {
		req = groupSet{GroupID: req.GroupID}
	}
	return nil, c.setGroup(&req)
}

func (c *call) setGroup(in *groupSet) error {
	if !c.admin {
		op, ok := c.members[in.GroupID].get(c.userID)
		if !ok {
			return notFound("not a member of the group")
		}
		if op.roleLevel < roleAdmin {
			return noPermission("no group owner or admin")
		}
	}
	g, err := c.group(in.GroupID)
	if err != nil {
		return err
	}
	if c.ownerOf(g.groupID) == "" {
		return notFound("the group has no owner")
	}
	if *in == (groupSet{GroupID: in.GroupID}) {
		return nil
	}
	set(&g.groupName, in.GroupName)
	set(&g.notification, in.Notification)
	set(&g.introduction, in.Introduction)
	set(&g.faceURL, in.FaceURL)
	set(&g.ex, in.Ex)
	set(&g.needVerification, in.NeedVerification)
	set(&g.lookMemberInfo, in.LookMemberInfo)
	set(&g.applyMemberFriend, in.ApplyMemberFriend)
	c.changed(groupMemberVersion, g.groupID, updated, groupChange)
	if in.Notification != nil && *in.Notification != "" {
		g.notificationUpdateTime, g.notificationUserID = c.nowMilli(), c.userID
		c.markGroup(g.groupID, keys(c.members[g.groupID]), announcement)
		c.tellGroup(g.groupID, noteAnnouncement, c.groupTips(g), nil)
	}
	if in.GroupName != nil {
		c.tellGroup(g.groupID, noteGroupName, c.groupTips(g), nil)
	}
	if in.Introduction != nil || in.FaceURL != nil || in.Ex != nil || in.NeedVerification != nil || in.LookMemberInfo != nil || in.ApplyMemberFriend != nil {
		c.tellGroup(g.groupID, noteGroupInfo, c.groupTips(g), nil)
	}
	return nil
}

type dismissReq struct {
	GroupID      string
	DeleteMember bool
	SendMessage  *bool
}

func (r dismissReq) check() error { return required("groupID", r.GroupID) }

// dismissGroup keeps the members, unless it is told to delete them: then nobody is the
// owner, and no further dismissal finds one.
func dismissGroup(c *call, req dismissReq) (any, error) {
	owner := c.ownerOf(req.GroupID)
	if owner == "" {
		return nil, notFound("the group has no owner")
	}
	if err := c.self(owner); err != nil {
		return nil, err
	}
	g, ok := c.groups.get(req.GroupID)
	switch {
	case !ok:
		return nil, notFound("group not found")
	case !req.DeleteMember && g.status == groupDismissed:
		return nil, fail(codeDismissed, "group status is dismissed")
	}
	g.status = groupDismissed
	if req.DeleteMember {
		c.removeMembers(g.groupID, keys(c.members[g.groupID]))
		return nil, nil
	}
	c.changed(groupMemberVersion, g.groupID, updated, groupChange)
	c.tellGroup(g.groupID, noteGroupDismissed, c.groupTips(g), req.SendMessage)
	return nil, nil
}
