package client

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// Filter says which events are meant; what is left out matches all.
type Filter struct {
	From           string `json:"from" help:"who sent it"`
	To             string `json:"to" help:"the account it went to"`
	GroupID        string `json:"groupID" help:"the group it went to"`
	ConversationID string `json:"conversationID" help:"the conversation it is in"`
	Text           string `json:"text" help:"its whole text is this"`
	Contains       string `json:"contains" help:"its text, content or reason holds this; case counts"`
	ClientMsgID    string `json:"clientMsgID" help:"the message's id, as send gave it"`
	ContentType    int64  `json:"contentType" min:"1" help:"its type of content"`
	UserID         string `json:"userID" help:"of presence: who"`
	Since          int64  `json:"since" min:"1" help:"only events after the one of this number n"`
}

func (f Filter) matches(e *event) bool {
	if e.n <= f.Since || f.ConversationID != "" && f.ConversationID != e.conversation {
		return false
	}
	if p := e.presence; f.UserID != "" && (p == nil || p.UserID != f.UserID) {
		return false
	}
	m := e.msg
	if m == nil {
		return f.From == "" && f.To == "" && f.GroupID == "" && f.Text == "" && f.ClientMsgID == "" && f.ContentType == 0 &&
			strings.Contains(e.why, f.Contains)
	}
	if f.From != "" && f.From != m.SendID || f.To != "" && f.To != m.RecvID || f.GroupID != "" && f.GroupID != m.GroupID ||
		f.ClientMsgID != "" && f.ClientMsgID != m.ClientMsgID || f.ContentType != 0 && f.ContentType != int64(m.ContentType) {
		return false
	}
	if f.Text != "" && f.Text != textOf(m.ContentType, m.Content) {
		return false
	}
	return f.Contains == "" || strings.Contains(string(m.Content), f.Contains) || strings.Contains(textOf(m.ContentType, m.Content), f.Contains)
}

// words is the filter for messages.
func (f Filter) words(kind string) string {
	b := kind
	for _, part := range []struct{ name, val string }{
		{"from", f.From}, {"to", f.To}, {"in group", f.GroupID}, {"in", f.ConversationID}, {"with the text", quoted(f.Text)},
		{"that holds", quoted(f.Contains)}, {"with clientMsgID", f.ClientMsgID}, {"of", f.UserID},
	} {
		if part.val != "" {
			b += " " + part.name + " " + part.val
		}
	}
	if f.ContentType != 0 {
		b += fmt.Sprintf(" of contentType %d", f.ContentType)
	}
	return b
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return short(s)
}

// ExpectParams says what to wait for.
type ExpectParams struct {
	Client string `json:"client" arg:"1,required" help:"the connection"`
	Type   string `json:"type" default:"message" enum:"message,notification,typing,read,presence,connected,synced,closed,kicked,refused,failed,bad" help:"the type of event"`
	Filter
	Within time.Duration `json:"within" default:"5s" help:"how long to wait"`
	Again  bool          `json:"again" help:"an event that an earlier expect has matched counts too"`
}

func expectOp() bindings.Op {
	return bindings.Op{
		Name: "expect", Effect: bindings.Read,
		Doc:     "Wait until a connection has received an event that matches, and return it.",
		Example: `local c = client.connect("bob"); client.expect(c, {from="alice", text="hi", within="5s"})`,
		Notes: "On a connection: c:expect{from=\"alice\", text=\"hi\"}. Events that have come already count, the oldest first, and each satisfies one expect only: two messages of the same text need two.\n" +
			"latency is the time from sending to arrival in ms; latencyFrom says how it was measured: here, when the message was sent in this script, else server, from its sendTime, by the clocks of two machines.\n" +
			"A time limit that passes is an error of kind timeout that tells the last events of the connection. When the connection has ended for good, the error comes at once.",
		Run: bindings.Func(runExpect),
	}
}

