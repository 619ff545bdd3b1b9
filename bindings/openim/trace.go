package openim

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// traceText is how many bytes of a body --trace shows.
const traceText = 4 << 10

// tracer writes exchanges for people: masked, one write for each, so that parallel ones don't mix.
type tracer struct {
	mu sync.Mutex
	w  io.Writer
}

func (t *tracer) exchange(r *request, res *http.Response, body []byte, call Call, secrets []string) {
	var b strings.Builder
	fmt.Fprintf(&b, "> %s %s operationID=%s token=%s", r.method, withQuery(call.URL, Mask(r.query, secrets...)), r.operationID, r.authName())
	if call.Attempt > 1 {
		fmt.Fprintf(&b, " try=%d", call.Attempt)
	}
	for k, v := range r.header {
		fmt.Fprintf(&b, " %s=%s", k, printable(maskHeader(k, strings.Join(v, ","), secrets)))
	}
	b.WriteByte('\n')
	writeBody(&b, ">", r.body, secrets)
	if res == nil {
		fmt.Fprintf(&b, "< no answer: %s (%s)\n", call.Err.Message, round(call.Duration))
	} else {
		fmt.Fprintf(&b, "< HTTP %d %s %d bytes (%s)\n", res.StatusCode, contentType(res), len(body), round(call.Duration))
		writeBody(&b, "<", body, secrets)
		if call.Err != nil {
			fmt.Fprintf(&b, "! %s: %s\n", call.Err.Kind, call.Err.Message)
		}
	}
	t.write(b.String())
}

func (t *tracer) note(format string, args ...any) {
	if t.w != nil {
		t.write("# " + printable(fmt.Sprintf(format, args...)) + "\n")
	}
}

func (t *tracer) write(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _ = io.WriteString(t.w, text) // a broken stderr must not break the call
}

func writeBody(b *strings.Builder, mark string, body []byte, secrets []string) {
	if len(body) > 0 {
		fmt.Fprintf(b, "%s %s\n", mark, snippet(body, traceText, secrets))
	}
}

func (r *request) authName() string {
	switch {
	case r.auth == authNone:
		return "none"
	case r.auth == authGiven:
		return "given"
	case r.at.chat:
		return "chat-admin"
	}
	return "admin"
}

func withQuery(url, query string) string {
	if query == "" {
		return url
	}
	return url + "?" + query
}

func round(d time.Duration) time.Duration {
	switch {
	case d > time.Second:
		return d.Round(10 * time.Millisecond)
	case d > time.Millisecond:
		return d.Round(10 * time.Microsecond)
	}
	return d.Round(time.Microsecond)
}
