package load

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Script is what a load is made of: functions that run the script's. All but NewVU may be nil.
type Script struct {
	Setup    func(context.Context) error
	NewVU    func(ctx context.Context, number int) (*VU, error) // makes its VM; it lives until ctx ends
	Teardown func(ctx context.Context, vus int) error           // vus is the number of the last VU that was made
}

// VU is one virtual user. Its functions are called by one goroutine.
type VU struct {
	Start func() error
	Loop  func(*Turns) error                          // iterates as long as Turns.Next says; an error ends the VU
	Stop  func(ctx context.Context, begun bool) error // always called last; begun says that Start has succeeded
}

// Config is a load that is about to run.
type Config struct {
	Plan      Plan
	Metrics   *Registry
	Script    Script
	Progress  func(Progress) // told once a second
	MaxMemory uint64         // bytes of heap at which a VU is ended; 0 is no limit
}

// Progress is how far a load has come.
type Progress struct {
	Elapsed, Duration time.Duration // Duration 0: until the iterations are done
	VUs               int
	Starting          bool // the first VUs are being started
	Ending            bool // nothing is started any more
	MaxIterations     int64
}

// Result is how a load went; what it measured is in the registry.
type Result struct {
	Started  time.Time
	Starting time.Duration // until the first VUs had started
	Elapsed  time.Duration // from then on until the last iteration ended
	Series   Series

	SetupErr    error
	Ended       error // what ended it early: an interrupt, a time limit, os.exit
	AllFailed   error // why the first VU failed, when all did
	TeardownErr error
	Abandoned   int // VUs that did not come back
	LastVU      int // the number of the last VU that was made
}

// Exit is the error of a VU whose script called os.exit: it ends the load.
type Exit struct{ Code int }

func (Exit) Error() string { return "the script called os.exit" }

const (
	stopGrace = 10 * time.Second // for what a VU does at its end, and for the teardown after an interrupt
	tearGrace = time.Minute      // for the teardown
	lastGrace = 2 * time.Second  // for a VU that was ended, before it is abandoned
	look      = 100 * time.Millisecond
	atOnce    = 64 // VUs that start at the same time
)

// errOver ends an iteration that still runs when the grace is over.
var errOver = fault.New(fault.Canceled, "the load ended")

type runner struct {
	Config
	pace *pace

	ctx    context.Context // of all VUs
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup
	gate   chan struct{} // lets so many VUs start at the same time
	begun  chan struct{} // closed when the load begins
	change chan struct{} // a VU has started or ended

	mu       sync.Mutex
	slots    []*slot
	firstErr error // why the first VU failed
	exit     error // a VU called os.exit

	active atomic.Int64 // VUs that iterate
	left   atomic.Int64 // when one last stopped to, in nanoseconds since the load began
}

// Run runs a load to its end: setup, VUs, teardown. What the script started is undone after an interrupt too.
func Run(ctx context.Context, c Config) Result {
	res := Result{Started: time.Now()}
	rec := newRecorder(c.Metrics)
	if c.Script.Setup != nil {
		res.SetupErr = c.Script.Setup(ctx)
	}
	if res.SetupErr == nil && ctx.Err() == nil {
		r := &runner{
			Config: c, pace: newPace(c.Plan), gate: make(chan struct{}, atOnce), begun: make(chan struct{}), change: make(chan struct{}, 1),
		}
		r.ctx, r.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
		r.run(ctx, &res, rec)
		r.cancel(errOver)
	}
	if err := context.Cause(ctx); err != nil && res.Ended == nil {
		res.Ended = err
	}
	if c.Script.Teardown != nil {
		most := tearGrace
		if ctx.Err() != nil {
			most = stopGrace
		}
		last, stop := context.WithTimeoutCause(context.WithoutCancel(ctx), most, fault.New(fault.Timeout, "the teardown took longer than %s", most))
		defer stop()
		res.TeardownErr = c.Script.Teardown(last, res.LastVU)
	}
	return res
}

