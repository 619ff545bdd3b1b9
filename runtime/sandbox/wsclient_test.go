package sandbox

import (
	"bytes"
	"compress/gzip"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// GeneralWsReq and wsAnswer are the frames as a client has them: with types of their
// own, so that the sandbox's aren't checked against themselves. The name of the first
// is that of real clients.
type GeneralWsReq struct {
	ReqIdentifier int    `json:"reqIdentifier"`
	Token         string `json:"token,omitempty"`
	SendID        string `json:"sendID"`
	OperationID   string `json:"operationID"`
	MsgIncr       string `json:"msgIncr"`
	Data          []byte `json:"data"`
}

type wsAnswer struct {
	ReqIdentifier int    `json:"reqIdentifier"`
	ErrCode       int    `json:"errCode"`
	ErrMsg        string `json:"errMsg"`
	MsgIncr       string `json:"msgIncr"`
	OperationID   string `json:"operationID"`
	Data          []byte `json:"data"`
}

// wsClient is one connection to the gateway.
type wsClient struct {
	conn     *websocket.Conn
	js, gzip bool
	texts    chan string
	binaries chan []byte
	pings    chan string
	pongs    chan string
	closed   chan struct{} // the reader ended
	err      error         // why, after closed

	mu sync.Mutex // of writing
}

// dialGateway returns the HTTP answer too; the client is nil when it is a refusal.
func dialGateway(base, path string, query url.Values) (*wsClient, *http.Response, error) {
	conn, resp, err := websocket.DefaultDialer.Dial(base+path+"?"+query.Encode(), nil)
	if errors.Is(err, websocket.ErrBadHandshake) {
		return nil, resp, nil
	}
	if err != nil {
		return nil, nil, err
	}
	c := &wsClient{
		conn: conn, js: query.Get("sdkType") == "js", gzip: query.Get("compression") == "gzip",
		texts: make(chan string, 1000), binaries: make(chan []byte, 1000), pings: make(chan string, 1000), pongs: make(chan string, 1000),
		closed: make(chan struct{}),
	}
	conn.SetPingHandler(func(data string) error {
		c.pings <- data
		return c.write(websocket.PongMessage, []byte(data))
	})
	conn.SetPongHandler(func(data string) error { c.pongs <- data; return nil })
	go c.read()
	return c, resp, nil
}

func (c *wsClient) read() {
	defer close(c.closed)
	for {
		kind, data, err := c.conn.ReadMessage()
		if err != nil {
			c.err = err
			return
		}
		if kind == websocket.TextMessage {
			c.texts <- string(data)
		} else {
			c.binaries <- data
		}
	}
}

func (c *wsClient) close() {
	_ = c.conn.Close()
	<-c.closed
}

func (c *wsClient) write(kind int, data []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conn.WriteMessage(kind, data)
}

func (c *wsClient) encode(r GeneralWsReq) ([]byte, error) {
	var plain bytes.Buffer
	if c.js {
		if err := json.NewEncoder(&plain).Encode(r); err != nil {
			return nil, err
		}
	} else if err := gob.NewEncoder(&plain).Encode(r); err != nil {
		return nil, err
	}
	return plain.Bytes(), nil
}

func zip(plain []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(plain)
	_ = z.Close()
	return out.Bytes()
}

func (c *wsClient) request(r GeneralWsReq) error {
	plain, err := c.encode(r)
	if err != nil {
		return err
	}
	if c.gzip {
		plain = zip(plain)
	}
	return c.write(websocket.BinaryMessage, plain)
}

func (c *wsClient) decode(frame []byte) (wsAnswer, error) {
	var a wsAnswer
	if c.gzip {
		z, err := gzip.NewReader(bytes.NewReader(frame))
		if err != nil {
			return a, err
		}
		if frame, err = io.ReadAll(z); err != nil {
			return a, err
		}
	}
	if c.js {
		d := json.NewDecoder(bytes.NewReader(frame))
		d.DisallowUnknownFields()
		return a, d.Decode(&a)
	}
	return a, gob.NewDecoder(bytes.NewReader(frame)).Decode(&a)
}

// receive waits for a BINARY frame that is as wanted; others are skipped.
func (c *wsClient) receive(within time.Duration, want func(wsAnswer) error) (wsAnswer, error) {
	end := time.After(within)
	closed := c.closed
	var last error
	for {
		var frame []byte
		select {
		case frame = <-c.binaries:
		case <-closed:
			closed = nil
			if len(c.binaries) == 0 {
				return wsAnswer{}, errors.Join(errors.New("closed"), c.err, last)
			}
			continue
		case <-end:
			return wsAnswer{}, errors.Join(errors.New("no such frame in time"), last)
		}
		a, err := c.decode(frame)
		if err != nil {
			return a, err
		}
		if last = want(a); last == nil {
			return a, nil
		}
	}
}

// ask sends a request and waits for its answer.
func (c *wsClient) ask(r GeneralWsReq) (wsAnswer, error) {
	if err := c.request(r); err != nil {
		return wsAnswer{}, err
	}
	return c.receive(5*time.Second, func(a wsAnswer) error {
		if a.MsgIncr != r.MsgIncr || a.ReqIdentifier != r.ReqIdentifier {
			return fmt.Errorf("skipped %d %q", a.ReqIdentifier, a.MsgIncr)
		}
		return nil
	})
}

func next[T any](from <-chan T, within time.Duration) (T, error) {
	select {
	case v := <-from:
		return v, nil
	case <-time.After(within):
		var zero T
		return zero, errors.New("nothing came in time")
	}
}
