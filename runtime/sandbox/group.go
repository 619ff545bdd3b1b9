package sandbox

import (
	"slices"
	"strings"
)

// The area group (SERVER-BEHAVIOUR §6). Members are in groupmember.go, muting and roles
// in grouprole.go, requests in grouprequest.go, sync in groupsync.go.
func groupEndpoints() []endpoint {
	return []endpoint{
		{path: "/group/create_group", run: handle(createGroup)},
		{path: "/group/set_group_info", run: handle(setGroupInfo)},
		{path: "/group/set_group_info_ex", run: handle(setGroupInfoEx)},
		{path: "/group/get_groups_info", run: handle(getGroupsInfo)},
		{path: "/group/get_groups", run: handle(getGroups)},
		{path: "/group/get_group_abstract_info", run: handle(getGroupAbstract)},
		{path: "/group/dismiss_group", run: handle(dismissGroup)},

		{path: "/group/get_joined_group_list", run: handle(getJoinedGroups)},
		{path: "/group/get_group_members_info", run: handle(getMembersInfo)},
		{path: "/group/get_group_member_list", run: handle(getMemberList)},
		{path: "/group/get_group_member_user_id", run: handle(getMemberIDs)},
		{path: "/group/invite_user_to_group", run: handle(inviteToGroup)},
		{path: "/group/kick_group", run: handle(kickFromGroup)},
		{path: "/group/quit_group", run: handle(quitGroup)},

		{path: "/group/transfer_group", run: handle(transferGroup)},
		{path: "/group/set_group_member_info", run: handle(setMemberInfo)},
		{path: "/group/mute_group_member", run: handle(muteMember)},
		{path: "/group/cancel_mute_group_member", run: handle(unmuteMember)},
		{path: "/group/mute_group", run: handle(muteGroup)},
		{path: "/group/cancel_mute_group", run: handle(unmuteGroup)},

		{path: "/group/join_group", run: handle(joinGroup)},
		{path: "/group/group_application_response", run: handle(respondGroup)},
		{path: "/group/get_recv_group_applicationList", run: handle(getReceivedGroupRequests)},
		{path: "/group/get_user_req_group_applicationList", run: handle(getOwnGroupRequests)},
		{path: "/group/get_group_users_req_application_list", run: handle(getGroupUsersRequests)},
		{path: "/group/get_specified_user_group_request_info", run: handle(getSpecifiedGroupRequest)},
		{path: "/group/get_group_application_unhandled_count", run: handle(countUnhandledGroupRequests)},

		{path: "/group/get_incremental_group_members", run: handle(getIncrementalMembers)},
		{path: "/group/get_incremental_group_members_batch", run: handle(getIncrementalMembersBatch)},
		{path: "/group/get_full_group_member_user_ids", run: handle(getFullMemberIDs)},
		{path: "/group/get_incremental_join_groups", run: handle(getIncrementalJoins)},
		{path: "/group/get_full_join_group_ids", run: handle(getFullJoinIDs)},
	}
}

// Values of a group's status.
const (
	groupNormal    = 0
	groupDismissed = 2
	groupMuted     = 3
)

const workingGroup = 2 // the one groupType that can be made

// groupInfo is sdkws.GroupInfo as JSON.
type groupInfo struct {
	GroupID                string `json:"groupID"`
	GroupName              string `json:"groupName"`
	Notification           string `json:"notification"`
	Introduction           string `json:"introduction"`
	FaceURL                string `json:"faceURL"`
	OwnerUserID            string `json:"ownerUserID"`
	CreateTime             int64  `json:"createTime"`
	MemberCount            int    `json:"memberCount"`
	Ex                     string `json:"ex"`
	Status                 int32  `json:"status"`
	CreatorUserID          string `json:"creatorUserID"`
	GroupType              int32  `json:"groupType"`
	NeedVerification       int32  `json:"needVerification"`
	LookMemberInfo         int32  `json:"lookMemberInfo"`
	ApplyMemberFriend      int32  `json:"applyMemberFriend"`
	NotificationUpdateTime int64  `json:"notificationUpdateTime"`
	NotificationUserID     string `json:"notificationUserID"`
}

func (st *state) groupInfo(g *group) groupInfo {
	return groupInfo{
		GroupID: g.groupID, GroupName: g.groupName, Notification: g.notification, Introduction: g.introduction,
		FaceURL: g.faceURL, OwnerUserID: st.ownerOf(g.groupID), CreateTime: g.createTime, MemberCount: st.members[g.groupID].len(),
		Ex: g.ex, Status: g.status, CreatorUserID: g.creatorUserID, GroupType: g.groupType, NeedVerification: g.needVerification,
		LookMemberInfo: g.lookMemberInfo, ApplyMemberFriend: g.applyMemberFriend,
		NotificationUpdateTime: g.notificationUpdateTime, NotificationUserID: g.notificationUserID,
	}
}

