package cassette

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

func call(t *testing.T, rt http.RoundTripper, url string) {
	t.Helper()
	if _, _, err := ask(t, rt, "http://x.invalid"+url, ""); err != nil {
		t.Fatal(err)
	}
}

// TestOrder: what comes in by itself comes when all that was before it in the recording was done, over whichever way.
func TestOrder(t *testing.T) {
	a, b := request("a", 1), message("a", "b", "id", "hi")
	tape := tapeOf(t, func(r *Recorder) {
		fa, fb := newFake(), newFake()
		sa, sb := mustDial(t, r, user("a"), fa), mustDial(t, r, user("b"), fb)
		mustWrite(t, sa, a)
		pass(t, sa, fa, answer(a, 7))
		pass(t, sb, fb, push("before"))
		mustWrite(t, sa, send(2, b))
		pass(t, sb, fb, push("c", b)) // before the answer, on another connection
		pass(t, sa, fa, openim.Frame{ReqIdentifier: openim.WSSend, MsgIncr: "a_2", Data: openim.SentMessage{ClientMsgID: "id"}.Encode()})
		call(t, r, "/one")
		pass(t, sb, fb, push("c", message("x", "b", "by", "HTTP")))
		r.Waited("b: more")
		pass(t, sb, fb, push("c", message("x", "b", "after", "a wait")))
		sa.Close()
		pass(t, sb, fb, &openim.BadFrame{Err: errors.New("no frame")})
		mustDial(t, r, user("c"), newFake())
	})
	p := played(t, tape)
	sa, sb := mustDial(t, p, user("a"), nil), mustDial(t, p, user("b"), nil)
	ra, rb := read(t, sa), read(t, sb)
	rb.none()
	a.MsgIncr = "a_100" // the run counts in its own way
	mustWrite(t, sa, a)
	ra.next("1001 a_100 7")
	rb.next("2001 ")
	rb.none()
	b.CreateTime++
	mustWrite(t, sa, send(2, b))
	ra.next("1003 a_2 id")
	if len(rb.got) != 1 {
		t.Error("the answer came before what was recorded before it")
	}
	rb.next(`2001  id {"content":"hi"}`)
	rb.none()
	call(t, p, "/one")
	rb.next(`2001  by {"content":"HTTP"}`)
	rb.none()
	p.Waited("something else")
	rb.none()
	p.Waited("b: more")
	rb.next(`2001  after {"content":"a wait"}`)
	rb.none()
	sa.Cut()
	rb.next("bad: no frame")
	if p.Left() != 1 {
		t.Errorf("%d left", p.Left())
	}
}

