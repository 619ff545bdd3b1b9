package user

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

const (
	maxColumns       = 16384     // of a sheet
	maxSharedStrings = 256 << 20 // bytes of text that a workbook's rows may share: it stays in memory
)

// sheetReader reads the cells of a workbook's first sheet row by row, as texts exactly as they are stored (ECMA-376,
// part 1, 18.3). The readers that are at hand cost 4 ms at every start of the program, or take a sheet that was cut
// for its end.
type sheetReader struct {
	file   io.ReadCloser
	xml    *xml.Decoder
	shared []string
}

func openSheet(archive *zip.Reader) (*sheetReader, error) {
	shared, err := sharedStrings(archive)
	if err != nil {
		return nil, err
	}
	name, err := firstSheet(archive)
	if err != nil {
		return nil, err
	}
	f, err := archive.Open(name)
	if err != nil {
		return nil, err
	}
	return &sheetReader{file: f, xml: xml.NewDecoder(bufio.NewReaderSize(f, 1<<16)), shared: shared}, nil
}

func (s *sheetReader) close() { _ = s.file.Close() } // it was only read

// firstSheet finds the path of the sheet that the workbook names first.
func firstSheet(archive *zip.Reader) (string, error) {
	var book struct {
		Sheets []struct {
			ID string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	var links struct {
		Links []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := readPart(archive, "xl/workbook.xml", &book); err != nil {
		return "", err
	}
	if err := readPart(archive, "xl/_rels/workbook.xml.rels", &links); err != nil {
		return "", err
	}
	if len(book.Sheets) == 0 {
		return "", errors.New("it has no sheet")
	}
	for _, l := range links.Links {
		if l.ID == book.Sheets[0].ID {
			if strings.HasPrefix(l.Target, "/") {
				return strings.TrimPrefix(path.Clean(l.Target), "/"), nil
			}
			return path.Join("xl", l.Target), nil
		}
	}
	return "", errors.New("its first sheet is missing")
}

func readPart(archive *zip.Reader, name string, into any) error {
	f, err := archive.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := xml.NewDecoder(io.LimitReader(f, 16<<20)).Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// sharedStrings reads the texts that cells refer to by number.
func sharedStrings(archive *zip.Reader) ([]string, error) {
	f, err := archive.Open("xl/sharedStrings.xml")
	if err != nil {
		return nil, nil // a workbook need not have any
	}
	defer f.Close()
	d := xml.NewDecoder(bufio.NewReaderSize(f, 1<<16))
	var list []string
	size := 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return nil, fmt.Errorf("shared texts: %w", err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "si" {
			text, err := richText(d)
			if err != nil {
				return nil, fmt.Errorf("shared texts: %w", err)
			}
			if size += len(text); size > maxSharedStrings {
				return nil, fmt.Errorf("its rows share more than %d MiB of text; save it as CSV", maxSharedStrings>>20)
			}
			list = append(list, text)
		}
	}
}

// richText reads to the end of the element and joins its runs of text; pronunciation aids (rPh) are no part of it.
func richText(d *xml.Decoder) (string, error) {
	var b strings.Builder
	inText, aside := false, 0
	for depth := 1; depth > 0; {
		token, err := d.Token()
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			inText = t.Name.Local == "t"
			if t.Name.Local == "rPh" {
				aside++
			}
		case xml.EndElement:
			depth--
			inText = false
			if t.Name.Local == "rPh" {
				aside--
			}
		case xml.CharData:
			if inText && aside == 0 {
				b.Write(t)
			}
		}
	}
	return b.String(), nil
}

// next reads the next row, io.EOF after the last. A sheet that ends in the middle is an error.
func (s *sheetReader) next() ([]string, error) {
	for {
		token, err := s.xml.Token()
		if err != nil {
			return nil, err // io.EOF only when every element was closed
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "row" {
			return s.row()
		}
	}
}

func (s *sheetReader) row() ([]string, error) {
	var cells []string
	for {
		token, err := s.xml.Token()
		if err != nil {
			return nil, cut(err)
		}
		switch t := token.(type) {
		case xml.EndElement:
			return cells, nil
		case xml.StartElement:
			at := len(cells)
			for _, a := range t.Attr {
				if a.Name.Local == "r" {
					at = columnIndex(a.Value)
				}
			}
			if at < 0 || at >= maxColumns {
				return nil, errors.New("a cell has no place in the sheet")
			}
			text, err := s.cell(t)
			if err != nil {
				return nil, cut(err)
			}
			for len(cells) <= at {
				cells = append(cells, "")
			}
			cells[at] = text
		}
	}
}

// cell reads one cell; c is its start.
func (s *sheetReader) cell(c xml.StartElement) (string, error) {
	kind := ""
	for _, a := range c.Attr {
		if a.Name.Local == "t" {
			kind = a.Value
		}
	}
	text := ""
	for {
		token, err := s.xml.Token()
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.EndElement: // of the cell: the inner ones are read whole
			if kind != "s" || text == "" {
				return text, nil
			}
			i, err := strconv.Atoi(text)
			if err != nil || i < 0 || i >= len(s.shared) {
				return "", fmt.Errorf("a cell refers to the shared text %s, which is not there", text)
			}
			return s.shared[i], nil
		case xml.StartElement:
			switch t.Name.Local {
			case "v":
				if err := s.xml.DecodeElement(&text, &t); err != nil {
					return "", err
				}
			case "is":
				if text, err = richText(s.xml); err != nil {
					return "", err
				}
			default:
				if err := s.xml.Skip(); err != nil {
					return "", err
				}
			}
		}
	}
}

func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// columnIndex is the place of a cell like AB12: A is 0; -1 when it names none.
func columnIndex(ref string) int {
	n := 0
	for i, r := range ref {
		if r < 'A' || r > 'Z' {
			if i == 0 {
				return -1
			}
			break
		}
		if n = n*26 + int(r-'A') + 1; n > maxColumns {
			return -1
		}
	}
	return n - 1
}
