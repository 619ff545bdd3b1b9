package sandbox

import (
	"slices"
)

// The area conversation (SERVER-BEHAVIOUR §6). Setting is in conversationset.go, the
// sorted list in conversationsort.go.
func conversationEndpoints() []endpoint {
	return []endpoint{
		{path: "/conversation/get_all_conversations", reads: true, run: handle(getAllConversations)},
		{path: "/conversation/get_conversations", reads: true, run: handle(getConversations)},
		{path: "/conversation/get_conversation", reads: true, run: handle(getConversation)},
		{path: "/conversation/get_owner_conversation", reads: true, run: handle(getOwnerConversations)},
		{path: "/conversation/get_pinned_conversation_ids", reads: true, run: handle(getPinnedIDs)},
		{path: "/conversation/get_not_notify_conversation_ids", reads: true, run: handle(getNotNotifyIDs)},
		{path: "/conversation/get_full_conversation_ids", run: handle(getFullConversationIDs)},
		{path: "/conversation/get_incremental_conversations", run: handle(getIncrementalConversations)},
		{path: "/conversation/get_sorted_conversation_list", reads: true, run: handle(getSortedConversations)},
		{path: "/conversation/set_conversations", run: handle(setConversations)},
		{path: "/conversation/delete_conversations", newOnly: true, run: handle(deleteConversations)},
		{path: "/conversation/update_conversations_by_user", newOnly: true, run: handle(updateConversationsByUser)},
	}
}

// openConversation gives an owner a conversation, unless it is there.
func (st *state) openConversation(conv conversation) {
	t := inner(st.touched, st.conversations, conv.OwnerUserID)
	if t.has(conv.ConversationID) {
		return
	}
	conv.createTime = st.nowMilli()
	t.put(conv.ConversationID, &conv)
	st.changed(conversationVersion, conv.OwnerUserID, inserted, conv.ConversationID)
}

// openConversations makes the conversations of a chat at its first message: of both
// sides, of the receiver of a notification account, or of all members.
func (st *state) openConversations(conversationID string, m msgData) {
	open := func(owner, other string) {
		st.openConversation(conversation{
			OwnerUserID: owner, ConversationID: conversationID, ConversationType: m.SessionType, UserID: other,
		})
	}
	switch m.SessionType {
	case singleChat:
		open(m.SendID, m.RecvID)
		open(m.RecvID, m.SendID)
	case notificationChat:
		open(m.RecvID, m.SendID)
	case groupChat:
		st.openGroupConversations(m.GroupID, keys(st.members[m.GroupID]))
	}
}

// openGroupConversations opens those that aren't there, and lifts the upper bound that
// a former membership left.
func (st *state) openGroupConversations(groupID string, userIDs []string) {
	id := groupConversation(groupID)
	for _, userID := range userIDs {
		st.openConversation(conversation{
			OwnerUserID: userID, ConversationID: id, ConversationType: groupChat, GroupID: groupID,
		})
		st.boundConversation(id, userID, 0)
	}
}

// boundConversation sets the last seq that a user may see; 0 is no bound.
func (st *state) boundConversation(conversationID, userID string, maxSeq int64) {
	if log := st.messages[conversationID]; log != nil && (maxSeq != 0 || log.users[userID] != nil) {
		log.user(userID).maxSeq = maxSeq
	}
	if conv, ok := st.conversations[userID].get(conversationID); ok && conv.MaxSeq != maxSeq {
		conv.MaxSeq = maxSeq
		st.changed(conversationVersion, userID, updated, conversationID)
	}
}

func isPinned(conv *conversation) bool      { return conv.IsPinned }
func isNotNotified(conv *conversation) bool { return conv.RecvMsgOpt == notNotified }

// conversationIDs are the ids of an owner's conversations that are as wanted.
func (st *state) conversationIDs(owner string, want func(*conversation) bool) []string {
	var ids []string
	for id, conv := range st.conversations[owner].all() {
		if want(conv) {
			ids = append(ids, id)
		}
	}
	return ids
}

// conversationsOf are those out of a list of ids that an owner has.
func (st *state) conversationsOf(owner string, ids []string) []conversation {
	var out []conversation
	for _, id := range distinct(ids) {
		if conv, ok := st.conversations[owner].get(id); ok {
			out = append(out, *conv)
		}
	}
	return out
}

type conversationsAnswer struct {
	Conversations []conversation `json:"conversations"`
}

type ownerReq struct{ OwnerUserID string }

func (r ownerReq) check() error { return required("ownerUserID", r.OwnerUserID) }

