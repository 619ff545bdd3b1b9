//go:build unix

package openim

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/net/http/httpguts"
)

const (
	directBody   = 64 << 10 // a larger body goes through the standard transport, which reads an early answer while it writes
	directHeader = 1 << 20  // bytes of an answer's header
	directIdle   = 30 * time.Second
	mostIdle     = 1024 // kept connections of a host
	fresh        = time.Millisecond
)

// direct is a transport for plain HTTP/1.1: it writes a request and reads its answer in the caller's goroutine, over
// connections that it keeps. The standard one has two goroutines for each connection and hands each request through both,
// which costs as much again as the exchange itself. What it is not made for (TLS, proxies, large bodies) it leaves to that.
type direct struct {
	rest *http.Transport

	mu    sync.Mutex
	idle  map[string][]*directConn // by address, the one used last at the end
	timer *time.Timer              // closes what nobody has used for a while; nil when nothing is kept
}

// directConn is a connection with what belongs to it.
type directConn struct {
	conn    net.Conn
	raw     syscall.RawConn
	from    io.LimitedReader
	r       *bufio.Reader
	out     []byte
	address string
	since   time.Time // when it became idle
}

func newDirect(rest *http.Transport) http.RoundTripper {
	return &direct{rest: rest, idle: map[string][]*directConn{}}
}

// takes tells whether a request is one of those that it is made for.
func (d *direct) takes(req *http.Request) bool {
	if req.URL.Scheme != "http" || req.ContentLength < 0 || req.ContentLength > directBody || req.Body != nil && req.ContentLength == 0 ||
		req.Host != req.URL.Host || req.Close || len(req.TransferEncoding) > 0 || len(req.Trailer) > 0 {
		return false
	}
	for _, name := range []string{"Connection", "Expect", "Upgrade", "Transfer-Encoding", "Content-Length", "Host"} {
		if _, has := req.Header[name]; has {
			return false
		}
	}
	if d.rest.Proxy == nil {
		return true
	}
	proxy, err := d.rest.Proxy(req)
	return proxy == nil && err == nil
}

// RoundTrip sends a request and reads the header of its answer.
func (d *direct) RoundTrip(req *http.Request) (*http.Response, error) {
	if !d.takes(req) {
		return d.rest.RoundTrip(req)
	}
	if req.Body != nil {
		defer req.Body.Close()
	}
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, err := d.get(ctx, req.URL)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(time.Unix(1, 0)) }) // a closed one needs no deadline
	res, err := c.exchange(req)
	if err != nil {
		stop()
		_ = c.conn.Close() // the error that counts is there already
		return nil, err
	}
	body := &directAnswer{ReadCloser: res.Body, d: d, c: c, stop: stop, keep: !res.Close && res.StatusCode != http.StatusSwitchingProtocols}
	res.Body = body
	if res.ContentLength == 0 || body.ReadCloser == http.NoBody {
		body.end(true)
	}
	return res, nil
}

// CloseIdleConnections closes the connections that are kept.
func (d *direct) CloseIdleConnections() {
	d.closeIdle(0)
	d.rest.CloseIdleConnections()
}

// get gives a kept connection that is still open, or a new one.
func (d *direct) get(ctx context.Context, u interface {
	Hostname() string
	Port() string
}) (*directConn, error) {
	port := u.Port()
	if port == "" {
		port = "80"
	}
	address := net.JoinHostPort(u.Hostname(), port)
	for {
		d.mu.Lock()
		list := d.idle[address]
		n := len(list)
		if n == 0 {
			d.mu.Unlock()
			break
		}
		c := list[n-1]
		list[n-1] = nil
		d.idle[address] = list[:n-1]
		d.mu.Unlock()
		if c.open() {
			return c, nil
		}
		_ = c.conn.Close() // it is no use any more
	}
	conn, err := d.rest.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	c := &directConn{conn: conn, address: address}
	if sc, ok := conn.(syscall.Conn); ok {
		c.raw, err = sc.SyscallConn()
	}
	if err != nil {
		_ = conn.Close() // the error that counts is there already
		return nil, err
	}
	c.from.R = conn
	c.r = bufio.NewReaderSize(&c.from, 8<<10)
	return c, nil
}

