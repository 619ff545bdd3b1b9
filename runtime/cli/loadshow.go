package cli

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/openimsdk/imctl/runtime/load"
)

// plainEvery is how often a load says how far it is where no line can be drawn again.
const plainEvery = 5 * time.Second

// loadShow shows how a load goes, on standard error: one line that changes on a terminal, a line now and then elsewhere.
type loadShow struct {
	a       *app
	metrics *load.Registry
	mu      sync.Mutex
	last    time.Time
	drawn   bool
	before  int64 // iterations, at the last look
	at      time.Duration
}

func (a *app) showLoad(metrics *load.Registry) *loadShow {
	return &loadShow{a: a, metrics: metrics, last: time.Now()}
}

func (s *loadShow) tell(p load.Progress) {
	if s.a.g.quiet {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.a.sys.StderrIsTerminal && time.Since(s.last) < plainEvery {
		return
	}
	s.last = time.Now()
	line := s.line(p)
	if s.a.sys.StderrIsTerminal {
		s.drawn = true
		fmt.Fprintf(s.a.sys.Stderr, "\r\x1b[K%s", line)
	} else {
		fmt.Fprintln(s.a.sys.Stderr, line)
	}
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

// done removes the line.
func (s *loadShow) done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.drawn {
		fmt.Fprint(s.a.sys.Stderr, "\r\x1b[K")
	}
}
