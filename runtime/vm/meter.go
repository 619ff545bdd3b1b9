package vm

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
)

// meter is the context that the engine asks before every instruction. It answers by one atomic load, so it costs less
// than a context of the standard library, and it can be tripped by a limit as well as by a cancel.
type meter struct {
	context.Context
	tripped   atomic.Bool
	closed    chan struct{}
	cause     atomic.Pointer[error]
	maxMemory uint64 // bytes of heap, 0 for no limit
	shared    bool   // the heap is looked at by somebody else
	hit       func() // called before each instruction, for the line coverage; nil as a rule
}

func newMeter(ctx context.Context, maxMemory uint64) *meter {
	m := &meter{Context: ctx, closed: make(chan struct{}), maxMemory: maxMemory}
	close(m.closed)
	return m
}

// Done is nil while the script may run on: a select on it then costs next to nothing.
func (m *meter) Done() <-chan struct{} {
	if m.hit != nil {
		m.hit()
	}
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

// look raises in L what ended the script, if something did. Library code that takes long calls it now and then.
func (m *meter) look(L *lua.LState) {
	if m.tripped.Load() {
		L.RaiseError("%s", m.Err())
	}
}

// watch trips the meter when ctx ends or when the heap of the process passes the limit; then it ends ctx.
func (m *meter) watch(ctx context.Context, end context.CancelCauseFunc) {
	var tick <-chan time.Time
	if m.maxMemory > 0 && !m.shared {
		t := time.NewTicker(20 * time.Millisecond)
		defer t.Stop()
		tick = t.C
	}
	var quiet time.Time // no collection is forced before this
	for {
		select {
		case <-ctx.Done():
			m.trip(fault.From(context.Cause(ctx)))
			return
		case <-tick:
			if heapUsed() <= m.maxMemory || time.Now().Before(quiet) {
				continue
			}
			start := time.Now()
			runtime.GC() // what is over the limit may be garbage only
			quiet = time.Now().Add(5 * time.Since(start))
			if heapUsed() > m.maxMemory {
				m.tripMemory()
				end(m.Err())
				return
			}
		}
	}
}

func (m *meter) tripMemory() {
	m.trip(fault.New(fault.Script, "memory limit reached: %s", bytesText(m.maxMemory)).
		WithHint("raise it with --max-memory, or stream instead of keeping everything"))
}

// heapUsed is the size of the objects on the heap of the process, garbage that was not yet collected included.
func heapUsed() uint64 {
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(heap)
	return heap[0].Value.Uint64()
}

func bytesText(n uint64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}

// Ended is the error that ended the script from outside, a limit or a cancel; nil while it may run. It must be asked by who
// runs the VM.
func (v *VM) Ended() error { return v.tripped() }

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
