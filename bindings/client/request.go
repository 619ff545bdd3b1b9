package client

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// maxAsync bounds the requests of a connection that are under way without anyone waiting: the server queues 256 frames.
const maxAsync = 128

// outcome is an answer, or that the connection ended before one came.
type outcome struct {
	frame openim.Frame
	at    time.Time
	lost  bool
}

// pending is a request without an answer yet. Exactly one of the two is set.
type pending struct {
	answer  chan outcome  // somebody waits; it holds one
	then    func(outcome) // nobody waits; called with the connection locked
	settled bool
}

// call is a request.
type call struct {
	id    int32  // reqIdentifier
	what  string // for reports: "send"
	write bool
	data  []byte
	text  string // what data says, for reports
}

// settle hands an outcome to whoever is concerned. The connection is locked.
func (c *conn) settle(p *pending, o outcome) {
	p.settled = true
	if p.then != nil {
		p.then(o)
		return
	}
	p.answer <- o // it has room for the one outcome
}

// request sends a request and waits for its answer.
func (c *conn) request(ctx context.Context, r call) (openim.Frame, error) {
	g := c.hub.gateway
	if err := g.Admit(ctx, c.what(r), r.write); err != nil {
		return openim.Frame{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, g.Timeout(), late{})
	defer cancel()
	op, start := g.OperationID(), time.Now()
	p := &pending{answer: make(chan outcome, 1)}
	incr, size, err := c.write(ctx, r, op, p)
	x := openim.Exchange{What: c.what(r), OperationID: op, Start: start, Sent: size, Request: r.text}
	var got openim.Frame
	if err == nil {
		select {
		case o := <-p.answer:
			if got = o.frame; o.lost {
				err = c.gone(r)
			} else if got.ErrCode != 0 {
				err = g.Refusal(got)
			}
		case <-ctx.Done():
			if sock := c.forget(incr); sock != nil {
				sock.GaveUp(incr)
			}
			err = c.overdue(ctx, r)
		}
	}
	if err != nil {
		e := *fault.From(err)
		if e.OperationID == "" && size > 0 {
			e.OperationID = op
		}
		x.Err, err = &e, &e
	}
	x.Code, x.Got = got.ErrCode, len(got.Data)
	g.Report(x)
	return got, err
}

// late is why a request's own time limit ended it, and not its caller's.
type late struct{}

// Error is for those who print it.
func (late) Error() string { return "no answer in time" }

// write waits until the connection is open and writes the request.
func (c *conn) write(ctx context.Context, r call, op string, p *pending) (incr string, size int, err error) {
	sock, err := c.ready(ctx, r)
	if err != nil {
		return "", 0, err
	}
	c.mu.Lock()
	c.incr++
	incr = c.login.UserID + "_" + strconv.FormatInt(c.incr, 10) // as real clients make it (REAL-CLIENTS §5)
	if c.pending == nil {
		c.pending = map[string]*pending{}
	}
	c.pending[incr] = p
	c.mu.Unlock()
	size, err = sock.Write(ctx, openim.Frame{
		ReqIdentifier: r.id, SendID: c.login.UserID, OperationID: op, MsgIncr: incr, Data: r.data,
	})
	if err == nil {
		c.mu.Lock()
		if c.sock != sock && !p.settled { // it was lost before the request was noted: nobody else will say so
			delete(c.pending, incr)
			err = c.goneLocked(r)
		}
		c.mu.Unlock()
		return incr, size, err
	}
	c.forget(incr)
	var own *fault.Error
	if errors.As(err, &own) { // it was not sent, and the connection stays
		return incr, 0, err
	}
	if ctx.Err() != nil {
		return incr, size, c.overdue(ctx, r)
	}
	return incr, size, c.gone(r)
}

// forget takes a request from those that wait, and returns the socket in use; nil when there is none.
func (c *conn) forget(incr string) openim.Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.pending, incr)
	return c.sock
}

// ready waits while the connection is coming back.
func (c *conn) ready(ctx context.Context, r call) (openim.Socket, error) {
	for {
		c.mu.Lock()
		sock, trying := c.sock, c.trying && c.state == stateDown
		var change <-chan struct{}
		if sock == nil && trying {
			change = c.watch()
		}
		c.mu.Unlock()
		switch {
		case sock != nil:
			return sock, nil
		case !trying:
			return nil, c.gone(call{id: r.id, what: r.what})
		}
		select {
		case <-change:
		case <-ctx.Done():
			return nil, c.overdue(ctx, r)
		}
	}
}

// gone is the error of a request on a connection that has ended, or that ended before the answer came.
func (c *conn) gone(r call) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.goneLocked(r)
}

func (c *conn) goneLocked(r call) error {
	how := string(c.state)
	if c.why != "" {
		how += ": " + c.why
	}
	if c.state == stateOpen { // it is back already
		how = "was cut"
	}
	e := fault.New(fault.Unreachable, "%s of %s: the connection is %s", r.what, c.login.UserID, how)
	e.Detail = c.storyText()
	switch {
	case c.state == stateKicked || c.state == stateRefused:
		e.Kind = fault.Auth
	case c.state == stateClosed || c.state == stateLogout:
		e.Kind = fault.Usage
	}
	if r.write {
		return e.WithHint("it may have been carried out all the same: look before you repeat it")
	}
	return e.WithHint("c:reconnect() connects again")
}

// overdue is the error of a request whose time is over.
func (c *conn) overdue(ctx context.Context, r call) error {
	if cause := context.Cause(ctx); cause != error(late{}) {
		return fault.From(cause)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e := fault.New(fault.Timeout, "%s of %s: no answer within %s", r.what, c.login.UserID, c.hub.gateway.Timeout())
	e.Detail = c.storyText()
	if r.write {
		e.Hint = "it may have been carried out all the same: look before you repeat it"
	}
	return e
}

func (c *conn) what(r call) string { return fmt.Sprintf("%d %s of %s", r.id, r.what, c.login.UserID) }
