package client

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

const (
	// beatEvery is how long a connection may send nothing before it sends a ping; the server waits 30 s
	// (SERVER-BEHAVIOUR §9).
	beatEvery = 12 * time.Second
	// deadAfter is how long the server may send nothing, pongs included, before the connection counts as dead.
	deadAfter = 40 * time.Second
	// keptSends is how many of the last messages sent from here are known with their time, to measure delivery.
	keptSends = 1 << 16
)

// hub is all connections of one script.
type hub struct {
	gateway *openim.Gateway
	env     *bindings.Env
	ctx     context.Context // of the script: over when the hub is closed
	cancel  context.CancelFunc
	beats   sync.WaitGroup

	mu    sync.Mutex
	conns map[string]*conn
	last  int

	sentMu sync.Mutex
	sent   map[string]time.Time // clientMsgID: when it was written
	order  []string             // ring of the ids in sent
	at     int
}

func newHub(env *bindings.Env) (*hub, error) {
	g, err := env.API.Gateway(env.Gateway)
	if err != nil {
		return nil, err
	}
	h := &hub{gateway: g, env: env, conns: map[string]*conn{}, sent: map[string]time.Time{}}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.beats.Go(h.beat)
	return h, nil
}

// hubOf is the hub of the script that runs. A single command has none of its own: done ends what was made for it.
func hubOf(env *bindings.Env) (h *hub, done func(), err error) {
	if env.Held == nil {
		if h, err = newHub(env); err != nil {
			return nil, nil, err
		}
		return h, h.Close, nil
	}
	kept, err := env.Held.Once(areaName, func() (bindings.Closer, error) { return newHub(env) })
	if err != nil {
		return nil, nil, err
	}
	return kept.(*hub), func() {}, nil
}

// open is the connection that a parameter names. In place of a connection's id it may hold a userID: then a connection is
// made for this one call, which done ends.
func open(ctx context.Context, env *bindings.Env, name string) (c *conn, done func(), err error) {
	h, end, err := hubOf(env)
	if err != nil {
		return nil, nil, err
	}
	if c := h.find(name); c != nil {
		return c, end, nil
	}
	if strings.Contains(name, "#") {
		end()
		return nil, nil, unknown(name)
	}
	if c, err = h.connect(ctx, ConnectParams{UserID: name, Platform: "linux", Encoding: "go", Keep: defaultKeep}); err != nil {
		end()
		return nil, nil, err
	}
	return c, func() { c.halt(stateClosed, "the call was done"); end() }, nil
}

// held is the connection that a parameter names, which must be open in this script.
func held(env *bindings.Env, name string) (*conn, error) {
	if env.Held == nil {
		return nil, fault.New(fault.Unsupported, "this works on a connection that a script keeps open").
			WithHint("in a script: local c = client.connect{userID=\"alice\"}; here: imctl client watch USERID, imctl client send FROM TO TEXT")
	}
	h, _, err := hubOf(env)
	if err != nil {
		return nil, err
	}
	if c := h.find(name); c != nil {
		return c, nil
	}
	return nil, unknown(name)
}

func unknown(name string) error {
	return fault.New(fault.Usage, "client: %q is no connection of this script", name).
		WithHint("give what client.connect returned")
}

func (h *hub) find(id string) *conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.conns[id]
}

func (h *hub) add(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	c.id = c.login.UserID + "#" + strconv.Itoa(h.last) // no userID holds a #
	h.conns[c.id] = c
}

func (h *hub) all() []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]*conn, 0, len(h.conns))
	for _, c := range h.conns {
		out = append(out, c)
	}
	return out
}

// Close cuts all connections and waits until their goroutines have ended.
func (h *hub) Close() {
	h.cancel()
	conns := h.all()
	for _, c := range conns {
		c.end(stateClosed, "the script ended")
	}
	for _, c := range conns {
		c.wait()
	}
	h.beats.Wait()
	h.gateway.Close()
}

// beat sends a ping over each connection that has sent nothing for a while, and cuts those that have died.
func (h *hub) beat() {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-h.ctx.Done():
			return
		case <-t.C:
		}
		for _, c := range h.all() {
			c.beat()
		}
	}
}

// note keeps when a message was sent from here.
func (h *hub) note(clientMsgID string, at time.Time) {
	h.sentMu.Lock()
	defer h.sentMu.Unlock()
	if len(h.order) < keptSends {
		h.order = append(h.order, clientMsgID)
	} else {
		delete(h.sent, h.order[h.at])
		h.order[h.at] = clientMsgID
		h.at = (h.at + 1) % keptSends
	}
	h.sent[clientMsgID] = at
}

func (h *hub) sentAt(clientMsgID string) (time.Time, bool) {
	h.sentMu.Lock()
	defer h.sentMu.Unlock()
	at, ok := h.sent[clientMsgID]
	return at, ok
}
