package report

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/output"
	"github.com/openimsdk/imctl/runtime/testrun"
)

// tap writes the Test Anything Protocol, version 13, which every reader knows: a flat list of test points in the order of
// the run. What is known of a point stands behind it as YAML.
type tap struct {
	o     Options
	n     int
	begun bool
	errs  error
}

func newTAP(o Options) testrun.Reporter { return &tap{o: o} }

func (t *tap) say(text string) {
	if _, err := fmt.Fprintln(t.o.Out, text); err != nil && t.errs == nil {
		t.errs = err
	}
}

func (t *tap) begin() {
	if !t.begun {
		t.begun = true
		t.say("TAP version 13")
	}
}

// File names the file in a comment.
func (t *tap) File(name string) {
	t.begin()
	t.say("# " + plain(name))
}

// tapPoint is the YAML behind a test point.
type tapPoint struct {
	Message    string            `json:"message,omitempty"`
	Severity   string            `json:"severity,omitempty"` // fail, error or flaky
	File       string            `json:"file"`
	Line       int               `json:"line,omitempty"`
	DurationMS float64           `json:"duration_ms,omitempty"`
	Checks     int               `json:"checks,omitempty"`
	Tries      int               `json:"tries,omitempty"`
	Tags       []string          `json:"tags,omitempty"`
	Problems   []testrun.Problem `json:"problems,omitempty"`
	Earlier    []testrun.Problem `json:"earlier,omitempty"`
	Repeat     string            `json:"repeat,omitempty"`
}

// Test writes a test point: a pending test is TODO, one that did not run is skipped.
func (t *tap) Test(x *testrun.Test) {
	p := tapPoint{File: x.File, Line: x.Line, DurationMS: x.MS, Checks: x.Checks, Tags: x.Tags, Problems: x.Problems, Earlier: x.Earlier, Repeat: x.Repeat}
	if len(x.Tags) == 0 {
		p.Tags = nil // what is nil is left out, what is empty is not
	}
	if x.Tries > 1 {
		p.Tries = x.Tries
	}
	if len(x.Problems) > 0 {
		p.Message = firstLine(x.Problems[0])
	}
	directive := ""
	switch x.Status {
	case testrun.Failed:
		p.Severity = severity(x.Problems)
	case testrun.Flaky:
		p.Severity = "flaky"
	case testrun.Pending:
		directive = "TODO pending"
	case testrun.NotRun:
		directive = "SKIP " + tapText(x.Reason)
	}
	t.point(x.Status != testrun.Failed && x.Status != testrun.Pending, x.FullName(), round(x), directive, p)
}

// Trouble writes a test point that failed.
func (t *tap) Trouble(x *testrun.Trouble) {
	t.point(false, troubleTitle(x), "", "", tapPoint{
		Message: firstLine(x.Problem), Severity: severity([]testrun.Problem{x.Problem}), File: x.File, Problems: []testrun.Problem{x.Problem},
	})
}

func severity(problems []testrun.Problem) string {
	if expectation(problems) {
		return "fail"
	}
	return "error"
}

func (t *tap) point(ok bool, name, round, directive string, p tapPoint) {
	t.begin()
	t.n++
	text := fmt.Sprintf("ok %d - %s%s", t.n, tapText(name), round)
	if !ok {
		text = "not " + text
	}
	if directive != "" {
		text += " # " + directive
	}
	t.say(text)
	var b bytes.Buffer
	y, err := output.New(output.Options{Out: &b, Format: output.YAML})
	if err == nil {
		err = y.Value(value.From(p), nil)
	}
	if err != nil {
		t.errs = errors.Join(t.errs, err)
		return
	}
	t.say("  ---")
	for line := range strings.Lines(b.String()) {
		t.say("  " + plain(strings.TrimSuffix(line, "\n"))) // in quotes Go's escapes are YAML's
	}
	t.say("  ...")
}

// tapText is a description or a reason: "#" begins a directive where it is not escaped.
func tapText(text string) string {
	return strings.NewReplacer(`\`, `\\`, `#`, `\#`).Replace(plain(text))
}

// End writes the numbers, the plan, and what ended the run early.
func (t *tap) End(s *testrun.Summary) error {
	t.begin()
	for _, x := range slowest(s.Tests) {
		t.say("# slowest: " + duration(x.MS) + "  " + title(x))
	}
	if s.Seed != 0 {
		t.say(fmt.Sprintf("# shuffled with --shuffle=%d", s.Seed))
	}
	t.say("# " + countsText(s))
	plan := fmt.Sprintf("1..%d", t.n)
	if t.n == 0 {
		plan += " # SKIP no tests ran"
	}
	if s.Ended != "" {
		t.say("Bail out! " + plain(s.Ended)) // behind the plan readers take it for noise
	}
	t.say(plan)
	return t.errs
}
