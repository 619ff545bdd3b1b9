package load

import (
	"strings"
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/vm"
)

// Scenario is one VM's side of a load: what its script declared with the library scenario, and the way in which its calls
// reach the load. It is used by one goroutine at a time.
type Scenario struct {
	Metrics *Registry
	VU      int // 0 in the VM that runs setup and teardown
	Shard   Shard

	options  Options
	said     bool
	turns    *Turns
	groups   map[int64]openGroup
	lastID   int64
	problems []Problem   // of the tests of this iteration
	checked  int64       // in those tests
	over     atomic.Bool // the VU is at its end: what it does no longer counts
}

// openGroup is a group whose function runs.
type openGroup struct {
	trend *Metric
	from  time.Time
}

// Exchange notes an exchange with the REST API.
func (s *Scenario) Exchange(c openim.Call) {
	if !s.over.Load() {
		s.Metrics.Exchange(c)
	}
}

// Operation notes a call of an operation of the bindings.
func (s *Scenario) Operation(name string, took time.Duration, err error) {
	if !s.over.Load() {
		s.Metrics.Operation(name, took, err)
	}
}

// Options are those that the script gave with scenario.options and threshold.
func (s *Scenario) Options() Options { return s.options }

// Host is what the library scenario asks and tells.
func (s *Scenario) Host() map[string]vm.HostFunc {
	return map[string]vm.HostFunc{
		"load_self": func([]any) (any, error) {
			return value.NewObject("vu", int64(s.VU), "shard", int64(max(s.Shard.Index, 1)), "shards", int64(max(s.Shard.Of, 1))), nil
		},
		"load_options": func(args []any) (any, error) {
			if s.said {
				return nil, fault.New(fault.Usage, "scenario.options is called twice")
			}
			o, err := readSaid(args[0])
			o.Thresholds = append(s.options.Thresholds, o.Thresholds...)
			s.options, s.said = o, true
			return nil, err
		},
		"load_threshold": func(args []any) (any, error) {
			text, _ := args[0].(string)
			t, err := ParseThreshold(text)
			s.options.Thresholds = append(s.options.Thresholds, t.Text)
			return nil, err
		},
		"load_declare": func(args []any) (any, error) {
			name, _ := args[0].(string)
			kind, _ := args[1].(string)
			unit := ""
			if len(args) > 2 {
				unit, _ = args[2].(string)
			}
			_, err := s.Metrics.Declare(name, Kind(kind), unit)
			return nil, err
		},
		"load_add": func(args []any) (any, error) { return nil, s.add(args) },
		"load_begin": func(args []any) (any, error) {
			name, _ := args[0].(string)
			trend, err := s.Metrics.Group(name)
			if err != nil {
				return nil, err
			}
			if s.groups == nil {
				s.groups = map[int64]openGroup{}
			}
			s.lastID++
			s.groups[s.lastID] = openGroup{trend, time.Now()}
			return s.lastID, nil
		},
		"load_end": func(args []any) (any, error) {
			id, _ := args[0].(int64)
			if g, ok := s.groups[id]; ok {
				delete(s.groups, id)
				g.trend.Took(time.Since(g.from))
			}
			return nil, nil
		},
		"load_turn": func(args []any) (any, error) { // the checks of the iteration that has ended, if one has; answers the next
			if len(args) > 0 {
				s.done(args, nil)
			}
			if n, ok := s.turns.Next(); ok {
				return n, nil
			}
			return nil, nil
		},
	}
}

// TestHost is what the test library asks and tells in a load: each iteration of a script of tests runs them all.
func (s *Scenario) TestHost() map[string]vm.HostFunc {
	return map[string]vm.HostFunc{
		"test_plan": func(args []any) (any, error) {
			list, _ := args[0].(value.List)
			wanted := make(value.List, len(list))
			for i := range wanted {
				wanted[i] = true
			}
			return wanted, nil
		},
		"test_order":   nothing,
		"test_options": func([]any) (any, error) { return value.NewObject("retries", int64(0), "timeout", 0.0), nil },
		"test_bailed":  func([]any) (any, error) { return false, nil },
		"test_start":   nothing,
		"test_done":    s.tested,
		"test_trouble": s.tested,
		"test_not_run": nothing,
	}
}

func nothing([]any) (any, error) { return nil, nil }

// add adds a value to a metric of the script.
func (s *Scenario) add(args []any) error {
	name, _ := args[0].(string)
	m, err := s.Metrics.get(name, Counter, Custom, "")
	if err != nil {
		return err
	}
	if m.Kind == Share {
		yes, ok := args[1].(bool)
		if !ok {
			return fault.New(fault.Usage, "%s: a rate takes true or false, got %s", name, value.Describe(args[1]))
		}
		m.Saw(yes)
		return nil
	}
	var x float64
	if err := value.Into(args[1], &x); err != nil || args[1] == nil {
		return fault.New(fault.Usage, "%s: a %s takes a number, got %s", name, m.Kind, value.Describe(args[1]))
	}
	return m.Add(x)
}

// tested takes what the test library tells of a test, or of what went wrong around tests.
func (s *Scenario) tested(args []any) (any, error) {
	type wrong struct{ During, Kind, Message, At string }
	var told struct {
		Checks   int64
		Problems []wrong
		Problem  wrong
	}
	if err := value.Into(args[0], &told); err != nil {
		return nil, fault.New(fault.Internal, "the test library told what can't be read: %w", err)
	}
	s.checked += told.Checks
	if told.Problem.Message != "" {
		told.Problems = append(told.Problems, told.Problem)
	}
	for _, p := range told.Problems {
		message := p.Message
		if p.During != "" {
			message = p.During + ": " + message
		}
		s.problems = append(s.problems, Problem{Kind: p.Kind, Message: message, Where: p.At})
	}
	return nil, nil
}

// done ends the iteration that runs: checks is how many checks it made and which did not hold, as the library settles them,
// failed why it broke off.
func (s *Scenario) done(checks []any, failed *Problem) {
	problems, made := s.problems, s.checked
	s.problems, s.checked = nil, 0
	if len(checks) > 0 {
		own, _ := checks[0].(int64)
		made += own
	}
	if len(checks) > 1 {
		var soft []struct{ Message, Where string }
		_ = value.Into(checks[1], &soft) // our own library wrote it
		for _, f := range soft {
			problems = append(problems, Problem{Kind: expectation, Message: f.Message, Where: f.Where})
		}
	}
	if failed != nil {
		problems = append(problems, *failed)
	}
	for _, p := range problems {
		if p.Kind == expectation {
			s.Metrics.ChecksFailed.Inc()
		}
	}
	if made > 0 {
		_ = s.Metrics.Checks.Add(float64(made)) // it can't refuse a count
	}
	for id, g := range s.groups { // an error left them
		delete(s.groups, id)
		g.trend.Took(time.Since(g.from))
	}
	s.turns.Done(problems...)
}

// expectation is the kind of a failure of expect and check.
const expectation = "expectation"

// problemOf is the error that broke off an iteration.
func problemOf(err *vm.ScriptError) *Problem {
	p := ProblemOf(err, "")
	t, ok := err.Value.(*lua.LTable)
	if !ok || t.RawGetString("failed") != lua.LTrue {
		return &p
	}
	p.Kind = expectation
	if where, ok := t.RawGetString("where").(lua.LString); ok && where != "" {
		p.Where = string(where)
	}
	if lines, ok := t.RawGetString("lines").(*lua.LTable); ok {
		lines.ForEach(func(_, line lua.LValue) { p.Message += "\n" + line.String() })
	}
	p.Message = strings.TrimRight(p.Message, "\n")
	return &p
}
