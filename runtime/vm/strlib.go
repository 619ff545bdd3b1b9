package vm

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// openStrings puts our string library in place of the stock one, and makes it the methods of strings.
func (v *VM) openStrings() {
	t := v.L.GetGlobal("string").(*lua.LTable)
	v.register(t, map[string]function{
		"byte": strByte, "char": strChar, "dump": strDump, "find": strFind, "format": strFormat, "gmatch": strGmatch,
		"gsub": strGsub, "len": strLen, "lower": strLower, "match": strMatch, "rep": strRep, "reverse": strReverse,
		"sub": strSub, "upper": strUpper,
	})
	t.RawSetString("__index", lua.LNil)
	t.RawSetString("gfind", t.RawGetString("gmatch"))
	meta := v.L.NewTable()
	meta.RawSetString("__index", t)
	v.stringArithmetic(meta)
	v.L.SetMetatable(lua.LString(""), meta)
}

// from turns a place as Lua counts, from the end when it is negative, into one from 1; it may lie outside.
func from(i, length int) int {
	if i < 0 {
		return max(i+length+1, 0)
	}
	return i
}

func strLen(c call) int {
	c.pushNum(float64(len(c.str(1))))
	return 1
}

func strSub(c call) int {
	s := c.str(1)
	i, j := max(from(c.int(2), len(s)), 1), min(from(c.optInt(3, -1), len(s)), len(s))
	if i > j {
		c.pushStr("")
	} else {
		c.pushStr(s[i-1 : j])
	}
	return 1
}

func strByte(c call) int {
	s := c.str(1)
	i := from(c.optInt(2, 1), len(s))
	j := min(from(c.optInt(3, i), len(s)), len(s))
	i = max(i, 1)
	if i > j {
		return 0
	}
	n := j - i + 1
	c.room(n, "string slice too long")
	for k := i - 1; k < j; k++ {
		c.pushNum(float64(s[k]))
	}
	return n
}

func strChar(c call) int {
	b := make([]byte, c.GetTop())
	for i := range b {
		n := c.int(i + 1)
		if n < 0 || n > 255 {
			c.bad(i+1, "invalid value")
		}
		b[i] = byte(n)
	}
	c.pushStr(string(b))
	return 1
}

func strDump(c call) int {
	c.function(1)
	c.RaiseError("unable to dump given function")
	return 0
}

func strLower(c call) int {
	s := c.str(1)
	c.reserve(len(s))
	c.pushStr(mapBytes(s, 'A', 'Z'))
	return 1
}

func strUpper(c call) int {
	s := c.str(1)
	c.reserve(len(s))
	c.pushStr(mapBytes(s, 'a', 'z'))
	return 1
}

// mapBytes turns the case of the letters from low to high.
func mapBytes(s string, low, high byte) string {
	i := 0
	for i < len(s) && (s[i] < low || s[i] > high) {
		i++
	}
	if i == len(s) {
		return s
	}
	b := []byte(s)
	for ; i < len(b); i++ {
		if b[i] >= low && b[i] <= high {
			b[i] ^= 0x20
		}
	}
	return string(b)
}

func strRep(c call) int {
	s, n := c.str(1), c.int(2)
	if n <= 0 || s == "" {
		c.pushStr("")
		return 1
	}
	if n > c.v.maxString()/len(s) {
		c.RaiseError("resulting string too large")
	}
	c.reserve(n * len(s))
	c.pushStr(strings.Repeat(s, n))
	return 1
}

func strReverse(c call) int {
	s := c.str(1)
	c.reserve(len(s))
	b := make([]byte, len(s))
	for i := range b {
		b[i] = s[len(s)-1-i]
	}
	c.pushStr(string(b))
	return 1
}
