package load

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

// slot is the place of a VU: when stages let it end, another one with its number may follow.
type slot struct {
	k, number int // among the VUs of this shard, and of all; from 1
	iteration int64
	retired   atomic.Bool
	since     atomic.Int64 // nanoseconds after the beginning of the iteration that runs, 0 when none does
	cancel    context.CancelCauseFunc

	// Guarded by runner.mu.
	alive, ready, dead bool
}

// finish waits for the iterations that run, within the grace, and then ends them.
func (r *runner) finish(ctx context.Context, begin time.Time, res *Result, rec *recorder) {
	done := make(chan struct{})
	go func() {
		r.wg.Wait()
		close(done)
	}()
	grace := time.NewTimer(r.Plan.Grace)
	defer grace.Stop()
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	for waiting := ctx.Err() == nil && r.exited() == nil; waiting; {
		select {
		case <-done:
			return
		case <-ctx.Done():
			waiting = false
		case <-grace.C:
			waiting = false
		case <-ticks.C:
			rec.upTo(time.Since(begin), int(r.active.Load()))
			r.tell(Progress{Elapsed: time.Since(begin), Ending: true})
		}
	}
	r.cancel(errOver)
	select {
	case <-done:
	case <-time.After(stopGrace + lastGrace):
		r.mu.Lock()
		for _, s := range r.slots {
			if s.alive {
				res.Abandoned++
			}
		}
		r.mu.Unlock()
	}
}

// exited is the os.exit that a VU called, nil when none did.
func (r *runner) exited() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.exit
}

// live is the life of a VU.
func (r *runner) live(s *slot) {
	ctx, cancel := context.WithCancelCause(r.ctx)
	defer cancel(nil)
	r.mu.Lock()
	s.cancel = cancel
	r.mu.Unlock()
	err := r.lead(ctx, s)
	r.mu.Lock()
	s.alive, s.ready = false, true
	var exit Exit
	switch {
	case errors.As(err, &exit):
		if r.exit == nil {
			r.exit = err
		}
	case err != nil && r.ctx.Err() == nil:
		s.dead = true
		r.Metrics.VUsFailed.Inc()
		if r.firstErr == nil {
			r.firstErr = err
		}
	}
	r.mu.Unlock()
	r.changed()
}

// elapsed is how long the load was made: what VUs do at their end is not part of it.
func (r *runner) elapsed(begin time.Time) time.Duration {
	all := time.Since(begin)
	last := time.Duration(r.left.Load())
	if last == 0 || r.active.Load() > 0 {
		return all
	}
	if d := r.Plan.Duration; d > 0 && r.ctx.Err() == nil && !r.pace.exhausted() {
		last = max(last, d)
	}
	return min(last, all)
}

// count notes that so many more VUs iterate.
func (r *runner) count(more int64) {
	if more < 0 && !r.pace.start.IsZero() {
		r.left.Store(int64(time.Since(r.pace.start)))
	}
	_ = r.Metrics.VUs.Add(float64(r.active.Add(more))) // it can't refuse a count
}

func (r *runner) changed() {
	select {
	case r.change <- struct{}{}:
	default:
	}
}

// lead starts a VU, has it iterate, and stops it. The error is why it did not come to its end.
func (r *runner) lead(ctx context.Context, s *slot) (err error) {
	vu, err := r.start(ctx, s)
	begun := err == nil
	if vu != nil {
		defer func() {
			last, stop := context.WithTimeoutCause(context.WithoutCancel(ctx), stopGrace, fault.New(fault.Timeout, "the end of a VU took longer than %s", stopGrace))
			defer stop()
			if serr := vu.Stop(last, begun); serr != nil && err == nil {
				r.Metrics.Fail(ProblemOf(serr, "the end of a VU"))
			}
		}()
	}
	if err != nil {
		if r.ctx.Err() == nil {
			r.Metrics.Fail(ProblemOf(err, "the start of a VU"))
		}
		return err
	}
	r.mu.Lock()
	s.ready = true
	r.mu.Unlock()
	r.changed()
	r.count(1)
	defer r.count(-1)
	select {
	case <-r.begun:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	turns := &Turns{r: r, slot: s, ctx: ctx}
	if err = vu.Loop(turns); err != nil {
		turns.broken(err)
	}
	return err
}

func (r *runner) start(ctx context.Context, s *slot) (*VU, error) {
	select {
	case r.gate <- struct{}{}:
		defer func() { <-r.gate }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	vu, err := r.Script.NewVU(ctx, s.number)
	if err == nil && vu.Start != nil {
		err = vu.Start()
	}
	return vu, err
}
