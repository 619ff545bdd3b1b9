package sandbox

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

// rawConn opens a connection without a reader, so that the client's side weighs little.
func rawConn(base string, query url.Values) (net.Conn, error) {
	host := strings.TrimPrefix(base, "ws://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(conn, "GET /?%s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", query.Encode(), host)
	if err != nil {
		return nil, err
	}
	head := make([]byte, 12)
	if _, err := io.ReadFull(conn, head); err != nil || string(head) != "HTTP/1.1 101" {
		return nil, fmt.Errorf("%s %v", head, err)
	}
	return conn, nil
}

// connectMany opens n connections of n users and waits until all are registered.
func connectMany(tb testing.TB, s *Server, n int) []net.Conn {
	tb.Helper()
	st := s.state.Load()
	conns := make([]net.Conn, n)
	var wg sync.WaitGroup
	next := make(chan int)
	for range 32 {
		wg.Go(func() {
			for i := range next {
				user := fmt.Sprintf("u%d", i)
				token, err := s.tokens.createUser(user, 1, time.Now())
				if err != nil {
					tb.Error(err)
					return
				}
				conns[i], err = rawConn(s.Ready().Gateway, url.Values{
					"token": {token}, "sendID": {user}, "platformID": {"1"}, "operationID": {"o"}, "isBackground": {"false"},
				})
				if err != nil {
					tb.Error(err)
					return
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	for range 500 {
		st.mu.Lock()
		online := len(st.online)
		st.mu.Unlock()
		if online == n {
			return conns
		}
		time.Sleep(10 * time.Millisecond)
	}
	tb.Fatal("not all are online")
	return nil
}

// TestManyConnections keeps what a connection costs small. Both ends are in this
// process; a client's end is a bare socket.
func TestManyConnections(t *testing.T) {
	if testing.Short() {
		t.Skip("many sockets")
	}
	const n = 2000
	s := startTest(t, Config{})
	before := runtime.NumGoroutine()
	inUse := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // what the first one found free in pools
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc + m.StackInuse) //nolint:gosec // bytes of this process
	}
	start := inUse()
	conns := connectMany(t, s, n)
	each := (inUse() - start) / n
	t.Logf("%d bytes and %.2f goroutines a connection", each, float64(runtime.NumGoroutine()-before)/n)
	if each > 40<<10 {
		t.Errorf("%d bytes a connection", each)
	}
	if extra := runtime.NumGoroutine() - before; extra > n+100 {
		t.Errorf("%d goroutines for %d idle connections", extra, n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range conns {
		_ = c.Close()
	}
}

func BenchmarkConnections(b *testing.B) {
	s := startTest(b, Config{})
	b.ResetTimer()
	conns := connectMany(b, s, b.N)
	b.StopTimer()
	for _, c := range conns {
		_ = c.Close()
	}
}

// BenchmarkGroupPush is one message to a group of a thousand open connections.
func BenchmarkGroupPush(b *testing.B) {
	const n = 1000
	s := startTest(b, Config{})
	conns := connectMany(b, s, n)
	defer func() {
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	for _, c := range conns {
		go func() { _, _ = io.Copy(io.Discard, c) }() // ends with the connection
	}
	st := s.state.Load()
	st.mu.Lock()
	st.groups.put("g", &group{groupID: "g"})
	for i := range n {
		st.addMember("g", fmt.Sprintf("u%d", i), roleMember, 0, "")
	}
	st.mu.Unlock()
	o := &outgoing{conversationID: "sg_g", data: msgData{SendID: "u0", GroupID: "g", SessionType: groupChat, Content: []byte(`{"content":"x"}`)}}
	b.ResetTimer()
	for b.Loop() {
		st.mu.Lock()
		s.gateway.push(st, o)
		st.mu.Unlock()
	}
	b.StopTimer()
}

// BenchmarkRequest is a request and its answer on one connection.
func BenchmarkRequest(b *testing.B) {
	s := startTest(b, Config{})
	st := s.state.Load()
	st.mu.Lock()
	st.addUser(&user{UserID: "u0"})
	st.mu.Unlock()
	token, err := s.tokens.createUser("u0", 1, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	conn, _, err := websocket.DefaultDialer.Dial(s.Ready().Gateway+"/?"+url.Values{
		"token": {token}, "sendID": {"u0"}, "platformID": {"1"}, "operationID": {"o"}, "isBackground": {"false"}, "compression": {"gzip"},
	}.Encode(), http.Header{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	c := &wsClient{gzip: true}
	data, err := encodeMessage("sdkws.GetMaxSeqReq", map[string]any{"userID": "u0"})
	if err != nil {
		b.Fatal(err)
	}
	plain, err := c.encode(GeneralWsReq{wsNewestSeq, "", "u0", "o", "1", data})
	if err != nil {
		b.Fatal(err)
	}
	frame := zip(plain)
	for b.Loop() {
		if err := conn.WriteMessage(websocket.BinaryMessage, frame); err != nil {
			b.Fatal(err)
		}
		if _, _, err := conn.ReadMessage(); err != nil {
			b.Fatal(err)
		}
	}
}

// TestGatewayLeavesNothing looks at goroutines right after Close.
func TestGatewayLeavesNothing(t *testing.T) {
	others := goleak.IgnoreCurrent()
	s, err := Start(t.Context(), Config{Fault: "ws-text-ping=1h,ws-cut-after=1h"})
	if err != nil {
		t.Fatal(err)
	}
	conns := connectMany(t, s, 50)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range conns {
		_ = c.Close()
	}
	goleak.VerifyNone(t, others)
}
