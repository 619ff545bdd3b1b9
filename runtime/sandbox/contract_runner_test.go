package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// contractCase is one line of testdata/contract; the README beside the cases' origin
// says how they are to be run.
type contractCase struct {
	Name        string
	Area        string
	Generation  string
	Setup       []contractStep
	Call        contractStep
	Expect      map[string]any
	Eventually  any
	Edge        bool
	UnknownPath bool
}

// contractStep is a call, or a wait.
type contractStep struct {
	Method, Path, As, Server string
	Request                  json.RawMessage
	Headers                  map[string]*string
	Query                    map[string]any
	Expect                   map[string]any
	Eventually               any
	Save                     map[string]string
	WaitMS                   int     `json:"wait_ms"`
	WS                       *wsCall // of the gateway's cases
}

// gatewayMethod marks the cases of the WebSocket gateway.
const gatewayMethod = "WS"

// decodeExact keeps numbers digit for digit.
func decodeExact(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}

// contractRun is one case at work on a fresh server.
type contractRun struct {
	ready  Ready
	client *http.Client
	saved  map[string]any
	tokens map[string]string // by "as"
	calls  int
}

func newContractRun(ready Ready, client *http.Client) *contractRun {
	return &contractRun{ready: ready, client: client, saved: map[string]any{}, tokens: map[string]string{}}
}

func (run *contractRun) run(ctx context.Context, c contractCase) error {
	for i, step := range c.Setup {
		if step.WaitMS > 0 {
			time.Sleep(time.Duration(step.WaitMS) * time.Millisecond)
			continue
		}
		if step.Expect == nil {
			step.Expect = map[string]any{"status": json.Number("200"), "errCode": json.Number("0")}
		}
		if err := run.step(ctx, step, step.Expect, step.Eventually); err != nil {
			return fmt.Errorf("setup step %d (%s): %w", i+1, step.Path, err)
		}
	}
	if c.Call.Method == gatewayMethod {
		return run.gateway(ctx, *c.Call.WS, c.Expect)
	}
	return run.step(ctx, c.Call, c.Expect, c.Eventually)
}

