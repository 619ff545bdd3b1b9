package sandbox

import "encoding/json"

// Content types of notifications.
const (
	noteFriendApproved   = 1201
	noteFriendRefused    = 1202
	noteFriendApplied    = 1203
	noteFriendDeleted    = 1205
	noteFriendRemark     = 1206
	noteBlackAdded       = 1207
	noteBlackRemoved     = 1208
	noteFriendInfo       = 1209
	noteFriendsUpdated   = 1210
	noteConversations    = 1300
	noteUserInfo         = 1303
	noteCommandAdded     = 1305
	noteCommandDeleted   = 1306
	noteCommandUpdated   = 1307
	noteGroupCreated     = 1501
	noteGroupInfo        = 1502
	noteJoinApplied      = 1503
	noteMemberQuit       = 1504
	noteJoinAccepted     = 1505
	noteJoinRefused      = 1506
	noteOwnerTransferred = 1507
	noteMemberKicked     = 1508
	noteMemberInvited    = 1509
	noteMemberEnter      = 1510
	noteGroupDismissed   = 1511
	noteMemberMuted      = 1512
	noteMemberUnmuted    = 1513
	noteGroupMuted       = 1514
	noteGroupUnmuted     = 1515
	noteMemberInfo       = 1516
	noteMemberAdmin      = 1517
	noteMemberOrdinary   = 1518
	noteAnnouncement     = 1519
	noteGroupName        = 1520
	notePrivateChat      = 1701
	noteCleared          = 1703
	noteConversationGone = 1704
	noteBusiness         = 2001
	noteRevoked          = 2101
	noteMessagesDeleted  = 2102
	noteRead             = 2200

	notificationBegin = 1000
	notificationEnd   = 5000
)

// noteKind is how the shipped config sends a notification (config/notification.yml;
// reliabilityLevel is 1 for all in there). The zero value is: pushed, not stored.
type noteKind struct {
	message  bool // isSendMsg: it is stored as a message of the chat too
	reliable bool // it is stored in the notification conversation
}

var noteKinds = map[int32]noteKind{
	noteFriendApproved:   {message: true},
	noteGroupCreated:     {message: true},
	noteMemberQuit:       {message: true},
	noteOwnerTransferred: {message: true},
	noteMemberKicked:     {message: true},
	noteMemberInvited:    {message: true},
	noteMemberEnter:      {message: true},
	noteGroupDismissed:   {message: true},
	noteMemberMuted:      {message: true},
	noteMemberUnmuted:    {message: true},
	noteGroupMuted:       {message: true},
	noteGroupUnmuted:     {message: true},
	noteAnnouncement:     {message: true},
	noteGroupName:        {message: true},
	notePrivateChat:      {message: true},
	noteRevoked:          {reliable: true}, // these three are fixed in the server
	noteMessagesDeleted:  {reliable: true},
	noteRead:             {reliable: true},
}

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
	now := c.nowMilli()
	return msgData{
		SendID: sendID, ClientMsgID: c.messageID(), ServerMsgID: c.messageID(), MsgFrom: fromSystem,
		ContentType: contentType, Content: notificationContent(tips), CreateTime: now, SendTime: now,
	}
}

// notify sends a notification of its kind; sendMessage may say otherwise whether it is
// a message too. One that the message service refuses is dropped: nobody is told.
func (c *call) notify(m msgData, sendMessage *bool, also ...string) {
	kind := noteKinds[m.ContentType]
	set(&kind.message, sendMessage)
	if err := c.notifyAs(m, kind, also...); err != nil {
		c.log.Printf("notification %d not sent: %v", m.ContentType, err)
	}
}

// notifyAs sends a notification in the notification conversation of the chat, and in
// the chat itself if it is a message too. A reliable one is stored there, any other
// only pushed. `also` are receivers who are no members of the group any more.
func (c *call) notifyAs(m msgData, kind noteKind, also ...string) error {
	if err := c.verify(&m); err != nil {
		return err
	}
	chat := conversationOf(&m)
	if kind.message {
		m.Options = map[string]bool{"offlinePush": false, "unreadCount": true}
		c.post(outgoing{conversationID: chat, data: m, also: also})
	}
	m.Options = map[string]bool{
		optHistory: kind.reliable, optPersistent: kind.reliable, optSenderSync: true, "isNotNotification": false, "isSendMsg": kind.message,
		"offlinePush": false, "unreadCount": false, "conversationUpdate": false, "senderConversationUpdate": false,
		"notPrivate": false, "reactionFromCache": false,
	}
	c.post(outgoing{conversationID: notificationsOf(chat), data: m, also: also})
	return nil
}

// tellUser sends a notification from one user to another.
func (c *call) tellUser(from, to string, contentType int32, tips any) {
	m := c.note(from, contentType, tips)
	m.SessionType, m.RecvID = singleChat, to
	c.notify(m, nil)
}

// tellGroup sends a notification to a group.
func (c *call) tellGroup(groupID string, contentType int32, tips any, sendMessage *bool, also ...string) {
	m := c.note(c.userID, contentType, c.versioned(groupMemberVersion, groupID, tips))
	m.SessionType, m.GroupID, m.RecvID = groupChat, groupID, groupID
	c.notify(m, sendMessage, also...)
}
