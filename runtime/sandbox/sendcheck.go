package sandbox

func isNotification(m *msgData) bool {
	return m.ContentType >= notificationBegin && m.ContentType <= notificationEnd
}

// verify makes the checks for the sender of the message, not for the caller.
func (c *call) verify(m *msgData) error {
	byAdmin := m.SendID == c.cfg.AdminUserID
	switch m.SessionType {
	case singleChat:
		if byAdmin || isNotification(m) {
			return nil
		}
		u, ok := c.users.get(m.SendID)
		switch {
		case !ok:
			return notFound("sender not found")
		case u.AppMangerLevel < systemLevel && c.blacks[m.RecvID].has(m.SendID):
			return fail(codeBlockedByPeer, "")
		}
	case groupChat:
		return c.verifyGroup(m, byAdmin)
	}
	return nil
}

func (c *call) verifyGroup(m *msgData, byAdmin bool) error {
	g, ok := c.groups.get(m.GroupID)
	switch {
	case !ok:
		return notFound("group not found")
	case g.status == groupDismissed && m.ContentType != noteGroupDismissed:
		return fail(codeDismissed, "")
	case byAdmin || isNotification(m):
		return nil
	}
	sender, ok := c.members[m.GroupID].get(m.SendID)
	switch {
	case !ok:
		return fail(codeNotInGroup, "")
	case sender.roleLevel == roleOwner:
		return nil
	case sender.muteEndTime >= c.nowMilli():
		return fail(codeMutedInGroup, "")
	case g.status == groupMuted && sender.roleLevel != roleAdmin:
		return fail(codeMutedGroup, "")
	}
	return nil
}

// Values of recvMsgOpt.
const (
	notReceived = 1
	notNotified = 2
)

// receives looks at the receiver's options.
func (c *call) receives(m *msgData) error {
	if isNotification(m) {
		return nil
	}
	u, ok := c.users.get(m.RecvID)
	if !ok {
		return notFound("receiver not found")
	}
	opt := u.GlobalRecvMsgOpt
	if conv, ok := c.conversations[m.RecvID].get(conversationOf(m)); ok && opt == 0 {
		opt = conv.RecvMsgOpt
	}
	switch opt {
	case notReceived:
		return argsError("message is not sent")
	case notNotified:
		options := map[string]bool{"offlinePush": false}
		for k, v := range m.Options {
			if k != "offlinePush" {
				options[k] = v
			}
		}
		m.Options = options
	}
	return nil
}
