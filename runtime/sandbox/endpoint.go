package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
)

// maxBody is where the server cuts a request body, without a word
// (SERVER-BEHAVIOUR §1).
const maxBody = 16 << 20

// access says whose token an endpoint takes.
type access int

const (
	anyToken  access = iota // any valid token; finer rules are the handler's
	adminOnly               // an admin's token, else 1002, checked after the body
	noToken                 // the token header is not read
)

// binding says how an endpoint answers a body that does not fit (SERVER-BEHAVIOUR §2).
type binding int

const (
	lax       binding = iota // HTTP 200, 1001, the parser's text as errMsg
	strict                   // HTTP 400, 1001 ArgsError; also for a failed check
	strict500                // HTTP 400, 500 ServerInternalError
)

// endpoint is one row of an area's table.
type endpoint struct {
	method  string // "" is POST
	path    string // a path that ends in "*" matches every path with that beginning
	access  access
	bind    binding
	newOnly bool // absent from the 3.8.3 generation
	reads   bool // it changes nothing, so that no journal has to know of it
	run     func(*call) (any, error)
}

// call is one request on its way through an endpoint.
type call struct {
	*Server
	*state
	w           http.ResponseWriter
	r           *http.Request
	e           *endpoint
	api         string // the router's name
	body        []byte
	operationID string
	userID      string // the caller
	platformID  int32
	admin       bool
}

// checker is a request with rules of its own, looked at after the body is parsed and
// before the rights of the caller.
type checker interface{ check() error }

// handle makes an endpoint's function out of a handler with a typed request. The
// handler runs under the lock of the state. What it returns becomes `data`: nil means
// no data key, a rawAnswer is written as it is. It must return copies of what the
// state holds, since the answer is written after the lock is gone.
func handle[T any](f func(*call, T) (any, error)) func(*call) (any, error) {
	return func(c *call) (any, error) {
		var req T
		if err := c.decode(&req); err != nil {
			return nil, err
		}
		if r, ok := any(&req).(checker); ok {
			if err := r.check(); err != nil {
				return nil, c.checkFailed(err)
			}
		}
		if c.e.access == adminOnly && !c.admin {
			return nil, noPermission("only an admin may do this")
		}
		c.mirror.settle()
		c.state.mu.Lock()
		defer c.state.mu.Unlock()
		c.touched.on = c.touched.active && !c.e.reads
		if err := c.begin(); err != nil {
			return nil, err
		}
		return f(c, req)
	}
}

// handleRaw is handle for endpoints that read no JSON body, and change nothing.
func handleRaw(f func(*call) (any, error)) func(*call) (any, error) {
	return func(c *call) (any, error) {
		if c.e.access == adminOnly && !c.admin {
			return nil, noPermission("only an admin may do this")
		}
		c.mirror.settle()
		c.state.mu.Lock()
		defer c.state.mu.Unlock()
		c.touched.on = false
		c.state.now = c.clock()
		return f(c)
	}
}

// nothing is the request of an endpoint without fields: still a JSON object.
type nothing struct{}

func (c *call) decode(req any) error {
	body, err := io.ReadAll(io.LimitReader(c.r.Body, maxBody))
	if err != nil {
		return &apiError{code: codeArgs, msg: err.Error()}
	}
	c.body = body
	switch c.e.bind {
	case strict, strict500:
		// Only the first JSON value is read here, what follows is ignored.
		err = json.NewDecoder(bytes.NewReader(body)).Decode(req)
	default:
		err = json.Unmarshal(body, req)
	}
	switch {
	case err == nil:
		return nil
	case c.e.bind == strict:
		return &apiError{status: http.StatusBadRequest, code: codeArgs, detail: err.Error()}
	case c.e.bind == strict500:
		return &apiError{status: http.StatusBadRequest, code: codeInternal, detail: err.Error()}
	}
	return &apiError{code: codeArgs, msg: err.Error()}
}

func (c *call) checkFailed(err error) error {
	e := asAPIError(err)
	if c.e.bind == strict {
		e.status = http.StatusBadRequest
	}
	return e
}

// self allows an admin, or the caller if it is one of the users named.
func (c *call) self(userIDs ...string) error {
	if c.admin {
		return nil
	}
	for _, id := range userIDs {
		if id == c.userID {
			return nil
		}
	}
	return noPermission("neither the user itself nor an admin")
}

