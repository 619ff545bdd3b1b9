// Package bindings declares what imctl can do. An operation is declared once, as an Op around a typed Go function;
// the Lua function, the subcommand, help, completion, documents and safety all derive from that declaration. This
// package knows nothing of any one area and must not import runtime, nor any area.
package bindings

import (
	"context"
	"iter"
	"reflect"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Effect says what an operation does to the deployment; it drives confirmation, dry-run and audit.
type Effect int

// The effects, weakest first.
const (
	Read    Effect = iota // changes nothing
	Write                 // changes something that can be changed back
	Destroy               // loses something; asks first
)

// String is the lower-case name of the effect.
func (e Effect) String() string { return [...]string{"read", "write", "destroy"}[e] }

// Area is a group of operations under one name, such as "user".
type Area struct {
	Name string
	Doc  string
	Ops  []Op
}

// Op is one operation: the whole of what the surfaces know about it.
type Op struct {
	Name    string // lower_snake: "reset_password"
	Effect  Effect
	Doc     string // one sentence for lists
	Notes   string // rules and traps of the server, for the help page
	Example string // Lua that names only real operations and fields
	Run     Runner

	// Preview counts and samples what a call would touch. With it the operation asks before it acts when the effect
	// is Destroy, or when the preview says Bulk.
	Preview Previewer

	// Before reads what a call would change. A plan keeps its fingerprint, so that `imctl apply` can refuse what has
	// moved since the plan was made.
	Before Beforer

	// Undo tells what takes back what a call makes. In a test it is asked before the call, and written to a journal; the
	// end of the test, or `imctl test --sweep` when that never came, does what it says.
	Undo Undoer

	// OwnUndo means that Run itself tells Env.Making, because it learns only on the way what it makes: an import.
	OwnUndo bool

	// OwnDryRun means that Run itself looks at Env.DryRun and then writes nothing, because it can say more than
	// "would run": an import that checks every row.
	OwnDryRun bool

	// EffectOf, when set, gives the effect of one call from its parameters (api.call reads or writes by its path).
	EffectOf func(params any) Effect

	area string
}

// FullName is the operation's name with its area: "user.add".
func (o Op) FullName() string { return o.area + "." + o.Name }

// Area is the name of the area that holds the operation.
func (o Op) Area() string { return o.area }

// Find returns the operation of that name.
func (a Area) Find(name string) (Op, bool) {
	for _, o := range a.All() {
		if o.Name == name {
			return o, true
		}
	}
	return Op{}, false
}

// All lists the operations of the area, each knowing the area it belongs to.
func (a Area) All() []Op {
	out := make([]Op, len(a.Ops))
	for i, o := range a.Ops {
		o.area = a.Name
		out[i] = o
	}
	return out
}

// Runner is the typed function of an operation behind one untyped face. Make it with Func or Stream.
type Runner struct {
	Params reflect.Type // the parameter struct
	Result reflect.Type // the result; of a stream, one row
	Stream bool
	call   func(context.Context, *Env, any) (any, error)
}

// Rows is what a streaming operation returns: rows as they come, or an error that ends them.
type Rows = iter.Seq2[any, error]

// Func makes the Runner of an operation with one result.
func Func[P, R any](fn func(context.Context, *Env, P) (R, error)) Runner {
	return Runner{
		Params: reflect.TypeFor[P](), Result: reflect.TypeFor[R](),
		call: func(ctx context.Context, env *Env, p any) (any, error) {
			r, err := fn(ctx, env, *p.(*P))
			return r, err
		},
	}
}

// Stream makes the Runner of an operation that yields many rows in flat memory.
func Stream[P, T any](fn func(context.Context, *Env, P) iter.Seq2[T, error]) Runner {
	return Runner{
		Params: reflect.TypeFor[P](), Result: reflect.TypeFor[T](), Stream: true,
		call: func(ctx context.Context, env *Env, p any) (any, error) {
			seq := fn(ctx, env, *p.(*P))
			return Rows(func(yield func(any, error) bool) {
				for row, err := range seq {
					if !yield(row, err) || err != nil {
						return
					}
				}
			}), nil
		},
	}
}

// Preview is what a call would touch.
type Preview struct {
	Count  int      // how many objects; -1 when it can't be known
	Sample []string // a few of their names
	Bulk   bool     // many were selected by a rule rather than by name: ask even though the effect is only Write
	Text   string   // the question in words: "disable 12 accounts"
}

// Previewer is a typed preview function behind one untyped face. Make it with PreviewOf.
type Previewer func(context.Context, *Env, any) (Preview, error)

// PreviewOf makes a Previewer from a function that takes the operation's own parameters.
func PreviewOf[P any](fn func(context.Context, *Env, P) (Preview, error)) Previewer {
	return func(ctx context.Context, env *Env, p any) (Preview, error) { return fn(ctx, env, *p.(*P)) }
}

// Beforer is a typed function that reads what a call would change, behind one untyped face. Make it with BeforeOf.
type Beforer func(context.Context, *Env, any) (any, error)

// BeforeOf makes a Beforer from a function that takes the operation's own parameters.
func BeforeOf[P, T any](fn func(context.Context, *Env, P) (T, error)) Beforer {
	return func(ctx context.Context, env *Env, p any) (any, error) { return fn(ctx, env, *p.(*P)) }
}

// FindOp finds an operation by its full name over the areas; the error names the nearest one.
func FindOp(areas []Area, full string) (Op, error) {
	var names []string
	for _, a := range areas {
		for _, o := range a.All() {
			if o.FullName() == full {
				return o, nil
			}
			names = append(names, o.FullName())
		}
	}
	return Op{}, fault.New(fault.Usage, "no operation %s%s", full, fault.DidYouMean(full, names))
}
