package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"
)

// sendReq is the body of a send over REST.
type sendReq struct {
	SendID, GroupID, SenderNickname, SenderFaceURL, Ex string
	SenderPlatformID, ContentType, SessionType         int32
	Content                                            map[string]any
	IsOnlineOnly, NotOfflinePush                       bool
	SendTime                                           int64
	OfflinePushInfo                                    *offlinePush
}

func (r sendReq) check() error {
	return first(
		required("SendID", r.SendID),
		requiredIf((r.SessionType == writeGroup || r.SessionType == groupChat) && r.GroupID == "", "GroupID"),
		requiredIf(r.Content == nil, "Content"),
		requiredIf(r.ContentType == 0, "ContentType"),
		requiredIf(r.SessionType == 0, "SessionType"),
	)
}

type sendMsgReq struct {
	sendReq
	RecvID string
}

func (r sendMsgReq) check() error {
	return first(
		r.sendReq.check(),
		requiredIf((r.SessionType == singleChat || r.SessionType == notificationChat) && r.RecvID == "", "RecvID"),
	)
}

type sendAnswer struct {
	ServerMsgID string `json:"serverMsgID"`
	ClientMsgID string `json:"clientMsgID"`
	SendTime    int64  `json:"sendTime"`
}

// sendMsg answers before the message is stored, so it tells no seq.
func sendMsg(c *call, req sendMsgReq) (any, error) {
	m, err := c.prepare(req.sendReq)
	if err != nil {
		return nil, err
	}
	m.RecvID = req.RecvID
	answer, err := c.send(m)
	if err != nil {
		return nil, err
	}
	c.noteSent()
	return answer, nil
}

type batchSendReq struct {
	sendReq
	IsSendAll bool
	RecvIDs   []string
}

func (r batchSendReq) check() error {
	return first(r.sendReq.check(), requiredIf(r.RecvIDs == nil, "RecvIDs"))
}

// batchSendMsg tells failures by id only; all receivers share one clientMsgID.
func batchSendMsg(c *call, req batchSendReq) (any, error) {
	type result struct {
		sendAnswer
		RecvID string `json:"recvID"`
	}
	var out struct {
		Results       []result `json:"results"`
		FailedUserIDs []string `json:"failedUserIDs"`
	}
	m, err := c.prepare(req.sendReq)
	if err != nil {
		return nil, err
	}
	recvIDs := req.RecvIDs
	if req.IsSendAll {
		recvIDs = keys(c.users)
	}
	for _, id := range recvIDs {
		one := m
		one.RecvID = id
		answer, err := c.send(one)
		if err != nil {
			out.FailedUserIDs = append(out.FailedUserIDs, id)
			continue
		}
		out.Results = append(out.Results, result{answer, id})
	}
	return out, nil
}

// prepare makes a message of a request, after the rules of its content.
func (c *call) prepare(req sendReq) (msgData, error) {
	if req.ContentType == contentOANotification {
		req.SessionType = notificationChat
		u, ok := c.users.get(req.SendID)
		switch {
		case !ok:
			return msgData{}, fail(codeUserIDNotFound, "user not found")
		case u.AppMangerLevel < systemLevel:
			return msgData{}, noPermission("user is not a system account")
		}
	}
	if err := checkContent(req.ContentType, req.Content); err != nil {
		return msgData{}, err
	}
	content, err := json.Marshal(req.Content)
	if err != nil {
		return msgData{}, err
	}
	if req.ContentType == contentOANotification {
		content = notificationContent(req.Content)
	}
	m := msgData{
		SendID: req.SendID, GroupID: req.GroupID, ClientMsgID: c.messageID(), SenderPlatformID: req.SenderPlatformID,
		SenderNickname: req.SenderNickname, SenderFaceURL: req.SenderFaceURL, SessionType: req.SessionType,
		MsgFrom: fromSystem, ContentType: req.ContentType, Content: content, CreateTime: nowMilli(),
		SendTime: req.SendTime, OfflinePushInfo: req.OfflinePushInfo, Ex: req.Ex, Options: map[string]bool{},
	}
	if req.ContentType == contentAtText {
		m.AtUserIDList = texts(req.Content["atUserList"])
	}
	if req.IsOnlineOnly {
		for _, o := range []string{optHistory, "persistent", "senderSync", "conversationUpdate"} {
			m.Options[o] = false
		}
	}
	if req.NotOfflinePush {
		m.Options["offlinePush"] = false
	}
	return m, nil
}

// optHistory is the option that has a message stored; absent means yes.
const optHistory = "history"

// systemLevel is the lowest appMangerLevel of a system account, which may send
// notifications and is not stopped by black lists.
const systemLevel = 2

