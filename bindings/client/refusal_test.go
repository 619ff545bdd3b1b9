package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

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
			s.onHandshake(c.handshake)
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
}

// TestRefusedComingBack: a token that was kicked meanwhile ends the tries.
func TestRefusedComingBack(t *testing.T) {
	s := newStub(t)
	env := newEnv(t, s)
	bob := connect(t, env, "bob")
	s.onHandshake(func(w http.ResponseWriter, _ *http.Request) bool {
		_, _ = io.WriteString(w, `{"errCode":1501,"errMsg":"TokenExpiredError","errDlt":""}`)
		return true
	})
	_ = s.of("bob")[0].ws.CloseNow()
	e := must[Event](t, env, "expect", bob, object("type", "refused"))
	if !strings.Contains(e.Reason, "1501") || !must[bool](t, env, "closed", bob) {
		t.Errorf("%+v", e)
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
