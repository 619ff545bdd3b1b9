package target

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"
	"github.com/openimsdk/imctl/bindings/fault"
)

// lockTimeout is how long a change waits for another process that changes the file.
const lockTimeout = 10 * time.Second

// Load reads the contexts file; a missing one has no contexts.
func Load(path string) (*File, error) {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return &File{}, nil
	}
	text, readErr := readFile(path, maxYAML)
	if readErr != nil {
		return nil, readErr
	}
	f, err := parse(path, text)
	if err != nil {
		return nil, err
	}
	f.Warnings = modeWarnings(path, info)
	return f, nil
}

// Save writes the file whole or not at all, for the user alone. It refuses when another process has changed the file
// since it was loaded; Update is the call that waits its turn.
func (f *File) Save(path string) error {
	return locked(path, func() error { return f.write(path) })
}

// Update loads the file, changes it and saves it, while no other imctl does.
func Update(path string, change func(*File) error) error {
	return locked(path, func() error {
		f, err := Load(path)
		if err != nil {
			return err
		}
		if err := change(f); err != nil {
			return err
		}
		return f.write(path)
	})
}

func locked(path string, do func() error) error {
	if err := MakeDir(filepath.Dir(path)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), lockTimeout)
	defer cancel()
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	defer lock.Close()
	if ok, err := lock.TryLockContext(ctx, 5*time.Millisecond); !ok {
		if ctx.Err() != nil {
			return fault.New(fault.Timeout, "%s is being changed by another imctl", path)
		}
		return fault.New(fault.Usage, "locking %s: %w", path, reason(err))
	}
	return do()
}

func (f *File) write(path string) error {
	now, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fault.New(fault.Usage, "reading %s: %w", path, reason(err))
	}
	if !bytes.Equal(now, f.loaded) {
		e := fault.New(fault.Denied, "%s was changed by someone else since it was read; nothing is written", path).
			WithHint("run the command again")
		e.Retryable = true
		return e
	}
	text, err := f.text()
	if err != nil {
		return fault.New(fault.Internal, "writing %s: %w", path, err)
	}
	if _, err := parse(path, text); err != nil { // never leave a file that can't be read
		return fault.New(fault.Internal, "writing %s: %w", path, err)
	}
	place := path
	if real, err := filepath.EvalSymlinks(path); err == nil { // a link to a file elsewhere stays a link
		place = real
	}
	if err := replaceFile(place, text); err != nil {
		return fault.New(fault.Usage, "writing %s: %w", path, reason(err))
	}
	f.loaded = text
	return nil
}

// replaceFile puts a whole new file in the place of the old one, whatever that one's mode was.
func replaceFile(path string, text []byte) error {
	pending, err := renameio.NewPendingFile(path, renameio.WithStaticPermissions(0o600))
	if err != nil {
		return err
	}
	defer pending.Cleanup()
	if _, err := pending.Write(text); err != nil {
		return err
	}
	return pending.CloseAtomicallyReplace()
}

// explain turns a decoding error into one that names the place, and the nearest setting for one that does not exist.
func explain(path string, text []byte, err error) error {
	var broken yaml.Error
	if !errors.As(err, &broken) || broken.GetToken() == nil {
		return badTimeout(path, text)
	}
	e := yamlFault(path, err)
	token := broken.GetToken()
	at, _, _ := strings.Cut(e.Message, ": ")
	var unknown *yaml.UnknownFieldError
	var unexpected *yaml.UnexpectedNodeTypeError
	switch {
	case errors.As(err, &unknown):
		known := settingNames(reflect.TypeFor[File]())
		return fault.New(fault.Usage, "%s: no setting %q%s", at, token.Value, fault.DidYouMean(token.Value, known))
	case errors.As(err, &unexpected) && token.Prev != nil && token.Prev.Prev != nil:
		if key := token.Prev.Prev.Value; strings.Contains(key, "secret") || key == "password" {
			return fault.New(fault.Usage, "%s: %s: a secret itself is never kept here, only where it comes from", at, key).
				WithHint("write %s: {env: NAME}, or {file: PATH}, or {file: PATH, key: PATH.IN.IT}, or {command: …}", key)
		}
	}
	return e
}

// badTimeout finds the time limit that can't be read: the library does not say where it stands.
func badTimeout(path string, text []byte) error {
	doc, err := parseDocument(path, text)
	if err != nil {
		return err
	}
	contexts, _ := doc.find("contexts")
	sequence, _ := bare(contexts).(*ast.SequenceNode)
	if sequence == nil {
		return fault.New(fault.Usage, "%s: not a file of contexts", path)
	}
	for _, item := range sequence.Values {
		one := &document{path: path, root: item}
		v, err := one.text("timeout")
		if err != nil {
			return err
		}
		if _, err := time.ParseDuration(v.text); v.text != "" && err != nil {
			return fault.New(fault.Usage, "%s:%d: timeout: %q is not a duration", path, v.line, v.text).WithHint("such as 5s or 1m30s")
		}
	}
	return fault.New(fault.Usage, "%s: not a file of contexts", path)
}

// settingNames is every key that the file may have, at any depth.
func settingNames(t reflect.Type) []string {
	var names []string
	for t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		tag, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if tag == "" || tag == "-" {
			continue
		}
		names = append(names, tag)
		names = append(names, settingNames(t.Field(i).Type)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