func getAllConversations(c *call, req ownerReq) (any, error) {
	if err := c.self(req.OwnerUserID); err != nil {
		return nil, err
	}
	return conversationsAnswer{c.conversationsOf(req.OwnerUserID, keys(c.conversations[req.OwnerUserID]))}, nil
}

type getConversationsReq struct {
	OwnerUserID     string
	ConversationIDs []string
}

func (r getConversationsReq) check() error {
	return first(required("ownerUserID", r.OwnerUserID), requiredIf(r.ConversationIDs == nil, "conversationIDs"))
}

func getConversations(c *call, req getConversationsReq) (any, error) {
	if err := c.self(req.OwnerUserID); err != nil {
		return nil, err
	}
	return conversationsAnswer{c.conversationsOf(req.OwnerUserID, req.ConversationIDs)}, nil
}

type getConversationReq struct{ OwnerUserID, ConversationID string }

func (r getConversationReq) check() error {
	return first(required("conversationID", r.ConversationID), required("ownerUserID", r.OwnerUserID))
}

func getConversation(c *call, req getConversationReq) (any, error) {
	if err := c.self(req.OwnerUserID); err != nil {
		return nil, err
	}
	conv, ok := c.conversations[req.OwnerUserID].get(req.ConversationID)
	if !ok {
		return nil, notFound("conversation not found")
	}
	return struct {
		Conversation conversation `json:"conversation"`
	}{*conv}, nil
}

type ownerPageReq struct {
	UserID     string
	Pagination *pagination
}

// getOwnerConversations does not check the pagination: without one there are no rows.
func getOwnerConversations(c *call, req ownerPageReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	t := c.conversations[req.UserID]
	var page []conversation
	for _, conv := range t.page(req.Pagination) {
		page = append(page, *conv)
	}
	return struct {
		Total         int            `json:"total"`
		Conversations []conversation `json:"conversations"`
	}{t.len(), page}, nil
}

type conversationIDsAnswer struct {
	ConversationIDs []string `json:"conversationIDs"`
}

type anyUserReq struct{ UserID string } // may be empty

func getPinnedIDs(c *call, req anyUserReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	return conversationIDsAnswer{c.conversationIDs(req.UserID, isPinned)}, nil
}

// getNotNotifyIDs lists those of option 2 only.
func getNotNotifyIDs(c *call, req anyUserReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	return conversationIDsAnswer{c.conversationIDs(req.UserID, isNotNotified)}, nil
}

type fullConversationsReq struct {
	UserID string
	IDHash uint64
}

func getFullConversationIDs(c *call, req fullConversationsReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	full := c.fullIDs(conversationVersion, req.UserID, req.IDHash, keys(c.conversations[req.UserID]))
	return struct {
		fullAnswer
		ConversationIDs []string `json:"conversationIDs"`
	}{full.fullAnswer, full.ids}, nil
}

func getIncrementalConversations(c *call, req syncReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	ch := c.changes(conversationVersion, req.UserID, req)
	return struct {
		syncAnswer
		Insert []conversation `json:"insert"`
		Update []conversation `json:"update"`
	}{ch.answer(), c.conversationsOf(req.UserID, ch.inserted), c.conversationsOf(req.UserID, ch.updated)}, nil
}

type deleteConversationsReq struct {
	OwnerUserID     string
	NeedDeleteTime  int64 // days
	ConversationIDs []string
}

// deleteConversations takes either ids, or those silent for a number of days.
func deleteConversations(c *call, req deleteConversationsReq) (any, error) {
	if err := c.self(req.OwnerUserID); err != nil {
		return nil, err
	}
	if (req.NeedDeleteTime == 0) == (len(req.ConversationIDs) == 0) {
		return nil, argsError("exactly one of needDeleteTime and conversationIDs is needed")
	}
	ids := slices.Clone(req.ConversationIDs)
	if req.NeedDeleteTime != 0 {
		limit := c.now.AddDate(0, 0, -int(req.NeedDeleteTime)).UnixMilli()
		for id := range c.conversations[req.OwnerUserID].all() {
			log := c.messages[id]
			if log != nil && len(log.messages) > 0 && log.messages[len(log.messages)-1].SendTime < limit {
				ids = append(ids, id)
			}
		}
	}
	for _, id := range ids {
		if c.conversations[req.OwnerUserID].delete(id) {
			c.changed(conversationVersion, req.OwnerUserID, deleted, id)
		}
	}
	if len(ids) > 0 {
		c.tellConversations(req.OwnerUserID, noteConversationGone, ids...)
	}
	return nil, nil
}
