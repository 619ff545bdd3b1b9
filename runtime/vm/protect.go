package vm

import (
	lua "github.com/yuin/gopher-lua"
)

// maxProtected bounds nested protected calls and coroutines: each is a level of the Go stack.
const maxProtected = 190

// protectSource gives pcall, xpcall and coroutine.wrap as Lua over a resume of ours. A protected function runs in a
// Lua thread of its own: the engine's pcall detaches the captured locals of live frames (cases/001), and yielding
// across it crashes. Here a yield inside a protected call passes through to the coroutine that made the call.
const protectSource = `
local create, spawn, resume, yield, status, settle, raise, body, type = ...
local function pass(co, ok, ...)
	if ok and status(co) ~= "dead" then return pass(co, resume(co, yield(...))) end
	if not ok then return false, settle(...) end
	return true, ...
end
local function pcall(f, ...)
	local co = create(body(f))
	return pass(co, resume(co, ...))
end
local function blame(ok, ...)
	if ok then return false, ... end
	local err = ...
	if type(err) == "string" then return false, "error in error handling: " .. err end
	return false, "error in error handling"
end
local function handled(handler, ok, ...)
	if ok then return true, ... end
	local co = create(body(handler))
	return blame(pass(co, resume(co, ...)))
end
local function xpcall(f, handler, ...)
	local co = create(body(f))
	return handled(handler, pass(co, resume(co, ...)))
end
local function unwrap(ok, ...)
	if not ok then raise(...) end
	return ...
end
local function wrap(f)
	local co = spawn(body(f))
	return function(...) return unwrap(resume(co, ...)) end
end
local function keep(...) return ... end
local function yielding(...) return keep(yield(...)) end -- the engine fails on a yield that is a tail call
return pcall, xpcall, wrap, yielding, function(f) return spawn(body(f)) end
`

// bodySource wraps a function so that it starts in a thread with our panic handler, whatever kind of callable it is.
const bodySource = `
local arm = ...
return function(f)
	return function(...) arm() return f(...) end
end
`

// openProtected replaces the protected calls and coroutine.create and wrap. The stock coroutine library must be open.
func (v *VM) openProtected() {
	L := v.L
	co := L.GetGlobal("coroutine").(*lua.LTable)
	stock := func(name string) *lua.LFunction { return co.RawGetString(name).(*lua.LFunction) }

	stockCreate := stock("create").GFunction
	create := func(isCoroutine bool) *lua.LFunction {
		return L.NewFunction(func(L *lua.LState) int {
			L.RemoveContext() // the engine would derive a context for each thread, out of the meter's reach
			n := stockCreate(L)
			L.SetContext(v.meter)
			th := L.ToThread(-1)
			th.SetContext(v.meter)
			markCoroutine(th, isCoroutine)
			return n
		})
	}
	stockResume := stock("resume").GFunction
	resume := L.NewFunction(v.resume(stockResume))
	co.RawSetString("yield", L.NewFunction(v.yield))
	v.register(co, map[string]function{"running": coRunning, "status": coStatus})
	settle := L.NewFunction(func(L *lua.LState) int {
		v.rethrowIfEnded(L, L.Get(1))
		L.Push(plainError(L.Get(1)))
		return 1
	})
	raise := L.NewFunction(func(L *lua.LState) int {
		L.Error(L.Get(1), 0)
		return 0
	})
	arm := L.NewFunction(func(L *lua.LState) int {
		L.Panic = v.panicTraced
		return 0
	})
	v.body = v.eval(bodySource, "=body", arm)[0].(*lua.LFunction)
	got := v.eval(protectSource, "=protect", create(false), create(true), resume, stock("yield"), stock("status"), settle, raise, v.body,
		L.GetGlobal("type"))
	L.SetGlobal("pcall", got[0])
	L.SetGlobal("xpcall", got[1])
	co.RawSetString("wrap", got[2])
	co.RawSetString("yield", got[3])
	co.RawSetString("create", got[4])
	co.RawSetString("resume", resume)
}

// rethrowIfEnded raises err again when the script was ended from outside or asked to exit: no pcall may eat that.
func (v *VM) rethrowIfEnded(L *lua.LState, err lua.LValue) {
	if v.exit != nil || v.tripped() != nil {
		L.Error(err, 0)
	}
}

// Call runs fn protected, in a thread of its own, and returns its results. The error is a *ScriptError.
func (v *VM) Call(fn *lua.LFunction, args ...lua.LValue) ([]lua.LValue, error) {
	if v.depth >= maxProtected {
		return nil, v.scriptError(lua.LString("stack overflow: too many nested protected calls"), "")
	}
	v.depth++
	defer func() { v.depth-- }()
	current := v.current()
	body, err := v.callBody(fn)
	if err != nil {
		return nil, err
	}
	th := v.thread(current)
	state, err, results := current.Resume(th, body, args...)
	switch state {
	case lua.ResumeOK:
		return results, nil
	case lua.ResumeYield:
		return nil, v.scriptError(lua.LString("attempt to yield from outside a coroutine"), "")
	}
	value := lua.LValue(lua.LString(err.Error()))
	if e, ok := err.(*lua.ApiError); ok {
		value = plainError(e.Object)
	}
	return nil, v.scriptError(value, v.trace.stackOf(value))
}

// thread makes a Lua thread under the limits in force. The engine would derive a context for it, out of the meter's reach.
func (v *VM) thread(from *lua.LState) *lua.LState {
	ctx := from.RemoveContext()
	th, _ := from.NewThread()
	if ctx != nil {
		from.SetContext(ctx)
	}
	th.SetContext(v.meter)
	markCoroutine(th, false)
	return th
}

// current is the Lua thread that runs now.
func (v *VM) current() *lua.LState {
	if th := v.L.G.CurrentThread; th != nil {
		return th
	}
	return v.L
}

// callBody is fn wrapped for the start of a thread.
func (v *VM) callBody(fn *lua.LFunction) (*lua.LFunction, error) {
	L := v.current()
	if err := L.CallByParam(lua.P{Fn: v.body, NRet: 1, Protect: true}, fn); err != nil { // the script was ended
		return nil, v.scriptError(lua.LString(err.Error()), "")
	}
	body := L.Get(-1).(*lua.LFunction)
	L.Pop(1)
	return body, nil
}

// eval runs a piece of our own Lua that can't fail.
func (v *VM) eval(source, name string, args ...lua.LValue) []lua.LValue {
	fn, err := v.compile(source, name)
	if err != nil {
		panic(err)
	}
	top := v.L.GetTop()
	v.L.Push(fn)
	for _, a := range args {
		v.L.Push(a)
	}
	v.L.Call(len(args), lua.MultRet)
	var out []lua.LValue
	for i := top + 1; i <= v.L.GetTop(); i++ {
		out = append(out, v.L.Get(i))
	}
	v.L.SetTop(top)
	return out
}
