package cli

import (
	"context"
	"errors"
	"io"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/journal"
	"github.com/openimsdk/imctl/runtime/plugin"
	"github.com/openimsdk/imctl/runtime/report"
	"github.com/openimsdk/imctl/runtime/testrun"
	"github.com/openimsdk/imctl/runtime/vm"
)

// grace is how long a script that was ended may take to come back before it is abandoned, and cleanupGrace how long
// its cleanup functions may take.
const (
	grace        = 400 * time.Millisecond
	cleanupGrace = 10 * time.Second
)

// script is a script to run.
type script struct {
	name, text string
	stdin      bool // the text comes from standard input
	inline     bool // the text is here, there is no file
	args, path []string
	strict     bool // what the check finds are errors, and nothing runs

	round int // with --repeat: which time it runs, from 1

	header *plugin.Header
	values *value.Object // the arguments that the header declares
}

// running is a script that runs, with what belongs to it alone.
type running struct {
	script
	tests *testrun.File
	calls *callLog // its requests; nil: those of the session

	onCall  func(openim.Call)                           // told of the requests of the library http; nil: the session
	options func(*vm.Options)                           // changes those of its VM; nil: none
	then    func(context.Context, *vm.VM, limits) error // what follows the script in place of its tests, and ends by itself
}

// runScripts runs scripts, each in a VM of its own, and the tests they declare.
func (a *app) runScripts(ctx context.Context, scripts []script, plan testPlan) error {
	if err := a.openTape(); err != nil { // before anything runs side by side
		return err
	}
	if err := a.checkAll(scripts); err != nil {
		return err
	}
	signal.Ignore(syscall.SIGPIPE) // when nobody reads on, the cleanup runs and the other reports are written all the same
	defer signal.Reset(syscall.SIGPIPE)
	reports, err := a.openReports(plan.reports, len(scripts))
	if err != nil {
		return err
	}
	defer reports.close()
	suite := a.newSuite(scripts, plan, reports)
	failed := a.runAll(ctx, scripts, plan, suite)
	sum, unwritten := suite.End(endedBy(ctx, suite))
	if rerr := a.rememberFailed(sum); rerr != nil {
		a.note("warning: %v", rerr)
	}
	if !plan.reports.forPeople() {
		a.note("%s", report.Numbers(sum))
	}
	return a.sayUnwritten(unwritten, a.outcome(ctx, plan, suite, sum, failed))
}

// outcome is the error with which a run of scripts ends; failed is the first that is no failed test.
func (a *app) outcome(ctx context.Context, plan testPlan, suite *testrun.Suite, sum *testrun.Summary, failed error) error {
	switch {
	case failed != nil && (ctx.Err() != nil || exitCodeOf(failed) == fault.ExitTimeout):
		return failed
	case sum.TestsFailed():
		return exitCode(fault.ExitScript)
	case failed != nil:
		return failed
	case sum.Counts().Ran == 0 && (plan.mustTest || suite.Declared() > 0):
		return a.nothingRan(plan, suite)
	}
	return nil
}

// runAll runs the scripts, up to plan.jobs of them at a time, and returns the first error that is no failed test.
func (a *app) runAll(ctx context.Context, scripts []script, plan testPlan, suite *testrun.Suite) error {
	var mu sync.Mutex
	var failed error
	queue := make(chan running)
	var workers sync.WaitGroup
	for range min(max(plan.jobs, 1), len(scripts)) {
		workers.Go(func() {
			for r := range queue {
				if suite.Bailed() {
					continue
				}
				err := a.runScript(ctx, r, plan.mustTest, plan.reports.forPeople())
				mu.Lock()
				failed = a.firstError(failed, err, len(scripts) == 1 || ctx.Err() != nil)
				mu.Unlock()
			}
		})
	}
	left := false
	for _, s := range scripts {
		if left = ctx.Err() != nil; left {
			break
		}
		queue <- running{script: s, tests: suite.File(s.name, s.round), calls: &callLog{}}
	}
	close(queue)
	workers.Wait()
	if left && failed == nil { // those that ran were fine, and that is not all
		failed = context.Cause(ctx)
	}
	return failed
}

