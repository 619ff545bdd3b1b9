package client

import (
	"context"
	"encoding/hex"
	"io"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// SendParams describes a message that a connection sends.
type SendParams struct {
	Client  string `json:"client" arg:"1,required" help:"the connection; or an account, for which one is made for this call"`
	To      string `json:"to" arg:"2" help:"the account it goes to"`
	GroupID string `json:"groupID" help:"the group it goes to, in place of an account"`
	Content
	AtUserIDs      []string `json:"atUserIDList" help:"in a group: who is meant"`
	SenderNickname string   `json:"senderNickname" help:"the name shown with it"`
	ClientMsgID    string   `json:"clientMsgID" help:"the id of the message; left out: a fresh one"`
	Ex             string   `json:"ex" help:"extra data of the application"`
	NoWait         bool     `json:"noWait" help:"do not wait for the server's answer; flush waits for all of them"`
}

// Sent is a message that was sent.
type Sent struct {
	ClientMsgID string   `json:"clientMsgID" column:"1" key:"true" help:"the message's id"`
	ServerMsgID string   `json:"serverMsgID,omitempty" column:"2" help:"its other id"`
	SendTime    int64    `json:"sendTime,omitempty" column:"3" help:"when the server took it, in ms"`
	Latency     *float64 `json:"latency,omitempty" column:"4" help:"ms until the server's answer"`
}

func sendOp() bindings.Op {
	return bindings.Op{
		Name: "send", Effect: bindings.Write,
		Doc:     "Send a message over a connection, as a user's app does.",
		Example: `client.send("alice", "bob", "hi")`,
		Notes: "On a connection: c:send{to=\"bob\", text=\"hi\"}. With an account in place of a connection, one is made on the platform linux for this call, which ends the session that the account has there.\n" +
			"Exactly one of text, data and content, and to or groupID. The server answers before the message is stored and pushed: the receiver's expect waits for it. Its refusals (blocked, muted, not in the group …) are errors with its code.\n" +
			"A send is never repeated: after a broken connection the error says that it may have arrived. With noWait up to 128 sends of a connection are under way at one time.",
		Run: bindings.Func(runSend),
	}
}

func runSend(ctx context.Context, env *bindings.Env, p SendParams) (Sent, error) {
	m, err := p.message(env.Rand)
	if err != nil {
		return Sent{}, err
	}
	c, done, err := open(ctx, env, p.Client)
	if err != nil {
		return Sent{}, err
	}
	defer done()
	if p.NoWait && env.Held != nil {
		return Sent{ClientMsgID: m.ClientMsgID}, c.sendAsync(ctx, m)
	}
	return c.send(ctx, m)
}

// message makes what goes over the wire, with the fields that real clients fill (REAL-CLIENTS §7).
func (p SendParams) message(random io.Reader) (*openim.GatewayMessage, error) {
	switch {
	case p.To != "" && p.GroupID != "":
		return nil, fault.New(fault.Usage, "to and groupID are both given; a message goes to one of them")
	case p.To == "" && p.GroupID == "":
		return nil, fault.New(fault.Usage, "missing field to or groupID: where the message goes")
	}
	contentType, content, err := p.Content.build()
	if err != nil {
		return nil, err
	}
	m := &openim.GatewayMessage{
		RecvID: p.To, GroupID: p.GroupID, ClientMsgID: p.ClientMsgID, SessionType: sessionSingle, MsgFrom: fromUser, ContentType: contentType,
		Content: content, Status: statusSending, OfflinePush: &openim.OfflinePush{}, AtUserIDs: p.AtUserIDs, Ex: p.Ex,
		SenderNickname: p.SenderNickname,
	}
	if p.GroupID != "" {
		m.SessionType = sessionGroup
	}
	if m.ClientMsgID == "" {
		m.ClientMsgID, err = freshID(random)
	}
	return m, err
}

// freshID is 32 hexadecimal digits.
func freshID(random io.Reader) (string, error) {
	b := make([]byte, 16)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fault.New(fault.Internal, "no random bytes: %w", err)
	}
	return hex.EncodeToString(b), nil
}

