// Package convert turns plain data (package value) into Lua values and back, exactly: integers that a double can't
// hold become int64 values, [] and {} and null stay what they were, and the order of keys is kept.
package convert

import (
	"fmt"
	"math"
	"strconv"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/value"
)

// maxDepth bounds the nesting of tables, so that a table that holds itself ends in an error.
const maxDepth = 200

// exactMax is the largest integer up to which every integer is a double: 2^53.
const exactMax = 1 << 53

// Converter holds the marks of one Lua state: the metatables that tell lists, objects, int64 values, null and error
// values apart.
type Converter struct {
	L      *lua.LState
	Null   *lua.LUserData // json.null
	list   *lua.LTable
	object *lua.LTable
	int64  *lua.LTable
	fault  *lua.LTable
}

// New makes the marks of a Lua state.
func New(L *lua.LState) *Converter {
	c := &Converter{L: L, list: L.NewTable(), object: L.NewTable()}
	c.list.RawSetString("__name", lua.LString("list"))
	c.object.RawSetString("__name", lua.LString("object"))
	nullMeta := L.NewTable()
	nullMeta.RawSetString("__tostring", L.NewFunction(func(L *lua.LState) int {
		L.Push(lua.LString("null"))
		return 1
	}))
	c.Null = &lua.LUserData{Value: value.Null{}, Metatable: nullMeta}
	c.int64 = c.int64Meta()
	c.fault = c.faultMeta()
	return c
}

// ToLua turns plain data, or any Go value, into a Lua value.
func (c *Converter) ToLua(v any) lua.LValue {
	switch v := v.(type) {
	case nil:
		return lua.LNil
	case value.Null:
		return c.Null
	case bool:
		return lua.LBool(v)
	case string:
		return lua.LString(v)
	case float64:
		return lua.LNumber(v)
	case int64:
		if v >= -exactMax && v <= exactMax {
			return lua.LNumber(v)
		}
		return c.newInt(v)
	case uint64, value.Number:
		return c.newInt(v)
	case value.List:
		t := c.L.CreateTable(len(v), 0)
		for i, e := range v {
			if e == nil {
				e = value.Null{}
			}
			t.RawSetInt(i+1, c.ToLua(e))
		}
		t.Metatable = c.list
		return t
	case *value.Object:
		t := c.L.CreateTable(0, v.Len())
		for _, k := range v.Keys() {
			e, _ := v.Get(k)
			t.RawSetString(k, c.ToLua(e))
		}
		t.Metatable = c.object
		return t
	}
	return c.ToLua(value.From(v))
}

// FromLua turns a Lua value into plain data. What has no plain form, such as a function, is an error that names its
// place.
func (c *Converter) FromLua(v lua.LValue) (any, error) { return c.fromLua(v, "", 0) }

func (c *Converter) fromLua(v lua.LValue, path string, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%stables nested deeper than %d (does it hold itself?)", at(path), maxDepth)
	}
	switch v := v.(type) {
	case *lua.LNilType:
		return nil, nil
	case lua.LBool:
		return bool(v), nil
	case lua.LString:
		return string(v), nil
	case lua.LNumber:
		f := float64(v)
		if f == math.Trunc(f) && math.Abs(f) <= exactMax && !(f == 0 && math.Signbit(f)) {
			return int64(f), nil
		}
		return f, nil
	case *lua.LUserData:
		switch x := v.Value.(type) {
		case value.Null, int64, uint64, value.Number:
			return x, nil
		}
	case *lua.LTable:
		return c.fromTable(v, path, depth)
	}
	return nil, fmt.Errorf("%sa %s is no data", at(path), v.Type().String())
}

func (c *Converter) fromTable(t *lua.LTable, path string, depth int) (any, error) {
	n := 0
	fields, other, highest := 0, lua.LValue(nil), 0
	each(t, func(k, _ lua.LValue) {
		switch k := k.(type) {
		case lua.LString:
			fields++
		case lua.LNumber:
			i := int(k)
			if lua.LNumber(i) != k || i < 1 {
				other = k
				return
			}
			n++
			highest = max(highest, i)
		default:
			other = k
		}
	})
	switch {
	case other != nil:
		return nil, fmt.Errorf("%sthe key %s is neither a name nor a place in a list", at(path), other.String())
	case n > 0 && fields > 0:
		return nil, fmt.Errorf("%sa table with both list entries and fields is neither a list nor an object", at(path))
	case n != highest:
		return nil, fmt.Errorf("%sa list with holes: %d entries up to place %d; use json.null for a missing one", at(path), n, highest)
	case fields > 0 || n == 0 && t.Metatable == c.object:
		return c.fromFields(t, path, depth)
	}
	list := make(value.List, n)
	for i := range list {
		e, err := c.fromLua(t.RawGetInt(i+1), path+"["+strconv.Itoa(i+1)+"]", depth+1)
		if err != nil {
			return nil, err
		}
		list[i] = e
	}
	return list, nil
}

func (c *Converter) fromFields(t *lua.LTable, path string, depth int) (any, error) {
	o := value.NewObject()
	var failed error
	each(t, func(k, v lua.LValue) {
		if failed != nil {
			return
		}
		name := path + "." + k.String()
		if path == "" {
			name = k.String()
		}
		var e any
		if e, failed = c.fromLua(v, name, depth+1); failed == nil {
			o.Set(k.String(), e)
		}
	})
	return o, failed
}

// each visits the entries of t in the order in which they were set; the engine's own ForEach has no order.
func each(t *lua.LTable, visit func(k, v lua.LValue)) {
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		visit(k, v)
	}
}

// IsList tells whether t carries the mark of a list.
func (c *Converter) IsList(t *lua.LTable) bool { return t.Metatable == c.list }

// IsObject tells whether t carries the mark of an object.
func (c *Converter) IsObject(t *lua.LTable) bool { return t.Metatable == c.object }

func at(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}
