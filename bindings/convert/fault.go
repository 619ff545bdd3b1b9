package convert

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// faultMeta is the metatable of error values: they print as a readable line.
func (c *Converter) faultMeta() *lua.LTable {
	m := c.L.NewTable()
	m.RawSetString("__name", lua.LString("error"))
	text := func(v lua.LValue) string {
		if e := c.Fault(v); e != nil {
			return e.Error()
		}
		return v.String()
	}
	m.RawSetString("__tostring", c.L.NewFunction(func(L *lua.LState) int {
		L.Push(lua.LString(text(L.Get(1))))
		return 1
	}))
	m.RawSetString("__concat", c.L.NewFunction(func(L *lua.LState) int {
		L.Push(lua.LString(text(L.Get(1)) + text(L.Get(2))))
		return 1
	}))
	return m
}

// NewFault makes the Lua table of an error; where is the script position "file:line" that raised it.
func (c *Converter) NewFault(err error, where string) *lua.LTable {
	e := fault.From(err)
	t := c.ToLua(value.From(*e)).(*lua.LTable)
	if where != "" {
		t.RawSetString("where", lua.LString(where))
	}
	t.Metatable = c.fault
	return t
}

// Fault reads an error value back from Lua; nil when v is none.
func (c *Converter) Fault(v lua.LValue) *fault.Error {
	t, ok := v.(*lua.LTable)
	if !ok || t.Metatable != c.fault {
		return nil
	}
	str := func(k string) string {
		s, _ := t.RawGetString(k).(lua.LString)
		return string(s)
	}
	num := func(k string) int {
		n, _ := t.RawGetString(k).(lua.LNumber)
		return int(n)
	}
	return &fault.Error{
		Kind: fault.Kind(str("kind")), Op: str("op"), Code: num("code"), Message: str("message"), Detail: str("detail"),
		OperationID: str("operationID"), Status: num("status"), Retryable: lua.LVAsBool(t.RawGetString("retryable")),
		Hint: str("hint"),
	}
}
