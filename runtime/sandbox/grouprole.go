package sandbox

import "time"

type transferReq struct{ GroupID, OldOwnerUserID, NewOwnerUserID string }

func (r transferReq) check() error {
	return first(
		required("groupID", r.GroupID),
		required("oldOwnerUserID", r.OldOwnerUserID),
		required("newOwnerUserID", r.NewOwnerUserID),
	)
}

// transferGroup swaps the roles. An admin may name a wrong old owner: then the group
// has two owners.
func transferGroup(c *call, req transferReq) (any, error) {
	g, err := c.group(req.GroupID)
	if err != nil {
		return nil, err
	}
	if req.OldOwnerUserID == req.NewOwnerUserID {
		return nil, argsError("OldOwnerUserID == NewOwnerUserID")
	}
	before, hasOld := c.members[g.groupID].get(req.OldOwnerUserID)
	after, hasNew := c.members[g.groupID].get(req.NewOwnerUserID)
	switch {
	case !hasOld || !hasNew:
		return nil, argsError("user not in group")
	case !c.admin && (c.userID != before.userID || before.roleLevel != roleOwner):
		return nil, noPermission("no permission transfer group owner")
	}
	if after.muteEndTime > c.nowMilli() {
		c.mute(g, after, 0)
	}
	before.roleLevel, after.roleLevel = after.roleLevel, roleOwner
	c.changed(groupMemberVersion, g.groupID, updated, before.userID, after.userID, sortChange)
	c.tellGroup(g.groupID, noteOwnerTransferred, struct {
		Group         groupInfo   `json:"group"`
		OpUser        *memberInfo `json:"opUser"`
		NewGroupOwner memberInfo  `json:"newGroupOwner"`
		OldGroupOwner string      `json:"oldGroupOwner"`
	}{c.groupInfo(g), c.operator(g.groupID), c.memberInfo(after), before.userID}, nil)
	return nil, nil
}

type muteMemberReq struct {
	GroupID, UserID string
	MutedSeconds    uint32
}

func (r muteMemberReq) check() error {
	return first(
		required("groupID", r.GroupID),
		required("userID", r.UserID),
		requiredIf(r.MutedSeconds == 0, "mutedSeconds"),
	)
}

func muteMember(c *call, req muteMemberReq) (any, error) {
	return c.setMute(req.GroupID, req.UserID, c.now.Add(time.Duration(req.MutedSeconds)*time.Second).UnixMilli())
}

type unmuteMemberReq struct{ GroupID, UserID string }

func (r unmuteMemberReq) check() error {
	return first(required("groupID", r.GroupID), required("userID", r.UserID))
}

func unmuteMember(c *call, req unmuteMemberReq) (any, error) {
	return c.setMute(req.GroupID, req.UserID, 0)
}

// setMute lets a manager mute those below it; an admin mutes anyone, the owner too.
func (c *call) setMute(groupID, userID string, end int64) (any, error) {
	m, ok := c.members[groupID].get(userID)
	if !ok {
		return nil, notFound("not a member of the group")
	}
	if !c.admin {
		op, ok := c.members[groupID].get(c.userID)
		switch {
		case !ok:
			return nil, notFound("not a member of the group")
		case m.roleLevel == roleOwner, m.roleLevel == roleAdmin && op.roleLevel != roleOwner, op.roleLevel < roleAdmin:
			return nil, noPermission("no permission to mute")
		}
	}
	g, ok := c.groups.get(groupID)
	if !ok {
		return nil, notFound("group not found")
	}
	c.mute(g, m, end)
	return nil, nil
}

// mute is until a time; 0 ends it.
func (c *call) mute(g *group, m *member, end int64) {
	m.muteEndTime = end
	c.changed(groupMemberVersion, g.groupID, updated, m.userID)
	contentType := int32(noteMemberMuted)
	if end == 0 {
		contentType = noteMemberUnmuted
	}
	c.tellGroup(g.groupID, contentType, struct {
		Group     groupInfo   `json:"group"`
		OpUser    *memberInfo `json:"opUser"`
		MutedUser memberInfo  `json:"mutedUser"`
	}{c.groupInfo(g), c.operator(g.groupID), c.memberInfo(m)}, nil)
}

func muteGroup(c *call, req groupIDReq) (any, error) {
	return nil, c.setGroupStatus(req.GroupID, groupMuted, noteGroupMuted)
}

