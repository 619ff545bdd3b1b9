package testrun

import (
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/vm"
)

// File is the run of one file's tests. It is used by one goroutine at a time.
type File struct {
	suite *Suite
	name  string
	round int
	draw  *rand.Rand // of the seed and the file alone: a file keeps its order when others join the run
	plan  []*Test    // the wanted tests, until each has its outcome

	mu    sync.Mutex
	ended bool // what an abandoned script still tells comes too late

	kept []event // of the suite, under its lock
	over bool
}

// File starts the run of a file; round counts the times with --repeat, 0 without.
func (s *Suite) File(name string, round int) *File {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // it can't fail
	return &File{suite: s, name: name, round: round, draw: rand.New(rand.NewPCG(s.opts.Seed, h.Sum64()+uint64(round)))}
}

// declared is a test as the library declares it.
type declared struct {
	ID      int
	Blocks  []string
	Name    string
	Line    int
	Tags    []string
	Pending bool
}

// outcome is a test as the library saw it.
type outcome struct {
	ID       int
	Tries    int
	Checks   int
	MS       float64
	Flaky    bool
	Problems []Problem
}

type trouble struct {
	Blocks  []string
	Problem Problem
}

// Host is what the library asks and tells.
func (f *File) Host() map[string]vm.HostFunc {
	funcs := f.host()
	for name, fn := range funcs {
		funcs[name] = func(args []any) (any, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			if f.ended {
				return nil, fault.New(fault.Canceled, "the run of these tests has ended")
			}
			return fn(args)
		}
	}
	return funcs
}

func (f *File) host() map[string]vm.HostFunc {
	return map[string]vm.HostFunc{
		"test_plan": func(args []any) (any, error) { // the declared tests; answers for each whether it runs
			var list []declared
			if err := into(args, &list); err != nil {
				return nil, err
			}
			return f.Plan(list), nil
		},
		"test_order": func(args []any) (any, error) { // how many; answers their order, nil for as it is
			var n int
			if err := into(args, &n); err != nil {
				return nil, err
			}
			if !f.suite.opts.Shuffle {
				return nil, nil
			}
			order := value.List{}
			for _, i := range f.draw.Perm(n) {
				order = append(order, int64(i+1))
			}
			return order, nil
		},
		"test_options": func([]any) (any, error) {
			return value.NewObject("retries", int64(f.suite.opts.Retries), "timeout", f.suite.opts.Timeout.Seconds()), nil
		},
		"test_bailed": func([]any) (any, error) { return f.suite.bailed(), nil },
		"test_start": func(args []any) (any, error) {
			var id int
			if err := into(args, &id); err != nil {
				return nil, err
			}
			f.plan[id-1].Start = time.Now()
			return nil, nil
		},
		"test_done": func(args []any) (any, error) {
			var o outcome
			if err := into(args, &o); err != nil {
				return nil, err
			}
			f.done(o)
			return nil, nil
		},
		"test_trouble": func(args []any) (any, error) {
			var t trouble
			if err := into(args, &t); err != nil {
				return nil, err
			}
			f.addLogs([]Problem{t.Problem})
			f.suite.tell(f, &Trouble{File: f.name, Blocks: t.Blocks, Problem: t.Problem})
			return nil, nil
		},
		"test_not_run": func(args []any) (any, error) { // a test's id, and why
			var id int
			if err := into(args[:1], &id); err != nil {
				return nil, err
			}
			reason, _ := args[1].(string)
			f.notRun(f.plan[id-1], reason)
			return nil, nil
		},
	}
}

func into(args []any, to any) error {
	if len(args) == 0 {
		return fault.New(fault.Internal, "the test library told nothing")
	}
	if err := value.Into(args[0], to); err != nil {
		return fault.New(fault.Internal, "the test library told what can't be read: %w", err)
	}
	return nil
}

// Plan takes the tests that a file declares and tells for each whether it runs.
func (f *File) Plan(list []declared) value.List {
	f.suite.mu.Lock()
	f.suite.declared += len(list)
	f.suite.sum.Files = append(f.suite.sum.Files, f.name)
	f.suite.mu.Unlock()
	f.plan = make([]*Test, len(list))
	wanted := value.List{}
	for i, d := range list {
		run := f.suite.wanted(f.name, fullName(d.Blocks, d.Name), d.Tags)
		wanted = append(wanted, run)
		if run {
			f.plan[i] = &Test{File: f.name, Blocks: d.Blocks, Name: d.Name, Line: d.Line, Tags: d.Tags, Round: f.round}
			if d.Pending {
				f.plan[i].Status = Pending
			}
		}
	}
	return wanted
}

func (f *File) done(o outcome) {
	t := f.plan[o.ID-1]
	switch {
	case t.Status == Pending:
	case len(o.Problems) == 0:
		t.Status = Passed
	case o.Flaky:
		t.Status = Flaky
	default:
		t.Status = Failed
		if f.suite.opts.Repeat != nil {
			t.Repeat = f.suite.opts.Repeat(t)
		}
	}
	t.Tries, t.Checks, t.MS, t.Problems = o.Tries, o.Checks, o.MS, o.Problems
	f.addLogs(t.Problems)
	f.tell(t)
}

func (f *File) notRun(t *Test, reason string) {
	t.Status, t.Reason = NotRun, reason
	f.tell(t)
}

// tell gives a test its outcome: it is no longer in the plan.
func (f *File) tell(t *Test) {
	for i, planned := range f.plan {
		if planned == t {
			f.plan[i] = nil
		}
	}
	f.suite.tell(f, t)
}

func (f *File) addLogs(problems []Problem) {
	if f.suite.opts.Logs == nil {
		return
	}
	for i := range problems {
		var ids []string
		for _, c := range problems[i].Calls {
			ids = append(ids, c.OperationID)
		}
		if len(ids) > 0 {
			problems[i].Logs = f.suite.opts.Logs(ids)
		}
	}
}

// End ends the file. err is what ended its script, nil when it ran through. told says that the error is to be reported also
// when the script declared no test; stopped, that the whole run was ended from outside. It answers whether the error is
// in the report.
func (f *File) End(err *Problem, told, stopped bool) (reported bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.suite.fileEnded(f)
	f.ended = true
	reason := "the script ended before"
	if err != nil {
		reason = err.Message
	}
	for _, t := range f.plan {
		switch {
		case t == nil:
		case t.Start.IsZero() || err == nil:
			f.notRun(t, reason)
		case stopped:
			f.notRun(t, reason+" while it ran")
		default: // it took the script with it
			t.Status, t.Tries, t.Problems = Failed, 1, []Problem{*err}
			t.MS = float64(time.Since(t.Start).Microseconds()) / 1000
			err, reported = nil, true
			f.tell(t)
		}
	}
	if err != nil && !stopped && (told || f.plan != nil) {
		reported = true
		f.suite.tell(f, &Trouble{File: f.name, Problem: *err})
	}
	return reported
}
