package cli_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/runtime/report"
	"github.com/openimsdk/imctl/runtime/testrun"
)

var updateReports = flag.Bool("update-reports", false, "write the golden reports of testdata/reports anew")

// reported is a run of tests with a report in every format.
type reported struct {
	code   int
	stderr string
	text   map[string]string // by format, beside them "summary", the summary of a workflow's step
	file   map[string]string // where each lies
}

// runReports runs tests of testdata/reports against a sandbox, as a workflow would. The report for people is on standard
// output.
func runReports(t *testing.T, p person, args ...string) reported {
	t.Helper()
	folder, err := filepath.Abs(filepath.Join("..", "..", "testdata", "reports"))
	if err != nil {
		t.Fatal(err)
	}
	r := reported{text: map[string]string{}, file: map[string]string{}}
	dir := t.TempDir()
	args = append([]string{"test"}, args...)
	for _, format := range report.Formats() {
		if format == report.Terminal {
			args = append(args, "--report", format)
			continue
		}
		r.file[format] = filepath.Join(dir, "report."+format)
		args = append(args, "--report", format+"="+r.file[format])
	}
	r.file["summary"] = filepath.Join(dir, "summary.md")
	cmd := p.command(t.Context(), t, args...)
	cmd.Dir = folder
	cmd.Env = append(cmd.Env, "GITHUB_WORKSPACE="+filepath.Dir(folder), "GITHUB_STEP_SUMMARY="+r.file["summary"])
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	r.code, r.stderr, r.text[report.Terminal] = cmd.ProcessState.ExitCode(), stderr.String(), string(out)
	for format, file := range r.file {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("no report %s: %v\n%s", format, err, stderr.String())
		}
		r.text[format] = string(text)
	}
	return r
}

// normal are what differs from run to run, and what stands in its place.
var normal = []struct {
	what *regexp.Regexp
	by   string
}{
	{regexp.MustCompile(`imctl-[0-9a-f]{16}`), "imctl-OPERATION"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`\b\d+(\.\d+)? (ms|s)\b`), "N ms"},
	{regexp.MustCompile(`("ms": |duration_ms: |\bms: )[\d.e-]+`), "${1}0"},
	{regexp.MustCompile(`( time=")[\d.]+"`), `${1}0"`},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?`), "2026-03-01T12:00:00"},
	{regexp.MustCompile(`<td class="number">\d+\.\d</td>`), `<td class="number">0.0</td>`},
	{regexp.MustCompile(`(?s)(<style>|<script>\n).*?(</style>|</script>)`), "$1$2"},
	{regexp.MustCompile(`(?m)^(# |)slowest: .*\n|^slowest:\n( +N ms .*\n)+`), ""},
	{regexp.MustCompile(`(?s)<section id="slowest">.*?</section>\n`), ""},
	{regexp.MustCompile(`(%0A|&#10;)slowest: [^%&]*`), ""},
}

// TestReportsOfFailures: the suite of deliberately failing files is reported in every format as it was when somebody
// looked at it.
func TestReportsOfFailures(t *testing.T) {
	p := newPerson(t, true)
	r := runReports(t, p, "suite", "--max-memory", "64MiB")
	if r.code != 1 {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
	for format, text := range r.text {
		for _, secret := range []string{p.server.Secret, "hunter2", "eyJhbGci", "other-secret-value"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s tells the secret %s", format, secret)
			}
		}
		for _, n := range normal {
			text = n.what.ReplaceAllString(text, n.by)
		}
		golden(t, "failures."+format, text)
	}
	readByOthers(t, r)
}

// golden compares a text with a golden report.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("..", "..", "testdata", "reports", "golden", name)
	if *updateReports {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i, line := range gotLines {
		if i >= len(wantLines) || line != wantLines[i] {
			t.Errorf("%s, line %d (-update-reports writes it anew)\ngot  %s\nwant %s", name, i+1, line, append(wantLines, "")[min(i, len(wantLines))])
			return
		}
	}
	t.Errorf("%s: %d lines, want %d", name, len(gotLines), len(wantLines))
}

