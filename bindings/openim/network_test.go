package openim

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

func TestRetries(t *testing.T) {
	reset := func(w http.ResponseWriter) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}
	status := func(code int) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.WriteHeader(code) }
	}
	limited := func(w http.ResponseWriter) {
		w.WriteHeader(429)
		refuse(w, 429, "too many", "")
	}
	cut := func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, `{"errCode":0,`)
	}
	for _, row := range []struct {
		name, path string
		fail       func(http.ResponseWriter)
		calls      int64 // with two retries and a server that recovers at the third
		kind       fault.Kind
		words      []string
	}{
		{"read, 502", "/user/get_users", status(502), 3, "", nil},
		{"read, 503", "/user/get_users", status(503), 3, "", nil},
		{"read, 504", "/user/get_users", status(504), 3, "", nil},
		{"read, reset", "/user/get_users", reset, 3, "", nil},
		{"read, cut", "/user/get_users", cut, 3, "", nil},
		{"read, 500", "/user/get_users", status(500), 1, fault.Unreachable, nil},
		{"read, errCode", "/user/get_users", func(w http.ResponseWriter) { refuse(w, 500, "ServerInternalError", "") }, 1, fault.API, nil},
		{"read, 429", "/user/get_users", limited, 3, "", nil},
		{"send, 502", "/msg/send_msg", status(502), 1, fault.Unreachable, []string{"may have been carried out"}},
		{"send, reset", "/msg/send_msg", reset, 1, fault.Unreachable, []string{"look before you repeat"}},
		{"send, cut", "/msg/send_msg", cut, 1, fault.Unreachable, []string{"look before you repeat"}},
		{"send, 429", "/msg/send_msg", limited, 3, "", nil},
		{"register, 503", "/user/user_register", status(503), 1, fault.Unreachable, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			var mu sync.Mutex
			ids := map[string]bool{}
			s := newStub(t, func(n int64, w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				ids[r.Header.Get("operationID")] = true
				mu.Unlock()
				io.Copy(io.Discard, r.Body)
				if n < 3 {
					row.fail(w)
					return
				}
				good(w, "1")
			})
			cfg := config(s.URL)
			cfg.Retries = 2
			c := client(t, cfg)
			_, err := c.Call(t.Context(), row.path, nil)
			if row.kind != "" {
				failed(t, err, row.kind, row.words...)
			} else if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if s.calls.Load() != row.calls || len(ids) != 1 {
				t.Errorf("%d calls, want %d; operationIDs %v", s.calls.Load(), row.calls, ids)
			}
		})
	}
}

func TestRetriesEnd(t *testing.T) {
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) { w.WriteHeader(503) })
	cfg := config(s.URL)
	cfg.Retries = 2
	_, err := client(t, cfg).Call(t.Context(), "/user/get_users", nil)
	if e := failed(t, err, fault.Unreachable, "HTTP 503"); !e.Retryable || s.calls.Load() != 3 {
		t.Errorf("%+v after %d calls", e, s.calls.Load())
	}
}

func TestRefusedConnectionIsTriedAgainForWrites(t *testing.T) {
	var dials atomic.Int64
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) { good(w, "1") })
	base := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if dials.Add(1) == 1 {
			addr = "127.0.0.1:1"
		}
		return (&net.Dialer{}).DialContext(ctx, network, addr)
	}}
	defer base.CloseIdleConnections()
	cfg := config(s.URL)
	cfg.Retries, cfg.Base = 1, base
	if _, err := client(t, cfg).Call(t.Context(), "/msg/send_msg", nil, As("x")); err != nil {
		t.Error(err)
	}
	if s.calls.Load() != 1 || dials.Load() != 2 {
		t.Errorf("%d calls, %d dials", s.calls.Load(), dials.Load())
	}
}

