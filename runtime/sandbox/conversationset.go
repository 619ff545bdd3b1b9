package sandbox

import (
	"maps"
	"slices"
)

// conversationReq is conversation.ConversationReq: null or absent leaves a field alone.
type conversationReq struct {
	ConversationID, UserID, GroupID       string
	ConversationType                      int32
	RecvMsgOpt, BurnDuration, GroupAtType *int32
	IsPinned, IsPrivateChat               *bool
	IsMsgDestruct                         *bool
	AttachedInfo, Ex                      *string
	MsgDestructTime                       *int64
}

type setConversationsReq struct {
	UserIDs      []string
	Conversation *conversationReq
}

func (r setConversationsReq) check() error {
	if r.Conversation == nil {
		return missingParameter("conversation")
	}
	c := r.Conversation
	return first(
		requiredIf(r.UserIDs == nil, "userIDs"),
		requiredIf(c.ConversationType == 0, "conversationType"),
		requiredIf(c.ConversationType == singleChat && c.UserID == "", "userID"),
		requiredIf(c.ConversationType == groupChat && c.GroupID == "", "groupID"),
	)
}

// setConversations does not check the id, and makes what is missing.
func setConversations(c *call, req setConversationsReq) (any, error) {
	for _, id := range req.UserIDs {
		if err := c.self(id); err != nil {
			return nil, err
		}
	}
	conv := req.Conversation
	if conv.ConversationType == writeGroup {
		g, ok := c.groups.get(conv.GroupID)
		if !ok {
			return nil, notFound("group not found")
		}
		if g.status == groupDismissed {
			return nil, fail(codeDismissed, "group dismissed")
		}
	}
	c.setConversation(req.UserIDs, conv)
	if conv.IsPrivateChat != nil && conv.ConversationType != groupChat {
		c.setPrivate(req.UserIDs, conv)
	}
	return nil, nil
}

// fill copies the fields that are given, and tells whether that changed something.
func (r *conversationReq) fill(conv *conversation) bool {
	before := *conv
	set(&conv.RecvMsgOpt, r.RecvMsgOpt)
	set(&conv.AttachedInfo, r.AttachedInfo)
	set(&conv.Ex, r.Ex)
	set(&conv.IsPinned, r.IsPinned)
	set(&conv.GroupAtType, r.GroupAtType)
	set(&conv.MsgDestructTime, r.MsgDestructTime)
	set(&conv.IsMsgDestruct, r.IsMsgDestruct)
	set(&conv.BurnDuration, r.BurnDuration)
	return *conv != before
}

// sets tells whether a field is given. The private flag goes another way.
func (r *conversationReq) sets() bool {
	return r.RecvMsgOpt != nil || r.AttachedInfo != nil || r.Ex != nil || r.IsPinned != nil || r.GroupAtType != nil ||
		r.MsgDestructTime != nil || r.IsMsgDestruct != nil || r.BurnDuration != nil
}

func (r *conversationReq) empty(owner string) conversation {
	return conversation{
		OwnerUserID: owner, ConversationID: r.ConversationID, ConversationType: r.ConversationType,
		UserID: r.UserID, GroupID: r.GroupID,
	}
}

// setConversation writes nothing when no field is given.
func (c *call) setConversation(owners []string, r *conversationReq) {
	if !r.sets() {
		return
	}
	for _, owner := range owners {
		if conv, ok := c.conversations[owner].get(r.ConversationID); ok {
			if r.fill(conv) {
				c.changed(conversationVersion, owner, updated, r.ConversationID)
				c.tellConversations(owner, noteConversations, r.ConversationID)
			}
			continue
		}
		conv := r.empty(owner)
		r.fill(&conv)
		c.openConversation(conv)
		c.tellConversations(owner, noteConversations, r.ConversationID)
	}
}

// setPrivate sets the private flag on both sides of a single chat.
func (c *call) setPrivate(owners []string, r *conversationReq) {
	for _, owner := range owners {
		for _, side := range [][2]string{{owner, r.UserID}, {r.UserID, owner}} {
			conv := r.empty(side[0])
			conv.UserID = side[1]
			c.openConversation(conv)
			mine, _ := c.conversations[side[0]].get(r.ConversationID)
			mine.IsPrivateChat = *r.IsPrivateChat
			c.changed(conversationVersion, side[0], updated, r.ConversationID)
		}
		m := c.note(owner, notePrivateChat, struct {
			RecvID         string `json:"recvID"`
			SendID         string `json:"sendID"`
			IsPrivate      bool   `json:"isPrivate"`
			ConversationID string `json:"conversationID"`
		}{r.UserID, owner, *r.IsPrivateChat, r.ConversationID})
		m.SessionType, m.RecvID = singleChat, r.UserID
		c.notify(m, nil)
	}
}

// Values of groupAtType.
const (
	atMe         = 1
	atAll        = 2
	atAllAtMe    = 3
	announcement = 4
)

const atAllTag = "AtAllTag" // stands for everyone in a list of ids

// markAt marks the conversations of the members that a message names.
func (c *call) markAt(m *msgData) {
	named := map[string]bool{}
	for _, id := range m.AtUserIDList {
		named[id] = true
	}
	byType := map[int32][]string{}
	for id := range c.members[m.GroupID].all() {
		switch {
		case named[atAllTag] && id == m.SendID:
		case named[atAllTag] && named[id]:
			byType[atAllAtMe] = append(byType[atAllAtMe], id)
		case named[atAllTag]:
			byType[atAll] = append(byType[atAll], id)
		case named[id]:
			byType[atMe] = append(byType[atMe], id)
		}
	}
	for _, at := range []int32{atMe, atAll, atAllAtMe} {
		c.markGroup(m.GroupID, byType[at], at)
	}
}

func (c *call) markGroup(groupID string, userIDs []string, at int32) {
	c.setConversation(userIDs, &conversationReq{
		ConversationID: groupConversation(groupID), ConversationType: groupChat, GroupID: groupID, GroupAtType: &at,
	})
}

type updateByUserReq struct {
	UserID string
	Ex     *string
}

// updateConversationsByUser sets ex on other people's conversations about a user.
func updateConversationsByUser(c *call, req updateByUserReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	if req.Ex == nil {
		return nil, nil
	}
	for _, owner := range slices.Sorted(maps.Keys(c.conversations)) {
		t := c.conversations[owner]
		for _, id := range []string{singleConversation(owner, req.UserID), accountConversation(owner, req.UserID)} {
			if conv, ok := t.get(id); ok && conv.UserID == req.UserID {
				conv.Ex = *req.Ex
				c.changed(conversationVersion, owner, updated, id)
				c.tellConversations(owner, noteConversations, id)
			}
		}
	}
	return nil, nil
}
