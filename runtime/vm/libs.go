package vm

import (
	"fmt"
	"io"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// openLibs opens the standard libraries and replaces what is unsafe or wrong in them.
func (v *VM) openLibs() {
	L := v.L
	for _, open := range []lua.LGFunction{
		lua.OpenPackage, lua.OpenBase, lua.OpenTable, lua.OpenIo, lua.OpenOs, lua.OpenString, lua.OpenMath,
		lua.OpenDebug, lua.OpenCoroutine,
	} {
		L.Push(L.NewFunction(open))
		L.Call(0, 0)
	}
	v.openStrings()
	v.openTables()
	v.openMath()
	v.openDates()
	v.openBase()
	v.openProtected()
	v.openRequire()
	v.openOs()
	if v.opts.Modules["json"] == nil {
		v.openJSON()
	}
	v.openHost()
	set := func(name string, fn lua.LGFunction) { L.SetGlobal(name, L.NewFunction(fn)) }
	set("print", func(L *lua.LState) int {
		parts := make([]string, L.GetTop())
		for i := range parts {
			parts[i] = v.text(L, L.Get(i+1))
		}
		v.write(L, strings.Join(parts, "\t")+"\n")
		return 0
	})
	io := L.GetGlobal("io").(*lua.LTable)
	io.RawSetString("write", L.NewFunction(func(L *lua.LState) int {
		for i := 1; i <= L.GetTop(); i++ {
			v.write(L, L.CheckString(i))
		}
		L.Push(io.RawGetString("stdout"))
		return 1
	}))
	io.RawSetString("popen", lua.LNil)
	set("cleanup", func(L *lua.LState) int {
		v.cleanups = append(v.cleanups, L.CheckFunction(1))
		return 0
	})
	set("sleep", func(L *lua.LState) int {
		d := v.duration(L, 1)
		ctx := v.ctx
		var err error
		v.Outside(func() { err = bindings.Wait(ctx, d) })
		if err != nil {
			v.raise(L, err)
		}
		return 0
	})
	arg := L.NewTable()
	for i, a := range v.opts.Args {
		arg.RawSetInt(i+1, lua.LString(a))
	}
	L.SetGlobal("arg", arg)
	if v.opts.Restricted {
		v.restrict()
	}
	v.openLazyGlobals()
}

// duration reads argument n: a text like "5s", or a number of seconds.
func (v *VM) duration(L *lua.LState, n int) time.Duration {
	plain, err := v.Conv.FromLua(L.CheckAny(n))
	var d time.Duration
	if err == nil {
		err = value.Into(plain, &d)
	}
	if err != nil || d < 0 {
		L.ArgError(n, fmt.Sprintf("want a duration like \"5s\", got %s", value.Describe(plain)))
	}
	return d
}

func (v *VM) write(L *lua.LState, text string) {
	if _, err := io.WriteString(v.opts.Stdout, text); err != nil {
		v.raise(L, fault.New(fault.Script, "can't write to standard output: %w", err))
	}
}

func (v *VM) openJSON() {
	json := v.L.NewTable()
	json.RawSetString("null", v.Conv.Null)
	json.RawSetString("encode", v.L.NewFunction(func(L *lua.LState) int {
		plain, err := v.Conv.FromLua(L.CheckAny(1))
		var text []byte
		if err == nil {
			text, err = value.Marshal(plain)
		}
		if err != nil {
			v.raise(L, fault.New(fault.Usage, "json.encode: %w", err))
		}
		L.Push(lua.LString(text))
		return 1
	}))
	json.RawSetString("decode", v.L.NewFunction(func(L *lua.LState) int {
		plain, err := value.Parse([]byte(L.CheckString(1)))
		if err != nil {
			v.raise(L, fault.New(fault.Usage, "json.decode: %w", err))
		}
		L.Push(v.Conv.ToLua(plain))
		return 1
	}))
	v.L.SetGlobal("json", json)
}
