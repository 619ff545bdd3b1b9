package user

import (
	"bytes"
	"encoding/csv"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// xlsxRows reads the first sheet of a workbook, row by row. Large parts are unpacked to temporary files by excelize.
type xlsxRows struct {
	book  *excelize.File
	rows  *excelize.Rows
	lost  *regexp.Regexp
	raw   string
	names []string
	row   int64
}

func newXLSX(r io.Reader) (*xlsxRows, error) {
	book, err := excelize.OpenReader(r, excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, usage("the file is no XLSX workbook: %v", err)
	}
	x := &xlsxRows{book: book, lost: regexp.MustCompile(`^-?\d+(\.\d+)?[eE]\+?\d+$`)}
	if x.rows, err = book.Rows(book.GetSheetName(0)); err != nil {
		x.close()
		return nil, usage("the first sheet can't be read: %v", err)
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

func (x *xlsxRows) head() (string, []string) { return x.raw, x.names }
func (x *xlsxRows) lineEnd() string          { return "\n" }

func (x *xlsxRows) close() {
	if x.rows != nil {
		_ = x.rows.Close() // only temporary files are behind it
	}
	_ = x.book.Close()
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
	for x.rows.Next() {
		cells, err := x.rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, unreadable(err)
		}
		if slices.ContainsFunc(cells, func(c string) bool { return c != "" }) {
			return cells, nil
		}
	}
	if err := x.rows.Error(); err != nil {
		return nil, unreadable(err)
	}
	return nil, io.EOF
}

// csvLine is a row as CSV: the form in which rejected rows of a workbook are written.
func csvLine(values []string) string {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(values) // a buffer takes everything
	w.Flush()
	return strings.TrimRight(b.String(), "\n")
}
