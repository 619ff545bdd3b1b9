package data

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// maxRow is the most bytes of a row: the server takes no more in a request (SERVER-BEHAVIOUR §1).
const maxRow = 16 << 20

// rowFlaw is what is wrong with a row of a file.
type rowFlaw struct {
	file  string
	line  int64
	field string
	why   string // begins with what follows the field's name
}

func (f *rowFlaw) Error() string {
	return fmt.Sprintf("%s:%d: %s%s", f.file, f.line, f.field, f.why)
}

// rowReader reads the rows of a file. A *rowFlaw is of one row, and reading may go on; any other error is final.
type rowReader interface {
	next() (r row, line int64, err error) // io.EOF ends it
}

// newRowReader makes the reader of a format; file is the name for messages.
func newRowReader(format, file string, in io.Reader, fresh func() row) (rowReader, error) {
	b := bufio.NewReaderSize(in, 64<<10)
	if format == formatCSV {
		return newCSVRows(file, b, fresh)
	}
	return &jsonRows{file: file, in: b, fresh: fresh}, nil
}

// The formats of an export.
const (
	formatJSONL = "jsonl"
	formatCSV   = "csv"
)

// jsonRows reads a JSON object a line.
type jsonRows struct {
	file  string
	in    *bufio.Reader
	fresh func() row
	line  int64
}

func (j *jsonRows) next() (row, int64, error) {
	for {
		text, err := j.readLine()
		if err != nil {
			return nil, j.line, err
		}
		if len(strings.TrimSpace(string(text))) == 0 {
			continue
		}
		r, err := j.parse(text)
		return r, j.line, err
	}
}

func (j *jsonRows) flaw(field, why string) *rowFlaw { return &rowFlaw{j.file, j.line, field, why} }

func (j *jsonRows) readLine() ([]byte, error) {
	j.line++
	var whole []byte
	for {
		part, err := j.in.ReadSlice('\n')
		whole = append(whole, part...)
		switch {
		case err == nil, errors.Is(err, io.EOF) && len(whole) > 0:
			return whole, nil
		case errors.Is(err, io.EOF):
			return nil, io.EOF
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, unreadable(j.file, err)
		case len(whole) > maxRow:
			return nil, fault.New(fault.Usage, "%s:%d: the row is longer than 16 MiB", j.file, j.line)
		}
	}
}

func (j *jsonRows) parse(text []byte) (row, error) {
	if !utf8.Valid(text) {
		return nil, j.flaw("", "the row is not UTF-8")
	}
	plain, err := value.Parse(text)
	if err != nil {
		return nil, j.flaw("", "not a JSON object: "+err.Error())
	}
	o, ok := plain.(*value.Object)
	if !ok {
		return nil, j.flaw("", "want a JSON object, got "+value.Describe(plain))
	}
	r := j.fresh()
	if err := value.IntoStrict(o, r); err != nil {
		return nil, j.misfit(err)
	}
	if field, why := r.check(); why != "" {
		return nil, j.flaw(field, why)
	}
	return r, nil
}

// misfit is the flaw of a row that does not have the form of its kind.
func (j *jsonRows) misfit(err error) *rowFlaw {
	var unknown *value.UnknownError
	var wrong *value.TypeError
	switch {
	case errors.As(err, &unknown):
		return j.flaw(unknown.Name, ": unknown field"+fault.DidYouMean(unknown.Name, unknown.Known))
	case errors.As(err, &wrong):
		return j.flaw(wrong.Path, ": want "+wrong.Want+", got "+value.Describe(wrong.Got))
	}
	return j.flaw("", err.Error())
}

// csvRows reads CSV as RFC 4180 has it, every byte of a quoted field kept: encoding/csv turns CR LF within a field into LF.
type csvRows struct {
	file   string
	in     *bufio.Reader
	fresh  func() row
	line   int64 // of the next byte
	fields []value.Field
	names  []string
}

const bom = "\uFEFF"

func newCSVRows(file string, in *bufio.Reader, fresh func() row) (*csvRows, error) {
	c := &csvRows{file: file, in: in, fresh: fresh, line: 1}
	if first, _ := in.Peek(len(bom)); string(first) == bom {
		_, _ = in.Discard(len(bom)) // they were peeked
	}
	names, line, err := c.record()
	if errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Usage, "%s is empty: it has no header", file)
	}
	if err != nil {
		return nil, err
	}
	var known []string
	byName := map[string]value.Field{}
	for _, f := range value.Fields(reflect.TypeOf(fresh()).Elem()) {
		known = append(known, f.Name)
		byName[f.Name] = f
	}
	seen := map[string]bool{}
	for _, n := range names {
		f, ok := byName[n]
		switch {
		case !ok:
			return nil, fault.New(fault.Usage, "%s:%d: unknown column %s%s", file, line, n, fault.DidYouMean(n, known)).
				WithHint("the columns are %s", strings.Join(known, ", "))
		case seen[n]:
			return nil, fault.New(fault.Usage, "%s:%d: column %s is there twice", file, line, n)
		}
		seen[n] = true
		c.fields = append(c.fields, f)
	}
	c.names = names
	return c, nil
}

