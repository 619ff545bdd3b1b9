package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	maxFrame   = 51200 // bytes of a frame from a client
	queueLimit = 256   // frames that wait to be written; one more closes the connection
)

// session is one open WebSocket. One goroutine reads; another writes while there is
// something to write.
type session struct {
	gw    *gateway
	st    *state
	ws    *websocket.Conn
	begun time.Time

	encoding
	connID, userID, token string
	platformID            int32
	out                   encoding // as encoding, unless a fault says otherwise
	quiet, noPong         bool     // faults
	cutAfter              int      // frames; 0 is never
	timers                []*time.Timer
	pinged                time.Time // by the gateway's keeper only

	background bool            // under the state's lock, as the next two
	attached   bool            // counted as online
	watched    map[string]bool // whose presence it is told

	mu      sync.Mutex
	queue   []outFrame
	writing bool
	last    bool // nothing more is taken: when all is written it closes
}

// outFrame is a frame to write, of one of the kinds of the websocket package.
type outFrame struct {
	kind int
	data []byte
}

func newSession(g *gateway, st *state, h handshake, ws *websocket.Conn) *session {
	now := time.Now()
	return &session{
		gw: g, st: st, ws: ws, begun: now, pinged: now, encoding: h.encoding, out: h.encoding,
		connID: fmt.Sprintf("%016x%016x", g.requests.Add(1), now.UnixNano()),
		userID: h.userID, token: h.token, platformID: h.platformID,
	}
}

// open makes the session known and starts reading.
func (c *session) open() {
	c.suffer()
	if !c.gw.register(c) {
		c.stopTimers()
		_ = c.ws.Close()
		return
	}
	if !c.gw.start(c.read) {
		c.gone()
	}
}

// read takes frames until the connection ends.
func (c *session) read() {
	defer c.gone()
	defer func() {
		if p := recover(); p != nil { // the real server closes too
			c.gw.log.Printf("panic in the connection of %s: %v\n%s", c.userID, p, debug.Stack())
		}
	}()
	c.ws.SetReadLimit(maxFrame)
	awake := func() {
		if !c.quiet {
			_ = c.ws.SetReadDeadline(time.Now().Add(c.gw.idle)) // a closed one fails at the read
		}
	}
	c.ws.SetPingHandler(func(data string) error {
		awake()
		if !c.noPong {
			c.send(outFrame{websocket.PongMessage, []byte(data)})
		}
		return nil
	})
	c.ws.SetPongHandler(func(string) error { awake(); return nil })
	for frames := 1; ; frames++ {
		awake()
		kind, data, err := c.ws.ReadMessage()
		if err == nil {
			if kind == websocket.TextMessage {
				err = c.text(data)
			} else {
				err = c.request(data)
			}
		}
		if err != nil {
			c.gw.log.Printf("connection %s of %s ends: %v", c.connID, c.userID, err)
			return
		}
		if frames == c.cutAfter {
			c.end()
		}
	}
}

func (c *session) stopTimers() {
	for _, t := range c.timers {
		t.Stop()
	}
}

// text answers a ping and takes a pong; any other TEXT frame closes.
func (c *session) text(frame []byte) error {
	var m struct {
		Type string          `json:"type"`
		Body json.RawMessage `json:"body"`
	}
	if err := json.Unmarshal(frame, &m); err != nil {
		return err
	}
	switch m.Type {
	case "pong":
		return nil
	case "ping":
		m.Type = "pong"
		answer, err := json.Marshal(m)
		if err != nil {
			return err
		}
		if !c.noPong {
			c.send(outFrame{websocket.TextMessage, answer})
		}
		return nil
	}
	return errors.New("a TEXT frame of type " + m.Type)
}

// send queues a frame; a full queue ends the connection.
func (c *session) send(f outFrame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.last:
	case len(c.queue) >= queueLimit:
		c.gw.log.Printf("connection %s of %s reads too slowly", c.connID, c.userID)
		c.endLocked()
	default:
		c.queue = append(c.queue, f)
		if !c.writing {
			c.writing = c.gw.start(c.write)
		}
	}
}

// sendReply encodes a frame in the connection's way.
func (c *session) sendReply(r *encodings) {
	frame, err := c.gw.codec.cached(c.out, r)
	if err != nil {
		c.gw.log.Printf("encoding %d for %s: %v", r.reply.ReqIdentifier, c.userID, err)
		return
	}
	c.send(outFrame{websocket.BinaryMessage, frame})
}

// write writes what waits in the queue.
func (c *session) write() {
	for {
		c.mu.Lock()
		if len(c.queue) == 0 {
			c.queue, c.writing = nil, false
			if c.last {
				_ = c.ws.Close()
			}
			c.mu.Unlock()
			return
		}
		f := c.queue[0]
		c.queue = c.queue[1:]
		c.mu.Unlock()
		if err := c.writeFrame(f); err != nil {
			c.end()
		}
	}
}

func (c *session) writeFrame(f outFrame) error {
	end := time.Now().Add(writeWait)
	if f.kind == websocket.PingMessage || f.kind == websocket.PongMessage {
		return c.ws.WriteControl(f.kind, f.data, end)
	}
	if err := c.ws.SetWriteDeadline(end); err != nil {
		return err
	}
	return c.ws.WriteMessage(f.kind, f.data)
}

// finish closes when what waits is written. The real server closes the TCP connection
// and sends no close frame.
func (c *session) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.last {
		c.last = true
		if !c.writing {
			_ = c.ws.Close()
		}
	}
}

// end closes at once.
func (c *session) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endLocked()
}

func (c *session) endLocked() {
	c.last, c.queue = true, nil
	_ = c.ws.Close() // it may be closed already
}

// gone is for a connection that is read no more.
func (c *session) gone() {
	c.stopTimers()
	c.st.mu.Lock()
	c.gw.detach(c)
	c.st.mu.Unlock()
	c.finish()
	c.gw.mu.Lock()
	delete(c.gw.sessions, c)
	c.gw.mu.Unlock()
}
