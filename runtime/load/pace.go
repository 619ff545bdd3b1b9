package load

import (
	"context"
	"math"
	"sync/atomic"
	"time"
)

// pace decides when iterations start. Both models hand out tickets, by number: in the closed model a VU takes the next one
// when it is free; in the open one a ticket has a time at which it is due, and a VU that takes it waits for that time, or
// comes too late for it.
type pace struct {
	plan    Plan
	start   time.Time
	taken   atomic.Int64
	started atomic.Int64
	ended   chan struct{} // closed when no iteration may be started any more
}

func newPace(p Plan) *pace { return &pace{plan: p, ended: make(chan struct{})} }

func (p *pace) begin(at time.Time) { p.start = at }

func (p *pace) end() { close(p.ended) }

// most is how many tickets this shard has.
func (p *pace) most() int64 {
	if p.plan.Iterations == 0 {
		return math.MaxInt64
	}
	return p.plan.Shard.Share(p.plan.Iterations)
}

// due is when this shard's ticket of that number, from 0, is due.
func (p *pace) due(ticket int64) time.Duration {
	return p.plan.Rate.due(p.plan.Shard.Number(ticket+1) - 1)
}

// arrived is how many tickets of this shard are due before a moment.
func (p *pace) arrived(at time.Duration) int64 {
	if p.plan.Duration > 0 {
		at = min(at, p.plan.Duration)
	}
	if at <= 0 {
		return 0
	}
	n := int64(float64(at) * p.plan.Rate.Count / float64(p.plan.Rate.Per))
	for p.plan.Rate.due(n) < at {
		n++
	}
	for n > 0 && p.plan.Rate.due(n-1) >= at {
		n--
	}
	return min(p.plan.Shard.Share(n), p.most())
}

// next takes the next ticket, and waits until it is due.
func (p *pace) next(ctx context.Context) (due time.Time, ok bool) {
	if p.isOver(ctx) {
		return due, false
	}
	ticket := p.taken.Add(1) - 1
	if ticket >= p.most() {
		return due, false
	}
	if p.plan.Open() {
		at := p.due(ticket)
		if p.plan.Duration > 0 { // beyond the end nothing is due
			at = min(at, p.plan.Duration)
		}
		if due = p.start.Add(at); !p.wait(ctx, time.Until(due)) || p.isOver(ctx) {
			return due, false
		}
	}
	p.started.Add(1)
	return due, true
}

// isOver tells whether no iteration may start any more.
func (p *pace) isOver(ctx context.Context) bool {
	select {
	case <-p.ended:
		return true
	case <-ctx.Done():
		return true
	default:
		return p.plan.Duration > 0 && !p.start.IsZero() && time.Since(p.start) >= p.plan.Duration
	}
}

func (p *pace) wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-p.ended:
	case <-ctx.Done():
	}
	return false
}

// exhausted tells whether all tickets are taken.
func (p *pace) exhausted() bool { return p.taken.Load() >= p.most() }

// backlog is how many tickets are due that no VU has taken.
func (p *pace) backlog(at time.Duration) int64 {
	if !p.plan.Open() {
		return 0
	}
	return max(p.arrived(at)-p.taken.Load(), 0)
}

// until is how long it takes from a moment to the next one at which something has to be decided.
func (p *pace) until(at time.Duration) time.Duration {
	next := time.Duration(math.MaxInt64)
	if p.plan.Duration > 0 {
		next = p.plan.Duration - at
	}
	if p.plan.Open() && p.taken.Load() < p.most() {
		const soon = 2 * time.Millisecond // one is due, and nobody has taken it yet
		due := p.due(p.taken.Load()) - at
		if due <= 0 {
			due = soon
		}
		next = min(next, due+time.Nanosecond)
	}
	return next
}

// dropped is how many tickets were due before a moment and came to nothing.
func (p *pace) dropped(at time.Duration) int64 {
	if !p.plan.Open() {
		return 0
	}
	return max(p.arrived(at)-p.started.Load(), 0)
}
