package vm

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// openAreas makes a global table for each area, with a function for each operation.
func (v *VM) openAreas() {
	for _, area := range v.opts.Areas {
		t := v.L.CreateTable(0, len(area.Ops))
		names := make([]string, 0, len(area.Ops))
		for _, op := range area.All() {
			t.RawSetString(op.Name, v.L.NewFunction(v.opFunction(op)))
			names = append(names, area.Name+"."+op.Name)
		}
		meta := v.L.NewTable()
		meta.RawSetString("__name", lua.LString("area"))
		meta.RawSetString("__index", v.L.NewFunction(func(L *lua.LState) int {
			full := area.Name + "." + L.Get(2).String()
			v.raise(L, fault.New(fault.Usage, "no operation %s%s", full, fault.DidYouMean(full, names)))
			return 0
		}))
		t.Metatable = meta
		v.L.SetGlobal(area.Name, t)
	}
}

// opFunction is the Lua function of an operation: arguments to plain data, checked, run, and the result to Lua.
func (v *VM) opFunction(op bindings.Op) lua.LGFunction {
	return func(L *lua.LState) int {
		args := make([]any, L.GetTop())
		for i := range args {
			plain, err := v.argument(L.Get(i + 1))
			if err != nil {
				v.raiseOp(L, op, fault.New(fault.Usage, "%w", err))
			}
			args[i] = plain
		}
		fields, err := op.Arguments(args)
		if err != nil {
			v.raiseOp(L, op, err)
		}
		params, err := op.Bind(fields)
		if err != nil {
			v.raiseOp(L, op, err)
		}
		env, err := v.env()
		if err != nil {
			v.raiseOp(L, op, err)
		}
		result, err := v.invoke(op, env, params)
		if err != nil && result != nil { // partly done: the error carries what was
			t := v.fault(L, op, err)
			t.RawSetString("result", v.Conv.ToLua(value.From(result)))
			L.Error(t, 0)
		}
		if err != nil {
			v.raiseOp(L, op, err)
		}
		if rows, ok := result.(bindings.Rows); ok {
			L.Push(v.newStream(op, rows))
			return 1
		}
		if h, ok := result.(bindings.Handle); ok {
			L.Push(v.newHandle(h))
			return 1
		}
		L.Push(v.Conv.ToLua(value.From(result)))
		return 1
	}
}

// invoke runs the operation while other tasks go on. What it tells the audit file of the script's line is read before.
func (v *VM) invoke(op bindings.Op, env *bindings.Env, params any) (result any, err error) {
	ctx := v.ctx
	if v.turns != nil && (op.Effect != bindings.Read || op.EffectOf != nil) {
		own, where := *env, v.Where()
		own.Source = func() string { return where }
		env = &own
	}
	v.Outside(func() { result, err = op.Invoke(ctx, env, params) })
	return result, err
}

// env opens the Env at the first operation and makes audit records name the script's line.
func (v *VM) env() (*bindings.Env, error) {
	if v.opened == nil {
		env, err := v.opts.OpenEnv()
		if err != nil {
			return nil, err
		}
		own := *env
		own.Source, own.Held = v.Where, bindings.NewHeld()
		v.Own(own.Held.Close)
		v.opened = &own
	}
	return v.opened, nil
}

func (v *VM) raiseOp(L *lua.LState, op bindings.Op, err error) { L.Error(v.fault(L, op, err), 0) }

// fault is err as an error value that names the operation and the script's line.
func (v *VM) fault(L *lua.LState, op bindings.Op, err error) *lua.LTable {
	e := *fault.From(err)
	if e.Op == "" {
		e.Op = op.FullName()
	}
	return v.Conv.NewFault(&e, strings.TrimRight(v.where(L), ": "))
}

// raise raises err as an error value that knows the script's line.
func (v *VM) raise(L *lua.LState, err error) {
	L.Error(v.Conv.NewFault(err, strings.TrimRight(v.where(L), ": ")), 0)
}

// where is the position "file:line:" of the Lua code that runs now, our own prelude left out.
func (v *VM) where(L *lua.LState) string {
	for level := 1; level < 50; level++ {
		w := L.Where(level)
		if w == "" {
			break
		}
		if !strings.HasPrefix(w, "=") && !strings.HasPrefix(w, "[") && !strings.HasPrefix(w, "stdlib/") {
			return w
		}
	}
	return ""
}

// Where is the position "file:line" of the call that the script makes now.
func (v *VM) Where() string { return strings.TrimRight(v.where(v.current()), ": ") }
