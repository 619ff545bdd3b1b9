package sandbox

import (
	"context"
	"time"
)

// transferDelay is how long after a send the message is stored: sending is
// asynchronous, batched (SERVER-BEHAVIOUR §7).
const transferDelay = 100 * time.Millisecond

// outgoing is a message on its way into a conversation.
type outgoing struct {
	conversationID string
	data           msgData
}

// post sends a message on its way.
func (c *call) post(conversationID string, m msgData) {
	c.outbox = append(c.outbox, outgoing{conversationID, m})
	select {
	case c.wake <- struct{}{}:
	default: // it is awake already
	}
}

// transfer stores what was sent, until the context ends.
func (s *Server) transfer(ctx context.Context) {
	for {
		select {
		case <-s.wake:
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(transferDelay):
		case <-ctx.Done():
			return
		}
		s.storeOutbox()
	}
}

func (s *Server) storeOutbox() {
	st := s.state.Load()
	st.mu.Lock()
	defer st.mu.Unlock()
	if s.state.Load() != st {
		return // reset in the meantime
	}
	batches := newTable[string, []msgData]()
	for _, o := range st.outbox {
		batch, _ := batches.get(o.conversationID)
		batches.put(o.conversationID, append(batch, o.data))
	}
	st.outbox = nil
	for id, batch := range batches.all() {
		s.store(st, id, batch)
	}
}

// store gives messages their seqs and keeps them. The first message of a chat makes
// its conversations; a sender has read its own messages.
func (s *Server) store(st *state, conversationID string, batch []msgData) {
	log := st.conversationLog(conversationID)
	seq, err := s.takeSeqs(log, conversationID, int64(len(batch)))
	if err != nil {
		s.log.Printf("%d messages of %s lost: %v", len(batch), conversationID, err)
		return
	}
	isFirst := seq == 0
	for _, m := range batch {
		seq++
		m.Seq = seq
		log.put(&message{msgData: m})
		if made := (seq-1)/docSize + 1; made > log.docs && isSearched(conversationID) {
			log.docs = made
			st.docs = append(st.docs, doc{log, made - 1})
		}
		if u := log.user(m.SendID); u.readSeq < seq {
			u.readSeq = seq
		}
	}
	if isFirst && !isNotificationConversation(conversationID) {
		st.openConversations(conversationID, batch[0])
	}
}
