package openim

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got:\n%s", path, got)
	}
}

func TestTrace(t *testing.T) {
	s := newStub(t, func(n int64, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/user/get_users_online_status":
			good(w, `[{"userID":"a","detailPlatformStatus":[{"token":"`+jwt+`"}]}]`)
		case "/user/get_x":
			w.WriteHeader(502)
		default:
			refuse(w, 1102, "RegisteredAlreadyError", "userID registered already")
		}
	})
	var out strings.Builder
	cfg := config(s.URL)
	cfg.Trace, cfg.Retries, cfg.CacheDir = &out, 1, t.TempDir()
	c := client(t, cfg)
	c.Call(t.Context(), "/user/get_users_online_status", map[string]any{"userIDs": []string{"a"}}, OperationID("op-1"))
	c.Call(t.Context(), "/user/user_register", map[string]any{"users": []any{}, "secret": "x"}, OperationID("op-2"), As(jwt), Header("Authorization", "Basic eA=="))
	c.Call(t.Context(), "/user/get_x", nil, OperationID("op-3"), NoToken())
	s.Close()
	c.Close() // so that the refused connection is what the next call sees
	c.Call(t.Context(), "/msg/get_server_time", nil, OperationID("op-4"))

	text := strings.ReplaceAll(out.String(), s.URL, "http://im.example")
	text = regexp.MustCompile(`imctl-[0-9a-f]{16}`).ReplaceAllString(text, "imctl-RANDOM")
	text = regexp.MustCompile(`\([0-9.]+[µm]?s\)`).ReplaceAllString(text, "(TIME)")
	for _, bad := range []string{testSecret, "eyJ", "token-1", "eA=="} {
		if strings.Contains(text, bad) {
			t.Errorf("%s is in the trace", bad)
		}
	}
	golden(t, "trace.golden", text)
}

func TestOnCall(t *testing.T) {
	s := newStub(t, func(n int64, w http.ResponseWriter, r *http.Request) {
		if n == 1 {
			w.WriteHeader(503)
			return
		}
		refuse(w, 1004, "RecordNotFoundError", "token "+r.Header.Get("token"))
	})
	var mu sync.Mutex
	var calls []Call
	cfg := config(s.URL)
	cfg.Retries = 1
	cfg.OnCall = func(c Call) { mu.Lock(); calls = append(calls, c); mu.Unlock() }
	_, err := client(t, cfg).Call(t.Context(), "/user/get_users", map[string]string{"password": "pppp", "a": strings.Repeat("b", 2000)}, OperationID("op"))
	if err == nil || strings.Contains(err.Error(), "token-1") {
		t.Error(err)
	}
	if len(calls) != 3 {
		t.Fatalf("%d calls", len(calls))
	}
	login, first, second := calls[0], calls[1], calls[2]
	if login.Path != pathAdminToken || login.Err != nil {
		t.Errorf("login: %+v", login)
	}
	if first.Status != 503 || first.Attempt != 1 || first.Err == nil || first.OperationID != "op" {
		t.Errorf("first: %+v", first)
	}
	if second.Status != 200 || second.Attempt != 2 || second.Code != 1004 || second.Method != "POST" || second.Duration <= 0 || second.Start.IsZero() ||
		second.URL != s.URL+"/user/get_users" || second.RequestSize < 2000 || second.ResponseSize == 0 {
		t.Errorf("second: %+v", second)
	}
	if got := err.(interface{ Unwrap() error }); got.Unwrap() != nil {
		t.Error("unexpected cause")
	}
}

// Case 029: neither the secret nor a token is anywhere in what a run writes; an empty secret masks nothing.
func TestSecretsMasked(t *testing.T) {
	for _, secret := range []string{testSecret, ""} {
		s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
			refuse(w, 1505, "signature of "+r.Header.Get("token")+" with "+testSecret, "")
		})
		s.login = func(w http.ResponseWriter, r *http.Request) { good(w, `{"token":"`+jwt+`"}`) }
		var out strings.Builder
		cfg := config(s.URL)
		cfg.Trace, cfg.Secret = &out, secretText(secret)
		cfg.OnCall = func(c Call) { out.WriteString(fmt.Sprintf("%+v %v", c, c.Err)) }
		_, err := client(t, cfg).Call(t.Context(), "/user/get_users", nil)
		text := out.String() + err.Error()
		if secret != "" && (strings.Contains(text, testSecret) || strings.Contains(text, "eyJ")) {
			t.Errorf("shown: %s", text)
		}
		if secret == "" && strings.Contains(text, Masked) {
			t.Errorf("masked: %s", text)
		}
	}
}

// TestObserved: two views of one client are told of their own calls only, and log in once between them.
func TestObserved(t *testing.T) {
	s := newStub(t, func(n int64, w http.ResponseWriter, r *http.Request) { good(w, "{}") })
	c := client(t, config(s.URL))
	var mine, other []string
	a := c.Observed(func(call Call) { mine = append(mine, call.Path) })
	b := c.Observed(func(call Call) { other = append(other, call.Path) })
	for _, view := range []*Client{a, b, b} {
		if _, err := view.Call(t.Context(), "/user/get_users_info", map[string]any{"userIDs": []string{"x"}}); err != nil {
			t.Fatal(err)
		}
	}
	if len(mine) != 1 || len(other) != 2 || s.logins.Load() != 1 {
		t.Errorf("told %v and %v with %d logins", mine, other, s.logins.Load())
	}
}
