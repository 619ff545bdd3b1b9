package vm

import (
	"context"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// HostFunc is a function that the program gives to its Lua library, on plain data.
type HostFunc func(args []any) (any, error)

// WaitFunc is a HostFunc that waits for something outside. It gets the context in force; other tasks go on meanwhile.
type WaitFunc func(ctx context.Context, args []any) (any, error)

// openHost makes the module "imctl.host", by which our Lua library reaches what the program knows: the last calls, unique
// names, the options of the run.
func (v *VM) openHost() {
	t := v.L.NewTable()
	for name, fn := range v.opts.Host {
		t.RawSetString(name, v.L.NewFunction(v.hostFunction(name, fn)))
	}
	for name, fn := range v.opts.HostWaits {
		t.RawSetString(name, v.L.NewFunction(v.hostFunction(name, func(args []any) (result any, err error) {
			ctx := v.ctx
			v.Outside(func() { result, err = fn(ctx, args) })
			return result, err
		})))
	}
	t.RawSetString("source_line", v.L.NewFunction(func(L *lua.LState) int { // the text of a line of a script
		lines, n := v.sources[L.CheckString(1)], L.CheckInt(2)
		if n < 1 || n > len(lines) {
			return 0
		}
		L.Push(lua.LString(strings.TrimSpace(lines[n-1])))
		return 1
	}))
	t.RawSetString("trace", v.L.NewFunction(func(L *lua.LState) int { // the script's frames of the last error
		L.Push(v.Conv.ToLua(value.From(scriptFrames(v.trace.stack))))
		return 1
	}))
	v.openTasks(t)
	loaded := v.L.GetField(v.L.GetGlobal("package"), "loaded").(*lua.LTable)
	loaded.RawSetString("imctl.host", t)
}

// hostFunction is the Lua function of a HostFunc.
func (v *VM) hostFunction(name string, fn HostFunc) lua.LGFunction {
	return func(L *lua.LState) int {
		args := make([]any, L.GetTop())
		for i := range args {
			plain, err := v.Conv.FromLua(L.Get(i + 1))
			if err != nil {
				v.raise(L, fault.New(fault.Usage, "%s: %w", name, err))
			}
			args[i] = plain
		}
		result, err := fn(args)
		if err != nil {
			v.raise(L, err)
		}
		L.Push(v.Conv.ToLua(value.From(result)))
		return 1
	}
}

// Loaded returns a field of a module that the script has loaded, nil when it has not.
func (v *VM) Loaded(module, field string) lua.LValue {
	loaded := v.L.GetField(v.L.GetGlobal("package"), "loaded").(*lua.LTable)
	t, ok := loaded.RawGetString(module).(*lua.LTable)
	if !ok {
		return lua.LNil
	}
	return t.RawGetString(field)
}
