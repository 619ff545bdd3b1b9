package openim

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

// parallel makes n calls at once and returns their errors.
func parallel(n int, call func() error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = call() })
	}
	wg.Wait()
	return errs
}

func TestTokenRefreshOnce(t *testing.T) {
	for _, n := range []int{1, 10, 100} {
		s := newStub(t, func(n int64, w http.ResponseWriter, r *http.Request) {
			if n == 1 {
				refuse(w, 1501, "TokenExpiredError", "")
				return
			}
			good(w, "1")
		})
		c := client(t, config(s.URL))
		for _, err := range parallel(n, func() error { _, err := c.Call(t.Context(), "/user/get_users", nil); return err }) {
			if err != nil {
				t.Error(err)
			}
		}
		if s.logins.Load() != 2 || s.calls.Load() != int64(n)+1 {
			t.Errorf("%d calls at once: %d logins, %d calls", n, s.logins.Load(), s.calls.Load())
		}
	}
}

func TestTokenRefusedForEver(t *testing.T) {
	for _, n := range []int{1, 10, 100} {
		s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) { refuse(w, 1506, "TokenKickedError", "") })
		c := client(t, config(s.URL))
		for range 3 { // later calls of the same process don't start it again
			for _, err := range parallel(n, func() error { _, err := c.Call(t.Context(), "/user/get_users", nil); return err }) {
				e := failed(t, err, fault.Auth, "kicked", "another client", "TokenKickedError", "imAdmin")
				if e.Code != 1506 || e.OperationID == "" {
					t.Errorf("%+v", e)
				}
			}
		}
		if s.logins.Load() > 2 {
			t.Errorf("%d logins", s.logins.Load())
		}
	}
}

func TestTokenRenewedAgainAfterAPause(t *testing.T) {
	var dead atomic.Bool
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
		if dead.CompareAndSwap(true, false) {
			refuse(w, 1507, "TokenNotExistError", "")
			return
		}
		good(w, "1")
	})
	c := client(t, config(s.URL))
	now := time.Now()
	c.im.tokens.now = func() time.Time { return now }
	for range 3 {
		dead.Store(true)
		if _, err := c.Call(t.Context(), "/user/get_users", nil); err != nil {
			t.Fatal(err)
		}
		now = now.Add(renewPause + time.Second)
	}
	if s.logins.Load() != 4 {
		t.Errorf("%d logins", s.logins.Load())
	}
}

func TestLoginSharedByParallelCalls(t *testing.T) {
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) { good(w, "1") })
	c := client(t, config(s.URL))
	for _, err := range parallel(50, func() error { _, err := c.Call(t.Context(), "/user/get_users", nil); return err }) {
		if err != nil {
			t.Error(err)
		}
	}
	if s.logins.Load() != 1 {
		t.Errorf("%d logins", s.logins.Load())
	}
}

func TestLoginErrors(t *testing.T) {
	noCall := func(_ int64, w http.ResponseWriter, r *http.Request) { good(w, "1") }
	t.Run("wrong secret, not remembered", func(t *testing.T) {
		s := newStub(t, noCall)
		wrong := true
		s.login = func(w http.ResponseWriter, r *http.Request) {
			if wrong {
				refuse(w, 1002, "NoPermissionError", "secret invalid")
				return
			}
			good(w, `{"token":"t"}`)
		}
		c := client(t, config(s.URL))
		_, err := c.Call(t.Context(), "/user/get_users", nil)
		failed(t, err, fault.Auth, "the variable IMCTL_SECRET", "secret")
		if strings.Contains(err.Error(), testSecret) {
			t.Error("the secret is in the error")
		}
		wrong = false
		if _, err = c.Call(t.Context(), "/user/get_users", nil); err != nil {
			t.Error(err)
		}
	})
	t.Run("not an admin", func(t *testing.T) {
		s := newStub(t, noCall)
		s.login = func(w http.ResponseWriter, r *http.Request) { refuse(w, 1001, "ArgsError", "userID is not admin") }
		_, err := client(t, config(s.URL)).Call(t.Context(), "/user/get_users", nil)
		failed(t, err, fault.Auth, "imAdmin", "--admin")
	})
	t.Run("login answer without a token", func(t *testing.T) {
		s := newStub(t, noCall)
		s.login = func(w http.ResponseWriter, r *http.Request) { good(w, `{}`) }
		_, err := client(t, config(s.URL)).Call(t.Context(), "/user/get_users", nil)
		failed(t, err, fault.API, "no token")
	})
	for name, change := range map[string]func(*Config){
		"no address":   func(c *Config) { c.API = Setting{} },
		"no admin":     func(c *Config) { c.AdminUserID = "" },
		"no secret":    func(c *Config) { c.Secret = Secret{} },
		"empty secret": func(c *Config) { c.Secret = secretText("") },
		"failed secret": func(c *Config) {
			c.Secret.Get = func(context.Context) (string, error) { return "", errors.New("no file") }
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, noCall)
			cfg := config(s.URL)
			change(&cfg)
			_, err := client(t, cfg).Call(t.Context(), "/user/get_users", nil)
			failed(t, err, fault.Auth)
			if s.logins.Load()+s.calls.Load() != 0 {
				t.Error("something was sent")
			}
		})
	}
	t.Run("bad address", func(t *testing.T) {
		cfg := config("ftp://x")
		_, err := client(t, cfg).Call(t.Context(), "/user/get_users", nil)
		failed(t, err, fault.Usage, "ftp://x", `context "test"`)
	})
	t.Run("a panic stays an error", func(t *testing.T) {
		cfg := config("http://127.0.0.1:1")
		cfg.Secret.Get = func(context.Context) (string, error) { panic("boom") }
		_, err := client(t, cfg).Call(t.Context(), "/user/get_users", nil)
		failed(t, err, fault.Internal, "boom")
	})
}