// step makes a call until it meets what is expected, or just once.
func (run *contractRun) step(ctx context.Context, s contractStep, expect map[string]any, eventually any) error {
	var limit time.Duration
	switch e := eventually.(type) {
	case bool:
		if e {
			limit = 10 * time.Second
		}
	case json.Number:
		ms, err := e.Int64()
		if err != nil {
			return err
		}
		limit = time.Duration(ms) * time.Millisecond
	}
	end := time.Now().Add(limit)
	for {
		m := matcher{saved: run.saved, before: time.Now()}
		got, err := run.call(ctx, s)
		if err != nil {
			return err
		}
		m.after = time.Now()
		err = m.expect(expect, got)
		if err == nil {
			return run.save(s.Save, got)
		}
		if time.Now().After(end) {
			return fmt.Errorf("%w\n  answer: %d %s", err, got.status, brief(string(got.body)))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (run *contractRun) save(names map[string]string, got answer) error {
	var body any
	if len(names) > 0 {
		if err := decodeExact(got.body, &body); err != nil {
			return err
		}
	}
	for name, path := range names {
		v, ok := dig(body, path)
		if !ok {
			return fmt.Errorf("nothing at %s to save", path)
		}
		run.saved[name] = v
	}
	return nil
}

// dig follows a dotted path into objects and lists.
func dig(v any, path string) (any, bool) {
	for part := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			var ok bool
			if v, ok = x[part]; !ok {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(x) {
				return nil, false
			}
			v = x[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// answer is what a call got.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (run *contractRun) call(ctx context.Context, s contractStep) (answer, error) {
	base, err := run.base(s.Server)
	if err != nil {
		return answer{}, err
	}
	body, err := run.body(s.Request)
	if err != nil {
		return answer{}, err
	}
	query := url.Values{}
	for k, v := range s.Query {
		filled, err := run.fill(v)
		if err != nil {
			return answer{}, err
		}
		query.Set(k, fmt.Sprint(filled))
	}
	target := base + s.Path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	method := s.Method
	if method == "" {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return answer{}, err
	}
	run.calls++
	req.Header.Set("operationID", fmt.Sprintf("contract-%d", run.calls))
	req.Header.Set("Content-Type", "application/json")
	token, err := run.token(ctx, s.As)
	if err != nil {
		return answer{}, err
	}
	if token != "" {
		req.Header.Set("token", token)
	}
	for k, v := range s.Headers { // first what goes: two spellings of one header may be in one case
		if v == nil {
			req.Header.Del(k)
		}
	}
	for k, v := range s.Headers {
		if v == nil {
			continue
		}
		filled, err := fillTemplates(*v, run.saved)
		if err != nil {
			return answer{}, err
		}
		req.Header.Set(k, fmt.Sprint(filled))
	}
	resp, err := run.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, text}, err
}

func (run *contractRun) base(server string) (string, error) {
	switch server {
	case "", "im":
		return run.ready.API, nil
	case "chat-admin":
		return run.ready.ChatAdmin, nil
	case "chat-api":
		return run.ready.ChatAPI, nil
	}
	return "", fmt.Errorf("unknown server %q", server)
}

// token logs in as who the case says, once a case.
func (run *contractRun) token(ctx context.Context, as string) (string, error) {
	if as == "" || as == "none" {
		return "", nil
	}
	if t := run.tokens[as]; t != "" {
		return t, nil
	}
	login := contractStep{As: "none"}
	path := "data.token"
	user, isUser := strings.CutPrefix(as, "user:")
	switch {
	case as == "admin":
		login.Path, login.Request = "/auth/get_admin_token", json.RawMessage(`{"secret":"openIM123","userID":"imAdmin"}`)
	case as == "chat-admin":
		login.Server, login.Path, path = "chat-admin", "/account/login", "data.adminToken"
		login.Request = json.RawMessage(`{"account":"chatAdmin","password":"625031fc4e4f2de6b187e6bfa3697784","version":"1"}`)
	case isUser:
		text, err := json.Marshal(map[string]any{"userID": user, "platformID": 2})
		if err != nil {
			return "", err
		}
		login.As, login.Path, login.Request = "admin", "/auth/get_user_token", text
	default:
		return "", fmt.Errorf("unknown caller %q", as)
	}
	got, err := run.call(ctx, login)
	if err != nil {
		return "", err
	}
	var body any
	if err := decodeExact(got.body, &body); err != nil {
		return "", err
	}
	token, _ := dig(body, path)
	run.tokens[as], _ = token.(string)
	if run.tokens[as] == "" {
		return "", fmt.Errorf("no token for %s: %s", as, got.body)
	}
	return run.tokens[as], nil
}

func (run *contractRun) body(request json.RawMessage) (io.Reader, error) {
	if request == nil {
		return nil, nil
	}
	var v any
	if err := decodeExact(request, &v); err != nil {
		return nil, err
	}
	if obj, ok := v.(map[string]any); ok && len(obj) == 1 {
		if raw, ok := obj["raw"].(string); ok {
			return strings.NewReader(raw), nil
		}
	}
	v, err := run.fill(v)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(v)
	return bytes.NewReader(text), err
}

// fill replaces the templates of a request.
func (run *contractRun) fill(v any) (any, error) {
	switch x := v.(type) {
	case string:
		return fillTemplates(x, run.saved)
	case []any:
		out := make([]any, len(x))
		for i := range x {
			var err error
			if out[i], err = run.fill(x[i]); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		if len(x) == 1 {
			for op, operand := range x {
				if strings.HasPrefix(op, "$") {
					return generated(op, operand)
				}
			}
		}
		out := make(map[string]any, len(x))
		for k, e := range x {
			var err error
			if out[k], err = run.fill(e); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}

// generated is the value of {"$op": operand} in a request.
func generated(op string, operand any) (any, error) {
	now := time.Now()
	if n, ok := operand.(json.Number); ok {
		d, err := n.Int64()
		if err != nil {
			return nil, err
		}
		switch op {
		case "$now_ms":
			return now.UnixMilli() + d, nil
		case "$now_s":
			return now.Unix() + d, nil
		case "$utc_day":
			return utcDay(now, int(d)), nil
		}
	}
	list, ok := operand.([]any)
	if !ok || len(list) != 2 {
		return nil, fmt.Errorf("unknown template %s %v", op, operand)
	}
	count, ok := list[1].(json.Number)
	if !ok {
		return nil, fmt.Errorf("template %s: no count", op)
	}
	n, err := count.Int64()
	if err != nil {
		return nil, err
	}
	var out []any
	for i := range n {
		id := fmt.Sprintf("%v%d", list[0], i)
		switch op {
		case "$ids":
			out = append(out, id)
		case "$users":
			out = append(out, map[string]any{"userID": id, "nickname": id})
		default:
			return nil, fmt.Errorf("unknown template %s", op)
		}
	}
	return out, nil
}
