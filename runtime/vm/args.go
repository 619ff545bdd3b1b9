package vm

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/value"
)

// call is a call of a library function: the thread, the VM, and the function's name for messages.
type call struct {
	*lua.LState
	v    *VM
	name string
}

// function is a function of our libraries.
type function func(c call) int

// register makes a Lua function of each of ours and puts them into a table.
func (v *VM) register(t *lua.LTable, fns map[string]function) {
	for name, fn := range fns {
		t.RawSetString(name, v.newFunction(name, fn))
	}
}

func (v *VM) newFunction(name string, fn function) *lua.LFunction {
	return v.L.NewFunction(func(L *lua.LState) int { return fn(call{L, v, name}) })
}

// bad raises the message about argument n that Lua 5.1 gives.
func (c call) bad(n int, what string) {
	c.RaiseError("bad argument #%d to '%s' (%s)", n, c.name, what)
}

// badType raises that argument n is of another type than wanted.
func (c call) badType(n int, want string) {
	got := "no value"
	if n <= c.GetTop() {
		got = c.Get(n).Type().String()
	}
	c.bad(n, want+" expected, got "+got)
}

// any is argument n, which must be there.
func (c call) any(n int) lua.LValue {
	if n > c.GetTop() {
		c.bad(n, "value expected")
	}
	return c.Get(n)
}

// wideInt is the integer that a double can't hold and that lv stands for: int64, uint64 or value.Number.
func wideInt(lv lua.LValue) (any, bool) {
	if ud, ok := lv.(*lua.LUserData); ok {
		switch ud.Value.(type) {
		case int64, uint64, value.Number:
			return ud.Value, true
		}
	}
	return nil, false
}

// str is argument n as a text: a string, a number, or an int64 value.
func (c call) str(n int) string {
	lv := c.Get(n)
	if s, ok := lv.(lua.LString); ok {
		return string(s)
	}
	if s, ok := plainText(lv); ok {
		return s
	}
	c.badType(n, "string")
	return ""
}

// plainText is the text of a value that turns into a string by itself.
func plainText(lv lua.LValue) (string, bool) {
	switch lv := lv.(type) {
	case lua.LString:
		return string(lv), true
	case lua.LNumber:
		return numberText(float64(lv)), true
	}
	if wide, ok := wideInt(lv); ok {
		return value.Text(wide), true
	}
	return "", false
}

func (c call) optStr(n int, or string) string {
	if c.Get(n) == lua.LNil {
		return or
	}
	return c.str(n)
}

// num is argument n as a number: a number, or a text that reads as one.
func (c call) num(n int) float64 {
	lv := c.Get(n)
	if f, ok := lv.(lua.LNumber); ok {
		return float64(f)
	}
	if f, ok := toNumber(lv); ok {
		return f
	}
	c.badType(n, "number")
	return 0
}

// toNumber is the number that a value turns into by itself.
func toNumber(lv lua.LValue) (float64, bool) {
	switch lv := lv.(type) {
	case lua.LNumber:
		return float64(lv), true
	case lua.LString:
		return parseNumber(string(lv))
	}
	if wide, ok := wideInt(lv); ok {
		return parseNumber(value.Text(wide))
	}
	return 0, false
}

// int is argument n as an integer, its fraction cut off.
func (c call) int(n int) int { return truncate(c.num(n)) }

func truncate(f float64) int {
	switch {
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64 || f != f:
		return math.MinInt64
	}
	return int(f)
}

func (c call) optInt(n, or int) int {
	if c.Get(n) == lua.LNil {
		return or
	}
	return c.int(n)
}

func (c call) table(n int) *lua.LTable {
	t, ok := c.Get(n).(*lua.LTable)
	if !ok {
		c.badType(n, "table")
	}
	return t
}

func (c call) function(n int) *lua.LFunction {
	fn, ok := c.Get(n).(*lua.LFunction)
	if !ok {
		c.badType(n, "function")
	}
	return fn
}

func (c call) pushStr(s string)  { c.Push(lua.LString(s)) }
func (c call) pushNum(f float64) { c.Push(c.v.number(f)) }

// number is a Lua number. Small ones are made once for a VM.
func (v *VM) number(f float64) lua.LValue {
	i := int(f)
	if i < 0 || i >= len(v.small) || float64(i) != f || i == 0 {
		return lua.LNumber(f)
	}
	if v.small[i] == nil {
		v.small[i] = lua.LNumber(f)
	}
	return v.small[i]
}

// callBack calls fn on the values pushed behind it, for one result. The function must not yield.
func (v *VM) callBack(L *lua.LState, nargs int) lua.LValue {
	v.inGo[L]++
	defer v.leaveGo(L)
	L.Call(nargs, 1)
	result := L.Get(-1)
	L.Pop(1)
	return result
}

// index is t[key] with its metamethods, which must not yield.
func (v *VM) index(L *lua.LState, t, key lua.LValue) lua.LValue {
	v.inGo[L]++
	defer v.leaveGo(L)
	return L.GetTable(t, key)
}

func (v *VM) leaveGo(L *lua.LState) {
	if v.inGo[L]--; v.inGo[L] == 0 {
		delete(v.inGo, L)
	}
}
