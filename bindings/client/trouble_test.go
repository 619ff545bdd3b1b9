package client

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// TestRefusals: every way in which a server refuses a handshake is an error of the right kind with its code, and none
// shows the token.
func TestRefusals(t *testing.T) {
	const envelope = `{"errCode":%d,"errMsg":"Refused","errDlt":"because"}`
	plain := func(status int, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
			return true
		}
	}
	inside := func(text string, kind websocket.MessageType) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			ws, err := websocket.Accept(w, r, nil)
			if err != nil {
				return true
			}
			_ = ws.Write(r.Context(), kind, []byte(text))
			_ = ws.Close(websocket.StatusNormalClosure, "")
			return true
		}
	}
	for _, c := range []struct {
		name      string
		handshake func(http.ResponseWriter, *http.Request) bool
		kind      fault.Kind
		code      int
		want      string
	}{
		{"HTTP 200 expired", plain(200, fmt.Sprintf(envelope, 1501)), fault.Auth, 1501, "the gateway refused the connection: Refused"},
		{"HTTP 200 other user", plain(200, fmt.Sprintf(envelope, 1502)), fault.Auth, 1502, "refused"},
		{"HTTP 200 kicked", plain(200, fmt.Sprintf(envelope, 1506)), fault.Auth, 1506, "refused"},
		{"HTTP 200 too many", plain(200, fmt.Sprintf(envelope, 1601)), fault.API, 1601, "refused"},
		{"HTTP 200 arguments", plain(200, fmt.Sprintf(envelope, 1602)), fault.API, 1602, "refused"},
		{"HTTP 200 uncoded", plain(200, fmt.Sprintf(envelope, 500)), fault.API, 500, "refused"},
		{"in the socket", inside(fmt.Sprintf(envelope, 1507), websocket.MessageText), fault.Auth, 1507, "refused"},
		{"in the socket, binary", inside("xyz", websocket.MessageBinary), fault.API, 0, "not the outcome of the handshake"},
		{"in the socket, no envelope", inside("hello", websocket.MessageText), fault.API, 0, "not the outcome of the handshake"},
		{"a web server", plain(404, "<html>not here</html>"), fault.Unreachable, 0, "no OpenIM gateway answered"},
		{"errCode 0 without an upgrade", plain(200, fmt.Sprintf(envelope, 0)), fault.Unreachable, 0, "is no upgrade"},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "http://other.invalid/", http.StatusFound)
			return true
		}, fault.Unreachable, 0, "no OpenIM gateway answered"},
		{"cut", func(w http.ResponseWriter, _ *http.Request) bool {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_ = conn.Close()
			return true
		}, fault.Unreachable, 0, "ended the handshake without an answer"},
		{"silence after the upgrade", func(w http.ResponseWriter, r *http.Request) bool {
			ws, err := websocket.Accept(w, r, nil)
			if err == nil {
				_, _, _ = ws.Read(context.Background())
			}
			return true
		}, fault.Timeout, 0, "within 300ms"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStub(t)
			s.handshake = c.handshake
			env := newEnv(t, s, func(cfg *openim.Config) { cfg.Timeout = 300 * time.Millisecond })
			_, err := run(env, "connect", object("userID", "alice", "token", "very-secret-token"))
			e := fault.From(err)
			if e == nil || e.Kind != c.kind || e.Code != c.code || !strings.Contains(e.Message, c.want) || e.Op != "client.connect" {
				t.Fatalf("%+v", e)
			}
			if strings.Contains(e.Error()+e.Hint, "very-secret-token") {
				t.Errorf("the token is shown: %v %s", e, e.Hint)
			}
		})
	}
}

// TestWrongAddress: the error names the address and where it came from.
func TestWrongAddress(t *testing.T) {
	for address, c := range map[string]struct {
		kind fault.Kind
		want string
	}{
		"ws://127.0.0.1:1":          {fault.Unreachable, "can't reach ws://127.0.0.1:1 (from --gateway): connection refused"},
		"ws://no-such-host.invalid": {fault.Unreachable, "no such host"},
		"http://127.0.0.1:10001":    {fault.Usage, "not valid"},
		"127.0.0.1:10001":           {fault.Usage, "not valid"},
		"":                          {fault.Auth, "no address is set for the WebSocket gateway"},
	} {
		env := newEnv(t, newStub(t))
		env.Gateway.Value = address
		_, err := run(env, "connect", "alice")
		if e := fault.From(err); e == nil || e.Kind != c.kind || !strings.Contains(e.Message, c.want) || e.Hint == "" {
			t.Errorf("%q: %v", address, err)
		}
	}
	env := newEnv(t, newStub(t), func(cfg *openim.Config) { cfg.Base = http.DefaultTransport })
	if _, err := run(env, "connect", "alice"); !fault.Is(err, fault.Unsupported) {
		t.Errorf("in a recording: %v", err)
	}
}

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
	s.handshake = func(w http.ResponseWriter, r *http.Request) bool {
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
	}
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

