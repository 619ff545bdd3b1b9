package output

import (
	"slices"
	"strings"

	"github.com/openimsdk/imctl/bindings/value"
)

// sampleRows is how many rows are held back to find the columns and their widths.
const sampleRows = 200

// sink writes the rows of one format.
type sink interface {
	start(cols []Column, sample []any) error
	row(v any) error
	end() error
}

// Rows prints results as they come. It is not safe for concurrent use.
type Rows struct {
	p        *Printer
	declared []Column
	sink     sink
	hold     int   // rows to hold back before the start
	held     []any // these rows
	collect  bool  // a query over the whole list: everything is held
	perRow   bool  // a query over each row
	asked    int   // rows that the query was applied to
	matched  int
	started  bool
	closed   bool
	err      error
	found    map[string]bool // the columns, when they come from the rows seen first
	dropped  []string
}

// Rows starts a stream of results. The caller ends it with Close, or with Abort when the stream failed.
func (p *Printer) Rows(cols []Column) *Rows {
	r := p.rows(cols)
	if p.opts.Query != "" {
		r.collect = strings.HasPrefix(p.opts.Query, "#")
		r.perRow = !r.collect
	}
	return r
}

func (p *Printer) rows(cols []Column) *Rows {
	r := &Rows{p: p, declared: cols, sink: p.sink(), hold: 1}
	known := func(name string) bool {
		return slices.ContainsFunc(cols, func(c Column) bool { return covers(c.Name, name) })
	}
	switch {
	case p.opts.Format == Table || p.opts.Format == Wide:
		r.hold = sampleRows
	case p.opts.Format == CSV && len(cols) == 0 && len(p.columns) == 0:
		r.hold = sampleRows
	case slices.ContainsFunc(p.columns, func(name string) bool { return !known(name) }):
		r.hold = sampleRows
	}
	return r
}

func (p *Printer) sink() sink {
	switch p.opts.Format {
	case JSON:
		return &jsonSink{p: p}
	case JSONL:
		return &jsonlSink{p: p}
	case YAML:
		return &yamlSink{p: p}
	case CSV:
		return &csvSink{p: p}
	case Name:
		return &nameSink{p: p}
	}
	return &tableSink{p: p}
}

// Add prints one row, or holds it until enough have come to set the columns.
func (r *Rows) Add(v any) error {
	plain := value.From(v)
	if r.collect {
		r.held = append(r.held, plain)
		return nil
	}
	if r.perRow {
		found, err := query(plain, r.p.opts.Query)
		if err != nil {
			return r.fail(err)
		}
		if r.asked++; found == nil { // as in gjson's own #.path, a row without the member gives nothing
			return nil
		}
		r.matched++
		if len(r.held) == 0 && !r.started {
			r.declared = r.p.fitting(r.declared, found)
		}
		plain = found
	}
	return r.push(plain)
}

func (r *Rows) push(plain any) error {
	if r.err != nil {
		return r.err
	}
	if r.started {
		r.notice(plain)
		return r.fail(r.sink.row(plain))
	}
	r.held = append(r.held, plain)
	if len(r.held) < r.hold {
		return nil
	}
	return r.Flush()
}

// Flush prints the rows held back; the widths of a table are set from then on. A stream that pauses (a followed log)
// calls it when no row came for a while.
func (r *Rows) Flush() error {
	if r.err != nil || r.collect || len(r.held) == 0 {
		return r.err
	}
	return r.start()
}

func (r *Rows) start() error {
	var cols []Column
	if r.p.needsColumns() {
		var err error
		if cols, err = r.p.choose(r.declared, r.held); err != nil {
			return r.fail(err)
		}
	}
	if len(r.declared) == 0 && len(r.p.columns) == 0 && len(cols) > 0 {
		r.found = map[string]bool{}
		for _, c := range cols {
			r.found[c.Name] = true
		}
	}
	r.started = true
	if err := r.sink.start(cols, r.held); err != nil {
		return r.fail(err)
	}
	held := r.held
	r.held = nil
	for _, row := range held {
		if err := r.sink.row(row); err != nil {
			return r.fail(err)
		}
	}
	return nil
}

// notice remembers the members of a late row that have no column.
func (r *Rows) notice(row any) {
	obj, ok := row.(*value.Object)
	if !ok || r.found == nil {
		return
	}
	for _, key := range obj.Keys() {
		if !r.found[key] {
			r.found[key] = true
			r.dropped = append(r.dropped, key)
		}
	}
}

// Dropped names the members that were not printed: they came up after the columns of a table or csv had been taken
// from the first rows.
func (r *Rows) Dropped() []string { return r.dropped }

// needsColumns tells whether the format, or the user, picks members of the rows.
func (p *Printer) needsColumns() bool {
	switch p.opts.Format {
	case JSON, JSONL, YAML:
		return len(p.columns) > 0
	}
	return true
}

func (r *Rows) fail(err error) error {
	if err != nil && r.err == nil {
		r.err = err
	}
	return err
}

// Close ends a stream that is complete.
func (r *Rows) Close() error {
	if r.closed {
		return r.err
	}
	r.closed = true
	if r.collect {
		return r.fail(r.p.Value(value.List(r.held), r.declared))
	}
	if r.err != nil {
		return r.err
	}
	if r.asked > 0 && r.matched == 0 {
		return r.fail(noMatch(r.p.opts.Query))
	}
	if !r.started {
		if err := r.start(); err != nil {
			return err
		}
	}
	return r.fail(r.sink.end())
}

// Abort ends a stream that failed: the rows that came are printed and a JSON array is closed; with none, nothing is
// printed at all. A query over the whole list prints nothing. Calling it after Close does nothing.
func (r *Rows) Abort() {
	if r.closed {
		return
	}
	r.closed = true
	if r.collect {
		return
	}
	if !r.started && r.err == nil && len(r.held) > 0 {
		_ = r.start()
	}
	if r.started {
		_ = r.sink.end()
	}
}
