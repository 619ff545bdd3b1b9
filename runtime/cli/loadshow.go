package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/openimsdk/imctl/runtime/load"
)

// plainEvery is how often a load says how far it is where no line can be drawn again.
const plainEvery = 5 * time.Second

// loadShow shows how a load goes, on standard error: one line that changes on a terminal, a line now and then elsewhere.
type loadShow struct {
	out     io.Writer
	width   func() int // of the terminal
	live    bool       // it is a terminal that can draw a line again
	quiet   bool
	metrics *load.Registry

	mu     sync.Mutex
	last   time.Time
	drawn  bool
	before int64 // iterations, at the last look
	at     time.Duration
}

// showLoad shows how a load goes until done is called. What else goes to standard error meanwhile does not mix with the line.
func (a *app) showLoad(metrics *load.Registry) (s *loadShow, done func()) {
	before := a.sys.Stderr
	s = &loadShow{
		out: before, width: a.sys.StderrWidth, live: a.sys.StderrIsTerminal && a.sys.Getenv("TERM") != "dumb", quiet: a.g.quiet, metrics: metrics,
		last: time.Now(),
	}
	a.sys.Stderr = s
	return s, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.erase()
		a.sys.Stderr = before
	}
}

// Write writes something else, in place of the line.
func (s *loadShow) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
	return s.out.Write(p)
}

func (s *loadShow) erase() {
	if s.drawn {
		fmt.Fprint(s.out, "\r\x1b[K")
		s.drawn = false
	}
}

func (s *loadShow) tell(p load.Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.quiet || !s.live && time.Since(s.last) < plainEvery {
		return
	}
	s.last = time.Now()
	line := s.line(p)
	if !s.live {
		fmt.Fprintln(s.out, line)
		return
	}
	if wide := s.width(); wide > 1 && utf8.RuneCountInString(line) >= wide {
		line = string([]rune(line)[:wide-1])
	}
	s.drawn = true
	fmt.Fprintf(s.out, "\r\x1b[K%s", line)
}

// line is the line: how far it is, VUs, iterations in a second, the 95th percentile of HTTP, what failed.
func (s *loadShow) line(p load.Progress) string {
	if p.Starting {
		return fmt.Sprintf("starting: %d VUs are ready", p.VUs)
	}
	m := s.metrics
	done := m.Iterations.Count()
	text := p.Elapsed.Round(time.Second).String()
	if p.Duration > 0 {
		text += " of " + load.Short(p.Duration)
	}
	if p.Ending {
		text += ", ending"
	}
	parts := []string{text, fmt.Sprintf("%d VUs", p.VUs)}
	iterations := fmt.Sprintf("%d", done)
	if p.MaxIterations > 0 {
		iterations += fmt.Sprintf(" of %d", p.MaxIterations)
	}
	iterations += " iterations"
	if passed := (p.Elapsed - s.at).Seconds(); passed > 0 {
		iterations += fmt.Sprintf(", %.1f/s", float64(done-s.before)/passed)
	}
	s.before, s.at = done, p.Elapsed
	parts = append(parts, iterations)
	if m.HTTP.Count() > 0 {
		parts = append(parts, "HTTP p95 "+load.Amount(m.HTTP.Quantile(95), "ms"))
	}
	if n := m.Failed.Count(); n > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", n))
	}
	if n := m.HTTPFailed.Count(); n > 0 {
		parts = append(parts, fmt.Sprintf("%d HTTP failed", n))
	}
	return strings.Join(parts, " · ")
}
