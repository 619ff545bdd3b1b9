//go:build unix

package openim

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func newDirectTest(t *testing.T) *direct {
	t.Helper()
	d := newDirect(newTransport()).(*direct)
	t.Cleanup(d.CloseIdleConnections)
	return d
}

// counted is a server that counts its connections.
func counted(t *testing.T, h http.HandlerFunc) (s *httptest.Server, conns *atomic.Int64) {
	t.Helper()
	conns = &atomic.Int64{}
	s = httptest.NewUnstartedServer(h)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			conns.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s, conns
}

func send(t *testing.T, d http.RoundTripper, method, address, body string, header ...string) (*http.Response, string, error) {
	t.Helper()
	var from io.Reader
	if body != "" {
		from = bytes.NewReader([]byte(body))
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address, from)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header[header[i]] = []string{header[i+1]}
	}
	res, err := d.RoundTrip(req)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res, string(text), err
}

// TestDirectAnswers: answers of every form are read to their end, over one connection.
func TestDirectAnswers(t *testing.T) {
	s, conns := counted(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/echo":
			fmt.Fprintf(w, "%s %s %s %s", r.Method, r.URL.RawQuery, r.Header.Get("X-One"), body)
		case "/chunks":
			for range 3 {
				io.WriteString(w, strings.Repeat("x", 5000))
				w.(http.Flusher).Flush()
			}
		case "/empty":
			w.WriteHeader(http.StatusNoContent)
		case "/early":
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusContinue)
			io.WriteString(w, "late")
		case "/gzip":
			if r.Header.Get("Accept-Encoding") == "gzip" {
				w.Header().Set("Content-Encoding", "gzip")
				zw := gzip.NewWriter(w)
				io.WriteString(zw, "packed")
				zw.Close()
			}
		case "/moved":
			http.Redirect(w, r, "/echo", http.StatusFound)
		}
	})
	d := newDirectTest(t)
	for _, c := range []struct {
		method, path, body string
		status, length     int
		text               string
	}{
		{"POST", "/echo?a=b%20c", "the body", 200, 0, "POST a=b%20c one the body"},
		{"GET", "/echo", "", 200, 0, "GET  one "},
		{"POST", "/echo", "", 200, 0, "POST  one "},
		{"HEAD", "/echo", "", 200, 0, ""},
		{"POST", "/chunks", "{}", 200, 15000, ""},
		{"POST", "/empty", "{}", 204, 0, ""},
		{"POST", "/early", "{}", 200, 0, "late"},
		{"GET", "/moved", "", 302, -1, ""},
	} {
		res, text, err := send(t, d, c.method, s.URL+c.path, c.body, "X-One", "one")
		if err != nil || res.StatusCode != c.status || c.length == 0 && text != c.text || c.length > 0 && len(text) != c.length {
			t.Errorf("%s %s: %v, %.80q", c.method, c.path, err, text)
		}
	}
	res, text, err := send(t, d, "POST", s.URL+"/gzip", "{}")
	if err != nil || res.Header.Get("Content-Encoding") != "gzip" || res.Uncompressed || text == "packed" {
		t.Errorf("gzip is left to the client: %v %q", err, text)
	}
	if n := conns.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// TestDirectConnections: a connection serves again when its answer was read, and only then.
func TestDirectConnections(t *testing.T) {
	s, conns := counted(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/close" {
			w.Header().Set("Connection", "close")
		}
		io.WriteString(w, strings.Repeat("x", 100_000))
	})
	d := newDirectTest(t)
	one := func(path string, read bool) {
		t.Helper()
		req, err := http.NewRequest("GET", s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := d.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if read {
			if n, err := io.Copy(io.Discard, res.Body); n != 100_000 || err != nil {
				t.Fatal(n, err)
			}
		}
		if err := res.Body.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for i, c := range []struct {
		path  string
		read  bool
		total int64
	}{{"/", true, 1}, {"/", true, 1}, {"/", false, 1}, {"/", true, 2}, {"/close", true, 2}, {"/", true, 3}, {"/", true, 3}} {
		if one(c.path, c.read); conns.Load() != c.total {
			t.Errorf("step %d: %d connections, want %d", i, conns.Load(), c.total)
		}
	}
	s.CloseClientConnections()
	time.Sleep(2 * fresh)
	if one("/", true); conns.Load() != 4 { // one that the server has closed is not used
		t.Errorf("%d connections", conns.Load())
	}
	d.closeIdle(time.Hour)
	if one("/", true); conns.Load() != 4 {
		t.Errorf("%d connections", conns.Load())
	}
	d.closeIdle(0)
	if one("/", true); conns.Load() != 5 {
		t.Errorf("%d connections", conns.Load())
	}
}

func TestDirectParallel(t *testing.T) {
	s, conns := counted(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Write(body)
	})
	d := newDirectTest(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for k := range 200 {
				want := fmt.Sprintf("%d of %d %s", k, i, strings.Repeat("y", k*20))
				if _, text, err := send(t, d, "POST", s.URL, want); err != nil || text != want {
					t.Errorf("%v, %.40q", err, text)
					return
				}
			}
		})
	}
	wg.Wait()
	if n := conns.Load(); n > 8 {
		t.Errorf("%d connections for 8 callers", n)
	}
}

