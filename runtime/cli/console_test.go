//go:build unix

package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"
)

// console is imctl on a terminal of its own.
type console struct {
	t        *testing.T
	home     string
	keyboard *os.File
	terminal *os.File
	before   *term.State
	cmd      *exec.Cmd

	mu   sync.Mutex
	text string // what came on the screen
	seen int    // how much of it was expected
}

const enter = "\r"

// newHome makes a home folder for consoles.
func newHome(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"} {
		if err := os.MkdirAll(filepath.Join(home, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

// openConsole starts `imctl repl` and waits for its prompt.
func openConsole(t *testing.T, home string, env ...string) *console {
	t.Helper()
	keyboard, terminal, err := pty.Open()
	if err != nil {
		t.Skip("no pty:", err)
	}
	if err := pty.Setsize(keyboard, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	before, err := term.GetState(int(terminal.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	c := &console{t: t, home: home, keyboard: keyboard, terminal: terminal, before: before}
	c.cmd = exec.Command(filepath.Join(binaries(t), "imctl"), "repl")
	c.cmd.Dir, c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = home, terminal, terminal, terminal
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	c.cmd.Env = append([]string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "PAGER=cat"}, env...)
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"} {
		c.cmd.Env = append(c.cmd.Env, name+"="+filepath.Join(home, name))
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		buf := make([]byte, 64<<10)
		for {
			n, err := keyboard.Read(buf)
			c.mu.Lock()
			c.text += string(buf[:n])
			c.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
		_, _ = keyboard.Close(), terminal.Close()
	})
	c.prompt()
	return c
}

func (c *console) prompt() { c.t.Helper(); c.expect("imctl:sandbox> ") }

// typed presses keys.
func (c *console) typed(keys string) {
	c.t.Helper()
	if _, err := c.keyboard.WriteString(keys); err != nil {
		c.t.Fatal(err)
	}
}

// input types a line and waits for what it shows and for the next prompt; it returns the text between.
func (c *console) input(line string, wants ...string) string {
	c.t.Helper()
	c.typed(line)
	c.expect(line[max(0, len(line)-10):])
	c.typed(enter)
	c.expect("\n")
	start := c.seen
	for _, want := range wants {
		c.expect(want)
	}
	c.prompt()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text[start:c.seen]
}

// expect waits until text comes behind what was expected last.
func (c *console) expect(text string) {
	c.t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for {
		c.mu.Lock()
		at := strings.Index(c.text[c.seen:], text)
		if at >= 0 {
			c.seen += at + len(text)
			c.mu.Unlock()
			return
		}
		screen := c.text[c.seen:]
		c.mu.Unlock()
		if time.Now().After(deadline) {
			c.t.Fatalf("no %q on the screen; there is %q", text, screen)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// ends waits for the end and checks the exit code and that the terminal is as it was.
func (c *console) ends(code int) {
	c.t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); _ = c.cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		c.t.Fatalf("it does not end; on the screen: %q", c.text[c.seen:])
	}
	if got := c.cmd.ProcessState.ExitCode(); got != code {
		c.t.Errorf("exit code %d, want %d", got, code)
	}
	after, err := term.GetState(int(c.terminal.Fd()))
	if err != nil || !reflect.DeepEqual(after, c.before) {
		c.t.Errorf("the terminal is not as it was: %+v, %+v, %v", c.before, after, err)
	}
	marks := func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return strings.LastIndex(c.text, "\x1b[?2004h") > strings.LastIndex(c.text, "\x1b[?2004l")
	}
	for try := 0; marks(); try++ { // what it wrote last may not have been read yet
		if try == 400 {
			c.t.Fatal("the terminal still marks what is pasted")
		}
		time.Sleep(5 * time.Millisecond)
	}
}
