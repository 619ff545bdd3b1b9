package user

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

const bom = "\uFEFF"

// csvRows reads CSV and keeps the text of each record, so that a rejected one can be written out unchanged.
type csvRows struct {
	in     *csv.Reader
	tape   *tape
	raw    string
	names  []string
	end    string
	row    int64
	ending bool
}

func newCSV(r io.Reader, comma rune) (*csvRows, error) {
	t := &tape{in: bufio.NewReaderSize(r, 64<<10)}
	mark := ""
	if first, _ := t.in.Peek(3); string(first) == bom {
		_, _ = t.in.Discard(len(bom)) // they were peeked
		mark = bom
	} else if len(first) > 1 && (first[0] == 0xFF && first[1] == 0xFE || first[0] == 0xFE && first[1] == 0xFF) {
		return nil, usage("the file is UTF-16: save it as CSV UTF-8")
	}
	c := &csvRows{in: csv.NewReader(t), tape: t, end: "\n"}
	c.in.Comma, c.in.FieldsPerRecord, c.in.ReuseRecord = comma, -1, true
	names, err := c.in.Read()
	if errors.Is(err, io.EOF) {
		return nil, usage("the file is empty: it has no header")
	}
	if err != nil {
		return nil, unreadable(err)
	}
	text := t.cut(c.in.InputOffset())
	if strings.HasSuffix(text, "\r\n") {
		c.end = "\r\n"
	}
	c.raw = mark + strings.Trim(text, "\r\n")
	for _, n := range names {
		c.names = append(c.names, strings.TrimSpace(strings.Clone(n)))
	}
	if !utf8.ValidString(text) {
		return nil, usage("the header is not UTF-8: save the file as CSV UTF-8")
	}
	return c, nil
}

func (c *csvRows) head() (string, []string) { return c.raw, c.names }
func (c *csvRows) lineEnd() string          { return c.end }
func (c *csvRows) close()                   {}

func (c *csvRows) next() (record, error) {
	if c.ending {
		return record{}, io.EOF
	}
	values, err := c.in.Read()
	if errors.Is(err, io.EOF) {
		return record{}, io.EOF
	}
	var parse *csv.ParseError
	if err != nil && !errors.As(err, &parse) {
		return record{}, unreadable(err)
	}
	c.row++
	rec := record{row: c.row, raw: strings.Trim(c.tape.cut(c.in.InputOffset()), "\r\n"), names: c.names, values: slices.Clone(values)}
	switch {
	case parse != nil:
		rec.flaw = "not valid CSV: " + parse.Err.Error()
	case len(values) != len(c.names):
		rec.flaw = "the row has " + number(len(values)) + " fields and the header " + number(len(c.names))
	case !utf8.ValidString(rec.raw):
		rec.flaw = "the row is not UTF-8"
	}
	return rec, nil
}

// tape remembers what the CSV reader has read ahead until the record's end is known.
type tape struct {
	in    *bufio.Reader
	kept  bytes.Buffer
	start int64 // the offset of the first kept byte
}

// errLong ends a file in which a record has no end.
var errLong = errors.New("a record is longer than 1 MiB; a quote may not be closed")

func (t *tape) Read(p []byte) (int, error) {
	if t.kept.Len() > maxRecord {
		return 0, errLong
	}
	n, err := t.in.Read(p)
	t.kept.Write(p[:n])
	return n, err
}

// cut takes the text up to an offset.
func (t *tape) cut(end int64) string {
	text := string(t.kept.Next(int(end - t.start)))
	t.start = end
	return text
}
