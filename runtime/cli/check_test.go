package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/runtime/check"
)

// result is what a command line gave.
type result struct {
	code        int
	out, errOut string
}

// imctl runs a command line in this process, in a home of its own.
func imctl(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	var out, errOut bytes.Buffer
	home := t.TempDir()
	code := Main(System{
		Args: args, Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errOut, ColorOut: noColor, ColorErr: noColor,
		Getenv: func(name string) string { return map[string]string{"HOME": home}[name] },
	})
	return result{code, out.String(), errOut.String()}
}

const faulty = `local rows = user.lst{}
user.add{userId = "a", nickname = 1}
prnt(rows)
if maybe then end
describe("x", function() it("y", function() expect(1):equls(1) end) end)
`

// TestCheckForms holds the forms of findings against what they are to look like.
func TestCheckForms(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a,b.lua")
	if err := os.WriteFile(file, []byte(faulty), 0o600); err != nil {
		t.Fatal(err)
	}
	missing := "user.add: missing field userID: the new account's id: letters, digits and _ only"
	human := strings.ReplaceAll(`FILE:1:19: error: no operation user.lst; did you mean user.list? [unknown-op]
FILE:2:6: error: `+missing+` [missing-field]
FILE:2:10: error: user.add has no field userId; did you mean userID? [unknown-field]
FILE:2:35: error: user.add: nickname: want a string, got the number 1 [wrong-type]
FILE:3:1: error: undefined global prnt; did you mean print? [undefined-global]
FILE:4:4: warning: undefined global maybe [undefined-global]
FILE:5:55: error: expect has no equls; did you mean equals? [unknown-matcher]
`, "FILE", file)
	if got := imctl(t, "", "check", file); got.code != 1 || got.out != human || got.errOut != "6 errors, 1 warning in 1 file\n" {
		t.Errorf("human: %+v", got)
	}
	got := imctl(t, "", "check", "--format", "github", file)
	lines := strings.Split(got.out, "\n")
	want := "::error file=" + strings.ReplaceAll(file, ",", "%2C") + ",line=1,col=19,title=unknown-op::no operation user.lst; did you mean user.list?"
	if got.code != 1 || len(lines) != 8 || lines[0] != want || !strings.HasPrefix(lines[5], "::warning file=") {
		t.Errorf("github: %+v", got)
	}
	got = imctl(t, "", "check", "-o", "json", file)
	var findings []check.Finding
	if err := json.Unmarshal([]byte(got.out), &findings); err != nil || len(findings) != 7 || got.code != 1 {
		t.Fatalf("json: %v %+v", err, got)
	}
	first := check.Finding{File: file, Line: 1, Column: 19, Severity: "error", Code: "unknown-op", Message: "no operation user.lst", Suggestion: "user.list"}
	if findings[0] != first {
		t.Errorf("json: %+v", findings[0])
	}
}

func TestCheckExitCodes(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"good.lua": "print(1)", "warn.lua": "if maybe then end", "bad.lua": "prnt()", "note.txt": "prnt()"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	good, warn := filepath.Join(dir, "good.lua"), filepath.Join(dir, "warn.lua")
	for _, c := range []struct {
		name, stdin string
		args        []string
		code        int
		want        string // in what it says
	}{
		{"clean", "", []string{good}, 0, "0 errors, 0 warnings in 1 file"},
		{"clean json", "", []string{good, "-o", "json"}, 0, "[]"},
		{"warning", "", []string{warn}, 0, "0 errors, 1 warning"},
		{"strict", "", []string{"--strict", warn}, 1, "0 errors, 1 warning"},
		{"folder", "", []string{dir}, 1, "1 error, 1 warning in 3 files"},
		{"standard input", "prnt()", []string{"-"}, 1, "(standard input):1:1: error: undefined global prnt; did you mean print?"},
		{"inline", "", []string{"-e", "for i = 1 do"}, 1, "(command line):1:11: error: unexpected 'do': ',' is expected before it [syntax]"},
		{"nothing", "", nil, 2, "check needs a file or a folder"},
		{"missing", "", []string{filepath.Join(dir, "god.lua")}, 2, "did you mean " + good},
		{"no scripts", "", []string{t.TempDir()}, 2, "no *.lua file"},
		{"no such form", "", []string{"--format", "githb", good}, 2, "did you mean github?"},
	} {
		got := imctl(t, c.stdin, append([]string{"check"}, c.args...)...)
		if got.code != c.code || !strings.Contains(got.out+got.errOut, c.want) {
			t.Errorf("%s: %+v, want code %d and %q", c.name, got, c.code, c.want)
		}
	}
}

// TestWarningsOfARun: a run says what the check finds and goes on; with --strict nothing runs.
func TestWarningsOfARun(t *testing.T) {
	script := "print('ran')\nif false then user.lst{} end\n"
	got := imctl(t, "", "run", "-e", script)
	if got.code != 0 || got.out != "ran\n" || got.errOut != "warning: (command line):2:20: no operation user.lst; did you mean user.list? [unknown-op]\n" {
		t.Errorf("%+v", got)
	}
	for _, args := range [][]string{{"run", "--strict", "-e", script}, {"run", "--strict", "-"}} {
		got := imctl(t, script, args...)
		if got.code != 2 || got.out != "" || !strings.Contains(got.errOut, "1 error, 0 warnings in (") || !strings.Contains(got.errOut, ":2:20: ") {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if got := imctl(t, "", "-q", "run", "-e", script); got.errOut != "" || got.out != "ran\n" {
		t.Errorf("quiet: %+v", got)
	}
	got = imctl(t, "", "run", "-e", "print(")
	if got.code != 1 || strings.Count(got.errOut, "\n") > 4 || strings.Contains(got.errOut, "warning") {
		t.Errorf("a syntax error: %+v", got)
	}
	dir := t.TempDir()
	first, second := filepath.Join(dir, "a_test.lua"), filepath.Join(dir, "b_test.lua")
	for name, text := range map[string]string{first: "it('x', function() print('ran') end)", second: "prnt()"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := imctl(t, "", "test", "--strict", dir); got.code != 2 || got.out != "" {
		t.Errorf("test --strict: %+v", got)
	}
}

// TestShippedScriptsAreClean: what we ship has neither errors nor warnings.
func TestShippedScriptsAreClean(t *testing.T) {
	if got := imctl(t, "", "check", "--strict", "../../scripts", "../../stdlib"); got.code != 0 || got.out != "" {
		t.Errorf("%s%s", got.out, got.errOut)
	}
	for _, op := range allOps() {
		for _, f := range check.Source(op.Example, op.FullName(), scriptNames(Areas())) {
			if f.Code != "undefined-global" { // an example may stand in a script that has more
				t.Errorf("the example of %s: %s", op.FullName(), f.Text())
			}
		}
	}
}

// BenchmarkNames is what every run pays for the check of a script that uses a little.
func BenchmarkNames(b *testing.B) {
	areas := Areas()
	for b.Loop() {
		check.Source("print(user)", "x.lua", scriptNames(areas))
	}
}
