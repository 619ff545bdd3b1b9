package bindings

import (
	"context"
	"io"
	"time"

	"github.com/rs/zerolog"

	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/store"
	"github.com/openimsdk/imctl/bindings/value"
)

// Env is all that an operation may touch. It is made by runtime for one target and shared by all calls of a run.
type Env struct {
	API      *openim.Client
	Stores   *store.Stores  // MongoDB, Redis, Kafka, the object store
	Gateway  openim.Setting // address of the WebSocket gateway, ws://host:10001
	Target   Target
	Log      zerolog.Logger
	Now      func() time.Time
	Rand     io.Reader // for names and ids that must not collide
	Version  string    // of imctl, for what it writes down
	StateDir string    // what imctl itself remembers of this context: ban list, checkpoints
	Held     *Held     // what operations keep open between the calls of a script; nil for a single command
	DryRun   bool      // reads are real, writes are only listed
	Planning bool      // with DryRun: every write is listed with all that is needed to do it later

	Stdin   io.Reader
	Open    func(name string) (io.ReadCloser, error)       // read a file, within the profile; "-" is standard input
	Create  func(name string) (File, error)                // write a file whole or not at all, within the profile
	Folder  func(name string) error                        // make a folder with those above it, within the profile
	Warn    func(format string, args ...any)               // a line for the user that is no result
	Track   func(label string) Progress                    // progress of a long operation
	Ask     func(context.Context, Question) (bool, error)  // nil: the caller's run is consent
	Plan    func(Planned) error                            // told each write that a dry run left out
	Audit   func(Record) error                             // told each write before its result is known to the caller
	Observe func(op string, took time.Duration, err error) // told how each call went; may run in parallel
	Source  func() string                                  // script and line of the call that runs now, for Audit

	// Other gives another context, to read from only. It ends with this one.
	Other func(ctx context.Context, name string) (*Env, error)

	// Journal is told what takes back what an operation is about to make; its error keeps the call from being made. What
	// it returns is told whether something was made, and is not called when nobody knows. nil where nothing is taken back.
	Journal func(op string, undo []Planned) (settle func(made bool), err error)
	Unique  func() (string, error) // a part of an id that no other run has, and by which the journal knows its own; with Journal
}

// Target is what operations and guards know about the deployment they act on.
type Target struct {
	Name       string // the context
	Admin      string // the userID that imctl runs as; bulk selections leave it out
	Protected  bool   // writes need the context named on this very command line
	Named      bool   // it was
	ReadOnly   bool   // writes are refused
	ReadOnlyBy string // what says so, when it is neither the context nor --read-only
	MaxObjects int    // the most objects one call may touch; 0 is no limit
}

// File is a file that is being written: it appears under its name when it is committed, whole, or not at all.
type File interface {
	io.Writer
	Commit() error
	Discard() // does nothing after Commit
}

// Progress shows how far a long operation is.
type Progress interface {
	Set(done, total int64) // total 0: unknown
	Finish(msg string)
}

// Question is what a user is asked before an operation that destroys or that touches many.
type Question struct {
	Op      string
	Context string
	Preview Preview
}

// Planned is a write that is not done yet: a dry run left it out, or it takes something back later.
type Planned struct {
	Op     string `json:"op" column:"1" key:"true"`
	Params any    `json:"params" column:"2"`
	Count  int    `json:"count,omitempty" column:"3"`
	Before string `json:"before,omitempty"` // fingerprint of what it would change
	Later  bool   `json:"later,omitempty"`  // of an undo: at the end of the run, when the server has stored what it answered for
}

// ParamsText is the parameters as JSON.
func (p Planned) ParamsText() (string, error) {
	text, err := value.Marshal(p.Params)
	return string(text), err
}

// Record is a line of the audit file.
type Record struct {
	Time        time.Time `json:"time"`
	Context     string    `json:"context"`
	Source      string    `json:"source,omitempty"` // script and line
	Op          string    `json:"op"`
	Effect      string    `json:"effect"`
	Params      any       `json:"params"` // secrets masked
	OperationID string    `json:"operationID,omitempty"`
	Outcome     string    `json:"outcome"` // "done", or the error's text
}

// Wait sleeps for d, or until the context ends, whose cause it returns.
func Wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
