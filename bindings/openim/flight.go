package openim

import (
	"context"
	"sync"

	"github.com/openimsdk/imctl/bindings/fault"
)

// flight lets parallel callers share one run of a function. Unlike singleflight it gives up a run that nobody waits
// for any more, so that nothing is sent after a cancel, and one caller's cancel does not fail the others.
type flight[T any] struct {
	mu  sync.Mutex
	cur *trip[T]
}

type trip[T any] struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiters int
	val     T
	err     *fault.Error
}

func (f *flight[T]) do(ctx context.Context, r *request, fn func(context.Context) (T, *fault.Error)) (T, *fault.Error) {
	if ctx.Err() != nil {
		var zero T
		return zero, ended(ctx, r)
	}
	f.mu.Lock()
	t := f.cur
	if t == nil {
		run, cancel := context.WithCancel(context.WithoutCancel(ctx))
		t = &trip[T]{done: make(chan struct{}), cancel: cancel}
		f.cur = t
		go f.run(run, t, fn)
	}
	t.waiters++
	f.mu.Unlock()

	select {
	case <-t.done:
		return t.val, clone(t.err)
	case <-ctx.Done():
		f.mu.Lock()
		if t.waiters--; t.waiters == 0 {
			t.cancel()
			f.clear(t)
		}
		f.mu.Unlock()
		var zero T
		return zero, ended(ctx, r)
	}
}

func (f *flight[T]) run(ctx context.Context, t *trip[T], fn func(context.Context) (T, *fault.Error)) {
	defer func() {
		if p := recover(); p != nil {
			t.err = fault.New(fault.Internal, "panic: %v", p)
		}
		f.mu.Lock()
		f.clear(t)
		f.mu.Unlock()
		close(t.done)
		t.cancel()
	}()
	t.val, t.err = fn(ctx)
}

func (f *flight[T]) clear(t *trip[T]) {
	if f.cur == t {
		f.cur = nil
	}
}

// clone gives each caller an error of its own: callers fill in Op.
func clone(e *fault.Error) *fault.Error {
	if e == nil {
		return nil
	}
	copied := *e
	return &copied
}
