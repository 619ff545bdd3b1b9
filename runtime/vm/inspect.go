package vm

import (
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Name is a name that a script could write at some place, for completion.
type Name struct {
	Text string
	Call bool // it is a function
}

// Names lists what can follow a path of names: of nothing the variables, of "string" its functions. Tables are only
// read, so that no code of theirs runs.
func (in *Inputs) Names(path []string) []Name {
	found := map[string]bool{}
	if len(path) == 0 {
		collect(found, in.env)
		collect(found, in.v.L.G.Global)
		for name := range in.v.opts.Globals {
			found[name] = found[name] || name != "fixture"
		}
		for name := range in.v.opts.Modules {
			found[name] = found[name] || false
		}
	} else {
		in.members(found, in.lookup(path))
	}
	var out []Name
	for text, call := range found {
		out = append(out, Name{text, call})
	}
	slices.SortFunc(out, func(a, b Name) int { return strings.Compare(a.Text, b.Text) })
	return out
}

func (in *Inputs) lookup(path []string) lua.LValue {
	value := in.env.RawGetString(path[0])
	if value == lua.LNil {
		value = in.v.L.G.Global.RawGetString(path[0])
	}
	for _, key := range path[1:] {
		t, ok := value.(*lua.LTable)
		if !ok {
			return lua.LNil
		}
		value = t.RawGetString(key)
	}
	return value
}

// members collects the keys of a value and of the tables that it inherits from.
func (in *Inputs) members(found map[string]bool, value lua.LValue) {
	for depth := 0; depth < 8; depth++ {
		var meta lua.LValue
		switch v := value.(type) {
		case *lua.LTable:
			collect(found, v)
			meta = v.Metatable
		case *lua.LUserData:
			meta = v.Metatable
		case lua.LString:
			collect(found, in.v.L.G.Global.RawGetString("string"))
			return
		}
		t, ok := meta.(*lua.LTable)
		if !ok {
			return
		}
		value = t.RawGetString("__index")
	}
}

func collect(found map[string]bool, value lua.LValue) {
	t, ok := value.(*lua.LTable)
	if !ok {
		return
	}
	t.ForEach(func(k, v lua.LValue) {
		if name, ok := k.(lua.LString); ok && isName(string(name)) {
			found[string(name)] = v.Type() == lua.LTFunction
		}
	})
}

func isName(s string) bool {
	for i, r := range s {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

// NameOf is the full name of an operation's function or of an area's table, "" when the value is neither.
func (v *VM) NameOf(value lua.LValue) string {
	for _, area := range v.opts.Areas {
		t, ok := v.L.G.Global.RawGetString(area.Name).(*lua.LTable)
		if !ok {
			continue
		}
		if value == lua.LValue(t) {
			return area.Name
		}
		for _, op := range area.Ops {
			if t.RawGetString(op.Name) == value {
				return area.Name + "." + op.Name
			}
		}
	}
	return ""
}
