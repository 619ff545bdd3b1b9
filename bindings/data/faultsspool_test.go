//go:build linux

package data

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
)

// mongoOfChild names the MongoDB to the child of TestSpoolIsFull.
const mongoOfChild = "IMCTL_TEST_MONGO"

// TestSpoolIsFull lets no file of a process grow past some bytes, so that the parts of a backup can't be written, or the
// whole of them can't. The limit is that of a child, because a test's process writes files of its own.
func TestSpoolIsFull(t *testing.T) {
	if addr := os.Getenv(mongoOfChild); addr != "" {
		backUpWithoutRoom(t, store.New(store.Config{Context: "test", Mongo: store.Mongo{Addresses: []string{addr}}}))
		return
	}
	w := newWorld(t)
	bulky(t, w)
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSpoolIsFull$", "-test.v")
	child.Env = append(os.Environ(), mongoOfChild+"="+w.env.Stores.Config().Mongo.Addresses[0])
	out, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestSpoolIsFull") {
		t.Errorf("%v\n%s", err, out)
	}
}

func backUpWithoutRoom(t *testing.T, s *store.Stores) {
	noLeaks(t)
	t.Cleanup(func() { _ = s.Close() })
	env := testEnv(t, s)
	r, err := runBackup(t.Context(), env, BackupParams{To: filepath.Join(t.TempDir(), "b.tar.zst"), Parallel: 2})
	if err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ) // a write then fails with EFBIG
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	for _, room := range rooms(t, r.Size) {
		to, spool := t.TempDir(), t.TempDir()
		limit.Cur = uint64(room)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		_, err := runBackup(t.Context(), env, BackupParams{To: filepath.Join(to, "b.tar.zst"), Parallel: 2, Spool: spool})
		wantKind(t, err, fault.Usage, "file too large")
		wantEmpty(t, to)
		wantEmpty(t, spool)
		if t.Failed() {
			t.Fatalf("room for %d bytes", room)
		}
	}
}
