package lualib

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Files is what the library may do with files. A function that is nil is refused.
type Files struct {
	Open   func(name string) (io.ReadCloser, error)
	Write  func(name string, data []byte) error // whole or not at all
	Append func(name string, data []byte) error
	List   func(name string) ([]fs.DirEntry, error) // in the order of the names
	Stat   func(name string) (fs.FileInfo, error)
	Mkdir  func(name string) error // with the folders above it
	Remove func(name string) error // a file or an empty folder
	RemAll func(name string) error // with what is in it
}

// AllFiles are the files of the machine.
func AllFiles() Files {
	return Files{
		Open: func(name string) (io.ReadCloser, error) { return os.Open(name) },
		Write: func(name string, data []byte) error {
			return renameio.WriteFile(name, data, 0o644, renameio.WithExistingPermissions())
		},
		Append: func(name string, data []byte) error {
			f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
			return appendTo(f, err, data)
		},
		List: os.ReadDir, Stat: os.Stat, Remove: os.Remove, RemAll: os.RemoveAll,
		Mkdir: func(name string) error { return os.MkdirAll(name, 0o755) },
	}
}

// FolderFiles are the files below a folder; no name, link or ".." leads out of it. Close the root when the script has
// ended.
func FolderFiles(root *os.Root) Files {
	return Files{
		Open: func(name string) (io.ReadCloser, error) { return root.Open(name) },
		Write: func(name string, data []byte) error {
			part := name + ".part"
			err := root.WriteFile(part, data, 0o644)
			if err == nil {
				err = root.Rename(part, name)
			}
			if err != nil {
				_ = root.Remove(part)
			}
			return err
		},
		Append: func(name string, data []byte) error {
			f, err := root.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
			return appendTo(f, err, data)
		},
		List: func(name string) ([]fs.DirEntry, error) {
			return fs.ReadDir(root.FS(), filepath.ToSlash(filepath.Clean(name)))
		},
		Stat: root.Stat, Remove: root.Remove, RemAll: root.RemoveAll,
		Mkdir: func(name string) error { return root.MkdirAll(name, 0o755) },
	}
}

func appendTo(f *os.File, err error, data []byte) error {
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// refused is the error of what Files does not offer.
func refused() error { return fault.New(fault.Denied, "this script may not use files") }

func (k *kit) openFile(name string) (io.ReadCloser, error) {
	if k.Files.Open == nil {
		return nil, refused()
	}
	if name == "" {
		return nil, fault.New(fault.Usage, "the name of the file is empty")
	}
	f, err := k.Files.Open(name)
	if err != nil {
		return nil, fileFault("open", name, err)
	}
	return f, nil
}

// fileFault is the error of a file.
func fileFault(doing, name string, err error) error {
	var path *fs.PathError
	kind := fault.Usage
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, fs.ErrNotExist):
		kind = fault.NotFound
	case errors.Is(err, fs.ErrExist):
		kind = fault.Exists
	case errors.Is(err, fs.ErrPermission), strings.HasSuffix(err.Error(), "path escapes from parent"): // os.Root's own word
		kind = fault.Denied
	}
	if errors.As(err, &path) {
		err = path.Err
	}
	return fault.New(kind, "can't %s %s: %w", doing, name, err)
}
