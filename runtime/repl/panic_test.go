//go:build unix

package repl

import (
	"context"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/term"

	"github.com/openimsdk/imctl/bindings/fault"
)

// panicking is a host that panics where the environment says.
type panicking struct {
	fakeHost
	where string
}

func (h *panicking) Contexts() []string {
	if h.where == "editor" { // called by the completer, within the line editor
		panic("in the editor")
	}
	return nil
}

func (h *panicking) ShowContext() (any, error) { panic("in a call") }

// TestPanicHelper is the process of TestPanicLeavesTheTerminal.
func TestPanicHelper(t *testing.T) {
	where := os.Getenv("REPL_PANIC")
	if where == "" {
		t.Skip("only in its own process")
	}
	h := &panicking{where: where}
	_, err := Run(context.Background(), newVM(t, os.Stdout), Options{
		Host: h, Areas: testAreas(), Stdin: os.Stdin, Stdout: os.Stdout, Terminal: true, Form: "table", Getenv: os.Getenv,
	})
	for _, e := range append(h.errs, err) {
		if e != nil && fault.Is(e, fault.Internal) {
			os.Stdout.WriteString("internal: " + e.Error() + "\n")
		}
	}
}

func TestPanicLeavesTheTerminal(t *testing.T) {
	for where, keys := range map[string]string{"editor": ":context p\t", "call": ":context\r\x04"} {
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
		cmd := exec.Command(os.Args[0], "-test.run=^TestPanicHelper$")
		cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
		cmd.Env = append(os.Environ(), "REPL_PANIC="+where, "TERM=xterm")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		screen, sent := "", false
		buf := make([]byte, 4096)
		for !strings.Contains(screen, "PASS") && !strings.Contains(screen, "FAIL") && len(screen) < 1<<16 {
			n, err := keyboard.Read(buf)
			if err != nil {
				break
			}
			screen += string(buf[:n])
			if !sent && strings.Contains(screen, "> ") {
				sent = true
				_, _ = keyboard.WriteString(keys)
			}
		}
		_ = cmd.Wait()
		if !strings.Contains(screen, "internal: a fault of imctl: in ") {
			t.Errorf("%s: %q", where, screen)
		}
		after, err := term.GetState(int(terminal.Fd()))
		if err != nil || !reflect.DeepEqual(before, after) || strings.LastIndex(screen, pasteOn) > strings.LastIndex(screen, pasteOff) {
			t.Errorf("%s: the terminal is not as it was", where)
		}
		_, _ = keyboard.Close(), terminal.Close()
	}
}
