package journal

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// Outcome is what became of one step of an undo.
type Outcome string

// The outcomes of a step.
const (
	Done    Outcome = "undone"
	Gone    Outcome = "gone"     // there was nothing to take back any more
	NotSure Outcome = "not_sure" // it may have been there before: left alone
	Failed  Outcome = "failed"
	Planned Outcome = "planned" // a dry run
)

// Step is one write that takes something back, and what became of it.
type Step struct {
	Run     string
	Undo    bindings.Planned
	Outcome Outcome
	Err     *fault.Error // why it failed, or what is not sure
}

// Taker takes back what journals hold.
type Taker struct {
	Areas []bindings.Area
	Env   *bindings.Env
}

// own is the Env of a step: what it does is not taken back in turn, and the run was the consent.
func (t Taker) own() *bindings.Env {
	env := *t.Env
	env.Journal, env.Ask, env.Source, env.Observe = nil, nil, nil, nil
	return &env
}

// workers is how many steps of one undo are done at a time: they don't depend on one another.
const workers = 8

// A server stores some things a moment after it has answered, and a request whose answer never came may still be on its
// way to it.
const (
	settling  = 500 * time.Millisecond // until what is stored later is there (SERVER-BEHAVIOUR §7: batches of 100 ms)
	pause     = time.Second            // before something is looked for again
	looks     = 3                      // how often it is looked for
	unsettled = time.Minute            // a request that is older has arrived or never will
)

// TakeBack takes back an intent, unless ctx ends before, and writes that down. In a dry run it only says what it would
// do. What its undo does later is left for Finish.
func (t Taker) TakeBack(ctx context.Context, j *Journal, in *Intent) ([]Step, error) {
	j.mu.Lock()
	todo, sure := in.todo(), in.State == Made || in.Waits()
	j.mu.Unlock()
	steps, written := make([]Step, len(todo)), make([]error, len(todo))
	slots := make(chan struct{}, workers)
	var running sync.WaitGroup
	patience := &looking{in: in, sure: sure}
	for n, i := range todo {
		s := &steps[n]
		*s = Step{Run: j.Head.Run, Undo: in.Undo[i]}
		switch {
		case !sure && !drew(s.Undo.Params, j.Head.Run):
			s.Outcome = NotSure
			s.Err = fault.New(fault.Partial, "%s was not answered: it is not sure whether this run made what %s would remove", in.Op, s.Undo.Op).
				WithHint("look at it; %s", CommandLine(t.Areas, s.Undo))
			continue
		case t.Env.DryRun:
			s.Outcome = Planned
			continue
		}
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			if t.step(ctx, s, patience); s.Outcome != Failed {
				written[n] = j.did(in, i)
			}
		})
	}
	running.Wait()
	return steps, errors.Join(written...)
}

// step does one step of an undo.
func (t Taker) step(ctx context.Context, s *Step, patience *looking) {
	s.Err = t.do(ctx, s.Undo)
	for nothing(s.Err) && patience.again(ctx) {
		s.Err = t.do(ctx, s.Undo)
	}
	switch {
	case s.Err == nil:
		s.Outcome = Done
	case nothing(s.Err):
		s.Outcome, s.Err = Gone, nil
	default:
		s.Outcome = Failed
	}
}

// looking is the patience with one intent: what nobody answered for may arrive late.
type looking struct {
	in    *Intent
	sure  bool
	mu    sync.Mutex
	spent int
}

// again waits a little and tells whether to look once more.
func (l *looking) again(ctx context.Context) bool {
	if l.sure || time.Since(l.in.Time) > unsettled {
		return false
	}
	l.mu.Lock() // the steps share the looks: they are about one request
	defer l.mu.Unlock()
	if l.spent++; l.spent >= looks {
		return false
	}
	return bindings.Wait(ctx, pause) == nil
}

// Finish does what the undos of a journal left for later, after a pause, and returns what failed. A server that ends with
// the process needs it not.
func (t Taker) Finish(ctx context.Context, j *Journal) ([]Step, error) {
	waiting, since := j.waiting()
	if len(waiting) == 0 || j.path == "" || t.Env.DryRun {
		return nil, nil
	}
	if err := bindings.Wait(ctx, settling-time.Since(since)); err != nil {
		return nil, err
	}
	var failed []Step
	for _, in := range waiting {
		steps, err := t.TakeBack(ctx, j, in)
		if ctx.Err() != nil {
			return failed, context.Cause(ctx)
		}
		if err != nil {
			return failed, err
		}
		for _, s := range steps {
			if s.Err != nil {
				failed = append(failed, s)
			}
		}
	}
	return failed, nil
}

// waiting are the intents of which something is left for later, in their order, and since when the newest waits.
func (j *Journal) waiting() ([]*Intent, time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var list []*Intent
	for _, in := range j.open {
		if in.Waits() {
			list = append(list, in)
		}
	}
	slices.SortFunc(list, func(a, b *Intent) int { return cmp.Compare(a.ID, b.ID) })
	return list, j.waits
}

func (t Taker) do(ctx context.Context, step bindings.Planned) *fault.Error {
	op, err := bindings.FindOp(t.Areas, step.Op)
	if err != nil {
		return fault.From(err)
	}
	fields, ok := step.Params.(*value.Object)
	if !ok {
		return fault.New(fault.Usage, "%s: its params are no object", step.Op)
	}
	params, err := op.Bind(fields)
	if err == nil {
		_, err = op.Invoke(ctx, t.own(), params)
	}
	return fault.From(err)
}

// nothing tells whether a step failed because there is nothing to take back: no such account, no such group, one that is
// dismissed already (code 1204). What the server has no call for can't be taken back at all.
func nothing(err *fault.Error) bool {
	return err != nil && (err.Kind == fault.NotFound || err.Kind == fault.Unsupported || err.Code == 1204)
}

// drew tells whether params are about an id that the run drew, so that it can't have been there before.
func drew(v any, run string) bool {
	switch v := v.(type) {
	case string:
		return strings.Contains(v, run)
	case value.List:
		for _, e := range v {
			if !drew(e, run) {
				return false
			}
		}
		return len(v) > 0
	case *value.Object:
		for _, k := range v.Keys() {
			if e, _ := v.Get(k); drew(e, run) {
				return true
			}
		}
	}
	return false
}
