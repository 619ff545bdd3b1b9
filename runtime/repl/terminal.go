package repl

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"

	"github.com/mattn/go-runewidth"
	"github.com/peterh/liner"
	"golang.org/x/term"
)

// terminal edits lines, completes names and keeps the history. Only while a line is edited is the terminal in the
// editor's mode; while an input runs it is as it was found, for questions, editors and pagers.
type terminal struct {
	s       *session
	state   *liner.State
	keys    *keys
	history history

	found, editing liner.ModeApplier
	before         string // the lines of the block so far, for completion
	latest         string // the last entry of the history
	done           func() bool
}

func openTerminal(s *session) (*terminal, error) {
	t := &terminal{s: s, history: history{s.History}}
	var err error
	if t.found, err = liner.TerminalMode(); err != nil {
		return nil, err
	}
	stdin := os.Stdin
	keys, input, err := newKeys(stdin)
	if err != nil {
		return nil, err
	}
	t.keys = keys
	os.Stdin = input // the editor reads what os.Stdin is when it is made
	t.state = liner.NewLiner()
	os.Stdin = stdin
	if t.editing, err = liner.TerminalMode(); err != nil {
		t.close()
		return nil, err
	}
	t.state.SetCtrlCAborts(true)
	t.state.SetMultiLineMode(true)
	t.state.SetTabCompletionStyle(liner.TabPrints)
	t.state.SetWordCompleter(t.complete)
	t.state.SetBeep(false)
	if s.History != "" {
		for _, entry := range t.history.load() {
			t.state.AppendHistory(screenForm.Replace(entry))
			t.latest = entry
		}
	}
	t.done = context.AfterFunc(s.root, t.keys.finish)
	_ = t.found.ApplyMode()
	return t, nil
}

// block reads lines until they make a complete input. Lines that came in one piece stay in one piece.
func (t *terminal) block() (string, error) {
	prompt := t.s.Host.Prompt()
	further := strings.Repeat(".", max(runewidth.StringWidth(prompt)-1, 1)) + " "
	var lines []string
	for {
		t.before = strings.Join(lines, "\n")
		line, more, partial, err := t.line(prompt)
		if errors.Is(err, liner.ErrPromptAborted) {
			t.keys.drop()
			return "", nil // Ctrl-C drops what was typed
		}
		if err != nil {
			fmt.Fprintln(t.s.Stdout) // the cursor is behind the prompt
			return "", err
		}
		prompt = further
		lines = append(lines, typedForm.Replace(line))
		for _, line := range more {
			fmt.Fprintln(t.s.Stdout, further+line)
			lines = append(lines, line)
		}
		text := strings.Join(lines, "\n")
		if strings.TrimSpace(text) == "" && !partial {
			return "", nil
		}
		if !partial && (!incomplete(text) || len(more) > 0 && len(units(text)) > 1) {
			t.remember(text)
			return text, nil
		}
	}
}

// line edits one line. more are lines that came with it; partial says that the next one was begun, too.
func (t *terminal) line(prompt string) (line string, more []string, partial bool, err error) {
	if liner.TerminalSupported() {
		_ = t.editing.ApplyMode()
		fmt.Fprint(t.s.Stdout, pasteOn)
	}
	t.keys.start()
	var aborted atomic.Bool
	done := t.s.Host.Interrupt(func() {
		if liner.TerminalSupported() {
			t.keys.interrupt("\x03")
			return
		}
		aborted.Store(true)
		t.keys.interrupt("\n")
	})
	defer func() { // also when the editor panics
		done()
		t.keys.stop()
		if err == nil {
			more, partial = t.keys.burst()
		}
		if liner.TerminalSupported() {
			fmt.Fprint(t.s.Stdout, pasteOff)
			_ = t.found.ApplyMode()
		}
		if aborted.Load() {
			fmt.Fprintln(t.s.Stdout)
			err = liner.ErrPromptAborted
		}
	}()
	line, err = t.state.Prompt(prompt)
	return line, nil, false, err
}

// remember adds an input to the history, one with a secret in it never.
func (t *terminal) remember(text string) {
	text = strings.TrimRight(text, " \t\n")
	if text != t.latest && !t.s.secrets.in(text) {
		t.latest = text
		t.state.AppendHistory(screenForm.Replace(text))
		t.history.add(text)
	}
}

func (t *terminal) close() {
	if t.done != nil {
		t.done()
	}
	_ = t.state.Close()
	_ = t.found.ApplyMode()
}

// size is the terminal's width and height now.
func (t *terminal) size() (width, height int) {
	w, h, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil || w < 1 || h < 1 {
		return 80, 24
	}
	return w, h
}
