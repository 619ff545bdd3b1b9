package output

import (
	"bufio"
	"fmt"
	"html"
	"io"
)

// HTML writes a page by plain Go: html/template calls methods by their names, for which the linker would have to keep
// every exported method of the program.
type HTML struct{ w *bufio.Writer }

// NewHTML starts a page, which is whole when Flush was called.
func NewHTML(w io.Writer) HTML { return HTML{bufio.NewWriter(w)} }

// Raw writes markup of the program's own, never a value.
func (h HTML) Raw(markup string) {
	_, _ = h.w.WriteString(markup) // Flush returns the error
}

// Add writes markup with values in it, as fmt.Printf does. Values become text, also within a quoted attribute: whatever
// is no number is escaped.
func (h HTML) Add(markup string, values ...any) {
	safe := make([]any, len(values))
	for i, v := range values {
		switch v.(type) {
		case int, int64, uint64, float64:
			safe[i] = v
		default:
			safe[i] = html.EscapeString(fmt.Sprint(v))
		}
	}
	_, _ = fmt.Fprintf(h.w, markup, safe...)
}

// Flush writes what is left, and returns the first error of all the writing.
func (h HTML) Flush() error { return h.w.Flush() }
