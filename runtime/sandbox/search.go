package sandbox

import (
	"time"
)

// docSize is the number of messages in a document of the collection msg (DATA-MODEL).
const docSize = 100

// doc is one document of messages of a chat that is searched.
type doc struct {
	log *conversationLog
	n   int64 // seqs n*docSize+1 and on
}

// messages are those of the document, in order.
func (d doc) messages() []*message {
	from, _ := d.log.find(d.n*docSize + 1)
	to, _ := d.log.find((d.n+1)*docSize + 1)
	return d.log.messages[from:to]
}

type searchReq struct {
	SendID, RecvID, SendTime string
	ContentType, SessionType int32
	Pagination               *pagination
}

// filter tells which messages are wanted.
func (r searchReq) filter() (func(*message) bool, error) {
	var from, to int64
	if r.SendTime != "" {
		day, err := time.Parse(time.DateOnly, r.SendTime)
		if err != nil {
			return nil, argsError("invalid sendTime: " + err.Error())
		}
		from, to = day.UnixMilli(), day.Add(24*time.Hour).UnixMilli()
	}
	return func(m *message) bool {
		return (r.SendID == "" || m.SendID == r.SendID) &&
			(r.RecvID == "" || m.RecvID == r.RecvID || m.GroupID == r.RecvID) &&
			(r.ContentType == 0 || m.ContentType == r.ContentType) &&
			(r.SessionType == 0 || m.SessionType == r.SessionType) &&
			(to == 0 || m.SendTime >= from && m.SendTime < to)
	}, nil
}

// The server goes over documents with a hit in batches, and once the page is full only
// some more batches, so that the number it tells is no full count then.
const (
	searchBatch       = 50
	searchExtraRounds = 10
)

// search finds a page of messages, oldest first, and a number of hits. The offset is
// computed in 32 bits: a huge page number wraps (SERVER-BEHAVIOUR §13).
func (st *state) search(want func(*message) bool, p *pagination) ([]*message, int) {
	if p == nil {
		p = &pagination{}
	}
	skip := int((p.PageNumber - 1) * p.ShowNumber)
	missing := int(p.ShowNumber)
	var found []*message
	count, hitDocs := 0, 0
	for _, d := range st.docs {
		hit := false
		for _, m := range d.messages() {
			if !want(m) {
				continue
			}
			hit = true
			if missing > 0 && count >= skip {
				found = append(found, m)
				missing--
			}
			count++
		}
		if !hit {
			continue
		}
		if hitDocs++; hitDocs%searchBatch == 0 && missing <= 0 {
			if missing--; missing < -searchExtraRounds {
				break
			}
		}
	}
	return found, count
}

type chatLog struct {
	ServerMsgID      string `json:"serverMsgID"`
	ClientMsgID      string `json:"clientMsgID"`
	SendID           string `json:"sendID"`
	RecvID           string `json:"recvID"`
	GroupID          string `json:"groupID"`
	RecvNickname     string `json:"recvNickname"`
	SenderPlatformID int32  `json:"senderPlatformID"`
	SenderNickname   string `json:"senderNickname"`
	SenderFaceURL    string `json:"senderFaceURL"`
	GroupName        string `json:"groupName"`
	SessionType      int32  `json:"sessionType"`
	MsgFrom          int32  `json:"msgFrom"`
	ContentType      int32  `json:"contentType"`
	Content          string `json:"content"`
	Status           int32  `json:"status"`
	SendTime         int64  `json:"sendTime"`
	CreateTime       int64  `json:"createTime"`
	Ex               string `json:"ex"`
	GroupFaceURL     string `json:"groupFaceURL"`
	GroupMemberCount int    `json:"groupMemberCount"`
	Seq              int64  `json:"seq"`
	GroupOwner       string `json:"groupOwner"`
	GroupType        int32  `json:"groupType"`
}

type searchRow struct {
	ChatLog   chatLog `json:"chatLog"`
	IsRevoked bool    `json:"isRevoked"`
}

// searchMessages has no access check, as on the real server.
func searchMessages(c *call, req searchReq) (any, error) {
	want, err := req.filter()
	if err != nil {
		return nil, err
	}
	found, count := c.search(want, req.Pagination)
	var rows []searchRow
	for _, m := range found {
		rows = append(rows, searchRow{c.chatLog(m), m.revoked != nil})
	}
	return struct {
		ChatLogs    []searchRow `json:"chatLogs"`
		ChatLogsNum int         `json:"chatLogsNum"`
	}{rows, count}, nil
}

// chatLog shows the content as plain text, also of a revoked message, and fills in
// names. In a group the picture of the sender is that of the group.
func (st *state) chatLog(m *message) chatLog {
	l := chatLog{
		ServerMsgID: m.ServerMsgID, ClientMsgID: m.ClientMsgID, SendID: m.SendID, RecvID: m.RecvID, GroupID: m.GroupID,
		SenderPlatformID: m.SenderPlatformID, SenderNickname: m.SenderNickname, SenderFaceURL: m.SenderFaceURL,
		SessionType: m.SessionType, MsgFrom: m.MsgFrom, ContentType: m.ContentType, Content: string(m.Content),
		Status: m.Status, SendTime: m.SendTime, CreateTime: m.CreateTime, Ex: m.Ex, Seq: m.Seq,
	}
	if u, ok := st.users.get(m.SendID); ok && l.SenderNickname == "" {
		l.SenderNickname = u.Nickname
	}
	if m.SessionType != groupChat {
		if u, ok := st.users.get(m.RecvID); ok {
			l.RecvNickname = u.Nickname
		}
		return l
	}
	if g, ok := st.groups.get(m.GroupID); ok {
		l.SenderFaceURL, l.RecvID, l.GroupName, l.GroupType = g.faceURL, g.groupID, g.groupName, g.groupType
		l.GroupMemberCount, l.GroupOwner = st.members[g.groupID].len(), st.ownerOf(g.groupID)
	}
	return l
}
