package client

import (
	"time"

	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// The kinds of events.
const (
	kindMessage      = "message"
	kindNotification = "notification"
	kindTyping       = "typing"
	kindRead         = "read"
	kindPresence     = "presence"
	kindConnected    = "connected"
	kindSynced       = "synced"
	kindClosed       = "closed"
	kindKicked       = "kicked"
	kindRefused      = "refused"
	kindFailed       = "failed"
	kindBad          = "bad"
)

const kinds = "message,notification,typing,read,presence,connected,synced,closed,kicked,refused,failed,bad"

// How a latency was measured.
const (
	measuredHere   = "here"
	measuredServer = "server"
)

// defaultKeep is how many events a connection keeps.
const defaultKeep = 10000

// event is something that happened to a connection, as it is kept.
type event struct {
	n            int64
	kind         string
	at           time.Time
	conversation string
	msg          *openim.GatewayMessage
	presence     *openim.Presence
	why          string
	count        int
	latency      time.Duration
	measured     string
	pulled       bool
	duplicate    bool
	expected     bool // an expect has matched it
}

// eventLog keeps the last events.
type eventLog struct {
	events  []event
	keep    int
	last    int64 // number of the last one
	dropped int64 // that are no longer kept
}

func (l *eventLog) add(e event) {
	l.last++
	e.n = l.last
	if len(l.events) >= max(l.keep, 1) { // half of them at a time, so that it costs little
		half := len(l.events)/2 + 1
		l.dropped += int64(half)
		kept := copy(l.events, l.events[half:])
		clear(l.events[kept:])
		l.events = l.events[:kept]
	}
	l.events = append(l.events, e)
}

// record keeps an event and tells who waits. The connection is locked.
func (c *conn) record(e event) {
	c.log.add(e)
	c.tell()
}

// remark records something worth telling that is no event of the server's.
func (c *conn) remark(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.record(event{kind: kindFailed, at: c.hub.env.Now(), why: text})
}

// watch is told of the next change. The connection is locked.
func (c *conn) watch() <-chan struct{} {
	ch := make(chan struct{})
	c.changed = append(c.changed, ch)
	return ch
}

func (c *conn) tell() {
	for _, ch := range c.changed {
		close(ch)
	}
	c.changed = nil
}

// Event is an event as scripts see it. Fields that do not apply are left out.
type Event struct {
	N              int64    `json:"n" column:"1" key:"true" help:"its number among the events of the connection"`
	Time           int64    `json:"time" column:"2" help:"when it came, in ms"`
	Type           string   `json:"type" column:"3" help:"message, notification, typing, read (somebody has read), presence, connected, synced (after coming back), closed, kicked, refused, failed, bad (what can't be read)"`
	SendID         string   `json:"sendID,omitempty" column:"4" help:"who sent it"`
	RecvID         string   `json:"recvID,omitempty" help:"the account it went to"`
	GroupID        string   `json:"groupID,omitempty" help:"the group it went to"`
	ConversationID string   `json:"conversationID,omitempty" help:"the conversation it is in"`
	Seq            int64    `json:"seq,omitempty" column:"5" help:"its number in the conversation; none when it is not stored"`
	ContentType    int64    `json:"contentType,omitempty" help:"101 text, 110 custom, 113 typing, 2200 read …"`
	Text           string   `json:"text,omitempty" column:"6" help:"the text of it"`
	Content        string   `json:"content,omitempty" help:"the whole content, as JSON in a string"`
	Detail         any      `json:"detail,omitempty" help:"of a notification: what it says"`
	ClientMsgID    string   `json:"clientMsgID,omitempty" help:"the message's id"`
	ServerMsgID    string   `json:"serverMsgID,omitempty" help:"its other id"`
	SendTime       int64    `json:"sendTime,omitempty" help:"when the server took it, in ms"`
	Latency        *float64 `json:"latency,omitempty" column:"7" help:"ms from sending to arrival"`
	LatencyFrom    string   `json:"latencyFrom,omitempty" help:"here: from the send call in this script; server: from sendTime, by the clocks of two machines"`
	Ex             string   `json:"ex,omitempty" help:"extra data of the application"`
	Pulled         bool     `json:"pulled,omitempty" help:"it was not pushed but pulled later"`
	Duplicate      bool     `json:"duplicate,omitempty" help:"it was pushed before"`
	UserID         string   `json:"userID,omitempty" help:"of presence: who"`
	Platforms      []string `json:"platforms,omitempty" help:"of presence: where the user is online; none is offline"`
	Reason         string   `json:"reason,omitempty" column:"8" help:"why"`
	Count          int64    `json:"count,omitempty" help:"of synced: how many messages were pulled"`
}

// row makes an event what scripts see.
func (e event) row() Event {
	r := Event{
		N: e.n, Time: e.at.UnixMilli(), Type: e.kind, ConversationID: e.conversation, Reason: e.why, Count: int64(e.count),
		Pulled: e.pulled, Duplicate: e.duplicate, LatencyFrom: e.measured,
	}
	if e.measured != "" {
		ms := float64(e.latency.Microseconds()) / 1000
		r.Latency = &ms
	}
	if p := e.presence; p != nil {
		r.UserID, r.Platforms = p.UserID, platformNames(p.PlatformIDs)
	}
	m := e.msg
	if m == nil {
		return r
	}
	r.SendID, r.RecvID, r.GroupID, r.Seq = m.SendID, m.RecvID, m.GroupID, m.Seq
	r.ContentType, r.Content = int64(m.ContentType), string(m.Content)
	r.Text = textOf(m.ContentType, m.Content)
	r.ClientMsgID, r.ServerMsgID, r.SendTime, r.Ex = m.ClientMsgID, m.ServerMsgID, m.SendTime, m.Ex
	if e.kind == kindNotification || e.kind == kindRead {
		r.Detail = detailOf(m.Content)
	}
	return r
}

// detailOf is what a notification says: JSON in a string in JSON (SERVER-BEHAVIOUR §9).
func detailOf(content []byte) any {
	outer, err := value.Parse(content)
	o, ok := outer.(*value.Object)
	if err != nil || !ok {
		return nil
	}
	text, _ := o.Get("detail")
	s, ok := text.(string)
	if !ok {
		return text
	}
	if inner, err := value.Parse([]byte(s)); err == nil {
		return inner
	}
	return s
}