func (r *runner) run(ctx context.Context, res *Result, rec *recorder) {
	unwatch := context.AfterFunc(ctx, func() { r.cancel(context.Cause(ctx)) })
	defer unwatch()
	defer r.watchMemory()()
	defer letGarbageGather(r.MaxMemory)()
	starting := time.Now()
	r.adjust(r.first())
	r.awaitFirst(ctx)
	begin := time.Now()
	res.Starting = begin.Sub(starting)
	r.Metrics.mark()
	r.pace.begin(begin)
	close(r.begun)
	r.steer(ctx, begin, rec)
	r.pace.end()
	r.finish(ctx, begin, res, rec)
	res.Elapsed = r.elapsed(begin)
	if n := r.pace.dropped(res.Elapsed); n > 0 {
		_ = r.Metrics.Dropped.Add(float64(n)) // it can't refuse a count
	}
	res.Series = rec.close(res.Elapsed, int(r.active.Load()))
	r.mu.Lock()
	defer r.mu.Unlock()
	res.Ended = r.exit
	if n := len(r.slots); n > 0 {
		res.LastVU = r.slots[n-1].number
	}
	if r.allDead() {
		res.AllFailed = r.firstErr
	}
}

// first is how many VUs are there before the load begins.
func (r *runner) first() int64 { return r.Plan.Shard.Share(int64(r.Plan.Target(0))) }

// awaitFirst waits until the first VUs have started, or failed to.
func (r *runner) awaitFirst(ctx context.Context) {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		r.mu.Lock()
		waits := false
		for _, s := range r.slots {
			waits = waits || s.alive && !s.ready
		}
		r.mu.Unlock()
		if !waits || ctx.Err() != nil {
			return
		}
		select {
		case <-r.change:
		case <-ctx.Done():
		case <-t.C:
			r.tell(Progress{Starting: true})
		}
	}
}

// steer keeps as many VUs as the model wants until no iteration may be started any more.
func (r *runner) steer(ctx context.Context, begin time.Time, rec *recorder) {
	timer := time.NewTimer(look)
	defer timer.Stop()
	for {
		at := time.Since(begin)
		if rec.upTo(at, int(r.active.Load())) {
			r.tell(Progress{Elapsed: at})
		}
		if ctx.Err() != nil || r.over(at) {
			return
		}
		r.adjust(r.wanted(at))
		timer.Reset(min(look, max(r.pace.until(at), time.Millisecond)))
		select {
		case <-ctx.Done():
		case <-r.change:
		case <-timer.C:
		}
	}
}

func (r *runner) tell(p Progress) {
	if r.Progress == nil {
		return
	}
	p.VUs, p.Duration, p.MaxIterations = int(r.active.Load()), r.Plan.Duration, r.Plan.Iterations
	r.Config.Progress(p)
}

// over tells whether nothing will be started any more.
func (r *runner) over(at time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.exit != nil || r.allDead() || r.Plan.Duration > 0 && at >= r.Plan.Duration {
		return true
	}
	return r.pace.exhausted() && !slices.ContainsFunc(r.slots, func(s *slot) bool { return s.alive })
}

// allDead tells whether all VUs that were ever wanted have failed. The runner is locked.
func (r *runner) allDead() bool {
	for _, s := range r.slots {
		if !s.dead {
			return false
		}
	}
	return len(r.slots) > 0
}

// wanted is how many VUs of this shard should run.
func (r *runner) wanted(at time.Duration) int64 {
	if !r.Plan.Open() {
		return r.Plan.Shard.Share(int64(r.Plan.Target(at)))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	have, starting := int64(len(r.slots)), int64(0)
	for _, s := range r.slots {
		if s.alive && !s.ready {
			starting++
		}
	}
	more := r.pace.backlog(at) - starting
	return min(have+max(more, 0), r.Plan.Shard.Share(int64(r.Plan.MaxVUs)))
}

// adjust starts VUs until there are so many, and lets those beyond end after their iteration.
func (r *runner) adjust(want int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for int64(len(r.slots)) < want {
		k := len(r.slots) + 1
		r.slots = append(r.slots, &slot{k: k, number: int(r.Plan.Shard.Number(int64(k)))})
	}
	for i, s := range r.slots {
		wanted := int64(i) < want
		s.retired.Store(!wanted)
		if wanted && !s.alive && !s.dead && !r.pace.exhausted() && !r.pace.isOver(r.ctx) {
			s.alive, s.ready = true, false
			r.wg.Go(func() { r.live(s) })
		}
	}
}
