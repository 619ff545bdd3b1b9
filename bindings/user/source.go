package user

import (
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// maxRecord is the most bytes that one record of a file may have. A quote that is never closed makes the rest of a CSV
// file one record; the limit keeps that from filling the memory.
const maxRecord = 1 << 20

// record is one row of a file.
type record struct {
	row    int64    // from 1; the header does not count
	raw    string   // the row as it stands in the file, without its line end
	names  []string // the columns, as the file names them
	values []string
	flaw   string // why the row can't be read; "" = it can
}

// source reads the rows of a file, one after the other.
type source interface {
	// head is the header's text, "" for a format that has none, and the names of the columns.
	head() (raw string, names []string)
	next() (record, error) // io.EOF ends it; any other error is final
	lineEnd() string       // between the rows of a rejects file
	close()                // drops what the reader itself holds; the file is the caller's
}

// The formats of files.
const (
	formatCSV   = "csv"
	formatJSONL = "jsonl"
	formatXLSX  = "xlsx"
)

// formatOf finds the format of a file by its name, unless it is given.
func formatOf(format, name string) (string, error) {
	if format != "" && format != "auto" {
		return format, nil
	}
	switch ext := strings.ToLower(filepath.Ext(name)); ext {
	case ".csv", ".txt":
		return formatCSV, nil
	case ".jsonl", ".ndjson":
		return formatJSONL, nil
	case ".xlsx":
		return formatXLSX, nil
	default:
		if name == "-" {
			return formatCSV, nil
		}
		return "", usage("the format of %q can't be told from its name: give format=csv, jsonl or xlsx", name)
	}
}

// openFile opens a file of the user, or standard input.
func openFile(env *bindings.Env, name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(env.Stdin), nil
	}
	f, err := env.Open(name)
	if err != nil {
		if e := fault.From(err); e.Kind != fault.Internal {
			return nil, e
		}
		return nil, fault.New(fault.Usage, "%s can't be opened: %w", name, err)
	}
	return f, nil
}

// newSource makes the reader of a format.
func newSource(format string, r io.Reader, delimiter string) (source, error) {
	switch format {
	case formatJSONL:
		return newJSONL(r)
	case formatXLSX:
		return newXLSX(r)
	}
	comma, size := utf8.DecodeRuneInString(delimiter)
	if delimiter == "\\t" {
		comma, size = '\t', len(delimiter)
	}
	if size != len(delimiter) || strings.ContainsRune("\"\r\n\uFFFD", comma) {
		return nil, usage("delimiter %q: want one character, like , or ; or \\t", delimiter)
	}
	return newCSV(r, comma)
}

func unreadable(err error) error {
	if e := fault.From(err); e.Kind != fault.Internal {
		return e
	}
	return fault.New(fault.Usage, "the file can't be read: %w", err)
}
