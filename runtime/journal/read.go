package journal

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// ErrLives is the error of opening the journal of a run that goes on.
var ErrLives = errors.New("its run goes on")

// dying is how long a run that was killed may still hold its lock.
const dying = 500 * time.Millisecond

// Contents is what a journal's file holds.
type Contents struct {
	Head    Head
	Intents []*Intent // those that are neither refused nor undone, in their order
	Bad     int       // lines that can't be read, the torn end left out
	last    int64
	size    int64 // of the whole lines
}

// line is any line of a journal.
type line struct {
	Version int    `json:"imctlJournal"`
	Run     string `json:"run"`
	Context string `json:"context"`
	API     string `json:"api"`
	PID     int    `json:"pid"`
	Host    string `json:"host"`

	ID    int64              `json:"id"`
	Time  string             `json:"time"`
	Op    string             `json:"op"`
	Undo  []bindings.Planned `json:"undo"`
	State State              `json:"state"`
	Done  int                `json:"done"`
}

// Read reads a journal. A last line without its end was being written when the run was killed, before anything was
// asked for: it counts for nothing.
func Read(r io.Reader) (Contents, error) {
	var c Contents
	open := map[int64]*Intent{}
	lines := bufio.NewReader(r)
	for first := true; ; first = false {
		text, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return c, err
		}
		c.size += int64(len(text))
		l, err := parse(text)
		switch {
		case first && (err != nil || l.Version != 1 || l.Run == ""):
			return c, fault.New(fault.Usage, "no journal that this version of imctl reads")
		case first:
			c.Head = Head{Version: 1, Run: l.Run, Context: l.Context, API: l.API, Time: moment(l.Time), PID: l.PID, Host: l.Host}
		case err != nil || l.ID <= 0:
			c.Bad++
		case l.State == Refused, l.State == Undone:
			delete(open, l.ID)
		case len(l.Undo) > 0:
			open[l.ID] = &Intent{ID: l.ID, Time: moment(l.Time), Op: l.Op, Undo: l.Undo, done: map[int]bool{}}
			c.last = max(c.last, l.ID)
		case open[l.ID] == nil:
		case l.State == Made:
			open[l.ID].State = Made
		case l.Done > 0:
			open[l.ID].done[l.Done-1] = true
		}
	}
	if c.Head.Run == "" {
		return c, fault.New(fault.Usage, "no journal: it has no first line")
	}
	for _, in := range open {
		if len(in.todo()) > 0 {
			c.Intents = append(c.Intents, in)
		}
	}
	slices.SortFunc(c.Intents, func(a, b *Intent) int { return cmp.Compare(a.ID, b.ID) })
	return c, nil
}

func parse(text []byte) (line, error) {
	var l line
	plain, err := value.Parse(text)
	if err == nil {
		err = value.Into(plain, &l)
	}
	return l, err
}

// moment is a time, the zero time when it can't be read.
func moment(text string) time.Time {
	t, _ := time.Parse(time.RFC3339Nano, text)
	return t
}

// List returns the paths of the journals in a folder, the oldest run first. A missing folder holds none.
func List(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, e := range entries { // in the order of their names, which begin with the time
		if strings.HasSuffix(e.Name(), Suffix) && !strings.HasPrefix(e.Name(), ".") {
			paths = append(paths, filepath.Join(folder, e.Name()))
		}
	}
	return paths, nil
}

// Open locks a journal that a run left behind and reads it, to take back what is left; the caller closes it. The error
// is ErrLives when the run goes on, and os.ErrNotExist when somebody else has finished it.
func Open(path string) (*Journal, Contents, error) {
	j := InMemory(Head{})
	j.path = path
	ctx, cancel := context.WithTimeout(context.Background(), dying)
	defer cancel()
	if err := j.lockFile(ctx, path); err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = ErrLives
		}
		return nil, Contents{}, err
	}
	c, err := j.load()
	if err != nil {
		_ = j.lock.Close() // nothing was written
		return nil, c, err
	}
	return j, c, nil
}

func (j *Journal) load() (Contents, error) {
	f, err := os.OpenFile(j.path, os.O_APPEND|os.O_RDWR, 0)
	if err != nil {
		return Contents{}, err
	}
	c, err := Read(f)
	if err == nil {
		err = gone(f, j.path)
	}
	var torn bool
	if info, serr := f.Stat(); err == nil {
		if err = serr; err == nil {
			torn, j.waits = info.Size() > c.size, info.ModTime()
		}
	}
	if err != nil {
		return c, errors.Join(err, f.Close())
	}
	j.Head, j.file, j.size, j.torn, j.last, j.bad = c.Head, f, c.size, torn, c.last, c.Bad
	for _, in := range c.Intents {
		j.open[in.ID] = in
	}
	return c, nil
}

// gone is os.ErrNotExist when the file that was locked is not the one of that name any more.
func gone(f *os.File, path string) error {
	mine, err := f.Stat()
	if err != nil {
		return err
	}
	there, err := os.Stat(path)
	if err == nil && !os.SameFile(mine, there) {
		err = os.ErrNotExist
	}
	return err
}
