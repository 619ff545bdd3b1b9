package user

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
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
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(c.path), "."+filepath.Base(c.path)+"*")) // of a run that was killed while it saved
	for _, name := range left {
		_ = os.Remove(name)
	}
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
