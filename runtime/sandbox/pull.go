package sandbox

// Values of a message's status.
const (
	statusSending = 1
	statusSent    = 2
	statusDeleted = 4 // it is gone, for the one who asks or for all
)

// view is a message as a user sees it: deleted ones without content, revoked ones as
// the notice of their revocation.
func (m *message) view(userID string) msgData {
	v := m.msgData
	if m.deletedBy[userID] {
		v.Content, v.Status = nil, statusDeleted
	}
	if r := m.revoked; r != nil {
		v.ContentType = noteRevoked
		v.Content = notificationContent(struct {
			RevokerID                   string `json:"revokerID"`
			RevokerRole                 int32  `json:"revokerRole"`
			ClientMsgID                 string `json:"clientMsgID"`
			RevokerNickname             string `json:"revokerNickname"`
			RevokeTime                  int64  `json:"revokeTime"`
			SourceMessageSendTime       int64  `json:"sourceMessageSendTime"`
			SourceMessageSendID         string `json:"sourceMessageSendID"`
			SourceMessageSenderNickname string `json:"sourceMessageSenderNickname"`
			SessionType                 int32  `json:"sessionType"`
			Seq                         int64  `json:"seq"`
			Ex                          string `json:"ex"`
		}{r.userID, r.role, v.ClientMsgID, r.nickname, r.time, v.SendTime, v.SendID, v.SenderNickname, v.SessionType, v.Seq, v.Ex})
	}
	return v
}

// views are the messages of a range of seqs; a seq without a message shows as deleted.
func (log *conversationLog) views(userID string, begin, end int64) []msgData {
	var out []msgData
	i := 0
	if log != nil {
		i, _ = log.find(begin)
	}
	for seq := begin; seq <= end; seq++ {
		if log != nil && i < len(log.messages) && log.messages[i].Seq == seq {
			out = append(out, log.messages[i].view(userID))
			i++
			continue
		}
		out = append(out, msgData{Seq: seq, Status: statusDeleted})
	}
	return out
}

// bounds are the first and the last seq that a user may see.
func (c *call) bounds(conversationID, userID string) (first, last int64) {
	first, last = 1, c.maxSeq(conversationID)
	log := c.messages[conversationID]
	if log == nil {
		return first, last
	}
	first = max(first, log.minSeq)
	if u := log.users[userID]; u != nil {
		first = max(first, u.minSeq)
		if u.maxSeq > 0 {
			last = min(last, u.maxSeq)
		}
	}
	return first, last
}

type newestSeqReq struct{ UserID string }

// getNewestSeqs leaves out the conversations without messages.
func getNewestSeqs(c *call, req newestSeqReq) (any, error) {
	seqs, err := c.newestSeqs(req.UserID)
	if err != nil {
		return nil, err
	}
	return struct {
		MaxSeqs map[string]int64 `json:"maxSeqs,omitempty"`
	}{seqs}, nil
}

func (c *call) newestSeqs(userID string) (map[string]int64, error) {
	if err := c.self(userID); err != nil {
		return nil, err
	}
	seqs := map[string]int64{}
	note := func(id string) {
		if seq := c.maxSeq(id); seq != 0 {
			seqs[id] = seq
		}
	}
	for id := range c.conversations[userID].all() {
		note(id)
		note(notificationsOf(id))
	}
	note(selfNotifications(userID))
	return seqs, nil
}

type seqRange struct {
	ConversationID  string
	Begin, End, Num int64
}

type pullReq struct {
	UserID    string
	SeqRanges []seqRange
	Order     int32
}

type pulled struct {
	Msgs   []msgData `json:"Msgs"`
	IsEnd  bool      `json:"isEnd"`
	EndSeq int64     `json:"endSeq"`
}

type pullAnswer struct {
	Msgs             map[string]*pulled `json:"msgs,omitempty"`
	NotificationMsgs map[string]*pulled `json:"notificationMsgs,omitempty"`
}

func newPullAnswer() pullAnswer { return pullAnswer{map[string]*pulled{}, map[string]*pulled{}} }

// of is the part for a conversation.
func (a pullAnswer) of(conversationID string) map[string]*pulled {
	if isNotificationConversation(conversationID) {
		return a.NotificationMsgs
	}
	return a.Msgs
}

func pullMessages(c *call, req pullReq) (any, error) {
	answer, err := c.pull(req)
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// pull leaves out the ranges that fail, silently. The order of the messages is
// always ascending; `order` only decides what isEnd is about.
func (c *call) pull(req pullReq) (pullAnswer, error) {
	if err := c.self(req.UserID); err != nil {
		return pullAnswer{}, err
	}
	out := newPullAnswer()
	for _, r := range req.SeqRanges {
		first, last := c.bounds(r.ConversationID, req.UserID)
		begin, end := max(r.Begin, first), min(r.End, last)
		if !isNotificationConversation(r.ConversationID) {
			if !c.conversations[req.UserID].has(r.ConversationID) {
				continue
			}
			begin = max(begin, end-max(r.Num, 0)+1) // the last num of the range
		}
		if end < begin {
			continue
		}
		p := &pulled{Msgs: c.messages[r.ConversationID].views(req.UserID, begin, end)}
		if req.Order == 0 {
			p.IsEnd = last <= r.End
		} else {
			p.IsEnd = r.Begin <= first
		}
		out.of(r.ConversationID)[r.ConversationID] = p
	}
	return out, nil
}
