package report

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openimsdk/imctl/runtime/testrun"
)

var update = flag.Bool("update", false, "write the golden files anew")

// aRun is a run with something of everything.
func aRun() *testrun.Summary {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	calls := []testrun.Call{
		{Method: "POST", Path: "/user/user_register", OperationID: "imctl-01", Status: 200, MS: 3.25},
		{Method: "POST", Path: "/group/kick_group", OperationID: "imctl-02", Status: 200, Code: 1201, MS: 12},
		{Method: "POST", Path: "/group/kick_group", OperationID: "imctl-03", MS: 5000},
	}
	s := &testrun.Summary{
		Files: []string{"tests/group_test.lua", "tests/user.test.lua", "broken_test.lua"},
		Start: start, MS: 65_432.1, Seed: 4711, Ended: "ended by --bail",
		Tests: []*testrun.Test{
			{File: "tests/group_test.lua", Blocks: []string{"groups", "members"}, Name: "can be kicked", Line: 12, Tags: []string{"slow"},
				Status: testrun.Failed, Start: start, MS: 5015.25, Tries: 3, Checks: 4, Repeat: `imctl test tests/group_test.lua --filter '^groups > members > can be kicked$' --context stage`,
				Problems: []testrun.Problem{
					{Kind: "expectation", Message: "expected 20 to equal 60", Diff: []string{"at members[2].roleLevel: got 20, want 60", "at ex: missing, want {}"},
						At: "tests/group_test.lua:15", Source: "expect(m):equals(want)", Trace: []string{"tests/group_test.lua:13 in function 'kick'"}},
					{During: "after_each", Kind: "unreachable", Message: "group.kick: no answer\nfrom the server", Hint: "is it running?", Calls: calls,
						Logs: []string{"2026-03-01 12:00:04 ERROR [group-rpc] kick refused operationID=imctl-02 <script>", "2026-03-01 12:00:05 WARN \x1b[31mslow\x1b[0m"}},
				},
				Earlier: []testrun.Problem{{Kind: "expectation", Message: "expected 0 to equal 60"}, {During: "before_each", Kind: "timeout", Message: "time limit of 5s reached"}}},
			{File: "tests/group_test.lua", Blocks: []string{"groups"}, Name: "can be made", Line: 30, Status: testrun.Passed, Start: start.Add(6 * time.Second), MS: 1200, Tries: 1, Checks: 2},
			{File: "tests/group_test.lua", Blocks: []string{"groups"}, Name: "can be found", Line: 40, Round: 2, Status: testrun.Flaky, Start: start.Add(8 * time.Second), MS: 2500, Tries: 3, Checks: 6,
				Problems: []testrun.Problem{{Kind: "expectation", Message: "not within 2s, 4 tries, last: it returned false", Calls: calls[:1]}},
				Earlier:  []testrun.Problem{{Kind: "api", Message: "too many requests"}}},
			{File: "tests/user.test.lua", Blocks: []string{}, Name: "is pending #later", Line: 3, Status: testrun.Pending},
			{File: "tests/user.test.lua", Blocks: []string{"]]> & <b>", "\u202ebidi"}, Name: "control \x1b[2J \x00 \xff \ufffe\nname", Line: 5, Status: testrun.NotRun, Reason: "before_all failed # \\"},
		},
		Troubles: []*testrun.Trouble{
			{File: "tests/user.test.lua", Blocks: []string{"]]> & <b>"}, Problem: testrun.Problem{During: "before_all", Message: "100% ]]> </failure> \x07 \uffff", At: "tests/user.test.lua:4", Calls: calls[1:]}},
			{File: "broken_test.lua", Blocks: []string{}, Problem: testrun.Problem{Kind: "script", Message: "syntax error near 'x'", At: "broken_test.lua:1"}},
		},
	}
	for i := range 7 {
		s.Tests = append(s.Tests, &testrun.Test{File: "tests/user.test.lua", Blocks: []string{"users"}, Name: "number " + string(rune('1'+i)), Line: 20 + i,
			Status: testrun.Passed, Start: start.Add(20 * time.Second), MS: float64(i), Tries: 1, Checks: 1})
	}
	return s
}

// tell tells a reporter of a run as it would have been told.
func tell(r testrun.Reporter, s *testrun.Summary) error {
	for _, f := range byFile(s) {
		r.File(f.name)
		for _, t := range f.troubles {
			r.Trouble(t)
		}
		for _, t := range f.tests {
			r.Test(t)
		}
	}
	return r.End(s)
}

func noWorkflow(string) string { return "" }

func TestReports(t *testing.T) {
	empty := &testrun.Summary{Tests: []*testrun.Test{}, Files: []string{}, Start: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	for name, s := range map[string]*testrun.Summary{"full": aRun(), "empty": empty} {
		for _, format := range Formats() {
			var b bytes.Buffer
			if err := tell(New(format, Options{Out: &b, Files: len(s.Files), Getenv: noWorkflow}), s); err != nil {
				t.Fatalf("%s: %v", format, err)
			}
			text := b.String()
			golden(t, name+"."+format, text)
			if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == '\u202e' || r == '\ufffe' }); i >= 0 && format != "json" {
				t.Errorf("%s has %q in it", format, text[max(0, i-20):i+5])
			}
		}
	}
}

// golden compares a text with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
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
		t.Errorf("%s differs; go test -run %s -update writes it anew\n%s", path, t.Name(), got)
	}
}

// TestColors: in colour the terminal shows the same text.
func TestColors(t *testing.T) {
	var colored, bare bytes.Buffer
	for out, color := range map[*bytes.Buffer]bool{&colored: true, &bare: false} {
		if err := tell(New(Terminal, Options{Out: out, Color: color, Files: 3}), aRun()); err != nil {
			t.Fatal(err)
		}
	}
	text := colored.String()
	for _, code := range []string{"1;4", "1", "2", "31", "32", "33", "0"} {
		if !strings.Contains(text, "\x1b["+code+"m") {
			t.Errorf("no colour %s", code)
		}
		text = strings.ReplaceAll(text, "\x1b["+code+"m", "")
	}
	if text != bare.String() {
		t.Errorf("without its colours it is\n%s", text)
	}
	if want := "got \x1b[31m20\x1b[0m, want \x1b[32m60\x1b[0m"; !strings.Contains(colored.String(), want) {
		t.Errorf("no %q", want)
	}
}

// full is a disk that is full after so many bytes.
type full struct{ left int }

var errFull = errors.New("no space left on device")

func (f *full) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

// TestFullDisk: a report that can't be written says so, wherever its space ends.
func TestFullDisk(t *testing.T) {
	for _, format := range Formats() {
		for _, left := range []int{0, 20, 500} {
			if err := tell(New(format, Options{Out: &full{left}, Getenv: noWorkflow}), aRun()); !errors.Is(err, errFull) {
				t.Errorf("%s after %d bytes: %v", format, left, err)
			}
		}
	}
}

func TestSplitDifference(t *testing.T) {
	for text, want := range map[string]*difference{
		`got 1, want 2`:               {"", "1", "2"},
		`at a.b[1]: got "x", want {}`: {"at a.b[1]: ", `"x"`, "{}"},
		`at x: missing, want 3`:       nil,
		`unexpected "got 1, want 2"`:  nil,
		`got ", want ", want "x"`:     nil,
	} {
		got := splitDifference(text)
		if (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("%s: %+v", text, got)
		}
	}
}
