package vm

import (
	lua "github.com/yuin/gopher-lua"
)

// openOs replaces os.exit, which would end the whole process, and takes away what starts programs or changes the
// environment of the process.
func (v *VM) openOs() {
	os := v.L.GetGlobal("os").(*lua.LTable)
	for _, name := range []string{"execute", "setenv", "setlocale"} {
		os.RawSetString(name, lua.LNil)
	}
	if v.opts.Getenv != nil {
		os.RawSetString("getenv", v.L.NewFunction(func(L *lua.LState) int {
			if s := v.opts.Getenv(L.CheckString(1)); s != "" {
				L.Push(lua.LString(s))
			} else {
				L.Push(lua.LNil)
			}
			return 1
		}))
	}
	os.RawSetString("exit", v.L.NewFunction(v.osExit))
}

// osExit ends the script with a code: none and true are 0, false is 1. Cleanup functions run; the process that hosts
// the script goes on.
func (v *VM) osExit(L *lua.LState) int {
	code := 0
	switch c := L.Get(1).(type) {
	case lua.LBool:
		if !c {
			code = 1
		}
	case lua.LNumber:
		code = int(c)
		if lua.LNumber(code) != c || code < 0 || code > 255 {
			L.ArgError(1, "want an exit code from 0 to 255, got "+c.String())
		}
	case *lua.LNilType:
	default:
		L.ArgError(1, "want a number, true or false, got a "+c.Type().String())
	}
	v.exit = &exitRequest{code}
	L.Error(&lua.LUserData{Value: v.exit}, 0)
	return 0
}