// unmuteGroup brings a dismissed group back, as on the real server.
func unmuteGroup(c *call, req groupIDReq) (any, error) {
	return nil, c.setGroupStatus(req.GroupID, groupNormal, noteGroupUnmuted)
}

func (c *call) setGroupStatus(groupID string, status, contentType int32) error {
	if err := c.managesGroup(groupID); err != nil {
		return err
	}
	g, ok := c.groups.get(groupID)
	if !ok {
		return notFound("group not found")
	}
	g.status = status
	c.changed(groupMemberVersion, groupID, updated, groupChange)
	c.tellGroup(groupID, contentType, c.groupTips(g), nil)
	return nil
}

// roleNotes are the notifications of a new role.
var roleNotes = map[int32]int32{roleAdmin: noteMemberAdmin, roleMember: noteMemberOrdinary}

// memberSet is a change of a member: null leaves a field alone.
type memberSet struct {
	GroupID, UserID       string
	Nickname, FaceURL, Ex *string
	RoleLevel             *int32
}

type setMembersReq struct{ Members []*memberSet }

func (r setMembersReq) check() error {
	for _, m := range r.Members {
		if m == nil {
			return argsError("members holds a null")
		}
	}
	return first(requiredIf(r.Members == nil, "members"), tooMany("members", len(r.Members)))
}

// setMemberInfo changes all or none. An admin can demote the owner, which leaves a
// group without one.
func setMemberInfo(c *call, req setMembersReq) (any, error) {
	if len(req.Members) == 0 {
		return nil, missingParameter("members")
	}
	for _, m := range req.Members {
		switch {
		case m.RoleLevel == nil, *m.RoleLevel == roleAdmin, *m.RoleLevel == roleMember:
		case *m.RoleLevel == roleOwner:
			return nil, noPermission("an owner is made by transfer only")
		default:
			return nil, argsError("invalid role level")
		}
	}
	byGroup := newTable[string, []*memberSet]()
	for _, m := range req.Members {
		list, _ := byGroup.get(m.GroupID)
		byGroup.put(m.GroupID, append(list, m))
	}
	for groupID, list := range byGroup.all() {
		if err := c.checkMemberSets(groupID, list); err != nil {
			return nil, err
		}
	}
	for _, in := range req.Members {
		m, _ := c.members[in.GroupID].get(in.UserID)
		set(&m.nickname, in.Nickname)
		set(&m.faceURL, in.FaceURL)
		set(&m.ex, in.Ex)
		set(&m.roleLevel, in.RoleLevel)
		ids := []string{in.UserID}
		if in.RoleLevel != nil {
			ids = append(ids, sortChange)
		}
		c.changed(groupMemberVersion, in.GroupID, updated, ids...)
		if in.RoleLevel != nil {
			c.tellMember(m, roleNotes[*in.RoleLevel])
		}
		if in.Nickname != nil || in.FaceURL != nil || in.Ex != nil {
			c.tellMember(m, noteMemberInfo)
		}
	}
	return nil, nil
}

func (c *call) checkMemberSets(groupID string, list []*memberSet) error {
	seen := map[string]bool{}
	missing := 0
	for _, in := range list {
		if seen[in.UserID] {
			return argsError("repeat group " + groupID + " user " + in.UserID)
		}
		seen[in.UserID] = true
		if !c.members[groupID].has(in.UserID) {
			missing++
		}
	}
	op, isMember := c.members[groupID].get(c.userID)
	switch {
	case missing > 0:
		return argsError("user not in group")
	case c.admin:
		return nil
	case !isMember:
		return noPermission("user not in group")
	}
	for _, in := range list {
		if in.UserID == c.userID {
			if err := checkOwnRole(op, in); err != nil {
				return err
			}
			continue
		}
		m, _ := c.members[groupID].get(in.UserID)
		if op.roleLevel < roleAdmin || op.roleLevel == roleAdmin && m.roleLevel >= roleAdmin {
			return noPermission("no permission to change another member")
		}
	}
	return nil
}

// checkOwnRole keeps members from raising themselves, and the owner from stepping down.
func checkOwnRole(op *member, in *memberSet) error {
	switch {
	case in.RoleLevel == nil:
		return nil
	case *in.RoleLevel > op.roleLevel:
		return noPermission("can not improve role level by self")
	case op.roleLevel == roleOwner:
		return argsError("group owner can not change own role level")
	}
	return nil
}
