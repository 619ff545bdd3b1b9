// Package report writes the results of a test run: for people at a terminal, and in the forms that other programs read.
package report

import (
	"fmt"
	"io"
	"slices"

	"github.com/openimsdk/imctl/runtime/output"
	"github.com/openimsdk/imctl/runtime/testrun"
)

// Options say where a report goes, and what it may know of its surroundings.
type Options struct {
	Out    io.Writer
	Color  bool
	Files  int                 // how many files run; the report for people names each when there are several
	Getenv func(string) string // of the workflow in which the run takes place
}

// format is a form of reports.
type format struct {
	name string
	make func(Options) testrun.Reporter
}

func formats() []format {
	return []format{{Terminal, newTerminal}, {"tap", newTAP}, {"junit", newJUnit}, {"json", newJSON}, {"github", newGitHub}, {"html", newHTML}}
}

// Terminal is the format for people, the one that is written when none is asked for.
const Terminal = "terminal"

// Formats lists the formats by name, the default first.
func Formats() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.name)
	}
	return names
}

// New makes a report in one of Formats.
func New(name string, o Options) testrun.Reporter {
	all := formats()
	return all[slices.IndexFunc(all, func(f format) bool { return f.name == name })].make(o)
}

// whole is a report that is written when the run is over.
type whole func(*testrun.Summary) error

func (whole) File(string)                    {}
func (whole) Test(*testrun.Test)             {}
func (whole) Trouble(*testrun.Trouble)       {}
func (w whole) End(s *testrun.Summary) error { return w(s) }

// fileResults is what became of one file.
type fileResults struct {
	name     string
	tests    []*testrun.Test
	troubles []*testrun.Trouble
}

// byFile is a run in the order of its files.
func byFile(s *testrun.Summary) []fileResults {
	var files []fileResults
	for _, name := range s.Files {
		f := fileResults{name: name}
		for _, t := range s.Tests {
			if t.File == name {
				f.tests = append(f.tests, t)
			}
		}
		for _, t := range s.Troubles {
			if t.File == name {
				f.troubles = append(f.troubles, t)
			}
		}
		files = append(files, f)
	}
	return files
}

// plain is text that nothing acts on: control characters are spelled out. It has one line.
func plain(text string) string { return output.Escape(text, false) }

// title is a test's full name, with the round when everything runs several times.
func title(t *testrun.Test) string { return plain(t.FullName()) + round(t) }

func round(t *testrun.Test) string {
	if t.Round == 0 {
		return ""
	}
	return fmt.Sprintf(" [%d]", t.Round)
}

// flakyText says at which try a flaky test passed.
func flakyText(t *testrun.Test) string { return fmt.Sprintf("flaky: passed at try %d", t.Tries) }

// slowest are the slowest tests, when there are enough of them for that to tell something.
func slowest(tests []*testrun.Test) []*testrun.Test {
	if len(tests) < 10 {
		return nil
	}
	var ran []*testrun.Test
	for _, x := range tests {
		if x.MS >= 1000 {
			ran = append(ran, x)
		}
	}
	slices.SortStableFunc(ran, func(a, b *testrun.Test) int { return int(b.MS - a.MS) })
	return ran[:min(len(ran), 3)]
}

// countsText is the numbers of a run in words: "28 tests, 90 checks: 27 passed, 1 failed".
func countsText(s *testrun.Summary) string {
	c := s.Counts()
	text := fmt.Sprintf("%s, %s: %d passed, %d failed", plural(c.Ran, "test", "tests"), plural(c.Checks, "check", "checks"), c.Passed, c.Failed)
	for _, more := range []struct {
		n         int
		one, many string
	}{{c.Errors, "error", "errors"}, {c.Flaky, "flaky", "flaky"}, {c.NotRun, "not run", "not run"}, {c.Pending, "pending", "pending"}} {
		if more.n > 0 {
			text += ", " + plural(more.n, more.one, more.many)
		}
	}
	if s.Ended != "" {
		text += "; " + plain(s.Ended)
	}
	return text
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
