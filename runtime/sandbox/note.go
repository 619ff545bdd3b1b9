package sandbox

import "encoding/json"

// Content types of notifications that the shipped config also stores as messages of the
// chat; the others, and those switched off by sendMessage, are pushed and not stored.
const (
	noteFriendApproved   = 1201
	noteGroupCreated     = 1501
	noteMemberQuit       = 1504
	noteOwnerTransferred = 1507
	noteMemberKicked     = 1508
	noteMemberInvited    = 1509
	noteMemberEnter      = 1510
	noteGroupDismissed   = 1511
	noteMemberMuted      = 1512
	noteMemberUnmuted    = 1513
	noteGroupMuted       = 1514
	noteGroupUnmuted     = 1515
	noteAnnouncement     = 1519
	noteGroupName        = 1520
	notePrivateChat      = 1701
	noteBusiness         = 2001
	noteRevoked          = 2101

	notificationBegin = 1000
	notificationEnd   = 5000
)

const (
	fromUser   = 100 // msgFrom
	fromSystem = 200
)

// notificationContent wraps tips as the content of a notification.
func notificationContent(tips any) []byte {
	detail, err := json.Marshal(tips)
	if err != nil {
		panic(err) // plain data always encodes
	}
	content, err := json.Marshal(map[string]string{"detail": string(detail)})
	if err != nil {
		panic(err)
	}
	return content
}

// note is a notification as a message from one user.
func (c *call) note(sendID string, contentType int32, tips any) msgData {
	now := nowMilli()
	return msgData{
		SendID: sendID, ClientMsgID: c.messageID(), ServerMsgID: c.messageID(), MsgFrom: fromSystem,
		ContentType: contentType, Content: notificationContent(tips), CreateTime: now, SendTime: now,
		Options: map[string]bool{"offlinePush": false, "unreadCount": true},
	}
}

// tellGroup stores a notification as a message of the group, unless sendMessage says not to.
func (c *call) tellGroup(groupID string, contentType int32, tips any, sendMessage *bool) {
	if sendMessage != nil && !*sendMessage {
		return
	}
	m := c.note(c.userID, contentType, tips)
	m.SessionType, m.GroupID, m.RecvID = groupChat, groupID, groupID
	c.sendNote(m)
}

// tellFriends stores "you are friends now" as a message of their chat, sent by the one
// who was asked.
func (c *call) tellFriends(from, to, handleMsg string) {
	type pair struct {
		FromUserID string `json:"fromUserID"`
		ToUserID   string `json:"toUserID"`
	}
	m := c.note(to, noteFriendApproved, struct {
		FromToUserID pair   `json:"fromToUserID"`
		HandleMsg    string `json:"handleMsg"`
	}{pair{from, to}, handleMsg})
	m.SessionType, m.RecvID = singleChat, from
	c.sendNote(m)
}

// sendNote drops a notification that the message service refuses: nobody is told.
func (c *call) sendNote(m msgData) {
	if err := c.verify(&m); err != nil {
		c.log.Printf("notification %d not sent: %v", m.ContentType, err)
		return
	}
	c.post(outgoing{conversationID: conversationOf(&m), data: m})
}