// TestRepeat runs the commands that repeat tests, in a shell: each runs its one test, whatever the name holds.
func TestRepeat(t *testing.T) {
	p := newPerson(t, false)
	folder := filepath.Join("..", "..", "testdata", "reports")
	read := func(command string) (doc report.Document) {
		cmd := p.command(t.Context(), t)
		sh := exec.CommandContext(t.Context(), "sh", "-c", command+" --report json")
		sh.Dir, sh.Env = folder, append(cmd.Env, "PATH="+filepath.Dir(cmd.Path)+string(os.PathListSeparator)+os.Getenv("PATH"))
		out, err := sh.Output()
		if json.Unmarshal(out, &doc) != nil || sh.ProcessState.ExitCode() != 1 {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
		return doc
	}
	all := read("imctl test suite/d_characters_test.lua")
	if len(all.Tests) < 7 {
		t.Fatalf("%d tests", len(all.Tests))
	}
	for _, test := range all.Tests {
		again := read(test.Repeat)
		if len(again.Tests) != 1 || again.Tests[0].FullName() != test.FullName() || again.Counts.Failed != 1 {
			t.Errorf("%s ran %d tests", test.Repeat, len(again.Tests))
		}
	}
}

// TestManyFailures: 256 failures are no success, and each is told in full once.
func TestManyFailures(t *testing.T) {
	r := runReports(t, newPerson(t, false), "many_test.lua")
	if r.code != 1 {
		t.Errorf("exit code %d", r.code)
	}
	text := r.text[report.Terminal]
	if n := strings.Count(text, "expected 256 to equal 0"); n != 1 {
		t.Errorf("the last failure is told %d times", n)
	}
	lines := strings.Split(text, "\n")
	recap := lines[slices.Index(lines, "failed:")+1 : len(lines)-2]
	if len(recap) != 256 || recap[255] != "  many_test.lua:3 failure 256" || lines[len(lines)-2][:len("256 tests, 256 checks: 0 passed, 256 failed")] != "256 tests, 256 checks: 0 passed, 256 failed" {
		t.Errorf("the end is\n%s", strings.Join(lines[max(0, len(lines)-262):], "\n"))
	}
	readByOthers(t, r)
}

// readByOthers reads a run's reports as other programs do, and compares what they find with the report in JSON.
func readByOthers(t *testing.T, r reported) {
	var doc report.Document
	if err := json.Unmarshal([]byte(r.text["json"]), &doc); err != nil {
		t.Fatal(err)
	}
	counts := testrun.Counts{}
	if doc.Summary != nil {
		counts = doc.Summary.Counts()
	}
	if counts != doc.Counts || doc.Report != "imctl test" || doc.OK {
		t.Errorf("the document says %+v, and holds %+v", doc.Counts, counts)
	}
	t.Run("XML", func(t *testing.T) { testJUnitXML(t, r, counts) })
	t.Run("schema", func(t *testing.T) { testJUnitSchema(t, r) })
	t.Run("junitparser", func(t *testing.T) { testJUnitParser(t, r, counts) })
	t.Run("TAP", func(t *testing.T) { testTAPParser(t, r, counts) })
	t.Run("Chromium", func(t *testing.T) { testPage(t, r, counts) })
}

func testJUnitXML(t *testing.T, r reported, c testrun.Counts) {
	var doc struct {
		Suites []struct {
			File  string `xml:"file,attr"`
			Cases []struct {
				Name    string    `xml:"name,attr"`
				Failure *struct{} `xml:"failure"`
				Error   *struct{} `xml:"error"`
				Skipped *struct{} `xml:"skipped"`
				Flaky   *struct{} `xml:"flakyFailure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(r.text["junit"]), &doc); err != nil {
		t.Fatal(err)
	}
	var bad, skipped, flaky, all int
	for _, s := range doc.Suites {
		for _, x := range s.Cases {
			all++
			if x.Failure != nil || x.Error != nil {
				bad++
			}
			if x.Skipped != nil {
				skipped++
			}
			if x.Flaky != nil {
				flaky++
			}
		}
	}
	if bad != c.Failed+c.Errors || skipped != c.Pending+c.NotRun || flaky != c.Flaky || all != c.Ran+c.Errors+c.Pending+c.NotRun {
		t.Errorf("%d bad, %d skipped, %d flaky of %d, want %+v", bad, skipped, flaky, all, c)
	}
}

// tool is a program that reads reports; the test is skipped where it is not installed.
func tool(t *testing.T, name, from string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("SKIPPED, nobody else has read this report: %s is not installed here (%s); make deps installs it where it can", name, from)
	}
	return path
}

func testJUnitSchema(t *testing.T, r reported) {
	schema := filepath.Join("..", "..", "testdata", "reports", "junit.rng")
	out, err := exec.Command(tool(t, "xmllint", "libxml2-utils"), "--noout", "--nonet", "--relaxng", schema, r.file["junit"]).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// junitReader prints what python3-junitparser finds: the totals, and the counts of its own reading of each case.
const junitReader = `
import sys
from junitparser import JUnitXml, Failure, Error, Skipped
xml = JUnitXml.fromfile(sys.argv[1])
cases = [c for s in xml for c in s]
kind = lambda k: sum(any(isinstance(r, k) for r in c.result) for c in cases)
print(xml.tests, xml.failures, xml.errors, len(cases), kind(Failure), kind(Error), kind(Skipped))
`

func testJUnitParser(t *testing.T, r reported, c testrun.Counts) {
	python := tool(t, "/usr/bin/python3", "python3") // Debian's own, for which its package is
	if err := exec.Command(python, "-c", "import junitparser").Run(); err != nil {
		tool(t, "junitparser-of-python3", "python3-junitparser")
	}
	out, err := exec.Command(python, "-c", junitReader, r.file["junit"]).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var tests, failures, errs, cases, failed, erred, skipped int
	if _, err := fmt.Sscan(string(out), &tests, &failures, &errs, &cases, &failed, &erred, &skipped); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if all := c.Ran + c.Errors + c.Pending + c.NotRun; tests != all || cases != all || failures != failed || errs != erred ||
		failed+erred != c.Failed+c.Errors || skipped != c.Pending+c.NotRun {
		t.Errorf("it read %s, want %+v", out, c)
	}
}

// tapReader prints what Perl's own TAP::Parser finds.
const tapReader = `
use TAP::Parser;
open my $in, "<", $ARGV[0] or die $!;
my $p = TAP::Parser->new({iterator => TAP::Parser::Iterator::Stream->new($in)});
my $yaml = 0;
while (my $r = $p->next) { $yaml++ if $r->is_yaml; print "UNKNOWN: ", $r->as_string, "\n" if $r->is_unknown }
print join(" ", scalar $p->tests_planned, scalar $p->passed, scalar $p->failed, scalar $p->todo, scalar $p->skipped, $yaml), "\n";
print "$_\n" for $p->parse_errors;
`

func testTAPParser(t *testing.T, r reported, c testrun.Counts) {
	perl := tool(t, "perl", "perl")
	if err := exec.Command(perl, "-MTAP::Parser", "-e", "1").Run(); err != nil {
		tool(t, "perl-with-TAP::Parser", "perl")
	}
	out, err := exec.Command(perl, "-MTAP::Parser::Iterator::Stream", "-e", tapReader, r.file["tap"]).CombinedOutput()
	all, bad := c.Ran+c.Errors+c.Pending+c.NotRun, c.Failed+c.Errors
	want := fmt.Sprintf("%d %d %d %d %d %d\n", all, all-bad, bad, c.Pending, c.NotRun, all)
	if err != nil || string(out) != want {
		t.Errorf("it read %s, want %s%v", out, want, err)
	}
}
