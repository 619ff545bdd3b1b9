package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/vm"
)

// exitCodeOf is the exit code of an error. Inside a script most kinds are an error of the script (1): only what is
// about the deployment or the run as a whole keeps its own code.
func exitCodeOf(err error) int {
	var code exitCode
	if errors.As(err, &code) {
		return int(code)
	}
	var s *vm.ScriptError
	if errors.As(err, &s) {
		switch s.Fault.Kind {
		case fault.Auth, fault.Unreachable, fault.Timeout, fault.Canceled, fault.Internal, fault.Partial:
			return fault.ExitCode(s.Fault)
		case fault.Denied:
			if s.Fault.Code == 0 {
				return fault.ExitDenied
			}
		}
		return fault.ExitScript
	}
	return fault.ExitCode(err)
}

// printError says on standard error what failed, where in the script, and what can be done.
func (a *app) printError(err error) {
	var b strings.Builder
	var s *vm.ScriptError
	paint := func(code, text string) string {
		if a.sys.ColorErr(a.g.color) {
			return "\x1b[" + code + "m" + text + "\x1b[0m"
		}
		return text
	}
	e := fault.From(err)
	if errors.As(err, &s) {
		e = s.Fault
	}
	b.WriteString(paint("1;31", "error: ") + e.Error() + "\n")
	if s != nil && s.File != "" {
		fmt.Fprintf(&b, "  at %s:%d", s.File, s.Line)
		if s.Source != "" {
			b.WriteString(": " + s.Source)
		}
		b.WriteString("\n")
		for _, frame := range s.Trace {
			if strings.HasPrefix(frame+" ", fmt.Sprintf("%s:%d ", s.File, s.Line)) {
				continue
			}
			b.WriteString("  from " + frame + "\n")
		}
	}
	if e.Hint != "" {
		b.WriteString(paint("2", "hint: ") + e.Hint + "\n")
	}
	fmt.Fprint(a.sys.Stderr, b.String())
}

// note says something that is no result and no error.
func (a *app) note(format string, args ...any) {
	if !a.g.quiet {
		fmt.Fprintf(a.sys.Stderr, format+"\n", args...)
	}
}
