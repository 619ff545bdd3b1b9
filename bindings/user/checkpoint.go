package user

import (
	"bufio"
	"bytes"
	"context"
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
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// checkpoint lets an interrupted import continue. Two files lie in the state folder: the state, which is replaced
// whole, and a journal of the rejected rows. A nil checkpoint is one that is off.
//
// The state holds the row up to which all is settled, and the row up to which batches may have been sent, which is
// written down before they are. Rows between the two are asked for at the server when the import continues.
type checkpoint struct {
	path    string
	lock    *flock.Flock
	journal *os.File
	window  int64

	from int64 // rows that the interrupted run settled
	sent int64 // the last row that it may have sent

	mu     sync.Mutex
	state  pointState
	out    *bufio.Writer
	old    *bufio.Reader // the journal of the interrupted run
	ahead  *journalEntry
	saved  time.Time
	closed bool
}

// pointState is the form of the state file.
type pointState struct {
	File    string `json:"file"`
	Started int64  `json:"started"` // Unix milliseconds of this machine's clock
	Settled int64  `json:"settled"`
	Sent    int64  `json:"sent"`
	Journal int64  `json:"journal"` // how much of the journal belongs to the settled rows
	Created int64  `json:"created"`
	Updated int64  `json:"updated"`
	Skipped int64  `json:"skipped"`
}

type journalEntry struct {
	Row    int64  `json:"row"`
	Reason string `json:"reason"`
}

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
		warn(im.env, "continuing an interrupted import of %s after row %d", im.p.File, c.from)
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

func cantKeep(err error) error {
	return fault.New(fault.Internal, "the checkpoint of the import can't be kept: %w", err)
}

// on tells whether the import can be continued when it is interrupted.
func (c *checkpoint) on() bool { return c != nil }

// done is the row up to which an interrupted run settled everything.
func (c *checkpoint) done() int64 {
	if c == nil {
		return 0
	}
	return c.from
}

// sentBefore tells whether an interrupted run may have sent the row.
func (c *checkpoint) sentBefore(row int64) bool { return c != nil && row <= c.sent }

// intend writes down, well ahead, that rows up to last will be sent.
func (c *checkpoint) intend(last int64) error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return fault.New(fault.Canceled, "the import has ended")
	}
	if last <= c.state.Sent {
		return nil
	}
	c.state.Sent = last + c.window
	return c.save()
}

// settled notes that all rows up to last are decided. The state is written once a second: what is done again after a
// crash is found out at the server.
func (c *checkpoint) settled(last int64, res *ImportResult) error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.Settled = last
	c.state.Created, c.state.Updated, c.state.Skipped = res.Created+res.Resumed, res.Updated, res.Skipped
	if time.Since(c.saved) < time.Second {
		return nil
	}
	return c.save()
}

// note puts a rejected row into the journal.
func (c *checkpoint) note(it *item) error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	line, err := value.Marshal(journalEntry{it.row, it.reason})
	if err == nil {
		_, err = c.out.Write(append(line, '\n'))
	}
	if err != nil {
		return cantKeep(err)
	}
	c.state.Journal += int64(len(line)) + 1
	return nil
}

// save writes the state; the caller holds the lock. Rows of the journal that are noted and not settled yet are written
// again when the import continues.
func (c *checkpoint) save() error {
	err := c.out.Flush()
	if err == nil {
		var data []byte
		if data, err = json.Marshal(c.state); err == nil {
			err = renameio.WriteFile(c.path, data, 0o600)
		}
	}
	if err != nil {
		return cantKeep(err)
	}
	c.saved = time.Now()
	return nil
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

// since is when the interrupted run began, by the server's clock, which stamps the accounts.
func (c *checkpoint) since(ctx context.Context, env *bindings.Env) (int64, error) {
	const slack = 2000 // milliseconds: the request that asks for the time takes a while too
	now, err := openim.Do[struct{ ServerTime int64 }](ctx, env.API, "/msg/get_server_time", value.NewObject())
	if err != nil {
		return 0, err
	}
	return c.state.Started + now.ServerTime - env.Now().UnixMilli() - slack, nil
}

// close keeps the state for another run.
func (c *checkpoint) close() {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed && c.out != nil {
		_ = c.save() // the state before is good too
	}
	c.shut()
}

// remove ends the checkpoint of a finished import.
func (c *checkpoint) remove() error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	err := errors.Join(os.Remove(c.path), os.Remove(c.path+".rejects"), os.Remove(c.path+".lock"))
	c.shut()
	return err
}

func (c *checkpoint) shut() {
	if c.closed {
		return
	}
	c.closed = true
	if c.journal != nil {
		_ = c.journal.Close()
	}
	if c.lock != nil {
		_ = c.lock.Unlock()
	}
}
