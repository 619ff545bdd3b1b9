package bindings

import (
	"context"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// Undoer tells, before a call is made, which writes take back what it makes; they don't depend on one another, and may be
// done side by side. What is there already must stay, so it may read. Where the server would choose an id, it draws one
// (Env.Unique) and fills it into the parameters: what is made must have a name before it is asked for. Make it with UndoOf.
type Undoer func(context.Context, *Env, any) ([]Planned, error)

// UndoOf makes an Undoer from a function that takes the operation's own parameters.
func UndoOf[P any](fn func(context.Context, *Env, *P) ([]Planned, error)) Undoer {
	return func(ctx context.Context, env *Env, p any) ([]Planned, error) { return fn(ctx, env, p.(*P)) }
}

// UndoBy is a write that takes something back: an operation's full name, and its fields by turns with their values.
func UndoBy(op string, fields ...any) Planned {
	plain := value.NewObject(fields...)
	for _, k := range plain.Keys() {
		v, _ := plain.Get(k)
		plain.Set(k, value.From(v))
	}
	return Planned{Op: op, Params: plain}
}

// TakenBack tells whether a test takes back what a call of the operation makes.
func (o Op) TakenBack() bool { return o.Undo != nil || o.OwnUndo }

// EffectText is the operation's effect for help pages.
func (o Op) EffectText() string {
	if o.TakenBack() {
		return o.Effect.String() + ", taken back at the end of a test"
	}
	return o.Effect.String()
}

type takesBack struct{}

// TakingBack is a context in which what is made is written to the journal, so that it is taken back; with on false it
// stays, also where something within asks for the opposite.
func TakingBack(ctx context.Context, on bool) context.Context {
	if was, set := ctx.Value(takesBack{}).(bool); set && !was {
		return ctx
	}
	return context.WithValue(ctx, takesBack{}, on)
}

func (e *Env) takesBack(ctx context.Context) bool {
	on, _ := ctx.Value(takesBack{}).(bool)
	return on && e.Journal != nil
}

// making is Making with what the operation's declaration says of the call.
func (o Op) making(ctx context.Context, env *Env, params any) (ended func(error), err error) {
	if o.Undo == nil || !env.takesBack(ctx) {
		return func(error) {}, nil
	}
	defer recovered(&err)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	undo, err := o.Undo(ctx, env, params)
	if err != nil {
		return nil, err
	}
	return env.Making(ctx, o.FullName(), undo)
}

// Making writes to the journal that the operation is about to make what undo takes back, and must come before the
// request. ended is told how the request went. Outside of tests it does nothing.
func (e *Env) Making(ctx context.Context, op string, undo []Planned) (ended func(error), err error) {
	if len(undo) == 0 || !e.takesBack(ctx) {
		return func(error) {}, nil
	}
	settle, err := e.Journal(op, undo)
	if err != nil {
		return nil, err
	}
	return func(err error) {
		if made, known := wasMade(err); known {
			settle(made)
		}
	}, nil
}

// wasMade tells whether a call that ended so has made something, and whether that can be known at all: a request
// without an answer, or one that broke the server in the middle of its work, may have been carried out.
func wasMade(err error) (made, known bool) {
	e := fault.From(err)
	if e == nil || e.Kind == fault.Partial {
		return true, true
	}
	if e.Kind == fault.NotFound {
		return false, true
	}
	if e.Code == 500 || e.Code >= 90000 { // errors of the server's own (SERVER-BEHAVIOUR §2)
		return false, false
	}
	switch e.Kind {
	case fault.Usage, fault.Auth, fault.Exists, fault.Denied, fault.Unsupported:
		return false, true
	case fault.API:
		return false, e.Code != 0
	}
	return false, false
}
