//go:build linux

package data

import (
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/openimsdk/imctl/bindings/fault"
)

// TestSpoolIsFull lets no file of this process grow past some bytes, so that the parts of a backup can't be written, or
// the whole of them can't.
func TestSpoolIsFull(t *testing.T) {
	noLeaks(t)
	w := newWorld(t)
	size := bulky(t, w)
	signal.Ignore(syscall.SIGXFSZ) // a write then fails with EFBIG
	defer signal.Reset(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	restore := func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
	}
	defer restore()
	for _, room := range rooms(t, size) {
		to, spool := t.TempDir(), t.TempDir()
		few := limit
		few.Cur = uint64(room)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &few); err != nil {
			t.Fatal(err)
		}
		_, err := runBackup(t.Context(), w.env, BackupParams{To: filepath.Join(to, "b.tar.zst"), Parallel: 2, Spool: spool})
		restore()
		wantKind(t, err, fault.Usage, "file too large")
		wantEmpty(t, to)
		wantEmpty(t, spool)
		if t.Failed() {
			t.Fatalf("room for %d bytes", room)
		}
	}
}
