package vm

import (
	"sort"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// openTables puts our table library in place of the stock one.
func (v *VM) openTables() {
	t := v.L.GetGlobal("table").(*lua.LTable)
	v.register(t, map[string]function{
		"concat": tableConcat, "foreach": tableForeach, "foreachi": tableForeachI, "getn": tableGetn,
		"insert": tableInsert, "maxn": tableMaxn, "remove": tableRemove, "setn": tableSetn, "sort": tableSort,
	})
}

// length is the length of a list. The engine's own leaves out what lies beyond the largest place it keeps in order.
func length(t *lua.LTable) int {
	n := t.Len()
	if n >= lua.MaxArrayIndex-1 {
		for t.RawGet(lua.LNumber(n+1)) != lua.LNil {
			n++
		}
	}
	return n
}

// at1 is t[i].
func at1(t *lua.LTable, i int) lua.LValue {
	if i > 0 && i < lua.MaxArrayIndex {
		return t.RawGetInt(i)
	}
	return t.RawGet(lua.LNumber(i))
}

// set1 is t[i] = val.
func set1(t *lua.LTable, i int, val lua.LValue) { t.RawSetInt(i, val) }

func tableGetn(c call) int {
	c.pushNum(float64(length(c.table(1))))
	return 1
}

func tableSetn(c call) int {
	c.RaiseError("'setn' is obsolete")
	return 0
}

func tableMaxn(c call) int {
	highest := 0.0
	t := c.table(1)
	for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
		if n, ok := k.(lua.LNumber); ok {
			highest = max(highest, float64(n))
		}
	}
	c.pushNum(highest)
	return 1
}

func tableInsert(c call) int {
	t := c.table(1)
	end := length(t) + 1
	switch c.GetTop() {
	case 2:
		set1(t, end, c.Get(2))
		return 0
	case 3:
	default:
		c.RaiseError("wrong number of arguments to 'insert'")
	}
	pos, val := c.int(2), c.Get(3)
	switch {
	case pos >= 1 && pos < end && end < lua.MaxArrayIndex:
		t.Insert(pos, val)
	default:
		for i := end; i > pos; i-- {
			set1(t, i, at1(t, i-1))
			if i&0xffff == 0 {
				c.v.meter.look(c.LState)
			}
		}
		set1(t, pos, val)
	}
	return 0
}

func tableRemove(c call) int {
	t := c.table(1)
	end := length(t)
	pos := c.optInt(2, end)
	if pos < 1 || pos > end {
		return 0
	}
	val := at1(t, pos)
	if end < lua.MaxArrayIndex {
		t.Remove(pos)
	} else {
		for i := pos; i < end; i++ {
			set1(t, i, at1(t, i+1))
		}
		set1(t, end, lua.LNil)
	}
	c.Push(val)
	return 1
}

func tableConcat(c call) int {
	t, sep := c.table(1), c.optStr(2, "")
	i := c.optInt(3, 1)
	j := 0
	if c.Get(4) != lua.LNil {
		j = c.int(4)
	} else {
		j = length(t)
	}
	size := 0
	largest := c.v.maxString()
	for k := i; k <= j; k++ {
		switch lv := at1(t, k).(type) {
		case lua.LString:
			size += len(lv)
		case lua.LNumber:
			size += 8
		default:
			if _, ok := wideInt(lv); !ok {
				c.RaiseError("invalid value (%s) at index %d in table for 'concat'", lv.Type().String(), k)
			}
			size += 20
		}
		if k < j {
			size += len(sep)
		}
		if size > largest {
			c.RaiseError("resulting string too large")
		}
		if k&0xffff == 0 {
			c.v.meter.look(c.LState)
		}
		if k == j { // also where k+1 would overflow
			break
		}
	}
	c.reserve(size)
	var b strings.Builder
	b.Grow(size)
	for k := i; k <= j; k++ {
		if s, ok := at1(t, k).(lua.LString); ok {
			b.WriteString(string(s))
		} else {
			text, _ := plainText(at1(t, k))
			b.WriteString(text)
		}
		if k == j {
			break
		}
		b.WriteString(sep)
	}
	c.pushStr(b.String())
	return 1
}

func tableForeach(c call) int {
	t, fn := c.table(1), c.function(2)
	for k, val := t.Next(lua.LNil); k != lua.LNil; k, val = t.Next(k) {
		c.Push(fn)
		c.Push(k)
		c.Push(val)
		if got := c.v.callBack(c.LState, 2); got != lua.LNil {
			c.Push(got)
			return 1
		}
	}
	return 0
}

func tableForeachI(c call) int {
	t, fn := c.table(1), c.function(2)
	for i, n := 1, length(t); i <= n; i++ {
		c.Push(fn)
		c.pushNum(float64(i))
		c.Push(at1(t, i))
		if got := c.v.callBack(c.LState, 2); got != lua.LNil {
			c.Push(got)
			return 1
		}
	}
	return 0
}

// sorter sorts values by a function of the script, or by the order of numbers and strings. An order that contradicts
// itself gives some order: it neither fails nor hangs.
type sorter struct {
	c     call
	vals  []lua.LValue
	less  func(a, b lua.LValue) bool
	steps int
}

func (s *sorter) Len() int      { return len(s.vals) }
func (s *sorter) Swap(i, j int) { s.vals[i], s.vals[j] = s.vals[j], s.vals[i] }
func (s *sorter) Less(i, j int) bool {
	if s.steps++; s.steps&0xfff == 0 {
		s.c.v.meter.look(s.c.LState)
	}
	return s.less(s.vals[i], s.vals[j])
}

func tableSort(c call) int {
	t := c.table(1)
	s := &sorter{c: c, vals: make([]lua.LValue, length(t))}
	for i := range s.vals {
		s.vals[i] = at1(t, i+1)
	}
	if c.Get(2) == lua.LNil {
		s.less = func(a, b lua.LValue) bool {
			if x, ok := a.(lua.LNumber); ok {
				if y, ok := b.(lua.LNumber); ok {
					return x < y
				}
			}
			if x, ok := a.(lua.LString); ok {
				if y, ok := b.(lua.LString); ok {
					return x < y
				}
			}
			return c.LessThan(a, b)
		}
	} else {
		fn := c.function(2)
		c.v.inGo[c.LState]++
		defer c.v.leaveGo(c.LState)
		s.less = func(a, b lua.LValue) bool {
			c.Push(fn)
			c.Push(a)
			c.Push(b)
			c.Call(2, 1)
			result := c.Get(-1)
			c.Pop(1)
			return lua.LVAsBool(result)
		}
	}
	sort.Sort(s)
	for i, val := range s.vals {
		set1(t, i+1, val)
	}
	return 0
}
