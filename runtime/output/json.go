package output

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/openimsdk/imctl/bindings/value"
)

// writeDocument prints one indented JSON document.
func (p *Printer) writeDocument(v any) error {
	text, err := indented(v, "")
	if err != nil {
		return err
	}
	return p.write(append(text, '\n'))
}

func indented(v any, prefix string) ([]byte, error) {
	text, err := compact(v)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, prefix, "  "); err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	return b.Bytes(), nil
}

// compact is the JSON of a value in one line. What JSON allows raw but a terminal acts on (DEL, the C1 controls, marks
// that turn the direction of text) is escaped: the value stays the same.
func compact(v any) ([]byte, error) {
	text, err := value.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	if bytes.IndexFunc(text, unsafe) < 0 {
		return text, nil
	}
	var b bytes.Buffer
	for _, r := range string(text) {
		if unsafe(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.Bytes(), nil
}

// jsonSink writes a stream as one JSON array. The array is opened by its first row, so that a stream that fails
// before it leaves stdout empty.
type jsonSink struct {
	p    *Printer
	cols []Column
	n    int
}

func (s *jsonSink) start(cols []Column, _ []any) error {
	s.cols = cols
	return nil
}

func (s *jsonSink) row(v any) error {
	text, err := indented(narrow(v, s.cols), "  ")
	if err != nil {
		return err
	}
	opening := ",\n  "
	if s.n == 0 {
		opening = "[\n  "
	}
	s.n++
	return s.p.write(append([]byte(opening), text...))
}

func (s *jsonSink) end() error {
	if s.n == 0 {
		return s.p.write([]byte("[]\n"))
	}
	return s.p.write([]byte("\n]\n"))
}

// jsonlSink writes one JSON value a line.
type jsonlSink struct {
	p    *Printer
	cols []Column
}

func (s *jsonlSink) start(cols []Column, _ []any) error {
	s.cols = cols
	return nil
}

func (s *jsonlSink) row(v any) error {
	text, err := compact(narrow(v, s.cols))
	if err != nil {
		return err
	}
	return s.p.write(append(text, '\n'))
}

func (s *jsonlSink) end() error { return nil }
