package client

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// TestKick: the kick is an event, ends the connection for good, and is what a send that was under way is told.
func TestKick(t *testing.T) {
	s := newStub(t)
	held := make(chan struct{})
	s.request = func(p *peer, f openim.Frame) bool {
		if f.ReqIdentifier != openim.WSSend {
			return false
		}
		close(held) // the send is never answered
		return true
	}
	env := newEnv(t, s)
	first := connect(t, env, "alice")
	failed := make(chan error, 1)
	go func() {
		_, err := run(env, "send", first, "bob", "hi")
		failed <- err
	}()
	<-held
	second := connect(t, env, "alice")
	e := fault.From(<-failed)
	if e.Kind != fault.Auth || !strings.Contains(e.Message, "the connection is kicked") || !strings.Contains(e.Detail, "kicked") || !strings.Contains(e.Hint, "may have been carried out") || e.OperationID == "" {
		t.Errorf("the send under way: %+v", e)
	}
	kick := must[Event](t, env, "expect", first, object("type", "kicked"))
	if !must[bool](t, env, "kicked", first) || must[bool](t, env, "kicked", second) || !strings.Contains(kick.Reason, "kicked by the server") {
		t.Errorf("kick %+v", kick)
	}
	start := time.Now()
	if _, err := run(env, "expect", first, object("within", "5s")); !fault.Is(err, fault.Unreachable) || time.Since(start) > time.Second {
		t.Errorf("an expect on a kicked connection: %v after %s", err, time.Since(start))
	}
	if _, err := run(env, "send", first, "bob", "hi"); !fault.Is(err, fault.Auth) {
		t.Errorf("a send on a kicked connection: %v", err)
	}
}

// TestGarbage: what the server sends that is no frame ends the connection with a word about it; the script goes on.
func TestGarbage(t *testing.T) {
	bomb, _ := zipped(make([]byte, 20<<20))
	for name, c := range map[string]struct {
		send func(p *peer)
		want string
	}{
		"no gzip":      {func(p *peer) { p.binary([]byte("hello")) }, "not gzip"},
		"gzip bomb":    {func(p *peer) { p.binary(bomb) }, "grows beyond 16 MiB"},
		"no gob":       {func(p *peer) { z, _ := zipped([]byte("hello")); p.binary(z) }, "not a frame in the go encoding"},
		"empty":        {func(p *peer) { p.binary(nil) }, "not gzip"},
		"oversize":     {func(p *peer) { p.binary(make([]byte, 5<<20)) }, "a frame of more than 4 MiB"},
		"closes":       {func(p *peer) { _ = p.ws.Close(websocket.StatusPolicyViolation, "no reason") }, `code 1008`},
		"without word": {func(p *peer) { _ = p.ws.CloseNow() }, "the server cut it without a word"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t)
			env := newEnv(t, s)
			alice := connect(t, env, "alice", "noReconnect", true)
			c.send(s.of("alice")[0])
			e := must[Event](t, env, "expect", alice, object("type", "closed"))
			if !strings.Contains(e.Reason, c.want) {
				t.Errorf("reason %q", e.Reason)
			}
			_, err := run(env, "send", alice, "bob", "hi")
			if f := fault.From(err); f == nil || f.Kind != fault.Unreachable || !strings.Contains(f.Message+f.Detail, c.want) {
				t.Errorf("a send afterwards: %v", err)
			}
			must[Resynced](t, env, "reconnect", alice)
			must[Sent](t, env, "send", alice, "bob", "hi")
			if story := must[Story](t, env, "story", alice); story.State != "open" || len(story.Lines) < 3 {
				t.Errorf("story %+v", story)
			}
		})
	}
}

// TestCutInAFrame: a connection that ends in the middle of a frame is told as that, and nothing waits for the rest.
func TestCutInAFrame(t *testing.T) {
	s := newStub(t)
	s.onHandshake(func(w http.ResponseWriter, r *http.Request) bool {
		sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return true
		}
		defer conn.Close()
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
			base64.StdEncoding.EncodeToString(sum[:]))
		_, _ = conn.Read(make([]byte, 4096))                   // the first request
		_, _ = conn.Write([]byte{0x82, 126, 0x10, 0, 1, 2, 3}) // the head of 4096 bytes, and three of them
		return true
	})
	env := newEnv(t, s)
	_, err := run(env, "connect", object("userID", "alice", "isMsgResp", false, "noReconnect", true))
	if e := fault.From(err); e == nil || e.Kind != fault.Unreachable || !strings.Contains(e.Message, "in the middle of a frame") {
		t.Errorf("%v", err)
	}
}

