package cli

import (
	"context"
	"errors"
	"io"
	"maps"
	"sync"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/journal"
	"github.com/openimsdk/imctl/runtime/load"
	"github.com/openimsdk/imctl/runtime/vm"
)

// loadRun is a load that is about to run, and that runs.
type loadRun struct {
	script
	flags   *loadFlags
	options load.Options // what the flags say
	shard   load.Shard
	reports []openReport
	show    func(*load.Report) error
	main    *load.Scenario // of the script's first run
	stdout  *switched      // where that prints
}

// runLoad makes load with a script. What is wrong with the flags is known before anything runs, as is a report that can't
// be written.
func (a *app) runLoad(ctx context.Context, s script, flags *loadFlags) error {
	l := &loadRun{script: s, flags: flags, main: &load.Scenario{Metrics: load.NewRegistry()}, stdout: &switched{w: a.sys.Stdout}}
	if a.g.record != "" || a.g.replay != "" || a.g.plan != "" {
		return fault.New(fault.Usage, "a load can't be recorded, replayed or planned")
	}
	var err error
	if l.options, l.shard, err = flags.read(a.sys.Getenv); err != nil {
		return err
	}
	if err := flags.reports.only("a load", loadReports...); err != nil {
		return err
	}
	if l.reports, err = flags.reports.open(a.createFile); err != nil {
		return err
	}
	defer discardReports(l.reports)
	if l.show, err = a.loadPrinter(l.reports); err != nil {
		return err
	}
	if err := a.checkAll([]script{s}); err != nil {
		return err
	}
	return a.execute(ctx, running{
		script: s, calls: &callLog{},
		options: func(o *vm.Options) {
			maps.Copy(o.Host, l.main.Host())
			o.Stdout = l.stdout
		},
		then: func(ctx context.Context, v *vm.VM, limits limits) error { return a.makeLoad(ctx, v, l, limits) },
	})
}

// makeLoad makes load with a script that has run in v.
func (a *app) makeLoad(ctx context.Context, v *vm.VM, l *loadRun, limits limits) error {
	if !load.Declared(v, "iterate") && !load.HasTests(v) {
		return fault.New(fault.Usage, "%s declares nothing that could be done again and again", l.name).
			WithHint("give it scenario.iterate(function() … end), or tests")
	}
	if l.flags.export != "" {
		return a.exportLoad(l)
	}
	options := l.main.Options().Override(l.options)
	plan, err := options.Plan(l.shard)
	if err != nil {
		return err
	}
	if plan.Smoke {
		a.note("one iteration of one VU: for load say --vus 50 --duration 30s, or use scenario.options in the script")
	}
	metrics := l.main.Metrics
	progress, shown := a.showLoad(metrics)
	defer shown()
	l.stdout.to(a.sys.Stderr) // what the script prints from here on is no result
	script := &load.LuaScript{Main: v, Metrics: metrics, Shard: plan.Shard, Load: a.loadVU(l.script)}
	done, err := a.vuOptions(ctx, script, l.script, limits)
	if err != nil {
		return err
	}
	defer done()
	res := load.Run(ctx, load.Config{Plan: plan, Metrics: metrics, Script: script.Script(), Progress: progress.tell, MaxMemory: limits.maxMemory})
	shown()
	head := load.Head{Version: Version, Script: l.name, Text: l.text, Args: l.args, Plan: plan}
	if s := a.opened(); s != nil {
		head.Context = s.target.Name
	}
	report := load.NewReport(head, metrics, res)
	report.Mask(a.maskReport)
	if err := writeLoadReports(l.show, l.reports, report); err != nil {
		return err
	}
	return loadOutcome(report, res)
}

// loadOutcome is the error that a load ends with: what ended it early comes first, then what kept it from running.
func loadOutcome(report *load.Report, res load.Result) error {
	var exit load.Exit
	switch {
	case errors.As(res.SetupErr, &exit), errors.As(res.Ended, &exit), errors.As(res.TeardownErr, &exit):
		return exitCode(exit.Code)
	case res.Ended != nil:
		return fault.From(res.Ended)
	case res.SetupErr != nil:
		return res.SetupErr
	case res.AllFailed != nil:
		return res.AllFailed
	case res.TeardownErr != nil:
		return res.TeardownErr
	case report.Part():
		return nil
	}
	return judged(report)
}

// judged is the error of a load that ran and was not good enough: a threshold was missed or, where there are none, something
// failed.
func judged(report *load.Report) error {
	switch {
	case report.Missed():
		return exitCode(fault.ExitThreshold)
	case len(report.Thresholds) == 0 && report.Metric("iterations_failed").Sum+report.Metric("vus_failed").Sum > 0:
		return exitCode(fault.ExitScript)
	}
	return nil
}

// loadVU runs the script's text in the VM of a VU. What a script with a header returns is of no use there.
func (a *app) loadVU(s script) func(*vm.VM) error {
	s.header = nil
	return func(v *vm.VM) error { return a.load(v, s) }
}

// vuOptions gives script the options of the VMs of VUs. They share the code, the library and the target; what they print
// goes to standard error.
func (a *app) vuOptions(ctx context.Context, script *load.LuaScript, s script, l limits) (done func(), err error) {
	base, done, err := a.scriptOptions(ctx, running{script: s, onCall: script.Metrics.Exchange}, l)
	if err != nil {
		return done, err
	}
	out := &switched{w: a.sys.Stderr} // what several VMs write stays apart
	base.Stdout, base.Stderr, base.Stdin = out, out, noInput{}
	base.SharedHeap, base.Cover, base.Code = true, nil, &vm.Code{}
	var vus ledgers
	script.Options = func(s *load.Scenario) vm.Options {
		opts := base
		opts.OpenEnv = func() (*bindings.Env, error) {
			env, err := base.OpenEnv()
			if err != nil {
				return nil, err
			}
			env.API, env.Observe = env.API.Observed(s.Exchange), s.Operation
			env.Track = func(string) bindings.Progress { return noProgress{} }
			return env, nil
		}
		a.takesBack(&opts, vus.add())
		maps.Copy(opts.Host, s.Host())
		maps.Copy(opts.Host, s.TestHost())
		return opts
	}
	free := done
	return func() {
		for _, made := range vus.list {
			if err := a.ended(ctx, made, nil); err != nil {
				a.note("warning: not removed: %v", err)
			}
		}
		free()
	}, nil
}

// ledgers are those of all VUs.
type ledgers struct {
	mu   sync.Mutex
	list []*journal.Ledger
}

func (l *ledgers) add() *journal.Ledger {
	l.mu.Lock()
	defer l.mu.Unlock()
	made := &journal.Ledger{}
	l.list = append(l.list, made)
	return made
}

// switched is an output that can be sent elsewhere.
type switched struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *switched) to(w io.Writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.w = w
}

func (s *switched) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(p)
}

type noInput struct{}

func (noInput) Read([]byte) (int, error) { return 0, io.EOF }

type noProgress struct{}

func (noProgress) Set(int64, int64) {}
func (noProgress) Finish(string)    {}