// firstError keeps the first error of several scripts, and says each. A lone script's is said by the caller.
func (a *app) firstError(first, err error, alone bool) error {
	if err == nil {
		return first
	}
	if alone {
		if first == nil {
			first = err
		}
		return first
	}
	var code exitCode
	if !errors.As(err, &code) {
		a.printError(err)
		code = exitCode(exitCodeOf(err))
	}
	if first == nil {
		first = code
	}
	return first
}

// runScript runs one script and its tests. forPeople says that the report is read on the terminal.
func (a *app) runScript(ctx context.Context, r running, mustTest, forPeople bool) error {
	err := a.execute(ctx, r)
	if r.tests.End(problemOf(err), mustTest, ctx.Err() != nil) && forPeople {
		return exitCode(exitCodeOf(err)) // the report has said it
	}
	return err
}

// execute runs a script under --timeout. One that the engine can't interrupt is abandoned after the grace.
func (a *app) execute(ctx context.Context, r running) error {
	if err := a.readScript(&r.script); err != nil {
		return err
	}
	if err := a.checkFirst(r.script); err != nil {
		return err
	}
	limits, err := a.limits(r.header)
	if err != nil {
		return err
	}
	ctx, cancel := limits.context(ctx)
	defer cancel()
	opts, done, err := a.scriptOptions(ctx, r, limits)
	if err != nil {
		return err
	}
	defer done()
	made := &journal.Ledger{}
	a.takesBack(&opts, made)
	if r.options != nil {
		r.options(&opts)
	}
	ended, settled := make(chan error, 1), make(chan struct{})
	settle := sync.OnceFunc(func() { close(settled) })
	go func() {
		var err error
		defer func() { ended <- err }()
		v := vm.New(ctx, opts)
		err = a.load(v, r.script)
		switch _, exited := v.Exited(); {
		case err != nil || exited:
		case r.then != nil:
			settle()
			err = r.then(ctx, v, limits)
		default:
			err = runTests(ctx, v)
		}
		code, exited := v.Exited()
		settle()
		cleanup, stop := context.WithTimeout(context.WithoutCancel(ctx), cleanupGrace)
		defer stop()
		if cerr := v.Close(cleanup); err == nil {
			err = cerr
		} else if cerr != nil {
			a.note("warning: cleanup failed: %v", cerr)
		}
		if err == nil && exited && code != 0 {
			err = exitCode(code)
		}
	}()
	select {
	case <-settled:
	case <-ctx.Done():
		select {
		case <-settled:
		case <-time.After(grace):
			e := *fault.From(context.Cause(ctx))
			e.Detail = "the script was in a call that can't be interrupted; its cleanup did not run"
			return a.ended(ctx, made, &e)
		}
	}
	return a.ended(ctx, made, <-ended)
}

// readScript reads a script's text and its header, and with a header its arguments.
func (a *app) readScript(s *script) error {
	switch {
	case s.inline:
	case s.stdin:
		text, err := io.ReadAll(a.sys.Stdin)
		if err != nil {
			return fault.New(fault.Usage, "can't read the script: %w", err)
		}
		s.text = string(text)
	default:
		var err error
		if s.text, err = vm.ReadScript(s.name); err != nil {
			return err
		}
	}
	if s.header != nil {
		return nil
	}
	header, err := plugin.Parse(s.text, s.name)
	if err != nil || header == nil {
		return err
	}
	s.header = header
	s.values, err = a.headerArgs(header, s.args)
	return err
}

// load runs the script's text. What a script with a header returns is its result, and is printed.
func (a *app) load(v *vm.VM, s script) error {
	if !s.inline && !s.stdin {
		v.SetFolder(filepath.Dir(s.name))
	}
	if arg, ok := v.L.GetGlobal("arg").(*lua.LTable); ok {
		arg.RawSetInt(0, lua.LString(s.name))
	}
	if s.values != nil {
		v.L.SetGlobal("args", v.Conv.ToLua(s.values))
	}
	values, err := v.Run(s.text, s.name)
	if err != nil || s.header == nil {
		return err
	}
	for _, lv := range values {
		if err := a.printLua(v, lv); err != nil {
			return err
		}
	}
	return nil
}
