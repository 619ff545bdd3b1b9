package sandbox

import (
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
		MsgFrom: fromSystem, ContentType: req.ContentType, Content: content, CreateTime: c.nowMilli(),
		SendTime: req.SendTime, OfflinePushInfo: req.OfflinePushInfo, Ex: req.Ex, Options: map[string]bool{},
	}
	if req.ContentType == contentAtText {
		m.AtUserIDList = texts(req.Content["atUserList"])
	}
	if req.IsOnlineOnly {
		for _, o := range []string{optHistory, optPersistent, optSenderSync, "conversationUpdate"} {
			m.Options[o] = false
		}
	}
	if req.NotOfflinePush {
		m.Options["offlinePush"] = false
	}
	return m, nil
}

// Options of a message; absent means yes.
const (
	optHistory    = "history" // it is stored
	optPersistent = "persistent"
	optSenderSync = "senderSync" // the sender's connections are pushed it too
)

// option tells whether an option holds.
func (m *msgData) option(name string) bool {
	on, given := m.Options[name]
	return on || !given
}

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
		m.SendTime = c.nowMilli()
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
	c.post(outgoing{conversationID: conversationOf(&m), data: m})
	if m.ContentType == contentAtText && m.SessionType == groupChat {
		c.markAt(&m)
	}
	return sendAnswer{m.ServerMsgID, m.ClientMsgID, m.SendTime}, nil
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
