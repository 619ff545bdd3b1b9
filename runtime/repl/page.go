package repl

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/mattn/go-runewidth"
)

// errQuit is a write to a pager that was left.
var errQuit = errors.New("the pager was left")

// page holds back what is written while it fits the screen. When it doesn't, a pager gets it as it comes, so that
// nothing is collected and a pager that is left ends the work.
type page struct {
	out           io.Writer
	width, height int
	wide          bool // a line longer than the screen is reason enough for the pager
	command       []string

	held  bytes.Buffer
	rows  int
	line  bytes.Buffer // the last line, which has no end yet
	plain bool         // no pager: everything goes out as it comes
	pager *exec.Cmd
	stdin io.WriteCloser
	gone  chan struct{} // closed when the pager has ended

	closed chan struct{} // closed when nothing more is written

	ctx  context.Context // the pager ends with it
	left func()          // called when the pager has ended and writing has not
	lent *atomic.Bool    // true while the pager has the terminal
}

func newPage(out io.Writer, width, height int, wide bool, command []string) *page {
	return &page{
		out: out, width: width, height: height, wide: wide, command: command, plain: len(command) == 0,
		ctx: context.Background(), left: func() {}, lent: &atomic.Bool{},
	}
}

// leftWait is how long a writer may take to see that the pager was left; one that waits for a server does not.
const leftWait = 300 * time.Millisecond

func (p *page) Write(b []byte) (int, error) {
	switch {
	case p.plain:
		return p.out.Write(b)
	case p.pager != nil:
		if _, err := p.stdin.Write(b); err != nil {
			return 0, errQuit
		}
		return len(b), nil
	}
	p.held.Write(b)
	if !p.overflows(b) {
		return len(b), nil
	}
	if err := p.start(); err != nil { // without a pager it scrolls by
		p.plain = true
		_, err := p.held.WriteTo(p.out)
		return len(b), err
	}
	if _, err := p.held.WriteTo(p.stdin); err != nil {
		return 0, errQuit
	}
	return len(b), nil
}

// overflows counts the screen's lines that b takes. Two are kept for the prompt and the input above.
func (p *page) overflows(b []byte) bool {
	for len(b) > 0 {
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			p.line.Write(b)
			break
		}
		p.line.Write(b[:end])
		b = b[end+1:]
		width := runewidth.StringWidth(visible(p.line.String()))
		if p.wide && width > p.width {
			return true
		}
		p.rows += max(1, (width+p.width-1)/p.width)
		p.line.Reset()
	}
	return p.rows > p.height-2
}

// visible is a line without the codes of colours.
func visible(line string) string {
	for {
		start := strings.Index(line, "\x1b[")
		if start < 0 {
			return line
		}
		end := strings.IndexByte(line[start:], 'm')
		if end < 0 {
			return line
		}
		line = line[:start] + line[start+end+1:]
	}
}

func (p *page) start() error {
	cmd := exec.Command(p.command[0], p.command[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	p.lent.Store(true)
	if err := cmd.Start(); err != nil {
		p.lent.Store(false)
		return err
	}
	p.pager, p.stdin, p.gone = cmd, stdin, make(chan struct{})
	p.closed = make(chan struct{})
	stop := context.AfterFunc(p.ctx, func() { _ = cmd.Process.Signal(syscall.SIGTERM) })
	go func() {
		_ = cmd.Wait() // what a pager says of its end doesn't matter
		stop()
		p.lent.Store(false)
		close(p.gone)
		select {
		case <-p.closed:
		case <-time.After(leftWait):
			p.left()
		}
	}()
	return nil
}

func (p *page) started() bool { return p.pager != nil }

// close shows what was held back, or waits until the pager is left.
func (p *page) close() error {
	if p.pager == nil {
		_, err := p.held.WriteTo(p.out)
		return err
	}
	close(p.closed)
	_ = p.stdin.Close()
	<-p.gone
	return nil
}

// pager is the command that pages, as the environment wants it; none when PAGER is empty or cat.
func (s *session) pager() []string {
	switch name := strings.TrimSpace(s.Getenv("PAGER")); name {
	case "cat":
		return nil
	case "":
		if path, err := exec.LookPath("less"); err == nil {
			return []string{path, "-R", "-S"}
		}
		if path, err := exec.LookPath("more"); err == nil {
			return []string{path}
		}
		return nil
	default:
		return []string{"sh", "-c", name}
	}
}
