package cli

import (
	"context"
	"crypto/rand"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/journal"
	"github.com/openimsdk/imctl/runtime/vm"
)

// runID is a part of every id that this run draws: the time, so that journals sort by their age, and 50 random bits.
type runID struct {
	text  string
	drawn atomic.Int64
}

func newRunID(now time.Time) *runID {
	return &runID{text: strconv.FormatInt(now.Unix(), 36) + strings.ToLower(rand.Text()[:10])}
}

// unique draws a part of an id: letters, digits and _, which account and group ids may have. No other run draws it, on
// this machine or another.
func (a *app) unique() (string, error) {
	if err := a.openTape(); err != nil {
		return "", err
	}
	return a.tape.draw("unique", func() (string, error) {
		return a.run.text + "_" + strconv.FormatInt(a.run.drawn.Add(1), 36), nil
	})
}

// journalFolder is where the journals of a context lie, below the folder of what is remembered of it.
func journalFolder(state string) string { return filepath.Join(state, "journal") }

// openJournal begins the journal of this run at the first thing that is made. What a sandbox holds that ends with this
// process needs no file.
func (s *session) openJournal(run string) (*journal.Journal, error) {
	s.journalMu.Lock()
	defer s.journalMu.Unlock()
	if j := s.journal.Load(); j != nil {
		return j, nil
	}
	host, _ := os.Hostname() // only shown
	head := journal.Head{
		Run: run, Context: s.target.Name, API: s.env.API.API(), Time: time.Now().UTC(), PID: os.Getpid(), Host: host,
	}
	j := journal.InMemory(head)
	if s.scratch == "" {
		var err error
		if j, err = journal.Create(journalFolder(s.env.StateDir), head); err != nil {
			return nil, err
		}
	}
	s.journal.Store(j)
	return j, nil
}

// takesBack gives a VM of these options a journal for what its tests make; made is what they made. They must open a fresh
// Env each time.
func (a *app) takesBack(opts *vm.Options, made *journal.Ledger) {
	opts.Host = maps.Clone(opts.Host)
	opts.Host["made_count"] = func([]any) (any, error) { return made.Count(), nil }
	opts.HostWaits = map[string]vm.WaitFunc{"take_back": a.takeBack(made)}
	open := opts.OpenEnv
	opts.OpenEnv = func() (*bindings.Env, error) {
		env, err := open()
		if err != nil {
			return nil, err
		}
		s := a.opened()
		env.Unique = a.unique
		env.Journal = made.Journal(env, func() (*journal.Journal, error) { return s.openJournal(a.run.text) },
			func(err error) { a.note("warning: the journal of what tests make: %v", err) })
		return env, nil
	}
}

// takeBack is what our Lua library calls at the end of a test or block: it takes back what the script made since a
// count, and answers the failures.
func (a *app) takeBack(made *journal.Ledger) vm.WaitFunc {
	return func(ctx context.Context, args []any) (any, error) {
		var since int64
		if err := value.Into(args[0], &since); err != nil {
			return nil, fault.New(fault.Internal, "take_back: %w", err)
		}
		failures, err := made.TakeBack(ctx, a.areas, since)
		list := value.List{}
		for _, f := range failures {
			list = append(list, value.NewObject("kind", string(f.Kind), "message", f.Error(), "hint", f.Hint))
		}
		return list, err
	}
}

// ended takes back what a script that has ended with err has not taken back itself, and returns the error to tell. When
// the script was ended from outside the rest has a time of its own.
func (a *app) ended(ctx context.Context, made *journal.Ledger, err error) error {
	made.Close()
	failures, late := made.TakeBack(ctx, a.areas, 0)
	if ctx.Err() != nil {
		grace, stop := context.WithTimeout(context.WithoutCancel(ctx), cleanupGrace)
		defer stop()
		var more []*fault.Error
		more, late = made.TakeBack(grace, a.areas, 0)
		failures = append(failures, more...)
	}
	if err == nil {
		err = late
	}
	for _, f := range failures {
		if err == nil {
			err = f
		} else {
			a.note("warning: not removed: %v", f)
		}
	}
	return err
}

// finishJournal does what the undos of the run left for its end.
func (a *app) finishJournal(ctx context.Context) {
	if a.session == nil || a.session.journal.Load() == nil {
		return
	}
	if ctx.Err() != nil {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(context.WithoutCancel(ctx), cleanupGrace)
		defer stop()
	}
	failed, err := journal.Taker{Areas: a.areas, Env: a.session.env}.Finish(ctx, a.session.journal.Load())
	for _, step := range failed {
		a.note("warning: not removed: %v", step.Err)
	}
	if err != nil {
		a.note("warning: what the tests made is not all removed: %v", err)
	}
}

// sayLeft says how much of what this run made is still on the server. A signal may ask at any time.
func (a *app) sayLeft() {
	if !a.opening.TryLock() { // nothing was made yet
		return
	}
	s := a.session
	a.opening.Unlock()
	if s != nil {
		a.sayLeftOf(s)
	}
}

func (a *app) sayLeftOf(s *session) {
	switch j := s.journal.Load(); {
	case j == nil || j.Left() == 0:
	case j.Left() == 1:
		a.note("1 thing that the tests made is left on the server; %s removes it", a.sweepLine())
	default:
		a.note("%d things that the tests made are left on the server; %s removes them", j.Left(), a.sweepLine())
	}
}

// sweepLine is the command that finishes the work of this run.
func (a *app) sweepLine() string {
	line := "imctl"
	for _, f := range []struct{ name, value string }{{"context", a.g.context}, {"server", a.g.server}, {"admin", a.g.admin}, {"secret-file", a.g.secretFile}} {
		if f.value != "" {
			line += " --" + f.name + " " + f.value
		}
	}
	return line + " test --sweep"
}
