package openim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/openimsdk/imctl/bindings/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testSecret = "openIM123"

// stub is a server that logs in anyone and gives every other call to answer, numbered from 1.
type stub struct {
	*httptest.Server
	logins, calls atomic.Int64
	answer        func(n int64, w http.ResponseWriter, r *http.Request)
	login         http.HandlerFunc // nil = a fresh token
}

func newStub(t *testing.T, answer func(n int64, w http.ResponseWriter, r *http.Request)) *stub {
	t.Helper()
	s := &stub{answer: answer}
	s.Server = httptest.NewServer(s)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != pathAdminToken {
		s.answer(s.calls.Add(1), w, r)
		return
	}
	n := s.logins.Add(1)
	if s.login != nil {
		s.login(w, r)
		return
	}
	good(w, fmt.Sprintf(`{"token":"token-%d","expireTimeSeconds":7776000}`, n))
}

func good(w http.ResponseWriter, data string) {
	io.WriteString(w, `{"errCode":0,"errMsg":"","errDlt":"","data":`+data+`}`)
}

func refuse(w http.ResponseWriter, code int, msg, dlt string) {
	fmt.Fprintf(w, `{"errCode":%d,"errMsg":%q,"errDlt":%q}`, code, msg, dlt)
}

func secretText(text string) Secret {
	return Secret{Get: func(context.Context) (string, error) { return text, nil }, Source: "the variable IMCTL_SECRET"}
}

func config(url string) Config {
	return Config{
		Context: "test", API: Setting{url, `context "test"`}, AdminUserID: "imAdmin", AdminSource: "--admin",
		Secret: secretText(testSecret), TimeoutSource: "--http-timeout",
	}
}

func client(t *testing.T, cfg Config) *Client {
	t.Helper()
	c := New(cfg)
	t.Cleanup(c.Close)
	return c
}

// failed checks that err is a *fault.Error of a kind and that all the words are in its text, detail or hint.
func failed(t *testing.T, err error, kind fault.Kind, words ...string) *fault.Error {
	t.Helper()
	var e *fault.Error
	if !errors.As(err, &e) {
		t.Fatalf("want a %s error, got %v", kind, err)
	}
	if e.Kind != kind {
		t.Errorf("want kind %s, got %s: %v", kind, e.Kind, e)
	}
	if e.Op != "" {
		t.Errorf("Op is the caller's to set, got %q", e.Op)
	}
	text := e.Error() + " | " + e.Detail + " | " + e.Hint
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q is not in %q", word, text)
		}
	}
	return e
}
