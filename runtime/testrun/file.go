package testrun

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
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
	Earlier  []Problem
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
			f.suite.started(f.plan[id-1])
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
			told := &Trouble{File: f.name, Blocks: f.blocks(t.Blocks), Problem: f.complete(t.Problem)}
			f.suite.tell(f, told)
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
	f.plan = make([]*Test, len(list))
	wanted, n := value.List{}, 0
	for i, d := range list {
		d.Name, d.Blocks = f.mask(d.Name), f.blocks(d.Blocks)
		run := f.suite.wanted(f.name, fullName(d.Blocks, d.Name), d.Tags)
		wanted = append(wanted, run)
		if run {
			n++
			f.plan[i] = &Test{File: f.name, Blocks: d.Blocks, Name: d.Name, Line: d.Line, Tags: d.Tags, Round: f.round}
			if d.Pending {
				f.plan[i].Status = Pending
			}
		}
	}
	f.suite.planned(f.name, len(list), n)
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
		f.addRepeat(t)
	}
	t.Tries, t.Checks, t.MS = o.Tries, o.Checks, math.Round(o.MS*1000)/1000
	for _, p := range o.Problems {
		t.Problems = append(t.Problems, f.complete(p))
	}
	for _, p := range o.Earlier {
		t.Earlier = append(t.Earlier, f.complete(p))
	}
	f.tell(t)
}

func (f *File) addRepeat(t *Test) {
	if f.suite.opts.Repeat != nil {
		t.Repeat = f.suite.opts.Repeat(t)
	}
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

// complete is a problem with the server's log lines, and without secrets.
func (f *File) complete(p Problem) Problem {
	var ids []string
	for _, c := range p.Calls {
		ids = append(ids, c.OperationID)
	}
	if len(ids) > 0 && f.suite.opts.Logs != nil {
		p.Logs = f.suite.opts.Logs(ids)
	}
	p.Message, p.Hint, p.Source = f.mask(p.Message), f.mask(p.Hint), f.mask(p.Source)
	p.Diff, p.Trace, p.Logs = f.masked(p.Diff), slices.Compact(f.masked(p.Trace)), f.masked(p.Logs)
	p.Calls = append([]Call(nil), p.Calls...)
	for i := range p.Calls {
		p.Calls[i].Path = f.mask(p.Calls[i].Path)
	}
	return p
}

func (f *File) mask(text string) string {
	if f.suite.opts.Mask == nil {
		return text
	}
	return f.suite.opts.Mask(text)
}

// blocks are masked names, of which there may be none.
func (f *File) blocks(names []string) []string { return append([]string{}, f.masked(names)...) }

func (f *File) masked(texts []string) []string {
	var out []string
	for _, text := range texts {
		out = append(out, f.mask(text))
	}
	return out
}

// End ends the file. err is what ended its script, nil when it ran through. told says that the error is to be reported also
// when the script declared no test; stopped, that the whole run was ended from outside. It answers whether the error is
// in the report.
func (f *File) End(err *Problem, told, stopped bool) (reported bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.suite.fileEnded(f)
	f.ended = true
	open := slices.DeleteFunc(slices.Clone(f.plan), func(t *Test) bool { return t == nil })
	exited := err == nil && len(open) > 0
	switch {
	case exited:
		err = &Problem{During: "os.exit", Message: "it ended the script before all its tests had run"}
	case err != nil:
		p := f.complete(*err)
		err = &p
	}
	for _, t := range open {
		switch {
		case exited && t.Start.IsZero():
			f.notRun(t, "os.exit ended the script")
		case t.Start.IsZero():
			f.notRun(t, err.Message)
		case stopped && !exited:
			f.notRun(t, err.Message+" while it ran")
		default: // it took the script with it
			t.Status, t.Tries, t.Problems = Failed, 1, []Problem{*err}
			t.MS = float64(time.Since(t.Start).Microseconds()) / 1000
			f.addRepeat(t)
			reported = true
			f.tell(t)
		}
	}
	if err != nil && !reported && (exited || !stopped) && (told || f.plan != nil) {
		reported = true
		f.suite.tell(f, &Trouble{File: f.name, Blocks: []string{}, Problem: *err})
	}
	return reported && !exited
}
