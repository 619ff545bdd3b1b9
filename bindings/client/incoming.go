package client

import (
	"time"

	"github.com/openimsdk/imctl/bindings/openim"
)

// take deals with a frame: an answer goes to who waits for it, a push becomes events. It returns the state in which the
// connection ends with this frame, or "".
func (c *conn) take(f openim.Frame, at time.Time) (end state, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case f.ReqIdentifier == openim.WSKicked:
		return stateKicked, "kicked by the server: another login on this platform, or a forced logout"
	case f.ReqIdentifier == openim.WSPush && f.MsgIncr == "":
		c.pushed(f, at)
	case f.ReqIdentifier == openim.WSSubscribe && f.MsgIncr == "":
		c.presence(f, at)
	default:
		p, ok := c.pending[f.MsgIncr]
		if !ok {
			c.stats.strayAnswers++
			return "", ""
		}
		delete(c.pending, f.MsgIncr)
		c.settle(p, outcome{frame: f, at: at})
	}
	return "", ""
}

// pushed records what a push holds. The connection is locked.
func (c *conn) pushed(f openim.Frame, at time.Time) {
	list, err := openim.DecodePulled(f.Data)
	if err != nil {
		c.record(event{kind: kindBad, at: at, why: "a push that can't be read: " + err.Error()})
		return
	}
	c.hub.gateway.Trace("push to %s operationID=%s of %d conversations, %d bytes", c.login.UserID, f.OperationID, len(list), len(f.Data))
	for _, p := range list {
		for _, m := range p.Messages {
			c.arrived(p, m, at, false)
		}
	}
}

// arrived records a message or notification, pushed or pulled. The connection is locked.
func (c *conn) arrived(p openim.PulledMessages, m *openim.GatewayMessage, at time.Time, pulled bool) {
	e := event{kind: kindMessage, at: at, conversation: p.ConversationID, msg: m, pulled: pulled}
	switch {
	case p.Notifications && m.ContentType == typeRead:
		e.kind = kindRead
	case p.Notifications:
		e.kind = kindNotification
	case m.ContentType == typeTyping:
		e.kind = kindTyping
	}
	s := c.sequence(p.ConversationID)
	fresh, gap := s.take(m.Seq, pulled, c.based)
	switch {
	case pulled && !fresh:
		return // it has been pushed already
	case !fresh && s.late(m.Seq):
		c.stats.late++ // it has been pulled already
		return
	case !fresh:
		e.duplicate = true
		c.stats.duplicates++
	}
	if !pulled && m.Seq > 0 {
		if m.Seq < s.pushed {
			c.stats.outOfOrder++
		}
		s.pushed = max(s.pushed, m.Seq)
	}
	if sent, here := c.hub.sentAt(m.ClientMsgID); here {
		e.latency, e.measured = at.Sub(sent), measuredHere
	} else if m.SendTime > 0 {
		e.latency, e.measured = at.Sub(time.UnixMilli(m.SendTime)), measuredServer
	}
	if e.kind == kindMessage {
		c.stats.received++
		if !pulled && !e.duplicate && m.SendID != c.login.UserID {
			c.stats.delivered(e.latency, e.measured)
		}
	}
	c.record(e)
	if gap {
		c.stats.gaps++
		c.fillSoon(p.ConversationID, s)
	}
}

// presence records who came online or went. The connection is locked.
func (c *conn) presence(f openim.Frame, at time.Time) {
	list, err := openim.DecodePresence(f.Data)
	if err != nil {
		c.record(event{kind: kindBad, at: at, why: "a presence push that can't be read: " + err.Error()})
		return
	}
	for _, p := range list {
		c.record(event{kind: kindPresence, at: at, presence: &p})
	}
}
