package user

import (
	"bufio"
	"encoding/csv"
	"io"

	"github.com/openimsdk/imctl/bindings/value"
)

// writer writes rows in one of the formats.
type writer interface {
	write(row []any) error
	close() error // all rows are written
	discard()     // drops what is held; does nothing more after close
}

func newWriter(format string, to io.Writer, names []string, mark bool) (writer, error) {
	switch format {
	case formatJSONL:
		return &jsonlWriter{bufio.NewWriter(to), names}, nil
	case formatXLSX:
		return newXLSXWriter(to, names)
	}
	if mark {
		if _, err := io.WriteString(to, bom); err != nil {
			return nil, err
		}
	}
	w := &csvWriter{csv.NewWriter(to)}
	return w, w.out.Write(names)
}

type csvWriter struct{ out *csv.Writer }

func (w *csvWriter) write(row []any) error {
	texts := make([]string, len(row))
	for i, v := range row {
		texts[i] = value.Text(v)
	}
	return w.out.Write(texts)
}

func (w *csvWriter) close() error {
	w.out.Flush()
	return w.out.Error()
}

func (w *csvWriter) discard() {}

type jsonlWriter struct {
	out   *bufio.Writer
	names []string
}

func (w *jsonlWriter) write(row []any) error {
	o := value.NewObject()
	for i, n := range w.names {
		if row[i] != nil {
			o.Set(n, row[i])
		}
	}
	line, err := value.Marshal(o)
	if err != nil {
		return err
	}
	_, err = w.out.Write(append(line, '\n'))
	return err
}

func (w *jsonlWriter) close() error { return w.out.Flush() }
func (w *jsonlWriter) discard()     {}
