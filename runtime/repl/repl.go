// Package repl reads Lua line by line, runs it and prints what it gives: with line editing and history on a terminal,
// and as a plain filter in a pipe. It knows the VM and the terminal, and nothing of operations.
package repl

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/peterh/liner"
	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/vm"
)

// Options is what a REPL needs from the program.
type Options struct {
	Stdin     io.Reader
	Stdout    io.Writer
	Terminal  bool                                          // stdin and stdout are terminals
	History   string                                        // file of the history, 0600; "" keeps none
	Prompt    string                                        // "imctl:prod> "
	Print     func(v *vm.VM, value lua.LValue) error        // prints one value
	Fail      func(error)                                   // prints an error
	Interrupt func(cancel context.CancelFunc) (done func()) // lets Ctrl-C cancel the line that runs
}

// Run reads until the input ends. It returns how many lines failed, and the exit code that os.exit asked for.
func Run(ctx context.Context, v *vm.VM, o Options) (failed, code int, err error) {
	var in reader = &pipe{r: bufio.NewReader(o.Stdin)}
	if o.Terminal {
		t, err := openTerminal(o)
		if err != nil {
			return 0, 0, err
		}
		defer t.close()
		in = t
	}
	for ctx.Err() == nil {
		block, err := in.block()
		if errors.Is(err, io.EOF) && strings.TrimSpace(block) == "" {
			return failed, 0, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return failed, 0, fault.New(fault.Internal, "can't read the input: %w", err)
		}
		if strings.TrimSpace(block) == "" {
			continue
		}
		if err := runBlock(ctx, v, o, block); err != nil {
			failed++
			o.Fail(err)
		}
		if code, exited := v.Exited(); exited {
			return failed, code, nil
		}
	}
	return failed, 0, context.Cause(ctx)
}

// runBlock runs one complete input. An expression prints its values.
func runBlock(ctx context.Context, v *vm.VM, o Options, block string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if o.Interrupt != nil {
		defer o.Interrupt(cancel)()
	}
	v.Renew(ctx)
	source := block
	if vm.IsExpression(block) {
		source = "return " + block
	}
	values, err := v.Run(source, "repl")
	if err != nil {
		return err
	}
	for len(values) > 1 && values[len(values)-1] == lua.LNil {
		values = values[:len(values)-1]
	}
	if len(values) == 1 && values[0] == lua.LNil {
		return nil
	}
	for _, value := range values {
		if err := o.Print(v, value); err != nil {
			return err
		}
	}
	return nil
}

// reader gives one complete input at a time.
type reader interface{ block() (string, error) }

// pipe reads from what is no terminal: no prompt, nothing but values goes out.
type pipe struct{ r *bufio.Reader }

func (p *pipe) block() (string, error) {
	var b strings.Builder
	for {
		line, err := p.r.ReadString('\n')
		b.WriteString(line)
		if err != nil || !vm.IsIncomplete(b.String()) && !vm.IsIncomplete("return "+b.String()) {
			return strings.TrimSuffix(b.String(), "\n"), err
		}
	}
}

// terminal edits lines and keeps the history.
type terminal struct {
	state   *liner.State
	prompt  string
	history string
}

func openTerminal(o Options) (*terminal, error) {
	t := &terminal{state: liner.NewLiner(), prompt: o.Prompt, history: o.History}
	t.state.SetCtrlCAborts(true)
	t.state.SetMultiLineMode(true)
	if o.History != "" {
		if f, err := os.Open(o.History); err == nil {
			_, err = t.state.ReadHistory(f)
			_ = f.Close()
			if err != nil {
				t.close()
				return nil, fault.New(fault.Usage, "can't read the history %s: %w", o.History, err)
			}
		}
	}
	return t, nil
}

func (t *terminal) block() (string, error) {
	prompt := t.prompt
	var lines []string
	for {
		line, err := t.state.Prompt(prompt)
		if errors.Is(err, liner.ErrPromptAborted) {
			return "", nil // Ctrl-C drops what was typed
		}
		if err != nil {
			return "", err
		}
		lines = append(lines, line)
		text := strings.Join(lines, "\n")
		if !vm.IsIncomplete(text) && !vm.IsIncomplete("return "+text) || strings.TrimSpace(text) == "" {
			t.remember(text)
			return text, nil
		}
		prompt = strings.Repeat(".", max(len(t.prompt)-1, 0)) + " "
	}
}

var secretWord = regexp.MustCompile(`(?i)secret|password|passwd|token|eyJ[\w-]{8,}`)

// remember adds a line to the history, one with a secret in it never.
func (t *terminal) remember(text string) {
	if strings.TrimSpace(text) != "" && !secretWord.MatchString(text) {
		t.state.AppendHistory(strings.ReplaceAll(text, "\n", " "))
	}
}

func (t *terminal) close() {
	defer t.state.Close()
	if t.history == "" {
		return
	}
	var b strings.Builder
	if _, err := t.state.WriteHistory(&b); err != nil {
		return
	}
	if err := os.MkdirAll(filepath.Dir(t.history), 0o700); err == nil {
		_ = renameio.WriteFile(t.history, []byte(b.String()), 0o600) // a lost history is no reason to fail
	}
}
