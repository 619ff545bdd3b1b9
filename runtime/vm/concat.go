package vm

import (
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// concat is the operator `..` on two or more values, which the rewriting turns into a call: the engine's own knows no
// limit and turns numbers into text in its own way.
func concat(v *VM, L *lua.LState) int {
	n := L.GetTop()
	size := 0
	for i := 1; i <= n; i++ {
		switch lv := L.Get(i).(type) {
		case lua.LString:
			size += len(lv)
		case lua.LNumber:
			size += 8
		default:
			return v.concatMeta(L, n)
		}
	}
	v.reserve(L, size)
	var b strings.Builder
	b.Grow(size)
	for i := 1; i <= n; i++ {
		if s, ok := L.Get(i).(lua.LString); ok {
			b.WriteString(string(s))
		} else {
			b.WriteString(numberText(float64(L.Get(i).(lua.LNumber))))
		}
	}
	L.Push(lua.LString(b.String()))
	return 1
}

// concatMeta joins n values from the right, two at a time, with the metamethods of those that are neither strings nor
// numbers.
func (v *VM) concatMeta(L *lua.LState, n int) int {
	plain := func(lv lua.LValue) bool { return lua.LVCanConvToString(lv) }
	right := L.Get(n)
	for i := n - 1; i > 0; i-- {
		left := L.Get(i)
		if plain(left) && plain(right) {
			a, _ := plainText(left)
			b, _ := plainText(right)
			v.reserve(L, len(a)+len(b))
			right = lua.LString(a + b)
			continue
		}
		op := L.GetMetaField(left, "__concat")
		if op == lua.LNil {
			op = L.GetMetaField(right, "__concat")
		}
		if op == lua.LNil {
			if plain(left) {
				left = right
			}
			L.RaiseError("attempt to concatenate a %s value", left.Type().String())
		}
		L.Push(op)
		L.Push(left)
		L.Push(right)
		right = v.callBack(L, 2)
	}
	L.Push(right)
	return 1
}

// stringArithmetic gives strings the arithmetic of numbers: the engine's own reads "010" as eight.
func (v *VM) stringArithmetic(meta *lua.LTable) {
	for event, op := range map[string]func(a, b float64) float64{
		"__add": func(a, b float64) float64 { return a + b },
		"__sub": func(a, b float64) float64 { return a - b },
		"__mul": func(a, b float64) float64 { return a * b },
		"__div": func(a, b float64) float64 { return a / b },
		"__mod": modulo,
		"__pow": math.Pow,
		"__unm": func(a, _ float64) float64 { return -a },
	} {
		meta.RawSetString(event, v.L.NewFunction(func(L *lua.LState) int {
			left, right := L.Get(1), L.Get(2)
			if event == "__unm" {
				right = left
			} else if _, isString := right.(lua.LString); !isString {
				// the string came first, the other value's own metamethod counts
				if other, ok := L.GetMetaField(right, event).(*lua.LFunction); ok {
					L.Push(other)
					L.Push(left)
					L.Push(right)
					L.Push(v.callBack(L, 2))
					return 1
				}
			}
			a, okA := toNumber(left)
			b, okB := toNumber(right)
			if !okA || !okB {
				culprit := right
				if !okA {
					culprit = left
				}
				L.RaiseError("attempt to perform arithmetic on a %s value", culprit.Type().String())
			}
			L.Push(lua.LNumber(op(a, b)))
			return 1
		}))
	}
}

// modulo is Lua's remainder, which has the sign of the divisor.
func modulo(a, b float64) float64 {
	r := math.Mod(a, b)
	if r*b < 0 {
		r += b
	}
	return r
}
