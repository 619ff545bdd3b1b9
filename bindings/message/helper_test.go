package message

import (
	"context"
	"testing"
	"time"
)

func anySecret(context.Context) (string, error) { return "secret", nil }

// contextWithCancel is canceled after d.
func contextWithCancel(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(t.Context())
	timer := time.AfterFunc(d, cancel)
	return ctx, func() { timer.Stop(); cancel() }
}
