package load

import (
	"runtime"
	"runtime/metrics"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

// watchMemory ends a VU when the heap of the process passes the limit: the one whose iteration has run longest, since it
// can't be known whose memory it is. done ends the watch.
func (r *runner) watchMemory() (done func()) {
	if r.MaxMemory == 0 {
		return func() {}
	}
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		t := time.NewTicker(20 * time.Millisecond)
		defer t.Stop()
		for {
			select {
			case <-stop:
				return
			case <-t.C:
			}
			if heapUsed() <= r.MaxMemory {
				continue
			}
			start := time.Now()
			runtime.GC() // what is over the limit may be garbage only
			if heapUsed() > r.MaxMemory {
				r.endLongest()
			}
			time.Sleep(min(2*time.Since(start), time.Second)) // the one that was ended has to let go of its memory
		}
	}()
	return func() {
		close(stop)
		<-ended
	}
}

// endLongest ends the VU whose iteration has run longest.
func (r *runner) endLongest() {
	r.mu.Lock()
	defer r.mu.Unlock()
	var longest *slot
	for _, s := range r.slots {
		since := s.since.Load()
		if s.alive && since > 0 && (longest == nil || since < longest.since.Load()) {
			longest = s
		}
	}
	if longest != nil {
		longest.cancel(fault.New(fault.Script, "memory limit reached: %d MiB", r.MaxMemory>>20).
			WithHint("raise it with --max-memory, or stream instead of keeping everything"))
	}
}

// heapUsed is the size of the objects on the heap of the process, garbage that was not yet collected included.
func heapUsed() uint64 {
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(heap)
	return heap[0].Value.Uint64()
}
