package group

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// now is the time that operations see in tests: 2026-01-02 03:04:05 UTC.
const now = 1767323045000

// call is one call that the stub expects, in its turn, and its answer: data, "" for none, or "!1204 text" for an error.
// A path with a star before it may come any number of times, as the last one.
type call struct{ path, body, answer string }

// script is a server that answers the calls it expects and fails the test for any other.
type script struct {
	t     *testing.T
	mu    sync.Mutex
	calls []call
	bad   []string
	ids   []string // operationIDs of the calls
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	if r.URL.Path == "/auth/get_admin_token" {
		fmt.Fprint(w, `{"errCode":0,"errMsg":"","errDlt":"","data":{"token":"t","expireTimeSeconds":7776000}}`)
		return
	}
	s.ids = append(s.ids, r.Header.Get("operationID"))
	if len(s.calls) == 0 {
		s.bad = append(s.bad, fmt.Sprintf("unexpected call %s %s", r.URL.Path, body))
		http.NotFound(w, r)
		return
	}
	want := s.calls[0]
	path, often := strings.CutPrefix(want.path, "*")
	if !often {
		s.calls = s.calls[1:]
	}
	if r.URL.Path != path || want.body != "" && !sameJSON(string(body), want.body) {
		s.bad = append(s.bad, fmt.Sprintf("got  %s %s\nwant %s %s", r.URL.Path, body, want.path, want.body))
	}
	switch code, text, _ := strings.Cut(want.answer, " "); {
	case strings.HasPrefix(code, "!"):
		fmt.Fprintf(w, `{"errCode":%s,"errMsg":%q,"errDlt":""}`, code[1:], text)
	case want.answer == "":
		fmt.Fprint(w, `{"errCode":0,"errMsg":"","errDlt":""}`)
	default:
		fmt.Fprintf(w, `{"errCode":0,"errMsg":"","errDlt":"","data":%s}`, want.answer)
	}
}

func sameJSON(a, b string) bool {
	read := func(text string) (v any) {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			return err
		}
		return v
	}
	return reflect.DeepEqual(read(a), read(b))
}

// env is an environment whose server is the script.
func env(t *testing.T, calls []call, warnings *[]string) *bindings.Env {
	s := &script{t: t, calls: calls}
	server := httptest.NewServer(s)
	api := openim.New(openim.Config{
		API: openim.Setting{Value: server.URL}, AdminUserID: "imAdmin",
		Secret: openim.Secret{Get: func(context.Context) (string, error) { return "secret", nil }},
	})
	t.Cleanup(func() {
		api.Close()
		server.Close()
		for _, b := range s.bad {
			t.Error(b)
		}
		for _, c := range s.calls {
			if strings.HasPrefix(c.path, "*") {
				continue
			}
			t.Errorf("not called: %s %s", c.path, c.body)
		}
	})
	return &bindings.Env{
		API: api, Target: bindings.Target{Name: "test", Admin: "imAdmin"},
		Now: func() time.Time { return time.UnixMilli(now) },
		Warn: func(format string, args ...any) {
			if warnings != nil {
				*warnings = append(*warnings, fmt.Sprintf(format, args...))
			}
		},
	}
}

// invoke runs an operation with parameters in JSON. A stream's rows come as a list.
func invoke(t *testing.T, e *bindings.Env, name, params string) (any, *fault.Error) {
	t.Helper()
	op, ok := Area().Find(name)
	if !ok {
		t.Fatalf("no operation %s", name)
	}
	plain, err := value.Parse([]byte(params))
	if err != nil {
		t.Fatal(err)
	}
	p, err := op.Bind(plain.(*value.Object))
	if err != nil {
		return nil, fault.From(err)
	}
	result, err := op.Invoke(t.Context(), e, p)
	if rows, ok := result.(bindings.Rows); ok {
		list := value.List{}
		for row, err := range rows {
			if err != nil {
				return list, fault.From(err)
			}
			list = append(list, value.From(row))
		}
		return list, nil
	}
	return value.From(result), fault.From(err)
}

// step is a row of a table of tests: an operation, what it sends, and what comes of it.
type step struct {
	name, op, params string
	calls            []call
	want             string     // members that the result must hold, as JSON; "" = not looked at
	kind             fault.Kind // of the error; "" = none
	say              string     // the error's text or hint holds this
	warn             string     // a warning holds this
}

func (s step) run(t *testing.T) {
	t.Helper()
	var warnings []string
	got, failure := invoke(t, env(t, s.calls, &warnings), s.op, s.params)
	switch {
	case failure == nil && s.kind != "":
		t.Errorf("no error, want kind %s; result %s", s.kind, value.Text(got))
	case failure != nil && failure.Kind != s.kind:
		t.Errorf("error kind %s (%v), want %q", failure.Kind, failure, s.kind)
	case failure != nil && !strings.Contains(failure.Error()+" "+failure.Hint, s.say):
		t.Errorf("error %q, hint %q; want %q in it", failure.Error(), failure.Hint, s.say)
	}
	if all := strings.Join(warnings, "\n"); s.warn == "" && all != "" || !strings.Contains(all, s.warn) {
		t.Errorf("warnings %q, want %q", all, s.warn)
	}
	if s.want == "" {
		return
	}
	want, err := value.Parse([]byte(s.want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := part(got, want, "result"); diff != "" {
		t.Errorf("%s\nin %s", diff, value.Text(got))
	}
}

// part says where got does not hold want; objects may have more members.
func part(got, want any, path string) string {
	switch w := want.(type) {
	case *value.Object:
		g, ok := got.(*value.Object)
		if !ok {
			return path + " is no object"
		}
		for _, k := range w.Keys() {
			a, _ := g.Get(k)
			b, _ := w.Get(k)
			if diff := part(a, b, path+"."+k); diff != "" {
				return diff
			}
		}
		return ""
	case value.List:
		g, ok := got.(value.List)
		if !ok || len(g) != len(w) {
			return fmt.Sprintf("%s: got %s, want %s", path, value.Text(got), value.Text(want))
		}
		for i := range w {
			if diff := part(g[i], w[i], fmt.Sprintf("%s[%d]", path, i+1)); diff != "" {
				return diff
			}
		}
		return ""
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Sprintf("%s: got %s, want %s", path, value.Text(got), value.Text(want))
	}
	return ""
}

func runAll(t *testing.T, steps []step) {
	for _, s := range steps {
		t.Run(s.op+" "+s.name, s.run)
	}
}