// open tells whether the other side has neither closed a kept connection nor sent anything over it. One that was used a
// moment ago is taken for open: a server keeps it for seconds, and one that stops could as well do so a moment later.
func (c *directConn) open() bool {
	if time.Since(c.since) < fresh {
		return true
	}
	if c.raw == nil {
		return false
	}
	quiet := false
	err := c.raw.Read(func(fd uintptr) bool {
		var one [1]byte
		_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		quiet = errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EWOULDBLOCK)
		return true
	})
	return err == nil && quiet
}

// put keeps a connection for the next request.
func (d *direct) put(c *directConn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := d.idle[c.address]
	if len(list) >= mostIdle {
		_ = c.conn.Close() // nobody needs it
		return
	}
	c.since = time.Now()
	d.idle[c.address] = append(list, c)
	if d.timer == nil {
		d.timer = time.AfterFunc(directIdle, func() { d.closeIdle(directIdle) })
	}
}

// closeIdle closes the connections that were kept for so long.
func (d *direct) closeIdle(age time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	for address, list := range d.idle {
		old := 0
		for old < len(list) && time.Since(list[old].since) >= age {
			_ = list[old].conn.Close() // nobody needs it
			old++
		}
		if old == len(list) {
			delete(d.idle, address)
			continue
		}
		d.idle[address] = append([]*directConn{}, list[old:]...)
		if d.timer == nil {
			d.timer = time.AfterFunc(directIdle, func() { d.closeIdle(directIdle) })
		}
	}
}

// exchange writes a request and reads the header of its answer.
func (c *directConn) exchange(req *http.Request) (*http.Response, error) {
	if err := c.compose(req); err != nil {
		return nil, err
	}
	if _, err := c.conn.Write(c.out); err != nil {
		return nil, err
	}
	for informed := 0; ; informed++ {
		c.from.N = directHeader
		res, err := http.ReadResponse(c.r, req)
		switch {
		case err != nil && c.from.N <= 0:
			return nil, errors.New("the header of the answer is longer than 1 MiB")
		case err != nil:
			return nil, err
		case res.StatusCode >= 200 || res.StatusCode == http.StatusSwitchingProtocols:
			c.from.N = math.MaxInt64
			return res, nil
		case informed >= 5:
			return nil, errors.New("one answer of informational status follows another")
		}
	}
}

// compose makes the bytes of a request.
func (c *directConn) compose(req *http.Request) error {
	b := append(c.out[:0], req.Method...)
	b = append(b, ' ')
	b = append(b, req.URL.RequestURI()...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, req.Host...)
	b = append(b, "\r\n"...)
	for name, values := range req.Header {
		if !httpguts.ValidHeaderFieldName(name) {
			return errors.New("invalid header name " + strconv.Quote(name))
		}
		for _, v := range values {
			if !httpguts.ValidHeaderFieldValue(v) {
				return errors.New("invalid value of the header " + name) // it may be a secret
			}
			b = append(b, name...)
			b = append(b, ": "...)
			b = append(b, v...)
			b = append(b, "\r\n"...)
		}
	}
	if _, said := req.Header["Accept-Encoding"]; !said && req.Method != http.MethodHead {
		b = append(b, "Accept-Encoding: gzip\r\n"...)
	}
	if req.Body != nil || req.Method == http.MethodPost || req.Method == http.MethodPut || req.Method == http.MethodPatch {
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, req.ContentLength, 10)
		b = append(b, "\r\n"...)
	}
	b = append(b, "\r\n"...)
	if req.Body != nil {
		head := len(b)
		b = append(b, make([]byte, req.ContentLength)...)
		if _, err := io.ReadFull(req.Body, b[head:]); err != nil {
			return err
		}
	}
	c.out = b
	return nil
}

// directAnswer is the body of an answer; when it has been read its connection is free again.
type directAnswer struct {
	io.ReadCloser
	d    *direct
	c    *directConn
	stop func() bool
	keep bool // the connection stays open behind it
	over bool
}

func (a *directAnswer) Read(p []byte) (int, error) {
	n, err := a.ReadCloser.Read(p)
	if err != nil && !a.over {
		a.end(err == io.EOF)
	}
	return n, err
}

func (a *directAnswer) Close() error {
	if !a.over {
		a.end(false)
	}
	return nil
}

// end gives the connection back; whole says that the answer was read to its end.
func (a *directAnswer) end(whole bool) {
	a.over = true
	if a.stop() && whole && a.keep && a.c.r.Buffered() == 0 {
		a.d.put(a.c)
		return
	}
	_ = a.c.conn.Close() // it can't be used again
}
