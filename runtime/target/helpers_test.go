package target

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings/fault"
)

// env is a getenv over a map.
func env(m map[string]string) func(string) string { return func(k string) string { return m[k] } }

func noEnv(string) string { return "" }

// folderOf writes the files of a text in sections headed by "-- name --" into a new folder.
func folderOf(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	var path string
	var content strings.Builder
	flush := func() {
		defer content.Reset()
		if path == "" {
			return
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "-- "); ok && strings.HasSuffix(name, " --") {
			flush()
			path = filepath.Join(dir, strings.TrimSuffix(name, " --"))
			continue
		}
		content.WriteString(line)
	}
	flush()
	return dir
}

// wantFault checks an error's kind and that its text and hint hold each of the parts.
func wantFault(t *testing.T, err error, kind fault.Kind, parts ...string) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("want a fault of kind %s, got %v", kind, err)
	}
	e := fault.From(err)
	all := e.Error() + "\n" + e.Hint
	for _, part := range parts {
		if !strings.Contains(all, part) {
			t.Errorf("%q does not say %q", all, part)
		}
	}
}
