package convert

import (
	"math/big"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/value"
)

// newInt makes the Lua value of an integer (int64, uint64 or Number) that a double can't hold.
func (c *Converter) newInt(v any) *lua.LUserData {
	return &lua.LUserData{Value: v, Metatable: c.int64}
}

// int64Meta is the metatable of int64 values: they compare, print, add and concatenate by their digits.
func (c *Converter) int64Meta() *lua.LTable {
	L := c.L
	m := L.NewTable()
	set := func(name string, fn lua.LGFunction) { m.RawSetString(name, L.NewFunction(fn)) }
	m.RawSetString("__name", lua.LString("int64"))
	set("__tostring", func(L *lua.LState) int {
		L.Push(lua.LString(value.Text(L.CheckUserData(1).Value)))
		return 1
	})
	set("__concat", func(L *lua.LState) int {
		L.Push(lua.LString(L.ToStringMeta(L.Get(1)).String() + L.ToStringMeta(L.Get(2)).String()))
		return 1
	})
	compare := func(holds func(int) bool) lua.LGFunction {
		return func(L *lua.LState) int {
			a, b := c.operand(L, 1), c.operand(L, 2)
			L.Push(lua.LBool(holds(a.Cmp(b))))
			return 1
		}
	}
	set("__eq", compare(func(d int) bool { return d == 0 }))
	set("__lt", compare(func(d int) bool { return d < 0 }))
	set("__le", compare(func(d int) bool { return d <= 0 }))
	arith := func(op func(z, a, b *big.Int) *big.Int) lua.LGFunction {
		return func(L *lua.LState) int {
			L.Push(c.fromBig(L, op(new(big.Int), c.operand(L, 1), c.operand(L, 2))))
			return 1
		}
	}
	set("__add", arith((*big.Int).Add))
	set("__sub", arith((*big.Int).Sub))
	set("__mul", arith((*big.Int).Mul))
	set("__unm", func(L *lua.LState) int {
		L.Push(c.fromBig(L, new(big.Int).Neg(c.operand(L, 1))))
		return 1
	})
	set("__mod", func(L *lua.LState) int {
		b := c.operand(L, 2)
		if b.Sign() == 0 {
			L.RaiseError("attempt to perform 'n%%0' with an int64")
		}
		r := new(big.Int).Mod(c.operand(L, 1), b)
		if r.Sign() != 0 && b.Sign() < 0 { // Lua's modulo has the sign of the divisor
			r.Add(r, b)
		}
		L.Push(c.fromBig(L, r))
		return 1
	})
	return m
}

// operand reads argument n of a metamethod as an exact integer; anything else is an error.
func (c *Converter) operand(L *lua.LState, n int) *big.Int {
	switch v := L.Get(n).(type) {
	case lua.LNumber:
		if i := int64(v); lua.LNumber(i) == v {
			return big.NewInt(i)
		}
		L.RaiseError("an int64 and the fraction %v don't mix exactly; use tonumber(tostring(x)) for a near number", float64(v))
	case *lua.LUserData:
		if b, ok := new(big.Int).SetString(value.Text(v.Value), 10); ok {
			return b
		}
	}
	L.RaiseError("an int64 does not mix with a %s", L.Get(n).Type().String())
	return nil
}

// fromBig is the Lua value of b: a number when a double holds it, else an int64 value. Beyond 64 bits is an error.
func (c *Converter) fromBig(L *lua.LState, b *big.Int) lua.LValue {
	switch {
	case b.IsInt64():
		return c.ToLua(b.Int64())
	case b.IsUint64():
		return c.ToLua(b.Uint64())
	}
	L.RaiseError("%s is beyond 64 bits", b.String())
	return lua.LNil
}
