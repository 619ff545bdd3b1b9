package vm

import (
	"runtime"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

const (
	// shallow is how many nested protected calls are started without a look at the stack of Go.
	shallow = 20

	// maxGoFrames bounds the stack of Go: one that is too large ends the process, and nothing can catch that.
	maxGoFrames = 200_000
)

// resume starts or continues a thread. The message for the caller comes first when it can't.
func (v *VM) resume(stock lua.LGFunction) lua.LGFunction {
	return func(L *lua.LState) int {
		th, ok := L.Get(1).(*lua.LState)
		if !ok {
			call{L, v, "resume"}.bad(1, "coroutine expected")
		}
		if v.depth >= maxProtected || v.depth > shallow && runtime.Callers(maxGoFrames, make([]uintptr, 1)) > 0 {
			L.RaiseError("stack overflow: more than %d nested protected calls or coroutines", maxProtected)
		}
		if th.Dead || !suspended(L, th) || v.heldElsewhere(th) {
			what := "dead coroutine"
			if !th.Dead {
				what = "normal coroutine"
			}
			if th == coroutineOf(L) {
				what = "non-suspended coroutine"
			}
			L.Push(lua.LFalse)
			L.Push(lua.LString("cannot resume " + what))
			return 2
		}
		v.depth++
		defer func() { v.depth-- }()
		th.SetContext(v.meter) // the limits of here and now, not of where it was made
		return stock(L)
	}
}

// suspended tells whether th neither runs nor waits for a thread that it resumed.
func suspended(L, th *lua.LState) bool {
	for p := L; p != nil; p = p.Parent {
		if p == th {
			return false
		}
	}
	return true
}

// yield passes its arguments to the resume that runs the thread, unless a function in Go stands between them.
func (v *VM) yield(L *lua.LState) int {
	switch {
	case coroutineOf(L) == nil:
		L.RaiseError("attempt to yield from outside a coroutine")
	case v.inGo[L] > 0:
		L.RaiseError("attempt to yield across metamethod/C-call boundary")
	}
	return -1
}

// markCoroutine notes whether a thread is a coroutine of the script or only the place of a protected call. The mark is
// an option that the engine reads for main threads alone.
func markCoroutine(th *lua.LState, is bool) { th.Options.SkipOpenLibs = !is }

// coroutineOf is the coroutine of the script that L runs for, nil outside of one.
func coroutineOf(L *lua.LState) *lua.LState {
	for p := L; p != nil; p = p.Parent {
		if !p.Options.SkipOpenLibs {
			return p
		}
	}
	return nil
}

func coRunning(c call) int {
	if co := coroutineOf(c.LState); co != nil {
		c.Push(co)
	} else {
		c.Push(lua.LNil)
	}
	return 1
}

func coStatus(c call) int {
	th, ok := c.Get(1).(*lua.LState)
	status := "suspended"
	switch {
	case !ok:
		c.bad(1, "coroutine expected")
	case th.Dead:
		status = "dead"
	case th == coroutineOf(c.LState):
		status = "running"
	case !suspended(c.LState, th):
		status = "normal"
	}
	c.pushStr(status)
	return 1
}

// plainError is the value of an error that Go code gave in place of Lua: what the engine says about its own limits,
// and its own mistakes.
func plainError(err lua.LValue) lua.LValue {
	s, ok := err.(lua.LString)
	switch {
	case !ok:
		return err
	case s == "lua callstack overflow":
		return lua.LString("stack overflow (too many nested calls)")
	case strings.HasSuffix(string(s), "registry overflow"):
		return lua.LString("stack overflow (too many values)")
	case strings.HasPrefix(string(s), "runtime error: "):
		return lua.LString("the Lua engine failed: ") + s[len("runtime error: "):]
	}
	return err
}
