package report

import (
	"strings"

	"github.com/openimsdk/imctl/runtime/output"
	"github.com/openimsdk/imctl/runtime/testrun"
)

// shownCalls is how many of a problem's last calls are shown where they would push aside what matters more.
const shownCalls = 6

// line is a line of a problem's text: how deep it stands, and what it is.
type line struct {
	depth int
	kind  lineKind
	text  string
}

type lineKind int

const (
	other   lineKind = iota
	message          // what failed
	differs          // where
	place            // in the script
)

// problemLines is a problem as text, with its last calls.
func problemLines(p testrun.Problem, calls int) []line {
	var lines []line
	add := func(depth int, kind lineKind, text string) {
		for text := range strings.SplitSeq(output.Escape(text, true), "\n") {
			lines = append(lines, line{depth, kind, text})
		}
	}
	if p.During != "" {
		add(0, other, p.During+":")
	}
	add(0, message, p.Message)
	for _, text := range p.Diff {
		add(1, differs, text)
	}
	if p.Hint != "" {
		add(0, other, "hint: "+p.Hint)
	}
	if p.At != "" {
		add(0, place, strings.TrimSuffix("at "+p.At+": "+p.Source, ": "))
	}
	for _, frame := range p.Trace {
		add(0, place, "from "+frame)
	}
	if shown := p.Calls[max(0, len(p.Calls)-calls):]; len(shown) > 0 {
		add(0, other, "the last calls:")
		for _, c := range shown {
			add(1, other, c.String())
		}
	}
	if len(p.Logs) > 0 {
		add(0, other, "the server's log of these calls:")
		for _, text := range p.Logs {
			add(1, other, text)
		}
	}
	return lines
}

// problemsText is the problems of a test as text without colours, with the other tries and the command that repeats it.
func problemsText(problems, earlier []testrun.Problem, repeat string) string {
	var b strings.Builder
	for i, p := range problems {
		if i > 0 {
			b.WriteString("\n")
		}
		for _, l := range problemLines(p, len(p.Calls)) {
			b.WriteString(strings.Repeat("  ", l.depth) + l.text + "\n")
		}
	}
	for _, text := range otherTries(earlier) {
		b.WriteString(text + "\n")
	}
	if repeat != "" {
		b.WriteString("again: " + plain(repeat) + "\n")
	}
	return b.String()
}

// difference is a line of a difference, `at users[1].name: got "A", want "B"`, in its parts.
type difference struct{ At, Got, Want string }

// splitDifference is nil when the line says something else, as that an entry is missing.
func splitDifference(text string) *difference {
	text = plain(text)
	got, want, both := strings.Cut(text, ", want ")
	at, got, found := strings.Cut(got, "got ")
	if !both || !found || at != "" && !strings.HasPrefix(at, "at ") || strings.Contains(want, ", want ") {
		return nil
	}
	return &difference{at, got, want}
}

// otherTries says in a line each how the other tries of a test failed.
func otherTries(earlier []testrun.Problem) []string {
	var lines []string
	for _, p := range earlier {
		lines = append(lines, "another try: "+firstLine(p))
	}
	return lines
}

// firstLine is what a problem says, in one line.
func firstLine(p testrun.Problem) string {
	text, _, _ := strings.Cut(p.Message, "\n")
	if p.During != "" {
		text = p.During + ": " + text
	}
	return plain(text)
}

// expectation tells whether a test did what it is there for and found something else: any other failure is an error.
func expectation(problems []testrun.Problem) bool {
	return len(problems) > 0 && problems[0].Kind == "expectation"
}
