package sandbox

import "encoding/json"

// What notifications tell, where it is more than one place's matter (protocol:
// sdkws.proto, the messages ...Tips).

// fromTo is sdkws.FromToUserID.
type fromTo struct {
	FromUserID string `json:"fromUserID"`
	ToUserID   string `json:"toUserID"`
}

// fromToTips is what most notifications between two users tell.
type fromToTips struct {
	FromToUserID fromTo             `json:"fromToUserID"`
	HandleMsg    string             `json:"handleMsg,omitempty"`
	Request      *friendRequestInfo `json:"request,omitempty"`
	FriendIDs    []string           `json:"friendIDs,omitempty"`
}

// versioned adds the version that a change made, so that a client that has the one
// before needs no sync.
func (st *state) versioned(kind versionKind, owner string, tips any) json.RawMessage {
	text, err := json.Marshal(tips)
	if err != nil {
		panic(err) // plain data always encodes
	}
	log := st.versionLog(kind, owner)
	version, err := json.Marshal(map[string]any{versionNames[kind]: log.version, versionNames[kind] + "ID": log.id})
	if err != nil {
		panic(err)
	}
	return append(append(text[:len(text)-1], ','), version[1:]...)
}

// versionNames are the names of versions in tips.
var versionNames = map[versionKind]string{friendVersion: "friendVersion", groupMemberVersion: "groupMemberVersion"}

// tellFriends tells the one who asked that they are friends now, in the name of the
// one who was asked.
func (c *call) tellFriends(from, to, handleMsg string) {
	tips := fromToTips{FromToUserID: fromTo{from, to}, HandleMsg: handleMsg, Request: c.friendRequestTip(from, to)}
	c.tellUser(to, from, noteFriendApproved, c.versioned(friendVersion, from, tips))
}

// friendRequestTip is the request of one user to another, nil if there is none.
func (st *state) friendRequestTip(from, to string) *friendRequestInfo {
	r, ok := st.received[to].get(from)
	if !ok {
		return nil
	}
	return &st.friendRequestInfos([]*friendRequest{r})[0]
}

// tellRequest tells one side of a request to be friends about it.
func (c *call) tellRequest(from, to string, contentType int32, r *friendRequest) {
	c.tellUser(from, to, contentType, fromToTips{
		FromToUserID: fromTo{r.fromUserID, r.toUserID}, HandleMsg: r.handleMsg, Request: c.friendRequestTip(r.fromUserID, r.toUserID),
	})
}

// tellOwner tells a user's own connections of a change of its friends.
func (c *call) tellOwner(owner, friend string, contentType int32) {
	c.tellUser(owner, friend, contentType, c.versioned(friendVersion, owner, fromToTips{FromToUserID: fromTo{owner, friend}}))
}

// userIDTips is what notifications about a user tell.
type userIDTips struct {
	UserID string `json:"userID"`
}

// userChanged tells a user's connections, those who have it as a friend, and its groups.
func (c *call) userChanged(u *user) {
	c.tellUser(c.userID, u.UserID, noteUserInfo, userIDTips{u.UserID})
	for other := range c.friends[u.UserID].all() {
		if c.areFriends(other, u.UserID) {
			c.changed(friendVersion, other, updated, u.UserID)
			c.tellUser(c.userID, other, noteFriendInfo, userIDTips{u.UserID})
		}
	}
	for groupID, m := range c.joined[u.UserID].all() {
		if m.nickname == "" || m.faceURL == "" {
			c.changed(groupMemberVersion, groupID, updated, u.UserID)
			c.tellMember(m, noteMemberInfo)
		}
	}
}

// tellMember tells a group of a change of one of its members.
func (c *call) tellMember(m *member, contentType int32) {
	g, ok := c.groups.get(m.groupID)
	if !ok {
		return
	}
	c.tellGroup(m.groupID, contentType, struct {
		Group       groupInfo   `json:"group"`
		OpUser      *memberInfo `json:"opUser"`
		ChangedUser memberInfo  `json:"changedUser"`
	}{c.groupInfo(g), c.operator(g.groupID), c.memberInfo(m)}, nil)
}

// tellJoin tells the managers of a group, and the applicant, of a request to join or of
// the answer to it.
func (c *call) tellJoin(r *groupRequest, contentType int32) {
	g, ok := c.groups.get(r.groupID)
	if !ok {
		return
	}
	info := c.groupRequestInfos([]*groupRequest{r})[0]
	managers := []string{}
	for id, m := range c.members[g.groupID].all() {
		if m.roleLevel >= roleAdmin {
			managers = append(managers, id)
		}
	}
	for _, id := range distinct(append(managers, r.userID)) {
		receiver := 1 // an admin
		if id == r.userID {
			receiver = 0
		}
		c.tellUser(c.userID, id, contentType, struct {
			Group      groupInfo        `json:"group"`
			OpUser     *memberInfo      `json:"opUser,omitempty"`
			Applicant  *publicUser      `json:"applicant"`
			ReqMsg     string           `json:"reqMsg"`
			HandleMsg  string           `json:"handleMsg"`
			ReceiverAs int              `json:"receiverAs"`
			Request    groupRequestInfo `json:"request"`
		}{c.groupInfo(g), c.operator(g.groupID), info.UserInfo, r.reqMsg, r.handledMsg, receiver, info})
	}
}

// tellConversations tells an owner's connections which of its conversations changed.
func (c *call) tellConversations(owner string, contentType int32, ids ...string) {
	if contentType == noteConversations {
		c.tellUser(owner, owner, contentType, struct {
			UserID             string   `json:"userID"`
			ConversationIDList []string `json:"conversationIDList"`
		}{owner, ids})
		return
	}
	c.tellUser(owner, owner, contentType, struct {
		UserID          string   `json:"userID"`
		ConversationIDs []string `json:"conversationIDs"`
	}{owner, ids})
}

// tellRead tells of a read position: the other side of a single chat, else only the
// reader's own connections.
func (c *call) tellRead(conv *conversation, seqs []int64, hasReadSeq int64) {
	to := conv.OwnerUserID
	if conv.ConversationType == singleChat {
		to = conv.UserID
	}
	c.tellUser(conv.OwnerUserID, to, noteRead, struct {
		MarkAsReadUserID string  `json:"markAsReadUserID"`
		ConversationID   string  `json:"conversationID"`
		Seqs             []int64 `json:"seqs"`
		HasReadSeq       int64   `json:"hasReadSeq"`
	}{conv.OwnerUserID, conv.ConversationID, seqs, hasReadSeq})
}

// tellChat sends a notification from a user to all of a chat.
func (c *call) tellChat(conv *conversation, contentType int32, tips any) {
	m := c.note(conv.OwnerUserID, contentType, tips)
	m.SessionType, m.RecvID = singleChat, conv.UserID
	if conv.ConversationType == groupChat {
		m.SessionType, m.GroupID, m.RecvID = groupChat, conv.GroupID, conv.GroupID
	}
	c.notify(m, nil)
}
