//go:build !unix

package vm

import (
	"runtime/metrics"
	"time"
)

// processTime is the processor time that the process has used, as the runtime estimates it.
func processTime() time.Duration {
	s := []metrics.Sample{{Name: "/cpu/classes/user:cpu-seconds"}}
	metrics.Read(s)
	return time.Duration(s[0].Value.Float64() * float64(time.Second))
}
