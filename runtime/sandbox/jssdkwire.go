package sandbox

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"

	"github.com/openimsdk/protocol/sdkws"
	"google.golang.org/protobuf/encoding/protowire"
)

// sdkCall takes a request as JSON, or as protobuf and then answers with a string of the
// answer's protobuf in base64; other content types are refused, elsewhere the server
// ignores them (REAL-CLIENTS §6).
func sdkCall[T any](parse func([]byte) (T, error), f func(*call, T) sdkAnswer) func(*call) (any, error) {
	asJSON := handle(func(c *call, req T) (any, error) { return f(c, req), nil })
	asProtobuf := func(c *call) (any, error) {
		body, err := io.ReadAll(io.LimitReader(c.r.Body, maxBody))
		if err != nil {
			return nil, argsError(err.Error())
		}
		req, err := parse(body)
		if err != nil {
			return nil, argsError(err.Error())
		}
		c.state.mu.Lock()
		defer c.state.mu.Unlock()
		c.state.now = c.clock()
		data, err := f(c, req).wire()
		return base64.StdEncoding.EncodeToString(data), err
	}
	return func(c *call) (any, error) {
		given := c.r.Header.Get("Content-Type")
		kind, _, err := mime.ParseMediaType(given)
		switch {
		case given == "", err == nil && kind == "application/json":
			return asJSON(c)
		case err == nil && (kind == "application/x-protobuf" || kind == "application/protobuf"):
			return asProtobuf(c)
		}
		return nil, argsError("unsupported content type " + given)
	}
}

// The protobuf of the package jssdk and of what it uses (protocol: jssdk.proto,
// conversation.proto, relation.proto).

func parseSDKConversations(data []byte) (sdkConversationsReq, error) {
	_, ids, err := userAndTexts(data)
	return sdkConversationsReq{ids}, err
}

func parseActive(data []byte) (activeReq, error) {
	var req activeReq
	return req, wireFields(data, func(n protowire.Number, number int64, _ []byte) error {
		if n == 2 {
			req.Count = number
		}
		return nil
	})
}

func (a sdkAnswer) wire() ([]byte, error) {
	w := wire{}
	w.number(1, a.UnreadCount)
	for _, conv := range a.Conversations {
		one, err := conv.wire()
		if err != nil {
			return nil, err
		}
		w.message(2, one)
	}
	return w, nil
}

func (c *sdkConversation) wire() ([]byte, error) {
	w := wire{}
	w.message(1, c.Conversation.wire())
	err := w.proto(2, c.LastMsg.proto())
	if c.User != nil {
		err = errors.Join(err, w.proto(3, c.User.proto()))
	}
	if c.Friend != nil {
		w.message(4, c.Friend.wire())
	}
	if c.Group != nil {
		err = errors.Join(err, w.proto(5, c.Group.proto()))
	}
	w.number(6, c.MaxSeq)
	w.number(7, c.ReadSeq)
	return w, err
}

func (c *conversation) wire() []byte {
	var w wire
	w.text(1, c.OwnerUserID)
	w.text(2, c.ConversationID)
	w.number(3, int64(c.RecvMsgOpt))
	w.number(4, int64(c.ConversationType))
	w.text(5, c.UserID)
	w.text(6, c.GroupID)
	w.flag(7, c.IsPinned)
	w.text(8, c.AttachedInfo)
	w.flag(9, c.IsPrivateChat)
	w.number(10, int64(c.GroupAtType))
	w.text(11, c.Ex)
	w.number(12, int64(c.BurnDuration))
	w.number(13, c.MinSeq)
	w.number(14, c.MaxSeq)
	w.number(15, c.MsgDestructTime)
	w.number(16, c.LatestMsgDestructTime)
	w.flag(17, c.IsMsgDestruct)
	return w
}

func (f *sdkFriend) wire() []byte {
	var w wire
	w.text(1, f.OwnerUserID)
	w.text(2, f.FriendUserID)
	w.text(3, f.Remark)
	w.number(4, f.CreateTime)
	w.number(5, int64(f.AddSource))
	w.text(6, f.OperatorUserID)
	w.text(7, f.Ex)
	w.flag(8, f.IsPinned)
	return w
}

func (u *user) proto() *sdkws.UserInfo {
	return &sdkws.UserInfo{
		UserID: u.UserID, Nickname: u.Nickname, FaceURL: u.FaceURL, Ex: u.Ex, CreateTime: u.CreateTime,
		AppMangerLevel: u.AppMangerLevel, GlobalRecvMsgOpt: u.GlobalRecvMsgOpt,
	}
}

func (g *groupInfo) proto() *sdkws.GroupInfo {
	return &sdkws.GroupInfo{
		GroupID: g.GroupID, GroupName: g.GroupName, Notification: g.Notification, Introduction: g.Introduction, FaceURL: g.FaceURL,
		OwnerUserID: g.OwnerUserID, CreateTime: g.CreateTime, MemberCount: uint32(g.MemberCount), Ex: g.Ex, Status: g.Status, //nolint:gosec // a count
		CreatorUserID: g.CreatorUserID, GroupType: g.GroupType, NeedVerification: g.NeedVerification, LookMemberInfo: g.LookMemberInfo,
		ApplyMemberFriend: g.ApplyMemberFriend, NotificationUpdateTime: g.NotificationUpdateTime, NotificationUserID: g.NotificationUserID,
	}
}
