package cassette

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// playedSocket is a connection of the recording. It begins to live when the run dials it.
type playedSocket struct {
	tape    *Player
	userID  string
	dial    *out
	outcome int          // the place of the handshake's outcome; 0: there was none
	refusal *fault.Error // of the handshake
	asked   map[string][]*question
	pulls   []*question
	end     *out // imctl closed or cut it

	// Under the player's lock:
	dialled bool
	over    bool
	early   []*in           // what came in before the run dialled it
	limited map[string]*out // what is to be played when the run gives up a request, by its msgIncr
	inbox   chan *in
	done    chan struct{}

	in, out atomic.Int64
}

// question is a request of the recording.
type question struct {
	out         *out
	text        string // what it says
	clientMsgID string // of a message
	answer      *in
	unsent      *fault.Error // it could not be written
	gaveUp      *out         // nobody waited for the answer any longer
}

// key is what tells a request from others. What changes from run to run is no part of it: operationID, msgIncr, times, and
// the id of a message, which is returned beside it.
func (f *frame) key() (key, clientMsgID string) {
	key = strconv.Itoa(int(f.ReqIdentifier)) + " "
	v, ok := plainJSON(f.Data)
	if !ok {
		return key + string(f.Raw), ""
	}
	if o, ok := v.(*value.Object); ok && f.ReqIdentifier == openim.WSSend {
		id, _ := o.Get("clientMsgID")
		clientMsgID, _ = id.(string)
		for _, name := range []string{"clientMsgID", "sendTime", "createTime"} {
			o.Delete(name)
		}
	}
	text, err := value.Marshal(v)
	if err != nil {
		text = f.Data
	}
	return key + string(text), clientMsgID
}

// says is a request in short, for errors: of a message where it goes and its content.
func (f *frame) says() string {
	var m openim.GatewayMessage
	if f.ReqIdentifier == openim.WSSend && json.Unmarshal(f.Data, &m) == nil {
		return fmt.Sprintf(" to %s%s, contentType %d: %s", m.RecvID, m.GroupID, m.ContentType, short(string(m.Content)))
	}
	return ": " + short(string(f.Data))
}

func loginKey(userID string, platformID int) string { return userID + " " + strconv.Itoa(platformID) }

// Dial gives the next recorded connection of that user and platform.
func (p *Player) Dial(ctx context.Context, l openim.Login, _ string, _ func(context.Context) (openim.Socket, *fault.Error)) (openim.Socket, *fault.Error) {
	key := loginKey(l.UserID, l.PlatformID)
	p.mu.Lock()
	list := p.logins[key]
	if len(list) == 0 {
		p.order.stray()
		p.mu.Unlock()
		return nil, notRecorded("not recorded: a connection of %s on platform %d", l.UserID, l.PlatformID)
	}
	s := list[0]
	p.logins[key] = list[1:]
	s.dialled, s.inbox, s.done = true, make(chan *in, 1), make(chan struct{})
	p.order.play(s.dial)
	p.order.add(s.early...)
	s.early = nil
	ready := p.order.turn(s.outcome)
	p.mu.Unlock()
	select {
	case <-ready:
	case <-ctx.Done():
		s.Cut()
		return nil, fault.From(ctx.Err())
	}
	switch {
	case s.refusal != nil:
		e := *s.refusal
		return nil, &e
	case s.outcome == 0:
		return nil, fault.New(fault.Unreachable, "recorded: no answer to the handshake")
	}
	return s, nil
}

// Waited notes that a wait ended as a recorded one did.
func (p *Player) Waited(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if list := p.waits[what]; len(list) > 0 {
		p.waits[what] = list[1:]
		p.order.play(list[0])
		p.order.pump()
	}
}

// Read waits until it is the turn of something that came in over this connection. To read again says that the last was
// taken in.
func (s *playedSocket) Read(ctx context.Context) (openim.Incoming, error) {
	p := s.tape
	p.mu.Lock()
	p.order.taken(s)
	p.order.pump()
	p.mu.Unlock()
	select {
	case e := <-s.inbox:
		p.mu.Lock()
		defer p.mu.Unlock()
		e.seen = true
		if e.err != nil {
			return openim.Incoming{}, e.err
		}
		f := e.frame
		f.Data = []byte(p.renamed(string(f.Data)))
		s.in.Add(int64(len(f.Data)))
		return openim.Incoming{Frame: f, Size: len(f.Data)}, nil
	case <-s.done:
		return openim.Incoming{}, net.ErrClosed
	case <-ctx.Done():
		return openim.Incoming{}, ctx.Err()
	}
}

// Write finds the recorded request that says the same, and has its answer come.
func (s *playedSocket) Write(ctx context.Context, f openim.Frame) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	p := s.tape
	asked := shown(f, true)
	if len(asked.Data) > 0 {
		asked.Data = []byte(p.mask.text(asked.Data))
	}
	key, id := asked.key()
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.over {
		return 0, net.ErrClosed
	}
	q := s.take(key, id)
	if q == nil {
		if answer, ok := p.pulled(s.userID, asked); ok {
			q = &question{answer: &in{at: p.order.gate() - 1, sock: s, frame: answer}}
		} else {
			p.order.stray()
			return 0, notRecorded("not recorded: request %d of %s%s", f.ReqIdentifier, s.userID, asked.says())
		}
	}
	p.rename(q.clientMsgID, id)
	p.order.play(q.out)
	if a := q.answer; a != nil {
		a.frame.MsgIncr, a.frame.OperationID = f.MsgIncr, f.OperationID
		p.order.add(a)
	}
	p.order.pump()
	if e := q.unsent; e != nil {
		if e.Kind == "" { // the connection broke
			return 0, errors.New(e.Message)
		}
		copied := *e
		return 0, &copied
	}
	if q.gaveUp != nil {
		if s.limited == nil {
			s.limited = map[string]*out{}
		}
		s.limited[f.MsgIncr] = q.gaveUp
	}
	s.out.Add(int64(len(f.Data)))
	return len(f.Data), nil
}

// GaveUp lets the answer come that came too late.
func (s *playedSocket) GaveUp(msgIncr string) {
	p := s.tape
	p.mu.Lock()
	defer p.mu.Unlock()
	p.order.play(s.limited[msgIncr])
	p.order.pump()
}

// take takes a request of the recording: of those that say the same the one with the same id, else the first.
func (s *playedSocket) take(key, clientMsgID string) *question {
	list := s.asked[key]
	if len(list) == 0 {
		return nil
	}
	at := 0
	for i, q := range list {
		if q.clientMsgID == clientMsgID {
			at = i
			break
		}
	}
	q := list[at]
	if at == 0 {
		s.asked[key] = list[1:]
	} else {
		s.asked[key] = append(list[:at:at], list[at+1:]...)
	}
	return q
}

// Ping does nothing: heartbeats are not recorded.
func (s *playedSocket) Ping(context.Context) error { return nil }

// Quiet is nothing: a played connection dies only as the recorded one did.
func (s *playedSocket) Quiet() (in, out time.Duration) { return 0, 0 }

func (s *playedSocket) Bytes() (in, out int64) { return s.in.Load(), s.out.Load() }

func (s *playedSocket) Close() { s.Cut() }

func (s *playedSocket) Lose(string) { s.Cut() }

func (s *playedSocket) Cut() {
	p := s.tape
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.over {
		return
	}
	s.over = true
	close(s.done)
	p.order.taken(s)
	p.order.play(s.end)
	p.order.pump()
}
