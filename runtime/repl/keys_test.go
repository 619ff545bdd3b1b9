//go:build unix

package repl

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"
)

// fakeEditor reads lines from keys as the line editor does: one, then it stops.
type fakeEditor struct {
	t        *testing.T
	keyboard *os.File
	keys     *keys
	in       *bufio.Reader
}

func newFakeEditor(t *testing.T) *fakeEditor {
	t.Helper()
	keyboard, terminal, err := pty.Open()
	if err != nil {
		t.Skip("no pty:", err)
	}
	t.Cleanup(func() { _, _ = keyboard.Close(), terminal.Close() })
	if _, err := term.MakeRaw(int(terminal.Fd())); err != nil {
		t.Fatal(err)
	}
	k, input, err := newKeys(terminal)
	if err != nil {
		t.Fatal(err)
	}
	return &fakeEditor{t, keyboard, k, bufio.NewReader(input)}
}

func (e *fakeEditor) typed(text string) {
	e.t.Helper()
	if _, err := e.keyboard.WriteString(text); err != nil {
		e.t.Fatal(err)
	}
}

func (e *fakeEditor) line() (line string, more []string, partial bool) {
	e.t.Helper()
	e.keys.start()
	got := make(chan string, 1)
	go func() {
		text, _ := e.in.ReadString('\r')
		got <- text
	}()
	select {
	case line = <-got:
	case <-time.After(5 * time.Second):
		e.t.Fatal("no line came")
	}
	e.keys.stop()
	more, partial = e.keys.burst()
	return strings.TrimSuffix(line, "\r"), more, partial
}

func TestPasteIsOnePiece(t *testing.T) {
	for _, c := range []struct {
		name, typed string
		line        string
		more        []string
		partial     bool
		next        string // what is left to edit, when Enter is pressed
	}{
		{"one line is typed", "x = \x1b[200~1 + 1\x1b[201~\r", "x = 1 + 1", nil, false, ""},
		{"a block", "\x1b[200~function f()\r\treturn 1\rend\r\x1b[201~", "function f()", []string{"\treturn 1", "end"}, false, ""},
		{"LF and CRLF", "\x1b[200~a\nb\r\nc\n\x1b[201~", "a", []string{"b", "c"}, false, ""},
		{"no end of the last line", "\x1b[200~a = 1\rb = 2\x1b[201~", "a = 1", nil, true, "b = 2"},
		{"behind what was typed", "t = \x1b[200~{\r1}\r\x1b[201~", "t = {", []string{"1}"}, false, ""},
		{"keys in a paste are no keys", "\x1b[200~a\x03\x1b[Ab\rc\r\x1b[201~", "a[Ab", []string{"c"}, false, ""},
		{"a tab is no completion", "\x1b[200~\tx\ry\r\x1b[201~", tabMark + "x", []string{"y"}, false, ""},
		{"without marks", "a = 1\rb = 2\rc = 3\r", "a = 1", []string{"b = 2", "c = 3"}, false, ""},
		{"without marks and end", "a = 1\rb = 2", "a = 1", nil, false, "b = 2"},
		{"a control key ends a burst", "a\r\x03", "a", nil, false, "\x03"},
		{"escape sequences pass", "\x1b[Ax\x1b[2~\r", "\x1b[Ax\x1b[2~", nil, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := newFakeEditor(t)
			e.typed(c.typed)
			line, more, partial := e.line()
			if line != c.line || !slices.Equal(more, c.more) || partial != c.partial {
				t.Errorf("got %q, %q, %v; want %q, %q, %v", line, more, partial, c.line, c.more, c.partial)
			}
			if c.next != "" {
				e.typed("\r")
				if line, _, _ := e.line(); line != c.next {
					t.Errorf("then %q, want %q", line, c.next)
				}
			}
		})
	}
}

func TestPasteInPieces(t *testing.T) {
	e := newFakeEditor(t)
	go func() {
		for _, part := range []string{"\x1b[20", "0~one\rtw", "o\r\x1b[2", "01~"} {
			_, _ = e.keyboard.WriteString(part)
			time.Sleep(5 * time.Millisecond)
		}
	}()
	if line, more, _ := e.line(); line != "one" || !slices.Equal(more, []string{"two"}) {
		t.Errorf("got %q, %q", line, more)
	}
}

func TestBetweenLinesNothingIsRead(t *testing.T) {
	e := newFakeEditor(t)
	e.typed("a\r")
	e.line()
	e.typed("for a question\r")
	time.Sleep(50 * time.Millisecond)
	if len(e.keys.held) > 0 {
		t.Errorf("keys took %q", e.keys.held)
	}
}

func TestLineThatIsNoEnd(t *testing.T) { // the editor asks something and takes Enter for the answer
	e := newFakeEditor(t)
	e.keys.start()
	e.typed("\rn")
	got := make([]byte, 2)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range got {
			got[i], _ = e.in.ReadByte()
		}
	}()
	select {
	case <-done:
	case <-time.After(2 * time.Second):
		t.Fatal("the keys behind Enter did not come")
	}
	e.keys.stop()
	if string(got) != "\rn" {
		t.Errorf("got %q", got)
	}
}