// TestDirectEnds: a context ends a dial, a wait for an answer, and the reading of one.
func TestDirectEnds(t *testing.T) {
	release := make(chan struct{})
	s, _ := counted(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "begun")
			w.(http.Flusher).Flush()
		}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	d := newDirectTest(t)
	for _, path := range []string{"/wait", "/body"} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		req, err := http.NewRequestWithContext(ctx, "GET", s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		res, err := d.RoundTrip(req)
		if err == nil {
			_, err = io.ReadAll(res.Body)
			res.Body.Close()
		}
		if err == nil || ctx.Err() == nil || time.Since(start) > 5*time.Second {
			t.Errorf("%s: %v after %s", path, err, time.Since(start))
		}
		cancel()
		if _, err = d.RoundTrip(req); err == nil { // nothing is sent any more
			t.Error("an ended request was sent")
		}
	}
	if n := len(d.idle); n != 0 {
		t.Errorf("%d hosts with idle connections", n)
	}
}

// TestDirectBadAnswers: what is no HTTP, and what never ends, is an error.
func TestDirectBadAnswers(t *testing.T) {
	for name, answer := range map[string]string{
		"no HTTP": "220 mail\r\n", "nothing": "", "a cut header": "HTTP/1.1 200 OK\r\nContent-Le",
		"an endless header":        "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", directHeader+10),
		"informational for ever":   strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 20),
		"two lengths":              "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
		"a body that is cut":       "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nabc",
		"a chunk that is no chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			http.ReadRequest(bufio.NewReader(conn))
			io.WriteString(conn, answer)
		}()
		d := newDirectTest(t)
		if _, text, err := send(t, d, "POST", "http://"+l.Addr().String(), "{}"); err == nil {
			t.Errorf("%s: read as %.40q", name, text)
		}
		l.Close()
		<-ended
	}
	// More than was announced is not taken for the next answer.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			http.ReadRequest(bufio.NewReader(conn))
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
			conn.Close()
		}
	}()
	d := newDirectTest(t)
	for range 3 {
		if _, text, err := send(t, d, "POST", "http://"+l.Addr().String(), "{}"); err != nil || text != "ok" {
			t.Errorf("%v %q", err, text)
		}
	}
}

// TestDirectLeaves: what it is not made for goes through the standard transport, and what is no header is not sent.
func TestDirectLeaves(t *testing.T) {
	d := newDirectTest(t)
	d.rest.Proxy = func(r *http.Request) (*url.URL, error) {
		if r.URL.Host == "proxied" {
			return url.Parse("http://proxy")
		}
		return nil, nil
	}
	for _, c := range []struct {
		address string
		body    int
		header  string
		takes   bool
	}{
		{"http://x/", 10, "", true}, {"http://x/", 0, "", true}, {"https://x/", 10, "", false}, {"http://proxied/", 10, "", false},
		{"http://x/", directBody + 1, "", false}, {"http://x/", 10, "Expect", false}, {"http://x/", 10, "Upgrade", false},
	} {
		var body io.Reader
		if c.body > 0 {
			body = bytes.NewReader(make([]byte, c.body))
		}
		req, err := http.NewRequest("POST", c.address, body)
		if err != nil {
			t.Fatal(err)
		}
		if c.header != "" {
			req.Header.Set(c.header, "x")
		}
		if got := d.takes(req); got != c.takes {
			t.Errorf("%+v: %v", c, got)
		}
	}
	s, _ := counted(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") })
	for _, h := range [][2]string{{"X-Bad", "a\r\nX-Evil: 1"}, {"X Bad", "a"}, {"X-Bad\r\nEvil", "a"}} {
		if _, _, err := send(t, d, "POST", s.URL, "{}", h[0], h[1]); err == nil || strings.Contains(err.Error(), "Evil: 1") {
			t.Errorf("%q: %v", h, err)
		}
	}
}
