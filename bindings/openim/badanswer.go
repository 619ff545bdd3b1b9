package openim

import (
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/openimsdk/imctl/bindings/fault"
)

// badAnswer is the failure for an answer that no OpenIM API gives on purpose: what says its flaw.
func (c *Client) badAnswer(r *request, res *http.Response, body []byte, what string) *failure {
	e := &fault.Error{
		Kind: fault.Unreachable, Status: res.StatusCode, OperationID: r.operationID,
		Message: fmt.Sprintf("not an answer of OpenIM's %s from %s: HTTP %d, %s, %s",
			r.at.name, r.at.named(), res.StatusCode, contentType(res), what),
		Hint: "check that " + r.at.address() + " is the " + r.at.name + " of an OpenIM server",
	}
	if first := snippet(body, shown, c.secrets.list()); first != "" {
		e.Detail = "first bytes: " + first
	}
	f := &failure{err: e}
	text := string(body[:min(len(body), 512)])
	switch {
	case res.StatusCode == http.StatusNotFound && strings.TrimSpace(text) == notFoundText:
		lacks := "this server has no " + r.path
		if !knownPath(r.at, r.path) {
			e.Message = lacks + "; " + e.Message
			break
		}
		e.Kind, e.Message, e.Hint = fault.Unsupported, lacks, lacksHint(r)
	case strings.Contains(text, "HTTP request to an HTTPS server"), strings.Contains(text, "HTTP request was sent to HTTPS port"):
		e.Hint = "the port speaks TLS: write https:// in the address (it comes from " + orUnknown(r.at.setting.Source) + ")"
	case res.StatusCode >= 300 && res.StatusCode < 400:
		e.Hint = "it redirects to " + printable(c.Mask(res.Header.Get("Location"))) + ": set the address (from " +
			orUnknown(r.at.setting.Source) + ") to the server itself"
	case res.StatusCode == http.StatusProxyAuthRequired:
		e.Hint = "a proxy on the way wants a login: check HTTP_PROXY, HTTPS_PROXY and NO_PROXY"
	case res.StatusCode == http.StatusBadGateway, res.StatusCode == http.StatusServiceUnavailable,
		res.StatusCode == http.StatusGatewayTimeout:
		f.repeat, f.after = ifRead, retryAfter(res.Header.Get("Retry-After"), time.Now())
		e.Hint = "a proxy in front of the server answered: the server behind it is down, starting, or too slow"
		if r.write {
			e.Hint += "; the call may have been carried out all the same"
		}
	case res.StatusCode == http.StatusInternalServerError && len(body) == 0:
		e.Hint = "the server's handler crashed; look for the operationID in its logs"
	case r.at.chat && len(body) == 0 && res.StatusCode == http.StatusOK:
		e.Kind, e.Message = fault.API, "the chat server failed "+r.path+" and did not say why (HTTP 200 with an empty body)"
		e.Hint = "/user/import/json with one user reports the reason; look for the operationID in the chat server's logs"
	}
	return f
}

// notFoundText is what the servers' router answers for a path it does not have (SERVER-BEHAVIOUR §2).
const notFoundText = "404 page not found"

func lacksHint(r *request) string {
	if mainOnly(r.path) {
		return "it came after 3.8.3; this server is of the 3.8.3 line and has to be updated for it"
	}
	return "the path may be misspelt, the server of another version, or " + r.at.address() + " (from " +
		orUnknown(r.at.setting.Source) + ") another service"
}

func contentType(res *http.Response) string {
	if t := res.Header.Get("Content-Type"); t != "" {
		return printable(t)
	}
	return "no content type"
}

// printable keeps a server's text from writing to a terminal anything but text: one line, no control characters.
func printable(text string) string {
	clean := func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == utf8.RuneError }
	if strings.IndexFunc(text, clean) < 0 {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case clean(r):
			return '.'
		}
		return r
	}, text)
}
