// Package testrun is a run of tests as the program sees it: which of the declared tests are wanted and in which order,
// what became of each, and who is told. The tests themselves are Lua; the library stdlib/test.lua walks them and tells
// this package through the functions of Host.
package testrun

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Status is what became of a test.
type Status string

// The ends of a test.
const (
	Passed  Status = "passed"
	Failed  Status = "failed"
	Flaky   Status = "flaky" // failed at first, and passed when it was tried again
	Pending Status = "pending"
	NotRun  Status = "not run"
)

// Test is one test and what became of it.
type Test struct {
	File     string    `json:"file"`
	Blocks   []string  `json:"blocks"` // the names of the describes around it, the outermost first
	Name     string    `json:"name"`
	Line     int       `json:"line"`
	Tags     []string  `json:"tags,omitempty"`
	Status   Status    `json:"status"`
	Reason   string    `json:"reason,omitempty"` // why it was not run
	Start    time.Time `json:"start,omitzero"`
	MS       float64   `json:"ms"`
	Tries    int       `json:"tries"`
	Round    int       `json:"round,omitempty"` // with --repeat: which time, from 1
	Checks   int       `json:"checks"`
	Problems []Problem `json:"problems,omitempty"`
	Earlier  []Problem `json:"earlier,omitempty"` // the first problem of each other try that failed
	Repeat   string    `json:"repeat,omitempty"`  // the command that runs this one test again, when it failed
}

// FullName is the test's name with those of its blocks: "accounts > can be found".
func (t *Test) FullName() string { return fullName(t.Blocks, t.Name) }

func fullName(blocks []string, name string) string {
	return strings.Join(append(append([]string{}, blocks...), name), " > ")
}

// Trouble is what went wrong outside of any test: in a before_all or after_all, in removing fixtures, or in the file.
type Trouble struct {
	File    string   `json:"file"`
	Blocks  []string `json:"blocks,omitempty"`
	Problem Problem  `json:"problem"`
}

// Problem is one failure: what was expected, where, and what the server had been asked before.
type Problem struct {
	During  string   `json:"during,omitempty"` // "before_each", "removing fixtures"; "" is the test itself
	Kind    string   `json:"kind,omitempty"`   // of an error value: "not_found"; "expectation" of an expectation
	Message string   `json:"message"`
	Diff    []string `json:"diff,omitempty"`
	Hint    string   `json:"hint,omitempty"`
	At      string   `json:"at,omitempty"` // file:line
	Source  string   `json:"source,omitempty"`
	Trace   []string `json:"trace,omitempty"` // the script's frames around At, innermost first
	Calls   []Call   `json:"calls,omitempty"` // the last calls of the test
	Logs    []string `json:"logs,omitempty"`  // what the server's logs say of those calls
}

// Call is a request that the test made.
type Call struct {
	Method      string  `json:"method"`
	Path        string  `json:"path"`
	OperationID string  `json:"operationID"`
	Status      int     `json:"status"` // of HTTP, 0 when no answer came
	Code        int     `json:"code"`   // errCode
	MS          float64 `json:"ms"`
}

// Summary is a whole run.
type Summary struct {
	Tests    []*Test    `json:"tests"`
	Troubles []*Trouble `json:"troubles,omitempty"`
	Files    []string   `json:"files"`
	Start    time.Time  `json:"start"`
	MS       float64    `json:"ms"`
	Seed     uint64     `json:"seed,omitempty"`  // of the order, when it was shuffled
	Ended    string     `json:"ended,omitempty"` // what ended the run before all tests had run: "interrupted"
}

// Counts are the numbers of a run.
type Counts struct {
	Ran     int `json:"ran"`
	Passed  int `json:"passed"` // with those that are flaky
	Failed  int `json:"failed"`
	Flaky   int `json:"flaky"`
	Pending int `json:"pending"`
	NotRun  int `json:"notRun"`
	Errors  int `json:"errors"` // troubles
	Checks  int `json:"checks"`
}

// Counts counts.
func (s *Summary) Counts() Counts {
	var c Counts
	for _, t := range s.Tests {
		c.Checks += t.Checks
		switch t.Status {
		case Passed:
			c.Passed++
		case Failed:
			c.Failed++
		case Flaky:
			c.Passed++
			c.Flaky++
		case Pending:
			c.Pending++
		case NotRun:
			c.NotRun++
		}
	}
	c.Ran = c.Passed + c.Failed
	c.Errors = len(s.Troubles)
	return c
}

// Bad tells whether something failed.
func (s *Summary) Bad() bool {
	c := s.Counts()
	return c.Failed+c.Errors > 0
}

// OK tells whether the run is one to rely on: tests ran, nothing failed, and it was not ended early.
func (s *Summary) OK() bool { return s.Counts().Ran > 0 && !s.Bad() && s.Ended == "" }

// TestsFailed tells whether a test or a hook failed: more than a file that could not be run.
func (s *Summary) TestsFailed() bool {
	return s.Counts().Failed > 0 || slices.ContainsFunc(s.Troubles, func(t *Trouble) bool { return t.Problem.During != "" })
}

// String is the call in one line.
func (c Call) String() string {
	answer := "no answer"
	if c.Status != 0 {
		answer = fmt.Sprintf("HTTP %d, errCode %d", c.Status, c.Code)
	}
	return fmt.Sprintf("%s %s  %s, %.1f ms, operationID %s", c.Method, c.Path, answer, c.MS, c.OperationID)
}
