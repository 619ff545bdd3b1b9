package journal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// begin makes the journal's file. Under its own name it appears locked and with its head.
func (j *Journal) begin(folder string) error {
	j.path = filepath.Join(folder, j.Head.Run+Suffix)
	fresh := filepath.Join(folder, "."+j.Head.Run+".new")
	var err error
	if j.file, err = os.OpenFile(fresh, os.O_APPEND|os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	err = j.lockFile(context.Background(), fresh)
	if err == nil {
		err = j.write(j.Head)
	}
	if err == nil {
		err = j.sync(j.size)
	}
	if err == nil {
		err = os.Rename(fresh, j.path)
	}
	if err == nil {
		err = syncFolder(folder)
	}
	if err != nil {
		_, _ = os.Remove(fresh), j.release() // the error to tell is the first
	}
	return err
}

// lockFile locks the file for as long as the journal is open. It waits for the lock until ctx ends.
func (j *Journal) lockFile(ctx context.Context, path string) error {
	j.lock = flock.New(path, flock.SetFlag(os.O_RDWR))
	_, err := j.lock.TryLockContext(ctx, 20*time.Millisecond)
	return err
}

func (j *Journal) end(remove bool) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil
	}
	j.closed = true
	if j.path == "" {
		return nil
	}
	var err error
	if remove && j.bad == 0 {
		err = os.Remove(j.path) // before the lock goes: nobody else sees it without
	}
	return errors.Join(err, j.release())
}

func (j *Journal) release() error {
	err := j.file.Close()
	if j.lock != nil {
		err = errors.Join(err, j.lock.Close())
	}
	return err
}

// write appends a line. A line that could not be written whole is taken off again.
func (j *Journal) write(line any) error {
	if j.file == nil {
		return nil
	}
	text, err := value.Marshal(line)
	if err != nil {
		return err
	}
	if openim.Mask(string(text)) != string(text) {
		return errors.New("it would hold a secret")
	}
	if j.torn {
		if err := j.file.Truncate(j.size); err != nil {
			return err
		}
		j.torn = false
	}
	if _, err := j.file.Write(append(text, '\n')); err != nil {
		if cut := j.file.Truncate(j.size); cut != nil {
			j.broken = errors.Join(err, cut)
		}
		return err
	}
	j.size += int64(len(text)) + 1
	return nil
}

// sync returns when the first size bytes of the file are on disk. One sync serves all that wait for one.
func (j *Journal) sync(size int64) error {
	if j.file == nil {
		return nil
	}
	j.syncing.Lock()
	defer j.syncing.Unlock()
	if j.synced >= size {
		return nil
	}
	j.mu.Lock()
	written := j.size
	j.mu.Unlock()
	if err := j.file.Sync(); err != nil {
		return err
	}
	j.synced = written
	return nil
}

// syncFolder puts a new name of the folder on disk.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