func TestGivenTokenIsNotRenewed(t *testing.T) {
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
		refuse(w, 1506, "TokenKickedError", r.Header.Get("token"))
	})
	c := client(t, config(s.URL))
	_, err := c.Call(t.Context(), "/user/get_users", nil, As("user-token"))
	failed(t, err, fault.Auth, "user-token")
	_, err = c.Call(t.Context(), "/auth/parse_token", map[string]any{"token": "x"})
	failed(t, err, fault.Auth)
	if s.logins.Load() != 0 || s.calls.Load() != 2 {
		t.Errorf("%d logins, %d calls", s.logins.Load(), s.calls.Load())
	}
}

func TestTokenFile(t *testing.T) {
	old := syscall.Umask(0o277)
	defer syscall.Umask(old)
	dir := filepath.Join(t.TempDir(), "cache")
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) { good(w, "1") })
	cfg := config(s.URL)
	cfg.CacheDir, cfg.Context = dir, "../prod /Ü"
	call := func() {
		t.Helper()
		if _, err := client(t, cfg).Call(t.Context(), "/user/get_users", nil); err != nil {
			t.Fatal(err)
		}
	}
	call()
	files, _ := filepath.Glob(filepath.Join(dir, "im-*.token"))
	if len(files) != 1 {
		t.Fatalf("files %q", files)
	}
	checkMode := func() {
		t.Helper()
		if info, _ := os.Stat(files[0]); info.Mode().Perm() != 0o600 {
			t.Errorf("file mode %v", info.Mode())
		}
		if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
			t.Errorf("folder mode %v", info.Mode())
		}
	}
	checkMode()
	text, _ := os.ReadFile(files[0])
	for _, word := range []string{`"token":"token-1"`, `"userID":"imAdmin"`, `"api":"` + s.URL, `"expires":"`} {
		if !strings.Contains(string(text), word) {
			t.Errorf("%s is not in %s", word, text)
		}
	}
	if strings.Contains(string(text), testSecret) {
		t.Error("the secret is in the cache")
	}
	logins := func(want int64, why string) {
		t.Helper()
		call()
		if got := s.logins.Load(); got != want {
			t.Errorf("%s: %d logins, want %d", why, got, want)
		}
	}
	logins(1, "cached")
	os.Chmod(files[0], 0o644)
	logins(1, "wide mode")
	checkMode()
	cfg.AdminUserID = "other"
	logins(2, "other admin")
	cfg.AdminUserID = "imAdmin"
	logins(3, "back again")
	os.WriteFile(files[0], []byte(`{"token":"to`), 0o600)
	logins(4, "corrupt")
	os.WriteFile(files[0], []byte(strings.Replace(string(text), `"expires":"2`, `"expires":"1`, 1)), 0o600)
	logins(5, "expired")
	os.WriteFile(files[0], []byte(strings.Replace(string(text), s.URL, "http://other", 1)), 0o600)
	logins(6, "other API")

	c := client(t, cfg)
	c.ForgetToken()
	if _, err := os.Stat(files[0]); err == nil {
		t.Error("the token is still there")
	}
}

