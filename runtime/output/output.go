// Package output is the one renderer of imctl: every result, of a command, a script's expression or a schedule, is
// printed by a Printer in the format that the user chose. It knows plain data (bindings/value) and nothing about
// operations, contexts or Lua; it imports nothing else of imctl but that and bindings/fault.
package output

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// The formats.
const (
	Table = "table" // aligned columns, the default ones; an object as lines of name and value
	Wide  = "wide"  // the same with every column
	JSON  = "json"  // exactly one JSON document
	JSONL = "jsonl" // one JSON value a line
	YAML  = "yaml"  // one YAML document
	CSV   = "csv"   // RFC 4180, lines ended by LF
	Name  = "name"  // the id alone, one a line
)

// Column is a member of a row that can be shown by itself. An operation declares all its members: those without an
// Order are left out of the default table, but not of wide and csv.
type Column struct {
	Name  string // the member of the row, "userID"; a dotted path reaches into nested objects
	Order int    // the place in the default table; 0 keeps it out of it
	Wide  bool   // only in the wide table
	Key   bool   // the id, printed by -o name
}

// Options say how a Printer prints.
type Options struct {
	Format    string    // one of Formats; "" is table
	Columns   []string  // only these members, in this order; an entry may hold several, split by commas
	Query     string    // a gjson path, applied to each result
	NoHeaders bool      // table and csv without their first line
	Out       io.Writer // where results go
	Color     bool      // headers stand out
	Width     int       // width of the terminal; 0 is unlimited

	// Moment tells whether a member of that name holds a moment in ms; tables show it as local time.
	Moment func(name string) bool
}

// Formats lists the formats by name, the default first.
func Formats() []string { return []string{Table, Wide, JSON, JSONL, YAML, CSV, Name} }

// Printer prints results in one format.
type Printer struct {
	opts    Options
	columns []string
}

// New checks the options and makes a Printer.
func New(o Options) (*Printer, error) {
	if o.Format == "" {
		o.Format = Table
	}
	if !slices.Contains(Formats(), o.Format) {
		return nil, fault.New(fault.Usage, "no output format %q%s", o.Format, fault.DidYouMean(o.Format, Formats())).
			WithHint("formats: %s", strings.Join(Formats(), ", "))
	}
	p := &Printer{opts: o}
	for _, entry := range o.Columns {
		for name := range strings.SplitSeq(entry, ",") {
			if name = strings.TrimSpace(name); name != "" {
				p.columns = append(p.columns, name)
			}
		}
	}
	if len(o.Columns) > 0 && len(p.columns) == 0 {
		return nil, fault.New(fault.Usage, "--columns names no column").WithHint("write --columns userID,nickname")
	}
	return p, nil
}

// Format is the format in force.
func (p *Printer) Format() string { return p.opts.Format }

// Value prints one whole result. A list prints as Rows would print its members; an object as lines of name and value
// in table form; a scalar bare. cols may be nil: then every member of an object is a column.
func (p *Printer) Value(v any, cols []Column) error {
	plain := value.From(v)
	if p.opts.Query != "" {
		found, err := query(plain, p.opts.Query)
		if err != nil {
			return err
		}
		if found == nil {
			return noMatch(p.opts.Query)
		}
		plain = found
	}
	list, isList := plain.(value.List)
	if !isList {
		return p.single(plain, p.fitting(cols, plain))
	}
	var first any
	if len(list) > 0 {
		first = list[0]
	}
	rows := p.rows(p.fitting(cols, first))
	rows.hold = max(rows.hold, len(list)) // all of it is here: columns and widths are right for every row
	for _, row := range list {
		if err := rows.push(row); err != nil {
			rows.Abort()
			return err
		}
	}
	return rows.Close()
}

// single prints a result that is no list.
func (p *Printer) single(v any, cols []Column) error {
	obj, isObject := v.(*value.Object)
	if isObject && len(p.columns) > 0 {
		chosen, err := p.choose(cols, []any{obj})
		if err != nil {
			return err
		}
		cols = chosen
		if p.opts.Format != CSV && p.opts.Format != Name {
			obj = project(obj, chosen)
			v = obj
		}
	}
	switch p.opts.Format {
	case JSON:
		return p.writeDocument(v)
	case YAML:
		text, err := appendYAML(nil, v, 0, false)
		if err != nil {
			return err
		}
		return p.write(text)
	case Table, Wide:
		if !isObject {
			return p.bare(v)
		}
		return p.fields(obj, "")
	}
	if v == nil || v == (value.Null{}) {
		if p.opts.Format == JSONL {
			return p.write([]byte("null\n"))
		}
		return nil
	}
	rows := p.rows(cols)
	if err := rows.push(v); err != nil {
		return err
	}
	return rows.Close()
}

// fitting drops the declared columns when a query has turned the result into something else.
func (p *Printer) fitting(cols []Column, row any) []Column {
	if p.opts.Query == "" {
		return cols
	}
	for _, c := range defaults(cols, false) {
		if _, ok := lookup(row, c.Name); !ok {
			return nil
		}
	}
	return cols
}

// bare prints a scalar of a table format: text that has lines keeps them, other control characters are escaped.
func (p *Printer) bare(v any) error {
	if v == nil || v == (value.Null{}) {
		return nil
	}
	text := Escape(value.Text(v), true)
	return p.write([]byte(strings.TrimSuffix(text, "\n") + "\n"))
}

func (p *Printer) write(b []byte) error {
	if _, err := p.opts.Out.Write(b); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}
