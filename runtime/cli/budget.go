package cli

import (
	"sync/atomic"

	"github.com/openimsdk/imctl/bindings/fault"
)

// budget counts the requests of a run; 0 is no limit.
type budget struct {
	limit, spent atomic.Int64
}

// spend takes one request, or refuses it.
func (b *budget) spend() error {
	if n, limit := b.spent.Add(1), b.limit.Load(); limit > 0 && n > limit {
		return fault.New(fault.Denied, "request limit reached: %d", limit).WithHint("it was set with --max-requests; nothing more is sent")
	}
	return nil
}
