package data

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
)

// noLeaks holds that in the end, when all that the test opened is closed, no goroutine is left. It is the test's first call.
func noLeaks(t *testing.T) {
	t.Helper()
	others := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, others) })
}

// withObjects is a world's environment with an object store.
func (w *world) withObjects(t testing.TB, f *fakeS3, accessKey string) *bindings.Env {
	t.Helper()
	cfg := w.env.Stores.Config()
	cfg.Objects = f.config(accessKey)
	s := store.New(cfg)
	t.Cleanup(func() { _ = s.Close() })
	return testEnv(t, s)
}

const s3Name = "s3://openim/backups/b.tar.zst"

func TestObjectStore(t *testing.T) {
	noLeaks(t)
	w := newWorld(t)
	f := startFakeS3(t)
	env := w.withObjects(t, f, "key")
	r, err := runBackup(t.Context(), env, BackupParams{To: s3Name, Parallel: 2, Spool: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if keys, uploads := f.state(); !slices.Equal(keys, []string{"backups/b.tar.zst"}) || uploads != 0 || r.Size != int64(len(f.objects[keys[0]])) {
		t.Errorf("the bucket has %q and %d uploads; %+v", keys, uploads, r)
	}
	if v, err := runVerify(t.Context(), env, VerifyParams{From: s3Name, Deep: true}); err != nil || v.Documents != 38 {
		t.Errorf("verify: %+v, %v", v, err)
	}
	dir := filepath.Join(t.TempDir(), "dump")
	if x, err := runExtract(t.Context(), env, ExtractParams{From: s3Name, To: dir}); err != nil || x.Files != 2+2*6 {
		t.Errorf("extract: %+v, %v", x, err)
	}
	if err := w.db.Collection("user").Drop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := runRestore(t.Context(), env, RestoreParams{From: s3Name, Policy: replacePolicy}); err != nil {
		t.Fatal(err)
	}
	equalContents(t, contents(t, w.db), w.before, "seq", "friend_version")
}

func TestObjectStoreRefuses(t *testing.T) {
	noLeaks(t)
	w := newWorld(t)
	f := startFakeS3(t)
	for _, c := range []struct {
		accessKey, name string
		kind            fault.Kind
		part            string
	}{
		{"key", "s3://openim/none.tar.zst", fault.NotFound, "s3://openim/none.tar.zst"},
		{"key", "s3://elsewhere/b.tar.zst", fault.NotFound, "s3://elsewhere/b.tar.zst"},
		{"key", "s3://openim", fault.Usage, "names no object"},
		{"key", "s3:///b", fault.Usage, "names no object"},
		{"key", "s3://x/b", fault.Usage, "s3://x/b"},
		{"wrong", s3Name, fault.Auth, s3Name},
		{"nothing", s3Name, fault.Auth, s3Name},
	} {
		env := w.withObjects(t, f, c.accessKey)
		for what, err := range map[string]error{
			"verify":  second(runVerify(t.Context(), env, VerifyParams{From: c.name})),
			"extract": second(runExtract(t.Context(), env, ExtractParams{From: c.name, To: t.TempDir()})),
			"restore": second(runRestore(t.Context(), env, RestoreParams{From: c.name, Policy: replacePolicy})),
		} {
			if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.part) {
				t.Errorf("%s of %s as %s: %v, want one of kind %s with %q", what, c.name, c.accessKey, err, c.kind, c.part)
			}
		}
		if strings.HasSuffix(c.name, "none.tar.zst") { // as a target that is right
			continue
		}
		spool := t.TempDir()
		_, err := runBackup(t.Context(), env, BackupParams{To: c.name, Parallel: 2, Spool: spool})
		wantKind(t, err, c.kind, c.part)
		wantEmpty(t, spool)
	}
	noStore := testEnv(t, w.env.Stores)
	_, err := runBackup(t.Context(), noStore, BackupParams{To: s3Name, Parallel: 1})
	wantKind(t, err, fault.Unsupported, "does not say where the object store is")
	if keys, uploads := f.state(); len(keys) > 0 || uploads > 0 {
		t.Errorf("the bucket has %q and %d uploads", keys, uploads)
	}
	equalContents(t, contents(t, w.db), w.before)
}

func second[T any](_ T, err error) error { return err }

func wantEmpty(t testing.TB, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("in %s is left %v, %v", dir, left, err)
	}
}

