package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"time"
)

// entry is one line of the journal: something that may change the state, with all that
// it depends on.
type entry struct {
	Kind string `json:"kind"`
	Time int64  `json:"time"` // ns

	// Of a call and a request.
	UserID      string `json:"userID,omitempty"` // the caller
	PlatformID  int32  `json:"platformID,omitempty"`
	OperationID string `json:"operationID,omitempty"`
	Body        []byte `json:"body,omitempty"`

	// Of a call.
	API    string `json:"api,omitempty"`  // the router's name
	Path   string `json:"path,omitempty"` // with the query
	Admin  bool   `json:"admin,omitempty"`
	Token  string `json:"token,omitempty"` // where the handler looks at it
	Remote string `json:"remote,omitempty"`

	Request int32               `json:"request,omitempty"` // of a request: its reqIdentifier
	Kicked  string              `json:"kicked,omitempty"`  // of a kick: the token
	Stored  map[string]seqsTook `json:"stored,omitempty"`  // of a store: by conversationID
}

// Kinds of entries.
const (
	callEntry    = "call"    // a REST call
	requestEntry = "request" // a request over the gateway
	kickEntry    = "kick"    // a login that ended another one's token
	storeEntry   = "store"   // what was sent is stored
)

// seqsTook are the seqs that messages of a conversation took: from the one after Before to
// Newest, out of the block up to Reserved. That depends on Redis, which others write too.
type seqsTook struct {
	Before   int64 `json:"before"`
	Newest   int64 `json:"newest"`
	Reserved int64 `json:"reserved"`
}

// clock is the time, in a replay that of the entry.
func (s *Server) clock() time.Time {
	if !s.replayed.IsZero() {
		return s.replayed
	}
	return time.Unix(0, time.Now().UnixNano()) // as an entry gives it back
}

// writeAhead writes down what is about to change the state, whose lock is held and whose
// time stands still. Without a journal there is nothing to do.
func (s *Server) writeAhead(st *state, r *entry) error {
	j := s.journal
	if j == nil || !s.replayed.IsZero() || s.state.Load() != st {
		return nil
	}
	r.Time = st.now.UnixNano()
	if err := j.append(r); err != nil {
		return err
	}
	st.reseed(j.count)
	return nil
}

// reseed makes the randomness of an entry depend on its number alone, and not on how
// much the ones before it used.
func (st *state) reseed(n uint64) { st.pcg.Seed(st.seed, n) }

// begin is what comes before a handler, when the state is locked.
func (c *call) begin() error {
	c.state.now = c.clock()
	if c.journal == nil || c.e.reads {
		return nil
	}
	r := &entry{
		Kind: callEntry, API: c.api, Path: c.r.URL.RequestURI(), UserID: c.userID, PlatformID: c.platformID, Admin: c.admin,
		OperationID: c.operationID, Remote: c.r.RemoteAddr, Body: c.body,
	}
	if c.e.access == noToken {
		r.Token = c.r.Header.Get("token")
	}
	return c.writeAhead(c.state, r)
}

// restore replays the journal. Nothing else runs yet; what was sent and not yet stored
// then waits in the outbox, and the transfer has been woken.
func (s *Server) restore(ctx context.Context) error {
	st := s.state.Load()
	s.redis.ends = map[string]time.Time{}
	s.log.SetOutput(io.Discard) // it was told when it happened
	err := s.journal.replay(ctx, func(r *entry) error {
		s.replayed = time.Unix(0, r.Time)
		st.reseed(s.journal.count)
		return s.redo(st, r)
	})
	s.log.SetOutput(s.cfg.Log)
	s.replayed = time.Time{}
	s.redis.lapse(time.Now())
	return err
}

// redo does once more what an entry tells. What it answered was told when it happened,
// and a panic is one of the answers.
func (s *Server) redo(st *state, r *entry) error {
	defer func() {
		if p := recover(); p != nil {
			s.log.Printf("panic in the replay of %s%d: %v\n%s", r.Path, r.Request, p, debug.Stack())
		}
	}()
	switch r.Kind {
	case callEntry:
		return s.redoCall(st, r)
	case requestEntry:
		e, ok := s.handlers[r.Request]
		if !ok {
			return fmt.Errorf("there is no request %d", r.Request)
		}
		_, _ = s.runRequest(st, nil, e, r)
	case kickEntry:
		s.tokens.kickOne(r.UserID, r.PlatformID, r.Kicked)
	case storeEntry:
		st.mu.Lock()
		defer st.mu.Unlock()
		st.now = s.clock()
		for id, took := range r.Stored {
			st.conversationLog(id).reserved = took.Reserved
			s.writeSeqs(seqKey(id), took.Newest, took.Reserved, st.now)
		}
		s.storeAll(st, r.Stored)
	default:
		return fmt.Errorf("there is no kind of entry %q", r.Kind)
	}
	return nil
}

func (s *Server) redoCall(st *state, r *entry) error {
	req, err := http.NewRequest(http.MethodPost, r.Path, bytes.NewReader(r.Body))
	if err != nil {
		return err
	}
	req.RemoteAddr = r.Remote
	req.Header.Set("token", r.Token)
	rt := s.routers[r.API]
	if rt == nil {
		return fmt.Errorf("there is no API %q", r.API)
	}
	e := rt.find(req.Method, req.URL.Path)
	if e == nil {
		return fmt.Errorf("there is no call %s", r.Path)
	}
	c := &call{
		Server: s, state: st, r: req, e: e, api: r.API, operationID: r.OperationID, userID: r.UserID, platformID: r.PlatformID, admin: r.Admin,
	}
	_, _ = e.run(c)
	return nil
}
