// Package report writes the results of a test run: for people at a terminal, and in the forms that other programs read.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/openimsdk/imctl/runtime/testrun"
)

// shownCalls is how many of a problem's last calls are shown to people.
const shownCalls = 6

// Terminal writes the report for people: tests as they end, under their blocks.
type Terminal struct {
	out    io.Writer
	color  bool
	many   bool // several files: each is named
	blocks []string
	err    error
}

// NewTerminal makes the report for people; many says that there are several files.
func NewTerminal(out io.Writer, color, many bool) *Terminal {
	return &Terminal{out: out, color: color, many: many}
}

func (t *Terminal) paint(code, text string) string {
	if !t.color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (t *Terminal) say(depth int, text string) {
	if _, err := io.WriteString(t.out, strings.Repeat("  ", depth)+text+"\n"); err != nil && t.err == nil {
		t.err = err
	}
}

// File names the file when there are several.
func (t *Terminal) File(name string) {
	t.blocks = nil
	if t.many {
		t.say(0, t.paint("1;4", name))
	}
}

// enter writes the names of the blocks that are new since the last line.
func (t *Terminal) enter(blocks []string) {
	same := 0
	for same < len(blocks) && same < len(t.blocks) && blocks[same] == t.blocks[same] {
		same++
	}
	for i := same; i < len(blocks); i++ {
		t.say(i, t.paint("1", blocks[i]))
	}
	t.blocks = slices.Clone(blocks)
}

// Test writes a test and why it failed.
func (t *Terminal) Test(x *testrun.Test) {
	t.enter(x.Blocks)
	depth := len(x.Blocks)
	name := x.Name
	if x.Round > 0 {
		name += fmt.Sprintf(" [%d]", x.Round)
	}
	took := t.paint("2", " ("+duration(x.MS)+")")
	switch x.Status {
	case testrun.Passed:
		t.say(depth, t.paint("32", "✓ ")+name+took)
	case testrun.Flaky:
		t.say(depth, t.paint("33", "~ "+name)+took+t.paint("33", fmt.Sprintf(" flaky: passed at try %d", x.Tries)))
	case testrun.Failed:
		t.say(depth, t.paint("31", "✗ "+name)+took)
	case testrun.Pending:
		t.say(depth, t.paint("33", "- "+name+" (pending)"))
	case testrun.NotRun:
		t.say(depth, t.paint("33", "- "+name+" (not run: "+x.Reason+")"))
	}
	for _, p := range x.Problems {
		t.problem(depth+2, p)
	}
	if x.Status == testrun.Failed && x.Repeat != "" {
		t.say(depth+2, t.paint("2", "again: "+x.Repeat))
	}
}

// Trouble writes what went wrong outside of a test.
func (t *Terminal) Trouble(x *testrun.Trouble) {
	t.enter(x.Blocks)
	depth := len(x.Blocks)
	during := x.Problem.During
	if during == "" {
		during = x.File
	}
	t.say(depth, t.paint("31", "✗ "+during))
	p := x.Problem
	p.During = ""
	t.problem(depth+2, p)
}

func (t *Terminal) problem(depth int, p testrun.Problem) {
	if p.During != "" {
		t.say(depth, p.During+":")
	}
	for line := range strings.SplitSeq(p.Message, "\n") {
		t.say(depth, t.paint("31", line))
	}
	for _, line := range p.Diff {
		t.say(depth+1, line)
	}
	if p.Hint != "" {
		t.say(depth, "hint: "+p.Hint)
	}
	if p.At != "" {
		t.say(depth, t.paint("2", strings.TrimSuffix("at "+p.At+": "+p.Source, ": ")))
	}
	for _, frame := range p.Trace {
		t.say(depth, t.paint("2", "from "+frame))
	}
	if len(p.Calls) > 0 {
		t.say(depth, "the last calls:")
	}
	for _, c := range p.Calls[max(0, len(p.Calls)-shownCalls):] {
		t.say(depth+1, c.String())
	}
	if len(p.Logs) > 0 {
		t.say(depth, "the server's log of these calls:")
	}
	for _, line := range p.Logs {
		t.say(depth+1, line)
	}
}

// End writes the numbers, the flaky tests and the slowest ones.
func (t *Terminal) End(s *testrun.Summary) error {
	c := s.Counts()
	if c.Ran+c.Errors+c.Pending+c.NotRun == 0 {
		return t.err
	}
	var flaky []string
	for _, x := range s.Tests {
		if x.Status == testrun.Flaky {
			flaky = append(flaky, x.FullName())
		}
	}
	if len(flaky) > 0 {
		t.say(0, t.paint("33", "flaky: "+strings.Join(flaky, ", ")))
	}
	if slow := slowest(s.Tests); len(slow) > 0 {
		t.say(0, "slowest:")
		for _, x := range slow {
			t.say(1, duration(x.MS)+"  "+x.FullName())
		}
	}
	if s.Seed != 0 {
		t.say(0, fmt.Sprintf("shuffled with --shuffle=%d", s.Seed))
	}
	parts := []string{fmt.Sprintf("%d passed", c.Passed), fmt.Sprintf("%d failed", c.Failed)}
	for _, more := range []struct {
		n         int
		one, many string
	}{{c.Errors, "error", "errors"}, {c.Flaky, "flaky", "flaky"}, {c.NotRun, "not run", "not run"}, {c.Pending, "pending", "pending"}} {
		if more.n > 0 {
			parts = append(parts, plural(more.n, more.one, more.many))
		}
	}
	text := fmt.Sprintf("%s, %s: %s", plural(c.Ran, "test", "tests"), plural(c.Checks, "check", "checks"), strings.Join(parts, ", "))
	color := "32"
	if s.Bad() || s.Ended != "" {
		color = "31"
	}
	if s.Ended != "" {
		text += "; " + s.Ended
	}
	t.say(0, t.paint(color, text)+" ("+duration(s.MS)+")")
	return t.err
}

// slowest are the slowest tests, when there are enough of them for that to tell something.
func slowest(tests []*testrun.Test) []*testrun.Test {
	var ran []*testrun.Test
	for _, x := range tests {
		if x.MS >= 1000 {
			ran = append(ran, x)
		}
	}
	if len(tests) < 10 {
		return nil
	}
	slices.SortStableFunc(ran, func(a, b *testrun.Test) int { return int(b.MS - a.MS) })
	return ran[:min(len(ran), 3)]
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// duration is milliseconds in words.
func duration(ms float64) string {
	if ms < 1000 {
		return fmt.Sprintf("%.0f ms", ms)
	}
	return fmt.Sprintf("%.1f s", ms/1000)
}
