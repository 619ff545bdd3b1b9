package sandbox

import (
	"context"
	"time"
)

// transferDelay is how long after a send the message is stored: sending is
// asynchronous, batched (SERVER-BEHAVIOUR §7).
const transferDelay = 100 * time.Millisecond

// outgoing is a message on its way into a conversation and to those who are online.
type outgoing struct {
	conversationID string
	data           msgData
	also           []string // receivers who are no members of the group any more
	operationID    string
	lost           bool // it could not be stored
}

// post sends a message on its way.
func (c *call) post(o outgoing) {
	o.operationID = c.operationID
	c.outbox = append(c.outbox, &o)
	select {
	case c.wake <- struct{}{}:
	default: // it is awake already
	}
}

// transfer stores and pushes what was sent, until the context ends.
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
	outbox := st.outbox
	st.outbox = nil
	batches := newTable[string, []*outgoing]()
	for _, o := range outbox {
		if o.data.option(optHistory) {
			batch, _ := batches.get(o.conversationID)
			batches.put(o.conversationID, append(batch, o))
		}
	}
	for id, batch := range batches.all() {
		s.store(st, id, batch)
	}
	for _, o := range outbox {
		if !o.lost {
			s.gateway.push(st, o)
		}
	}
}

// store gives messages their seqs and keeps them. The first message of a chat makes
// its conversations; a sender has read its own messages.
func (s *Server) store(st *state, conversationID string, batch []*outgoing) {
	log := st.conversationLog(conversationID)
	seq, err := s.takeSeqs(log, conversationID, int64(len(batch)))
	if err != nil {
		s.log.Printf("%d messages of %s lost: %v", len(batch), conversationID, err)
		for _, o := range batch {
			o.lost = true
		}
		return
	}
	isFirst := seq == 0
	for _, o := range batch {
		seq++
		o.data.Seq = seq
		m := &message{msgData: o.data}
		if m.Status == statusSending {
			m.Status = statusSent
		}
		log.put(m)
		if made := (seq-1)/docSize + 1; made > log.docs && isSearched(conversationID) {
			log.docs = made
			st.docs = append(st.docs, doc{log, made - 1})
		}
		if u := log.user(m.SendID); u.readSeq < seq {
			u.readSeq = seq
		}
	}
	if isFirst && !isNotificationConversation(conversationID) {
		st.openConversations(conversationID, batch[0].data)
	}
}
