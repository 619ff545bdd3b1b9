// Package repl reads Lua input by input, runs it and prints what it gives: with line editing, completion and history on
// a terminal, and as a plain filter in a pipe. It knows the VM, the terminal and the declarations of operations; what
// needs a deployment it asks of its Host.
package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/vm"
)

// Host is what the REPL asks of the program around it.
type Host interface {
	Prompt() string // "imctl:prod> "
	Forms() []string
	Print(w io.Writer, form string, width int, v any) error
	PrintRows(w io.Writer, form string, width int, op bindings.Op, rows bindings.Rows) error
	Fail(err error)
	Note(text string)
	Interrupt(cancel func()) (done func()) // has Ctrl-C call cancel until done is called
	Contexts() []string
	ShowContext() (any, error)
	SwitchContext(ctx context.Context, name string) (changes any, err error)
	IDs(ctx context.Context, area string) []string        // some ids of the area's things, for completion
	Requests() (made func() (count int64, last []string)) // counts the requests to the server from now on
}

// Options is what a REPL is made of.
type Options struct {
	Host     Host
	Areas    []bindings.Area
	Stdin    io.Reader
	Stdout   io.Writer
	Terminal bool   // stdin and stdout are terminals
	Form     string // the output form to begin with
	History  string // file of the history, 0600; "" keeps none
	Getenv   func(string) string
}

// Result says how a REPL ended.
type Result struct {
	Failed    int  // inputs that failed
	Code      int  // what os.exit asked for
	Abandoned bool // a call could not be interrupted and still runs: the VM must not be closed
}

// errAbandoned is the end of a REPL whose last call could not be interrupted.
var errAbandoned = fault.New(fault.Canceled, "left while a call was running that can't be interrupted")

// session is a REPL that runs.
type session struct {
	Options
	v       *vm.VM
	lua     *vm.Inputs
	secrets *secrets
	term    *terminal // nil in a pipe

	root   context.Context
	ctx    context.Context // of the inputs until one is interrupted: what a stream that is kept hangs on
	cancel context.CancelCauseFunc

	lent   atomic.Bool // a pager or an editor has the terminal, and Ctrl-C is its own
	timing bool
	number int      // of the input, for messages
	good   []string // the inputs that went well, for :save
	last   string   // the last input, for :edit
}

// Run reads until the input ends.
func Run(ctx context.Context, v *vm.VM, o Options) (res Result, err error) {
	s := &session{Options: o, v: v, root: ctx, secrets: newSecrets(o.Areas)}
	s.lua = v.NewInputs(s.show)
	s.lua.Set("help", v.L.NewFunction(s.luaHelp))
	in, err := s.open()
	if err != nil {
		return res, err
	}
	defer func() { // whatever happens, the terminal is as it was
		in.close()
		if r := recover(); r != nil {
			err = panicked(r)
		}
	}()
	for ctx.Err() == nil {
		block, err := in.block()
		if err != nil && !errors.Is(err, io.EOF) {
			return res, fault.New(fault.Internal, "can't read the input: %w", err)
		}
		if strings.TrimSpace(block) != "" {
			ran := s.input(block)
			if errors.Is(ran, errAbandoned) {
				res.Abandoned = true
				return res, ran
			}
			if ran != nil {
				res.Failed++
				if s.Terminal && fault.Is(ran, fault.Canceled) {
					fmt.Fprintln(s.Stdout) // behind the terminal's ^C
				}
				o.Host.Fail(ran)
			}
			if code, exited := v.Exited(); exited {
				res.Code = code
				return res, nil
			}
		}
		if err != nil {
			break
		}
	}
	return res, context.Cause(ctx)
}

// open makes the reader: the terminal's, or one for a pipe.
func (s *session) open() (reader, error) {
	if !s.Terminal {
		return newPipe(s.Stdin), nil
	}
	t, err := openTerminal(s)
	if err != nil {
		return nil, err
	}
	s.term = t
	return t, nil
}

// input runs one complete input: a command, an expression, a chunk, or lines of these.
func (s *session) input(text string) error {
	s.number++
	name := fmt.Sprintf("input %d", s.number)
	start, made := time.Now(), s.Host.Requests()
	err := s.guarded(func(ctx context.Context) error {
		for _, u := range units(text) {
			if err := s.unit(ctx, u, name); err != nil {
				return err
			}
			if _, exited := s.v.Exited(); exited {
				return nil
			}
		}
		return nil
	})
	if s.timing {
		s.sayTime(time.Since(start), made)
	}
	if _, _, isCommand := commandOf(text); !isCommand {
		s.last = text
		if _, exited := s.v.Exited(); err == nil && !exited {
			s.good = append(s.good, text)
		}
	}
	return err
}

// unit runs a command, or Lua whose values it shows.
func (s *session) unit(ctx context.Context, u unit, name string) error {
	if word, arg, ok := commandOf(u.text); ok {
		return s.command(ctx, word, arg)
	}
	if s.leaves(u.text) {
		return s.cmdQuit(ctx, "")
	}
	values, err := s.lua.Run(strings.Repeat("\n", u.line)+u.text, name)
	if err != nil {
		return err
	}
	return s.show(values)
}

// guarded runs fn so that Ctrl-C cancels it and nothing else. What fn can't be cancelled in is waited for, until a second
// Ctrl-C leaves the REPL.
func (s *session) guarded(fn func(context.Context) error) error {
	if s.ctx == nil || s.v.Spent() {
		if s.cancel != nil {
			s.cancel(nil)
		}
		s.ctx, s.cancel = context.WithCancelCause(s.root)
		s.v.Renew(s.ctx)
	}
	ctx, cancel := s.ctx, s.cancel
	pressed := make(chan struct{}, 4)
	defer s.Host.Interrupt(func() {
		if s.lent.Load() {
			return
		}
		if ctx.Err() == nil {
			cancel(fault.New(fault.Canceled, "interrupted"))
			return
		}
		select {
		case pressed <- struct{}{}:
		default:
		}
	})()
	ended := make(chan error, 1)
	go func() {
		var err error
		defer func() {
			if r := recover(); r != nil {
				err = panicked(r)
			}
			ended <- err
		}()
		err = fn(ctx)
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(450 * time.Millisecond):
	}
	if s.root.Err() != nil {
		return errAbandoned
	}
	s.Host.Note("this call can't be interrupted; it is waited for, and Ctrl-C once more leaves")
	select {
	case err := <-ended:
		return err
	case <-pressed:
	case <-s.root.Done():
	}
	return errAbandoned
}

func panicked(r any) error {
	return fault.New(fault.Internal, "a fault of imctl: %v", r).WithHint("please report it, with the input and the version")
}

func (s *session) sayTime(took time.Duration, made func() (int64, []string)) {
	count, last := made()
	text := fmt.Sprintf("%s, %s", roundTime(took), plural(int(count), "request"))
	if int64(len(last)) < count {
		text += fmt.Sprintf("; the last %d:", len(last))
	}
	for _, r := range last {
		text += "\n  " + r
	}
	s.Host.Note(text)
}

func roundTime(d time.Duration) string {
	switch {
	case d > 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d > time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// trimNils drops nils at the end: what a function that returns nothing gives.
func trimNils(values []lua.LValue) []lua.LValue {
	for len(values) > 0 && values[len(values)-1] == lua.LNil {
		values = values[:len(values)-1]
	}
	return values
}
