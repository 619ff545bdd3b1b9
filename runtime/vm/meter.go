package vm

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

// meter is the context that the engine asks before every instruction. It answers by one atomic load, so it costs less
// than a context of the standard library, and it can be tripped by a limit as well as by a cancel.
type meter struct {
	context.Context
	tripped atomic.Bool
	closed  chan struct{}
	cause   atomic.Pointer[error]
}

func newMeter(ctx context.Context) *meter {
	m := &meter{Context: ctx, closed: make(chan struct{})}
	close(m.closed)
	return m
}

// Done is nil while the script may run on: a select on it then costs next to nothing.
func (m *meter) Done() <-chan struct{} {
	if m.tripped.Load() {
		return m.closed
	}
	return nil
}

// Err is the reason the script was ended for, nil while it runs.
func (m *meter) Err() error {
	if p := m.cause.Load(); p != nil {
		return *p
	}
	return nil
}

func (m *meter) trip(cause error) {
	m.cause.CompareAndSwap(nil, &cause)
	m.tripped.Store(true)
}

// watch trips the meter when ctx ends or when the heap of the process passes maxMemory bytes (0: no limit).
func (m *meter) watch(ctx context.Context, maxMemory uint64) {
	var tick <-chan time.Time
	if maxMemory > 0 {
		t := time.NewTicker(20 * time.Millisecond)
		defer t.Stop()
		tick = t.C
	}
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	used := func() uint64 {
		metrics.Read(heap)
		return heap[0].Value.Uint64()
	}
	var quiet time.Time // no collection is forced before this
	for {
		select {
		case <-ctx.Done():
			m.trip(fault.From(context.Cause(ctx)))
			return
		case <-tick:
			if used() <= maxMemory || time.Now().Before(quiet) {
				continue
			}
			start := time.Now()
			runtime.GC() // what is over the limit may be garbage only
			quiet = time.Now().Add(5 * time.Since(start))
			if used() > maxMemory {
				m.trip(fault.New(fault.Script, "memory limit reached: %s", bytesText(maxMemory)).
					WithHint("raise it with --max-memory, or stream instead of keeping everything"))
				<-ctx.Done()
				return
			}
		}
	}
}

func bytesText(n uint64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}

// tripped is the error that ended the script from outside, nil while it may run.
func (v *VM) tripped() error {
	if v.meter.Context.Err() != nil { // the watch may not have come to it yet
		v.meter.trip(fault.From(context.Cause(v.meter.Context)))
	}
	if !v.meter.tripped.Load() {
		return nil
	}
	err := v.meter.Err()
	if err == nil {
		err = errors.New("ended")
	}
	return err
}
