package plugin

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Plugin is a script in a plugins folder.
type Plugin struct {
	Name   string  `json:"name" column:"1" key:"true"`
	Effect string  `json:"effect" column:"2"`
	Help   string  `json:"help" column:"3"`
	Path   string  `json:"path" column:"4"`
	Note   string  `json:"note" column:"5"` // what keeps it from being a command
	Header *Header `json:"-"`
}

// Problem is the note with the file's path, once.
func (p Plugin) Problem() string {
	if strings.HasPrefix(p.Note, p.Path) {
		return p.Note
	}
	return p.Path + ": " + p.Note
}

// maxHeader is how much of a script is read to find its header, in bytes.
const maxHeader = 64 << 10

// Find lists the scripts with a header in the folders, those of the first folder first. reserved are names that a
// plugin can't have. A script whose header is wrong, or whose name is taken, is listed with a note.
func Find(folders []string, reserved func(string) bool) []Plugin {
	var out []Plugin
	seen := map[string]string{}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(escape(folder), "*.lua"))
		if err != nil {
			continue // the pattern is escaped, so it is never wrong
		}
		for _, file := range files {
			head, err := readHead(file)
			if err != nil {
				out = append(out, Plugin{Name: filepath.Base(file), Path: file, Note: "can't be read: " + err.Error()})
				continue
			}
			h, err := Parse(head, file)
			switch {
			case err != nil:
				out = append(out, Plugin{Name: filepath.Base(file), Path: file, Note: err.Error()})
			case h != nil:
				p := Plugin{Name: h.Name, Effect: h.Effect.String(), Help: h.Help, Path: file, Header: h}
				if reserved(h.Name) {
					p.Note = "hidden: imctl has a command of this name"
				} else if first := seen[h.Name]; first != "" {
					p.Note = "hidden by " + first
				} else {
					seen[h.Name] = file
				}
				out = append(out, p)
			}
		}
	}
	return out
}

func escape(folder string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(folder)
}

func readHead(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			return "", p.Err
		}
		return "", err
	}
	defer f.Close()
	buf := make([]byte, maxHeader)
	n, err := io.ReadFull(f, buf)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	return string(buf[:n]), nil
}
