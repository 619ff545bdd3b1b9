package output

import (
	"strings"

	"github.com/openimsdk/imctl/bindings/value"
)

const (
	gap      = 2 // blanks between two columns
	minWidth = 6 // a column is not cut narrower than this to make a table fit
)

// tableSink writes aligned columns. The widths come from the rows held back at the start; a later cell that is longer
// pushes the rest of its line to the right rather than being cut.
type tableSink struct {
	p       *Printer
	indent  string
	cols    []Column
	widths  []int
	limits  []int // 0: not cut
	numbers []bool
}

func (t *tableSink) start(cols []Column, sample []any) error {
	t.cols = cols
	t.widths, t.limits, t.numbers = make([]int, len(cols)), make([]int, len(cols)), make([]bool, len(cols))
	headers := make([]string, len(cols))
	for i, c := range cols {
		headers[i] = cell(c.Name)
		if !t.p.opts.NoHeaders {
			t.widths[i] = width(headers[i])
		}
		t.numbers[i] = len(sample) > 0
	}
	for _, row := range sample {
		for i, c := range cols {
			v := member(row, c, i)
			t.widths[i] = max(t.widths[i], width(t.p.cell(c.Name, v)))
			t.numbers[i] = t.numbers[i] && isNumber(v) && !t.p.moment(c.Name)
		}
	}
	t.fit()
	if t.p.opts.NoHeaders || len(cols) == 0 {
		return nil
	}
	line := t.line(headers)
	if t.p.opts.Color {
		line = "\x1b[1m" + strings.TrimSuffix(line, "\n") + "\x1b[0m\n"
	}
	return t.p.write([]byte(line))
}

// fit sets limits so that a line fits the terminal: the widest columns give way first.
func (t *tableSink) fit() {
	room := t.p.opts.Width
	if room <= 0 {
		return
	}
	room -= len(t.indent) + gap*(len(t.cols)-1)
	for _, spare := range []bool{true, false} { // at first ids and numbers are left whole
		for sum(t.widths) > room {
			widest := -1
			for i, w := range t.widths {
				if w > minWidth && !(spare && (t.cols[i].Key || t.numbers[i])) && (widest < 0 || w > t.widths[widest]) {
					widest = i
				}
			}
			if widest < 0 {
				break
			}
			t.widths[widest]--
		}
	}
	copy(t.limits, t.widths)
	for i, w := range t.widths {
		free := max(room-sum(t.widths), 0)
		t.limits[i] = w + free // a later row may use what is left of the line
	}
}

func sum(widths []int) int {
	total := 0
	for _, w := range widths {
		total += w
	}
	return total
}

func (t *tableSink) row(v any) error {
	if len(t.cols) == 0 {
		return t.p.write([]byte(t.indent + cell(v) + "\n"))
	}
	cells := make([]string, len(t.cols))
	for i, c := range t.cols {
		cells[i] = t.p.cell(c.Name, member(v, c, i))
	}
	return t.p.write([]byte(t.line(cells)))
}

func (t *tableSink) line(cells []string) string {
	var b strings.Builder
	b.WriteString(t.indent)
	for i, text := range cells {
		if i > 0 {
			b.WriteString(strings.Repeat(" ", gap))
		}
		w := width(text)
		if limit := t.limits[i]; limit > 0 && w > limit {
			text = cut(text, limit)
			w = width(text)
		}
		pad := strings.Repeat(" ", max(t.widths[i]-w, 0))
		if t.numbers[i] {
			b.WriteString(pad + text)
		} else {
			b.WriteString(text + pad)
		}
	}
	return strings.TrimRight(b.String(), " ") + "\n"
}

func (t *tableSink) end() error { return nil }

// member is the value of a row in a column; a row that is no object stands in the first column.
func member(row any, c Column, i int) any {
	if _, ok := row.(*value.Object); !ok {
		if i == 0 {
			return row
		}
		return nil
	}
	v, _ := lookup(row, c.Name)
	return v
}

func isNumber(v any) bool {
	switch v.(type) {
	case int64, uint64, float64, value.Number:
		return true
	}
	return false
}
