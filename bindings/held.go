package bindings

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Handle is a result that stands for something that stays open, such as a connection. In Lua it is a value whose methods
// are those of its area (Area.Methods), which get its id as their first argument, and whose fields are those of the result.
// The area is that of the operation that gives it.
type Handle interface {
	Handle() (area, id string)
}

// GivesHandle tells whether the operation's result is a handle.
func (o Op) GivesHandle() bool { return o.Run.Result.Implements(reflect.TypeFor[Handle]()) }

// Methods are the operations that a handle of the area has as methods: those whose first argument has the area's name.
func (a Area) Methods() []Op {
	var methods []Op
	for _, op := range a.All() {
		if _, ok := op.handleParam(); ok {
			methods = append(methods, op)
		}
	}
	return methods
}

// FindMethod finds what a method of a handle is, by its name behind a colon, as in c:send. The word before the colon stands
// for any handle.
func FindMethod(areas []Area, name string) (Op, error) {
	_, word, _ := strings.Cut(name, ":")
	var names []string
	for _, area := range areas {
		for _, op := range area.Methods() {
			if op.Name == word {
				return op, nil
			}
			names = append(names, op.Name)
		}
	}
	return Op{}, fault.New(fault.Usage, "no method %s%s", word, fault.DidYouMean(word, names))
}

// handleParam is the parameter that names a handle.
func (o Op) handleParam() (Param, bool) {
	first, ok := positional(o.Params(), 1)
	return first, ok && first.Name == o.area
}

// MethodParams are the parameters of a method: those of the operation without the handle, and so each one place to the
// front.
func (o Op) MethodParams() []Param {
	handle, ok := o.handleParam()
	if !ok {
		return o.Params()
	}
	params := slices.DeleteFunc(slices.Clone(o.Params()), func(p Param) bool { return p.Name == handle.Name })
	for i := range params {
		if params[i].Arg > 0 {
			params[i].Arg--
		}
	}
	return params
}

// Held is what the operations of one script keep open between calls. It ends with the script.
type Held struct {
	mu     sync.Mutex
	kept   map[string]Closer
	closed bool
}

// Closer is something that is kept open.
type Closer interface{ Close() }

// NewHeld makes an empty one.
func NewHeld() *Held { return &Held{kept: map[string]Closer{}} }

// Once returns what is kept under a name, and makes it the first time.
func (h *Held) Once(name string, build func() (Closer, error)) (Closer, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c, ok := h.kept[name]; ok {
		return c, nil
	}
	c, err := build()
	if err != nil {
		return nil, err
	}
	if h.closed { // the script has ended meanwhile
		c.Close()
		return c, nil
	}
	h.kept[name] = c
	return c, nil
}

// Close closes what is kept.
func (h *Held) Close() {
	h.mu.Lock()
	kept := h.kept
	h.kept, h.closed = map[string]Closer{}, true
	h.mu.Unlock()
	for _, c := range kept {
		c.Close()
	}
}
