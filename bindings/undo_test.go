package bindings

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

type makeParams struct {
	ID string `arg:"1"`
}

// maker is an operation that makes something, an environment with a journal, and what happened, in its order.
type maker struct {
	op    Op
	env   *Env
	story []string
}

func newMaker(end error) *maker {
	m := &maker{env: &Env{Now: time.Now}}
	say := func(words ...string) { m.story = append(m.story, strings.Join(words, " ")) }
	m.env.Journal = func(op string, undo []Planned) (func(bool), error) {
		say("intend", op, value.Text(undo[0].Params))
		return func(made bool) { say("settle", value.Text(made)) }, nil
	}
	m.env.Unique = func() (string, error) { return "drawn", nil }
	m.op = Op{Name: "make", area: "thing", Effect: Write,
		Run: Func(func(_ context.Context, _ *Env, p makeParams) (string, error) {
			say("make", p.ID)
			return p.ID, end
		}),
		Undo: UndoOf(func(_ context.Context, env *Env, p *makeParams) ([]Planned, error) {
			if p.ID == "" {
				p.ID, _ = env.Unique()
			}
			return []Planned{UndoBy("thing.remove", "id", p.ID)}, nil
		}),
	}
	return m
}

func (m *maker) invoke(ctx context.Context, id string) error {
	_, err := m.op.Invoke(ctx, m.env, &makeParams{ID: id})
	return err
}

// TestMakingIsWrittenDownFirst tells the order, and what is known of each end of a call.
func TestMakingIsWrittenDownFirst(t *testing.T) {
	api := func(kind fault.Kind, code int) error { return &fault.Error{Kind: kind, Code: code, Message: "x"} }
	for _, c := range []struct {
		name string
		end  error
		want string // the settling
	}{
		{"done", nil, "settle true"},
		{"partly done", api(fault.Partial, 0), "settle true"},
		{"exists", api(fault.Exists, 1102), "settle false"},
		{"refused", api(fault.API, 1001), "settle false"},
		{"denied", api(fault.Denied, 1002), "settle false"},
		{"missing row without a code", api(fault.NotFound, 500), "settle false"},
		{"duplicate key in the middle of a batch", api(fault.Exists, 500), ""},
		{"error of the server", api(fault.API, 500), ""},
		{"error of its database", api(fault.API, 90002), ""},
		{"answer that is none", api(fault.API, 0), ""},
		{"unreachable", api(fault.Unreachable, 0), ""},
		{"timeout", context.DeadlineExceeded, ""},
		{"interrupted", context.Canceled, ""},
		{"no fault at all", errors.New("x"), ""},
	} {
		m := newMaker(c.end)
		if err := m.invoke(TakingBack(t.Context(), true), ""); (err == nil) != (c.end == nil) {
			t.Errorf("%s: %v", c.name, err)
		}
		want := `intend thing.make {"id":"drawn"}, make drawn`
		if c.want != "" {
			want += ", " + c.want
		}
		if got := strings.Join(m.story, ", "); got != want {
			t.Errorf("%s: %s, want %s", c.name, got, want)
		}
	}
}

func TestMakingOutsideOfATest(t *testing.T) {
	within := TakingBack(t.Context(), true)
	ended, cancel := context.WithCancel(within)
	cancel()
	for name, c := range map[string]struct {
		ctx    context.Context
		change func(*maker)
		want   string
	}{
		"outside of a test":     {t.Context(), nil, "make a"},
		"kept":                  {TakingBack(within, false), nil, "make a"},
		"a fixture that's kept": {TakingBack(TakingBack(within, false), true), nil, "make a"},
		"no journal":            {within, func(m *maker) { m.env.Journal = nil }, "make a"},
		"a dry run":             {within, func(m *maker) { m.env.DryRun = true }, ""},
		"a read":                {within, func(m *maker) { m.op.Effect = Read }, "make a"},
		"ended before":          {ended, nil, ""},
		"nothing to take back": {within, func(m *maker) {
			m.op.Undo = UndoOf(func(context.Context, *Env, *makeParams) ([]Planned, error) { return nil, nil })
		}, "make a"},
	} {
		m := newMaker(nil)
		if c.change != nil {
			c.change(m)
		}
		_ = m.invoke(c.ctx, "a") // only what it did matters
		if got := strings.Join(m.story, ", "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestMakingNothingUnwritten shows that what can't be written down is not made.
func TestMakingNothingUnwritten(t *testing.T) {
	for name, change := range map[string]func(*maker){
		"a journal that can't be written": func(m *maker) {
			m.env.Journal = func(string, []Planned) (func(bool), error) { return nil, fault.New(fault.Denied, "disk full") }
		},
		"an undo that can't look": func(m *maker) {
			m.op.Undo = UndoOf(func(context.Context, *Env, *makeParams) ([]Planned, error) {
				return nil, fault.New(fault.Unreachable, "nobody there")
			})
		},
		"an undo that panics": func(m *maker) {
			m.op.Undo = UndoOf(func(context.Context, *Env, *makeParams) ([]Planned, error) { panic("oops") })
		},
	} {
		m := newMaker(nil)
		change(m)
		err := m.invoke(TakingBack(t.Context(), true), "a")
		if e := fault.From(err); err == nil || e.Op != "thing.make" || len(m.story) > 0 {
			t.Errorf("%s: %v; %v", name, err, m.story)
		}
	}
}
