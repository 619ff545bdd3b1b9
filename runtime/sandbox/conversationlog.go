package sandbox

import (
	"cmp"
	"slices"
)

func (st *state) conversationLog(conversationID string) *conversationLog {
	log := st.messages[conversationID]
	if log == nil {
		log = &conversationLog{conversationID: conversationID, touched: st.touched, users: map[string]*userSeq{}}
		st.messages[conversationID] = log
	}
	st.touched.touch(seqAt{log})
	return log
}

func (log *conversationLog) user(userID string) *userSeq {
	u := log.users[userID]
	if u == nil {
		u = &userSeq{}
		log.users[userID] = u
	}
	log.touched.touch(userSeqAt{log, userID})
	return u
}

// readSeq is how far a user has read; 0 for an unknown conversation.
func (st *state) readSeq(conversationID, userID string) int64 {
	if log := st.messages[conversationID]; log != nil && log.users[userID] != nil {
		return log.users[userID].readSeq
	}
	return 0
}

// find is the place of a seq, or where it would be.
func (log *conversationLog) find(seq int64) (int, bool) {
	if n := len(log.messages); n == 0 || log.messages[n-1].Seq < seq {
		return n, false
	}
	return slices.BinarySearchFunc(log.messages, seq, func(m *message, seq int64) int { return cmp.Compare(m.Seq, seq) })
}

// put keeps a message; one with the same seq is overwritten, as on the real server.
func (log *conversationLog) put(m *message) {
	log.touch(m.Seq)
	i, ok := log.find(m.Seq)
	if ok {
		log.messages[i] = m
		return
	}
	log.messages = slices.Insert(log.messages, i, m)
}

// get is nil for a seq that has no message.
func (log *conversationLog) get(seq int64) *message {
	if log == nil {
		return nil
	}
	if i, ok := log.find(seq); ok {
		log.touch(seq)
		return log.messages[i]
	}
	return nil
}

// touch notes that a message may be changed.
func (log *conversationLog) touch(seq int64) {
	if log.touched != nil && log.touched.on {
		log.touched.add(docAt{log, (seq - 1) / docSize})
	}
}