func TestTokenFileNotWritable(t *testing.T) {
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) { good(w, "1") })
	cfg := config(s.URL)
	cfg.CacheDir = filepath.Join(t.TempDir(), "file")
	os.WriteFile(cfg.CacheDir, nil, 0o600)
	var trace strings.Builder
	cfg.Trace = &trace
	if _, err := client(t, cfg).Call(t.Context(), "/user/get_users", nil); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(trace.String(), "# the token is not cached") {
		t.Errorf("trace: %s", trace.String())
	}
}

// Many clients with one cache folder stand for processes: each has its own lock handle.
func TestTokenFileSharedByProcesses(t *testing.T) {
	var dead atomic.Value
	dead.Store("")
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("token") == dead.Load() {
			refuse(w, 1507, "TokenNotExistError", "")
			return
		}
		good(w, "1")
	})
	cfg := config(s.URL)
	cfg.CacheDir = t.TempDir()
	clients := make([]*Client, 8)
	for i := range clients {
		clients[i] = client(t, cfg)
	}
	round := func(want int64) {
		t.Helper()
		var next atomic.Int64
		for _, err := range parallel(len(clients), func() error {
			_, err := clients[next.Add(1)-1].Call(t.Context(), "/user/get_users", nil)
			return err
		}) {
			if err != nil {
				t.Error(err)
			}
		}
		if s.logins.Load() != want {
			t.Errorf("%d logins, want %d", s.logins.Load(), want)
		}
	}
	round(1)
	dead.Store("token-1")
	round(2)
}

// The token in the file may be as dead as the one in memory: one more login mends that.
func TestDeadTokenOfAnotherProcess(t *testing.T) {
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
		if tok := r.Header.Get("token"); tok == "token-1" || tok == "token-2" {
			refuse(w, 1507, "TokenNotExistError", "")
			return
		}
		good(w, "1")
	})
	cfg := config(s.URL)
	cfg.CacheDir = t.TempDir()
	c := client(t, cfg)
	c.im.tokens.keep(token{text: "token-1"}, false)
	s.logins.Store(2)
	c.im.tokens.save(token{text: "token-2"})
	if _, err := c.Call(t.Context(), "/user/get_users", nil); err != nil {
		t.Fatal(err)
	}
	if s.logins.Load() != 3 {
		t.Errorf("%d logins", s.logins.Load()-2)
	}
}

func TestCancelOfOneCallerKeepsTheLoginOfOthers(t *testing.T) {
	release := make(chan struct{})
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) { good(w, "1") })
	s.login = func(w http.ResponseWriter, r *http.Request) { <-release; good(w, `{"token":"t"}`) }
	c := client(t, config(s.URL))
	ctx, cancel := context.WithCancel(t.Context())
	first, second := make(chan error, 1), make(chan error, 1)
	go func() { _, err := c.Call(ctx, "/user/get_users", nil); first <- err }()
	for s.logins.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	go func() { _, err := c.Call(t.Context(), "/user/get_users", nil); second <- err }()
	for waiters := 0; waiters < 2; {
		c.im.tokens.flight.mu.Lock()
		waiters = c.im.tokens.flight.cur.waiters
		c.im.tokens.flight.mu.Unlock()
	}
	cancel()
	failed(t, <-first, fault.Canceled)
	close(release)
	if err := <-second; err != nil {
		t.Error(err)
	}
	if s.logins.Load() != 1 {
		t.Errorf("%d logins", s.logins.Load())
	}
}

func TestUserToken(t *testing.T) {
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
		good(w, `{"token":"user-token","expireTimeSeconds":7776000}`)
	})
	text, life, err := client(t, config(s.URL)).UserToken(t.Context(), "alice", 5)
	if err != nil || text != "user-token" || life != 90*24*time.Hour {
		t.Error(text, life, err)
	}
}

func TestCachePathsDiffer(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"", ".", "..", "a", "A", "a/b", "a_b", "a b", strings.Repeat("x", 300), "prod"} {
		p := cachePath("d", "im", name, "token")
		if filepath.Dir(p) != "d" || len(filepath.Base(p)) > 100 {
			t.Errorf("%q: %s", name, p)
		}
		if other, ok := seen[strings.ToLower(p)]; ok {
			t.Errorf("%q and %q: %s", name, other, p)
		}
		seen[strings.ToLower(p)] = name
	}
}
