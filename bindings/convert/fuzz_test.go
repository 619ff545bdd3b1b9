package convert

import (
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/value"
)

// FuzzRoundTrip: plain data that goes into Lua and back is what it was. The texts of JSON documents stand for it.
func FuzzRoundTrip(f *testing.F) {
	for _, doc := range []string{
		`{"a":[],"b":{},"c":null,"d":["u1",null,"u3"]}`, `[9007199254740991,9007199254740992,9007199254740993,-9007199254740993]`,
		`[9223372036854775807,-9223372036854775808,18446744073709551615,18446744073709551616]`, `[0,-0,0.0,1.0,1.5,1e3,1e400,-1e-400,5e-324]`,
		`{"z":1,"a":2,"1":3,"":4}`, `"\u0000\u00e9\ud83d\ude00"`, `[[[{"x":[{}]}]]]`, `true`, `null`, `[false]`,
	} {
		f.Add(doc)
	}
	c := New(lua.NewState())
	f.Fuzz(func(t *testing.T, doc string) {
		first, err := value.Parse([]byte(doc))
		if err != nil {
			t.Skip()
		}
		there := c.ToLua(first)
		back, err := c.FromLua(there)
		if err != nil {
			if depth(first) > maxDepth {
				t.Skip()
			}
			t.Fatal(err)
		}
		if !same(first, back) {
			a, _ := value.Marshal(first)
			b, _ := value.Marshal(back)
			t.Fatalf("%s came back as %s", a, b)
		}
		again, err := c.FromLua(c.ToLua(back))
		if err != nil || !same(back, again) {
			t.Fatalf("the second turn differs from the first: %v", err)
		}
	})
}

// same tells whether two values are the same data; a Lua number that is whole comes back as an integer.
func same(a, b any) bool {
	switch a := a.(type) {
	case value.List:
		other, ok := b.(value.List)
		if !ok || len(a) != len(other) {
			return false
		}
		for i := range a {
			if !same(a[i], other[i]) {
				return false
			}
		}
		return true
	case *value.Object:
		other, ok := b.(*value.Object)
		if !ok || a.Len() != other.Len() {
			return false
		}
		for i, k := range a.Keys() { // in the same order
			x, _ := a.Get(k)
			y, _ := other.Get(k)
			if other.Keys()[i] != k || !same(x, y) {
				return false
			}
		}
		return true
	case float64:
		if whole, ok := b.(int64); ok {
			return a == float64(whole)
		}
	}
	return a == b
}

func depth(v any) int {
	deepest := 0
	switch v := v.(type) {
	case value.List:
		for _, e := range v {
			deepest = max(deepest, depth(e))
		}
	case *value.Object:
		for _, k := range v.Keys() {
			e, _ := v.Get(k)
			deepest = max(deepest, depth(e))
		}
	default:
		return 0
	}
	return deepest + 1
}

// TestBounds: every integer around the limits keeps its digits and its Lua type.
func TestBounds(t *testing.T) {
	c := New(lua.NewState())
	for text, kind := range map[string]lua.LValueType{
		"9007199254740992": lua.LTNumber, "9007199254740993": lua.LTUserData, "-9007199254740992": lua.LTNumber,
		"-9007199254740993": lua.LTUserData, "9223372036854775807": lua.LTUserData, "18446744073709551615": lua.LTUserData,
		"18446744073709551616": lua.LTUserData, "0": lua.LTNumber,
	} {
		lv := c.ToLua(value.ParseNumber(text))
		back, err := c.FromLua(lv)
		if err != nil || value.Text(back) != text || lv.Type() != kind {
			t.Errorf("%s: %v of Lua type %s (%v)", text, back, lv.Type(), err)
		}
	}
}
