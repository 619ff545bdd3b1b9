package cassette

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/openimsdk/imctl/bindings/openim"
)

// Recorder passes requests on and writes what they were and what came back. It is the transport of HTTP requests and the
// tape of connections to the gateway.
type Recorder struct {
	base http.RoundTripper
	mask *masker

	mu    sync.Mutex
	out   io.Writer
	lines int
	conns int
	err   error
}

// NewRecorder starts a recording at start.
func NewRecorder(out io.Writer, base http.RoundTripper, start time.Time) (*Recorder, error) {
	r := &Recorder{base: base, mask: newMasker(), out: out}
	r.write(entry{Cassette: version, Start: start})
	return r, r.err
}

func (r *Recorder) write(e entry) {
	line, err := json.Marshal(e)
	r.append(line, err)
}

func (r *Recorder) append(line []byte, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil && r.err == nil {
		_, err = r.out.Write(append(line, '\n'))
		r.lines++
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

// Draw records a value that came by chance, or that a setting had.
func (r *Recorder) Draw(kind, drawn string) { r.write(entry{Draw: kind, Value: openim.Mask(drawn)}) }

// Why no answer came. The client tries what did not reach a server again, also when it writes.
const (
	notReached = "no server was reached"
	noAnswer   = "no answer"
	cutAnswer  = "the answer was cut"
)

func isDial(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &op) && op.Op == "dial" && !(errors.As(err, &dns) && dns.IsNotFound)
}

// RoundTrip sends the request and records the exchange when its answer was read whole.
func (r *Recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	e, err := r.mask.request(req)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	e.Began = r.lines
	r.mu.Unlock()
	resp, err := r.base.RoundTrip(req)
	if err != nil {
		if e.Failed = noAnswer; isDial(err) {
			e.Failed = notReached
		}
		r.write(e)
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxLine))
	_ = resp.Body.Close()
	if err != nil {
		e.Failed = cutAnswer
		r.write(e)
		return nil, err
	}
	e.Status, e.Type, e.Wait = resp.StatusCode, resp.Header.Get("Content-Type"), resp.Header.Get("Retry-After")
	e.Answer = r.mask.text(body)
	r.write(e)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}
