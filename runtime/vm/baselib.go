package vm

import (
	"runtime"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// openBase replaces the basic functions whose stock versions differ from Lua 5.1.
func (v *VM) openBase() {
	v.register(v.L.G.Global, map[string]function{
		"assert": baseAssert, "collectgarbage": baseCollect, "error": baseError, "getmetatable": baseGetMeta,
		"load": baseLoad, "loadstring": baseLoadString, "rawequal": baseRawEqual,
		"rawget": baseRawGet, "rawset": baseRawSet, "select": baseSelect, "setmetatable": baseSetMeta,
		"tonumber": baseToNumber, "tostring": baseToString, "type": baseType, "unpack": baseUnpack,
	})
	step := v.L.NewFunction(v.nextPlace)
	v.L.SetGlobal("ipairs", v.newFunction("ipairs", func(c call) int {
		t := c.table(1)
		c.Push(step)
		c.Push(t)
		c.Push(lua.LNumber(0))
		return 3
	}))
	next := v.L.NewFunction(v.nextEntry)
	v.L.SetGlobal("next", next)
	v.L.SetGlobal("pairs", v.newFunction("pairs", func(c call) int {
		t := c.table(1)
		c.Push(next)
		c.Push(t)
		c.Push(lua.LNil)
		return 3
	}))
}

// text is what tostring gives.
func (v *VM) text(L *lua.LState, lv lua.LValue) string {
	switch lv := lv.(type) {
	case lua.LString:
		return string(lv)
	case lua.LNumber:
		return numberText(float64(lv))
	}
	fn, ok := L.GetMetaField(lv, "__tostring").(*lua.LFunction)
	if !ok {
		if lv.Type() == lua.LTFunction && lv.(*lua.LFunction).IsG {
			return strings.Replace(lv.String(), "function:", "function: builtin:", 1)
		}
		return lv.String()
	}
	L.Push(fn)
	L.Push(lv)
	text, ok := plainText(v.callBack(L, 1))
	if !ok {
		L.RaiseError("'tostring' must return a string")
	}
	return text
}

func baseToString(c call) int {
	lv := c.any(1)
	if fn, ok := c.GetMetaField(lv, "__tostring").(*lua.LFunction); ok { // what it gives, string or not
		c.Push(fn)
		c.Push(lv)
		c.Push(c.v.callBack(c.LState, 1))
	} else {
		c.pushStr(c.v.text(c.LState, lv))
	}
	return 1
}

func baseToNumber(c call) int {
	base := c.optInt(2, 10)
	if base == 10 {
		if f, ok := toNumber(c.any(1)); ok {
			c.pushNum(f)
		} else {
			c.Push(lua.LNil)
		}
		return 1
	}
	s := c.str(1)
	if base < 2 || base > 36 {
		c.bad(2, "base out of range")
	}
	if f, ok := parseBase(s, base); ok {
		c.pushNum(f)
	} else {
		c.Push(lua.LNil)
	}
	return 1
}

// baseAssert raises its message; one that is no text is raised as it is.
func baseAssert(c call) int {
	if lua.LVAsBool(c.any(1)) {
		return c.GetTop()
	}
	switch msg := c.Get(2).(type) {
	case *lua.LNilType:
		c.RaiseError("assertion failed!")
	case lua.LString, lua.LNumber:
		c.RaiseError("%s", c.str(2))
	default:
		c.Error(msg, 0)
	}
	return 0
}

func baseError(c call) int {
	level := c.optInt(2, 1)
	msg, ok := c.Get(1).(lua.LString)
	if !ok || level <= 0 {
		if ok {
			c.Error(msg, 0)
		}
		c.Error(c.Get(1), 0)
	}
	if where := c.Where(level); where != "" && where[0] != '=' && !strings.HasPrefix(where, "[G]") {
		msg = lua.LString(where+" ") + msg
	}
	c.Error(msg, 0)
	return 0
}

func baseCollect(c call) int {
	option := c.optStr(1, "collect")
	switch option {
	case "count":
		c.pushNum(float64(heapUsed()) / 1024)
		return 1
	case "collect", "step":
		runtime.GC()
	case "stop", "restart", "setpause", "setstepmul":
	default:
		c.bad(1, "invalid option '"+option+"'")
	}
	if option == "step" {
		c.Push(lua.LTrue)
	} else {
		c.pushNum(0)
	}
	return 1
}

func baseGetMeta(c call) int {
	c.Push(c.GetMetatable(c.any(1)))
	return 1
}

func baseSetMeta(c call) int {
	t, meta := c.table(1), c.Get(2)
	if _, isTable := meta.(*lua.LTable); !isTable && (meta != lua.LNil || c.GetTop() < 2) {
		c.bad(2, "nil or table expected")
	}
	if c.GetMetaField(t, "__metatable") != lua.LNil {
		c.RaiseError("cannot change a protected metatable")
	}
	c.SetMetatable(t, meta)
	c.Push(t)
	return 1
}

func baseType(c call) int {
	c.pushStr(c.any(1).Type().String())
	return 1
}

func baseRawEqual(c call) int {
	c.Push(lua.LBool(c.RawEqual(c.any(1), c.any(2))))
	return 1
}

func baseRawGet(c call) int {
	c.Push(c.table(1).RawGet(c.any(2)))
	return 1
}

func baseRawSet(c call) int {
	t := c.table(1)
	c.LState.RawSet(t, c.any(2), c.any(3))
	c.Push(t)
	return 1
}

// nextEntry is next, on the path that loops take.
func (v *VM) nextEntry(L *lua.LState) int {
	t, ok := L.Get(1).(*lua.LTable)
	if !ok {
		call{L, v, "next"}.badType(1, "table")
	}
	key, val := t.Next(L.Get(2))
	L.Push(key)
	if key == lua.LNil {
		return 1
	}
	L.Push(val)
	return 2
}

// nextPlace is the step of ipairs.
func (v *VM) nextPlace(L *lua.LState) int {
	t, ok := L.Get(1).(*lua.LTable)
	last, isNumber := L.Get(2).(lua.LNumber)
	if !ok || !isNumber {
		call{L, v, "ipairs"}.badType(1, "table")
	}
	val := at1(t, int(last)+1)
	if val == lua.LNil {
		return 0
	}
	L.Push(v.number(float64(last) + 1))
	L.Push(val)
	return 2
}

func baseSelect(c call) int {
	n := c.GetTop()
	if c.Get(1) == lua.LString("#") {
		c.pushNum(float64(n - 1))
		return 1
	}
	i := c.int(1)
	if i < 0 {
		i += n
	} else if i > n {
		i = n
	}
	if i < 1 {
		c.bad(1, "index out of range")
	}
	return n - i
}

func baseUnpack(c call) int {
	t := c.table(1)
	i := c.optInt(2, 1)
	j := i - 1
	if c.Get(3) != lua.LNil {
		j = c.int(3)
	} else {
		j = length(t)
	}
	if i > j {
		return 0
	}
	if uint(j)-uint(i) >= maxValues {
		c.RaiseError("too many results to unpack")
	}
	n := j - i + 1
	c.room(n, "too many results to unpack")
	for k := i; ; k++ {
		c.Push(at1(t, k))
		if k == j {
			return n
		}
	}
}
