package cli_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// cutter passes connections on to a server, until they are cut: the network falls, and the server stays.
type cutter struct {
	net.Listener
	to string

	mu    sync.Mutex
	down  bool
	conns []net.Conn
}

func newCutter(t *testing.T, to string) *cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{Listener: l, to: to}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { c.pass(in) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		c.cut(true)
		all.Wait()
	})
	return c
}

func (c *cutter) pass(in net.Conn) {
	defer in.Close()
	out, err := net.Dial("tcp", c.to)
	if err != nil {
		return
	}
	defer out.Close()
	c.mu.Lock()
	down := c.down
	c.conns = append(c.conns, in, out)
	c.mu.Unlock()
	if down {
		return
	}
	go func() {
		_, _ = io.Copy(out, in)
		_ = out.Close()
		_ = in.Close()
	}()
	_, _ = io.Copy(in, out)
}

// cut ends all connections; with stay, those that come from now on too.
func (c *cutter) cut(stay bool) {
	c.mu.Lock()
	conns := c.conns
	c.conns, c.down = nil, stay
	c.mu.Unlock()
	for _, conn := range conns {
		_ = conn.Close()
	}
}

func (c *cutter) up() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.down = false
}

// TestClientsComeBack: while 200 clients are cut again and again, 2,000 messages are sent past them; in the end each client has
// each of its messages once.
func TestClientsComeBack(t *testing.T) {
	p := newPerson(t, true)
	c := newCutter(t, strings.TrimPrefix(p.server.Gateway, "ws://"))
	script := write(t, "cut.lua", `
local N, M = 200, 10
local users, conns = { { userID = "sender", nickname = "s" } }, {}
for i = 1, N do users[i + 1] = { userID = "c" .. i, nickname = "c" } end
user.register { users = users }
for i = 1, N do conns[i] = client.connect { userID = "c" .. i, encoding = i % 2 == 0 and "go" or "js", platform = "linux" } end
print("connected")
for m = 1, M do
	for i = 1, N do message.send { sendID = "sender", recvID = "c" .. i, text = ("%d for %d"):format(m, i) } end
	sleep("300ms")
end
print("sent")
local back = 0
for i, c in ipairs(conns) do
	c:expect { text = ("%d for %d"):format(M, i), within = "90s" }
	c:sync()
	local got = c:events { type = "message" }
	if #got ~= M then error(("%s has %d of %d: %s"):format(c.id, #got, M, table.concat(c:story().lines, "\n"))) end
	local seen = {}
	for m, e in ipairs(got) do
		if e.duplicate or seen[e.text] then error(c.id .. " got twice: " .. e.text) end
		seen[e.text] = true
	end
	back = back + c:stats().reconnects
end
local s = client.stats()
print(("came back %d times, %d duplicates"):format(back, s.duplicates))
assert(back >= N and s.duplicates == 0)`)
	stop := make(chan struct{})
	var cutting sync.WaitGroup
	cutting.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Second):
				c.cut(true)
				time.Sleep(300 * time.Millisecond)
				c.up()
			}
		}
	})
	time.AfterFunc(9*time.Second, func() { close(stop) })
	r := p.wants(t, 0, "--gateway", "ws://"+c.Addr().String(), "run", script)
	cutting.Wait()
	t.Logf("in %s: %s", r.took.Round(time.Second/10), r.stdout)
}
