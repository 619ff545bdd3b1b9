package lualib

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// site is a server with an answer for each test.
func site(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/echo":
			body, _ := io.ReadAll(r.Body)
			w.Header().Set("X-Twice", "a")
			w.Header().Add("X-Twice", "b")
			fmt.Fprintf(w, "%s %s %s %s %s", r.Method, r.URL.RawQuery, r.Header.Get("Content-Type"), r.Header.Get("X-Mine"), body)
		case "/moved":
			http.Redirect(w, r, "/echo", http.StatusFound)
		case "/away":
			http.Redirect(w, r, "http://elsewhere.example/", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/bad":
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, "<html>")
		case "/big":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			zeros := make([]byte, 1<<20)
			for range 3 {
				_, _ = z.Write(zeros)
			}
			_ = z.Close()
		case "/hang":
			select {
			case <-r.Context().Done():
			case <-time.After(20 * time.Second):
			}
		case "/login":
			fmt.Fprint(w, `{"token":"eyJhbGciOiJIUzI1NiJ9.e30.abc","n":9007199254740993}`)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func TestHTTP(t *testing.T) {
	s := site(t)
	for _, c := range []struct{ source, want string }{
		{`print(http.get(U .. "/echo?a=1", {query = {b = {2, 3}, c = "x y"}, headers = {["X-Mine"] = "h"}}).body)`, "GET a=1&b=2&b=3&c=x+y  h \n"},
		{`print(http.post(U .. "/echo", {id = json.decode("9007199254740993")}).body)`, "POST  application/json  {\"id\":9007199254740993}\n"},
		{`print(http.post(U .. "/echo", "text").body)`, "POST  text/plain; charset=utf-8  text\n"},
		{`print(http.request{url = U .. "/echo", form = {a = "1&2"}}.body)`, "POST  application/x-www-form-urlencoded  a=1%262\n"},
		{`print(http.request{url = U .. "/echo", method = "patch", json = json.array()}.body)`, "PATCH  application/json  []\n"},
		{`print(http.delete(U .. "/echo").body)`, "DELETE    \n"},
		{`print(http.put(U .. "/echo", "x", {headers = {["Content-Type"] = "a/b"}}).body)`, "PUT  a/b  x\n"},
		{`local r = http.get(U .. "/moved") print(r.status, r.ok, r.url == U .. "/echo", r.headers["x-twice"])`, "200\ttrue\ttrue\ta, b\n"},
		{`local r = http.get(U .. "/moved", {follow = false}) print(r.status, r.headers.location)`, "302\t/echo\n"},
		{`local r = http.get(U .. "/bad") print(r.status, r.ok, (pcall(r.json)))`, "500\tfalse\tfalse\n"},
		{`local r = http.get(U .. "/login") print(r.json().n, r:json().n, type(r.ms), json.decode(json.encode(r)).status)`, "9007199254740993\t9007199254740993\tnumber\t200\n"},
	} {
		got, err := runLua(t, Options{}, fmt.Sprintf("U = %q ", s.URL)+c.source)
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, want %q (%v)", c.source, got, c.want, err)
		}
	}
}

// TestResponseIsAsDeclared: an answer has the fields of its declaration, and no others.
func TestResponseIsAsDeclared(t *testing.T) {
	got, err := runLua(t, Options{}, fmt.Sprintf(`
local r = http.get(%q)
for _, from in ipairs { r, getmetatable(r).__index } do
	for name in pairs(from) do print(name) end
end`, site(t).URL+"/login"))
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, f := range newKit(Options{}).http().Classes[0].Fields {
		want = append(want, f.Name)
	}
	names := strings.Fields(got)
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("an answer has %v, declared is %v", names, want)
	}
}

func TestHTTPLimits(t *testing.T) {
	s := site(t)
	only := func(host string) error {
		if host != "127.0.0.1" {
			return fault.New(fault.Denied, "host %s is not allowed", host)
		}
		return nil
	}
	readOnly := func(what string) error { return fault.New(fault.Denied, "not now: %s", what) }
	for _, c := range []struct {
		o      Options
		source string
		kind   fault.Kind
		want   string
	}{
		{Options{}, `http.get(U .. "/loop")`, fault.API, "more than 10 redirects"},
		{Options{MaxBytes: 2 << 20}, `http.get(U .. "/big")`, fault.API, "larger than 2 MiB"},
		{Options{}, `http.get(U .. "/hang", {timeout = 0.1})`, fault.Timeout, "no answer to GET " + s.URL + "/hang within 100ms"},
		{Options{Timeout: 50 * time.Millisecond}, `http.get(U .. "/hang")`, fault.Timeout, "within 50ms"},
		{Options{AllowHost: only}, `http.get("http://elsewhere.example/")`, fault.Denied, "host elsewhere.example is not allowed"},
		{Options{AllowHost: only}, `http.get(U .. "/away")`, fault.Denied, "host elsewhere.example is not allowed"},
		{Options{Guard: readOnly}, `http.get(U .. "/echo") http.post(U .. "/echo", "")`, fault.Denied, "http.post: not now: POST http://"},
	} {
		_, err := runLua(t, c.o, fmt.Sprintf("U = %q ", s.URL)+c.source)
		if err == nil || !strings.Contains(err.Error(), c.want) || !fault.Is(err, c.kind) {
			t.Errorf("%s: %v, want %s: %s", c.source, err, c.kind, c.want)
		}
	}
}

// TestHTTPTrace: what is shown of an exchange holds no secret.
func TestHTTPTrace(t *testing.T) {
	s := site(t)
	var trace bytes.Buffer
	var calls []openim.Call
	o := Options{Trace: &trace, OnCall: func(c openim.Call) { calls = append(calls, c) }, Getenv: getenv}
	_, err := runLua(t, o, fmt.Sprintf(`local t = env.get("API_TOKEN")
		http.post(%q .. "/login?token=zzz", {password = "hunter2", note = t}, {headers = {Authorization = "Basic eA==", ["X-Key"] = t}})
		pcall(http.get, "http://user:pw@127.0.0.1:1/")`, s.URL))
	if err != nil {
		t.Fatal(err)
	}
	text := trace.String() + fmt.Sprintf("%+v", calls)
	for _, secret := range []string{"hunter2", "s3cr3t-value", "eA==", "zzz", "eyJ", ":pw@"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is shown:\n%s", secret, text)
		}
	}
	if len(calls) != 2 || calls[0].Status != 200 || calls[0].Path != "/login" || calls[1].Err == nil || !strings.Contains(trace.String(), "< HTTP 200") {
		t.Errorf("%s\n%+v", trace.String(), calls)
	}
}

// TestBlockingEnds: every call that can block ends soon after a cancel.
func TestBlockingEnds(t *testing.T) {
	s := site(t)
	for _, source := range []string{
		`http.get(U .. "/hang")`, `time.sleep("20s")`, `shell.sh("sleep 20")`, `shell.run({"sh", "-c", "trap '' TERM; sleep 20 & wait; sleep 20"})`,
		`pcall(time.sleep, 20) time.sleep(20)`,
	} {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		start := time.Now()
		_, err := runCtx(t, ctx, Options{}, fmt.Sprintf("U = %q ", s.URL)+source)
		if took := time.Since(start); took > 600*time.Millisecond || !fault.Is(err, fault.Canceled) {
			t.Errorf("%s: %v after %s", source, err, took)
		}
	}
}
