package user

import (
	"bufio"
	"encoding/csv"
	"io"

	"github.com/xuri/excelize/v2"

	"github.com/openimsdk/imctl/bindings/fault"
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

// xlsxWriter writes every value as text, so that no spreadsheet rounds an id. excelize moves large sheets to a
// temporary file while it writes.
type xlsxWriter struct {
	to   io.Writer
	book *excelize.File
	rows *excelize.StreamWriter
	row  int
}

func newXLSXWriter(to io.Writer, names []string) (*xlsxWriter, error) {
	w := &xlsxWriter{to: to, book: excelize.NewFile()}
	var err error
	if w.rows, err = w.book.NewStreamWriter(w.book.GetSheetName(0)); err != nil {
		w.discard()
		return nil, err
	}
	head := make([]any, len(names))
	for i, n := range names {
		head[i] = n
	}
	return w, w.write(head)
}

func (w *xlsxWriter) write(row []any) error {
	w.row++
	if w.row > excelize.TotalRows {
		return fault.New(fault.Unsupported, "a workbook takes only %d rows", excelize.TotalRows).WithHint("export to .csv or .jsonl")
	}
	cells := make([]any, len(row))
	for i, v := range row {
		cells[i] = value.Text(v)
	}
	cell, err := excelize.CoordinatesToCellName(1, w.row)
	if err != nil {
		return err
	}
	return w.rows.SetRow(cell, cells)
}

func (w *xlsxWriter) close() error {
	if err := w.rows.Flush(); err != nil {
		return err
	}
	_, err := w.book.WriteTo(w.to)
	return err
}

func (w *xlsxWriter) discard() { _ = w.book.Close() } // only temporary files are behind it
