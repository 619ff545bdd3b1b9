package journal

import (
	"context"
	"sync"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// Ledger is what one script made, in its order: a part of the journal of the run, in which several scripts may write.
type Ledger struct {
	mu     sync.Mutex
	made   []*entry
	count  int64 // of all that was ever put in
	closed bool
}

type entry struct {
	n       int64
	env     *bindings.Env // of the deployment that it was made on
	journal *Journal
	intent  *Intent // nil while it is being written
	told    bool    // that it can't be taken back
}

// Journal is what bindings.Env.Journal wants: it writes to the journal that open gives, and remembers what it wrote.
// warn is told when the journal can't be kept up to date.
func (l *Ledger) Journal(env *bindings.Env, open func() (*Journal, error), warn func(error)) func(string, []bindings.Planned) (func(bool), error) {
	return func(op string, undo []bindings.Planned) (func(made bool), error) {
		j, err := open()
		if err != nil {
			return nil, err
		}
		e, err := l.enter(env, j)
		if err != nil {
			return nil, err
		}
		in, err := j.Intend(op, undo)
		if err != nil {
			l.drop(e)
			return nil, err
		}
		l.mu.Lock()
		e.intent = in
		l.mu.Unlock()
		return func(made bool) {
			if err := l.settle(e, made); err != nil {
				warn(err)
			}
		}, nil
	}
}

// enter makes room for an intent, which is still to be written.
func (l *Ledger) enter(env *bindings.Env, j *Journal) (*entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, fault.New(fault.Canceled, "the script has ended")
	}
	l.count++
	e := &entry{n: l.count, env: env, journal: j}
	l.made = append(l.made, e)
	return e, nil
}

func (l *Ledger) settle(e *entry, made bool) error {
	if made {
		return e.journal.Settle(e.intent, Made)
	}
	l.drop(e)
	return e.journal.Settle(e.intent, Refused)
}

func (l *Ledger) drop(e *entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, other := range l.made {
		if other == e {
			l.made = append(l.made[:i], l.made[i+1:]...)
			return
		}
	}
}

// Count tells how much was put in so far: a mark for TakeBack.
func (l *Ledger) Count() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

// Close lets nothing more in: the script has ended, or was abandoned.
func (l *Ledger) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
}

// TakeBack takes back what was made since a mark, the last thing first, and returns what could not be, each once. It
// ends when ctx does; what is left then can be taken back later.
func (l *Ledger) TakeBack(ctx context.Context, areas []bindings.Area, since int64) ([]*fault.Error, error) {
	var failures []*fault.Error
	for {
		e := l.newest(since)
		if e == nil {
			return failures, nil
		}
		if ctx.Err() != nil {
			return failures, context.Cause(ctx)
		}
		steps, err := Taker{Areas: areas, Env: e.env}.TakeBack(ctx, e.journal, e.intent)
		if ctx.Err() != nil && !e.journal.isTakenBack(e.intent) {
			return failures, context.Cause(ctx)
		}
		for _, s := range steps {
			if s.Err != nil {
				failures = append(failures, s.Err)
				e.told = true
			}
		}
		if err != nil {
			failures = append(failures, fault.From(err))
		}
		if !e.told {
			l.drop(e)
		}
	}
}

// newest is the last entry after a mark that is not done with.
func (l *Ledger) newest(since int64) *entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(l.made) - 1; i >= 0 && l.made[i].n > since; i-- {
		if e := l.made[i]; e.intent != nil && !e.told && !e.journal.Closed() {
			return e
		}
	}
	return nil
}
