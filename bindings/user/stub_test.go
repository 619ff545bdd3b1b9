package user

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// refusal is a stub's error answer, in the server's envelope.
type refusal struct {
	code     int
	msg, dlt string
}

func (r refusal) Error() string { return r.msg }

// notThere is what a server answers that has no such endpoint.
var notThere = refusal{code: http.StatusNotFound}

// stub is an OpenIM deployment of which only some endpoints exist; a call to any other fails the test. One server
// plays the message server and, on paths with a prefix of their own, the chat server's two APIs.
type stub struct {
	t   *testing.T
	srv *httptest.Server

	quick map[string]string // fixed answers, neither parsed nor recorded, for tests of size

	mu    sync.Mutex
	serve map[string]func(body *value.Object) (any, error)
	calls []call
}

type call struct {
	path string
	body *value.Object
	op   string // the operationID header
}

func newStub(t *testing.T) *stub {
	s := &stub{t: t, serve: map[string]func(*value.Object) (any, error){}}
	s.on("/auth/get_admin_token", func(*value.Object) (any, error) {
		return value.NewObject("token", "admin-token", "expireTimeSeconds", int64(7776000)), nil
	})
	s.on("/chatadmin/account/login", func(*value.Object) (any, error) {
		return value.NewObject("adminToken", "chat-token", "adminUserID", "imAdmin", "imToken", "", "imUserID", ""), nil
	})
	s.srv = httptest.NewServer(s)
	t.Cleanup(s.srv.Close)
	return s
}

func (s *stub) on(path string, fn func(*value.Object) (any, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serve[path] = fn
}

// gives answers path with fixed data; nil data is an answer without data.
func (s *stub) gives(path string, data any) {
	s.on(path, func(*value.Object) (any, error) { return data, nil })
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if answer := s.quick[r.URL.Path]; answer != "" {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, answer)
		return
	}
	raw, _ := io.ReadAll(r.Body)
	parsed, err := value.Parse(raw)
	body, isObject := parsed.(*value.Object)
	if err != nil || !isObject {
		s.t.Errorf("%s: the body is no object: %s", r.URL.Path, raw)
	}
	s.mu.Lock()
	fn := s.serve[r.URL.Path]
	s.calls = append(s.calls, call{r.URL.Path, body, r.Header.Get("operationID")})
	s.mu.Unlock()
	if fn == nil {
		s.t.Errorf("unexpected call %s %s", r.URL.Path, raw)
		w.WriteHeader(http.StatusNotFound)
		return
	}
	data, err := fn(body)
	envelope := value.NewObject("errCode", int64(0), "errMsg", "", "errDlt", "")
	if err != nil {
		no := err.(refusal)
		if no == notThere {
			http.NotFound(w, r)
			return
		}
		envelope = value.NewObject("errCode", int64(no.code), "errMsg", no.msg, "errDlt", no.dlt)
	} else if data != nil {
		envelope.Set("data", data)
	}
	out, _ := value.Marshal(envelope)
	_, _ = w.Write(out)
}

// sent lists the bodies that path got.
func (s *stub) sent(path string) []*value.Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*value.Object
	for _, c := range s.calls {
		if c.path == path {
			out = append(out, c.body)
		}
	}
	return out
}

// writes lists the paths that got a call which changes something.
func (s *stub) writes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, c := range s.calls {
		path := strings.TrimPrefix(strings.TrimPrefix(c.path, "/chatadmin"), "/chatapi")
		if path != "/auth/get_admin_token" && path != "/account/login" && openim.Writes(path) {
			out = append(out, c.path)
		}
	}
	return out
}

func (s *stub) total() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}
