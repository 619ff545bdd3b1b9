// Package lualib is the library that scripts have besides the areas, as far as it is written in Go: json, time, str,
// csv, yaml and so on. A module is declared once, as data: the Lua table, the checks of arguments, the reference and
// the editor's definitions all come from the declaration. It must not import an area, nor runtime/cli.
package lualib

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/runtime/vm"
)

// Module is a library: a global table of functions.
type Module struct {
	Name    string
	Doc     string
	Funcs   []Func
	Consts  []Const
	Classes []Class // the shapes of tables that its functions take or return
	Call    string  // the function that a call of the module itself is: int64("5") is int64.new("5")
}

// Func is one function of a module. Its types are LuaCATS types; "duration" is the alias for string|number, a text
// like "5s" or a number of seconds.
type Func struct {
	Name    string
	Doc     string // one or more sentences; the first says what it does
	Example string // Lua that runs; what follows "--> " on a line is what the line prints
	Params  []Param
	Returns []Return
	Run     func(*Call) (any, error) `json:"-"`
}

// Param is a parameter, or a field of a parameter that is a table of options.
type Param struct {
	Name     string
	Type     string
	Optional bool
	Doc      string
	Fields   []Param // the parameter is a table of these
	Raw      bool    // taken as the Lua value that it is, of any type
}

// Return is one result.
type Return struct{ Name, Type, Doc string }

// Const is a value in a module.
type Const struct {
	Name, Type, Doc string
	Value           func(*vm.VM) lua.LValue `json:"-"`
}

// Class is the shape of a table.
type Class struct {
	Name, Doc string
	Fields    []Param
}

// Signature is the function in one line, as in `str.pad(text: string, width: integer, options?: table): string`.
func (f Func) Signature(module string) string {
	var params, results []string
	for _, p := range f.Params {
		params = append(params, p.Name+mark(p.Optional)+": "+p.shape())
	}
	for _, r := range f.Returns {
		results = append(results, r.Type)
	}
	text := module + "." + f.Name + "(" + strings.Join(params, ", ") + ")"
	if len(results) > 0 {
		text += ": " + strings.Join(results, ", ")
	}
	return text
}

// shape is the parameter's type, a table of options written out: {limit?: integer}.
func (p Param) shape() string {
	if len(p.Fields) == 0 {
		return p.Type
	}
	var fields []string
	for _, f := range p.Fields {
		fields = append(fields, f.Name+mark(f.Optional)+": "+f.shape())
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

func mark(optional bool) string {
	if optional {
		return "?"
	}
	return ""
}

// table makes the module's Lua table.
func (m Module) table(v *vm.VM) *lua.LTable {
	t := v.L.CreateTable(0, len(m.Funcs)+len(m.Consts))
	for _, f := range m.Funcs {
		t.RawSetString(f.Name, v.L.NewFunction(func(L *lua.LState) int { return run(v, L, t, m.Name, f) }))
	}
	for _, c := range m.Consts {
		t.RawSetString(c.Name, c.Value(v))
	}
	v.Seal(t, m.Name)
	if m.Call != "" {
		fn := t.RawGetString(m.Call)
		t.Metatable.(*lua.LTable).RawSetString("__call", v.L.NewFunction(func(L *lua.LState) int {
			n := L.GetTop() - 1
			L.Insert(fn, 2) // behind the module itself, before the arguments
			L.Call(n, 1)
			return 1
		}))
	}
	return t
}