// router serves one API: its own table and its own kind of token.
type router struct {
	server   *Server
	name     string
	routes   map[string]*endpoint // by method and path
	prefixes []*endpoint          // those that end in "*"
	free     []string             // paths of the token-free endpoints
	auth     func(*call, string) error
	// hidesPaths: header checks run before the path is looked up, so that a missing
	// token hides an unknown path (the IM server; not the chat server).
	hidesPaths bool
}

func newRouter(s *Server, name string, areas [][]endpoint, auth func(*call, string) error, hidesPaths bool) *router {
	rt := &router{server: s, name: name, routes: map[string]*endpoint{}, auth: auth, hidesPaths: hidesPaths}
	for _, area := range areas {
		for i := range area {
			e := &area[i]
			if e.method == "" {
				e.method = http.MethodPost
			}
			if e.newOnly && s.cfg.Generation == Generation383 {
				continue
			}
			if e.access == noToken {
				rt.free = append(rt.free, e.path)
			}
			if p, ok := strings.CutSuffix(e.path, "*"); ok {
				e.path = p
				rt.prefixes = append(rt.prefixes, e)
				continue
			}
			rt.routes[e.method+" "+e.path] = e
		}
	}
	return rt
}

func (rt *router) find(method, path string) *endpoint {
	if e := rt.routes[method+" "+path]; e != nil {
		return e
	}
	for _, e := range rt.prefixes {
		if e.method == method && strings.HasPrefix(path, e.path) {
			return e
		}
	}
	return nil
}

// otherSlash is the path with its last slash added or taken away, if that is a route.
func (rt *router) otherSlash(method, path string) string {
	other := path + "/"
	if p, ok := strings.CutSuffix(path, "/"); ok {
		other = p
	}
	if rt.routes[method+" "+other] == nil {
		return ""
	}
	return other
}

// ServeHTTP runs the checks in the real server's order (SERVER-BEHAVIOUR §1): rate
// limit, operationID, token, body, check of the body, permission, handler.
func (rt *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := rt.server
	if s.faults.strike(w, r) {
		return
	}
	e := rt.find(r.Method, r.URL.Path)
	if e == nil {
		if to := rt.otherSlash(r.Method, r.URL.Path); to != "" {
			code := http.StatusTemporaryRedirect
			if r.Method == http.MethodGet {
				code = http.StatusMovedPermanently
			}
			http.Redirect(w, r, to, code)
			return
		}
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "*")
	h.Set("Access-Control-Allow-Headers", "*")
	h.Set("Access-Control-Expose-Headers", "*")
	h.Set("X-HTTP-ID", fmt.Sprintf("%016x", s.requests.Add(1)))
	c := &call{Server: s, state: s.state.Load(), w: w, r: r, e: e, api: rt.name}
	defer func() {
		if p := recover(); p != nil {
			s.log.Printf("panic in %s: %v\n%s", r.URL.Path, p, debug.Stack())
			w.WriteHeader(http.StatusInternalServerError)
		}
	}()
	if r.Method == http.MethodOptions {
		s.writeJSON(c, http.StatusOK, "Options Request!")
		return
	}
	if err := rt.headers(c); err != nil {
		s.answer(c, nil, err)
		return
	}
	if e == nil {
		s.answer(c, notFoundPage, nil)
		return
	}
	data, err, struck := s.restFault(c)
	if !struck {
		data, err = e.run(c)
	}
	s.answer(c, data, err)
}

// headers checks operationID, then the token, on POST only.
func (rt *router) headers(c *call) error {
	if c.r.Method != http.MethodPost {
		return nil
	}
	c.operationID = c.r.Header.Get("operationID")
	if c.operationID == "" {
		return argsError("header must have operationID")
	}
	if c.e == nil && !rt.hidesPaths {
		return nil
	}
	if rt.tokenFree(c.r.URL.Path) {
		return nil
	}
	token := c.r.Header.Get("token")
	if token == "" {
		return argsError("header must have token")
	}
	return rt.auth(c, token)
}

// tokenFree tells whether a path begins with that of a token-free endpoint: the real
// server compares beginnings, so unknown paths below them are token-free too.
func (rt *router) tokenFree(path string) bool {
	return slices.ContainsFunc(rt.free, func(free string) bool { return strings.HasPrefix(path, free) })
}
