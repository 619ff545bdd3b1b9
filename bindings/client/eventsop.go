package client

import (
	"context"
	"fmt"

	"github.com/openimsdk/imctl/bindings"
)

// EventsParams says which events to list.
type EventsParams struct {
	Client string `json:"client" arg:"1,required" help:"the connection"`
	Type   string `json:"type" enum:"message,notification,typing,read,presence,connected,synced,closed,kicked,refused,failed,bad" help:"only events of this type"`
	Filter
}

func eventsOp() bindings.Op {
	return bindings.Op{
		Name: "events", Effect: bindings.Read,
		Doc:     "List the events that a connection has received, in order.",
		Example: `local c = client.connect("bob"); client.events(c, {type="message"})`,
		Notes:   "Also what was sent from this account comes back as a message: the server pushes it to every connection of the sender.",
		Run: bindings.Func(func(_ context.Context, env *bindings.Env, p EventsParams) ([]Event, error) {
			c, err := held(env, p.Client)
			if err != nil {
				return nil, err
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			out := []Event{}
			for i := range c.log.events {
				if e := &c.log.events[i]; (p.Type == "" || e.kind == p.Type) && p.Filter.matches(e) {
					out = append(out, e.row())
				}
			}
			return out, nil
		}),
	}
}

// Story is what has happened to a connection, for people.
type Story struct {
	State string   `json:"state" column:"1" help:"open, down, kicked, refused, broken, logged out or closed"`
	Why   string   `json:"why,omitempty" column:"2" help:"why, when it is not open"`
	Lines []string `json:"lines" help:"the events in words, the oldest first"`
}

func storyOp() bindings.Op {
	return bindings.Op{
		Name: "story", Effect: bindings.Read,
		Doc:     "Tell what has happened to a connection, a line for each event.",
		Example: `local c = client.connect("bob"); print(table.concat(client.story(c).lines, "\n"))`,
		Run: bindings.Func(func(_ context.Context, env *bindings.Env, p ClientParams) (Story, error) {
			c, err := held(env, p.Client)
			if err != nil {
				return Story{}, err
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			s := Story{State: string(c.state), Why: c.why, Lines: []string{}}
			if c.log.dropped > 0 {
				s.Lines = append(s.Lines, fmt.Sprintf("(%d older events are no longer kept)", c.log.dropped))
			}
			for _, e := range c.log.events {
				s.Lines = append(s.Lines, e.line())
			}
			return s, nil
		}),
	}
}
