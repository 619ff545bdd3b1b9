package user

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"io"
	"strconv"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// maxRows is the most rows a sheet can have.
const maxRows = 1048576

// xlsxWriter writes a workbook of one sheet as a stream, every value as text, so that no spreadsheet rounds an id. A
// workbook library would cost 4 ms at every start of the program, for the one form that needs it.
type xlsxWriter struct {
	archive *zip.Writer
	sheet   *bufio.Writer
	row     int
}

// The parts of a workbook that are the same for every sheet (ECMA-376, part 1).
func workbookParts() [][2]string {
	const head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	const relationships = `http://schemas.openxmlformats.org/package/2006/relationships`
	const office = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	const kind = `application/vnd.openxmlformats-officedocument.spreadsheetml.`
	return [][2]string{
		{"[Content_Types].xml", head + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="` + kind + `sheet.main+xml"/>` +
			`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + kind + `worksheet+xml"/></Types>`},
		{"_rels/.rels", head + `<Relationships xmlns="` + relationships + `"><Relationship Id="rId1" Type="` + office +
			`/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", head + `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="` + office +
			`"><sheets><sheet name="users" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", head + `<Relationships xmlns="` + relationships + `"><Relationship Id="rId1" Type="` + office +
			`/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
	}
}

func newXLSXWriter(to io.Writer, names []string) (*xlsxWriter, error) {
	w := &xlsxWriter{archive: zip.NewWriter(to)}
	for _, part := range workbookParts() {
		f, err := w.archive.Create(part[0])
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(f, part[1]); err != nil {
			return nil, err
		}
	}
	f, err := w.archive.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return nil, err
	}
	w.sheet = bufio.NewWriter(f)
	_, err = w.sheet.WriteString(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" +
		`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	if err != nil {
		return nil, err
	}
	head := make([]any, len(names))
	for i, n := range names {
		head[i] = n
	}
	return w, w.write(head)
}

func (w *xlsxWriter) write(row []any) error {
	if w.row++; w.row > maxRows {
		return fault.New(fault.Unsupported, "a workbook takes only %d rows", maxRows).WithHint("export to .csv or .jsonl")
	}
	line := strconv.Itoa(w.row)
	_, _ = w.sheet.WriteString(`<row r="` + line + `">`) // a failed write is kept by the writer and told by the last one
	for i, v := range row {
		_, _ = w.sheet.WriteString(`<c r="` + columnName(i) + line + `" t="inlineStr"><is><t xml:space="preserve">`)
		_ = xml.EscapeText(w.sheet, []byte(value.Text(v)))
		_, _ = w.sheet.WriteString(`</t></is></c>`)
	}
	_, err := w.sheet.WriteString(`</row>`)
	return err
}

// columnName is A for 0, Z for 25, AA for 26.
func columnName(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}

func (w *xlsxWriter) close() error {
	_, err := w.sheet.WriteString(`</sheetData></worksheet>`)
	if err == nil {
		err = w.sheet.Flush()
	}
	if err == nil {
		err = w.archive.Close()
	}
	return err
}

func (w *xlsxWriter) discard() {}
