package check

import (
	"slices"
	"strings"

	"github.com/openimsdk/imctl/bindings"
)

// Declarations is what a script may use.
type Declarations struct {
	Areas    []bindings.Area
	Globals  []string            // every global name, those of the areas apart
	Members  map[string][]string // what a global table holds; one that is not here is not looked into
	Matchers []string            // what expect(x) has
	Modules  []string            // what require finds in the binary
}

// known is Declarations by name.
type known struct {
	Declarations
	areas    map[string]*area
	globals  map[string]bool
	names    []string // of areas and globals, for suggestions
	members  map[string]map[string]bool
	matchers map[string]bool
}

// area is an area with its operations by name.
type area struct {
	bindings.Area
	ops   map[string]*operation
	names []string // full ones
}

// operation is an operation with its parameters.
type operation struct {
	bindings.Op
	params []bindings.Param
	method bool // called as one: the handle is no parameter
}

func newKnown(d Declarations) *known {
	k := &known{Declarations: d, areas: map[string]*area{}, globals: set(d.Globals), matchers: set(d.Matchers), members: map[string]map[string]bool{}}
	for _, name := range d.Globals {
		if !strings.HasPrefix(name, "_") {
			k.names = append(k.names, name)
		}
	}
	for name, members := range d.Members {
		k.members[name] = set(members)
	}
	for _, a := range d.Areas {
		known := &area{Area: a, ops: map[string]*operation{}}
		for _, op := range a.All() {
			known.ops[op.Name] = &operation{Op: op}
			known.names = append(known.names, op.FullName())
		}
		k.areas[a.Name] = known
		k.names = append(k.names, a.Name)
	}
	slices.Sort(k.names)
	return k
}

// fields are the operation's parameters; they are read when the operation is first used.
func (o *operation) fields() []bindings.Param {
	if o.params == nil {
		o.params = o.Params()
	}
	return o.params
}

func set(names []string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}
