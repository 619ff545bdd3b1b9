package sandbox

import (
	"encoding/base64"
	"encoding/json"
)

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
		SenderPlatformID: adminPlatform, MsgFrom: fromUser, ContentType: contentMarkdown, CreateTime: c.nowMilli(),
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
	kind := noteKind{message: req.SendMsg, reliable: req.ReliabilityLevel != nil && *req.ReliabilityLevel == reliable}
	if err := c.notifyAs(m, kind); err != nil {
		return nil, err
	}
	return sendAnswer{m.ServerMsgID, m.ClientMsgID, m.SendTime}, nil
}
