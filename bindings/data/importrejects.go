package data

import (
	"bufio"
	"path/filepath"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// reasonsName is the file of a rejects folder that says why each row failed.
const reasonsName = "reasons.jsonl"

// rejectFolder is the rows that failed, as an export that can be imported again. nil keeps none.
type rejectFolder struct {
	folder  string
	files   map[string]*rowWriter
	reasons bindings.File
	out     *bufio.Writer
}

func (im *importer) openRejects() error {
	if im.p.Rejects == "" || im.env.DryRun {
		return nil
	}
	if err := newFolder(im.env, im.p.Rejects, "rejects"); err != nil {
		return err
	}
	f, err := im.env.Create(filepath.Join(im.p.Rejects, reasonsName))
	if err != nil {
		return err
	}
	im.rejects = &rejectFolder{folder: im.p.Rejects, files: map[string]*rowWriter{}, reasons: f, out: bufio.NewWriter(f)}
	return nil
}

func (r *rejectFolder) discard() {
	if r == nil {
		return
	}
	r.reasons.Discard()
	for _, w := range r.files {
		w.to.Discard()
	}
}

// add keeps a row; the caller holds the importer's lock.
func (r *rejectFolder) add(im *importer, k rowKind, it *item) error {
	if r == nil {
		return nil
	}
	w := r.files[k.name]
	if w == nil {
		f, err := im.env.Create(filepath.Join(r.folder, k.name+"."+im.man.Format))
		if err != nil {
			return err
		}
		if w, err = newRowWriter(f, k, im.man.Format); err != nil {
			f.Discard()
			return err
		}
		r.files[k.name] = w
	}
	if err := w.write(it.row); err != nil {
		return err
	}
	text, err := value.Marshal(value.NewObject("kind", k.name, "row", w.rows, "file", it.file, "line", it.line, "reason", it.reason))
	if err == nil {
		_, err = r.out.Write(append(text, '\n'))
	}
	if err != nil {
		return fault.New(fault.Internal, "%s can't be written: %w", reasonsName, err)
	}
	return nil
}

// commit makes the folder appear as an export.
func (r *rejectFolder) commit(im *importer) error {
	if r == nil {
		return nil
	}
	m := im.man
	m.Part, m.Files = true, nil
	for _, k := range rowKinds() {
		if w := r.files[k.name]; w != nil {
			f, err := w.commit()
			if err != nil {
				return err
			}
			m.Files = append(m.Files, f)
		}
	}
	err := r.out.Flush()
	if err == nil {
		err = r.reasons.Commit()
	}
	if err != nil {
		return fault.New(fault.Internal, "%s can't be written: %w", reasonsName, err)
	}
	return writeManifest(im.env, r.folder, m)
}
