package data

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// fullFile is a file on a disk that has room for some bytes more.
type fullFile struct {
	bindings.File
	room int64
}

func (f *fullFile) Write(p []byte) (int, error) {
	if int64(len(p)) <= f.room {
		f.room -= int64(len(p))
		return f.File.Write(p)
	}
	n, err := f.File.Write(p[:f.room])
	f.room = 0
	return n, errors.Join(err, syscall.ENOSPC)
}

// canceledFile is a file whose user loses patience after some bytes.
type canceledFile struct {
	bindings.File
	patience int64
	cancel   func()
	written  int64
}

func (f *canceledFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	if f.written += int64(n); f.written > f.patience {
		f.cancel()
	}
	return n, err
}

// uncommitted is a file that can't be given its name.
type uncommitted struct{ bindings.File }

func (uncommitted) Commit() error { return syscall.ENOSPC }

func bulky(t testing.TB, w *world) (size int64) {
	t.Helper()
	rnd := rand.NewChaCha8([32]byte{7})
	for i := range 12 {
		noise := make([]byte, 64<<10)
		_, _ = rnd.Read(noise) // never fails
		put(t, w.db, "blob", bson.D{{Key: "n", Value: i}, {Key: "noise", Value: noise}})
	}
	r, err := runBackup(t.Context(), w.env, BackupParams{To: w.file, Parallel: 2})
	if err != nil {
		t.Fatal(err)
	}
	return r.Size
}

// rooms are seeded numbers of bytes below that of a file. Two backups differ in their times, so the last is somewhat below.
func rooms(t testing.TB, size int64) []int64 {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d, %d bytes", seed, size)
	rnd := rand.New(rand.NewPCG(seed, 1))
	out := []int64{0, 1, size - 500}
	for range 10 {
		out = append(out, rnd.Int64N(size-500))
	}
	return out
}

// TestDiskIsFull fills the disk of the file after each of many numbers of bytes, and cancels the backup there.
func TestDiskIsFull(t *testing.T) {
	noLeaks(t)
	w := newWorld(t)
	for _, room := range rooms(t, bulky(t, w)) {
		env := *w.env
		env.Create = func(name string) (bindings.File, error) {
			f, err := w.env.Create(name)
			return &fullFile{f, room}, err
		}
		dir := t.TempDir()
		_, err := runBackup(t.Context(), &env, BackupParams{To: filepath.Join(dir, "b.tar.zst"), Parallel: 2})
		wantKind(t, err, fault.Usage, "no space left on device")
		wantEmpty(t, dir)
		ctx, cancel := context.WithCancel(t.Context())
		var file *canceledFile
		env.Create = func(name string) (bindings.File, error) {
			f, err := w.env.Create(name)
			file = &canceledFile{File: f, patience: room, cancel: cancel}
			return file, err
		}
		_, err = runBackup(ctx, &env, BackupParams{To: filepath.Join(dir, "b.tar.zst"), Parallel: 2})
		cancel()
		wantKind(t, err, fault.Canceled, "canceled")
		wantEmpty(t, dir)
		if more := file.written - room; more > 64<<10 {
			t.Errorf("canceled after %d bytes it wrote %d more", room, more)
		}
		if t.Failed() {
			t.Fatalf("room for %d bytes", room)
		}
	}
	env := *w.env
	env.Create = func(name string) (bindings.File, error) {
		f, err := w.env.Create(name)
		return uncommitted{f}, err
	}
	dir := t.TempDir()
	_, err := runBackup(t.Context(), &env, BackupParams{To: filepath.Join(dir, "b.tar.zst"), Parallel: 2})
	wantKind(t, err, fault.Usage, "no space left on device")
	wantEmpty(t, dir)
}

// TestExtractOntoAFullDisk holds that the error says so, and that no file is there that is not whole.
func TestExtractOntoAFullDisk(t *testing.T) {
	noLeaks(t)
	w := newWorld(t)
	bulky(t, w)
	whole := filepath.Join(t.TempDir(), "whole")
	if _, err := runExtract(t.Context(), w.env, ExtractParams{From: w.file, To: whole}); err != nil {
		t.Fatal(err)
	}
	for _, room := range []int64{0, 1, 100, 1000, 100_000} {
		env := *w.env
		env.Create = func(name string) (bindings.File, error) {
			f, err := w.env.Create(name)
			return &fullFile{f, room}, err
		}
		dir := filepath.Join(t.TempDir(), "dump")
		_, err := runExtract(t.Context(), &env, ExtractParams{From: w.file, To: dir})
		wantKind(t, err, fault.Usage, "no space left on device")
		err = fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			got, err := os.ReadFile(filepath.Join(dir, name))
			want, _ := os.ReadFile(filepath.Join(whole, name))
			if string(got) != string(want) {
				return errors.Join(err, fmt.Errorf("%s has %d bytes, want %d", name, len(got), len(want)))
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("room for %d bytes: %v", room, err)
		}
	}
}
