package client

import (
	"fmt"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// TestMessage: two clients, one message, in each form of the handshake, each encoding, with and without gzip.
func TestMessage(t *testing.T) {
	for _, encoding := range []string{"go", "js"} {
		for _, gzip := range []bool{true, false} {
			for _, form := range []string{"query", "v"} {
				for _, resp := range []bool{true, false} {
					t.Run(fmt.Sprint(encoding, " gzip ", gzip, " ", form, " resp ", resp), func(t *testing.T) {
						env := newEnv(t, newStub(t))
						how := []any{"encoding", encoding, "compression", gzip, "form", form, "isMsgResp", resp}
						alice, bob := connect(t, env, "alice", how...), connect(t, env, "bob", how...)
						sent := must[Sent](t, env, "send", alice, object("to", "bob", "text", "hi"))
						if sent.ServerMsgID == "" || sent.SendTime == 0 || sent.Latency == nil || len(sent.ClientMsgID) != 32 {
							t.Errorf("sent %+v", sent)
						}
						e := must[Event](t, env, "expect", bob, object("from", "alice", "text", "hi"))
						if e.ClientMsgID != sent.ClientMsgID || e.Seq != 1 || e.LatencyFrom != "here" || e.Latency == nil || *e.Latency <= 0 {
							t.Errorf("got %+v", e)
						}
						own := must[Event](t, env, "expect", alice, object("from", "alice"))
						if own.ServerMsgID != sent.ServerMsgID {
							t.Errorf("the sender's own push: %+v", own)
						}
					})
				}
			}
		}
	}
}

// TestExpectLooksBackAndForward: what has come counts, oldest first, each event once.
func TestExpectLooksBackAndForward(t *testing.T) {
	s := newStub(t)
	env := newEnv(t, s)
	alice, bob := connect(t, env, "alice"), connect(t, env, "bob")
	for range 2 {
		must[Sent](t, env, "send", alice, "bob", "twice")
	}
	first := must[Event](t, env, "expect", bob, object("text", "twice"))
	second := must[Event](t, env, "expect", bob, object("text", "twice"))
	if second.Seq != 2 || first.Seq != 1 {
		t.Errorf("seqs %d and %d", first.Seq, second.Seq)
	}
	_, err := run(env, "expect", bob, object("text", "twice", "within", "50ms"))
	e := fault.From(err)
	if e == nil || e.Kind != fault.Timeout || !strings.Contains(e.Message, `no message with the text "twice" within 50ms`) ||
		!strings.Contains(e.Detail, "message from alice seq 2") || !strings.Contains(e.Hint, "again=true") {
		t.Errorf("%v hint %q", err, e.Hint)
	}
	if again := must[Event](t, env, "expect", bob, object("text", "twice", "again", true)); again.Seq != 1 {
		t.Errorf("again gave seq %d", again.Seq)
	}
	must[None](t, env, "expect_none", bob, object("text", "other", "within", "30ms"))
	must[None](t, env, "expect_none", bob, object("since", second.N, "within", "30ms"))
	must[Sent](t, env, "send", alice, object("to", "bob", "data", "{}"))
	if _, err := run(env, "expect_none", bob, object("since", second.N, "contentType", int64(110))); err == nil {
		t.Errorf("a message came and none was expected")
	}
	// Forward: the message comes while the expect waits.
	go func() { _, _ = run(env, "send", alice, "bob", "later") }()
	must[Event](t, env, "expect", bob, object("text", "later"))
	events := must[[]Event](t, env, "events", bob, object("type", "message"))
	for i, e := range events {
		if i > 0 && (e.Seq != events[i-1].Seq+1 || e.Time < events[i-1].Time) {
			t.Errorf("event %d: %+v after %+v", i, e, events[i-1])
		}
	}
	if len(events) != 4 {
		t.Errorf("%d messages", len(events))
	}
}

// TestHistoryIsNoEvent: what was stored before is neither an event nor a gap, and can be pulled.
func TestHistoryIsNoEvent(t *testing.T) {
	s := newStub(t)
	env := newEnv(t, s)
	alice := connect(t, env, "alice")
	for i := range 120 {
		must[Sent](t, env, "send", alice, "bob", fmt.Sprint("old ", i))
	}
	must[Event](t, env, "expect", alice, object("text", "old 119")) // it is pushed: not to who connects from now on
	bob := connect(t, env, "bob")
	must[Sent](t, env, "send", alice, "bob", "new")
	must[Event](t, env, "expect", bob, object("text", "new"))
	if events := must[[]Event](t, env, "events", bob, object("type", "message")); len(events) != 1 {
		t.Errorf("%d events", len(events))
	}
	stats := must[Stats](t, env, "stats", bob)
	if stats.Gaps != 0 || stats.Duplicates != 0 || stats.Received != 1 || stats.Latency.Count != 1 {
		t.Errorf("%+v", stats)
	}
	all := must[[]Event](t, env, "pull", bob, "si_alice_bob")
	if len(all) != 121 || all[0].Text != "old 0" || all[120].Seq != 121 {
		t.Errorf("pulled %d", len(all))
	}
	some := must[[]Event](t, env, "pull", bob, "si_alice_bob", object("begin", int64(5), "end", int64(6)))
	if len(some) != 2 || some[0].Seq != 5 {
		t.Errorf("pulled %+v", some)
	}
}

// TestAsync: sends that nobody waits for arrive in order; flush waits for the answers.
func TestAsync(t *testing.T) {
	env := newEnv(t, newStub(t))
	alice, bob := connect(t, env, "alice"), connect(t, env, "bob")
	const n = 500
	for i := range n {
		must[Sent](t, env, "send", alice, object("to", "bob", "text", fmt.Sprint(i), "noWait", true))
	}
	if f := must[Flushed](t, env, "flush", alice); f.Failed != 0 {
		t.Errorf("%d failed", f.Failed)
	}
	must[Event](t, env, "expect", bob, object("text", fmt.Sprint(n-1)))
	events := must[[]Event](t, env, "events", bob, object("type", "message"))
	if len(events) != n {
		t.Fatalf("%d events", len(events))
	}
	for i, e := range events {
		if e.Text != fmt.Sprint(i) {
			t.Fatalf("event %d is %q", i, e.Text)
		}
	}
	if s := must[Stats](t, env, "stats"); s.Connections != 2 || s.Sent != n || s.Duplicates != 0 || s.OutOfOrder != 0 || s.Latency.P50 <= 0 {
		t.Errorf("%+v", s)
	}
}

// TestSingleCommand: outside a script an account stands for a connection, and what needs one says so.
func TestSingleCommand(t *testing.T) {
	s := newStub(t)
	env := newEnv(t, s)
	env.Held = nil
	if sent := must[Sent](t, env, "send", "alice", "bob", "hi"); sent.ServerMsgID == "" {
		t.Errorf("%+v", sent)
	}
	for _, name := range []string{"connect", "expect", "events", "kicked", "stats", "drop"} {
		var args []any
		if name != "stats" {
			args = []any{"alice"}
		}
		if _, err := run(env, name, args...); !fault.Is(err, fault.Unsupported) || fault.From(err).Hint == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	eventually(t, "the connection is gone", func() bool { return len(s.all()) == 0 })
}

// TestFields: fields that contradict one another are refused before anything is sent.
func TestFields(t *testing.T) {
	env := newEnv(t, newStub(t))
	alice := connect(t, env, "alice")
	for _, c := range []struct {
		op     string
		fields *value.Object
		want   string
	}{
		{"send", object("text", "x"), "missing field to or groupID"},
		{"send", object("to", "bob", "groupID", "g", "text", "x"), "both given"},
		{"send", object("to", "bob"), "exactly one of text, data and content"},
		{"send", object("to", "bob", "content", object("a", "b")), "missing field contentType"},
		{"send", object("to", "bob", "txt", "x"), "did you mean text?"},
		{"read", object(), "exactly one of from"},
		{"subscribe", object(), "missing field userIDs"},
		{"expect", object("within", "0s"), "above 0"},
	} {
		if _, err := run(env, c.op, alice, c.fields); !fault.Is(err, fault.Usage) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v: %v", c.op, value.Text(c.fields), err)
		}
	}
	if _, err := run(env, "send", "bob#99", object("to", "x", "text", "x")); !fault.Is(err, fault.Usage) {
		t.Errorf("a connection that is none: %v", err)
	}
}
