package sandbox

import "slices"

type sortedReq struct {
	pagedUserReq
	ConversationIDs []string
}

func (r sortedReq) check() error { return first(required("userID", r.UserID), r.Pagination.check()) }

type conversationElem struct {
	ConversationID string       `json:"conversationID"`
	RecvMsgOpt     int32        `json:"recvMsgOpt"`
	UnreadCount    int64        `json:"unreadCount"`
	IsPinned       bool         `json:"IsPinned"` // so spelt
	MsgInfo        *lastMessage `json:"msgInfo"`
}

type lastMessage struct {
	ServerMsgID       string `json:"serverMsgID"`
	ClientMsgID       string `json:"clientMsgID"`
	SessionType       int32  `json:"sessionType"`
	SendID            string `json:"sendID"`
	RecvID            string `json:"recvID"`
	SenderName        string `json:"senderName"`
	FaceURL           string `json:"faceURL"`
	GroupID           string `json:"groupID"`
	GroupName         string `json:"groupName"`
	GroupFaceURL      string `json:"groupFaceURL"`
	GroupType         int32  `json:"groupType"`
	GroupMemberCount  int    `json:"groupMemberCount"`
	LatestMsgRecvTime int64  `json:"LatestMsgRecvTime"` // so spelt
	MsgFrom           int32  `json:"msgFrom"`
	ContentType       int32  `json:"contentType"`
	Content           string `json:"content"`
	Ex                string `json:"ex"`
}

// getSortedConversations puts the pinned ones first, each part latest first. Of two
// with the same last time one overwrites the other, as on the real server.
func getSortedConversations(c *call, req sortedReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	ids := req.ConversationIDs
	if len(ids) == 0 {
		ids = keys(c.conversations[req.UserID])
	}
	conversations := c.conversationsOf(req.UserID, ids)
	if len(conversations) == 0 {
		return nil, notFound("")
	}
	var total, unread int64
	pinned, others := map[int64]conversationElem{}, map[int64]conversationElem{}
	for i := range conversations {
		conv := &conversations[i]
		newest := c.maxSeq(conv.ConversationID)
		e := conversationElem{
			ConversationID: conv.ConversationID, RecvMsgOpt: conv.RecvMsgOpt, IsPinned: conv.IsPinned,
			UnreadCount: newest - c.readSeq(conv.ConversationID, req.UserID),
		}
		unread += e.UnreadCount
		last := conv.createTime
		if m := c.messages[conv.ConversationID].get(newest); m != nil {
			total++
			last = m.SendTime
			e.MsgInfo = c.lastMessage(m, req.UserID)
		}
		if conv.IsPinned {
			pinned[last] = e
		} else {
			others[last] = e
		}
	}
	return struct {
		ConversationTotal int64              `json:"conversationTotal"`
		UnreadTotal       int64              `json:"unreadTotal"`
		ConversationElems []conversationElem `json:"conversationElems"`
	}{total, unread, pageOf(append(latestFirst(pinned), latestFirst(others)...), req.Pagination)}, nil
}

func latestFirst(byTime map[int64]conversationElem) []conversationElem {
	var times []int64
	for t := range byTime {
		times = append(times, t)
	}
	slices.Sort(times)
	slices.Reverse(times)
	var out []conversationElem
	for _, t := range times {
		out = append(out, byTime[t])
	}
	return out
}

// lastMessage names the other side of a single chat, or the sender in a group.
func (st *state) lastMessage(m *message, userID string) *lastMessage {
	l := &lastMessage{
		ServerMsgID: m.ServerMsgID, ClientMsgID: m.ClientMsgID, SessionType: m.SessionType, SendID: m.SendID, RecvID: m.RecvID,
		GroupID: m.GroupID, LatestMsgRecvTime: m.SendTime, MsgFrom: m.MsgFrom, ContentType: m.ContentType,
		Content: string(m.Content), Ex: m.Ex,
	}
	other := m.SendID
	if m.SessionType == singleChat && m.SendID == userID {
		other = m.RecvID
	}
	if u, ok := st.users.get(other); ok && m.SessionType != notificationChat {
		l.SenderName = u.Nickname
		if m.SessionType == singleChat {
			l.FaceURL = u.FaceURL
		}
	}
	if g, ok := st.groups.get(m.GroupID); ok {
		l.GroupName, l.GroupFaceURL, l.GroupType = g.groupName, g.faceURL, g.groupType
		l.GroupMemberCount = st.members[g.groupID].len()
	}
	return l
}
