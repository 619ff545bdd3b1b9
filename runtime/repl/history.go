package repl

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/google/renameio/v2"
)

// keptEntries is how many entries of the history are loaded; the file is cut down when it holds twice as many.
const keptEntries = 1000

// history is a file with an entry a line. Entries are added as they come, so that a crash and a second REPL lose none.
type history struct{ path string }

// fileForm writes an entry on one line, and screenForm shows it on one: the marks of a line break and of a tab carry an
// invisible rune, so that nobody types one.
var (
	fileForm   = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", "")
	screenForm = strings.NewReplacer("\n", lineMark, "\t", tabMark)
	typedForm  = strings.NewReplacer(lineMark, "\n", tabMark, "\t")
)

const (
	lineMark = "↵\u2060"
	tabMark  = "→\u2060"
)

// load reads the entries, the oldest first. A line that can't be read is left out, the others stay.
func (h history) load() []string {
	text, err := os.ReadFile(h.path)
	if err != nil {
		return nil
	}
	var entries []string
	lines := bytes.Split(text, []byte("\n"))
	for _, line := range lines {
		entry := unescape(string(line))
		if utf8.Valid(line) && len(line) > 0 && !hasControl(entry) {
			entries = append(entries, entry)
		}
	}
	if len(entries) > keptEntries {
		entries = entries[len(entries)-keptEntries:]
	}
	if len(lines) > 2*keptEntries {
		var b strings.Builder
		for _, e := range entries {
			b.WriteString(fileForm.Replace(e) + "\n")
		}
		_ = renameio.WriteFile(h.path, []byte(b.String()), 0o600) // a history that stays long is no reason to fail
	}
	return entries
}

// add appends an entry; a history that can't be written is no reason to fail.
func (h history) add(entry string) {
	if h.path == "" {
		return
	}
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return
	}
	f, err := os.OpenFile(h.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	if f.Chmod(0o600) == nil {
		_, _ = f.WriteString(fileForm.Replace(entry) + "\n")
	}
}

func unescape(line string) string {
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		if line[i] == '\\' && i+1 < len(line) {
			if at := strings.IndexByte(`\nt`, line[i+1]); at >= 0 {
				b.WriteByte("\\\n\t"[at])
				i++
				continue
			}
		}
		b.WriteByte(line[i])
	}
	return b.String()
}

func hasControl(entry string) bool {
	return strings.ContainsFunc(entry, func(r rune) bool { return (r < ' ' || r == 0x7f) && r != '\n' && r != '\t' })
}
