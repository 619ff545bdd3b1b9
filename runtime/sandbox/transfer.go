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
	s.mirror.settle()
	st.mu.Lock()
	defer st.mu.Unlock()
	if s.state.Load() != st {
		return // reset in the meantime
	}
	st.touched.on = st.touched.active
	st.now = s.clock()
	took := map[string]seqsTook{}
	for id, batch := range st.batches().all() {
		log, n := st.conversationLog(id), int64(len(batch))
		before, err := s.takeSeqs(log, id, n, st.now)
		if err != nil {
			s.log.Printf("%d messages of %s lost: %v", n, id, err)
			continue
		}
		took[id] = seqsTook{before, before + n, log.reserved}
	}
	if err := s.writeAhead(st, &entry{Kind: storeEntry, Stored: took}); err != nil {
		s.log.Print(err)
		return // they stay where they are
	}
	s.storeAll(st, took)
}

// batches are the messages on their way that are to be stored, by conversation.
func (st *state) batches() *table[string, []*outgoing] {
	batches := newTable[string, []*outgoing]()
	for _, o := range st.outbox {
		if o.data.option(optHistory) {
			batch, _ := batches.get(o.conversationID)
			batches.put(o.conversationID, append(batch, o))
		}
	}
	return batches
}

// storeAll empties the outbox. What took no seqs is lost.
func (s *Server) storeAll(st *state, took map[string]seqsTook) {
	for id, batch := range st.batches().all() {
		if seqs, ok := took[id]; ok {
			st.store(id, batch, seqs.Before)
			continue
		}
		for _, o := range batch {
			o.lost = true
		}
	}
	outbox := st.outbox
	st.outbox = nil
	for _, o := range outbox {
		if !o.lost {
			s.gateway.push(st, o)
		}
	}
}

// store gives messages the seqs after one and keeps them. The first message of a chat
// makes its conversations; a sender has read its own messages.
func (st *state) store(conversationID string, batch []*outgoing, seq int64) {
	log := st.conversationLog(conversationID)
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
