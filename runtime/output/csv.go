package output

import (
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// csvSink writes RFC 4180 with LF as the line end. encoding/csv is not used for writing, since it writes a record of
// one empty field as an empty line, which readers skip.
type csvSink struct {
	p    *Printer
	cols []Column
}

func (s *csvSink) start(cols []Column, sample []any) error {
	s.cols = cols
	if len(cols) == 0 {
		if len(sample) == 0 {
			return nil
		}
		s.cols = []Column{{Name: "value"}}
	}
	if s.p.opts.NoHeaders {
		return nil
	}
	return s.p.write(record(names(s.cols)))
}

func (s *csvSink) row(v any) error {
	fields := make([]string, len(s.cols))
	for i, c := range s.cols {
		fields[i] = value.Text(member(v, c, i))
	}
	return s.p.write(record(fields))
}

func (s *csvSink) end() error { return nil }

func record(fields []string) []byte {
	var b []byte
	for i, field := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		quote := strings.ContainsAny(field, "\",\r\n") || field != strings.TrimSpace(field) || field == "" && len(fields) == 1
		if !quote {
			b = append(b, field...)
			continue
		}
		b = append(b, '"')
		b = append(b, strings.ReplaceAll(field, `"`, `""`)...)
		b = append(b, '"')
	}
	return append(b, '\n')
}

// nameSink writes the id of each row, one a line.
type nameSink struct {
	p   *Printer
	key Column
}

func (s *nameSink) start(cols []Column, sample []any) error {
	for _, c := range cols {
		if c.Key {
			s.key = c
			return nil
		}
	}
	if hasObject(sample) {
		return fault.New(fault.Usage, "these results have no id column").
			WithHint("choose the column to print with --columns")
	}
	return nil
}

func (s *nameSink) row(v any) error {
	return s.p.write([]byte(cell(member(v, s.key, 0)) + "\n"))
}

func (s *nameSink) end() error { return nil }
