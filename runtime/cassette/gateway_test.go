package cassette

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeSocket is a connection to no server: the test says what comes in.
type fakeSocket struct {
	openim.Socket
	in    chan any // a Frame, or an error
	wrong error    // of Write
}

func newFake() *fakeSocket { return &fakeSocket{in: make(chan any, 100)} }

func (s *fakeSocket) Read(context.Context) (openim.Incoming, error) {
	switch v := (<-s.in).(type) {
	case openim.Frame:
		return openim.Incoming{Frame: v}, nil
	case string:
		return openim.Incoming{Text: v}, nil
	case error:
		return openim.Incoming{}, v
	}
	return openim.Incoming{}, io.EOF
}

func (s *fakeSocket) Write(_ context.Context, f openim.Frame) (int, error) {
	return len(f.Data), s.wrong
}
func (s *fakeSocket) Close()        {}
func (s *fakeSocket) Cut()          {}
func (s *fakeSocket) Lose(string)   {}
func (s *fakeSocket) GaveUp(string) {}

// dialled is a dial that gives a fake.
func dialled(s *fakeSocket) func(context.Context) (openim.Socket, *fault.Error) {
	return func(context.Context) (openim.Socket, *fault.Error) { return s, nil }
}

// tapeOf records what fn does.
func tapeOf(t *testing.T, fn func(r *Recorder)) string {
	t.Helper()
	var tape bytes.Buffer
	answer := roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
	})
	r, err := NewRecorder(&tape, answer, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	fn(r)
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return tape.String()
}

func played(t *testing.T, tape string) *Player {
	t.Helper()
	p, err := Load(strings.NewReader(tape), "tape")
	if err != nil {
		t.Fatalf("%v\n%s", err, tape)
	}
	return p
}

func user(name string) openim.Login {
	return openim.Login{UserID: name, PlatformID: 5, Token: jwt, Encoding: openim.EncodingGo}
}

// pass makes one fake receive what came in, as its reader does.
func pass(t *testing.T, s openim.Socket, fake *fakeSocket, what any) {
	t.Helper()
	fake.in <- what
	if _, err := s.Read(t.Context()); err != nil && !errors.Is(err, what.(error)) {
		t.Fatal(err)
	}
}

func mustDial(t *testing.T, tape openim.Tape, l openim.Login, fake *fakeSocket) openim.Socket {
	t.Helper()
	s, e := tape.Dial(t.Context(), l, "op", dialled(fake))
	if e != nil {
		t.Fatal(e)
	}
	return s
}

