package sandbox

import (
	"fmt"
	"testing"
)

// BenchmarkRegisterKept is BenchmarkRegister with a data folder.
func BenchmarkRegisterKept(b *testing.B) {
	benchmarkRegister(b, Config{Data: b.TempDir()})
}

// BenchmarkRestore starts on a journal of 100,000 messages of chats of two.
func BenchmarkRestore(b *testing.B) {
	const messages, users = 100_000, 1000
	s := startTest(b, Config{Data: b.TempDir()})
	c := newTestClient(b, s)
	ids := make([]string, users)
	for i := range ids {
		ids[i] = fmt.Sprintf("u%d", i)
	}
	c.register(ids...)
	send := s.handlers[wsSend]
	st := s.state.Load()
	for i := range messages {
		from := i % users
		w := wire{}
		w.text(1, ids[from])
		w.text(2, ids[from^1])
		w.text(4, fmt.Sprintf("%032x", i))
		w.number(9, singleChat)
		w.number(11, 101)
		w.text(12, fmt.Sprintf(`{"content":"message %d of the benchmark"}`, i))
		r := &entry{Kind: requestEntry, Request: wsSend, UserID: ids[from], PlatformID: 2, OperationID: fmt.Sprint(i), Body: w}
		if _, err := s.runRequest(st, nil, send, r); err != nil {
			b.Fatal(err)
		}
		if i%1000 == 999 {
			s.storeOutbox()
		}
	}
	size := s.journal.end
	cfg := s.cfg
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		again, err := newServer(cfg)
		if err != nil {
			b.Fatal(err)
		}
		if err := again.load(b.Context()); err != nil {
			b.Fatal(err)
		}
		if n := len(again.state.Load().messages[singleConversation("u0", "u1")].messages); n != messages/users*2 {
			b.Fatalf("%d messages", n)
		}
		if err := again.journal.close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(size)/messages, "B/message")
}
