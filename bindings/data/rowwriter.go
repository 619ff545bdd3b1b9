package data

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"reflect"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// rowWriter writes the file of a kind and sums it up.
type rowWriter struct {
	kind   string
	file   string // its name within the folder
	format string
	fields []value.Field
	to     bindings.File
	out    *bufio.Writer
	sum    hash.Hash
	rows   int64
	bytes  int64
}

func newRowWriter(to bindings.File, k rowKind, format string) (*rowWriter, error) {
	w := &rowWriter{kind: k.name, file: k.name + "." + format, format: format, to: to, sum: sha256.New(),
		fields: value.Fields(reflect.TypeOf(k.fresh()).Elem())}
	w.out = bufio.NewWriterSize(w, 64<<10)
	if format != formatCSV {
		return w, nil
	}
	names := make([]string, len(w.fields))
	for i, f := range w.fields {
		names[i] = f.Name
	}
	return w, w.line(strings.Join(names, ","))
}

// Write passes on what the buffer holds.
func (w *rowWriter) Write(b []byte) (int, error) {
	n, err := w.to.Write(b)
	w.sum.Write(b[:n])
	w.bytes += int64(n)
	return n, err
}

func (w *rowWriter) line(text string) error {
	_, err := io.WriteString(w.out, text)
	if err == nil {
		err = w.out.WriteByte('\n')
	}
	if err != nil {
		return fault.New(fault.Internal, "%s can't be written: %w", w.file, err)
	}
	return nil
}

func (w *rowWriter) write(r row) error {
	w.rows++
	plain := value.From(reflect.ValueOf(r).Elem().Interface()).(*value.Object)
	if w.format != formatCSV {
		text, err := value.Marshal(plain)
		if err != nil {
			return fault.New(fault.Internal, "a row of %s can't be written: %w", w.file, err)
		}
		return w.line(string(text))
	}
	cells := make([]string, len(w.fields))
	for i, f := range w.fields {
		v, _ := plain.Get(f.Name)
		cells[i] = csvCell(value.Text(v))
	}
	return w.line(strings.Join(cells, ","))
}

// csvCell is a text as a field of CSV, with every byte of it kept.
func csvCell(text string) string {
	if !strings.ContainsAny(text, "\",\r\n") && strings.TrimSpace(text) == text && text != bom {
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

// commit makes the file appear.
func (w *rowWriter) commit() (exportFile, error) {
	err := w.out.Flush()
	if err == nil {
		err = w.to.Commit()
	}
	if err != nil {
		return exportFile{}, fault.New(fault.Internal, "%s can't be written: %w", w.file, err)
	}
	return exportFile{Kind: w.kind, File: w.file, Rows: w.rows, Bytes: w.bytes, SHA256: hex.EncodeToString(w.sum.Sum(nil))}, nil
}
