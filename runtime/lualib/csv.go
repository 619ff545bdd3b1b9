package lualib

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

func (k *kit) csv() Module {
	sep := Param{Name: "sep", Type: "string", Optional: true, Doc: "the character between fields, by default a comma"}
	reading := Param{Name: "options", Type: "table", Optional: true, Doc: "how to read it", Fields: []Param{
		{Name: "header", Type: "boolean|string[]", Optional: true, Doc: "true (the default): the first line names the fields; false: rows are lists; or the names themselves"}, sep,
	}}
	return Module{
		Name: "csv", Doc: "Comma-separated values (RFC 4180). Every value is read as text, so that the zeros of an id stay. A byte order mark is passed over, and the end of a line within a value is read as \\n, whatever it was.",
		Funcs: []Func{
			{Name: "decode", Doc: "Reads a whole text into a list of rows.",
				Example: "local rows = csv.decode(\"userID,nickname\\n007,\\\"Ann, B.\\\"\\n\")\nprint(#rows, rows[1].userID, rows[1].nickname)  --> 1\t007\tAnn, B.\n" +
					"print(csv.decode(\"a;b\", {header = false, sep = \";\"})[1][2])  --> b",
				Params: []Param{{Name: "text", Type: "string", Doc: "the text"}, reading}, Returns: []Return{{"rows", "table[]", ""}}, Run: csvDecode},
			{Name: "rows", Doc: "Iterates over the rows of a file, which is never held in memory as a whole.",
				Example: "file.write(\"u.csv\", \"userID\\na\\nb\\n\")\nfor row in csv.rows(\"u.csv\") do print(row.userID) end  --> a\n--> b",
				Params:  []Param{{Name: "path", Type: "string", Doc: "the file"}, reading}, Returns: []Return{{"", "fun(): table?", ""}}, Run: k.csvRows},
			{Name: "encode", Doc: "Writes rows, which are tables of fields or lists. Fields give a header line; a row may lack some.",
				Example: "io.write(csv.encode({{id = \"007\", name = \"Ann, B.\"}}, {header = {\"id\", \"name\"}}))  --> id,name\n--> 007,\"Ann, B.\"\n" +
					"io.write(csv.encode({{1, 2}, {3, 4}}, {sep = \";\"}))  --> 1;2\n--> 3;4",
				Params: []Param{{Name: "rows", Type: "any[]", Doc: "the rows"}, {Name: "options", Type: "table", Optional: true, Doc: "how to write them", Fields: []Param{
					{Name: "header", Type: "boolean|string[]", Optional: true, Doc: "the names of the columns in order, by default those of all rows; false: no header line"}, sep,
				}}}, Returns: []Return{{"text", "string", ""}}, Run: csvEncode},
		},
	}
}

// separator is the option sep.
func separator(c *Call) (rune, error) {
	text := c.Text("sep", ",")
	r, n := utf8.DecodeRuneInString(text)
	if n != len(text) || r == utf8.RuneError || strings.ContainsRune("\"\r\n", r) {
		return 0, c.Wrong("sep", "want one character, got %q", text)
	}
	return r, nil
}

const byteOrderMark = "\uFEFF"

// rowReader reads rows of CSV as plain data.
type rowReader struct {
	r      *csv.Reader
	names  []string // nil: rows are lists
	header bool     // the first line is still to be read
}

func newRowReader(c *Call, from io.Reader) (*rowReader, error) {
	sep, err := separator(c)
	if err != nil {
		return nil, err
	}
	in := bufio.NewReader(from)
	if mark, err := in.Peek(len(byteOrderMark)); err == nil && string(mark) == byteOrderMark {
		_, _ = in.Discard(len(mark)) // it was read already
	}
	rows := &rowReader{r: csv.NewReader(in), header: c.Bool("header", true)}
	rows.r.Comma = sep
	if list := c.Plain("header"); fits("string[]", list) {
		rows.header = false
		names := []string{}
		for _, n := range list.(value.List) {
			names = append(names, n.(string))
		}
		return rows, rows.setNames(names)
	}
	return rows, nil
}

func (r *rowReader) setNames(names []string) error {
	seen := map[string]bool{}
	for _, n := range names {
		if seen[n] {
			return fault.New(fault.Usage, "the header names %q twice", n)
		}
		seen[n] = true
	}
	r.names = names
	r.r.FieldsPerRecord = len(names)
	return nil
}

// next is the next row; the error at the end is io.EOF.
func (r *rowReader) next() (any, error) {
	if r.header {
		r.header = false
		names, err := r.r.Read()
		if err != nil {
			return nil, csvFault(err)
		}
		if err := r.setNames(names); err != nil {
			return nil, err
		}
	}
	record, err := r.r.Read()
	if err != nil {
		return nil, csvFault(err)
	}
	if r.names == nil {
		list := make(value.List, len(record))
		for i, f := range record {
			list[i] = f
		}
		return list, nil
	}
	row := value.NewObject()
	for i, n := range r.names {
		row.Set(n, record[i])
	}
	return row, nil
}

func csvFault(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		if errors.Is(err, csv.ErrFieldCount) {
			return fault.New(fault.Usage, "line %d: a row with another number of fields than the first", parse.StartLine)
		}
		return fault.New(fault.Usage, "line %d, column %d: %s", parse.Line, parse.Column, parse.Err.Error())
	}
	return err
}

func csvDecode(c *Call) (any, error) {
	rows, err := newRowReader(c, watched{c.Context(), strings.NewReader(c.Text("text", ""))})
	if err != nil {
		return nil, err
	}
	out := value.List{}
	for {
		row, err := rows.next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
}

// csvRows makes an iterator; the file is closed at its end, or with the VM.
func (k *kit) csvRows(c *Call) (any, error) {
	name := c.Text("path", "")
	f, err := k.openFile(name)
	if err != nil {
		return nil, err
	}
	closeNow := c.VM.Own(func() { _ = f.Close() })
	rows, err := newRowReader(c, watched{c.Context(), f})
	if err != nil {
		closeNow()
		return nil, err
	}
	done := false
	return c.L.NewFunction(func(L *lua.LState) int {
		if done {
			return 0
		}
		row, err := rows.next()
		if err == nil {
			L.Push(c.VM.Conv.ToLua(row))
			return 1
		}
		done = true
		closeNow()
		if err != io.EOF {
			e := *fault.From(err)
			e.Op, e.Message = "csv.rows", name+": "+e.Message
			c.VM.Raise(L, &e)
		}
		return 0
	}), nil
}
