package lualib

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

const (
	defaultTimeout = 30 * time.Second
	maxRedirects   = 10
)

// newClient makes the client of all requests of a kit.
func (k *kit) newClient() *http.Client {
	transport := k.Transport
	if transport == nil {
		transport = http.DefaultTransport.(*http.Transport).Clone()
	}
	return &http.Client{Transport: transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if follow, ok := r.Context().Value(followKey{}).(bool); ok && !follow {
			return http.ErrUseLastResponse
		}
		if len(via) >= maxRedirects {
			return fault.New(fault.API, "more than %d redirects", maxRedirects)
		}
		return k.mayCall(r)
	}}
}

// followKey carries to the client whether a request follows redirects.
type followKey struct{}

// mayCall asks the hooks whether a request may be sent.
func (k *kit) mayCall(r *http.Request) error {
	if k.AllowHost != nil {
		if err := k.AllowHost(r.URL.Hostname()); err != nil {
			return err
		}
	}
	if slices.Contains([]string{"GET", "HEAD", "OPTIONS"}, r.Method) {
		return nil
	}
	return k.allow(r.Method + " " + r.URL.Redacted())
}

func queryOf(o *value.Object) url.Values {
	out := url.Values{}
	for _, name := range o.Keys() {
		v, _ := o.Get(name)
		list, many := v.(value.List)
		if !many {
			list = value.List{v}
		}
		for _, one := range list {
			out.Add(name, value.Text(one))
		}
	}
	return out
}

// newRequest makes the request that the arguments ask for.
func (k *kit) newRequest(ctx context.Context, c *Call, method string) (*http.Request, []byte, error) {
	if !c.Given("url") {
		return nil, nil, fault.New(fault.Usage, "the request has no url")
	}
	body, contentType, err := httpBody(c)
	if err != nil {
		return nil, nil, err
	}
	if method == "" {
		if method = "GET"; body != nil {
			method = "POST"
		}
	}
	address, err := url.Parse(c.Text("url", ""))
	if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
		return nil, nil, c.Wrong("url", "want an address like http://host:10002/path, got %q", k.mask(c.Text("url", "")))
	}
	if add := queryOf(c.Object("query")).Encode(); add != "" {
		if address.RawQuery != "" {
			add = address.RawQuery + "&" + add
		}
		address.RawQuery = add
	}
	r, err := http.NewRequestWithContext(ctx, strings.ToUpper(method), address.String(), bytes.NewReader(body))
	if err != nil {
		return nil, nil, fault.New(fault.Usage, "%w", err)
	}
	r.Header.Set("User-Agent", "imctl")
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	headers := c.Object("headers")
	for _, name := range headers.Keys() {
		v, _ := headers.Get(name)
		r.Header.Set(name, value.Text(v))
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	return r, body, k.mayCall(r)
}

func (k *kit) httpRequest(c *Call, method string) (any, error) {
	limit := k.Timeout
	if limit <= 0 {
		limit = defaultTimeout
	}
	limit, err := c.Duration("timeout", limit)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.WithValue(c.Context(), followKey{}, c.Bool("follow", true)), limit)
	defer cancel()
	r, sent, err := k.newRequest(ctx, c, method)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	var res *http.Response
	var body []byte
	c.VM.Outside(func() {
		if res, err = k.client().Do(r); err != nil {
			return
		}
		body, err = io.ReadAll(io.LimitReader(res.Body, int64(k.MaxBytes)+1))
		_ = res.Body.Close()
		if err == nil && len(body) > k.MaxBytes {
			err = fault.New(fault.API, "the answer is larger than %s", bytesText(k.MaxBytes))
		}
	})
	if err != nil {
		err = k.netFault(c.Context(), ctx, r, limit, err)
	}
	k.report(r, res, sent, body, err, start)
	if err != nil {
		return nil, err
	}
	return responseTable(c, res, body, time.Since(start)), nil
}

