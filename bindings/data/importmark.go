package data

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"

	"github.com/openimsdk/imctl/bindings/fault"
)

// importMark says, in the state folder, that an import has begun and not ended, and when. It needs to say no more: what an
// interrupted import has done is found out at the server. nil keeps none.
type importMark struct {
	path string
	id   string // names what this import sends
	lock *flock.Flock
}

func cantMark(err error) error {
	return fault.New(fault.Internal, "the state of the import can't be kept: %w", err)
}

// begin sets the mark, or finds that of an interrupted run of the same import.
func (im *importer) begin(now int64) error {
	im.since = now
	if im.env.DryRun || im.env.StateDir == "" {
		return nil
	}
	h := sha256.Sum256([]byte(im.sum + "\n" + im.env.Target.Name + "\n" + im.env.API.API()))
	id := hex.EncodeToString(h[:])[:20]
	m := &importMark{path: filepath.Join(im.env.StateDir, "imports", "data-"+id), id: id}
	if err := os.MkdirAll(filepath.Dir(m.path), 0o700); err != nil {
		return cantMark(err)
	}
	m.lock = flock.New(m.path + ".lock")
	if got, err := m.lock.TryLock(); err != nil {
		return cantMark(err)
	} else if !got {
		return fault.New(fault.Denied, "another imctl is importing %s now", im.p.From).WithHint("nothing was sent; wait for it, or stop it")
	}
	im.mark = m
	var state struct {
		Since int64 `json:"since"`
	}
	data, err := os.ReadFile(m.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		state.Since = now
		if data, err = json.Marshal(state); err == nil {
			err = renameio.WriteFile(m.path, data, 0o600)
		}
	case err == nil:
		if err = json.Unmarshal(data, &state); err == nil {
			im.since, im.again = state.Since, true
			im.env.Warning("continuing an interrupted import of %s", im.p.From)
		}
	}
	if err != nil {
		m.close()
		return cantMark(err)
	}
	return nil
}

// close leaves the mark for another run.
func (m *importMark) close() {
	if m != nil && m.lock != nil {
		_ = m.lock.Unlock() // the process's end would do it too
	}
}

// remove ends the import.
func (m *importMark) remove() error {
	if m == nil {
		return nil
	}
	if err := errors.Join(os.Remove(m.path), os.Remove(m.path+".lock")); err != nil {
		return cantMark(err)
	}
	return nil
}
