package data

import (
	"encoding/binary"
	"io"
	"maps"
	"net"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/openimsdk/imctl/bindings/store"
)

// mongoProxy stands before a MongoDB and can refuse its commands, or end its connections, at a moment that a test chooses.
type mongoProxy struct {
	addr string
	to   string

	mu     sync.Mutex
	before func(command, on string) *refusal // told each command with its collection; nil: it goes on to MongoDB
	seen   int                               // commands told so far
	conns  map[net.Conn]bool                 // of clients, while they are served
	ended  *sync.Cond                        // one of them no longer is
}

// refusal is an answer in MongoDB's place; code 0 ends the connection.
type refusal struct {
	code int32
	name string
}

var (
	noRights  = &refusal{13, "Unauthorized"}
	badLogin  = &refusal{18, "AuthenticationFailed"}
	duplicate = &refusal{11000, "DuplicateKey"}
	diskFull  = &refusal{14031, "OutOfDiskSpace"}
	hangingUp = &refusal{}
)

func startProxy(t testing.TB, to string) *mongoProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &mongoProxy{addr: l.Addr().String(), to: to, conns: map[net.Conn]bool{}}
	p.ended = sync.NewCond(&p.mu)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.mu.Lock()
			p.conns[c] = true
			p.mu.Unlock()
			wg.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		p.settle()
		wg.Wait()
	})
	return p
}

// settle ends the connections there are, and waits until MongoDB has done what it was told on them: what a client gave up
// may be done all the same.
func (p *mongoProxy) settle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	old := maps.Clone(p.conns)
	for c := range old {
		_ = c.Close()
	}
	for len(old) > 0 {
		p.ended.Wait()
		maps.DeleteFunc(old, func(c net.Conn, _ bool) bool { return !p.conns[c] })
	}
}

// stop sets what comes before each command, and counts from 1 again.
func (p *mongoProxy) stop(before func(command, on string) *refusal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.before, p.seen = before, 0
}

// at calls do at the nth command.
func (p *mongoProxy) at(n int, do func() *refusal) {
	p.stop(func(string, string) *refusal {
		if p.seen != n {
			return nil
		}
		return do()
	})
}

func (p *mongoProxy) commands() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen
}

func (p *mongoProxy) serve(c net.Conn) {
	defer func() {
		_ = c.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.conns, c)
		p.ended.Broadcast()
	}()
	up, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer up.Close() //nolint:errcheck // a test
	for {
		request, err := readMessage(c)
		if err != nil {
			return
		}
		if r := p.decide(request); r != nil {
			if r.code == 0 {
				return
			}
			if _, err := c.Write(r.answer(request)); err != nil {
				return
			}
			continue
		}
		if _, err := up.Write(request); err != nil {
			return
		}
		answer, err := readMessage(up)
		if err != nil {
			return
		}
		if _, err := c.Write(answer); err != nil {
			return
		}
	}
}

// Parts of MongoDB's wire protocol: a header of 16 bytes (length, request, answer to, kind), flags, then the command.
const (
	messageHeader = 16
	commandAt     = messageHeader + 4 + 1
	opMsg         = 2013
)

func readMessage(r io.Reader) ([]byte, error) {
	head := make([]byte, messageHeader)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	message := make([]byte, binary.LittleEndian.Uint32(head))
	copy(message, head)
	_, err := io.ReadFull(r, message[messageHeader:])
	return message, err
}

func (p *mongoProxy) decide(request []byte) *refusal {
	if binary.LittleEndian.Uint32(request[12:]) != opMsg {
		return nil
	}
	first, err := bson.Raw(request[commandAt:]).IndexErr(0)
	if err != nil {
		return nil
	}
	switch first.Key() { // of the driver itself
	case "hello", "isMaster", "ismaster", "ping", "endSessions", "killCursors":
		return nil
	}
	on, _ := first.Value().StringValueOK()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen++; p.before == nil {
		return nil
	}
	return p.before(first.Key(), on)
}

func (r *refusal) answer(request []byte) []byte {
	doc, err := bson.Marshal(bson.D{{Key: "ok", Value: 0.0}, {Key: "code", Value: r.code}, {Key: "codeName", Value: r.name}, {Key: "errmsg", Value: "told by the test"}})
	if err != nil {
		panic(err)
	}
	out := binary.LittleEndian.AppendUint32(nil, uint32(commandAt+len(doc)))
	out = binary.LittleEndian.AppendUint32(out, 1)
	out = append(out, request[4:8]...)
	out = binary.LittleEndian.AppendUint32(out, opMsg)
	out = append(out, 0, 0, 0, 0, 0)
	return append(out, doc...)
}

// through is the world with a proxy before its MongoDB.
func (w *world) through(t testing.TB) (*mongoProxy, *world) {
	t.Helper()
	cfg := w.env.Stores.Config()
	p := startProxy(t, cfg.Mongo.Addresses[0])
	cfg.Mongo.Addresses = []string{p.addr}
	s := store.New(cfg)
	t.Cleanup(func() { _ = s.Close() })
	other := *w
	other.env = testEnv(t, s)
	return p, &other
}
