package vm

import (
	"slices"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Module makes the table of a library written in Go. It is called when a script first uses the library's name, or
// requires it.
type Module func(v *VM) *lua.LTable

// openLazyGlobals loads a library when one of the names it defines is first used. A library that sets no global of
// that name is the global itself.
func (v *VM) openLazyGlobals() {
	if len(v.opts.Globals) == 0 && len(v.opts.Modules) == 0 {
		return
	}
	meta := v.L.NewTable()
	meta.RawSetString("__index", v.L.NewFunction(func(L *lua.LState) int {
		name, ok := L.Get(2).(lua.LString)
		module := v.globalModule(string(name))
		if !ok || module == "" {
			return 0
		}
		L.Push(L.GetGlobal("require"))
		L.Push(lua.LString(module))
		L.Call(1, 1)
		global := v.L.G.Global
		if global.RawGetString(string(name)) == lua.LNil {
			global.RawSetString(string(name), L.Get(-1))
		}
		L.Push(global.RawGetString(string(name)))
		return 1
	}))
	v.L.G.Global.Metatable = meta
}

// globalModule is the module behind a global name, "" when there is none.
func (v *VM) globalModule(name string) string {
	if _, ok := v.opts.Modules[name]; ok {
		return shipped + name
	}
	return v.opts.Globals[name]
}

// Seal makes the use of a name that a library lacks an error that says what was meant.
func (v *VM) Seal(t *lua.LTable, module string) {
	meta := v.L.NewTable()
	meta.RawSetString("__name", lua.LString("module"))
	meta.RawSetString("__index", v.L.NewFunction(func(L *lua.LState) int {
		var names []string
		t.ForEach(func(k, _ lua.LValue) { names = append(names, module+"."+k.String()) })
		slices.Sort(names)
		full := module + "." + L.Get(2).String()
		v.Raise(L, fault.New(fault.Usage, "no function %s%s", full, fault.DidYouMean(full, names)))
		return 0
	}))
	t.Metatable = meta
}

// Raise raises err in the running script as an error value that knows the script's line.
func (v *VM) Raise(L *lua.LState, err error) { v.raise(L, err) }

// owned is something that a library holds open for a script.
type owned struct{ close func() }

// Own has close called when the VM is closed, unless the returned function was called before: that one closes now.
func (v *VM) Own(close func()) (closeNow func()) {
	o := &owned{close}
	v.owned[o] = struct{}{}
	return func() {
		if _, ok := v.owned[o]; ok {
			delete(v.owned, o)
			close()
		}
	}
}

func (v *VM) closeOwned() {
	for o := range v.owned {
		delete(v.owned, o)
		o.close()
	}
}
