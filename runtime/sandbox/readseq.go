package sandbox

import "slices"

type markMessagesReq struct {
	ConversationID, UserID string
	Seqs                   []int64
}

func (r markMessagesReq) check() error {
	return first(
		required("conversationID", r.ConversationID),
		requiredIf(r.Seqs == nil, "seqs"),
		required("userID", r.UserID),
		noZero(r.Seqs),
	)
}

func noZero(seqs []int64) error {
	if slices.Contains(seqs, 0) {
		return argsError("seqs holds a 0")
	}
	return nil
}

// markMessagesRead takes the last seq given as the new read position; an empty list
// makes the real server panic, and so here.
func markMessagesRead(c *call, req markMessagesReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	last := req.Seqs[len(req.Seqs)-1]
	if last > c.maxSeq(req.ConversationID) {
		return nil, argsError("hasReadSeq must not be bigger than maxSeq")
	}
	conv, ok := c.conversations[req.UserID].get(req.ConversationID)
	if !ok {
		return nil, notFound("conversation not found")
	}
	log := c.conversationLog(req.ConversationID)
	for _, seq := range req.Seqs {
		if m := log.get(seq); m != nil && m.SendID != req.UserID {
			m.IsRead = true
		}
	}
	c.readUpTo(req.ConversationID, req.UserID, last)
	c.tellRead(conv, req.Seqs, last)
	return nil, nil
}

// readUpTo never goes back.
func (st *state) readUpTo(conversationID, userID string, seq int64) {
	u := st.conversationLog(conversationID).user(userID)
	u.readSeq = max(u.readSeq, seq)
}

type readReq struct {
	ConversationID, UserID string
	HasReadSeq             int64
	Seqs                   []int64
}

func (r readReq) check() error {
	if r.HasReadSeq < 1 {
		return argsError("hasReadSeq is invalid")
	}
	return first(required("conversationID", r.ConversationID), required("userID", r.UserID), noZero(r.Seqs))
}

// markConversationRead does not compare with the newest seq.
func markConversationRead(c *call, req readReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	conv, ok := c.conversations[req.UserID].get(req.ConversationID)
	if !ok {
		return nil, notFound("conversation not found")
	}
	if conv.ConversationType == singleChat {
		log := c.conversationLog(req.ConversationID)
		from, _ := log.find(c.readSeq(req.ConversationID, req.UserID) + 1)
		for _, m := range log.messages[from:] {
			if m.Seq <= req.HasReadSeq && m.SendID != req.UserID {
				log.touch(m.Seq)
				m.IsRead = true
			}
		}
	}
	c.readUpTo(req.ConversationID, req.UserID, req.HasReadSeq)
	c.tellRead(conv, req.Seqs, req.HasReadSeq)
	return nil, nil
}

func setReadSeq(c *call, req readReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	if req.HasReadSeq > c.maxSeq(req.ConversationID) {
		return nil, argsError("hasReadSeq must not be bigger than maxSeq")
	}
	c.readUpTo(req.ConversationID, req.UserID, req.HasReadSeq)
	c.tellRead(&conversation{OwnerUserID: req.UserID, ConversationID: req.ConversationID}, nil, req.HasReadSeq)
	return nil, nil
}

type readAndMaxReq struct {
	UserID          string
	ConversationIDs []string
	ReturnPinned    bool
}

func (r readAndMaxReq) check() error { return required("userID", r.UserID) }

type seqs struct {
	MaxSeq     int64 `json:"maxSeq"`
	HasReadSeq int64 `json:"hasReadSeq"`
	MaxSeqTime int64 `json:"maxSeqTime"`
}

func getReadAndMaxSeqs(c *call, req readAndMaxReq) (any, error) {
	answer, err := c.readAndMaxSeqs(req)
	if err != nil {
		return nil, err
	}
	return answer, nil
}

type readAndMaxAnswer struct {
	Seqs                  map[string]seqs `json:"seqs,omitempty"`
	PinnedConversationIDs []string        `json:"pinnedConversationIDs"`
}

// readAndMaxSeqs are those of all conversations when none is named.
func (c *call) readAndMaxSeqs(req readAndMaxReq) (readAndMaxAnswer, error) {
	var out readAndMaxAnswer
	if err := c.self(req.UserID); err != nil {
		return out, err
	}
	ids := req.ConversationIDs
	if len(ids) == 0 {
		ids = keys(c.conversations[req.UserID])
	}
	out.Seqs = make(map[string]seqs, len(ids))
	for _, id := range ids {
		s := seqs{c.maxSeq(id), c.readSeq(id, req.UserID), c.seqTime(id)}
		if conv, ok := c.conversations[req.UserID].get(id); ok && conv.MaxSeq != 0 {
			s.MaxSeq = conv.MaxSeq
		}
		out.Seqs[id] = s
	}
	if req.ReturnPinned {
		out.PinnedConversationIDs = c.conversationIDs(req.UserID, isPinned)
	}
	return out, nil
}
