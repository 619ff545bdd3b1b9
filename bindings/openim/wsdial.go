package openim

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/openimsdk/imctl/bindings/fault"
)

// parallelDials bounds the handshakes under way at one time: after the fall of a server thousands come back at once.
const parallelDials = 64

// Gateway makes connections to the WebSocket gateway of a deployment. It is safe for parallel use.
type Gateway struct {
	client  *Client
	setting Setting
	url     *url.URL
	http    *http.Client
	zipper  zipper
	gobs    gobCodec
	dials   chan struct{}
}

// Gateway prepares connections to the gateway at an address; it sends nothing.
func (c *Client) Gateway(at Setting) (*Gateway, error) {
	text := strings.TrimSpace(at.Value)
	if text == "" {
		return nil, fault.New(fault.Auth, "no address is set for the WebSocket gateway of %s", c.contextName()).
			WithHint("set it with --gateway ws://host:10001, or as gateway in the context")
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "ws" && u.Scheme != "wss" {
		return nil, fault.New(fault.Usage, "the address of the WebSocket gateway is not valid: %q", Mask(text)).
			WithHint("it comes from %s and must look like ws://host:10001", orUnknown(at.Source))
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	return &Gateway{
		client: c, setting: at, url: u, dials: make(chan struct{}, parallelDials),
		http: &http.Client{
			Transport: &http.Transport{ // a connection keeps these buffers for as long as it lives: small ones
				Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second,
				ReadBufferSize: 1 << 10, WriteBufferSize: 1 << 10, DisableCompression: true,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Timeout is how long a handshake or a request may take.
func (g *Gateway) Timeout() time.Duration { return g.client.cfg.Timeout }

// Login says who connects, and how.
type Login struct {
	UserID      string
	PlatformID  int
	Token       string
	Encoding    Encoding
	Compression bool // gzip each frame
	MsgResp     bool // have the outcome of the handshake as a first TEXT frame (isMsgResp)
	Packed      bool // the form `v` of the query: one parameter with everything in it
	Background  bool
}

// query is the handshake's, in either form (SERVER-BEHAVIOUR §9).
func (l Login) query(operationID string) (url.Values, error) {
	compression := ""
	if l.Compression {
		compression = "gzip"
	}
	if l.Packed {
		text, err := json.Marshal(struct {
			Token        string `json:"token"`
			UserID       string `json:"userID"`
			PlatformID   int    `json:"platformID"`
			OperationID  string `json:"operationID"`
			Compression  string `json:"compression,omitempty"`
			SDKType      string `json:"sdkType"`
			SendResponse bool   `json:"sendResponse"`
			Background   bool   `json:"background"`
		}{l.Token, l.UserID, l.PlatformID, operationID, compression, string(l.Encoding), l.MsgResp, l.Background})
		return url.Values{"v": {base64.RawURLEncoding.EncodeToString(text)}}, err
	}
	q := url.Values{
		"token": {l.Token}, "sendID": {l.UserID}, "platformID": {strconv.Itoa(l.PlatformID)}, "operationID": {operationID},
		"isBackground": {strconv.FormatBool(l.Background)}, "sdkType": {string(l.Encoding)},
	}
	if compression != "" {
		q.Set("compression", compression)
	}
	if l.MsgResp {
		q.Set("isMsgResp", "true")
	}
	return q, nil
}

// Dial makes a connection. A refusal by the server, in each of the forms it has, is an error with the server's code.
func (g *Gateway) Dial(ctx context.Context, l Login) (Socket, error) {
	c := g.client
	if c.cfg.Guard != nil {
		if err := c.cfg.Guard("the WebSocket handshake", false); err != nil {
			return nil, err
		}
	}
	select {
	case g.dials <- struct{}{}:
		defer func() { <-g.dials }()
	case <-ctx.Done():
		return nil, g.ended(ctx, "the handshake")
	}
	if !strings.HasPrefix(l.Token, "eyJ") { // a JWT is masked by its looks; a list of thousands would slow down masking
		c.secrets.add(l.Token)
	}
	op := c.cfg.OperationID()
	start := time.Now()
	tctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	status := 0
	dial := func(ctx context.Context) (s Socket, e *fault.Error) {
		s, status, e = g.dial(ctx, l, op)
		return s, e
	}
	var s Socket
	var e *fault.Error
	if c.cfg.Tape == nil {
		s, e = dial(tctx)
	} else {
		s, e = c.cfg.Tape.Dial(tctx, l, op, dial)
	}
	if e != nil && ctx.Err() != nil {
		e = g.ended(ctx, "the handshake")
	}
	g.report(Exchange{
		What: "handshake of " + l.UserID, OperationID: op, Start: start, Status: status, Err: e,
		Request: "platformID=" + strconv.Itoa(l.PlatformID) + " sdkType=" + string(l.Encoding),
	})
	if e != nil {
		return nil, e
	}
	return s, nil
}

func (g *Gateway) dial(ctx context.Context, l Login, op string) (Socket, int, *fault.Error) {
	q, err := l.query(op)
	if err != nil {
		return nil, 0, fault.From(err)
	}
	u := *g.url
	u.RawQuery = q.Encode()
	conn, res, err := websocket.Dial(ctx, u.String(), &websocket.DialOptions{HTTPClient: g.http})
	if err != nil {
		return nil, statusOf(res), g.refused(ctx, res, err, op)
	}
	conn.SetReadLimit(maxFrame)
	s := &webSocket{gateway: g, conn: conn, login: l}
	s.touched()
	if l.MsgResp {
		if e := g.firstFrame(ctx, conn, op); e != nil {
			_ = conn.CloseNow() // it is refused; nothing can be done about an error of closing
			return nil, res.StatusCode, e
		}
	}
	return s, res.StatusCode, nil
}

func statusOf(res *http.Response) int {
	if res == nil {
		return 0
	}
	return res.StatusCode
}

// firstFrame reads the TEXT frame in which a server tells the outcome of a handshake with isMsgResp.
func (g *Gateway) firstFrame(ctx context.Context, conn *websocket.Conn, op string) *fault.Error {
	kind, text, err := conn.Read(ctx)
	if err != nil {
		return g.broken(ctx, err, "after the upgrade, before it said that the connection is accepted")
	}
	env, flaw := parseEnvelope(text)
	if kind != websocket.MessageText || flaw != "" {
		return &fault.Error{
			Kind: fault.API, Message: "the first frame of " + g.named() + " is not the outcome of the handshake",
			Detail: snippet(text, shown, g.client.secrets.list()), OperationID: op,
			Hint: "the address may be that of another service",
		}
	}
	if env.code != 0 {
		return g.refusal(env, op)
	}
	return nil
}

// refused is the error of a handshake that ended without an upgrade.
func (g *Gateway) refused(ctx context.Context, res *http.Response, err error, op string) *fault.Error {
	if res == nil {
		return g.unreachable(ctx, err)
	}
	body, _ := io.ReadAll(res.Body) // what the library kept of it, at most 1 KiB
	env, flaw := parseEnvelope(body)
	if flaw == "" && env.code != 0 {
		return g.refusal(env, op)
	}
	e := &fault.Error{
		Kind: fault.Unreachable, Status: res.StatusCode, Detail: snippet(body, shown, g.client.secrets.list()),
		Message: "no OpenIM gateway answered at " + g.named() + ": the answer to the handshake is no upgrade",
		Hint:    "check the port: the gateway's is 10001, the API's is 10002",
	}
	if res.StatusCode == http.StatusSwitchingProtocols {
		e.Message = "the answer of " + g.named() + " to the handshake breaks the WebSocket protocol"
		e.Detail = printable(g.client.Mask(err.Error()))
	}
	return e
}

// refusal is the server's own: a code and a text.
func (g *Gateway) refusal(env envelope, op string) *fault.Error {
	r := &request{at: &endpoint{name: "gateway", setting: g.setting}, path: "the handshake", operationID: op}
	e := g.client.apiError(r, &http.Response{}, env)
	e.Message = "the gateway refused the connection: " + e.Message
	return e
}

// unreachable is the error of an address at which nothing answers.
func (g *Gateway) unreachable(ctx context.Context, err error) *fault.Error {
	e := &fault.Error{Kind: fault.Unreachable, Cause: err, Retryable: true}
	source := orUnknown(g.setting.Source)
	at := &request{at: &endpoint{name: "gateway", setting: g.setting, url: g.url}}
	switch {
	case ctx.Err() != nil:
		e.Kind = fault.Timeout
		e.Message = "no answer to the handshake from " + g.named() + " within " + g.client.cfg.Timeout.String()
		e.Hint = "the limit is " + limitSource(g.client.cfg.TimeoutSource)
	case tlsHint(at, err) != "":
		e.Message = "can't make a TLS connection to " + g.named() + ": " + bareReason(err)
		e.Hint = strings.ReplaceAll(tlsHint(at, err), "http://", "ws://")
	case isDial(err):
		e.Message = "can't reach " + g.named() + ": " + bareReason(err)
		e.Hint = "check that the gateway runs and that host and port are right (its port is 10001); the address comes from " + source
	default:
		e.Message = g.named() + " ended the handshake without an answer: " + bareReason(err)
		e.Hint = "the address may be that of another service; it comes from " + source
	}
	e.Message, e.Hint = printable(g.client.Mask(e.Message)), printable(g.client.Mask(e.Hint))
	return e
}

// bareReason is the innermost cause, without the address that it repeats, whose query holds the token.
func bareReason(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return reason(err)
}

// ended is the error of a caller whose context is over.
func (g *Gateway) ended(ctx context.Context, what string) *fault.Error {
	return ended(ctx, &request{at: &endpoint{name: "gateway", setting: g.setting, url: g.url}, path: " (" + what + ")"})
}

// Address is the gateway's address.
func (g *Gateway) Address() string { return Mask(g.url.Scheme + "://" + g.url.Host + g.url.Path) }

func (g *Gateway) named() string {
	if g.setting.Source == "" {
		return g.Address()
	}
	return g.Address() + " (from " + g.setting.Source + ")"
}

// Close frees what is kept for further connections; those that are open stay.
func (g *Gateway) Close() { g.http.CloseIdleConnections() }
