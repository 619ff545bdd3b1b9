package openim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"
)

const (
	lockPoll = 20 * time.Millisecond
	lockWait = time.Minute // then the lock counts as stuck and is not waited for
)

// tokenFile is the cache of one token on disk, shared by processes of the same user.
type tokenFile struct {
	path string
	key  tokenKey
}

// tokenKey says whose token it is; a file with another key is ignored.
type tokenKey struct {
	UserID string `json:"userID"`
	API    string `json:"api"`
}

type tokenRecord struct {
	Token string `json:"token"`
	tokenKey
	Expires time.Time `json:"expires,omitzero"`
}

// cachePath is the file for a context in dir. Any name of a context gives a plain file name, different names give
// different ones.
func cachePath(dir, kind, name, ext string) string {
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, name)
	if safe != name || safe == "" || len(safe) > 64 {
		sum := sha256.Sum256([]byte(name))
		safe = safe[:min(len(safe), 48)] + "-" + hex.EncodeToString(sum[:6])
	}
	return filepath.Join(dir, kind+"-"+safe+"."+ext)
}

// read returns the token on disk if it can be used and is not the refused one.
func (f *tokenFile) read(refused string, now time.Time) (token, bool) {
	data, ok := readPrivate(f.path)
	if !ok {
		return token{}, false
	}
	var rec tokenRecord
	if json.Unmarshal(data, &rec) != nil || rec.tokenKey != f.key || rec.Token == refused {
		return token{}, false
	}
	t := token{text: rec.Token, expires: rec.Expires, stored: true}
	return t, t.usable(now)
}

func (f *tokenFile) write(t token) error {
	return writePrivate(f.path, tokenRecord{Token: t.text, tokenKey: f.key, Expires: t.expires})
}

func (f *tokenFile) remove() { _ = os.Remove(f.path) } // what is not there needs no removing

// lock keeps other processes from logging in at the same time.
func (f *tokenFile) lock(ctx context.Context) (unlock func(), err error) {
	if err := privateDir(filepath.Dir(f.path)); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	path := f.path + ".lock"
	l := flock.New(path, flock.SetPermissions(0o600))
	if ok, err := l.TryLockContext(ctx, lockPoll); err != nil || !ok {
		return nil, errors.Join(fmt.Errorf("lock %s", path), err, l.Close())
	}
	_ = os.Chmod(path, 0o600) // a umask may have taken our own right to open it again
	return func() { _ = l.Close() }, nil
}

// readPrivate reads a file of the cache and takes away rights that others have to it.
func readPrivate(path string) ([]byte, bool) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > 64<<10 {
		return nil, false
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, false
	}
	if info.Mode().Perm()&0o077 != 0 {
		_ = os.Chmod(path, 0o600)
	}
	return data, true
}

// writePrivate replaces a file of the cache as a whole, 0600 under any umask.
func writePrivate(path string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := privateDir(filepath.Dir(path)); err != nil {
		return err
	}
	return renameio.WriteFile(path, append(data, '\n'), 0o600, renameio.WithStaticPermissions(0o600))
}

func privateDir(dir string) error {
	_, err := os.Stat(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.Chmod(dir, 0o700)
}
