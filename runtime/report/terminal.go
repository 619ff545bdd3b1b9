package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/openimsdk/imctl/runtime/testrun"
)

// terminal writes the report for people: tests as they end, under their blocks.
type terminal struct {
	out    io.Writer
	color  bool
	many   bool // several files: each is named
	blocks []string
	err    error
}

func newTerminal(o Options) testrun.Reporter {
	return &terminal{out: o.Out, color: o.Color, many: o.Files > 1}
}

func (t *terminal) paint(code, text string) string {
	if !t.color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (t *terminal) say(depth int, text string) {
	if _, err := io.WriteString(t.out, strings.Repeat("  ", depth)+text+"\n"); err != nil && t.err == nil {
		t.err = err
	}
}

// File names the file when there are several.
func (t *terminal) File(name string) {
	t.blocks = nil
	if t.many {
		t.say(0, t.paint("1;4", plain(name)))
	}
}

// enter writes the names of the blocks that are new since the last line.
func (t *terminal) enter(blocks []string) {
	same := 0
	for same < len(blocks) && same < len(t.blocks) && blocks[same] == t.blocks[same] {
		same++
	}
	for i := same; i < len(blocks); i++ {
		t.say(i, t.paint("1", plain(blocks[i])))
	}
	t.blocks = slices.Clone(blocks)
}

// Test writes a test and why it failed.
func (t *terminal) Test(x *testrun.Test) {
	t.enter(x.Blocks)
	depth := len(x.Blocks)
	name := plain(x.Name) + round(x)
	took := t.paint("2", " ("+duration(x.MS)+")")
	switch x.Status {
	case testrun.Passed:
		t.say(depth, t.paint("32", "✓ ")+name+took)
	case testrun.Flaky:
		t.say(depth, t.paint("33", "~ "+name)+took+t.paint("33", " "+flakyText(x)))
	case testrun.Failed:
		t.say(depth, t.paint("31", "✗ "+name)+took)
	case testrun.Pending:
		t.say(depth, t.paint("33", "- "+name+" (pending)"))
	case testrun.NotRun:
		t.say(depth, t.paint("33", "- "+name+" (not run: "+plain(x.Reason)+")"))
	}
	for _, p := range x.Problems {
		t.problem(depth+2, p)
	}
	for _, text := range otherTries(x.Earlier) {
		t.say(depth+2, text)
	}
	if x.Repeat != "" {
		t.say(depth+2, t.paint("2", "again: ")+plain(x.Repeat))
	}
}

// Trouble writes what went wrong outside of a test.
func (t *terminal) Trouble(x *testrun.Trouble) {
	t.enter(x.Blocks)
	depth := len(x.Blocks)
	t.say(depth, t.paint("31", "✗ "+troubleName(x)))
	p := x.Problem
	p.During = ""
	t.problem(depth+2, p)
}

// troubleTitle is the trouble's name with those of its blocks.
func troubleTitle(x *testrun.Trouble) string {
	var names []string
	for _, block := range x.Blocks {
		names = append(names, plain(block))
	}
	return strings.Join(append(names, troubleName(x)), " > ")
}

// troubleName is what was going on, or the file in which it was.
func troubleName(x *testrun.Trouble) string {
	if x.Problem.During == "" {
		return plain(x.File)
	}
	return plain(x.Problem.During)
}

func (t *terminal) problem(depth int, p testrun.Problem) {
	for _, l := range problemLines(p, shownCalls) {
		text := l.text
		switch l.kind {
		case message:
			text = t.paint("31", text)
		case place:
			text = t.paint("2", text)
		case differs:
			if d := splitDifference(text); d != nil {
				text = d.At + "got " + t.paint("31", d.Got) + ", want " + t.paint("32", d.Want)
			}
		}
		t.say(depth+l.depth, text)
	}
}

// manyTests is how many tests it takes until what failed can have gone out of sight.
const manyTests = 10

// End writes what failed once more when it has gone out of sight, the flaky tests, the slowest ones, and the numbers.
func (t *terminal) End(s *testrun.Summary) error {
	c := s.Counts()
	if c.Ran+c.Errors+c.Pending+c.NotRun == 0 {
		return t.err
	}
	if c.Failed+c.Errors > 1 || c.Failed+c.Errors > 0 && len(s.Tests) > manyTests {
		t.recap(s)
	}
	if c.Flaky > 0 {
		t.say(0, t.paint("33", "flaky:"))
		for _, x := range s.Tests {
			if x.Status == testrun.Flaky {
				t.say(1, t.mention(x))
			}
		}
	}
	if slow := slowest(s.Tests); len(slow) > 0 {
		t.say(0, "slowest:")
		for _, x := range slow {
			t.say(1, fmt.Sprintf("%7s  %s", duration(x.MS), t.mention(x)))
		}
	}
	if s.Seed != 0 {
		t.say(0, fmt.Sprintf("shuffled with --shuffle=%d", s.Seed))
	}
	color := "32"
	if s.Bad() || s.Ended != "" {
		color = "31"
	}
	t.say(0, t.paint(color, countsText(s))+" ("+duration(s.MS)+")")
	return t.err
}

// recap lists what failed, by name.
func (t *terminal) recap(s *testrun.Summary) {
	t.say(0, t.paint("31", "failed:"))
	for _, f := range byFile(s) {
		for _, x := range f.troubles {
			name := troubleTitle(x)
			if x.Problem.During != "" {
				name = t.where(x.File, 0) + name
			}
			t.say(1, name)
		}
		for _, x := range f.tests {
			if x.Status == testrun.Failed {
				t.say(1, t.mention(x))
			}
		}
	}
}

// longestName is how much of a test's name is shown where it is only mentioned.
const longestName = 120

// mention is a test in a list.
func (t *terminal) mention(x *testrun.Test) string {
	return t.where(x.File, x.Line) + runewidth.Truncate(title(x), longestName, "…")
}

// where is the file, when there are several, and the line of a test.
func (t *terminal) where(file string, line int) string {
	at := plain(file)
	switch {
	case line > 0:
		at = fmt.Sprintf("%s:%d", at, line)
	case !t.many:
		return ""
	}
	return t.paint("2", at+" ")
}