func TestTooManyRequests(t *testing.T) {
	s := newStub(t, func(n int64, w http.ResponseWriter, r *http.Request) {
		if n == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(429)
			return
		}
		good(w, "1")
	})
	cfg := config(s.URL)
	c := client(t, cfg)
	_, err := c.Call(t.Context(), "/msg/send_msg", nil)
	if e := failed(t, err, fault.API, "too many requests", "wait 1s", "--rate"); !e.Retryable || e.Code != 429 || e.Status != 429 {
		t.Errorf("%+v", e)
	}
	s.calls.Store(0)
	c.cfg.Retries = 1
	start := time.Now()
	if _, err := c.Call(t.Context(), "/msg/send_msg", nil); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took < time.Second || took > 10*time.Second {
		t.Errorf("waited %s", took)
	}
	s.calls.Store(0)
	ctx, cancel := context.WithTimeout(t.Context(), 900*time.Millisecond)
	defer cancel()
	start = time.Now()
	_, err = c.Call(ctx, "/msg/send_msg", nil)
	failed(t, err, fault.API, "wait 1s")
	if time.Since(start) > 900*time.Millisecond {
		t.Error("waited for a retry that can't come in time")
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "3": 3 * time.Second, " 7 ": 7 * time.Second, "x": 0, "-1": 0, "1.5": 0, "99999999999": 0,
		now.Add(9 * time.Second).Format(http.TimeFormat): 9 * time.Second,
		now.Add(-time.Hour).Format(http.TimeFormat):      0,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestTimeout(t *testing.T) {
	for _, part := range []string{"no answer", "half an answer"} {
		for _, path := range []string{"/user/get_users", "/msg/send_msg"} {
			s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
				if part != "no answer" {
					io.WriteString(w, `{"errCode":0,`)
					w.(http.Flusher).Flush()
				}
				io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
			})
			cfg := config(s.URL)
			cfg.Timeout, cfg.Retries = 100*time.Millisecond, 3
			start := time.Now()
			_, err := client(t, cfg).Call(t.Context(), path, nil, As("x"))
			e := failed(t, err, fault.Timeout, s.URL, `context "test"`, "100ms", "--http-timeout")
			if took := time.Since(start); took > 5*time.Second || s.calls.Load() != 1 {
				t.Errorf("%s with %d calls", took, s.calls.Load())
			}
			if e.Retryable == Writes(path) || strings.Contains(e.Hint, "carried out") != Writes(path) {
				t.Errorf("%s: %+v", path, e)
			}
		}
	}
}

func TestTimeoutOfOneCall(t *testing.T) {
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	_, err := client(t, config(s.URL)).Call(t.Context(), "/user/get_users", nil, As("x"), WithTimeout(50*time.Millisecond))
	failed(t, err, fault.Timeout, "50ms", "set for this call")
}

// Where a cancel may come: in the call, in the login, in a pause between tries, in the wait for the rate limit.
func TestCancel(t *testing.T) {
	hang := func(_ int64, _ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}
	limited := func(_ int64, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(429)
	}
	for name, setup := range map[string]func(*stub, *Config){
		"call":  func(s *stub, _ *Config) { s.answer = hang },
		"login": func(s *stub, _ *Config) { s.login = func(w http.ResponseWriter, r *http.Request) { hang(0, w, r) } },
		"pause": func(s *stub, cfg *Config) { s.answer = limited; cfg.Retries = 5 },
		"rate":  func(s *stub, cfg *Config) { cfg.Rate = 0.01 },
		"lock": func(s *stub, cfg *Config) {
			cfg.CacheDir = t.TempDir()
			f := &tokenFile{path: cachePath(cfg.CacheDir, "im", cfg.Context, "token")}
			unlock, err := f.lock(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(unlock)
		},
	} {
		for _, limit := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s %v", name, limit), func(t *testing.T) {
				limit = limit && name != "rate" && name != "pause" // there a limit that is too short is seen at once
				late := cancelOnce(t, setup, limit)
				for try := 0; late > 100*time.Millisecond && try < 5; try++ { // other work on the machine may delay one
					late = min(late, cancelOnce(t, setup, limit))
				}
				if late > 100*time.Millisecond {
					t.Errorf("%s late", late)
				}
			})
		}
	}
}

// cancelOnce ends a call after a while, by its time limit or by hand, and returns how much later it came back.
func cancelOnce(t *testing.T, setup func(*stub, *Config), limit bool) time.Duration {
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) { good(w, "1") })
	cfg := config(s.URL)
	setup(s, &cfg)
	const after = 100 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	kind := fault.Canceled
	var at atomic.Int64
	if limit {
		ctx, cancel = context.WithTimeout(t.Context(), after)
		kind = fault.Timeout
		at.Store(time.Now().Add(after).UnixNano())
	} else {
		time.AfterFunc(after, func() { at.Store(time.Now().UnixNano()); cancel() })
	}
	defer cancel()
	_, err := client(t, cfg).Call(ctx, "/user/get_users", nil)
	late := time.Since(time.Unix(0, at.Load()))
	e := failed(t, err, kind)
	if e.Kind == fault.Timeout && strings.Contains(e.Hint, "--http-timeout") {
		t.Errorf("the wrong limit is named: %v", e.Hint)
	}
	sent := s.calls.Load() + s.logins.Load()
	time.Sleep(30 * time.Millisecond)
	if s.calls.Load()+s.logins.Load() != sent {
		t.Error("sent after the cancel")
	}
	return late
}

