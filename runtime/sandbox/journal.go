package sandbox

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/gofrs/flock"
)

// journal is the file below the folder of --data from which a start brings everything
// back: each request that may have changed something, in the order in which they had the
// state. Each is written before it is carried out, and so before it is answered.
//
// It is written and not synced: that outlives the process however it ends, but not the
// machine. It only grows; a start costs as much as all requests in it did.
//
// Its lines are a checksum in hex, a space, and JSON. The first one is the header. A last
// line without its end was being written when the process ended; nobody has seen an
// answer to it, and it goes.
type journal struct {
	path   string
	file   *os.File
	lock   *flock.Flock
	header journalHeader
	count  uint64        // entries written or replayed
	failed error         // no entry may follow one that was written in part
	in     *bufio.Reader // until all is replayed
	end    int64         // of the lines read or written
}

// journalVersion is of the form of the file; one of another version is refused.
const journalVersion = 1

// One that was killed a moment ago may hold its lock until it is gone.
const (
	lockWait  = 2 * time.Second
	lockRetry = 50 * time.Millisecond
)

// journalHeader is what the state depends on beside the requests.
type journalHeader struct {
	Version    int    `json:"imctl-sandbox"`
	Generation string `json:"generation"`
	Admin      string `json:"admin"`
	Seed       uint64 `json:"seed"`
	Time       int64  `json:"time"` // when it began, in ns
}

// folderError is that of a data folder that can't be used.
type folderError struct{ error }

func (e folderError) Unwrap() error { return e.error }

// openJournal opens the journal of a folder and reads its header; it makes both where
// there are none. Nobody else has it until it is closed or the process ends.
func openJournal(ctx context.Context, cfg Config) (*journal, error) {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder can't be made: %w", err)
	}
	j := &journal{path: filepath.Join(cfg.Data, "journal"), lock: flock.New(filepath.Join(cfg.Data, "lock"), flock.SetPermissions(0o600))}
	wait, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	if locked, err := j.lock.TryLockContext(wait, lockRetry); err != nil && wait.Err() == nil {
		return nil, fmt.Errorf("the data folder can't be locked: %w", err)
	} else if !locked && ctx.Err() != nil {
		return nil, ctx.Err()
	} else if !locked {
		return nil, fmt.Errorf("the data folder %s is in use by another sandbox", cfg.Data)
	}
	if err := j.open(cfg); err != nil {
		_ = j.close()
		return nil, err
	}
	return j, nil
}

func (j *journal) open(cfg Config) (err error) {
	if j.file, err = os.OpenFile(j.path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return fmt.Errorf("the journal can't be opened: %w", err)
	}
	j.in = bufio.NewReaderSize(j.file, 1<<20)
	switch err := j.next(&j.header); {
	case err == io.EOF:
		return j.begin(journalHeader{Generation: cfg.Generation, Admin: cfg.AdminUserID, Seed: cfg.Seed, Time: time.Now().UnixNano()})
	case err != nil:
		return err
	}
	return j.header.fits(cfg)
}

func (j *journal) close() error {
	var err error
	if j.file != nil {
		if err = j.file.Close(); errors.Is(err, os.ErrClosed) { // closing twice is fine
			err = nil
		}
	}
	return errors.Join(err, j.lock.Unlock())
}

// next reads the next line; io.EOF is the end, before a line that was not written whole.
func (j *journal) next(into any) error {
	line, err := j.in.ReadBytes('\n')
	if err == io.EOF {
		return err
	}
	if err != nil {
		return fmt.Errorf("the journal %s can't be read: %w", j.path, err)
	}
	text, err := checked(line)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return j.damaged(err)
	}
	j.end += int64(len(line))
	return nil
}

// damaged is the error of the line that begins at the end of what was read.
func (j *journal) damaged(err error) error {
	return fmt.Errorf("the journal %s is damaged at byte %d: %w; cut it there to keep what is before, or name another folder", j.path, j.end, err)
}

// replay hands over the entries in order, and leaves the file ready for the next one.
func (j *journal) replay(ctx context.Context, do func(*entry) error) error {
	for ctx.Err() == nil {
		var r entry
		start := j.end
		err := j.next(&r)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		j.count++
		if err := do(&r); err != nil {
			j.end = start
			return j.damaged(err)
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	j.in = nil
	if err := j.file.Truncate(j.end); err != nil {
		return j.fail(err)
	}
	if _, err := j.file.Seek(j.end, io.SeekStart); err != nil {
		return j.fail(err)
	}
	return nil
}

// begin empties the journal and writes its header.
func (j *journal) begin(h journalHeader) error {
	h.Version = journalVersion
	j.header, j.count, j.end = h, 0, 0
	if _, err := j.file.Seek(0, io.SeekStart); err != nil {
		return j.fail(err)
	}
	if err := j.file.Truncate(0); err != nil {
		return j.fail(err)
	}
	return j.write(h)
}

// append writes an entry.
func (j *journal) append(r *entry) error {
	if j.failed != nil {
		return j.failed
	}
	if err := j.write(r); err != nil {
		return err
	}
	j.count++
	return nil
}

func (j *journal) write(v any) error {
	line, err := journalLine(v)
	if err != nil {
		return fmt.Errorf("the journal: %w", err)
	}
	if _, err := j.file.Write(line); err != nil {
		return j.fail(err)
	}
	j.end += int64(len(line))
	return nil
}

func journalLine(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	line := make([]byte, 0, len(text)+10)
	line = fmt.Appendf(line, "%08x ", crc32.ChecksumIEEE(text))
	return append(append(line, text...), '\n'), nil
}

func (j *journal) fail(err error) error {
	j.failed = fmt.Errorf("the journal can't be written, so that nothing can be changed any more: %w", err)
	return j.failed
}

// checked is the JSON of a line.
func checked(line []byte) ([]byte, error) {
	sum, text, ok := bytes.Cut(line[:len(line)-1], []byte(" "))
	want, err := strconv.ParseUint(string(sum), 16, 32)
	switch {
	case !ok || err != nil:
		return nil, errors.New("the line has no checksum")
	case crc32.ChecksumIEEE(text) != uint32(want):
		return nil, errors.New("the line doesn't fit its checksum")
	}
	return text, nil
}

// fits tells whether a sandbox so configured can go on with the journal.
func (h journalHeader) fits(cfg Config) error {
	switch {
	case h.Version != journalVersion:
		return fmt.Errorf("the data folder %s is of another version of imctl-sandbox; name another folder", cfg.Data)
	case h.Generation != cfg.Generation:
		return fmt.Errorf("the data folder %s is of a sandbox of the generation %s; start with that, or name another folder", cfg.Data, h.Generation)
	case h.Admin != cfg.AdminUserID:
		return fmt.Errorf("the data folder %s is of a sandbox whose admin is %s; name another folder", cfg.Data, h.Admin)
	}
	return nil
}
