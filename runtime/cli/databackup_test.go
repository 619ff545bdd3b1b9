package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNightlyBackupScript(t *testing.T) {
	t.Parallel()
	p := newPerson(t, false)
	script := shipped(t, "maintenance/nightly_backup.lua")
	dir := filepath.Join(t.TempDir(), "backups")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	old := []string{"openim-sandbox-20200101T020000Z.tar.zst", "openim-sandbox-20200102T020000Z.tar.zst", "openim-prod-20200101T020000Z.tar.zst",
		"openim-sandbox-20200101T020000Z.tar.zst.age", "openim-sandbox-mine.tar.zst", "notes.txt"}
	for _, name := range old {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := p.wants(t, 0, "run", script, "--to", dir, "--keep", "2", "--deep", "--redis", "--sender", "imAdmin", "--notify", "nobody")
	for _, want := range []string{"proved by restoring it", "removed openim-sandbox-20200101T020000Z.tar.zst\n", "could not tell nobody"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("it does not say %q:\n%s", want, r.stdout)
		}
	}
	var left []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if len(left) != len(old) || !strings.Contains(strings.Join(left, " "), old[1]) || !strings.Contains(strings.Join(left, " "), "openim-sandbox-mine") {
		t.Errorf("left are %v", left)
	}
	for _, wrong := range [][]string{{"--keep", "2"}, {"--to", dir, "--keep", "0"}, {"--to", dir, "--notify", "x"}, {"--kep", "3"}} {
		if r := p.wants(t, 1, append([]string{"run", script}, wrong...)...); !strings.Contains(r.stderr, "usage: imctl run nightly_backup.lua") {
			t.Errorf("%v:\n%s", wrong, r.stderr)
		}
	}
}
