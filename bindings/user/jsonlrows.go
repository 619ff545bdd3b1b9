package user

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/openimsdk/imctl/bindings/value"
)

// jsonlRows reads one JSON object a line.
type jsonlRows struct {
	in    *bufio.Reader
	row   int64
	ahead *record
	names []string
}

func newJSONL(r io.Reader) (*jsonlRows, error) {
	j := &jsonlRows{in: bufio.NewReaderSize(r, 64<<10)}
	if first, _ := j.in.Peek(len(bom)); string(first) == bom {
		_, _ = j.in.Discard(len(bom)) // they were peeked
	}
	rec, err := j.read()
	if errors.Is(err, io.EOF) {
		return nil, usage("the file is empty")
	}
	if err != nil {
		return nil, err
	}
	if rec.flaw != "" {
		return nil, usage("the file is not JSONL, one object a line: in the first row, %s", rec.flaw)
	}
	j.ahead, j.names = &rec, rec.names
	return j, nil
}

func (j *jsonlRows) head() (string, []string) { return "", j.names }
func (j *jsonlRows) lineEnd() string          { return "\n" }
func (j *jsonlRows) close()                   {}

func (j *jsonlRows) next() (record, error) {
	if j.ahead != nil {
		rec := *j.ahead
		j.ahead = nil
		return rec, nil
	}
	return j.read()
}

func (j *jsonlRows) read() (record, error) {
	for {
		line, err := j.line()
		if err != nil {
			return record{}, err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		j.row++
		rec := record{row: j.row, raw: strings.TrimRight(string(line), "\r\n")}
		rec.parse(line)
		return rec, nil
	}
}

// line reads one line; the last one may lack its end.
func (j *jsonlRows) line() ([]byte, error) {
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
			return nil, unreadable(err)
		case len(whole) > maxRecord:
			return nil, usage("row %d is longer than 1 MiB", j.row+1)
		}
	}
}

// parse reads the line's members as texts, every digit of a number kept.
func (rec *record) parse(line []byte) {
	if !utf8.Valid(line) {
		rec.flaw = "the row is not UTF-8"
		return
	}
	v, err := value.Parse(line)
	if err != nil {
		rec.flaw = err.Error()
		return
	}
	o, ok := v.(*value.Object)
	if !ok {
		rec.flaw = "want an object, got " + value.Describe(v)
		return
	}
	for _, k := range o.Keys() {
		rec.names = append(rec.names, k)
		rec.values = append(rec.values, value.Text(member(o, k)))
	}
}

func number(n int) string { return strconv.Itoa(n) }
