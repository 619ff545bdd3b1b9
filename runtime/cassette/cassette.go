// Package cassette records the HTTP traffic of a run, masked, and plays it back without a server. What a run draws by
// chance - unique names, the time - is recorded with it, so that a replayed run asks the same questions.
package cassette

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

const version = 1

// maxLine is the most one recorded exchange may take, in bytes.
const maxLine = 256 << 20

// entry is a line of a recording.
type entry struct {
	Cassette int       `json:"imctlCassette,omitempty"` // of the first line: the version
	Start    time.Time `json:"start,omitzero"`          // of the first line: when the run began

	Method string `json:"method,omitempty"`
	URL    string `json:"url,omitempty"` // path and query
	Body   string `json:"body,omitempty"`
	Status int    `json:"status,omitempty"`
	Type   string `json:"type,omitempty"` // Content-Type of the answer
	Wait   string `json:"wait,omitempty"` // Retry-After of the answer
	Answer string `json:"answer,omitempty"`
	Failed string `json:"failed,omitempty"` // no answer came: why

	Draw  string `json:"draw,omitempty"` // what kind of chance
	Value string `json:"value,omitempty"`
}

// Recorder passes requests on and writes what they were and what came back.
type Recorder struct {
	base http.RoundTripper
	mask *masker

	mu  sync.Mutex
	out io.Writer
	err error
}

// NewRecorder starts a recording at start.
func NewRecorder(out io.Writer, base http.RoundTripper, start time.Time) (*Recorder, error) {
	r := &Recorder{base: base, mask: newMasker(), out: out}
	r.write(entry{Cassette: version, Start: start})
	return r, r.err
}

func (r *Recorder) write(e entry) {
	line, err := json.Marshal(e)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil && r.err == nil {
		_, err = r.out.Write(append(line, '\n'))
	}
	if r.err == nil {
		r.err = err
	}
}

// Err is the first failure to write.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// Draw records a value that came by chance.
func (r *Recorder) Draw(kind, drawn string) { r.write(entry{Draw: kind, Value: drawn}) }

// RoundTrip sends the request and records the exchange when its answer was read whole.
func (r *Recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	e, err := r.mask.request(req)
	if err != nil {
		return nil, err
	}
	resp, err := r.base.RoundTrip(req)
	if err != nil {
		e.Failed = "no answer"
		r.write(e)
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxLine))
	_ = resp.Body.Close()
	if err != nil {
		e.Failed = "the answer was cut"
		r.write(e)
		return nil, err
	}
	e.Status, e.Type, e.Wait = resp.StatusCode, resp.Header.Get("Content-Type"), resp.Header.Get("Retry-After")
	e.Answer = r.mask.text(body)
	r.write(e)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// Player answers requests from a recording; nothing leaves the machine.
type Player struct {
	mask  *masker
	start time.Time

	mu      sync.Mutex
	answers map[string][]entry // by request, in the order in which they were recorded
	draws   map[string][]string
}

// Load reads a recording whole.
func Load(in io.Reader, name string) (*Player, error) {
	p := &Player{mask: newMasker(), answers: map[string][]entry{}, draws: map[string][]string{}}
	r := bufio.NewReader(in)
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			if n == 1 {
				return nil, fault.New(fault.Usage, "%s is empty, and no recording of imctl", name)
			}
			return p, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fault.New(fault.Usage, "can't read the recording: %w", err)
		}
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fault.New(fault.Usage, "%s:%d: no line of a recording: %w", name, n, err)
		}
		switch {
		case n == 1 && e.Cassette != version:
			return nil, fault.New(fault.Usage, "%s is no recording of imctl", name)
		case n == 1:
			p.start = e.Start
		case e.Draw != "":
			p.draws[e.Draw] = append(p.draws[e.Draw], e.Value)
		default:
			p.answers[e.key()] = append(p.answers[e.key()], e)
		}
	}
}

func (e entry) key() string { return e.Method + " " + e.URL + "\n" + e.Body }

// Start is when the recorded run began.
func (p *Player) Start() time.Time { return p.start }

// Draw returns the next recorded value of that kind.
func (p *Player) Draw(kind string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.draws[kind]
	if len(list) == 0 {
		return "", notRecorded("the recorded run drew no further %s", kind)
	}
	p.draws[kind] = list[1:]
	return list[0], nil
}

func notRecorded(format string, args ...any) error {
	return fault.New(fault.Unreachable, format, args...).
		WithHint("a replayed run may only do what was recorded; record it again with --record")
}

// RoundTrip answers from the recording. The same request asked again gets the next answer of its own.
func (p *Player) RoundTrip(req *http.Request) (*http.Response, error) {
	e, err := p.mask.request(req)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	list := p.answers[e.key()]
	if len(list) > 0 {
		p.answers[e.key()] = list[1:]
	}
	p.mu.Unlock()
	if len(list) == 0 {
		return nil, notRecorded("not recorded: %s %s %s", e.Method, e.URL, short(e.Body))
	}
	got := list[0]
	if got.Failed != "" {
		return nil, fmt.Errorf("recorded: %s", got.Failed)
	}
	header := http.Header{}
	if got.Type != "" {
		header.Set("Content-Type", got.Type)
	}
	if got.Wait != "" {
		header.Set("Retry-After", got.Wait)
	}
	return &http.Response{
		StatusCode: got.Status, Status: fmt.Sprintf("%d %s", got.Status, http.StatusText(got.Status)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header, Request: req,
		Body: io.NopCloser(bytes.NewReader([]byte(got.Answer))), ContentLength: int64(len(got.Answer)),
	}, nil
}

// Left is how many recorded exchanges were not asked for.
func (p *Player) Left() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, list := range p.answers {
		n += len(list)
	}
	return n
}

func short(body string) string {
	if len(body) > 200 {
		return body[:200] + "…"
	}
	return body
}

// plainJSON parses a body; false when it is no JSON.
func plainJSON(body []byte) (any, bool) {
	v, err := value.Parse(body)
	return v, err == nil
}
