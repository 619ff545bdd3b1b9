package sandbox

import (
	"cmp"
	"slices"
)

// Values of roleLevel.
const (
	roleMember = 20
	roleAdmin  = 60
	roleOwner  = 100
)

const joinedByInvitation = 2 // joinSource

// addMember is for users who are no members yet.
func (st *state) addMember(groupID, userID string, role, source int32, by string) {
	m := &member{
		groupID: groupID, userID: userID, roleLevel: role, joinSource: source,
		inviterUserID: by, operatorUserID: by, joinTime: st.nowMilli(),
	}
	inner(st.touched, st.members, groupID).put(userID, m)
	inner(st.touched, st.joined, userID).put(groupID, m)
	st.changed(groupMemberVersion, groupID, inserted, userID)
	st.changed(groupJoinVersion, userID, inserted, groupID)
}

func (st *state) removeMembers(groupID string, userIDs []string) {
	for _, id := range userIDs {
		st.members[groupID].delete(id)
		st.joined[id].delete(groupID)
		st.changed(groupJoinVersion, id, deleted, groupID)
	}
	st.changed(groupMemberVersion, groupID, deleted, userIDs...)
}

// ownerOf is "" for a group without an owner.
func (st *state) ownerOf(groupID string) string {
	for id, m := range st.members[groupID].all() {
		if m.roleLevel == roleOwner {
			return id
		}
	}
	return ""
}

// inGroup allows members and admins.
func (c *call) inGroup(groupID string) error {
	if c.admin || c.members[groupID].has(c.userID) {
		return nil
	}
	return noPermission("op user not in group")
}

// managesGroup allows the owner, group admins and admins.
func (c *call) managesGroup(groupID string) error {
	if c.admin {
		return nil
	}
	m, ok := c.members[groupID].get(c.userID)
	switch {
	case !ok:
		return noPermission("op user not in group")
	case m.roleLevel < roleAdmin:
		return noPermission("no group owner or admin")
	}
	return nil
}

// memberInfo is sdkws.GroupMemberFullInfo as JSON.
type memberInfo struct {
	GroupID        string `json:"groupID"`
	UserID         string `json:"userID"`
	RoleLevel      int32  `json:"roleLevel"`
	JoinTime       int64  `json:"joinTime"`
	Nickname       string `json:"nickname"`
	FaceURL        string `json:"faceURL"`
	AppMangerLevel int32  `json:"appMangerLevel"`
	JoinSource     int32  `json:"joinSource"`
	OperatorUserID string `json:"operatorUserID"`
	Ex             string `json:"ex"`
	MuteEndTime    int64  `json:"muteEndTime"`
	InviterUserID  string `json:"inviterUserID"`
}

// memberInfo takes the user's name and picture where the member has none of its own.
func (st *state) memberInfo(m *member) memberInfo {
	info := memberInfo{
		GroupID: m.groupID, UserID: m.userID, RoleLevel: m.roleLevel, JoinTime: m.joinTime, Nickname: m.nickname,
		FaceURL: m.faceURL, JoinSource: m.joinSource, OperatorUserID: m.operatorUserID, Ex: m.ex,
		MuteEndTime: m.muteEndTime, InviterUserID: m.inviterUserID,
	}
	if u, ok := st.users.get(m.userID); ok {
		info.Nickname = cmp.Or(info.Nickname, u.Nickname)
		info.FaceURL = cmp.Or(info.FaceURL, u.FaceURL)
	}
	return info
}

// memberInfos leaves out those who are no members.
func (st *state) memberInfos(groupID string, ids []string) []memberInfo {
	var out []memberInfo
	for _, id := range distinct(ids) {
		if m, ok := st.members[groupID].get(id); ok {
			out = append(out, st.memberInfo(m))
		}
	}
	return out
}

// operator is the caller as a member; an admin counts as one of the group's.
func (c *call) operator(groupID string) *memberInfo {
	m, ok := c.members[groupID].get(c.userID)
	if !ok {
		m = &member{groupID: groupID, userID: c.userID, operatorUserID: c.userID}
		if c.admin {
			m.roleLevel = roleAdmin
		}
	}
	info := c.memberInfo(m)
	return &info
}

type membersAnswer struct {
	Members []memberInfo `json:"members"`
}

type membersInfoReq struct {
	GroupID string
	UserIDs []string
}

func (r membersInfoReq) check() error {
	return first(required("groupID", r.GroupID), requiredIf(len(r.UserIDs) == 0, "userIDs"))
}

// getMembersInfo answers an admin with an empty list for an unknown group.
func getMembersInfo(c *call, req membersInfoReq) (any, error) {
	if err := c.inGroup(req.GroupID); err != nil {
		return nil, err
	}
	return membersAnswer{c.memberInfos(req.GroupID, req.UserIDs)}, nil
}

type memberListReq struct {
	paged
	GroupID, Keyword string
	Filter           int32
}

func (r memberListReq) check() error {
	if r.Filter < 0 || r.Filter > 5 {
		return argsError("filter is invalid")
	}
	return first(r.paged.check(), required("groupID", r.GroupID))
}

// getMemberList cuts pages by role, highest first. The filter is ignored and a keyword
// never matches, as on the real server.
func getMemberList(c *call, req memberListReq) (any, error) {
	if err := c.inGroup(req.GroupID); err != nil {
		return nil, err
	}
	var out struct {
		Total   int          `json:"total"`
		Members []memberInfo `json:"members"`
	}
	if req.Keyword != "" {
		return out, nil
	}
	out.Total = c.members[req.GroupID].len()
	members := make([]*member, 0, out.Total)
	for _, m := range c.members[req.GroupID].all() {
		members = append(members, m)
	}
	slices.SortStableFunc(members, func(a, b *member) int { return cmp.Compare(b.roleLevel, a.roleLevel) })
	for _, m := range pageOf(members, req.Pagination) {
		out.Members = append(out.Members, c.memberInfo(m))
	}
	return out, nil
}

type groupIDReq struct{ GroupID string }

func (r groupIDReq) check() error { return required("groupID", r.GroupID) }

func getMemberIDs(c *call, req groupIDReq) (any, error) {
	if err := c.inGroup(req.GroupID); err != nil {
		return nil, err
	}
	return struct {
		UserIDs []string `json:"userIDs"`
	}{keys(c.members[req.GroupID])}, nil
}

type joinedReq struct {
	paged
	FromUserID string
}

func (r joinedReq) check() error { return first(r.paged.check(), required("fromUserID", r.FromUserID)) }

// joinedGroupIDs are sorted by name without the dismissed ones, but only when there are
// two or more.
func (st *state) joinedGroupIDs(userID string) []string {
	ids := keys(st.joined[userID])
	if len(ids) < 2 {
		return ids
	}
	var groups []*group
	for _, id := range ids {
		if g, ok := st.groups.get(id); ok && g.status != groupDismissed {
			groups = append(groups, g)
		}
	}
	slices.SortStableFunc(groups, func(a, b *group) int { return cmp.Compare(a.groupName, b.groupName) })
	ids = nil
	for _, g := range groups {
		ids = append(ids, g.groupID)
	}
	return ids
}

func getJoinedGroups(c *call, req joinedReq) (any, error) {
	if err := c.self(req.FromUserID); err != nil {
		return nil, err
	}
	ids := c.joinedGroupIDs(req.FromUserID)
	return struct {
		Total  int         `json:"total"`
		Groups []groupInfo `json:"groups"`
	}{len(ids), c.groupInfos(pageOf(ids, req.Pagination))}, nil
}
