package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Times of the gateway (SERVER-BEHAVIOUR §9, frames).
const (
	idleLimit    = 30 * time.Second // a client that sends nothing for this long is closed
	webPing      = 27 * time.Second // how often the server pings a browser
	writeWait    = 10 * time.Second
	onlineLife   = 30 * time.Minute // of ONLINE:<userID> in Redis
	onlineRenew  = 10 * time.Minute
	gatewayTicks = time.Second
)

const webPlatform = 5 // the one that the server pings

// maxConnections is how many may be open: the shipped websocketMaxConnNum (OPERATIONS).
const maxConnections = 100_000

// gateway is the WebSocket listener (port 10001 of a real deployment). Its lock is
// taken after that of the state and after that of a session.
type gateway struct {
	*Server
	upgrader  websocket.Upgrader
	codec     frameCodec
	idle      time.Duration
	pingEvery time.Duration
	most      int // connections

	mu       sync.Mutex
	sessions map[*session]bool
	closed   bool
}

func newGateway(s *Server) *gateway {
	g := &gateway{
		Server: s, sessions: map[*session]bool{}, idle: idleLimit, pingEvery: webPing, most: maxConnections,
		upgrader: websocket.Upgrader{
			CheckOrigin:     func(*http.Request) bool { return true },
			WriteBufferPool: &sync.Pool{},
			ReadBufferSize:  1024,
		},
	}
	if s.cfg.idleLimit != 0 {
		g.idle, g.pingEvery = s.cfg.idleLimit, s.cfg.idleLimit/2
	}
	if s.cfg.connectionLimit != 0 {
		g.most = s.cfg.connectionLimit
	}
	return g
}

// start runs f in a goroutine that Close waits for, unless the gateway is closed.
func (g *gateway) start(f func()) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.running.Go(f)
	return true
}

// full tells whether no further connection is taken.
func (g *gateway) full() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.sessions) >= g.most
}

// ServeHTTP makes the handshake; every path is served. A refusal is an envelope with
// HTTP 200, or after an upgrade a TEXT frame for a client that wants its answer so and
// whose arguments could be read and for whom there is room (SERVER-BEHAVIOUR §9, handshake).
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if g.full() {
		g.refuse(w, fail(codeConnTooMany, "over max conn num limit"))
		return
	}
	h, err := parseHandshake(r, g.cfg.Generation)
	if g.handshakeFault(w, h.userID) {
		return
	}
	if err != nil {
		g.refuse(w, err)
		return
	}
	st := g.state.Load()
	_, err = g.tokens.checkFor(h.token, h.userID, h.platformID)
	if code, ok := g.faults.number("ws-refuse", "", h.userID); ok {
		err = injected(code)
	}
	if err != nil && !h.wantsAnswer {
		g.refuse(w, err)
		return
	}
	ws, upgradeErr := g.upgrader.Upgrade(w, r, nil) // answers itself when it fails
	if upgradeErr != nil {
		g.log.Printf("handshake of %s: %v", h.userID, upgradeErr)
		return
	}
	c := newSession(g, st, h, ws)
	answers := h.wantsAnswer && !g.faults.strikes("ws-no-first-text", "", h.userID) || g.faults.strikes("ws-first-text", "", h.userID)
	if answers {
		_ = ws.SetWriteDeadline(time.Now().Add(writeWait)) // the write fails if this does
		if err := ws.WriteMessage(websocket.TextMessage, handshakeAnswer(err)); err != nil {
			_ = ws.Close()
			return
		}
	}
	if err != nil {
		_ = ws.Close()
		return
	}
	c.open()
}

func handshakeAnswer(err error) []byte {
	var e envelope
	if err != nil {
		api := asAPIError(err)
		e = envelope{ErrCode: api.code, ErrMsg: api.text(), ErrDlt: api.detail}
	}
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // plain data always encodes
	}
	return text
}

func (g *gateway) refuse(w http.ResponseWriter, err error) {
	g.log.Printf("handshake refused: %v", err)
	writeFault(w, http.StatusOK, string(handshakeAnswer(err)))
}

// keep pings the browsers and renews the presence in Redis, until the gateway closes.
func (g *gateway) keep(done <-chan struct{}) {
	tick := time.NewTicker(min(gatewayTicks, g.pingEvery/4))
	defer tick.Stop()
	renewed := time.Now()
	for {
		select {
		case <-done:
			return
		case now := <-tick.C:
			renew := now.Sub(renewed) >= onlineRenew
			if renew {
				renewed = now
			}
			for _, c := range g.all() {
				if c.platformID == webPlatform && !c.quiet && now.Sub(c.pinged) >= g.pingEvery {
					c.pinged = now
					c.send(outFrame{websocket.PingMessage, nil})
				}
				if renew {
					g.markOnline(c.userID, c.platformID)
				}
			}
		}
	}
}

func (g *gateway) all() []*session {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := make([]*session, 0, len(g.sessions))
	for c := range g.sessions {
		list = append(list, c)
	}
	return list
}

// close ends all connections; nothing is told to the clients.
func (g *gateway) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	for _, c := range g.all() {
		c.end()
	}
}

func onlineKey(userID string) string { return "ONLINE:" + userID }

// markOnline notes a platform of a user in Redis, with the time when it lapses
// (DATA-MODEL, Redis keys).
func (s *Server) markOnline(userID string, platformID int32) {
	key := onlineKey(userID)
	if _, err := s.redis.ZAdd(key, float64(time.Now().Add(onlineLife).Unix()), fmt.Sprint(platformID)); err != nil {
		s.log.Printf("%s: %v", key, err)
		return
	}
	s.redis.SetTTL(key, onlineLife)
}

func (s *Server) markOffline(userID string, platformID int32) {
	_, _ = s.redis.ZRem(onlineKey(userID), fmt.Sprint(platformID)) // it may be gone already
}