func runExpect(ctx context.Context, env *bindings.Env, p ExpectParams) (Event, error) {
	if p.Within <= 0 {
		return Event{}, fault.New(fault.Usage, "within: want a duration above 0, got %s", p.Within)
	}
	c, err := held(env, p.Client)
	if err != nil {
		return Event{}, err
	}
	wait, cancel := context.WithTimeoutCause(ctx, p.Within, late{})
	defer cancel()
	from := int64(0)
	for {
		c.mu.Lock()
		e, found := c.match(p, &from)
		over := !found && !c.hopeful()
		var change <-chan struct{}
		if !found && !over {
			change = c.watch()
		}
		c.mu.Unlock()
		if found {
			return e.row(), nil
		}
		if over {
			e := c.missing(p, "no "+p.words(p.Type)+": the connection is "+c.ending())
			e.Kind = fault.Unreachable
			return Event{}, e
		}
		select {
		case <-change:
		case <-wait.Done():
			if context.Cause(wait) != error(late{}) {
				return Event{}, fault.From(context.Cause(wait))
			}
			c.hub.gateway.Waited(c.id + " " + p.words(p.Type))
			return Event{}, c.missing(p, "no "+p.words(p.Type)+" within "+p.Within.String())
		}
	}
}

// match finds the oldest event that fits and takes it. from is the number up to which there is none. The connection is
// locked.
func (c *conn) match(p ExpectParams, from *int64) (event, bool) {
	for i := range c.log.events {
		e := &c.log.events[i]
		if e.n <= *from || e.kind != p.Type || e.expected && !p.Again || !p.Filter.matches(e) {
			continue
		}
		e.expected = true
		return *e, true
	}
	*from = c.log.last
	return event{}, false
}

// hopeful tells whether further events can come. The connection is locked.
func (c *conn) hopeful() bool { return c.state == stateOpen || c.state == stateDown && c.trying }

// ending is how the connection ended.
func (c *conn) ending() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.why == "" {
		return string(c.state)
	}
	return string(c.state) + " (" + c.why + ")"
}

func (c *conn) missing(p ExpectParams, what string) *fault.Error {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := fault.New(fault.Timeout, "%s: %s", c.login.UserID, what)
	if e.Detail = c.storyText(); c.log.dropped > 0 {
		e.Hint = fmt.Sprintf("%d older events are no longer kept: connect with a larger keep", c.log.dropped)
		return e
	}
	for i := range c.log.events {
		old := &c.log.events[i]
		if old.kind == p.Type && old.expected && p.Filter.matches(old) {
			return e.WithHint("event %d matches, but an earlier expect has taken it: again=true counts it too", old.n)
		}
	}
	return e
}

// ExpectNoneParams says what must not come.
type ExpectNoneParams struct {
	Client string `json:"client" arg:"1,required" help:"the connection"`
	Type   string `json:"type" default:"message" enum:"message,notification,typing,read,presence,connected,synced,closed,kicked,refused,failed,bad" help:"the type of event"`
	Filter
	Within time.Duration `json:"within" default:"1s" help:"how long to watch"`
}

// None says that nothing came.
type None struct {
	Watched int64 `json:"watched" column:"1" help:"how long was watched, in ms"`
}

func expectNoneOp() bindings.Op {
	return bindings.Op{
		Name: "expect_none", Effect: bindings.Read,
		Doc:     "Watch a connection for a while; an event that matches is an error.",
		Example: `local c = client.connect("bob"); client.expect_none(c, {from="alice", within="1s"})`,
		Notes:   "Events that have come already count too, those that an expect has matched do not: name since=n to look only forward.",
		Run:     bindings.Func(runExpectNone),
	}
}

func runExpectNone(ctx context.Context, env *bindings.Env, p ExpectNoneParams) (None, error) {
	start := time.Now()
	e, err := runExpect(ctx, env, ExpectParams{Client: p.Client, Type: p.Type, Filter: p.Filter, Within: p.Within})
	switch {
	case err == nil:
		return None{}, fault.New(fault.Script, "%s got %s, and none was expected: event %d, %s", p.Client, p.words(p.Type), e.N, short(e.Text+e.Reason))
	case ctx.Err() != nil || !fault.Is(err, fault.Timeout) && !fault.Is(err, fault.Unreachable):
		return None{}, err
	}
	return None{Watched: time.Since(start).Milliseconds()}, nil
}
