package vm

import (
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
)

// openTasks gives our Lua library what tasks are made of; stdlib/task.lua makes a pleasant face for it.
func (v *VM) openTasks(host *lua.LTable) {
	set := func(name string, fn lua.LGFunction) { host.RawSetString(name, v.L.NewFunction(fn)) }
	set("within", func(L *lua.LState) int { // seconds (0 is no limit), a function; true and its results, or false and the error
		limit := time.Duration(float64(L.CheckNumber(1)) * float64(time.Second))
		results, err := v.within(limit, L.CheckFunction(2))
		return v.outcome(L, results, err)
	})
	set("own", func(L *lua.LState) int { // a table that belongs to the task that runs; a new task has a copy of it
		L.Push(v.own)
		return 1
	})
	set("taking_back", func(L *lua.LState) int { // whether what is made is taken back, a function; as within
		results, err := v.takingBack(L.CheckBool(1), L.CheckFunction(2))
		return v.outcome(L, results, err)
	})
	set("spawn", func(L *lua.LState) int {
		var args []lua.LValue
		for i := 2; i <= L.GetTop(); i++ {
			args = append(args, L.Get(i))
		}
		t, err := v.spawn(L.CheckFunction(1), args)
		if err != nil {
			v.raise(L, err)
		}
		L.Push(&lua.LUserData{Value: t})
		return 1
	})
	set("wait", func(L *lua.LState) int { // a task; true and its results, or false and its error
		results, err := v.wait(checkTask(L))
		if err == nil {
			return v.outcome(L, results, nil)
		}
		return v.outcome(L, nil, err)
	})
	set("cancel", func(L *lua.LState) int {
		checkTask(L).cancel(errDropped)
		return 0
	})
	set("is_done", func(L *lua.LState) int {
		L.Push(lua.LBool(checkTask(L).over()))
		return 1
	})
	set("first", func(L *lua.LState) int { // a list of tasks; the place of the first one that ends
		L.Push(lua.LNumber(v.first(L, L.CheckTable(1))))
		return 1
	})
	v.openChannels(set)
}

// outcome pushes what a protected call pushes. An error that ended this task itself is raised on.
func (v *VM) outcome(L *lua.LState, results []lua.LValue, err error) int {
	if err == nil {
		L.Push(lua.LTrue)
		for _, r := range results {
			L.Push(r)
		}
		return 1 + len(results)
	}
	failed := err.(*ScriptError)
	v.rethrowIfEnded(L, failed.Value)
	L.Push(lua.LFalse)
	L.Push(v.raised(failed))
	return 2
}

// raised is the error value of a failed call. What ended it from outside is an error value with that kind.
func (v *VM) raised(e *ScriptError) lua.LValue {
	if e.Fault != nil && e.Fault.Kind != fault.Script && v.Conv.Fault(e.Value) == nil {
		return v.Conv.NewFault(e.Fault, e.at())
	}
	return e.Value
}

func checkTask(L *lua.LState) *Task {
	if t, ok := L.CheckUserData(1).Value.(*Task); ok {
		return t
	}
	L.ArgError(1, "want a task")
	return nil
}

// first waits until one of the tasks has ended and returns its place, from 1.
func (v *VM) first(L *lua.LState, list *lua.LTable) int {
	for {
		for i := 1; i <= list.Len(); i++ {
			if t, ok := list.RawGetInt(i).(*lua.LUserData); ok && t.Value.(*Task).over() {
				return i
			}
		}
		v.await(L, v.ended)
	}
}