// send checks a message as the message service does and posts it.
func (c *call) send(m msgData) (sendAnswer, error) {
	if err := c.self(m.SendID); err != nil {
		return sendAnswer{}, err
	}
	m.ServerMsgID = c.messageID()
	if m.SendTime == 0 {
		m.SendTime = nowMilli()
	}
	if !slices.Contains([]int32{singleChat, groupChat, notificationChat}, m.SessionType) {
		return sendAnswer{}, argsError("unknown sessionType")
	}
	if err := c.verify(&m); err != nil {
		return sendAnswer{}, err
	}
	if m.SessionType == singleChat {
		if err := c.receives(&m); err != nil {
			return sendAnswer{}, err
		}
	}
	if stored, given := m.Options[optHistory]; stored || !given {
		c.post(conversationOf(&m), m)
	}
	if m.ContentType == contentAtText && m.SessionType == groupChat {
		c.markAt(&m)
	}
	return sendAnswer{m.ServerMsgID, m.ClientMsgID, m.SendTime}, nil
}

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
	case sender.muteEndTime >= nowMilli():
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

func sendStatusKey(operationID string) string { return "SEND_MSG_FAILED_FLAG:" + operationID }

// noteSent remembers the success of a send under its operationID.
func (c *call) noteSent() {
	key := sendStatusKey(c.operationID)
	if err := c.redis.Set(key, "2"); err != nil {
		c.log.Printf("%s: %v", key, err)
		return
	}
	c.redis.SetTTL(key, 24*time.Hour)
}

// checkSendStatus looks up the operationID of its own call: 2 is sent, 0 unknown.
func checkSendStatus(c *call, _ nothing) (any, error) {
	var status int32
	if v, err := c.redis.Get(sendStatusKey(c.operationID)); err == nil && v == "2" {
		status = 2
	}
	return struct {
		Status int32 `json:"status"`
	}{status}, nil
}

type simpleKey struct{ SendID, RecvID, GroupID string }

type simpleReq struct {
	SendID, Content, Ex string
	OfflinePushInfo     *offlinePush
}

func (r simpleReq) check() error { return required("Content", r.Content) }

// sendSimpleMsg answers a webhook: in a single chat from the key's receiver to its sender.
func sendSimpleMsg(c *call) (any, error) {
	text, err := base64.StdEncoding.DecodeString(c.r.URL.Query().Get("key"))
	if err != nil {
		return nil, argsError(err.Error())
	}
	if !c.r.URL.Query().Has("key") {
		return nil, argsError("missing key in query")
	}
	return handle(func(c *call, req simpleReq) (any, error) {
		var key simpleKey
		if err := json.Unmarshal(text, &key); err != nil {
			return nil, argsError(err.Error())
		}
		return c.sendSimple(key, req)
	})(c)
}

func (c *call) sendSimple(key simpleKey, req simpleReq) (any, error) {
	m := msgData{
		SendID: key.RecvID, RecvID: key.SendID, GroupID: key.GroupID, SessionType: singleChat, ClientMsgID: c.messageID(),
		SenderPlatformID: adminPlatform, MsgFrom: fromUser, ContentType: contentMarkdown, CreateTime: nowMilli(),
		OfflinePushInfo: req.OfflinePushInfo, Ex: req.Ex,
	}
	if key.GroupID != "" {
		m.SendID, m.RecvID, m.SessionType = req.SendID, "", groupChat
	}
	if err := first(requiredIf(key.SendID == "", "recvID or GroupID"), required("sendID", m.SendID)); err != nil {
		return nil, err
	}
	u, ok := c.users.get(m.SendID)
	if !ok {
		return nil, notFound("sender not found")
	}
	m.SenderNickname, m.SenderFaceURL = u.Nickname, u.FaceURL
	var err error
	if m.Content, err = json.Marshal(map[string]string{"content": req.Content}); err != nil {
		return nil, err
	}
	answer, err := c.send(m)
	if err != nil {
		return nil, err
	}
	c.noteSent()
	return answer, nil
}

type businessReq struct {
	Key, Data, SendUserID, RecvUserID, RecvGroupID string
	SendMsg                                        bool
	ReliabilityLevel                               *int
}

func (r businessReq) check() error { return required("SendUserID", r.SendUserID) }

// reliable has a notification stored in the notification conversation.
const reliable = 2

// sendBusinessNotification stores nothing but with sendMsg or a reliability of 2.
func sendBusinessNotification(c *call, req businessReq) (any, error) {
	switch {
	case req.RecvUserID == "" && req.RecvGroupID == "":
		return nil, argsError("recvUserID and recvGroupID cannot be empty at the same time")
	case req.RecvUserID != "" && req.RecvGroupID != "":
		return nil, argsError("recvUserID and recvGroupID cannot be set at the same time")
	case !c.admin:
		return nil, noPermission("only app manager can send message")
	}
	m := c.note(req.SendUserID, noteBusiness, struct {
		Key  string `json:"key"`
		Data string `json:"data"`
	}{req.Key, req.Data})
	m.RecvID, m.GroupID, m.SessionType = req.RecvUserID, req.RecvGroupID, singleChat
	if req.RecvGroupID != "" {
		m.SessionType = groupChat
	}
	if err := c.verify(&m); err != nil {
		return nil, err
	}
	if req.SendMsg {
		c.post(conversationOf(&m), m)
	}
	if req.ReliabilityLevel != nil && *req.ReliabilityLevel == reliable {
		c.post(notificationsOf(conversationOf(&m)), m)
	}
	return sendAnswer{m.ServerMsgID, m.ClientMsgID, m.SendTime}, nil
}