func mustWrite(t *testing.T, s openim.Socket, f openim.Frame) {
	t.Helper()
	if _, err := s.Write(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// request is a request with the id n, answer the answer to it, push a push that carries a text.
func request(user string, n int) openim.Frame {
	return openim.Frame{ReqIdentifier: openim.WSNewestSeqs, SendID: user, OperationID: fmt.Sprint("op", n), MsgIncr: fmt.Sprint(user, "_", n), Data: openim.EncodeUserID(user)}
}

func answer(f openim.Frame, seq int64) openim.Frame {
	return openim.Frame{ReqIdentifier: f.ReqIdentifier, OperationID: f.OperationID, MsgIncr: f.MsgIncr, Data: openim.EncodeMaxSeqs(map[string]int64{"c": seq})}
}

func message(from, to, id, text string) *openim.GatewayMessage {
	content, _ := json.Marshal(map[string]string{"content": text})
	return &openim.GatewayMessage{SendID: from, RecvID: to, ClientMsgID: id, ContentType: 101, Content: content, SendTime: time.Now().UnixMilli(), CreateTime: time.Now().UnixMilli()}
}

func send(n int, m *openim.GatewayMessage) openim.Frame {
	return openim.Frame{ReqIdentifier: openim.WSSend, SendID: m.SendID, OperationID: fmt.Sprint("op", n), MsgIncr: fmt.Sprint(m.SendID, "_", n), Data: m.Encode()}
}

func push(conversation string, list ...*openim.GatewayMessage) openim.Frame {
	return openim.Frame{ReqIdentifier: openim.WSPush, Data: openim.EncodePulled([]openim.PulledMessages{{ConversationID: conversation, Messages: list}})}
}

// reader reads a played socket as a client does and tells what came.
type reader struct {
	t    *testing.T
	got  chan string
	over chan struct{}
}

func read(t *testing.T, s openim.Socket) *reader {
	r := &reader{t: t, got: make(chan string, 100), over: make(chan struct{})}
	go func() {
		defer close(r.over)
		for {
			in, err := s.Read(context.Background())
			var bad *openim.BadFrame
			switch {
			case errors.As(err, &bad):
				r.got <- "bad: " + bad.Error()
			case err != nil:
				r.got <- "end: " + openim.Ending(err)
			default:
				r.got <- told(in.Frame)
				continue
			}
			s.Cut()
			return
		}
	}()
	t.Cleanup(func() { s.Cut(); <-r.over })
	return r
}

// told is a frame in short.
func told(f openim.Frame) string {
	text := fmt.Sprintf("%d %s", f.ReqIdentifier, f.MsgIncr)
	switch f.ReqIdentifier {
	case openim.WSNewestSeqs:
		seqs, _ := openim.DecodeMaxSeqs(f.Data)
		text += fmt.Sprint(" ", seqs["c"])
	case openim.WSPush, openim.WSPullByRange:
		list, _ := openim.DecodePulled(f.Data)
		for _, p := range list {
			for _, m := range p.Messages {
				text += " " + m.ClientMsgID + " " + string(m.Content)
			}
		}
	case openim.WSSend:
		sent, _ := openim.DecodeSent(f.Data)
		text += " " + sent.ClientMsgID
	}
	if f.ErrCode != 0 {
		text += fmt.Sprint(" ", f.ErrCode, " ", f.ErrMsg)
	}
	return text
}

// next is what came next; a test that waits for ever shows what is missing.
func (r *reader) next(want string) {
	r.t.Helper()
	select {
	case got := <-r.got:
		if got != want {
			r.t.Fatalf("got %q, want %q", got, want)
		}
	case <-time.After(20 * time.Second):
		r.t.Fatalf("nothing came, want %q", want)
	}
}

// none says that nothing has come. It can be wrong about what comes a moment later, so that a fault of the order shows in
// some runs only; it never fails by chance.
func (r *reader) none() {
	r.t.Helper()
	time.Sleep(20 * time.Millisecond)
	select {
	case got := <-r.got:
		r.t.Fatalf("got %q too soon", got)
	default:
	}
}

func TestRecordingOfAConnection(t *testing.T) {
	fake := newFake()
	tape := tapeOf(t, func(r *Recorder) {
		s := mustDial(t, r, openim.Login{UserID: "alice", PlatformID: 1, Token: jwt, Encoding: openim.EncodingJS, Packed: true}, fake)
		m := message("alice", "bob", "0123456789abcdef", "my token is "+jwt)
		m.Ex = `{"token":"openIM123"}`
		mustWrite(t, s, send(1, m))
		m.Seq = 9007199254740993
		pass(t, s, fake, push("si_alice_bob", m))
		pass(t, s, fake, openim.Frame{ReqIdentifier: openim.WSSend, MsgIncr: "alice_1", ErrCode: 1501, ErrMsg: "token " + jwt + " expired"})
		pass(t, s, fake, openim.Frame{ReqIdentifier: 4711, Data: []byte("\x0a\xff binary " + jwt)})
		pass(t, s, fake, "pong")
		pass(t, s, fake, io.EOF)
		s.Cut()
		if _, e := r.Dial(t.Context(), user("bob"), "op", func(context.Context) (openim.Socket, *fault.Error) {
			return nil, &fault.Error{Kind: fault.Auth, Code: 1506, Message: "refused " + jwt}
		}); e == nil || e.Code != 1506 || !strings.Contains(e.Message, jwt) {
			t.Error(e)
		}
	})
	for _, secret := range []string{"openIM123", "eyJ"} {
		if strings.Contains(tape, secret) {
			t.Errorf("the recording holds %s", secret)
		}
	}
	var lines []string
	for _, line := range strings.Split(strings.TrimSpace(tape), "\n")[1:] {
		var e entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprint(e.Conn, " ", e.WS))
	}
	if got, want := strings.Join(lines, ", "), "1 dial, 1 open, 1 out, 1 in, 1 in, 1 in, 1 end, 2 dial, 2 refused"; got != want {
		t.Errorf("the lines are %s, want %s", got, want)
	}
	for _, want := range []string{
		`"login":{"userID":"alice","platformID":1,"token":"masked-1","sdkType":"js","packed":true,"operationID":"op"}`,
		`"frame":{"reqIdentifier":1003,"sendID":"alice","operationID":"op1","msgIncr":"alice_1","data":{"sendID":"alice","recvID":"bob"`,
		`my token is masked-1`, `"seq":9007199254740993`, `"errCode":1501,"errMsg":"token masked-1 expired"`, `"raw":"`,
		`"how":"the server cut it without a word"`, `"error":{"kind":"auth","code":1506,"message":"refused masked-1"}`,
	} {
		if !strings.Contains(tape, want) {
			t.Errorf("the recording lacks %s:\n%s", want, tape)
		}
	}
	played(t, tape)
}
