package report

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/mattn/go-runewidth"

	"github.com/openimsdk/imctl/runtime/testrun"
)

// Live is the last line of a terminal while tests run: how far the run is, and what runs now. It goes when something else
// is written through Over, and comes back below it.
type Live struct {
	out   io.Writer
	width func() int // of the terminal
	files int

	mu      sync.Mutex
	state   testrun.Progress
	shown   string // what stands in the line, "" when it is not there
	midline bool   // what was written last left its line open
	closed  bool

	quit, ended chan struct{}
}

// redraw is how often the line is looked at: what has changed since is shown.
const redraw = 100 * time.Millisecond

// NewLive starts the line of a run of so many files. Close ends it.
func NewLive(out io.Writer, width func() int, files int) *Live {
	l := &Live{out: out, width: width, files: files, quit: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(l.ended)
		ticker := time.NewTicker(redraw)
		defer ticker.Stop()
		for {
			select {
			case <-l.quit:
				return
			case <-ticker.C:
				l.mu.Lock()
				l.draw(time.Now())
				l.mu.Unlock()
			}
		}
	}()
	return l
}

// Show says how far the run is.
func (l *Live) Show(p testrun.Progress) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = p
}

// Close takes the line away for good.
func (l *Live) Close() {
	close(l.quit)
	<-l.ended
	l.mu.Lock()
	defer l.mu.Unlock()
	l.erase()
	l.closed = true
}

func (l *Live) erase() {
	if l.shown != "" {
		fmt.Fprint(l.out, "\r\x1b[K")
		l.shown = ""
	}
}

func (l *Live) draw(now time.Time) {
	if l.closed || l.midline || l.state.Planned == 0 {
		return
	}
	text := l.text(now)
	if w := l.width(); w > 0 {
		text = runewidth.Truncate(text, w-1, "…")
	}
	if text != l.shown {
		fmt.Fprint(l.out, "\r\x1b[K"+text)
		l.shown = text
	}
}

// text is the line: "file 2/7, 12/28 tests, 1 failed: 3 s in accounts > can be found". The name, which may be cut, is last.
func (l *Live) text(now time.Time) string {
	s := l.state
	text := fmt.Sprintf("%d/%d tests", s.Done, s.Planned)
	if l.files > 1 {
		text = fmt.Sprintf("file %d/%d, ", min(s.Files+1, l.files), l.files) + text
	}
	if s.Failed > 0 {
		text += fmt.Sprintf(", %d failed", s.Failed)
	}
	if len(s.Running) == 0 {
		return text
	}
	if len(s.Running) > 1 {
		text += fmt.Sprintf(", %d running", len(s.Running))
	}
	text += ": "
	first := s.Running[0]
	if seconds := int(now.Sub(first.Start).Seconds()); seconds > 0 {
		text += fmt.Sprintf("%d s in ", seconds)
	}
	return text + title(first)
}

// Over is a stream on the same terminal: what is written to it takes the line away first.
func (l *Live) Over(w io.Writer) io.Writer { return over{l, w} }

type over struct {
	line *Live
	w    io.Writer
}

func (o over) Write(b []byte) (int, error) {
	o.line.mu.Lock()
	defer o.line.mu.Unlock()
	o.line.erase()
	if len(b) > 0 {
		o.line.midline = !bytes.HasSuffix(b, []byte("\n")) && !bytes.HasSuffix(b, []byte("\x1b[K")) // a line that was erased is empty
	}
	return o.w.Write(b)
}