// TestObjectUploadBreaksOff holds that an upload that fails at any of its requests leaves no object, nor parts of one.
func TestObjectUploadBreaksOff(t *testing.T) {
	noLeaks(t)
	w := newWorld(t)
	for _, c := range []struct {
		name  string
		kind  fault.Kind
		fails func(r *http.Request) bool
	}{
		{"begin", fault.Auth, func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Query().Has("uploads") }},
		{"part", fault.Auth, func(r *http.Request) bool { return r.Method == http.MethodPut }},
		{"complete", fault.Auth, func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Query().Has("uploadId") }},
		{"part canceled", fault.Canceled, func(r *http.Request) bool { return r.Method == http.MethodPut }},
		{"complete canceled", fault.Canceled, func(r *http.Request) bool {
			return r.Method == http.MethodPost && r.URL.Query().Has("uploadId")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := startFakeS3(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			f.answer(func(rw http.ResponseWriter, r *http.Request) bool {
				if !c.fails(r) {
					return false
				}
				if c.kind == fault.Canceled {
					cancel()
				}
				_, _ = io.Copy(io.Discard, r.Body)
				refuse(rw, http.StatusForbidden, "QuotaExceeded")
				return true
			})
			spool := t.TempDir()
			_, err := runBackup(ctx, w.withObjects(t, f, "key"), BackupParams{To: s3Name, Parallel: 2, Spool: spool})
			wantKind(t, err, c.kind, "")
			wantEmpty(t, spool)
			if keys, uploads := f.state(); len(keys) > 0 || uploads > 0 {
				t.Errorf("the bucket has %q and %d uploads", keys, uploads)
			}
		})
	}
	t.Run("MongoDB refuses", func(t *testing.T) { // after the upload was begun
		f := startFakeS3(t)
		env := w.withObjects(t, f, "key")
		_, err := runBackup(t.Context(), env, BackupParams{To: s3Name, Parallel: 2, Spool: t.TempDir(), Consistency: "snapshot"})
		wantKind(t, err, fault.Unsupported, "replica set")
		if keys, uploads := f.state(); len(keys) > 0 || uploads > 0 {
			t.Errorf("the bucket has %q and %d uploads", keys, uploads)
		}
	})
}

// TestUploadRefusedAtOnce holds that MongoDB is not read to its end for an object that nobody takes.
func TestUploadRefusedAtOnce(t *testing.T) {
	noLeaks(t)
	p, w := newWorld(t).through(t)
	done, late := make(chan struct{}), false
	p.stop(func(command, on string) *refusal {
		if command == "find" && on == "user" {
			select {
			case <-done:
			case <-time.After(time.Minute):
				late = true
			}
		}
		return nil
	})
	cfg := w.env.Stores.Config()
	cfg.Objects = startFakeS3(t).config("wrong")
	s := store.New(cfg)
	_, err := runBackup(t.Context(), testEnv(t, s), BackupParams{To: s3Name, Parallel: 2, Spool: t.TempDir(), Collections: []string{"user"}})
	close(done)
	wantKind(t, err, fault.Auth, s3Name)
	if err := s.Close(); err != nil || late {
		t.Errorf("all was read first: %t, %v", late, err)
	}
}

