package load

import (
	"math"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// slack is how much garbage may gather, in bytes, before it is collected: with the small heap of a few VUs the collector
// would run many times a second.
const slack = 64 << 20

// letGarbageGather has the collector wait for slack, whatever the size of the heap, as long as limit leaves room for it.
// done gives back the collector's own measure and waits.
func letGarbageGather(limit uint64) (done func()) {
	if limit > 0 && limit < 8*slack {
		return func() {}
	}
	before := debug.SetGCPercent(percentFor(liveHeap()))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		t := time.NewTicker(time.Second)
		defer t.Stop()
		for last := 0; ; {
			select {
			case <-stop:
				return
			case <-t.C:
			}
			if p := percentFor(liveHeap()); p < last*9/10 || p > last*11/10 { // setting it stops the world for a moment
				debug.SetGCPercent(p)
				last = p
			}
		}
	})
	return func() {
		close(stop)
		wg.Wait()
		debug.SetGCPercent(before)
	}
}

// percentFor is the collector's percentage at which the usual garbage and slack together are collected.
func percentFor(live uint64) int {
	return 100 + int(math.Min(slack*100/float64(max(live, 1<<20)), 3000))
}

// liveHeap is the size of what the last collection left.
func liveHeap() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
