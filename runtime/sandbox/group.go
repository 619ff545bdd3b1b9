package sandbox

import "slices"

// The area group (SERVER-BEHAVIOUR §6). Making and changing a group is in groupset.go,
// members are in groupmember.go and groupinvite.go, muting and roles in grouprole.go,
// requests in grouprequest.go, sync in groupsync.go.
func groupEndpoints() []endpoint {
	return []endpoint{
		{path: "/group/create_group", run: handle(createGroup)},
		{path: "/group/set_group_info", run: handle(setGroupInfo)},
		{path: "/group/set_group_info_ex", run: handle(setGroupInfoEx)},
		{path: "/group/get_groups_info", reads: true, run: handle(getGroupsInfo)},
		{path: "/group/get_groups", reads: true, run: handle(getGroups)},
		{path: "/group/get_group_abstract_info", reads: true, run: handle(getGroupAbstract)},
		{path: "/group/dismiss_group", run: handle(dismissGroup)},

		{path: "/group/get_joined_group_list", reads: true, run: handle(getJoinedGroups)},
		{path: "/group/get_group_members_info", reads: true, run: handle(getMembersInfo)},
		{path: "/group/get_group_member_list", reads: true, run: handle(getMemberList)},
		{path: "/group/get_group_member_user_id", reads: true, run: handle(getMemberIDs)},
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
		{path: "/group/get_recv_group_applicationList", reads: true, run: handle(getReceivedGroupRequests)},
		{path: "/group/get_user_req_group_applicationList", reads: true, run: handle(getOwnGroupRequests)},
		{path: "/group/get_group_users_req_application_list", reads: true, run: handle(getGroupUsersRequests)},
		{path: "/group/get_specified_user_group_request_info", reads: true, run: handle(getSpecifiedGroupRequest)},
		{path: "/group/get_group_application_unhandled_count", reads: true, run: handle(countUnhandledGroupRequests)},

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
