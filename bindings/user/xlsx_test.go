package user

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// The witness of both directions is a workbook library that the program itself does not use.

func TestXLSXReadsAnotherProgramsWorkbook(t *testing.T) {
	book := excelize.NewFile()
	sheet := book.GetSheetName(0)
	for cell, v := range map[string]any{
		"A1": "userID", "B1": "nickname", "C1": "ex",
		"A2": "1513407461112281552", "B2": "王小明 😀", "C2": `a "quoted" & <tagged>`,
		"A3": "u3", "C3": " blanks ", "A5": "0007", "B5": 42,
	} {
		if err := book.SetCellValue(sheet, cell, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.SetCellRichText(sheet, "B3", []excelize.RichTextRun{{Text: "two "}, {Text: "runs"}}); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := book.Write(&file); err != nil {
		t.Fatal(err)
	}
	x, err := newXLSX(&file)
	if err != nil {
		t.Fatal(err)
	}
	defer x.close()
	var got [][]string
	for {
		r, err := x.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.values)
	}
	want := [][]string{
		{"1513407461112281552", "王小明 😀", `a "quoted" & <tagged>`}, {"u3", "two runs", " blanks "}, {"0007", "42", ""},
	}
	if !reflect.DeepEqual(x.names, []string{"userID", "nickname", "ex"}) || !reflect.DeepEqual(got, want) {
		t.Errorf("got %q %q", x.names, got)
	}
}

func TestXLSXIsReadByAnotherProgram(t *testing.T) {
	var file bytes.Buffer
	w, err := newXLSXWriter(&file, []string{"userID", "nickname"})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range [][]any{{"1513407461112281552", " 王 & <小> "}, {"0007", nil}} {
		if err := w.write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := book.GetRows(book.GetSheetName(0))
	want := [][]string{{"userID", "nickname"}, {"1513407461112281552", " 王 & <小> "}, {"0007"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %q %v", got, err)
	}
}

func TestXLSXColumnNames(t *testing.T) {
	for i, name := range map[int]string{0: "A", 25: "Z", 26: "AA", 701: "ZZ", 702: "AAA", 16383: "XFD"} {
		want, err := excelize.ColumnNumberToName(i + 1)
		if err != nil || want != name || columnName(i) != name || columnIndex(name+"17") != i {
			t.Errorf("%d: %s, %s and back %d", i, name, columnName(i), columnIndex(name+"17"))
		}
	}
}

// workbook makes a workbook whose sheet has this XML.
func workbook(t testing.TB, sheet string) []byte {
	t.Helper()
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	for _, part := range append(workbookParts(), [2]string{"xl/worksheets/sheet1.xml", sheet}) {
		f, err := z.Create(part[0])
		if err == nil {
			_, err = io.WriteString(f, part[1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestXLSXBroken(t *testing.T) {
	const head = `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>userID</t></is></c></row>`
	for name, sheet := range map[string]string{
		"cut after a row":   head,
		"cut in a row":      head + `<row r="2"><c r="A2"><v>1</v></c>`,
		"cut in a cell":     head + `<row r="2"><c r="A2"><v>1`,
		"no shared text":    head + `<row r="2"><c r="A2" t="s"><v>7</v></c></row></sheetData></worksheet>`,
		"column far out":    head + `<row r="2"><c r="ZZZZ2"><v>7</v></c></row></sheetData></worksheet>`,
		"cell without name": head + `<row r="2"><c r="2"><v>7</v></c></row></sheetData></worksheet>`,
	} {
		x, err := newXLSX(bytes.NewReader(workbook(t, sheet)))
		for err == nil {
			_, err = x.next()
		}
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: read as if it were whole", name)
		}
	}
	for name, file := range map[string]string{"empty": "", "text": "userID,nickname\n", "a zip of something else": string(emptyZip(t))} {
		if _, err := newXLSX(strings.NewReader(file)); err == nil {
			t.Errorf("%s: taken for a workbook", name)
		}
	}
}

func emptyZip(t testing.TB) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := zip.NewWriter(&file).Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func FuzzXLSXSheet(f *testing.F) {
	f.Add(`<worksheet><sheetData><row><c t="inlineStr"><is><t>a</t></is></c><c r="C1"><v>1</v></c></row></sheetData></worksheet>`)
	f.Add(`<row><c r="A1"><f>1+1</f><v>2</v></c></row>`)
	f.Fuzz(func(t *testing.T, sheet string) {
		x, err := newXLSX(bytes.NewReader(workbook(t, sheet)))
		for n := 0; err == nil && n < 1000; n++ {
			_, err = x.next()
		}
		if x != nil {
			x.close()
		}
	})
}
