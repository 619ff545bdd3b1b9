package output

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// redraw is the shortest time between two drawings of a progress line.
const redraw = 100 * time.Millisecond

// Progress is a line on a terminal that shows how far a long job has come. Anywhere but on a terminal it shows
// nothing. It is safe for concurrent use.
type Progress struct {
	mu          sync.Mutex
	w           io.Writer
	label       string
	on          bool
	shown       bool
	done, total int64
	started     time.Time
	drawn       time.Time
	now         func() time.Time
}

// NewProgress starts a progress line on w, which shows only if w is a terminal.
func NewProgress(w io.Writer, isTerminal bool, label string) *Progress {
	return &Progress{w: w, on: isTerminal, label: Escape(label, false), started: time.Now(), now: time.Now}
}

// Set says how much is done. A total of 0 or less is unknown.
func (p *Progress) Set(done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.total = done, total
	p.draw()
}

// Add adds to what is done.
func (p *Progress) Add(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += n
	p.draw()
}

// Clear removes the line, so that something else can be written; the next Set draws it anew.
func (p *Progress) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
}

// Finish removes the line and, on a terminal, leaves msg in its place when it is not empty.
func (p *Progress) Finish(msg string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	if p.on && msg != "" {
		fmt.Fprintln(p.w, Escape(msg, false))
	}
	p.on = false
}

func (p *Progress) erase() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	p.shown, p.drawn = false, time.Time{}
}

func (p *Progress) draw() {
	now := p.now()
	if !p.on || now.Sub(p.drawn) < redraw {
		return
	}
	p.drawn, p.shown = now, true
	fmt.Fprintf(p.w, "\r\x1b[K%s", p.text(now.Sub(p.started)))
}

// text is the line: label, count, share, rate, and the time that is left.
func (p *Progress) text(elapsed time.Duration) string {
	line := fmt.Sprintf("%s %d", p.label, p.done)
	if p.total > 0 {
		line += fmt.Sprintf("/%d (%d%%)", p.total, min(int64(float64(p.done)/float64(p.total)*100), 100))
	}
	if elapsed < time.Second || p.done <= 0 {
		return line
	}
	rate := float64(p.done) / elapsed.Seconds()
	line += fmt.Sprintf(" %.0f/s", rate)
	if left := p.total - p.done; left > 0 {
		eta := time.Duration(float64(left) / rate * float64(time.Second)).Round(time.Second)
		line += fmt.Sprintf(" %v left", eta)
	}
	return line
}
