package lualib

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// killAfter is the time from the request to end to the end by force.
const killAfter = 200 * time.Millisecond

func (k *kit) shell() Module {
	options := Param{Name: "options", Type: "table", Optional: true, Doc: "how to run it", Fields: []Param{
		{Name: "stdin", Type: "string", Optional: true, Doc: "what it reads on standard input, by default nothing"},
		{Name: "dir", Type: "string", Optional: true, Doc: "the folder to run it in"},
		{Name: "env", Type: "table<string, any>", Optional: true, Doc: "variables to set besides those of imctl"},
		{Name: "timeout", Type: "duration", Optional: true, Doc: "end it after this long"},
		{Name: "check", Type: "boolean", Optional: true, Doc: "make an exit code that is not 0 an error"},
	}}
	result := []Return{{"result", "shell.Result", ""}}
	return Module{
		Name: "shell", Doc: "Other programs. An interrupt or a time limit ends the program and all that it started. Not in a restricted script.",
		Classes: []Class{{"shell.Result", "What a program did.", []Param{
			{Name: "code", Type: "integer", Doc: "its exit code; 128 and more: ended by a signal"}, {Name: "stdout", Type: "string"}, {Name: "stderr", Type: "string"},
		}}},
		Funcs: []Func{
			{Name: "run", Doc: "Runs a program with a list of arguments; no shell is in between, so nothing in them needs quoting.",
				Example: "local r = shell.run({\"echo\", \"a  b\"})\nprint(r.code, str.trim(r.stdout))  --> 0\ta  b",
				Params:  []Param{{Name: "argv", Type: "string[]", Doc: "the program and its arguments"}, options}, Returns: result,
				Run: func(c *Call) (any, error) {
					var argv []string
					for _, a := range c.List("argv") {
						argv = append(argv, a.(string))
					}
					if len(argv) == 0 || argv[0] == "" {
						return nil, c.Wrong("argv", "it names no program")
					}
					return k.runProgram(c, argv)
				}},
			{Name: "sh", Doc: "Runs a line by the system's shell. Put no text of others into the line: use run.",
				Example: "print(shell.sh(\"echo a | tr a b; exit 3\").code)  --> 3",
				Params:  []Param{{Name: "line", Type: "string", Doc: "what to run"}, options}, Returns: result,
				Run: func(c *Call) (any, error) { return k.runProgram(c, []string{"/bin/sh", "-c", c.Text("line", "")}) }},
		},
	}
}

func (k *kit) runProgram(c *Call, argv []string) (any, error) {
	if k.Restricted {
		return nil, fault.New(fault.Denied, "a restricted script can't run programs")
	}
	if err := k.allow("run " + argv[0]); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	limit, err := c.Duration("timeout", 0)
	if err != nil {
		return nil, err
	}
	if limit > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, limit, fault.New(fault.Timeout, "%s ran longer than %s", argv[0], durationText(limit)))
		defer cancel()
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	ownGroup(cmd)
	cmd.Cancel = func() error { return endGroup(cmd) }
	cmd.WaitDelay = killAfter
	cmd.Dir = c.Text("dir", "")
	cmd.Stdin = strings.NewReader(c.Text("stdin", ""))
	if o := c.Object("env"); o.Len() > 0 {
		cmd.Env = os.Environ()
		for _, name := range o.Keys() {
			v, _ := o.Get(name)
			cmd.Env = append(cmd.Env, name+"="+value.Text(v))
		}
	}
	stdout, stderr := &bounded{limit: k.MaxBytes, full: cancel}, &bounded{limit: k.MaxBytes, full: cancel}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	c.VM.Outside(func() { err = cmd.Run() })
	if cmd.Process != nil && ctx.Err() != nil {
		killGroup(cmd)
	}
	return programResult(c, ctx, argv[0], cmd, stdout, stderr, err)
}

// programResult is what the script gets of a program that has ended with err.
func programResult(c *Call, ctx context.Context, name string, cmd *exec.Cmd, stdout, stderr *bounded, err error) (any, error) {
	var exit *exec.ExitError
	switch {
	case c.Context().Err() != nil:
		return nil, context.Cause(c.Context())
	case stdout.over || stderr.over:
		return nil, fault.New(fault.Script, "%s wrote more than %s", name, bytesText(stdout.limit))
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound):
		return nil, fault.New(fault.NotFound, "no program %s", name).WithHint("check the name and PATH")
	case err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay):
		return nil, fault.New(fault.Script, "can't run %s: %w", name, err)
	}
	code := exitCode(cmd.ProcessState)
	if code != 0 && c.Bool("check", false) {
		e := fault.New(fault.Script, "%s ended with code %d", name, code)
		if lines := strings.TrimSpace(stderr.String()); lines != "" {
			e.Detail = lines[max(0, len(lines)-500):]
		}
		return nil, e
	}
	return value.NewObject("code", code, "stdout", stdout.String(), "stderr", stderr.String()), nil
}

// bounded keeps what is written, up to a limit. It holds the buffer as a field, so that nothing gets around Write.
type bounded struct {
	buf   bytes.Buffer
	limit int
	over  bool
	full  func()
}

func (b *bounded) String() string { return b.buf.String() }

func (b *bounded) Write(p []byte) (int, error) {
	if b.buf.Len()+len(p) > b.limit {
		b.over = true
		b.full()
		return len(p), nil
	}
	return b.buf.Write(p)
}

func bytesText(n int) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}
