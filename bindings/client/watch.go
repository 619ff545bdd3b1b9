package client

import (
	"context"
	"iter"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// WatchParams says whose events to watch.
type WatchParams struct {
	UserID   string          `json:"userID" arg:"1,required" help:"the account"`
	Platform string          `json:"platform" arg:"2" default:"linux" enum:"ios,android,windows,osx,web,miniweb,linux,androidpad,ipad,harmonyos,bot" help:"the platform it connects from"`
	Encoding string          `json:"encoding" default:"go" enum:"go,js" help:"how frames are written"`
	Token    bindings.Secret `json:"token" help:"a token of the account; left out: a fresh one, which ends the account's other sessions on the platform"`
	Type     string          `json:"type" enum:"message,notification,typing,read,presence,connected,synced,closed,kicked,refused,failed,bad" help:"only events of this type"`
	Count    int64           `json:"count" min:"1" help:"end after this many"`
	Duration time.Duration   `json:"duration" help:"end after this time"`
}

func watchOp() bindings.Op {
	return bindings.Op{
		Name: "watch", Effect: bindings.Read,
		Doc:     "Connect as a user and show what arrives, as it comes.",
		Example: `for e in client.watch{userID="alice", count=10} do print(e.type, e.sendID, e.text) end`,
		Notes:   "It ends with the count, with the time, or when it is interrupted. With the server's default policy it ends the session that the account has on the platform: the default here is linux, where few people are. A kick is an error.",
		Run:     bindings.Stream(runWatch),
	}
}

func runWatch(ctx context.Context, env *bindings.Env, p WatchParams) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		h, done, err := hubOf(env)
		if err != nil {
			yield(Event{}, err)
			return
		}
		defer done()
		c, err := h.connect(ctx, ConnectParams{UserID: p.UserID, Platform: p.Platform, Encoding: p.Encoding, Token: p.Token, Keep: defaultKeep})
		if err != nil {
			yield(Event{}, err)
			return
		}
		defer func() {
			c.halt(stateClosed, "the watch has ended")
			h.remove(c)
		}()
		var over <-chan time.Time
		if p.Duration > 0 {
			over = time.After(p.Duration)
		}
		last, shown := int64(0), int64(0)
		for {
			rows, hopeful, change := c.after(&last, p.Type)
			for _, e := range rows {
				if shown++; !yield(e, nil) || shown == p.Count {
					return
				}
			}
			if len(rows) > 0 {
				continue
			}
			if !hopeful {
				yield(Event{}, fault.New(fault.Unreachable, "%s: the connection is %s", p.UserID, c.ending()))
				return
			}
			select {
			case <-change:
			case <-over:
				return
			case <-ctx.Done():
				yield(Event{}, context.Cause(ctx))
				return
			}
		}
	}
}

// after is the events that came after a number, and what tells of the next one.
func (c *conn) after(last *int64, kind string) (rows []Event, hopeful bool, change <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.log.events {
		if e.n > *last && (kind == "" || e.kind == kind) {
			rows = append(rows, e.row())
		}
	}
	*last = c.log.last
	if len(rows) == 0 {
		change = c.watch()
	}
	return rows, c.hopeful(), change
}
