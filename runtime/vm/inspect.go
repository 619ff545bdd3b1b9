package vm

import (
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
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
		in.members(found, in.Value(path))
	}
	var out []Name
	for text, call := range found {
		out = append(out, Name{text, call})
	}
	slices.SortFunc(out, func(a, b Name) int { return strings.Compare(a.Text, b.Text) })
	return out
}

// Value is what a path of names, one or more, leads to. Tables are only read, so that no code of theirs runs.
func (in *Inputs) Value(path []string) lua.LValue {
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
			if h, ok := v.Value.(*handle); ok {
				h.names(found)
				return
			}
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

// names collects the fields and the methods of a handle.
func (h *handle) names(found map[string]bool) {
	if fields, ok := value.From(h.Handle).(*value.Object); ok {
		for _, name := range fields.Keys() {
			found[name] = false
		}
	}
	for _, op := range h.area.Methods() {
		found[op.Name] = true
	}
}

// HandleArea is the area of a handle; false when the value is none.
func HandleArea(lv lua.LValue) (area bindings.Area, ok bool) {
	h, ok := handleOf(lv)
	if !ok {
		return area, false
	}
	return h.area, true
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

// NameOf is the full name of the operation that a function or a method is, or of the area that a table is; "" when the
// value is none of these.
func (v *VM) NameOf(lv lua.LValue) string {
	for _, area := range v.opts.Areas {
		t, ok := v.L.G.Global.RawGetString(area.Name).(*lua.LTable)
		if ok && lv == lua.LValue(t) {
			return area.Name
		}
		methods, _ := v.handleMeta(area).RawGetString("methods").(*lua.LTable)
		for _, op := range area.All() {
			if ok && t.RawGetString(op.Name) == lv || methods.RawGetString(op.Name) == lv {
				return op.FullName()
			}
		}
	}
	return ""
}
