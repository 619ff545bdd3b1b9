package sandbox

import "slices"

type revokeReq struct {
	ConversationID, UserID string
	Seq                    int64
}

func (r revokeReq) check() error {
	if r.Seq < 1 {
		return argsError("seq is invalid")
	}
	return first(required("conversationID", r.ConversationID), required("userID", r.UserID))
}

func revokeMessage(c *call, req revokeReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	u, ok := c.users.get(req.UserID)
	if !ok {
		return nil, notFound("user not found")
	}
	if first, last := c.bounds(req.ConversationID, req.UserID); req.Seq < first || req.Seq > last {
		return nil, notFound("msg not found")
	}
	m := c.messages[req.ConversationID].get(req.Seq)
	if m == nil {
		m = &message{} // a seq whose message is gone
	}
	if m.revoked != nil {
		return nil, fail(codeAlreadyRevoked, "msg already revoke")
	}
	role, err := c.mayRevoke(m, u)
	if err != nil {
		return nil, err
	}
	m.revoked = &revocation{userID: u.UserID, nickname: u.Nickname, role: role, time: c.nowMilli()}
	c.tellRevoked(m, req.ConversationID)
	return nil, nil
}

// tellRevoked tells both sides or the group. The type of session is spelt so.
func (c *call) tellRevoked(m *message, conversationID string) {
	conv := conversation{OwnerUserID: m.revoked.userID, ConversationType: m.SessionType, UserID: m.RecvID, GroupID: m.GroupID}
	switch m.revoked.userID {
	case m.SendID:
	case m.RecvID:
		conv.UserID = m.SendID
	default:
		if m.SessionType != groupChat {
			conv.OwnerUserID = m.SendID // by an admin: it belongs to the chat all the same
		}
	}
	c.tellChat(&conv, noteRevoked, struct {
		RevokerUserID  string `json:"revokerUserID"`
		ClientMsgID    string `json:"clientMsgID"`
		RevokeTime     int64  `json:"revokeTime"`
		SessionType    int32  `json:"sesstionType"`
		Seq            int64  `json:"seq"`
		ConversationID string `json:"conversationID"`
		IsAdminRevoke  bool   `json:"isAdminRevoke"`
	}{m.revoked.userID, m.ClientMsgID, m.revoked.time, m.SessionType, m.Seq, conversationID, c.admin})
}

// mayRevoke gives the role in which a user revokes; an admin's isn't looked at.
func (c *call) mayRevoke(m *message, u *user) (int32, error) {
	if c.admin {
		return 0, nil
	}
	switch m.SessionType {
	case singleChat:
		return u.AppMangerLevel, c.self(m.SendID)
	case groupChat:
		self, isMember := c.members[m.GroupID].get(u.UserID)
		var role int32
		if isMember {
			role = self.roleLevel
		}
		sender, senderIn := c.members[m.GroupID].get(m.SendID)
		switch {
		case u.UserID == m.SendID, role == roleOwner, role == roleAdmin && (!senderIn || sender.roleLevel == roleMember):
			return role, nil
		}
		return 0, noPermission("no permission")
	}
	return 0, uncodedError("msg sessionType not supported")
}

// deleteSync says for whom a deletion holds: only for the user, or for everyone.
type deleteSync struct{ IsSyncSelf, IsSyncOther bool }

type clearReq struct {
	UserID          string
	ConversationIDs []string
	DeleteSyncOpt   deleteSync
}

func (r clearReq) check() error {
	return first(requiredIf(r.ConversationIDs == nil, "conversationIDs"), required("userID", r.UserID))
}

func clearConversations(c *call, req clearReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	c.clear(req.UserID, req.ConversationIDs, req.DeleteSyncOpt)
	return nil, nil
}

type clearAllReq struct {
	UserID        string
	DeleteSyncOpt deleteSync
}

func (r clearAllReq) check() error { return required("userID", r.UserID) }

func clearAllMessages(c *call, req clearAllReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	c.clear(req.UserID, keys(c.conversations[req.UserID]), req.DeleteSyncOpt)
	return nil, nil
}

// clear moves the first visible seq behind the newest one; messages stay stored.
func (c *call) clear(userID string, ids []string, sync deleteSync) {
	for _, id := range ids {
		conv, ok := c.conversations[userID].get(id)
		if !ok {
			continue
		}
		newest := c.maxSeq(id)
		log := c.conversationLog(id)
		if sync.IsSyncOther {
			log.minSeq = newest + 1
			c.tellChat(conv, noteCleared, struct {
				UserID          string   `json:"userID"`
				ConversationIDs []string `json:"conversationIDs"`
			}{userID, []string{id}})
		} else {
			log.user(userID).minSeq = newest + 1
			conv.MinSeq = newest + 1
			c.changed(conversationVersion, userID, updated, id)
		}
		c.readUpTo(id, userID, newest)
	}
	if sync.IsSyncSelf && !sync.IsSyncOther {
		c.tellConversations(userID, noteCleared, ids...)
	}
}

type deleteReq struct {
	UserID, ConversationID string
	Seqs                   []int64
	DeleteSyncOpt          deleteSync
}

func (r deleteReq) check() error {
	return first(
		required("conversationID", r.ConversationID),
		requiredIf(r.Seqs == nil, "seqs"),
		required("userID", r.UserID),
	)
}

func deleteMessages(c *call, req deleteReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	log := c.messages[req.ConversationID]
	tips := struct {
		UserID         string  `json:"userID"`
		ConversationID string  `json:"conversationID"`
		Seqs           []int64 `json:"seqs"`
	}{req.UserID, req.ConversationID, req.Seqs}
	if !req.DeleteSyncOpt.IsSyncOther {
		for _, seq := range req.Seqs {
			if m := log.get(seq); m != nil {
				if m.deletedBy == nil {
					m.deletedBy = map[string]bool{}
				}
				m.deletedBy[req.UserID] = true
			}
		}
		if req.DeleteSyncOpt.IsSyncSelf {
			c.tellUser(req.UserID, req.UserID, noteMessagesDeleted, tips)
		}
		return nil, nil
	}
	log.remove(req.Seqs)
	conv, ok := c.conversations[req.UserID].get(req.ConversationID)
	if !ok {
		return nil, notFound("conversation not found") // the messages are gone all the same
	}
	c.tellChat(conv, noteMessagesDeleted, tips)
	return nil, nil
}

// remove takes messages away for good; their seqs stay used.
func (log *conversationLog) remove(seqs []int64) {
	if log == nil {
		return
	}
	for _, seq := range seqs {
		if i, ok := log.find(seq); ok {
			log.touch(seq)
			log.messages = slices.Delete(log.messages, i, i+1)
		}
	}
}

type deleteBySeqReq struct {
	ConversationID string
	Seqs           []int64
}

// deletePhysicallyBySeq minds no missing message.
func deletePhysicallyBySeq(c *call, req deleteBySeqReq) (any, error) {
	c.messages[req.ConversationID].remove(req.Seqs)
	return nil, nil
}

type deletePhysicalReq struct {
	ConversationIDs []string
	Timestamp       int64
}

func (r deletePhysicalReq) check() error {
	return requiredIf(r.ConversationIDs == nil, "conversationIDs")
}

// deletePhysically compares seconds with milliseconds on the real server, and so
// deletes nothing, with success.
func deletePhysically(*call, deletePhysicalReq) (any, error) { return nil, nil }
