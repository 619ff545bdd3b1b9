package cassette

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// Player answers requests from a recording; nothing leaves the machine. It is the transport of HTTP requests and the tape
// of connections to the gateway.
type Player struct {
	mask  *masker
	start time.Time

	mu      sync.Mutex
	answers map[string][]exchange // by request, in the order in which they were recorded
	draws   map[string][]string
	logins  map[string][]*playedSocket // by loginKey, in the order of the handshakes
	socks   []*playedSocket
	waits   map[string][]*out // by what was waited for
	order   *order
	ids     map[string]string // recorded clientMsgIDs, where the run has others
	renamer *strings.Replacer // of ids; nil when there are none
}

// exchange is an HTTP exchange of the recording.
type exchange struct {
	entry
	out *out
	at  int // the place of its answer
}

// Start is when the recorded run began.
func (p *Player) Start() time.Time { return p.start }

// Draw returns the next recorded value of that kind.
func (p *Player) Draw(kind string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.draws[kind]
	if len(list) == 0 {
		p.order.stray()
		return "", notRecorded("the recorded run drew no further %s", kind)
	}
	p.draws[kind] = list[1:]
	return list[0], nil
}

func notRecorded(format string, args ...any) *fault.Error {
	return fault.New(fault.Unreachable, format, args...).
		WithHint("a replayed run may only do what was recorded; record it again with --record")
}

// RoundTrip answers from the recording. The same request asked again gets the next answer of its own.
func (p *Player) RoundTrip(req *http.Request) (*http.Response, error) {
	e, err := p.mask.request(req)
	if err != nil {
		return nil, err
	}
	got, err := p.exchange(req.Context(), e)
	if err != nil {
		return nil, err
	}
	switch got.Failed {
	case "":
	case notReached:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("recorded: " + got.Failed)}
	default:
		return nil, errors.New("recorded: " + got.Failed)
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

// exchange takes the next recorded exchange with that request, and waits until it is its turn.
func (p *Player) exchange(ctx context.Context, asked entry) (entry, error) {
	p.mu.Lock()
	key := asked.key()
	list := p.answers[key]
	if len(list) == 0 {
		p.order.stray()
		p.mu.Unlock()
		return entry{}, notRecorded("not recorded: %s %s %s", asked.Method, asked.URL, short(asked.Body))
	}
	p.answers[key] = list[1:]
	p.order.play(list[0].out)
	ready := p.order.turn(list[0].at)
	p.mu.Unlock()
	select {
	case <-ready:
	case <-ctx.Done():
		return entry{}, ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	got := list[0].entry
	got.Answer = p.renamed(got.Answer)
	return got, nil
}

func (e entry) key() string { return e.Method + " " + e.URL + "\n" + e.Body }

// rename notes that the run has another id for a message. Ids are drawn by chance; where tasks run side by side one may
// draw what another drew in the recording.
func (p *Player) rename(recorded, now string) {
	const plain = 16 // bytes; a shorter one may be part of any text
	if recorded == now || len(recorded) != len(now) || len(now) < plain {
		return
	}
	p.ids[recorded] = now
	var pairs []string
	for was, is := range p.ids {
		pairs = append(pairs, was, is)
	}
	p.renamer = strings.NewReplacer(pairs...)
}

// renamed is a text with the ids that the run has.
func (p *Player) renamed(text string) string {
	if p.renamer == nil {
		return text
	}
	return p.renamer.Replace(text)
}

// Left is how many recorded exchanges, handshakes and requests were not asked for.
func (p *Player) Left() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, list := range p.answers {
		n += len(list)
	}
	for _, s := range p.socks {
		if !s.dialled {
			n++
		}
		for _, list := range s.asked {
			n += len(list)
		}
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
