package user

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/bindingtest"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// world is an Env for tests with all that it was told.
type world struct {
	*bindings.Env
	t        *testing.T
	warnings []string
	dir      string
	mu       sync.Mutex
}

func newWorld(t *testing.T, s *stub, chat bool) *world {
	secret := openim.Secret{Get: func(context.Context) (string, error) { return "openIM123", nil }}
	cfg := openim.Config{Context: "test", API: openim.Setting{Value: s.srv.URL}, AdminUserID: "imAdmin", Secret: secret}
	if chat {
		cfg.ChatAdmin = openim.Setting{Value: s.srv.URL + "/chatadmin"}
		cfg.ChatAPI = openim.Setting{Value: s.srv.URL + "/chatapi"}
		cfg.ChatAccount, cfg.ChatPassword = "chatAdmin", secret
	}
	client := openim.New(cfg)
	t.Cleanup(client.Close)
	w := &world{t: t, dir: t.TempDir()}
	w.Env = &bindings.Env{
		API: client, Target: bindings.Target{Name: "test", Admin: "imAdmin"}, Now: time.Now, StateDir: filepath.Join(w.dir, "state"),
		Stdin: strings.NewReader(""),
		Open: func(name string) (io.ReadCloser, error) {
			return os.Open(w.path(name))
		},
		Create: func(name string) (bindings.File, error) {
			f, err := os.CreateTemp(w.dir, "new")
			return &newFile{f, w.path(name), false}, err
		},
		Warn: func(format string, args ...any) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.warnings = append(w.warnings, fmt.Sprintf(format, args...))
		},
		Audit: func(bindings.Record) error { return nil },
	}
	return w
}

// newFile appears under its name when it is committed.
type newFile struct {
	*os.File
	name string
	done bool
}

func (f *newFile) Commit() error {
	f.done = true
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.File.Name(), f.name)
}

func (f *newFile) Discard() {
	if !f.done {
		_ = f.Close()
		_ = os.Remove(f.File.Name())
	}
}

// path places relative names of files in the test's folder.
func (w *world) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(w.dir, name)
}

func (w *world) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(w.path(name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(name string) string {
	w.t.Helper()
	text, err := os.ReadFile(w.path(name))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

// run calls an operation as every surface does.
func (w *world) run(name, fields string) (any, *fault.Error) {
	return w.runIn(context.Background(), name, fields)
}

func (w *world) runIn(ctx context.Context, name, fields string) (any, *fault.Error) {
	w.t.Helper()
	return bindingtest.Invoke(ctx, w.t, Area(), w.Env, name, fields)
}

// want runs an operation that must succeed and compares the result, as JSON, with what is expected.
func (w *world) want(name, fields, expected string) {
	w.t.Helper()
	res, err := w.run(name, fields)
	if err != nil {
		w.t.Fatalf("user.%s%s: %v", name, fields, err)
	}
	sameJSON(w.t, text(res), expected)
}

// refused runs an operation that must fail with a kind and a text.
func (w *world) refused(name, fields string, kind fault.Kind, parts ...string) *fault.Error {
	w.t.Helper()
	_, err := w.run(name, fields)
	if err == nil {
		w.t.Fatalf("user.%s%s succeeded, want an error of kind %s", name, fields, kind)
	}
	whole := err.Error() + " | " + err.Hint
	if err.Kind != kind {
		w.t.Errorf("user.%s%s: kind %s, want %s: %s", name, fields, err.Kind, kind, whole)
	}
	for _, part := range parts {
		if !strings.Contains(whole, part) {
			w.t.Errorf("user.%s%s: %q is missing in %q", name, fields, part, whole)
		}
	}
	return err
}

func text(v any) string {
	out, err := value.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(out)
}

func sameJSON(t *testing.T, got, want string) {
	t.Helper()
	var a, b bytes.Buffer
	if err := json.Compact(&a, []byte(got)); err != nil {
		t.Fatalf("%v in %s", err, got)
	}
	if err := json.Compact(&b, []byte(want)); err != nil {
		t.Fatalf("%v in %s", err, want)
	}
	if a.String() != b.String() {
		t.Errorf("got  %s\nwant %s", a.String(), b.String())
	}
}

func texts(v any) []string {
	var out []string
	for _, e := range v.(value.List) {
		out = append(out, e.(string))
	}
	return out
}