// TestAnswersWait: an HTTP answer and a handshake wait until what came before them was taken in.
func TestAnswersWait(t *testing.T) {
	fa := newFake()
	var sa openim.Socket
	var tape strings.Builder
	r, err := NewRecorder(&tape, roundTripper(func(*http.Request) (*http.Response, error) {
		pass(t, sa, fa, openim.Frame{ReqIdentifier: openim.WSKicked})
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
	}), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	sa = mustDial(t, r, user("a"), fa)
	call(t, r, "/logout")
	p := played(t, tape.String())
	sa = mustDial(t, p, user("a"), nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		call(t, p, "/logout")
	}()
	in, err := sa.Read(t.Context())
	if err != nil || in.Frame.ReqIdentifier != openim.WSKicked {
		t.Fatal(in, err)
	}
	select {
	case <-done:
		t.Error("the answer came before the kick was taken in")
	case <-time.After(20 * time.Millisecond):
	}
	sa.Cut()
	<-done
}

// TestParallel: requests in another order than the recorded one are answered all the same, and what one of them causes
// does not come before it.
func TestParallel(t *testing.T) {
	const n = parallel - 1
	tape := tapeOf(t, func(r *Recorder) {
		fa, fb := newFake(), newFake()
		sa, sb := mustDial(t, r, user("a"), fa), mustDial(t, r, user("b"), fb)
		for i := range n {
			m := message("a", "b", string(rune('a'+i)), "hi "+string(rune('a'+i)))
			mustWrite(t, sa, send(i, m))
			pass(t, sb, fb, push("c", m))
			pass(t, sa, fa, openim.Frame{ReqIdentifier: openim.WSSend, MsgIncr: send(i, m).MsgIncr, Data: openim.SentMessage{ClientMsgID: m.ClientMsgID}.Encode()})
		}
	})
	p := played(t, tape)
	sa, sb := mustDial(t, p, user("a"), nil), mustDial(t, p, user("b"), nil)
	ra, rb := read(t, sa), read(t, sb)
	for i := n - 1; i >= 0; i-- {
		m := message("a", "b", string(rune('a'+i)), "hi "+string(rune('a'+i)))
		if i == 0 {
			rb.none()
		}
		mustWrite(t, sa, send(i, m))
		ra.next("1003 " + send(i, m).MsgIncr + " " + m.ClientMsgID)
	}
	for i := range n {
		id := string(rune('a' + i))
		rb.next(`2001  ` + id + ` {"content":"hi ` + id + `"}`)
	}
}

// TestNeverMade: a recorded request that the run does not make holds things up for a while only, and not at all when the
// run has done what was not recorded.
func TestNeverMade(t *testing.T) {
	tape := tapeOf(t, func(r *Recorder) {
		fa := newFake()
		sa := mustDial(t, r, user("a"), fa)
		mustWrite(t, sa, request("a", 1))
		for range parallel {
			call(t, r, "/x")
		}
		pass(t, sa, fa, push("c", message("x", "a", "id", "late")))
		call(t, r, "/y")
	})
	p := played(t, tape)
	ra := read(t, mustDial(t, p, user("a"), nil))
	for range parallel - 1 {
		call(t, p, "/x")
	}
	ra.none()
	call(t, p, "/x")
	ra.next(`2001  id {"content":"late"}`)

	p = played(t, tape)
	ra = read(t, mustDial(t, p, user("a"), nil))
	if _, _, err := ask(t, p, "http://x.invalid/z", ""); !fault.Is(err, fault.Unreachable) {
		t.Error(err)
	}
	ra.none()
	call(t, p, "/y")
	ra.next(`2001  id {"content":"late"}`)
}

// TestDials: each handshake has the next outcome of its own; one that was not recorded is refused.
func TestDials(t *testing.T) {
	refuse := func(context.Context) (openim.Socket, *fault.Error) {
		return nil, &fault.Error{Kind: fault.API, Code: 1601, Message: "full", Hint: "wait", Status: 200}
	}
	tape := tapeOf(t, func(r *Recorder) {
		if _, e := r.Dial(t.Context(), user("a"), "op", refuse); e == nil {
			t.Error("not refused")
		}
		f := newFake()
		pass(t, mustDial(t, r, user("a"), f), f, io.EOF)
		f = newFake()
		s := mustDial(t, r, user("a"), f)
		s.Lose("nothing came for 41s")
	})
	p := played(t, tape)
	want := fault.Error{Kind: fault.API, Code: 1601, Message: "full", Hint: "wait", Status: 200}
	if s, e := p.Dial(t.Context(), user("a"), "op", nil); s != nil || e == nil || *e != want {
		t.Errorf("the first handshake: %v", e)
	}
	read(t, mustDial(t, p, user("a"), nil)).next("end: the server cut it without a word")
	read(t, mustDial(t, p, user("a"), nil)).next("end: nothing came for 41s")
	for _, l := range []openim.Login{user("a"), {UserID: "a", PlatformID: 1}, user("b")} {
		if _, e := p.Dial(t.Context(), l, "op", nil); !fault.Is(e, fault.Unreachable) || !strings.Contains(e.Message, "not recorded: a connection of "+l.UserID) || e.Hint == "" {
			t.Errorf("a handshake that was not recorded: %v", e)
		}
	}
}

// TestRequests: what is no request of the recording fails and says so; what could not be sent can't be sent again; an
// answer that came too late comes too late.
func TestRequests(t *testing.T) {
	m := message("a", "b", "0123456789abcdef", "hi")
	slow := request("a", 3)
	tape := tapeOf(t, func(r *Recorder) {
		f := newFake()
		s := mustDial(t, r, user("a"), f)
		for _, f.wrong = range []error{fault.New(fault.Usage, "too long"), io.ErrClosedPipe} {
			if _, err := s.Write(t.Context(), request("a", 1)); err == nil {
				t.Error("it was written")
			}
		}
		f.wrong = nil
		pass(t, s, f, push("c", message("x", "a", "id", "in between")))
		mustWrite(t, s, send(2, m))
		mustWrite(t, s, slow)
		s.GaveUp(slow.MsgIncr)
		pass(t, s, f, answer(slow, 5))
	})
	p := played(t, tape)
	s := mustDial(t, p, user("a"), nil)
	ra := read(t, s)
	ra.next(`2001  id {"content":"in between"}`) // what could not be sent holds nothing back
	if _, err := s.Write(t.Context(), request("a", 1)); !fault.Is(err, fault.Usage) || err.Error() != "too long" {
		t.Errorf("the first: %v", err)
	}
	var own *fault.Error
	if _, err := s.Write(t.Context(), request("a", 1)); err == nil || errors.As(err, &own) {
		t.Errorf("the second: %v", err)
	}
	for _, other := range []openim.Frame{send(2, message("a", "b", m.ClientMsgID, "ho")), send(2, message("a", "c", m.ClientMsgID, "hi")), {ReqIdentifier: openim.WSNewestSeqs, Data: openim.EncodeUserID("b")}, {ReqIdentifier: openim.WSReadSeqs}, {ReqIdentifier: 99, Data: []byte("x")}} {
		if _, err := s.Write(t.Context(), other); !fault.Is(err, fault.Unreachable) || !strings.Contains(err.Error(), "not recorded: request") {
			t.Errorf("%s: %v", told(other), err)
		}
	}
	mustWrite(t, s, send(2, m))
	mustWrite(t, s, slow)
	ra.none()
	s.GaveUp(slow.MsgIncr)
	ra.next("1001 a_3 5")
	s.Close()
	<-ra.over
	if _, err := s.Write(t.Context(), slow); err == nil {
		t.Error("a request on a connection that is over")
	}
}

// TestOtherIDs: tasks that draw one another's message ids have answers and pushes with their own.
func TestOtherIDs(t *testing.T) {
	const one, two = "11111111111111111111111111111111", "22222222222222222222222222222222"
	tape := tapeOf(t, func(r *Recorder) {
		f := newFake()
		s := mustDial(t, r, user("a"), f)
		for i, id := range []string{one, two} {
			m := message("a", "b", id, "to "+string(rune('b'+i)))
			mustWrite(t, s, send(i, m))
			pass(t, s, f, push("c", m))
		}
	})
	p := played(t, tape)
	s := mustDial(t, p, user("a"), nil)
	ra := read(t, s)
	mustWrite(t, s, send(0, message("a", "b", one, "to c")))
	mustWrite(t, s, send(1, message("a", "b", two, "to b")))
	ra.next(`2001  ` + two + ` {"content":"to b"}`)
	ra.next(`2001  ` + one + ` {"content":"to c"}`)
}

// TestPulls: messages that came in are given to who pulls them, however they came; others are not.
func TestPulls(t *testing.T) {
	pull := func(n int, begin, end int64) openim.Frame {
		f := request("a", n)
		f.ReqIdentifier = openim.WSPullByRange
		f.Data = openim.EncodePull("a", false, openim.SeqRange{ConversationID: "c", Begin: begin, End: end, Num: end - begin + 1})
		return f
	}
	numbered := func(seq int64) *openim.GatewayMessage {
		m := message("x", "a", string(rune('0'+seq)), "m")
		m.Seq = seq
		return m
	}
	tape := tapeOf(t, func(r *Recorder) {
		f := newFake()
		s := mustDial(t, r, user("a"), f)
		pass(t, s, f, push("c", numbered(4)))
		mustWrite(t, s, pull(1, 1, 3))
		reply := push("c", numbered(1), numbered(3)) // 2 is deleted
		reply.ReqIdentifier, reply.MsgIncr = openim.WSPullByRange, "a_1"
		pass(t, s, f, reply)
		pass(t, s, f, push("d", numbered(5)))
	})
	p := played(t, tape)
	s := mustDial(t, p, user("a"), nil)
	ra := read(t, s)
	ra.next(`2001  4 {"content":"m"}`)
	ra.next(`2001  5 {"content":"m"}`) // the pull holds nothing back
	mustWrite(t, s, pull(1, 2, 4))
	ra.next(`1002 a_1 3 {"content":"m"} 4 {"content":"m"}`)
	for _, f := range []openim.Frame{pull(2, 3, 5), pull(2, 0, 1)} {
		if _, err := s.Write(t.Context(), f); !fault.Is(err, fault.Unreachable) {
			t.Errorf("a pull of what is not there: %v", err)
		}
	}
	mustWrite(t, s, pull(3, 1, 3))
	ra.next(`1002 a_3 1 {"content":"m"} 3 {"content":"m"}`)
}
