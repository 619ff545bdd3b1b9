package cli

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings"
)

func allOps() []bindings.Op {
	var out []bindings.Op
	for _, area := range Areas() {
		out = append(out, area.All()...)
	}
	return out
}

func TestHelp(t *testing.T) {
	own := imctl(t, "", "user", "import", "--help")
	for _, args := range [][]string{{"user.import"}, {"user", "import"}} {
		if got := imctl(t, "", append([]string{"help"}, args...)...); got.code != 0 || got.out != own.out || got.out == "" {
			t.Errorf("help %v is not user import --help:\n%s%s", args, got.out, got.errOut)
		}
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, 0, "Operations:"},
		{[]string{"user.reset_password"}, 0, "imctl user reset-password"},
		{[]string{"context", "add"}, 0, "--from"},
		{[]string{"equals"}, 0, "expect(x):equals(want)"},
		{[]string{"user.ad"}, 2, "did you mean add?"},
		{[]string{"usr"}, 2, "did you mean user?"},
	} {
		got := imctl(t, "", append([]string{"help"}, c.args...)...)
		if got.code != c.code || !strings.Contains(got.out+got.errOut, c.want) {
			t.Errorf("help %v: %+v, want %q", c.args, got, c.want)
		}
	}
}

func TestExplain(t *testing.T) {
	for _, c := range []struct {
		topic string
		code  int
		want  string
	}{
		{"1102", 0, "RegisteredAlreadyError"},
		{"1102", 0, "exit code: 1"},
		{"1501", 0, "kind: auth"},
		{"7", 0, "refused for safety"},
		{"20002", 0, "chat server"},
		{"77777", 6, "no errCode"},
		{"not_found", 0, "exit code: 6"},
		{"user.add", 0, "operation, effect write"},
		{"user", 0, "area"},
		{"dry-run", 0, "writes are only listed"},
		{"str", 0, "library"},
		{"json.decode", 0, "json.decode(text: string)"},
		{"fixture.users", 0, "registers n accounts"},
		{"fails", 0, "matcher"},
		{"eventually", 0, "within"},
		{"dryrun", 2, "did you mean dry-run?"},
	} {
		got := imctl(t, "", "explain", c.topic)
		if got.code != c.code || !strings.Contains(got.out+got.errOut, c.want) {
			t.Errorf("explain %s: %+v, want code %d and %q", c.topic, got, c.code, c.want)
		}
	}
	if got := imctl(t, "", "explain", "1004", "-o", "json", "--query", "kind"); strings.TrimSpace(got.out) != `"not_found"` {
		t.Errorf("%+v", got)
	}
	for _, op := range allOps() {
		a := &app{areas: Areas()}
		if e, ok := a.explainTopic(op.FullName()); !ok || !strings.Contains(e.Text, op.Doc) {
			t.Errorf("%s is not explained", op.FullName())
		}
	}
}

// TestCompletion asks as the shells' scripts do.
func TestCompletion(t *testing.T) {
	for _, c := range []struct {
		args      []string
		want      []string // among what is offered
		directive string
	}{
		{[]string{"us"}, []string{"user"}, ":4"},
		{[]string{"user", ""}, []string{"add", "import", "reset-password"}, ":4"},
		{[]string{"user", "import", ""}, nil, ":0"},
		{[]string{"user", "import", "x.csv", "--format", ""}, []string{"auto", "csv", "xlsx"}, ":4"},
		{[]string{"user", "import", "x.csv", "--on-conflict", ""}, []string{"report", "skip", "update"}, ":4"},
		{[]string{"user", "list", "--columns", ""}, []string{"userID", "nickname"}, ":4"},
		{[]string{"user", "add", ""}, nil, ":4"},
		{[]string{"user", "list", "-o", ""}, []string{"json", "yaml"}, ":4"},
		{[]string{"--context", ""}, []string{"sandbox"}, ":4"},
		{[]string{"--color", ""}, []string{"auto", "never"}, ":4"},
		{[]string{"context", "use", ""}, []string{"sandbox"}, ":4"},
		{[]string{"run", ""}, []string{"lua"}, ":8"},
		{[]string{"check", ""}, []string{"lua"}, ":8"},
		{[]string{"check", "--format", ""}, []string{"github"}, ":4"},
		{[]string{"help", "us"}, []string{"user"}, ":4"},
		{[]string{"explain", "user.im"}, []string{"user.import"}, ":4"},
		{[]string{"group", "members", "g", "--role", ""}, []string{"owner", "admin", "member"}, ":4"},
	} {
		start := time.Now()
		got := imctl(t, "", append([]string{"__completeNoDesc"}, c.args...)...)
		took := time.Since(start)
		lines := strings.Split(strings.TrimSpace(got.out), "\n")
		if lines[len(lines)-1] != c.directive {
			t.Errorf("%v: directive %s, want %s", c.args, lines[len(lines)-1], c.directive)
		}
		for _, want := range c.want {
			if !slices.Contains(lines, want) {
				t.Errorf("%v: %v lacks %s", c.args, lines, want)
			}
		}
		if took > 300*time.Millisecond {
			t.Errorf("%v: took %s", c.args, took)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if got := imctl(t, "", "completion", shell); got.code != 0 || !strings.Contains(got.out, "__complete") {
			t.Errorf("completion %s: code %d, %d bytes", shell, got.code, len(got.out))
		}
	}
}