// TestObjectDownloadBreaksOff holds that a store that goes away while it is read is not taken for a broken archive.
func TestObjectDownloadBreaksOff(t *testing.T) {
	noLeaks(t)
	w := newWorld(t)
	data, err := os.ReadFile(w.file)
	if err != nil {
		t.Fatal(err)
	}
	f := startFakeS3(t)
	f.put("backups/b.tar.zst", string(data))
	env := w.withObjects(t, f, "key")
	reads, breaks := 0, 0
	f.answer(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "b.tar.zst") {
			return false
		}
		if reads++; reads != breaks {
			return false
		}
		hijacked, _, err := rw.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = io.WriteString(hijacked, "HTTP/1.1 200 OK\r\nETag: \"whole\"\r\nLast-Modified: Mon, 02 Jan 2006 15:04:05 GMT\r\nContent-Length: "+
				strconv.Itoa(len(data))+"\r\n\r\n"+string(data[:len(data)/2]))
			_ = hijacked.Close()
		}
		return true
	})
	breaks = 1
	_, err = runVerify(t.Context(), env, VerifyParams{From: s3Name})
	wantKind(t, err, fault.Unreachable, "the object store went away")
	// The second reading is that which loads.
	reads, breaks = 0, 2
	_, err = runRestore(t.Context(), env, RestoreParams{From: s3Name, Policy: replacePolicy})
	wantKind(t, err, fault.Unreachable, "the object store went away")
	now := contents(t, w.db)
	for name, was := range w.before {
		if now[name] != was {
			t.Errorf("%s holds %s, want %s", name, now[name], was)
		}
	}
	if _, err := runRestore(t.Context(), env, RestoreParams{From: s3Name, Policy: replacePolicy, Resume: true}); err != nil {
		t.Fatal(err)
	}
	equalContents(t, contents(t, w.db), w.before, "seq", "friend_version")
}

func TestMirrorObjects(t *testing.T) {
	noLeaks(t)
	w := newWorld(t)
	f := startFakeS3(t)
	for key, content := range map[string]string{"openim/data/hash/a": "aaa", "openim/data/hash/b": "", "other/ü 1%.png": "picture", "openim/temp/part": "x", "folder/": ""} {
		f.put(key, content)
	}
	env := w.withObjects(t, f, "key")
	dir := filepath.Join(t.TempDir(), "objects")
	backup := func() (*BackupResult, error) {
		return runBackup(t.Context(), env, BackupParams{To: w.file, Parallel: 2, Objects: dir})
	}
	for range 2 {
		if r, err := backup(); err != nil || r.Objects != 3 {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	for name, want := range map[string]string{"openim/data/hash/a": "aaa", "openim/data/hash/b": "", "other/ü 1%.png": "picture"} {
		if got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name))); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if f.fetched[name] != 1 {
			t.Errorf("%s was fetched %d times", name, f.fetched[name])
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "openim", "temp")); !os.IsNotExist(err) {
		t.Errorf("openim/temp is mirrored: %v", err)
	}
	// What came only in part is fetched again, and nothing stands under its name before it is whole.
	f.put("openim/data/hash/a", "aaaa")
	f.answer(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/hash/a") {
			refuse(rw, http.StatusForbidden, "AccessDenied")
			return true
		}
		return false
	})
	_, err := backup()
	wantKind(t, err, fault.Auth, "openim/data/hash/a")
	f.answer(nil)
	if got, _ := os.ReadFile(filepath.Join(dir, "openim", "data", "hash", "a")); string(got) != "aaa" {
		t.Errorf("a failed copy left %q", got)
	}
	if _, err := backup(); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "openim", "data", "hash", "a")); string(got) != "aaaa" {
		t.Errorf("it holds %q", got)
	}
	for key, kind := range map[string]fault.Kind{"../x": fault.Denied, "a/../../x": fault.Denied, "/etc/x": fault.Denied, "a/../b": fault.Unsupported, "a//b": fault.Unsupported} {
		f.put(key, "evil")
		_, err := backup()
		wantKind(t, err, kind, key)
		f.mu.Lock()
		delete(f.objects, key)
		f.mu.Unlock()
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(dir), "x")); !os.IsNotExist(err) {
		t.Errorf("an object climbed out: %v", err)
	}
}