// netFault explains why there is no answer.
func (k *kit) netFault(script, ctx context.Context, r *http.Request, limit time.Duration, err error) error {
	where := r.Method + " " + k.mask(r.URL.Redacted())
	var own *fault.Error
	var dns *net.DNSError
	switch {
	case script.Err() != nil:
		return context.Cause(script)
	case errors.As(err, &own):
		return own
	case ctx.Err() != nil:
		return fault.New(fault.Timeout, "no answer to %s within %s", where, durationText(limit)).WithHint("give the request a longer timeout")
	case errors.As(err, &dns):
		return fault.New(fault.Unreachable, "%s: no such host %s", where, dns.Name)
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return fault.New(fault.Unreachable, "%s: %s", where, k.mask(err.Error()))
}

// responseTable is the answer as the script gets it.
func responseTable(c *Call, res *http.Response, body []byte, took time.Duration) lua.LValue {
	headers := value.NewObject()
	names := make([]string, 0, len(res.Header))
	for name := range res.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		headers.Set(strings.ToLower(name), strings.Join(res.Header[name], ", "))
	}
	t := c.VM.Conv.ToLua(value.NewObject("status", int64(res.StatusCode), "ok", res.StatusCode >= 200 && res.StatusCode < 300,
		"headers", headers, "body", string(body), "url", res.Request.URL.String(), "ms", float64(took.Microseconds())/1000)).(*lua.LTable)
	methods, meta := c.L.NewTable(), c.L.NewTable()
	methods.RawSetString("json", c.L.NewFunction(func(L *lua.LState) int {
		plain, err := value.Parse(body)
		if err != nil {
			e := *fault.From(jsonFault(string(body), err))
			e.Op, e.Message = "http.Response.json", fmt.Sprintf("the answer of status %d is not JSON: %s", res.StatusCode, e.Message)
			c.VM.Raise(L, &e)
		}
		L.Push(c.VM.Conv.ToLua(plain))
		return 1
	}))
	meta.RawSetString("__index", methods)
	t.Metatable = meta
	return t
}

// report tells the hooks of an exchange, masked.
func (k *kit) report(r *http.Request, res *http.Response, sent, got []byte, err error, start time.Time) {
	if k.Trace == nil && k.OnCall == nil {
		return
	}
	address := k.mask(r.URL.Redacted())
	call := openim.Call{Method: r.Method, URL: address, Path: r.URL.Path, Attempt: 1, Start: start, Duration: time.Since(start),
		RequestSize: len(sent), ResponseSize: len(got), Err: fault.From(err)}
	status := "no answer"
	if res != nil {
		call.Status = res.StatusCode
		status = fmt.Sprintf("HTTP %d %s %d bytes", res.StatusCode, res.Header.Get("Content-Type"), len(got))
	}
	if k.OnCall != nil {
		k.OnCall(call)
	}
	if k.Trace == nil {
		return
	}
	headers, _ := value.Marshal(map[string][]string(r.Header))
	text := fmt.Sprintf("> %s %s %s\n", r.Method, address, k.shown(headers, 4<<10))
	if len(sent) > 0 {
		text += "> " + k.shown(sent, 4<<10) + "\n"
	}
	text += fmt.Sprintf("< %s (%s)\n", k.shown([]byte(status), 200), call.Duration.Round(time.Microsecond))
	if len(got) > 0 {
		text += "< " + k.shown(got, 4<<10) + "\n"
	}
	if err != nil {
		text += "! " + err.Error() + "\n"
	}
	_, _ = io.WriteString(k.Trace, text) // a broken stderr must not break the call
}

// shown is the beginning of a body for people: one line, masked before it is cut, without control characters.
func (k *kit) shown(body []byte, limit int) string {
	text := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, k.mask(strings.ToValidUTF8(string(body[:min(len(body), 64<<10)]), ".")))
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "") + "…"
	}
	return text
}
