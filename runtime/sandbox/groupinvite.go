package sandbox

import (
	"cmp"
	"slices"
)

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
			r := &groupRequest{groupID: g.groupID, userID: id, joinSource: joinedByInvitation, inviterUserID: c.userID}
			c.requestToJoin(r)
			c.tellJoin(r, noteJoinApplied)
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
	}{c.groupInfo(g), c.operator(g.groupID), kicked}, req.SendMessage, req.KickedUserIDs...)
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
	}{c.groupInfo(g), info}, nil, id)
	return nil, nil
}
