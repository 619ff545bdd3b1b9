package client

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

const (
	// gapPause is how long a hole in the seqs may stay before it is pulled: pushes can overtake one another.
	gapPause = 300 * time.Millisecond
	// farBack is the most that a hole before the first push of an unknown conversation is pulled: a group that was just
	// joined has a history that is no loss.
	farBack = 100
	// pullBatch is how many seqs one pull asks for.
	pullBatch = 100
	// keptPulled bounds the memory of seqs that were pulled, in case their push comes late.
	keptPulled = 512
)

// sequence is what is known of the seqs of one conversation.
type sequence struct {
	base    int64              // all up to here were stored before our time; their pushes may still be under way
	early   map[int64]struct{} // of those, what was pushed
	high    int64              // all up to here are known or before our time
	pushed  int64              // the highest that was pushed
	ahead   map[int64]struct{}
	pulled  map[int64]struct{}
	filling bool
}

// sequence is that of a conversation. The connection is locked.
func (c *conn) sequence(conversation string) *sequence {
	s := c.convs[conversation]
	if s == nil {
		s = &sequence{}
		if c.convs == nil {
			c.convs = map[string]*sequence{}
		}
		c.convs[conversation] = s
	}
	return s
}

// take notes a seq. fresh is false for one that came before; gap is true when others before it are missing. A message
// without a seq is not stored: always fresh. based tells whether it is known what was stored before our time.
func (s *sequence) take(seq int64, pulled, based bool) (fresh, gap bool) {
	if seq <= 0 {
		return true, false
	}
	if !based && !pulled && seq > s.base {
		s.since(seq)
	}
	if seq <= s.base {
		_, twice := s.early[seq]
		if pulled || twice {
			return false, false
		}
		if s.early == nil || len(s.early) >= keptPulled {
			s.early = map[int64]struct{}{}
		}
		s.early[seq] = struct{}{}
		return true, false
	}
	_, known := s.ahead[seq]
	if seq <= s.high || known {
		return false, false
	}
	if pulled {
		if s.pulled == nil || len(s.pulled) >= keptPulled {
			s.pulled = map[int64]struct{}{}
		}
		s.pulled[seq] = struct{}{}
	}
	if s.high == 0 && s.pushed == 0 && seq > farBack {
		s.since(seq - farBack - 1)
	}
	if seq > s.high+1 {
		if s.ahead == nil {
			s.ahead = map[int64]struct{}{}
		}
		s.ahead[seq] = struct{}{}
		return true, true
	}
	s.raise(seq)
	return true, false
}

// since says that all up to seq was stored before our time.
func (s *sequence) since(seq int64) {
	s.base = max(s.base, seq)
	s.raise(seq)
}

// raise says that all up to seq are known, and goes on through what came ahead.
func (s *sequence) raise(seq int64) {
	s.high = max(s.high, seq)
	for {
		if _, ok := s.ahead[s.high+1]; !ok {
			break
		}
		s.high++
	}
	for n := range s.ahead {
		if n <= s.high {
			delete(s.ahead, n)
		}
	}
	if len(s.ahead) == 0 {
		s.ahead = nil
	}
}

// late tells whether the push of a seq comes after it was pulled; it is asked once for each.
func (s *sequence) late(seq int64) bool {
	_, ok := s.pulled[seq]
	delete(s.pulled, seq)
	return ok
}

// top is the newest seq that is known.
func (s *sequence) top() int64 {
	top := s.high
	for n := range s.ahead {
		top = max(top, n)
	}
	return top
}

// fillSoon pulls what is missing, unless it comes by itself. The connection is locked.
func (c *conn) fillSoon(conversation string, s *sequence) {
	if s.filling {
		return
	}
	s.filling = true
	go func() {
		_ = bindings.Wait(c.hub.ctx, gapPause) // at the end of the script the pull fails at once
		c.mu.Lock()
		s.filling = false
		missing, begin, end := len(s.ahead) > 0, s.high+1, s.top()
		c.mu.Unlock()
		if !missing {
			return
		}
		if _, err := c.catchUp(c.hub.ctx, conversation, begin, end); err != nil {
			c.remark("the gap in " + conversation + " can't be pulled: " + err.Error())
		}
	}()
}

