package load

import (
	"context"
	"errors"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/vm"
)

// Turns tells a VU when to iterate, and takes note of how it went.
type Turns struct {
	r       *runner
	slot    *slot
	ctx     context.Context
	from    time.Time // when the iteration that runs was due
	running bool
}

// Next waits until the VU may start its next iteration, whose number, from 1, it gives. ok is false when it is over.
func (t *Turns) Next() (n int64, ok bool) {
	if t.slot.retired.Load() {
		return 0, false
	}
	due, ok := t.r.pace.next(t.ctx)
	if !ok {
		return 0, false
	}
	t.from = time.Now()
	if t.r.Plan.Open() {
		t.r.Metrics.Waited.Took(t.from.Sub(due))
		t.from = due
	}
	t.slot.iteration++
	t.running = true
	t.slot.since.Store(max(int64(time.Since(t.r.pace.start)), 1))
	return t.slot.iteration, true
}

// Done notes the end of the iteration that Next began, and what was wrong with it.
func (t *Turns) Done(problems ...Problem) {
	m := t.r.Metrics
	t.running = false
	t.slot.since.Store(0)
	m.Took.Took(time.Since(t.from))
	m.Iterations.Inc()
	if len(problems) > 0 {
		m.Failed.Inc()
	}
	for _, p := range problems {
		m.Fail(p)
	}
}

// broken notes an iteration that an end from outside cut off.
func (t *Turns) broken(err error) {
	if t.running {
		t.running = false
		t.slot.since.Store(0)
		t.r.Metrics.Interrupted.Inc()
	}
	var exit Exit
	if t.r.ctx.Err() == nil && !errors.As(err, &exit) {
		t.r.Metrics.Fail(ProblemOf(err, "the end of a VU"))
	}
}

// ProblemOf is an error as reports count it. during says what was going on.
func ProblemOf(err error, during string) Problem {
	e, where := fault.From(err), ""
	var script *vm.ScriptError
	if errors.As(err, &script) {
		if e = script.Fault; script.File != "" {
			where = position(script.File, script.Line)
		}
	}
	p := Problem{Kind: string(e.Kind), Code: e.Code, Message: e.Error(), Where: where}
	if during != "" {
		p.Message = during + ": " + p.Message
	}
	return p
}