// TestComesBack: a connection that is cut comes back by itself and pulls what it missed, each message once and in order.
func TestComesBack(t *testing.T) {
	s := newStub(t)
	env := newEnv(t, s)
	alice, bob := connect(t, env, "alice"), connect(t, env, "bob")
	must[Sent](t, env, "send", alice, "bob", "1")
	must[Event](t, env, "expect", bob, object("text", "1"))
	refuse := make(chan struct{})
	s.handshake = func(w http.ResponseWriter, r *http.Request) bool {
		select {
		case <-refuse:
			return false
		default:
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
	}
	_ = s.of("bob")[0].ws.CloseNow()
	must[Event](t, env, "expect", bob, object("type", "closed"))
	for i := 2; i <= 250; i++ {
		must[Sent](t, env, "send", alice, "bob", fmt.Sprint(i))
	}
	close(refuse)
	synced := must[Event](t, env, "expect", bob, object("type", "synced", "within", "10s"))
	if synced.Count != 249 {
		t.Errorf("%d were pulled", synced.Count)
	}
	events := must[[]Event](t, env, "events", bob, object("type", "message"))
	if len(events) != 250 {
		t.Fatalf("%d messages", len(events))
	}
	for i, e := range events {
		if e.Text != fmt.Sprint(i+1) || e.Duplicate || e.Pulled != (i > 0) {
			t.Fatalf("message %d: %+v", i, e)
		}
	}
}

// TestGap: what a push leaves out is pulled; a push of what was pulled is not a second message; one that comes twice is
// marked.
func TestGap(t *testing.T) {
	s := newStub(t)
	env := newEnv(t, s)
	bob := connect(t, env, "bob")
	var all []*openim.GatewayMessage
	for i := range 4 {
		m := &openim.GatewayMessage{SendID: "alice", RecvID: "bob", ContentType: 101, ClientMsgID: fmt.Sprint(i), Content: []byte(fmt.Sprintf(`{"content":"%d"}`, i))}
		s.store(m)
		all = append(all, m)
	}
	s.push("si_alice_bob", all[0])
	s.push("si_alice_bob", all[3])
	must[Event](t, env, "expect", bob, object("text", "1"))
	must[Event](t, env, "expect", bob, object("text", "2"))
	s.push("si_alice_bob", all[2])
	s.push("si_alice_bob", all[3])
	must[Event](t, env, "expect", bob, object("text", "3"))
	again := must[Event](t, env, "expect", bob, object("text", "3"))
	stats := must[Stats](t, env, "stats", bob)
	if !again.Duplicate || stats.Gaps != 1 || stats.Duplicates != 1 || stats.Late != 1 || stats.Received != 5 {
		t.Errorf("%+v, %+v", again, stats)
	}
}

// TestRefusedComingBack: a token that was kicked meanwhile ends the tries.
func TestRefusedComingBack(t *testing.T) {
	s := newStub(t)
	env := newEnv(t, s)
	bob := connect(t, env, "bob")
	s.handshake = func(w http.ResponseWriter, _ *http.Request) bool {
		_, _ = io.WriteString(w, `{"errCode":1501,"errMsg":"TokenExpiredError","errDlt":""}`)
		return true
	}
	_ = s.of("bob")[0].ws.CloseNow()
	e := must[Event](t, env, "expect", bob, object("type", "refused"))
	if !strings.Contains(e.Reason, "1501") || !must[bool](t, env, "closed", bob) {
		t.Errorf("%+v", e)
	}
}

// TestDrop: a dropped connection stays down until it is told to come back.
func TestDrop(t *testing.T) {
	s := newStub(t)
	env := newEnv(t, s)
	alice, bob := connect(t, env, "alice"), connect(t, env, "bob")
	must[Status](t, env, "drop", bob)
	must[Sent](t, env, "send", alice, "bob", "missed")
	time.Sleep(50 * time.Millisecond)
	if !must[bool](t, env, "closed", bob) {
		t.Error("it came back by itself")
	}
	if got := must[Resynced](t, env, "reconnect", bob); got.Messages != 1 {
		t.Errorf("pulled %d", got.Messages)
	}
	if e := must[Event](t, env, "expect", bob, object("text", "missed")); !e.Pulled {
		t.Errorf("%+v", e)
	}
	if got := must[Resynced](t, env, "sync", bob); got.Messages != 0 {
		t.Errorf("pulled %d again", got.Messages)
	}
	must[Status](t, env, "logout", bob)
	if st := must[Status](t, env, "close", bob); st.State != "logged out" {
		t.Errorf("%+v", st)
	}
	eventually(t, "only alice is there", func() bool { return len(s.all()) == 1 })
	if st := must[Status](t, env, "close", alice); st.State != "closed" {
		t.Errorf("%+v", st)
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

// TestManyFrames: 20,000 pushes to a script that does not look hold up nobody; only the newest are kept, and the hint of a
// failed expect says so.
func TestManyFrames(t *testing.T) {
	s := newStub(t)
	env := newEnv(t, s)
	lazy, alice, bob := connect(t, env, "lazy", "keep", int64(100)), connect(t, env, "alice"), connect(t, env, "bob")
	done := make(chan struct{})
	go func() {
		defer close(done)
		p := s.of("lazy")[0]
		for i := range 20000 {
			p.reply(openim.Frame{ReqIdentifier: openim.WSPush, Data: openim.EncodePulled([]openim.PulledMessages{{
				ConversationID: "si_lazy_x", Messages: []*openim.GatewayMessage{{SendID: "x", Seq: int64(i + 1), ContentType: 101}}}})})
		}
	}()
	for range 50 {
		must[Sent](t, env, "send", alice, "bob", "quick")
		e := must[Event](t, env, "expect", bob, object("text", "quick"))
		if *e.Latency > 1000 {
			t.Errorf("a message took %v ms", *e.Latency)
		}
	}
	<-done
	eventually(t, "all are read", func() bool { return must[Stats](t, env, "stats", lazy).Received == 20000 })
	if events := must[[]Event](t, env, "events", lazy); len(events) > 100 {
		t.Errorf("%d events are kept", len(events))
	}
	if _, err := run(env, "expect", lazy, object("from", "nobody", "within", "20ms")); !strings.Contains(fault.From(err).Hint, "no longer kept") {
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
		found = found || c.Method == "WS" && c.Path == "1003 send of alice" && c.OperationID != "" && strings.Contains(c.Request, "hi")
	}
	if !found {
		t.Errorf("%+v", calls)
	}
	if text := trace.String() + fmt.Sprint(calls); !strings.Contains(text, "1003 send of alice") || strings.Contains(text, "very-secret-token") {
		t.Error(text)
	}
}

// TestGuard: what may not be written is not sent.
func TestGuard(t *testing.T) {
	denied := fault.New(fault.Denied, "no writes")
	env := newEnv(t, newStub(t), func(cfg *openim.Config) {
		cfg.Guard = func(_ string, write bool) error {
			if write {
				return denied
			}
			return nil
		}
	})
	alice := connect(t, env, "alice", "token", "t")
	if _, err := run(env, "send", alice, "bob", "hi"); !fault.Is(err, fault.Denied) {
		t.Errorf("%v", err)
	}
}

// TestWatch: rows come as events do, and the stream ends by its count, by its time, and by a cancel.
func TestWatch(t *testing.T) {
	s := newStub(t)
	env := newEnv(t, s)
	alice := connect(t, env, "alice")
	rows := must[bindings.Rows](t, env, "watch", object("userID", "bob", "count", int64(2), "type", "message"))
	go func() {
		for len(s.of("bob")) == 0 {
			time.Sleep(time.Millisecond)
		}
		_, _ = run(env, "send", alice, "bob", "one")
		_, _ = run(env, "send", alice, "bob", "two")
	}()
	var texts []string
	for row, err := range rows {
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, row.(Event).Text)
	}
	if fmt.Sprint(texts) != "[one two]" {
		t.Error(texts)
	}
	for range must[bindings.Rows](t, env, "watch", object("userID", "bob", "duration", "50ms")) {
	}
	eventually(t, "the watcher is gone", func() bool { return len(s.of("bob")) == 0 })
}
