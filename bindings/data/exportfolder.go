package data

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

const (
	manifestName = "manifest.json"
	manifestForm = "imctl-export/1"
)

// exportManifest is what manifest.json of an export says. It is written last: a folder without it is no whole export.
type exportManifest struct {
	Form       string       `json:"form"`
	Context    string       `json:"context"`
	Generation string       `json:"generation"`
	Time       string       `json:"time"` // RFC 3339, UTC
	Format     string       `json:"format"`
	Part       bool         `json:"part"` // some accounts only, or some rows: what is missing here may exist
	Users      []string     `json:"users"`
	Since      int64        `json:"since"` // ms; 0 is the beginning
	Files      []exportFile `json:"files"`
	LeftOut    []string     `json:"left_out"`
}

// exportFile is one file of an export.
type exportFile struct {
	Kind   string `json:"kind"`
	File   string `json:"file"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// newFolder makes the folder of an export, which must hold none yet.
func newFolder(env *bindings.Env, name, field string) error {
	if f, err := env.Open(filepath.Join(name, manifestName)); err == nil {
		_ = f.Close() // it was only looked for
		return fault.New(fault.Exists, "%s: %s holds an export already", field, name).WithHint("name another folder, or remove it")
	}
	return env.Folder(name)
}

func writeManifest(env *bindings.Env, folder string, m exportManifest) error {
	text, err := value.Marshal(value.From(m))
	if err != nil {
		return fault.New(fault.Internal, "the manifest can't be written: %w", err)
	}
	f, err := env.Create(filepath.Join(folder, manifestName))
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err = f.Write(append(text, '\n')); err == nil {
		err = f.Commit()
	}
	if err != nil {
		return fault.New(fault.Internal, "the manifest can't be written: %w", err)
	}
	return nil
}

// readManifest reads and checks the manifest of an export; sum is that of its text.
func readManifest(env *bindings.Env, folder string) (m exportManifest, sum string, err error) {
	name := filepath.Join(folder, manifestName)
	f, err := env.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return m, "", fault.New(fault.NotFound, "from: %s has no %s: it is no export, or one that was never finished", folder, manifestName)
	}
	if err != nil {
		return m, "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxRow))
	if err != nil {
		return m, "", unreadable(name, err)
	}
	plain, err := value.Parse(text)
	if err == nil {
		err = value.IntoStrict(plain, &m)
	}
	switch {
	case err != nil:
		return m, "", fault.New(fault.Usage, "%s is broken: %w", name, err)
	case m.Form != manifestForm:
		return m, "", fault.New(fault.Usage, "%s: form is %q, and this imctl reads %s", name, m.Form, manifestForm)
	case m.Format != formatJSONL && m.Format != formatCSV:
		return m, "", fault.New(fault.Usage, "%s: format is %q, want %s or %s", name, m.Format, formatJSONL, formatCSV)
	}
	for _, file := range m.Files {
		if !slices.Contains(kindNames(), file.Kind) {
			return m, "", fault.New(fault.Usage, "%s: unknown kind %s%s", name, file.Kind, fault.DidYouMean(file.Kind, kindNames()))
		}
		if file.File != file.Kind+"."+m.Format {
			return m, "", fault.New(fault.Usage, "%s: the file of %s is named %s", name, file.Kind, file.File)
		}
	}
	h := sha256.Sum256(text)
	return m, hex.EncodeToString(h[:]), nil
}

func (m exportManifest) file(kind string) (exportFile, bool) {
	i := slices.IndexFunc(m.Files, func(f exportFile) bool { return f.Kind == kind })
	if i < 0 {
		return exportFile{}, false
	}
	return m.Files[i], true
}

// shownFlaws is how many bad rows an error names.
const shownFlaws = 20

// checkFile reads a file of an export whole: its sum, the number of its rows, and every row. Each good row is given to see.
func checkFile(env *bindings.Env, folder, format string, k rowKind, want exportFile, edited bool, see func(row)) (flaws []string, err error) {
	f, err := env.Open(filepath.Join(folder, want.File))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "%s is missing: the manifest names it", filepath.Join(folder, want.File))
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sum := sha256.New()
	in, err := newRowReader(format, want.File, io.TeeReader(f, sum), k.fresh)
	if err != nil {
		return nil, err
	}
	var rows int64
	for {
		r, _, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		var flaw *rowFlaw
		if err != nil && !errors.As(err, &flaw) {
			return flaws, err
		}
		rows++
		if flaw != nil {
			flaws = append(flaws, flaw.Error())
			if len(flaws) > shownFlaws {
				break
			}
			continue
		}
		see(r)
	}
	if len(flaws) > 0 || edited {
		return flaws, nil
	}
	switch {
	case rows != want.Rows:
		return nil, fault.New(fault.Usage, "%s has %d rows and the manifest says %d: it was cut, or edited", want.File, rows, want.Rows).
			WithHint("edited=true takes it as it is")
	case hex.EncodeToString(sum.Sum(nil)) != want.SHA256:
		return nil, fault.New(fault.Usage, "%s is not as it was exported: its SHA-256 is another than in the manifest", want.File).
			WithHint("edited=true takes it as it is")
	}
	return nil, nil
}

// badRows is the error of files with rows that can't be read.
func badRows(flaws []string) error {
	text := strings.Join(flaws[:min(len(flaws), shownFlaws)], "\n")
	if len(flaws) > shownFlaws {
		text += "\nand more"
	}
	return fault.New(fault.Usage, "bad rows:\n%s", text).WithHint("nothing was sent; mend them and give edited=true")
}