// TestOddPushes: a push that can't be read is an event, one of an unknown conversation a message, an answer that nobody
// waits for is counted; none of them ends the connection.
func TestOddPushes(t *testing.T) {
	s := newStub(t)
	env := newEnv(t, s)
	alice := connect(t, env, "alice")
	p := s.of("alice")[0]
	p.reply(openim.Frame{ReqIdentifier: openim.WSPush, Data: []byte{0xff, 0xff}})
	p.reply(openim.Frame{ReqIdentifier: openim.WSSubscribe, Data: []byte{0x0a, 0x7f}})
	p.reply(openim.Frame{ReqIdentifier: 4711, MsgIncr: "nobody"})
	p.text(`{"type":"ping"}`)
	p.text("what is this")
	p.reply(openim.Frame{ReqIdentifier: openim.WSPush, Data: openim.EncodePulled([]openim.PulledMessages{{
		ConversationID: "xx_never_heard_of", Messages: []*openim.GatewayMessage{{ContentType: 101, Content: []byte("no JSON"), Seq: 7}, {}}}, {
		ConversationID: "n_alice", Notifications: true, Messages: []*openim.GatewayMessage{{ContentType: 1201, Content: []byte(`{"detail":"{\"a\":1}"}`)}}}})})
	e := must[Event](t, env, "expect", alice, object("conversationID", "xx_never_heard_of"))
	if e.Seq != 7 || e.Content != "no JSON" || e.Text != "" {
		t.Errorf("%+v", e)
	}
	note := must[Event](t, env, "expect", alice, object("type", "notification", "contentType", int64(1201)))
	if fmt.Sprint(note.Detail) == "<nil>" {
		t.Errorf("%+v", note)
	}
	must[Event](t, env, "expect", alice, object("type", "bad"))
	must[Event](t, env, "expect", alice, object("type", "bad", "contains", "presence"))
	must[Sent](t, env, "send", alice, "bob", "hi")
	if got := must[Stats](t, env, "stats", alice); got.Stray != 1 || got.Open != 1 {
		t.Errorf("%+v", got)
	}
}

// TestFrameLimit: a frame that the server would not take is refused here, and the connection stays.
func TestFrameLimit(t *testing.T) {
	env := newEnv(t, newStub(t))
	alice := connect(t, env, "alice", "encoding", "js")
	if _, err := run(env, "send", alice, "bob", strings.Repeat("x", 60000)); !fault.Is(err, fault.Usage) || !strings.Contains(err.Error(), "at most 51200") {
		t.Errorf("%v", err)
	}
	must[Sent](t, env, "send", alice, "bob", strings.Repeat("x", 30000))
}

// TestCancel: a call that waits ends with its context, within half a second, and the connection stays whole.
func TestCancel(t *testing.T) {
	s := newStub(t)
	s.request = func(_ *peer, f openim.Frame) bool { return f.ReqIdentifier == openim.WSSend }
	env := newEnv(t, s)
	alice := connect(t, env, "alice")
	for name, fields := range map[string][]any{"send": {"to", "bob", "text", "x"}, "expect": {"within", "1m"}} {
		op, _ := Area().Find(name)
		given, _ := op.Arguments([]any{alice, object(fields...)})
		params, err := op.Bind(given)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(50*time.Millisecond, cancel)
		start := time.Now()
		if _, err := op.Invoke(ctx, env, params); !errors.Is(err, context.Canceled) || time.Since(start) > 500*time.Millisecond {
			t.Errorf("%s: %v after %s", name, err, time.Since(start))
		}
	}
	if must[bool](t, env, "closed", alice) {
		t.Error("the connection was cut")
	}
}

// TestLateAnswer: a server that does not answer is an error of kind timeout that tells the story.
func TestLateAnswer(t *testing.T) {
	s := newStub(t)
	s.request = func(_ *peer, f openim.Frame) bool { return f.ReqIdentifier == openim.WSSend }
	env := newEnv(t, s, func(cfg *openim.Config) { cfg.Timeout = 200 * time.Millisecond })
	alice := connect(t, env, "alice")
	_, err := run(env, "send", alice, "bob", "x")
	if e := fault.From(err); e == nil || e.Kind != fault.Timeout || !strings.Contains(e.Message, "no answer within 200ms") || !strings.Contains(e.Detail, "connected") {
		t.Errorf("%v", err)
	}
}

// TestReported: each request is in the record of calls, by its operationID, without the token.
func TestReported(t *testing.T) {
	var calls []openim.Call
	var trace strings.Builder
	env := newEnv(t, newStub(t), func(cfg *openim.Config) {
		cfg.OnCall = func(c openim.Call) { calls = append(calls, c) }
		cfg.Trace = &trace
	})
	alice := connect(t, env, "alice", "token", "very-secret-token")
	must[Sent](t, env, "send", alice, "bob", "hi")
	must[Status](t, env, "drop", alice)
	found := false
	for _, c := range calls {
		found = found || c.Method == "WS" && c.Path == "1003 send of alice" && c.OperationID != ""
	}
	if !found {
		t.Errorf("%+v", calls)
	}
	if text := trace.String() + fmt.Sprint(calls); !strings.Contains(text, "1003 send of alice") || strings.Contains(text, "very-secret-token") {
		t.Error(text)
	}
}
