// Package bindingtest is test support for the areas below bindings: a server that answers the calls a test expects, an
// environment to run operations in, tables of operations, and the rules that every declaration keeps. It imports
// testing; no program imports it.
package bindingtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
)

// Call is one call that the server expects, in its turn: path, body as JSON ("" = not looked at) and answer: data, ""
// for none, or "!1204 text" for an error. A path with a star before it may come any number of times, as the last one.
type Call [3]string

// Path is the call's path.
func (c Call) Path() string { return c[0] }

// Body is the body that is expected.
func (c Call) Body() string { return c[1] }

// Answer is what the server answers.
func (c Call) Answer() string { return c[2] }

// Accounts is the call that looks accounts up; the server has those with the ids.
func Accounts(ids ...string) Call {
	rows := make([]string, len(ids))
	for i, id := range ids {
		rows[i] = fmt.Sprintf(`{"userID":%q}`, id)
	}
	return Call{"/user/get_users_info", "", `{"usersInfo":[` + strings.Join(rows, ",") + `]}`}
}

// often tells whether the call may come any number of times.
func (c Call) often() bool { return strings.HasPrefix(c.Path(), "*") }

// script is a server that answers the calls it expects and remembers all others as faults.
type script struct {
	mu    sync.Mutex
	calls []Call
	bad   []string
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	if r.URL.Path == "/auth/get_admin_token" {
		fmt.Fprint(w, `{"errCode":0,"errMsg":"","errDlt":"","data":{"token":"t","expireTimeSeconds":7776000}}`)
		return
	}
	if len(s.calls) == 0 {
		s.bad = append(s.bad, fmt.Sprintf("unexpected call %s %s", r.URL.Path, body))
		http.NotFound(w, r)
		return
	}
	want := s.calls[0]
	if !want.often() {
		s.calls = s.calls[1:]
	}
	if r.URL.Path != strings.TrimPrefix(want.Path(), "*") || want.Body() != "" && !SameJSON(string(body), want.Body()) {
		s.bad = append(s.bad, fmt.Sprintf("got  %s %s\nwant %s %s", r.URL.Path, body, want.Path(), want.Body()))
	}
	switch code, text, _ := strings.Cut(want.Answer(), " "); {
	case strings.HasPrefix(code, "!"):
		fmt.Fprintf(w, `{"errCode":%s,"errMsg":%q,"errDlt":""}`, code[1:], text)
	case want.Answer() == "":
		fmt.Fprint(w, `{"errCode":0,"errMsg":"","errDlt":""}`)
	default:
		fmt.Fprintf(w, `{"errCode":0,"errMsg":"","errDlt":"","data":%s}`, want.Answer())
	}
}

// faults are the calls that were not expected, and those that did not come.
func (s *script) faults() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.bad
	for _, c := range s.calls {
		if !c.often() {
			out = append(out, fmt.Sprintf("not called: %s %s", c.Path(), c.Body()))
		}
	}
	return out
}

// SameJSON tells whether two texts are the same JSON, whatever the order of members; numbers keep every digit.
func SameJSON(a, b string) bool {
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
