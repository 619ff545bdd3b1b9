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
		inviterUserID: by, operatorUserID: by, joinTime: nowMilli(),
	}
	inner(st.members, groupID).put(userID, m)
	inner(st.joined, userID).put(groupID, m)
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

// operator is the caller as a member, nil if it is none.
func (c *call) operator(groupID string) *memberInfo {
	m, ok := c.members[groupID].get(c.userID)
	if !ok {
		return nil
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

// inviteBatch is how many are invited at a time: an existing member is a database
// error, and the batches before it stay.
const inviteBatch = 50

type inviteReq struct {
	GroupID        string
	InvitedUserIDs []string
	SendMessage    *bool
}

func (r inviteReq) check() error {
	return first(
		required("groupID", r.GroupID),
		requiredIf(len(r.InvitedUserIDs) == 0, "invitedUserIDs"),
		tooMany("invitedUserIDs", len(r.InvitedUserIDs)),
	)
}

func inviteToGroup(c *call, req inviteReq) (any, error) {
	if repeated(req.InvitedUserIDs) {
		return nil, repeatedParameter("userID")
	}
	g, err := c.group(req.GroupID)
	if err != nil {
		return nil, err
	}
	if err := c.inGroup(g.groupID); err != nil {
		return nil, err
	}
	if err := c.checkUsers(req.InvitedUserIDs...); err != nil {
		return nil, err
	}
	if g.needVerification == verifyAll && c.managesGroup(g.groupID) != nil {
		for _, id := range req.InvitedUserIDs {
			c.requestToJoin(&groupRequest{groupID: g.groupID, userID: id, joinSource: joinedByInvitation, inviterUserID: c.userID})
		}
		return nil, nil
	}
	for batch := range slices.Chunk(req.InvitedUserIDs, inviteBatch) {
		for _, id := range batch {
			if c.members[g.groupID].has(id) {
				return nil, duplicateKeyError("group_member")
			}
		}
		for _, id := range batch {
			c.addMember(g.groupID, id, roleMember, joinedByInvitation, c.userID)
		}
		c.welcome(g, batch, c.userID, req.SendMessage)
	}
	return nil, nil
}

// welcome opens the conversations of new members and tells the group of them.
func (c *call) welcome(g *group, ids []string, inviter string, sendMessage *bool) {
	c.openGroupConversations(g.groupID, ids)
	entrants := c.memberInfos(g.groupID, ids)
	if inviter == "" {
		c.tellGroup(g.groupID, noteMemberEnter, struct {
			Group       groupInfo  `json:"group"`
			EntrantUser memberInfo `json:"entrantUser"`
		}{c.groupInfo(g), entrants[0]}, sendMessage)
		return
	}
	c.tellGroup(g.groupID, noteMemberInvited, struct {
		Group           groupInfo    `json:"group"`
		OpUser          *memberInfo  `json:"opUser"`
		InvitedUserList []memberInfo `json:"invitedUserList"`
	}{c.groupInfo(g), c.operator(g.groupID), entrants}, sendMessage)
}

// leave takes members out: what is stored later they don't see.
func (c *call) leave(groupID string, ids []string) {
	c.removeMembers(groupID, ids)
	id := groupConversation(groupID)
	newest := c.maxSeq(id)
	for _, userID := range ids {
		c.boundConversation(id, userID, newest)
	}
}

type kickReq struct {
	GroupID       string
	KickedUserIDs []string
	SendMessage   *bool
}

func (r kickReq) check() error {
	return first(
		required("groupID", r.GroupID),
		requiredIf(r.KickedUserIDs == nil, "kickedUserIDs"),
		tooMany("kickedUserIDs", len(r.KickedUserIDs)),
	)
}

// kickFromGroup kicks all or nobody.
func kickFromGroup(c *call, req kickReq) (any, error) {
	g, ok := c.groups.get(req.GroupID)
	if !ok {
		return nil, notFound("group not found")
	}
	owner := c.ownerOf(g.groupID)
	switch {
	case len(req.KickedUserIDs) == 0:
		return nil, missingParameter("kickedUserIDs")
	case repeated(req.KickedUserIDs):
		return nil, repeatedParameter("kickedUserIDs")
	case slices.Contains(req.KickedUserIDs, c.userID):
		return nil, argsError("opUserID in KickedUserIDs")
	case owner == "":
		return nil, notFound("the group has no owner")
	case slices.Contains(req.KickedUserIDs, owner):
		return nil, argsError("the owner can not be kicked")
	}
	op, isMember := c.members[g.groupID].get(c.userID)
	for _, id := range req.KickedUserIDs {
		m, ok := c.members[g.groupID].get(id)
		switch {
		case !ok:
			return nil, fail(codeUserIDNotFound, id)
		case c.admin:
		case !isMember:
			return nil, noPermission("opUserID no in group")
		case op.roleLevel < roleAdmin, op.roleLevel == roleAdmin && m.roleLevel >= roleAdmin:
			return nil, noPermission("opUserID no permission")
		}
	}
	kicked := c.memberInfos(g.groupID, req.KickedUserIDs)
	c.leave(g.groupID, req.KickedUserIDs)
	c.tellGroup(g.groupID, noteMemberKicked, struct {
		Group          groupInfo    `json:"group"`
		OpUser         *memberInfo  `json:"opUser"`
		KickedUserList []memberInfo `json:"kickedUserList"`
	}{c.groupInfo(g), c.operator(g.groupID), kicked}, req.SendMessage)
	return nil, nil
}

type quitReq struct{ GroupID, UserID string }

func (r quitReq) check() error { return required("groupID", r.GroupID) }

func quitGroup(c *call, req quitReq) (any, error) {
	id := cmp.Or(req.UserID, c.userID)
	if err := c.self(id); err != nil {
		return nil, err
	}
	m, ok := c.members[req.GroupID].get(id)
	switch {
	case !ok:
		return nil, notFound("not a member of the group")
	case m.roleLevel == roleOwner:
		return nil, noPermission("group owner can't quit")
	}
	info := c.memberInfo(m)
	c.leave(req.GroupID, []string{id})
	g, ok := c.groups.get(req.GroupID)
	if !ok {
		return nil, nil
	}
	c.tellGroup(g.groupID, noteMemberQuit, struct {
		Group    groupInfo  `json:"group"`
		QuitUser memberInfo `json:"quitUser"`
	}{c.groupInfo(g), info}, nil)
	return nil, nil
}
