package cassette

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

var jwtShape = regexp.MustCompile(`eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`)

// masker puts a name in place of each secret, the same name for the same secret, so that a replayed run sees which
// ones were equal. Names are given in the order in which secrets are seen; a name stays as it is.
type masker struct {
	name *regexp.Regexp

	mu   sync.Mutex
	seen map[string]string
}

func newMasker() *masker {
	return &masker{
		name: regexp.MustCompile(`^masked-\d+$`),
		seen: map[string]string{},
	}
}

func (m *masker) secret(s string) string {
	if s == "" || m.name.MatchString(s) {
		return s
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen[s] == "" {
		m.seen[s] = "masked-" + strconv.Itoa(len(m.seen)+1)
	}
	return m.seen[s]
}

// request reads the body of a request, which stays readable, and sums the request up without its secrets.
func (m *masker) request(req *http.Request) (entry, error) {
	e := entry{Method: req.Method, URL: req.URL.Path}
	if req.URL.RawQuery != "" {
		e.URL += "?" + openim.Mask(req.URL.RawQuery)
	}
	if req.Body == nil {
		return e, nil
	}
	body, err := io.ReadAll(req.Body)
	_ = req.Body.Close()
	if err != nil {
		return e, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	e.Body = m.text(body)
	return e, nil
}

// text is a body without its secrets.
func (m *masker) text(body []byte) string {
	v, ok := plainJSON(body)
	if !ok {
		return openim.Mask(body)
	}
	text, err := value.Marshal(m.walk(v, false))
	if err != nil {
		return openim.Mask(body)
	}
	return string(text)
}

// walk masks plain data; hidden says that the member's name makes it a secret.
func (m *masker) walk(v any, hidden bool) any {
	switch v := v.(type) {
	case string:
		if hidden {
			return m.secret(v)
		}
		if strings.Contains(v, "eyJ") {
			v = jwtShape.ReplaceAllStringFunc(v, m.secret)
		}
		if strings.HasPrefix(v, "{") || strings.HasPrefix(v, "[") { // JSON in a string
			return openim.Mask(v)
		}
		return v
	case value.List:
		out := make(value.List, len(v))
		for i, e := range v {
			out[i] = m.walk(e, hidden)
		}
		return out
	case *value.Object:
		out := value.NewObject()
		for _, k := range v.Keys() {
			e, _ := v.Get(k)
			out.Set(k, m.walk(e, openim.Sensitive(k)))
		}
		return out
	}
	return v
}

// blank hides what looks like a JWT in bytes that can't be read, and keeps their length.
func blank(data []byte) []byte {
	return jwtShape.ReplaceAllFunc(data, func(word []byte) []byte { return bytes.Repeat([]byte("*"), len(word)) })
}
