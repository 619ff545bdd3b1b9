package cli_test

import (
	"cmp"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
)

const adminTokenPath = "/auth/get_admin_token"

// answer is one answer of a stub. The zero value is an empty HTTP 200.
type answer struct {
	Status  int               `yaml:"status"`
	Type    string            `yaml:"type"` // of the content; application/json when left out, none for "-"
	Headers map[string]string `yaml:"headers"`
	Body    string            `yaml:"body"` // raw; "$REQUEST" stands for the request's own body
	Delay   time.Duration     `yaml:"delay"`
	Hang    bool              `yaml:"hang"`  // take the request and never answer
	Close   bool              `yaml:"close"` // close the connection without an answer
}

// stub is a server that answers what a spec says: for each path a list of answers in turn, the last of them for ever.
// The path "*" stands for every path that the spec doesn't name. Without it those are HTTP 404, as OpenIM's are, but
// for the login, which succeeds.
type stub struct {
	*httptest.Server
	spec map[string][]answer
	ends chan struct{}

	mu    sync.Mutex
	turns map[string]int
	log   []loggedRequest
}

type loggedRequest struct{ method, path, operationID, body string }

// newStub reads the spec, in YAML or JSON, and starts the server.
func newStub(spec []byte, tls bool) (*stub, error) {
	s := &stub{ends: make(chan struct{}), turns: map[string]int{}}
	if err := yaml.UnmarshalWithOptions(spec, &s.spec, yaml.Strict()); err != nil {
		return nil, err
	}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that fail on purpose
	if tls {
		s.StartTLS()
	} else {
		s.Start()
	}
	return s, nil
}

func (s *stub) stop() {
	close(s.ends)
	s.CloseClientConnections()
	s.Close()
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a := s.next(loggedRequest{r.Method, r.URL.Path, r.Header.Get("operationID"), string(body)})
	select {
	case <-time.After(a.Delay):
	case <-s.ends:
	}
	if a.Hang {
		select {
		case <-r.Context().Done():
		case <-s.ends:
		}
	}
	if a.Hang || a.Close {
		panic(http.ErrAbortHandler) // closes the connection
	}
	h := w.Header()
	if h["Content-Type"] = []string{cmp.Or(a.Type, "application/json")}; a.Type == "-" {
		h["Content-Type"] = nil
	}
	for name, text := range a.Headers {
		h.Set(name, text)
	}
	w.WriteHeader(cmp.Or(a.Status, http.StatusOK))
	_, _ = io.WriteString(w, strings.ReplaceAll(a.Body, "$REQUEST", string(body)))
}

// next logs the request and takes its answer.
func (s *stub) next(r loggedRequest) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, r)
	answers, key := s.spec[r.path], r.path
	if answers == nil && r.path != adminTokenPath {
		answers, key = s.spec["*"], "*"
	}
	if len(answers) == 0 {
		if r.path == adminTokenPath {
			return answer{Body: fmt.Sprintf(`{"errCode":0,"data":{"token":"eyJ-stub-token-%d","expireTimeSeconds":7776000}}`, len(s.log))}
		}
		return answer{Status: http.StatusNotFound, Type: "text/plain", Body: "404 page not found"}
	}
	turn := min(s.turns[key], len(answers)-1)
	s.turns[key]++
	return answers[turn]
}

// requests is the log, a line for each request. ids adds the operationIDs, and skip leaves paths out.
func (s *stub) requests(ids bool, skip []string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, r := range s.log {
		if slices.Contains(skip, r.path) {
			continue
		}
		b.WriteString(r.method + " " + r.path)
		if ids {
			b.WriteString(" " + r.operationID)
		}
		b.WriteString(" " + r.body + "\n")
	}
	return b.String()
}
