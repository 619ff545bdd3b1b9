//go:build unix

package repl

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// keys stands between the terminal and the line editor while a line is edited. The editor knows no pasted blocks: for
// it each line ends the input. So keys gives it one line at a time, takes a paste apart by the marks that the terminal
// puts around it, and keeps what came in one piece behind a line. Between two lines it reads nothing, so that programs
// and questions have the terminal for themselves.
type keys struct {
	terminal     int
	editor       *os.File // what the line editor reads comes in here
	wake, waking *os.File
	ended        chan struct{}

	held    []byte   // came from the terminal and was not passed on
	lines   []string // a paste's lines behind the one that was passed on
	partial bool     // the paste's last line has no end and is in held, to be edited
}

const (
	pasteOn, pasteOff     = "\x1b[?2004h", "\x1b[?2004l"
	pasteStart, pasteStop = "\x1b[200~", "\x1b[201~"

	escapeWait = 20 * time.Millisecond  // for the rest of a mark
	lineWait   = 100 * time.Millisecond // until the editor has taken a line
	burstWait  = 15 * time.Millisecond  // what comes within it came in one piece
	pasteWait  = 2 * time.Second        // for the end of a paste that seems to have none
)

// newKeys returns keys for a terminal and the file that the editor has to read.
func newKeys(terminal *os.File) (*keys, *os.File, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	wake, waking, err := os.Pipe()
	if err != nil {
		return nil, nil, errors.Join(err, read.Close(), write.Close())
	}
	return &keys{terminal: int(terminal.Fd()), editor: write, wake: wake, waking: waking}, read, nil
}

// start passes keys on until stop is called.
func (k *keys) start() {
	k.lines, k.partial = nil, false
	k.ended = make(chan struct{})
	go func() {
		defer close(k.ended)
		for k.forward() {
			if !k.more(-1) {
				return
			}
		}
	}()
}

func (k *keys) stop() {
	_, _ = k.waking.Write([]byte{0})
	<-k.ended
	_, _ = k.wake.Read(make([]byte, 1))
}

// finish ends the editor's input.
func (k *keys) finish() { _ = k.editor.Close() }

// forward passes on what is held; false when keys were stopped.
func (k *keys) forward() bool {
	for len(k.held) > 0 {
		if bytes.HasPrefix(k.held, []byte(pasteStart)) {
			if !k.paste() {
				return false
			}
			continue
		}
		n := len(k.held)
		if i := bytes.Index(k.held, []byte(pasteStart)); i >= 0 {
			n = i
		} else if i := bytes.LastIndexByte(k.held, 0x1b); i >= 0 && len(k.held)-i >= 2 && strings.HasPrefix(pasteStart, string(k.held[i:])) {
			before := len(k.held)
			switch ready := k.more(escapeWait); {
			case len(k.held) > before:
				continue
			case !ready && k.stopped():
				return false
			}
		}
		end := bytes.IndexAny(k.held[:n], "\r\n")
		if end >= 0 {
			n = end + 1
		}
		_, _ = k.editor.Write(k.held[:n])
		k.held = k.held[n:]
		if end >= 0 && k.lineTaken() {
			return false
		}
	}
	return true
}

// paste takes a pasted text that begins in held: one line is typed, of more the first is, and ended.
func (k *keys) paste() bool {
	k.held = k.held[len(pasteStart):]
	end := bytes.Index(k.held, []byte(pasteStop))
	for end < 0 {
		before := len(k.held)
		if !k.more(pasteWait) && k.stopped() {
			return false
		}
		if len(k.held) == before {
			break
		}
		end = bytes.Index(k.held, []byte(pasteStop))
	}
	text := string(k.held)
	if end >= 0 {
		text, k.held = string(k.held[:end]), k.held[end+len(pasteStop):]
	} else {
		k.held = nil
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	lines := strings.Split(text, "\n")
	if len(lines) == 1 {
		_, _ = k.editor.WriteString(typeable(text))
		return true
	}
	rest := lines[len(lines)-1]
	k.lines = append(k.lines, lines[1:len(lines)-1]...)
	k.partial = rest != ""
	k.held = append([]byte(typeable(rest)), k.held...)
	_, _ = k.editor.WriteString(typeable(lines[0]) + "\r")
	return !k.lineTaken()
}

// typeable is a pasted line as it can be typed: control characters would be commands of the editor.
func typeable(line string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ReplaceAll(line, "\t", tabMark))
}

