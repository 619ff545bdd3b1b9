// Package journal is what the tests of a run made and have not taken back yet. It is written to a file before it is
// asked for, so that another run can take it back when this one was killed: one file a run, in JSON lines, locked as
// long as the run lives, and removed when nothing is left.
package journal

import (
	"os"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// Suffix ends the names of journals.
const Suffix = ".jsonl"

// Head is the first line of a journal: whose it is.
type Head struct {
	Version int       `json:"imctlJournal"` // of the format, 1
	Run     string    `json:"run"`          // a part of every id that the run drew
	Context string    `json:"context"`
	API     string    `json:"api"` // the server's address
	Time    time.Time `json:"time"`
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
}

// Intent is something that was to be made, and what takes it back.
type Intent struct {
	ID    int64              `json:"id"`
	Time  time.Time          `json:"time"`
	Op    string             `json:"op"`
	Undo  []bindings.Planned `json:"undo"`
	State State              `json:"-"`

	done map[int]bool // the steps of the undo that were done, by their place
}

// State is what became of an intent.
type State string

// The states of an intent.
const (
	Asked   State = ""        // nobody knows whether it was made
	Made    State = "made"    // the server said so
	Refused State = "refused" // it was not made
	Undone  State = "undone"  // it was taken back, or was gone already
)

// todo are the places of the steps of its undo that come next: those that are done later wait for the others.
func (in *Intent) todo() []int {
	var next, later []int
	for i, s := range in.Undo {
		switch {
		case in.done[i]:
		case s.Later:
			later = append(later, i)
		default:
			next = append(next, i)
		}
	}
	if len(next) == 0 {
		return later
	}
	return next
}

// Waits tells whether only what is done later is left.
func (in *Intent) Waits() bool {
	todo := in.todo()
	return len(todo) > 0 && in.Undo[todo[0]].Later
}

// mark is the line that says what became of an intent, or that a step of its undo was done.
type mark struct {
	ID    int64 `json:"id"`
	State State `json:"state,omitempty"`
	Done  int   `json:"done,omitempty"` // the place of the step, from 1
}

// Journal is a journal that is written. It is safe for parallel use.
type Journal struct {
	Head Head
	path string // "" when it is kept in memory alone

	mu     sync.Mutex
	file   *os.File
	lock   *flock.Flock
	size   int64     // of the whole lines in the file
	torn   bool      // there is something behind them
	bad    int       // lines that could not be read
	broken error     // why nothing can be added any more
	last   int64     // the newest intent
	waits  time.Time // since when the newest one waits
	open   map[int64]*Intent
	closed bool

	syncing sync.Mutex
	synced  int64 // how much of the file is on disk
}

// InMemory is a journal without a file: for a server that ends with the process.
func InMemory(head Head) *Journal { return &Journal{Head: head, open: map[int64]*Intent{}} }

// Create begins the journal of a run in a folder, which it makes.
func Create(folder string, head Head) (*Journal, error) {
	head.Version = 1
	j := InMemory(head)
	err := os.MkdirAll(folder, 0o700)
	if err == nil {
		err = j.begin(folder)
	}
	if err != nil {
		return nil, cantWrite(err)
	}
	return j, nil
}

func cantWrite(err error) *fault.Error {
	return fault.New(fault.Denied, "the journal of what tests make can't be written: %w", err).
		WithHint("nothing was made: what is not in the journal could not be removed after a crash")
}

// Intend writes down what is about to be made, on disk when it returns.
func (j *Journal) Intend(op string, undo []bindings.Planned) (*Intent, error) {
	j.mu.Lock()
	in := &Intent{ID: j.last + 1, Time: time.Now().UTC(), Op: op, Undo: undo}
	err := j.broken
	if err == nil {
		err = j.write(in)
	}
	if err != nil {
		j.mu.Unlock()
		return nil, cantWrite(err)
	}
	j.last = in.ID
	j.open[in.ID] = in
	size := j.size
	j.mu.Unlock()
	if err := j.sync(size); err != nil {
		_ = j.Settle(in, Refused) // the error to tell is the first
		return nil, cantWrite(err)
	}
	return in, nil
}

// Settle writes down what became of an intent. It need not reach the disk at once: what is lost in a crash of the
// machine is found out again.
func (j *Journal) Settle(in *Intent, state State) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed || in.State == Refused || in.State == Undone { // it comes too late
		return nil
	}
	in.State = state
	if state == Refused || state == Undone {
		delete(j.open, in.ID)
	}
	return j.write(mark{ID: in.ID, State: state})
}

// did writes down that a step of an undo was done; with the last one the intent is undone.
func (j *Journal) did(in *Intent, step int) error {
	j.mu.Lock()
	if in.done == nil {
		in.done = map[int]bool{}
	}
	in.done[step] = true
	if in.Waits() {
		j.waits = time.Now()
	}
	last := len(in.todo()) == 0
	var err error
	if !last {
		err = j.write(mark{ID: in.ID, Done: step + 1})
	}
	j.mu.Unlock()
	if last {
		return j.Settle(in, Undone)
	}
	return err
}

// isTakenBack tells whether nothing of an intent is left to take back but what is done later.
func (j *Journal) isTakenBack(in *Intent) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(in.todo()) == 0 || in.Waits()
}

// Left counts what was made, or may have been, and was not taken back; a journal in memory leaves nothing behind.
func (j *Journal) Left() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.path == "" {
		return 0
	}
	n := 0
	for _, in := range j.open {
		n += len(in.todo())
	}
	return n
}

// Closed tells whether nothing more is written.
func (j *Journal) Closed() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.closed
}

// Path is the journal's file.
func (j *Journal) Path() string { return j.path }

// Close ends the journal, and removes its file when nothing is left.
func (j *Journal) Close() error { return j.end(j.Left() == 0) }

// Leave ends the journal and leaves its file as it is.
func (j *Journal) Leave() error { return j.end(false) }
