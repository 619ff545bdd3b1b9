package client

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// state is where a connection is.
type state string

const (
	stateOpen    state = "open"
	stateDown    state = "down"    // cut; it comes back by itself unless the script cut it
	stateKicked  state = "kicked"  // by the server, frame 2002 or a token that was kicked
	stateRefused state = "refused" // the server does not take it back
	stateBroken  state = "broken"  // the server sent what is no frame
	stateLogout  state = "logged out"
	stateClosed  state = "closed" // by the script
)

const (
	// lastPause is the longest wait between two tries to come back; they double from one second as those of real clients
	// do (REAL-CLIENTS §4).
	lastPause = 30 * time.Second
	// steady is how long a connection must have held for the next try to be made at once.
	steady = 5 * time.Second
)

// conn is one virtual user's connection, over all of its sockets.
type conn struct {
	hub       *hub
	id        string
	login     openim.Login
	platform  string
	reconnect bool // come back by itself after a cut

	mu      sync.Mutex
	sock    openim.Socket // nil unless open
	state   state
	why     string
	trying  bool          // a loop is at work that may bring it back
	stop    func()        // ends the loop
	ended   chan struct{} // closed when the loop has ended; nil when there was none
	pending map[string]*pending
	incr    int64
	async   int             // requests under way that nobody waits for
	failed  int             // of those, since the last flush
	changed []chan struct{} // told of the next event or change of state
	log     eventLog
	convs   map[string]*sequence
	based   bool // what was stored before our time is known
	stats   counters

	pinging sync.Mutex
}

// start makes the first socket, in the caller's time.
func (c *conn) start(ctx context.Context) error {
	sock, err := c.hub.gateway.Dial(ctx, c.login)
	if err != nil {
		return err
	}
	life, stop := context.WithCancel(c.hub.ctx)
	ended := make(chan struct{})
	c.mu.Lock()
	c.stop, c.ended, c.trying = stop, ended, true
	c.mu.Unlock()
	if !c.opened(life, sock) {
		close(ended)
		return fault.New(fault.Canceled, "the script ended while %s connected", c.login.UserID)
	}
	go func() {
		defer close(ended)
		defer stop()
		c.run(life, sock)
	}()
	return nil
}

// run reads sockets, one after the other, until the connection is over.
func (c *conn) run(life context.Context, sock openim.Socket) {
	defer func() {
		if r := recover(); r != nil { // what the server sends must not end the program
			c.lost(stateBroken, fmt.Sprintf("a fault of imctl while reading: %v", r))
		}
		c.mu.Lock()
		c.trying = false
		c.tell()
		c.mu.Unlock()
	}()
	pause := time.Duration(0)
	for sock != nil {
		since := time.Now()
		next, why := c.read(sock)
		now, _ := c.lost(next, why)
		sock.Cut()
		if now != stateDown || !c.reconnect || life.Err() != nil {
			return
		}
		if time.Since(since) > steady {
			pause = 0
		}
		if sock = c.comeBack(life, &pause); sock != nil && c.opened(life, sock) {
			go c.resync(life, sock)
		} else {
			return
		}
	}
}

// comeBack dials until it works, the server refuses, or the life ends.
func (c *conn) comeBack(life context.Context, pause *time.Duration) openim.Socket {
	for {
		if *pause > 0 && bindings.Wait(life, *pause/2+rand.N(*pause)) != nil {
			return nil
		}
		*pause = min(max(2**pause, time.Second), lastPause)
		sock, err := c.hub.gateway.Dial(life, c.login)
		if err == nil {
			return sock
		}
		if life.Err() != nil {
			return nil
		}
		if e := fault.From(err); e.Kind != fault.Unreachable && e.Kind != fault.Timeout {
			to := stateRefused
			if e.Code == codeKicked {
				to = stateKicked
			}
			c.lost(to, e.Error())
			return nil
		}
		c.mu.Lock()
		c.stats.failedDials++
		c.mu.Unlock()
	}
}

// codeKicked says that the token was kicked (SERVER-BEHAVIOUR §3).
const codeKicked = 1506

// read takes frames until the socket ends, and says how it ended.
func (c *conn) read(sock openim.Socket) (state, string) {
	for {
		in, err := sock.Read(context.Background()) // cutting the socket ends it
		at := c.hub.env.Now()
		var bad *openim.BadFrame
		switch {
		case errors.As(err, &bad):
			return stateBroken, "the server sent what is no frame: " + bad.Error()
		case err != nil:
			return stateDown, openim.Ending(err)
		}
		if in.Text != "" {
			continue // a pong; the socket knows that it came
		}
		if end, why := c.take(in.Frame, at); end != "" {
			return end, why
		}
	}
}

// opened makes a socket the connection's, unless the script has ended the connection meanwhile.
func (c *conn) opened(life context.Context, sock openim.Socket) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if life.Err() != nil {
		sock.Cut()
		return false
	}
	c.sock, c.state, c.why = sock, stateOpen, ""
	c.stats.connects++
	c.record(event{kind: kindConnected, at: c.hub.env.Now()})
	return true
}

// lost records how the connection ended, unless that is known already, and fails what waits for an answer. It returns
// the state that counts, and the socket that was in use.
func (c *conn) lost(to state, why string) (state, openim.Socket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == stateOpen || c.state == stateDown && to != stateDown {
		c.state, c.why = to, why
		kind := kindClosed
		if to == stateKicked || to == stateRefused {
			kind = string(to)
		}
		c.record(event{kind: kind, at: c.hub.env.Now(), why: why})
	}
	sock := c.sock
	if sock != nil {
		in, out := sock.Bytes()
		c.stats.bytesIn, c.stats.bytesOut = c.stats.bytesIn+in, c.stats.bytesOut+out
		c.sock = nil
	}
	for incr, p := range c.pending {
		delete(c.pending, incr)
		c.settle(p, outcome{lost: true})
	}
	return c.state, sock
}

// end puts the connection into a final state and cuts its socket. It does not wait.
func (c *conn) end(to state, why string) {
	c.mu.Lock()
	stop := c.stop
	c.mu.Unlock()
	if stop != nil {
		stop()
	}
	if _, sock := c.lost(to, why); sock != nil {
		sock.Cut()
	}
}

// wait waits for the reading goroutine.
func (c *conn) wait() {
	c.mu.Lock()
	ended := c.ended
	c.mu.Unlock()
	if ended != nil {
		<-ended
	}
}

// halt ends the connection and waits.
func (c *conn) halt(to state, why string) {
	c.end(to, why)
	c.wait()
}

// beat pings when nothing was sent for a while, and cuts a connection over which nothing comes any more. It never waits.
func (c *conn) beat() {
	c.mu.Lock()
	sock := c.sock
	c.mu.Unlock()
	if sock == nil {
		return
	}
	in, out := sock.Quiet()
	switch {
	case in > deadAfter:
		why := fmt.Sprintf("nothing came for %s, heartbeats were not answered", in.Round(time.Second))
		c.lost(stateDown, why)
		go sock.Lose(why)
	case (out > beatEvery || in > beatEvery) && c.pinging.TryLock():
		go func() {
			defer c.pinging.Unlock()
			_ = sock.Ping(c.hub.ctx) // a socket that can't be written to ends by itself
		}()
	}
}