func TestNothingSentWithAnEndedContext(t *testing.T) {
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) { good(w, "1") })
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(fault.New(fault.Timeout, "the script's limit of 2s was reached"))
	_, err := client(t, config(s.URL)).Call(ctx, "/user/get_users", nil)
	failed(t, err, fault.Timeout, "the script's limit of 2s")
	if s.calls.Load()+s.logins.Load() != 0 {
		t.Error("something was sent")
	}
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	plain := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) { good(w, "1") })
	secure := httptest.NewUnstartedServer(plain)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	proxy, _ := url.Parse("http://" + closed)
	for _, row := range []struct {
		name, url string
		base      http.RoundTripper
		words     []string
	}{
		{"refused", "http://" + closed, nil, []string{"connection refused", "nothing listens", closed, `context "test"`}},
		{"no such host", "http://no-such-host.invalid:10002", nil, []string{"no-such-host.invalid", `context "test"`}},
		{"http to https", strings.Replace(secure.URL, "https", "http", 1), nil, []string{"HTTP 400", "https://"}},
		{"https to http", strings.Replace(plain.URL, "http", "https", 1), nil, []string{"http://", "TLS"}},
		{"unknown authority", secure.URL, nil, []string{"unknown authority", "SSL_CERT_FILE"}},
		{"proxy down", "https://im.example.com", &http.Transport{Proxy: http.ProxyURL(proxy)}, []string{"through the proxy", "NO_PROXY"}},
		{"wrong host", secure.URL, &http.Transport{TLSClientConfig: &tls.Config{ServerName: "other.example", RootCAs: secure.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}},
			[]string{"another host"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			cfg := config(row.url)
			cfg.Base = row.base
			_, err := client(t, cfg).Call(t.Context(), "/user/get_users", nil)
			failed(t, err, fault.Unreachable, row.words...)
			if row.base != nil {
				row.base.(*http.Transport).CloseIdleConnections()
			}
		})
	}
}

func TestAddressForms(t *testing.T) {
	var path, user string
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
		path = r.URL.Path
		user, _, _ = r.BasicAuth()
		good(w, "1")
	})
	host := strings.TrimPrefix(s.URL, "http://")
	for _, form := range []string{host, s.URL + "/", s.URL + "/im/", "http://bob:hunter22@" + host} {
		c := client(t, config(form))
		if _, err := c.Call(t.Context(), "/user/get_users", nil, As("t")); err != nil {
			t.Error(form, err)
		}
		if strings.Contains(form, "/im") && path != "/im/user/get_users" || strings.Contains(form, "bob") && user != "bob" {
			t.Errorf("%s: path %s, user %s", form, path, user)
		}
		if strings.Contains(c.API(), "hunter22") || c.Mask("hunter22") != Masked && strings.Contains(form, "hunter22") {
			t.Error("the password of the address is shown")
		}
	}
}

func TestPathsThatAreNone(t *testing.T) {
	c := client(t, config("http://127.0.0.1:1"))
	for _, path := range []string{"", "user/get_users", "//user/get_users", "/user/get_x/../user_register", "/user/..", "/user/get_users?x=1", "/a#b", `/a\b`} {
		_, err := c.Call(t.Context(), path, nil)
		failed(t, err, fault.Usage)
	}
}

func TestRate(t *testing.T) {
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) { good(w, "1") })
	cfg := config(s.URL)
	cfg.Rate = 50
	c := client(t, cfg)
	start := time.Now()
	for range 20 {
		if _, err := c.Call(t.Context(), "/user/get_users", nil, As("x")); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(start); took < 250*time.Millisecond {
		t.Errorf("20 calls at 50 a second took %s", took)
	}
}

func TestGuardIsAskedFirst(t *testing.T) {
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) { good(w, "1") })
	no := fault.New(fault.Denied, "read only")
	cfg := config(s.URL)
	cfg.Guard = func(path string, write bool) error {
		if write {
			return no
		}
		return nil
	}
	c := client(t, cfg)
	if _, err := c.Call(t.Context(), "/user/user_register", nil); err != error(no) {
		t.Error(err)
	}
	if s.calls.Load()+s.logins.Load() != 0 {
		t.Error("something was sent")
	}
	if _, err := c.Call(t.Context(), "/user/get_users", nil); err != nil {
		t.Error(err)
	}
}

func TestRequestForm(t *testing.T) {
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		good(w, fmt.Sprintf("%q", fmt.Sprintf("%s %s %s|%s|%s|%s", r.Method, r.URL, b, r.Header.Get("operationID"), r.Header.Get("token"), r.Header.Get("X-A"))))
	})
	c := client(t, config(s.URL))
	for _, row := range []struct {
		body any
		opts []Option
		want string
	}{
		{nil, []Option{OperationID("op")}, "POST /p {}|op|token-1|"},
		{[]string{"<a>"}, []Option{OperationID("op"), As("u"), Header("X-A", "1")}, `POST /p ["<a>"]|op|u|1`},
		{nil, []Option{NoToken(), Header("operationID", ""), Query(url.Values{"key": {"a b"}})}, "POST /p?key=a+b {}|||"},
	} {
		ans, err := c.Call(t.Context(), "/p", row.body, row.opts...)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(ans.Data); got != fmt.Sprintf("%q", row.want) {
			t.Errorf("got %s, want %q", got, row.want)
		}
	}
}
