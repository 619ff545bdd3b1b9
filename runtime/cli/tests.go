package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/testrun"
	"github.com/openimsdk/imctl/runtime/vm"
)

// runTests runs the tests that a script declared with the library "test". What became of them is told to the suite. An
// os.exit is no error, as in VM.Run.
func runTests(ctx context.Context, v *vm.VM) error {
	fn, ok := v.Loaded("imctl.test", "run").(*lua.LFunction)
	if !ok {
		return nil
	}
	_, err := v.Call(fn)
	if _, exited := v.Exited(); exited && ctx.Err() == nil {
		return nil
	}
	return err
}

// problemOf is an error that ended a script, as reports show it.
func problemOf(err error) *testrun.Problem {
	var code exitCode
	if err == nil || errors.As(err, &code) {
		return nil
	}
	e := fault.From(err)
	p := &testrun.Problem{Kind: string(e.Kind), Message: e.Error(), Hint: e.Hint}
	var s *vm.ScriptError
	if errors.As(err, &s) {
		p.Kind, p.Message, p.Hint = string(s.Fault.Kind), s.Fault.Error(), s.Fault.Hint
		p.Source = s.Source
		if s.File != "" {
			p.At = fmt.Sprintf("%s:%d", s.File, s.Line)
		}
		for _, frame := range s.Trace {
			if !strings.HasPrefix(frame+" ", p.At+" ") {
				p.Trace = append(p.Trace, frame)
			}
		}
	}
	return p
}

// endedBy says in a word what ended a run early, "" when nothing did.
func endedBy(ctx context.Context, s *testrun.Suite) string {
	switch {
	case ctx.Err() != nil:
		return strings.TrimSpace(fault.From(context.Cause(ctx)).Message)
	case s.Bailed():
		return "ended by --bail"
	}
	return ""
}

// newSuite is the run of the tests that scripts may declare.
func (a *app) newSuite(scripts []script, plan testPlan, reports testReports) *testrun.Suite {
	opts := plan.Options
	opts.Repeat, opts.Mask, opts.Progress = repeatCommand(scripts, plan.again), a.maskReport, reports.progress
	return testrun.New(opts, reports.reporters...)
}

// nothingRan says why no test ran.
func (a *app) nothingRan(plan testPlan, suite *testrun.Suite) error {
	switch {
	case suite.Declared() > 0 && plan.Only != nil:
		a.note("no tests ran: of the %d tests none failed last time", suite.Declared())
	case suite.Declared() > 0 && len(plan.Filters)+len(plan.Tags)+len(plan.NotTags) > 0:
		a.note("no tests ran: none of the %d tests matches the filter", suite.Declared())
	default:
		a.note("no tests ran")
	}
	return exitCode(fault.ExitNoTests)
}
