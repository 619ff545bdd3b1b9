package user

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"github.com/openimsdk/imctl/bindings/fault"
)

// identify makes the checkpoint's name out of what tells one import from another: the context, the file's path, size
// and beginning, and the options that change what a row means.
func (im *importer) identify(file io.Reader) (io.Reader, error) {
	if im.p.File == "-" || im.env.DryRun || im.env.StateDir == "" {
		return file, nil
	}
	const head = 64 << 10
	first := make([]byte, head)
	n, err := io.ReadFull(file, first)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, unreadable(err)
	}
	path, err := filepath.Abs(im.p.File)
	if err != nil {
		path = im.p.File
	}
	var size int64 = -1
	if f, ok := file.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := f.Stat(); err == nil {
			size = info.Size()
		}
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n%s\n%d\n%s %s %s %s %v\n", im.env.Target.Name, im.env.API.API(), path, size,
		im.p.OnConflict, im.p.Extra, im.p.AreaCode, im.p.Delimiter, im.p.IgnoreColumns)
	h.Write(first[:n])
	im.point = &checkpoint{
		path:   filepath.Join(im.env.StateDir, "imports", hex.EncodeToString(h.Sum(nil))[:20]),
		window: int64(8 * im.p.Concurrency * im.p.Batch),
		state:  pointState{File: path, Started: im.env.Now().UnixMilli()},
	}
	return io.MultiReader(bytes.NewReader(first[:n]), file), nil
}

// resume takes the checkpoint's lock and reads what an interrupted run left.
func (im *importer) resume() error {
	c := im.point
	if c == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(c.path), 0o700); err != nil {
		return cantKeep(err)
	}
	c.lock = flock.New(c.path + ".lock")
	if got, err := c.lock.TryLock(); err != nil {
		return cantKeep(err)
	} else if !got {
		im.point = nil
		return fault.New(fault.Denied, "another imctl is importing %s now", im.p.File).WithHint("nothing was sent; wait for it, or stop it")
	}
	data, err := os.ReadFile(c.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return cantKeep(err)
	}
	if err == nil && !im.p.Restart {
		if err := json.Unmarshal(data, &c.state); err != nil {
			return fault.New(fault.Internal, "the checkpoint %s can't be read: %w", c.path, err).WithHint("restart=true begins anew")
		}
		c.from, c.sent = c.state.Settled, c.state.Sent
		im.res.Resumed, im.res.Updated, im.res.Skipped = c.state.Created, c.state.Updated, c.state.Skipped
		im.env.Warning("continuing an interrupted import of %s after row %d", im.p.File, c.from)
	}
	if c.journal, err = os.OpenFile(c.path+".rejects", os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return cantKeep(err)
	}
	if err := c.journal.Truncate(c.state.Journal); err != nil {
		return cantKeep(err)
	}
	c.old = bufio.NewReader(io.NewSectionReader(c.journal, 0, c.state.Journal))
	if _, err := c.journal.Seek(c.state.Journal, io.SeekStart); err != nil {
		return cantKeep(err)
	}
	c.out = bufio.NewWriter(c.journal)
	return c.save()
}

// replay counts a row that the interrupted run settled; a rejected one goes into the rejects file again.
func (im *importer) replay(it *item) error {
	im.mu.Lock()
	defer im.mu.Unlock()
	im.res.Rows++
	c := im.point
	if c.ahead == nil {
		line, err := c.old.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		c.ahead = &journalEntry{}
		if err == nil {
			err = json.Unmarshal([]byte(strings.TrimSpace(line)), c.ahead)
		}
		if err != nil {
			return cantKeep(err)
		}
	}
	if c.ahead.Row != it.row {
		return nil
	}
	it.reject(c.ahead.Reason)
	c.ahead = nil
	return im.addReject(it)
}
