package client

import (
	"context"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// A tape takes the place of the gateway: these tests look at what no server can bring about when it is wanted.

// fakeTape makes connections to no server. on says what becomes of a request.
type fakeTape struct {
	on func(s *fakeSocket, f openim.Frame) error

	mu     sync.Mutex
	waited []string
}

func (t *fakeTape) Dial(context.Context, openim.Login, string, func(context.Context) (openim.Socket, *fault.Error)) (openim.Socket, *fault.Error) {
	return &fakeSocket{tape: t, in: make(chan openim.Frame, 8), done: make(chan struct{})}, nil
}

func (t *fakeTape) Waited(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waited = append(t.waited, what)
}

type fakeSocket struct {
	tape   *fakeTape
	in     chan openim.Frame // closed: the connection ends
	done   chan struct{}
	once   sync.Once
	mu     sync.Mutex
	gaveUp []string
}

func (s *fakeSocket) Read(context.Context) (openim.Incoming, error) {
	select {
	case f, ok := <-s.in:
		if !ok {
			return openim.Incoming{}, io.EOF
		}
		return openim.Incoming{Frame: f}, nil
	case <-s.done:
		return openim.Incoming{}, io.ErrClosedPipe
	}
}

func (s *fakeSocket) Write(_ context.Context, f openim.Frame) (int, error) {
	if f.ReqIdentifier == openim.WSNewestSeqs {
		f.Data = nil
		s.in <- f
		return 1, nil
	}
	return 1, s.tape.on(s, f)
}

func (s *fakeSocket) GaveUp(msgIncr string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gaveUp = append(s.gaveUp, msgIncr)
}

func (s *fakeSocket) Ping(context.Context) error     { return nil }
func (s *fakeSocket) Quiet() (in, out time.Duration) { return 0, 0 }
func (s *fakeSocket) Bytes() (in, out int64)         { return 0, 0 }
func (s *fakeSocket) Close()                         { s.Cut() }
func (s *fakeSocket) Lose(string)                    { s.Cut() }
func (s *fakeSocket) Cut()                           { s.once.Do(func() { close(s.done) }) }

// TestAnsweredBeforeWritten: an answer counts also when the connection has ended before the call that wrote the request
// returned, as after a logout.
func TestAnsweredBeforeWritten(t *testing.T) {
	tape := &fakeTape{on: func(s *fakeSocket, f openim.Frame) error {
		s.in <- f
		close(s.in)
		<-s.done // its reader is through
		return nil
	}}
	env := newEnv(t, newStub(t), func(cfg *openim.Config) { cfg.Tape = tape })
	c := connect(t, env, "bob", "noReconnect", true)
	if got := must[Status](t, env, "logout", c); got.State != string(stateLogout) {
		t.Errorf("it is %+v", got)
	}
}

// TestRefusedByTheTape: a request that a recording does not hold fails with the recording's own error, and the connection
// stays. What is waited for in vain is told.
func TestRefusedByTheTape(t *testing.T) {
	var sock *fakeSocket
	wrong := error(fault.New(fault.Unreachable, "not recorded: this").WithHint("record it"))
	tape := &fakeTape{on: func(s *fakeSocket, _ openim.Frame) error {
		sock = s
		return wrong
	}}
	env := newEnv(t, newStub(t), func(cfg *openim.Config) { cfg.Tape, cfg.Timeout = tape, 50*time.Millisecond })
	c := connect(t, env, "bob")
	for _, noWait := range []bool{false, true} {
		_, err := run(env, "send", c, "alice", "hi", object("noWait", noWait))
		if e := fault.From(err); e == nil || e.Kind != fault.Unreachable || e.Message != "not recorded: this" || e.Hint != "record it" {
			t.Errorf("noWait %v: %v", noWait, err)
		}
	}
	if must[bool](t, env, "closed", c) {
		t.Error("the connection has ended")
	}
	wrong = nil // it is written, and no answer comes
	if _, err := run(env, "send", c, "alice", "hi"); !fault.Is(err, fault.Timeout) {
		t.Error(err)
	}
	if len(sock.gaveUp) != 1 {
		t.Errorf("given up: %v", sock.gaveUp)
	}
	if _, err := run(env, "expect", c, object("text", "x", "within", "10ms")); !fault.Is(err, fault.Timeout) {
		t.Error(err)
	}
	if len(tape.waited) != 1 || tape.waited[0] != `bob#1 message with the text "x"` {
		t.Errorf("told: %q", tape.waited)
	}
}
