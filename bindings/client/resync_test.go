package client

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// TestComesBack: a connection that is cut comes back by itself and pulls what it missed, each message once and in order.
func TestComesBack(t *testing.T) {
	s := newStub(t)
	env := newEnv(t, s)
	alice, bob := connect(t, env, "alice"), connect(t, env, "bob")
	must[Sent](t, env, "send", alice, "bob", "1")
	must[Event](t, env, "expect", bob, object("text", "1"))
	refuse := make(chan struct{})
	s.onHandshake(func(w http.ResponseWriter, r *http.Request) bool {
		select {
		case <-refuse:
			return false
		default:
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
	})
	_ = s.of("bob")[0].ws.CloseNow()
	must[Event](t, env, "expect", bob, object("type", "closed"))
	for i := 2; i <= 250; i++ {
		must[Sent](t, env, "send", alice, "bob", fmt.Sprint(i))
	}
	close(refuse)
	synced := must[Event](t, env, "expect", bob, object("type", "synced", "within", "60s"))
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

// TestResyncIsTriedAgain: a server that is too busy to answer after a cut is asked again, so that nothing stays missing.
func TestResyncIsTriedAgain(t *testing.T) {
	s := newStub(t)
	var asked atomic.Int32
	s.request = func(_ *peer, f openim.Frame) bool {
		return f.ReqIdentifier == openim.WSNewestSeqs && asked.Add(1) == 2 // the first one after the cut
	}
	env := newEnv(t, s, func(c *openim.Config) { c.Timeout = 2 * time.Second })
	bob := connect(t, env, "bob")
	s.store(&openim.GatewayMessage{SendID: "alice", RecvID: "bob", ContentType: 101, ClientMsgID: "1", Content: []byte(`{"content":"missed"}`)})
	_ = s.of("bob")[0].ws.CloseNow()
	failed := must[Event](t, env, "expect", bob, object("type", "failed", "within", "20s"))
	if !strings.Contains(failed.Reason, "the resync after coming back failed") {
		t.Errorf("%+v", failed)
	}
	if e := must[Event](t, env, "expect", bob, object("type", "synced", "within", "20s")); e.Count != 1 {
		t.Errorf("%+v", e)
	}
	if e := must[Event](t, env, "expect", bob, object("text", "missed")); !e.Pulled {
		t.Errorf("%+v", e)
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