// lineTaken waits until the editor has taken the end of a line, which stops the keys; in a dialogue of its own it
// doesn't take it as such, and more keys are wanted.
func (k *keys) lineTaken() bool {
	ready, _ := waitFor(lineWait, int(k.wake.Fd()))
	return ready
}

func (k *keys) stopped() bool {
	ready, _ := waitFor(0, int(k.wake.Fd()))
	return ready
}

// more waits for input and holds it; false when keys were stopped, nothing came in time, or the terminal is gone.
func (k *keys) more(wait time.Duration) bool {
	stopped, ready := waitFor(wait, int(k.wake.Fd()), k.terminal)
	if stopped || !ready {
		return false
	}
	return k.read()
}

func (k *keys) read() bool {
	buf := make([]byte, 64<<10)
	n, err := unix.Read(k.terminal, buf)
	if err == unix.EINTR {
		return true
	}
	if n <= 0 {
		k.finish()
		return false
	}
	k.held = append(k.held, buf[:n]...)
	return true
}

// burst returns the further lines that came in one piece with the line just read. partial says that the last line of a
// paste is still to be edited. It is called between stop and start.
func (k *keys) burst() (lines []string, partial bool) {
	if len(k.lines) > 0 || k.partial {
		return k.lines, k.partial
	}
	for {
		end := bytes.IndexAny(k.held, "\r\n")
		if end < 0 {
			if _, ready := waitFor(burstWait, -1, k.terminal); !ready || !k.read() {
				return lines, false
			}
			continue
		}
		line := string(k.held[:end])
		if hasControl(line) {
			return lines, false
		}
		lines = append(lines, line)
		k.held = k.held[end+1:]
	}
}

// drop forgets what was typed ahead.
func (k *keys) drop() { k.held = nil }

// interrupt is Ctrl-C from outside the keyboard.
func (k *keys) interrupt(key string) { _, _ = k.editor.WriteString(key) }

// waitFor waits until one of two files can be read; a negative one is left out, a negative wait is for ever.
func waitFor(wait time.Duration, files ...int) (first, second bool) {
	for {
		var set unix.FdSet
		top := -1
		for _, fd := range files {
			if fd >= 0 {
				set.Set(fd)
				top = max(top, fd)
			}
		}
		var limit *unix.Timeval
		if wait >= 0 {
			t := unix.NsecToTimeval(wait.Nanoseconds())
			limit = &t
		}
		_, err := unix.Select(top+1, &set, nil, nil, limit)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return true, false
		}
		is := func(i int) bool { return i < len(files) && files[i] >= 0 && set.IsSet(files[i]) }
		return is(0), is(1)
	}
}

// untilReader is the terminal's input as long as a context lasts.
type untilReader struct{ ctx context.Context }

// TerminalUntil reads the terminal. When ctx ends the input ends, and nothing that is typed later is taken.
func TerminalUntil(ctx context.Context) io.Reader { return untilReader{ctx} }

func (r untilReader) Read(b []byte) (int, error) {
	fd := int(os.Stdin.Fd())
	for r.ctx.Err() == nil {
		if _, ready := waitFor(20*time.Millisecond, -1, fd); !ready || r.ctx.Err() != nil {
			continue
		}
		if n, err := unix.Read(fd, b); err != unix.EINTR {
			if n <= 0 {
				return 0, io.EOF
			}
			return n, nil
		}
	}
	return 0, io.EOF
}
