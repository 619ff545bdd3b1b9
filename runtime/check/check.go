package check

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/parse"
)

// The severities of findings.
const (
	Error   = "error"   // fails when the line runs
	Warning = "warning" // likely not what was meant
)

// Finding is one thing that is wrong in a script. Line and Column count from 1, columns in characters.
type Finding struct {
	File       string `json:"file"`
	Line       int    `json:"line"`
	Column     int    `json:"column"`
	Severity   string `json:"severity"`
	Code       string `json:"code"` // stable: unknown-op, missing-field, …
	Message    string `json:"message"`
	Suggestion string `json:"suggestion,omitempty"` // what was most likely meant
}

// Text is the finding's message with the suggestion.
func (f Finding) Text() string {
	if f.Suggestion == "" {
		return f.Message
	}
	return f.Message + "; did you mean " + f.Suggestion + "?"
}

// Source checks the text of a script and lists what it finds, in order of place. name is the file's name in the
// findings.
func Source(source, name string, d Declarations) []Finding {
	source = mend(source)
	c := &checker{file: name, source: source, tokens: scan(source), known: newKnown(d)}
	chunk, err := parse.Parse(strings.NewReader(source), name)
	if err != nil {
		c.syntaxError(err)
		return c.findings
	}
	c.prepare()
	c.chunk(chunk) // once to learn which globals the file assigns
	c.reporting = true
	c.chunk(chunk)
	slices.SortStableFunc(c.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return c.findings
}

// mend drops a byte order mark, and a first line that is for the system; lines keep their numbers.
func mend(source string) string {
	source = strings.TrimPrefix(source, "\uFEFF")
	if strings.HasPrefix(source, "#") {
		_, rest, _ := strings.Cut(source, "\n")
		return "\n" + rest
	}
	return source
}

// Errors counts the findings that are errors; with strict, warnings count too.
func Errors(findings []Finding, strict bool) int {
	n := 0
	for _, f := range findings {
		if strict || f.Severity == Error {
			n++
		}
	}
	return n
}

// checker is one check of one file.
type checker struct {
	file, source string
	tokens       *tokens
	known        *known
	findings     []Finding
	reporting    bool              // the second walk
	fileWide     []string          // the names that can be used anywhere in the file
	asked        map[string]string // suggestions given before

	// What the first walk learns.
	assigned   map[string]bool // globals that the file assigns, and "string.split": their members
	topLevel   map[string]bool // of these, the ones assigned outside of functions
	reassigned map[string]bool // names of locals that get another value after their first
	hidden     bool            // globals come and go unseen: _G, setfenv
	loads      bool            // other code is loaded that may define globals

	// Where the walk is.
	locals  map[string][]local
	stack   []string // the names in scope, the innermost last
	inside  role
	nesting int // functions
	loops   int // of the function
	varargs bool
	labels  []map[string]bool // of the blocks around
}

// local is a local variable.
type local struct {
	alias  string     // the global table that it is another name for: local u = user
	handle *operation // what gave the handle that it is: local c = client.connect("a")
}

func (c *checker) prepare() {
	c.assigned, c.topLevel, c.reassigned, c.locals = map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string][]local{}
}

// report adds a finding at a token.
func (c *checker) report(at place, severity, code, message, suggestion string) {
	if !c.reporting {
		return
	}
	message = strings.ToValidUTF8(message, "") // a cut text, or a token with the scanner's end mark in it
	c.findings = append(c.findings, Finding{
		File: c.file, Line: at.line, Column: at.column, Severity: severity, Code: code, Message: message, Suggestion: suggestion,
	})
}

// syntaxError reports why the file can't be parsed.
func (c *checker) syntaxError(err error) {
	c.reporting = true
	var p *parse.Error
	if !errors.As(err, &p) {
		c.report(place{1, 1}, Error, "syntax", err.Error(), "")
		return
	}
	at, message := c.explainSyntax(p)
	c.report(at, Error, "syntax", message, "")
}
