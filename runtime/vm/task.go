package vm

import (
	"context"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Task is a function of the script that runs beside others in its VM. They take turns: one runs Lua while the others wait
// for something outside, so that scripts need no locks.
type Task struct {
	vm      *VM
	ctx     context.Context
	cancel  context.CancelCauseFunc
	done    chan struct{}
	results []lua.LValue
	err     *ScriptError
	told    bool // somebody has seen the error
}

// scope holds the tasks that must have ended before it is left.
type scope struct{ tasks []*Task }

// errDropped is the cause of a task's end that nobody has to be told of.
var errDropped = fault.New(fault.Canceled, "the task was cancelled")

// limited puts what runs from here on under a context below the one in force, with a scope of its own, until leave.
func (v *VM) limited(ctx context.Context, cancel context.CancelFunc) (leave func()) {
	s := v.seat()
	m := newMeter(ctx, v.opts.MaxMemory)
	m.hit = s.meter.hit
	if ctx.Err() != nil {
		m.trip(fault.From(context.Cause(ctx)))
	}
	stop := context.AfterFunc(ctx, func() { m.trip(fault.From(context.Cause(ctx))) })
	v.ctx, v.meter, v.scope = ctx, m, &scope{}
	return func() {
		v.ctx, v.meter, v.scope = s.ctx, s.meter, s.scope
		stop()
		cancel()
	}
}

// spawn starts fn as a task of the scope in force. It runs when the one that runs now waits for something.
func (v *VM) spawn(fn *lua.LFunction, args []lua.LValue) (*Task, error) {
	body, err := v.callBody(fn)
	if err != nil {
		return nil, err
	}
	if v.turns == nil {
		v.turns, v.away, v.ended = &turns{held: true}, map[*seat]struct{}{}, newSignal()
	}
	ctx, cancel := context.WithCancelCause(v.ctx)
	t := &Task{vm: v, ctx: ctx, cancel: cancel, done: make(chan struct{})}
	v.scope.tasks = append(v.scope.tasks, t)
	own := v.L.NewTable() // a task counts where the one that spawned it does
	v.own.ForEach(own.RawSet)
	first := &seat{ctx: ctx, meter: v.meter, scope: &scope{}, thread: v.thread(v.L), own: own}
	go t.run(v.turns.ask(), first, body, args)
	return t, nil
}

func (t *Task) run(turn <-chan struct{}, first *seat, body *lua.LFunction, args []lua.LValue) {
	v := t.vm
	<-turn
	defer v.turns.give()
	defer func() {
		close(t.done)
		v.ended.fire()
	}()
	v.sit(first)
	leave := v.limited(t.ctx, func() { t.cancel(errDropped) })
	defer leave()
	first.thread.SetContext(v.meter)
	results, err := v.Call(body, args...)
	if joined := v.join(v.scope, err != nil); err == nil {
		err = joined
	}
	t.results = results
	if err != nil {
		t.err = err.(*ScriptError)
		t.told = context.Cause(t.ctx) == errDropped
	}
}

// wait waits for the end of a task, while others run.
func (v *VM) wait(t *Task) ([]lua.LValue, *ScriptError) {
	ctx := v.ctx
	v.Outside(func() {
		select {
		case <-t.done:
		case <-ctx.Done():
		}
	})
	if t.over() {
		t.told = true
		return t.results, t.err
	}
	return nil, v.scriptError(lua.LString("the wait was ended"), "")
}

// over tells whether the task has ended.
func (t *Task) over() bool {
	select {
	case <-t.done:
		return true
	default:
		return false
	}
}

// join waits for the tasks of a scope, or cancels them first, and returns the first error that nobody has seen.
func (v *VM) join(s *scope, cancel bool) error {
	var first error
	for i := 0; i < len(s.tasks); i++ {
		t := s.tasks[i]
		if cancel || first != nil {
			for _, t := range s.tasks[i:] {
				t.cancel(errDropped)
			}
		}
		v.Outside(func() { <-t.done })
		if t.err != nil && !t.told && first == nil {
			t.told = true
			first = t.err
		}
	}
	s.tasks = nil
	return first
}

// within runs fn in a scope of its own, for at most the given time (0 is no limit): what it spawned has ended when it is
// over.
func (v *VM) within(limit time.Duration, fn *lua.LFunction) ([]lua.LValue, error) {
	ctx, cancel := context.WithCancel(v.ctx)
	if limit > 0 {
		ctx, cancel = context.WithTimeoutCause(v.ctx, limit, fault.New(fault.Timeout, "time limit of %s reached", limit))
	}
	leave := v.limited(ctx, cancel)
	defer leave()
	results, err := v.Call(fn)
	if joined := v.join(v.scope, err != nil); err == nil {
		err = joined
	}
	return results, err
}
