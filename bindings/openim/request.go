package openim

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// endpoint is one of the servers' HTTP APIs.
type endpoint struct {
	name    string // in messages
	setting Setting
	url     *url.URL // nil when the setting is wrong
	text    string   // of url
	user    *url.Userinfo
	chat    bool
	tokens  *tokens
}

func newEndpoint(name string, s Setting, secrets *secretSet) *endpoint {
	at := &endpoint{name: name, setting: s}
	text := strings.TrimRight(strings.TrimSpace(s.Value), "/")
	if text == "" {
		return at
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return at
	}
	if at.user = u.User; u.User != nil {
		password, _ := u.User.Password()
		secrets.add(password)
	}
	at.url = &url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	at.text = at.url.String()
	return at
}

func (at *endpoint) address() string {
	if at.url == nil {
		return Mask(at.setting.Value)
	}
	return at.text
}

// named is the address with its source, for messages.
func (at *endpoint) named() string {
	if at.setting.Source == "" {
		return at.address()
	}
	return at.address() + " (from " + at.setting.Source + ")"
}

func (at *endpoint) check() *fault.Error {
	switch {
	case at.url != nil:
		return nil
	case strings.TrimSpace(at.setting.Value) == "":
		return fault.New(fault.Auth, "no address is set for the %s", at.name).
			WithHint("set it in the context (`imctl context add`), or with a flag or variable for this run")
	}
	return fault.New(fault.Usage, "the address of the %s is not valid: %q", at.name, at.address()).
		WithHint("it comes from %s and must look like http://host:10002", orUnknown(at.setting.Source))
}

func orUnknown(source string) string {
	if source == "" {
		return "the configuration"
	}
	return source
}

type authKind int

const (
	authAdmin authKind = iota // the endpoint's own token, got and renewed by the client
	authGiven
	authNone
)

// request is one call, before and between its tries.
type request struct {
	at            *endpoint
	method, path  string
	query         string
	body          []byte
	header        http.Header
	auth          authKind
	token         string
	operationID   string
	timeout       time.Duration
	timeoutSource string
	bare          bool
	write         bool // changes something on the server
	repeatable    bool // may be sent again after it may have arrived
}

func (c *Client) newRequest(at *endpoint, path string, body any, opts []Option) (*request, *fault.Error) {
	r := &request{at: at, method: http.MethodPost, path: path, timeout: c.cfg.Timeout, timeoutSource: c.cfg.TimeoutSource}
	if tokenFree(at, path) {
		r.auth = authNone
	}
	for _, o := range opts {
		o(r)
	}
	if e := at.check(); e != nil {
		return nil, e
	}
	if !strings.HasPrefix(path, "/") || strings.Contains(path, "//") || strings.Contains(path, "/../") ||
		strings.HasSuffix(path, "/..") || strings.ContainsAny(path, "?#\\") {
		return nil, fault.New(fault.Usage, "not a path of the API: %q", path).
			WithHint("a path looks like /user/get_users; a query is given apart from it")
	}
	read := r.method == http.MethodGet || r.method == http.MethodHead || r.method == http.MethodOptions
	r.bare = r.bare || read
	r.write = !read && Writes(path)
	r.repeatable = !r.write
	if r.operationID == "" {
		r.operationID = c.cfg.OperationID()
	}
	if !read {
		if e := r.encode(body); e != nil {
			return nil, e
		}
	}
	return r, nil
}

func (r *request) encode(body any) *fault.Error {
	if body == nil {
		r.body = []byte("{}") // a call without fields needs a body too
		return nil
	}
	data, err := value.Marshal(body)
	if err != nil {
		return fault.New(fault.Usage, "the request to %s can't be written as JSON: %w", r.path, err)
	}
	if len(data) > maxRequest {
		return fault.New(fault.Usage, "the request to %s has %d bytes; the server reads only %d", r.path, len(data), maxRequest).
			WithHint("send fewer rows in one call")
	}
	r.body = data
	return nil
}

// tokenFree tells whether the server asks no token for path (SERVER-BEHAVIOUR §1; CHAT-ADMIN, Login).
func tokenFree(at *endpoint, path string) bool {
	if at.chat {
		return path == "/account/login"
	}
	return path == pathAdminToken || path == "/auth/parse_token" || strings.HasPrefix(path, "/prometheus_discovery/")
}

func (r *request) http(ctx context.Context) *http.Request {
	u := *r.at.url
	u.Path += r.path
	u.RawQuery = r.query
	req := (&http.Request{
		Method: r.method, URL: &u, Host: u.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: make(http.Header, 6),
	}).WithContext(ctx)
	room := make([]string, 0, 4) // of all values together
	set := func(name, value string) {
		room = append(room, value)
		req.Header[name] = room[len(room)-1 : len(room) : len(room)]
	}
	if r.body != nil {
		req.ContentLength = int64(len(r.body))
		req.Body = io.NopCloser(bytes.NewReader(r.body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.body)), nil }
		set("Content-Type", "application/json")
	}
	set("User-Agent", "imctl")
	set("Operationid", r.operationID)
	if r.auth != authNone {
		set("Token", r.token)
	}
	if r.at.user != nil {
		password, _ := r.at.user.Password()
		req.SetBasicAuth(r.at.user.Username(), password)
	}
	for k, v := range r.header {
		if req.Header[k] = v; v[0] == "" {
			delete(req.Header, k)
		}
	}
	return req
}
