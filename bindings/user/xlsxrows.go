package user

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

// xlsxRows reads the first sheet of a workbook, row by row. The workbook goes through a temporary file: a zip archive
// is read from its end.
type xlsxRows struct {
	file  *os.File
	rows  *sheetReader
	lost  *regexp.Regexp
	raw   string
	names []string
	row   int64
}

func newXLSX(r io.Reader) (*xlsxRows, error) {
	x := &xlsxRows{lost: regexp.MustCompile(`^-?\d+(\.\d+)?[eE]\+?\d+$`)}
	if err := x.open(r); err != nil {
		x.close()
		return nil, usage("the file is no XLSX workbook: %v", err)
	}
	cells, err := x.cells()
	if err != nil {
		x.close()
		if err == io.EOF {
			return nil, usage("the first sheet is empty: it has no header")
		}
		return nil, err
	}
	for _, c := range cells {
		x.names = append(x.names, strings.TrimSpace(c))
	}
	x.raw = csvLine(x.names)
	return x, nil
}

func (x *xlsxRows) open(r io.Reader) error {
	var err error
	if x.file, err = os.CreateTemp("", "imctl-xlsx-"); err != nil {
		return err
	}
	size, err := io.Copy(x.file, r)
	if err != nil {
		return err
	}
	archive, err := zip.NewReader(x.file, size)
	if err != nil {
		return err
	}
	x.rows, err = openSheet(archive)
	return err
}

func (x *xlsxRows) head() (string, []string) { return x.raw, x.names }
func (x *xlsxRows) lineEnd() string          { return "\n" }

func (x *xlsxRows) close() {
	if x.rows != nil {
		x.rows.close()
	}
	if x.file != nil {
		_ = x.file.Close() // only a temporary file
		_ = os.Remove(x.file.Name())
	}
}

func (x *xlsxRows) next() (record, error) {
	values, err := x.cells()
	if err != nil {
		return record{}, err
	}
	x.row++
	rec := record{row: x.row, names: x.names, raw: csvLine(values), values: values}
	if len(values) > len(x.names) {
		rec.flaw = "the row has " + number(len(values)) + " cells and the header " + number(len(x.names))
		return rec, nil
	}
	for len(rec.values) < len(x.names) { // empty cells at the end of a row are not stored
		rec.values = append(rec.values, "")
	}
	rec.raw = csvLine(rec.values)
	if i := slices.IndexFunc(values, x.lost.MatchString); i >= 0 {
		rec.flaw = x.names[i] + " " + values[i] + " is a number that has lost digits in the spreadsheet: make its cells text"
	}
	return rec, nil
}

// cells reads the next row that is not empty.
func (x *xlsxRows) cells() ([]string, error) {
	for {
		cells, err := x.rows.next()
		if err == io.EOF {
			return nil, err
		}
		if err != nil {
			return nil, unreadable(err)
		}
		if slices.ContainsFunc(cells, func(c string) bool { return c != "" }) {
			return cells, nil
		}
	}
}

// csvLine is a row as CSV: the form in which rejected rows of a workbook are written.
func csvLine(values []string) string {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(values) // a buffer takes everything
	w.Flush()
	return strings.TrimRight(b.String(), "\n")
}
