package repl

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings"
)

func TestHistoryKeepsEntriesWhole(t *testing.T) {
	h := history{filepath.Join(t.TempDir(), "state", "history")}
	want := []string{"x = 1", "function f()\n\treturn \"a\\n\\\\\"\nend", "名前 = \"↵\"", `back\slash`, `ends\`}
	for _, entry := range want {
		h.add(entry)
	}
	if got := h.load(); !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	info, err := os.Stat(h.path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	for _, entry := range want { // what the screen shows is one line, and comes back
		shown := screenForm.Replace(entry)
		if strings.ContainsAny(shown, "\n\t") || typedForm.Replace(shown) != entry {
			t.Errorf("%q is shown as %q", entry, shown)
		}
	}
}

func TestHistoryWithBadLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	long := strings.Repeat("x", 100_000)
	if err := os.WriteFile(path, []byte("good 1\n\xff\xfe\n\nesc \x1b[2J\n"+long+"\ngood 2"), 0o644); err != nil {
		t.Fatal(err)
	}
	h := history{path}
	if got := h.load(); !slices.Equal(got, []string{"good 1", long, "good 2"}) {
		t.Errorf("got %d entries", len(got))
	}
	if got := (history{filepath.Join(path, "none")}).load(); got != nil {
		t.Errorf("got %q", got)
	}
}

func TestHistoryIsCutDown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	var b strings.Builder
	for i := range 3 * keptEntries {
		fmt.Fprintf(&b, "entry %d\n", i)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	h := history{path}
	got := h.load()
	if len(got) != keptEntries || got[len(got)-1] != fmt.Sprintf("entry %d", 3*keptEntries-1) {
		t.Errorf("%d entries, the last %q", len(got), got[len(got)-1])
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.Count(string(text), "\n") != keptEntries {
		t.Errorf("%d lines, %v", strings.Count(string(text), "\n"), err)
	}
}

func TestSecrets(t *testing.T) {
	type params struct {
		UserID string          `arg:"1"`
		Pin    bindings.Secret `arg:"2"`
	}
	s := newSecrets([]bindings.Area{{Name: "user", Ops: []bindings.Op{{
		Name: "set_pin", Run: bindings.Func[params, int](nil),
	}}}})
	for text, want := range map[string]bool{
		`user.set_pin("a", "1234")`:                     true,
		`user.set_pin "a"`:                              true,
		`user.set_pin{userID="a", pin="1234"}`:          true,
		`user.set_pin{userID="a", pin = read()}`:        true,
		`user.set_pin{userID="a"}`:                      false,
		`help user.set_pin`:                             false,
		`password = "x"`:                                true,
		`t["password"] = "x"`:                           true,
		`t.Password="x"`:                                true,
		`f{adminSecret="x"}`:                            true,
		`s = '{"token": "x"}'`:                          true,
		`s = "{\"secret\": \"x\"}"`:                     true,
		`x = "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"`:           true,
		`h = "Authorization: Bearer abc"`:               true,
		`db = "mongodb://root:openIM123@localhost"`:     true,
		`if token == nil then print("no token") end`:    false,
		`url = "http://localhost:10002/auth/get_token"`: false,
		`local passwords_seen, n = 0, 1`:                false,
		`user.list()`:                                   false,
		`spin = 5`:                                      false,
		"x = 1\npassword = \"a\"":                       true,
	} {
		if got := s.in(text); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}