func (c *csvRows) next() (row, int64, error) {
	texts, line, err := c.record()
	if err != nil {
		return nil, line, err
	}
	flaw := func(field, why string) error { return &rowFlaw{c.file, line, field, why} }
	if len(texts) != len(c.names) {
		return nil, line, flaw("", fmt.Sprintf("the row has %d fields and the header %d", len(texts), len(c.names)))
	}
	r := c.fresh()
	to := reflect.ValueOf(r).Elem()
	for i, text := range texts {
		if why := setText(to.FieldByIndex(c.fields[i].Index), text); why != "" {
			return nil, line, flaw(c.names[i], why)
		}
	}
	if field, why := r.check(); why != "" {
		return nil, line, flaw(field, why)
	}
	return r, line, nil
}

// setText fills a field from the text of a cell; an empty cell is the empty value.
func setText(to reflect.Value, text string) (why string) {
	wrong := func(want string) string { return fmt.Sprintf(": want %s, got %s", want, value.Describe(text)) }
	switch to.Kind() {
	case reflect.String:
		if !utf8.ValidString(text) {
			return " is not UTF-8"
		}
		to.SetString(text)
		return ""
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil && text != "" {
			return wrong("true or false")
		}
		to.SetBool(b)
		return ""
	case reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if (err != nil || to.OverflowInt(n)) && text != "" {
			return wrong("a whole number")
		}
		to.SetInt(n)
		return ""
	}
	if text == "" {
		return ""
	}
	plain, err := value.Parse([]byte(text))
	if err == nil {
		err = value.IntoStrict(plain, to.Addr().Interface())
	}
	if err != nil {
		return ": " + err.Error()
	}
	return ""
}

// record reads one record and the line it begins in. Blank lines are left out.
func (c *csvRows) record() (texts []string, line int64, err error) {
	var cell []byte
	size := 0
	quoted, was := false, false // within quotes; the cell was in quotes
	line = c.line
	for {
		b, err := c.in.ReadByte()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, line, unreadable(c.file, err)
		}
		ended := err != nil
		if size++; size > maxRow {
			return nil, line, fault.New(fault.Usage, "%s:%d: the row is longer than 16 MiB; a quote may not be closed", c.file, line)
		}
		switch {
		case ended && quoted:
			return nil, line, fault.New(fault.Usage, "%s:%d: a quote is not closed", c.file, line)
		case ended && len(texts) == 0 && len(cell) == 0 && !was:
			return nil, line, io.EOF
		case quoted && b == '"':
			if next, _ := c.in.Peek(1); len(next) == 1 && next[0] == '"' {
				_, _ = c.in.Discard(1) // it was peeked
				cell = append(cell, '"')
				continue
			}
			quoted = false
		case quoted:
			if b == '\n' {
				c.line++
			}
			cell = append(cell, b)
		case ended || b == '\n':
			if !ended {
				c.line++
			}
			if !was {
				cell = trimCR(cell)
			}
			if len(texts) == 0 && len(cell) == 0 && !was && !ended {
				line, size = c.line, 0 // a blank line
				continue
			}
			return append(texts, string(cell)), line, nil
		case b == ',':
			texts, cell, was = append(texts, string(cell)), nil, false
		case b == '"' && len(cell) == 0 && !was:
			quoted, was = true, true
		case was && b == '\r':
			if next, _ := c.in.Peek(1); len(next) == 0 || next[0] == '\n' {
				continue
			}
			fallthrough
		case was || b == '"':
			return nil, line, fault.New(fault.Usage, "%s:%d: not valid CSV: a quote in the middle of a field", c.file, line)
		default:
			cell = append(cell, b)
		}
	}
}

func trimCR(cell []byte) []byte {
	if n := len(cell); n > 0 && cell[n-1] == '\r' {
		return cell[:n-1]
	}
	return cell
}

func unreadable(file string, err error) error {
	if e := fault.From(err); e.Kind != fault.Internal {
		return e
	}
	return fault.New(fault.Usage, "%s can't be read: %w", file, err)
}