// groupInfos are those of a list of ids, unknown ones left out.
func (st *state) groupInfos(ids []string) []groupInfo {
	var out []groupInfo
	for _, id := range distinct(ids) {
		if g, ok := st.groups.get(id); ok {
			out = append(out, st.groupInfo(g))
		}
	}
	return out
}

// group finds a group that isn't dismissed.
func (st *state) group(id string) (*group, error) {
	g, ok := st.groups.get(id)
	switch {
	case !ok:
		return nil, notFound("group not found")
	case g.status == groupDismissed:
		return nil, fail(codeDismissed, "group dismissed")
	}
	return g, nil
}

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
		applyMemberFriend: in.ApplyMemberFriend, createTime: nowMilli(), notificationUpdateTime: in.NotificationUpdateTime,
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
		g.notificationUpdateTime, g.notificationUserID = nowMilli(), c.userID
		c.markGroup(g.groupID, keys(c.members[g.groupID]), announcement)
		c.tellGroup(g.groupID, noteAnnouncement, c.groupTips(g), nil)
	}
	if in.GroupName != nil {
		c.tellGroup(g.groupID, noteGroupName, c.groupTips(g), nil)
	}
	return nil
}

type groupIDsReq struct{ GroupIDs []string }

func (r groupIDsReq) check() error { return requiredIf(len(r.GroupIDs) == 0, "groupIDs") }

// getGroupsInfo shows dismissed groups too.
func getGroupsInfo(c *call, req groupIDsReq) (any, error) {
	return struct {
		GroupInfos []groupInfo `json:"groupInfos"`
	}{c.groupInfos(req.GroupIDs)}, nil
}

type getGroupsReq struct {
	paged
	GroupName, GroupID string
}

// getGroups lists the newest first. An id is taken exactly and finds dismissed groups;
// a name is an expression that minds case, and dismissed groups are left out.
func getGroups(c *call, req getGroupsReq) (any, error) {
	type row struct {
		GroupInfo          groupInfo `json:"groupInfo"`
		GroupOwnerUserName string    `json:"groupOwnerUserName"` // mostly "": only a name of its own in the group
		GroupOwnerUserID   string    `json:"groupOwnerUserID"`
	}
	var found []*group
	if req.GroupID != "" {
		if g, ok := c.groups.get(req.GroupID); ok {
			found = append(found, g)
		}
	} else {
		name, err := caseSensitive(req.GroupName)
		if err != nil {
			return nil, err
		}
		for _, g := range c.groups.all() {
			if g.status != groupDismissed && (req.GroupName == "" || name.MatchString(g.groupName)) {
				found = append(found, g)
			}
		}
		slices.Reverse(found)
	}
	total := len(found)
	if req.GroupID == "" {
		found = pageOf(found, req.Pagination)
	}
	var rows []row
	for _, g := range found {
		r := row{GroupInfo: c.groupInfo(g), GroupOwnerUserID: c.ownerOf(g.groupID)}
		if owner, ok := c.members[g.groupID].get(r.GroupOwnerUserID); ok {
			r.GroupOwnerUserName = owner.nickname
		}
		rows = append(rows, r)
	}
	return struct {
		Total  int   `json:"total"`
		Groups []row `json:"groups"`
	}{total, rows}, nil
}

type abstractReq struct{ GroupIDs []string }

func (r abstractReq) check() error {
	return first(requiredIf(len(r.GroupIDs) == 0, "groupIDs"), tooMany("groupIDs", len(r.GroupIDs)))
}

func getGroupAbstract(c *call, req abstractReq) (any, error) {
	type abstract struct {
		GroupID             string `json:"groupID"`
		GroupMemberNumber   int    `json:"groupMemberNumber"`
		GroupMemberListHash uint64 `json:"groupMemberListHash"`
	}
	if repeated(req.GroupIDs) {
		return nil, repeatedParameter("groupIDs")
	}
	for _, id := range req.GroupIDs {
		if err := c.inGroup(id); err != nil {
			return nil, err
		}
	}
	var out []abstract
	for _, id := range req.GroupIDs {
		if c.members[id].len() == 0 {
			return nil, fail(codeGroupIDNotFound, "not found group "+id)
		}
		ids := keys(c.members[id])
		slices.Sort(ids)
		out = append(out, abstract{id, len(ids), idHash(ids)})
	}
	return struct {
		GroupAbstractInfos []abstract `json:"groupAbstractInfos"`
	}{out}, nil
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
