package openim

import (
	"context"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Tape stands between a Gateway and its connections: it writes down what passes, or plays what was written down.
type Tape interface {
	// Dial makes a connection by dial, or in its place.
	Dial(ctx context.Context, l Login, operationID string, dial func(context.Context) (Socket, *fault.Error)) (Socket, *fault.Error)
	// Waited is told that a wait ended without what was waited for; what says which. What comes after it must not come
	// before it when the recording is played.
	Waited(what string)
}

// Waited notes that a wait for something to come in ended without it, for recordings.
func (g *Gateway) Waited(what string) {
	if t := g.client.cfg.Tape; t != nil {
		t.Waited(what)
	}
}