// outgoing completes a message with what is the connection's.
func (c *conn) outgoing(m *openim.GatewayMessage) call {
	now := c.hub.env.Now()
	m.SendID, m.SenderPlatformID, m.CreateTime = c.login.UserID, int32(c.login.PlatformID), now.UnixMilli()
	c.hub.note(m.ClientMsgID, now)
	c.mu.Lock()
	c.stats.sent++
	c.mu.Unlock()
	r := call{id: openim.WSSend, what: "send", write: true, data: m.Encode()}
	if c.hub.gateway.Traced() {
		r.text = "clientMsgID=" + m.ClientMsgID + " to " + m.RecvID + m.GroupID + " " + string(m.Content)
	}
	return r
}

func (c *conn) send(ctx context.Context, m *openim.GatewayMessage) (Sent, error) {
	r := c.outgoing(m)
	start := time.Now()
	f, err := c.request(ctx, r)
	if err != nil {
		c.mu.Lock()
		c.stats.refused++
		c.mu.Unlock()
		return Sent{}, err
	}
	got, err := openim.DecodeSent(f.Data)
	if err != nil {
		return Sent{}, badAnswer("send", err)
	}
	ms := float64(time.Since(start).Microseconds()) / 1000
	out := Sent{ClientMsgID: m.ClientMsgID, ServerMsgID: got.ServerMsgID, SendTime: got.SendTime, Latency: &ms}
	return out, nil
}

// sendAsync writes a message and leaves its answer to settle later: a refusal becomes an event.
func (c *conn) sendAsync(ctx context.Context, m *openim.GatewayMessage) error {
	if err := c.settled(ctx, maxAsync-1); err != nil {
		return err
	}
	r := c.outgoing(m)
	g := c.hub.gateway
	if err := g.Admit(ctx, c.what(r), true); err != nil {
		return err
	}
	op, start := g.OperationID(), time.Now()
	p := &pending{then: func(o outcome) {
		c.async--
		x := openim.Exchange{What: c.what(r), OperationID: op, Start: start, Sent: len(r.data), Request: r.text, Code: o.frame.ErrCode, Got: len(o.frame.Data)}
		switch {
		case o.lost:
			x.Err = fault.New(fault.Unreachable, "the connection ended before the answer came")
		case o.frame.ErrCode != 0:
			x.Err = g.Refusal(o.frame)
		}
		if x.Err != nil {
			c.failed++
			c.stats.refused++
			c.record(event{kind: kindFailed, at: c.hub.env.Now(), why: "the send " + m.ClientMsgID + ": " + x.Err.Error()})
		} else {
			c.tell()
		}
		g.Report(x)
	}}
	c.mu.Lock()
	c.async++
	c.mu.Unlock()
	_, _, err := c.write(ctx, r, op, p)
	if err != nil {
		c.mu.Lock()
		if !p.settled {
			c.async--
		}
		c.mu.Unlock()
	}
	return err
}

// settled waits until at most so many requests are under way without anyone waiting.
func (c *conn) settled(ctx context.Context, most int) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.hub.gateway.Timeout(), late{})
	defer cancel()
	for {
		c.mu.Lock()
		if c.async <= most {
			c.mu.Unlock()
			return nil
		}
		change := c.watch()
		c.mu.Unlock()
		select {
		case <-change:
		case <-ctx.Done():
			return c.overdue(ctx, call{what: "send", write: true})
		}
	}
}

// ClientParams names a connection.
type ClientParams struct {
	Client string `json:"client" arg:"1,required" help:"the connection"`
}

// Flushed is what became of the sends that nobody waited for.
type Flushed struct {
	Failed int64 `json:"failed" column:"1" help:"how many failed since the last flush; the events of type failed say why"`
}

func flushOp() bindings.Op {
	return bindings.Op{
		Name: "flush", Effect: bindings.Read,
		Doc:     "Wait until the server has answered every message that was sent with noWait.",
		Example: `local c = client.connect("alice"); c:send{to="bob", text="hi", noWait=true}; client.flush(c)`,
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p ClientParams) (Flushed, error) {
			c, err := held(env, p.Client)
			if err != nil {
				return Flushed{}, err
			}
			if err := c.settled(ctx, 0); err != nil {
				return Flushed{}, err
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			f := Flushed{Failed: int64(c.failed)}
			c.failed = 0
			return f, nil
		}),
	}
}
