package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// auditFile appends a line for each write, to a file that only its owner reads.
type auditFile struct {
	path string
	mu   sync.Mutex
	file *os.File
}

func (a *auditFile) write(r bindings.Record) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.file == nil {
		if err := os.MkdirAll(filepath.Dir(a.path), 0o700); err != nil {
			return err
		}
		f, err := os.OpenFile(a.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		a.file = f
	}
	params, err := value.Marshal(r.Params)
	if err != nil {
		return err
	}
	r.Params = json.RawMessage(openim.Mask(params))
	line, err := value.Marshal(r)
	if err != nil {
		return err
	}
	_, err = a.file.Write(append(line, '\n'))
	return err
}

func (a *auditFile) close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.file == nil {
		return nil
	}
	return a.file.Close()
}