// catchUp pulls a range of seqs and records what was not known. It returns how many those were. What the server does not
// give - deleted, cleared - counts as known afterwards.
func (c *conn) catchUp(ctx context.Context, conversation string, begin, end int64) (int, error) {
	count := 0
	for from := begin; from <= end; from += pullBatch {
		to := min(from+pullBatch-1, end)
		list, err := c.pull(ctx, conversation, from, to)
		if err != nil {
			return count, err
		}
		at := c.hub.env.Now()
		c.mu.Lock()
		before := c.log.last
		for _, p := range list {
			for _, m := range p.Messages {
				if p.ConversationID == conversation && m.Seq >= from && m.Seq <= to {
					c.arrived(p, m, at, true)
				}
			}
		}
		count += int(c.log.last - before)
		c.sequence(conversation).raise(to)
		c.mu.Unlock()
	}
	return count, nil
}

// pull asks for a range of at most pullBatch seqs.
func (c *conn) pull(ctx context.Context, conversation string, begin, end int64) ([]openim.PulledMessages, error) {
	f, err := c.request(ctx, call{
		id: openim.WSPullByRange, what: "pull", text: conversation,
		data: openim.EncodePull(c.login.UserID, false, openim.SeqRange{ConversationID: conversation, Begin: begin, End: end, Num: end - begin + 1}),
	})
	if err != nil {
		return nil, err
	}
	list, err := openim.DecodePulled(f.Data)
	return list, badAnswer("pull", err)
}

// newest asks for the newest seq of each conversation.
func (c *conn) newest(ctx context.Context) (map[string]int64, error) {
	f, err := c.request(ctx, call{id: openim.WSNewestSeqs, what: "newest seqs", data: openim.EncodeUserID(c.login.UserID)})
	if err != nil {
		return nil, err
	}
	seqs, err := openim.DecodeMaxSeqs(f.Data)
	return seqs, badAnswer("newest seqs", err)
}

// baseline takes what is stored as known: a new connection begins with what comes from now on.
func (c *conn) baseline(ctx context.Context) error {
	seqs, err := c.newest(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, seq := range seqs {
		c.sequence(id).since(seq)
	}
	c.based = true
	return nil
}

// missed pulls all that was stored while nothing could be pushed.
func (c *conn) missed(ctx context.Context) (int, error) {
	seqs, err := c.newest(ctx)
	if err != nil {
		return 0, err
	}
	count := 0
	for id, seq := range seqs {
		c.mu.Lock()
		begin := c.sequence(id).high + 1
		c.mu.Unlock()
		if begin > seq {
			continue
		}
		n, err := c.catchUp(ctx, id, begin, seq)
		if count += n; err != nil {
			return count, err
		}
	}
	return count, nil
}

// resync is missed after a connection has come back by itself on a socket. When no answer comes in time it is tried again
// as long as the socket holds: after the fall of a server thousands ask at once.
func (c *conn) resync(life context.Context, sock openim.Socket) {
	count := 0
	for pause := time.Second; ; pause = min(2*pause, lastPause) {
		n, err := c.missed(life)
		count += n
		if err == nil {
			break
		}
		if life.Err() != nil {
			return
		}
		c.remark("the resync after coming back failed: " + err.Error())
		c.mu.Lock()
		holds := c.sock == sock
		c.mu.Unlock()
		if !holds || !fault.Is(err, fault.Timeout) || bindings.Wait(life, pause/2+rand.N(pause)) != nil {
			return
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.record(event{kind: kindSynced, at: c.hub.env.Now(), count: count})
}
