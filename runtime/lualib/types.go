package lualib

import (
	"math"
	"strings"

	"github.com/openimsdk/imctl/bindings/value"
)

// fits tells whether plain data is of a LuaCATS type, as far as declarations use them.
func fits(typ string, v any) bool {
	for one := range strings.SplitSeq(typ, "|") {
		if fitsOne(strings.TrimSpace(one), v) {
			return true
		}
	}
	return false
}

func fitsOne(typ string, v any) bool {
	switch typ {
	case "any":
		return true
	case "string":
		_, ok := v.(string)
		return ok
	case "boolean":
		_, ok := v.(bool)
		return ok
	case "integer":
		_, ok := v.(int64)
		return ok
	case "number":
		_, ok := number(v)
		return ok
	case "int64":
		switch v.(type) {
		case int64, uint64, value.Number:
			return true
		}
		return false
	case "duration":
		return fits("string|number", v)
	case "table":
		_, list := v.(value.List)
		return list || asObject(v) != nil
	case "table<string, any>":
		return asObject(v) != nil
	case "string[]":
		list, ok := v.(value.List)
		for _, e := range list {
			_, text := e.(string)
			ok = ok && text
		}
		return ok
	}
	if strings.HasSuffix(typ, "[]") {
		_, ok := v.(value.List)
		return ok
	}
	panic("no type " + typ)
}

// describeType is a type in words.
func describeType(typ string) string {
	var words []string
	for one := range strings.SplitSeq(typ, "|") {
		switch one = strings.TrimSpace(one); one {
		case "any":
			one = "a value"
		case "integer":
			one = "a whole number"
		case "boolean":
			one = "true or false"
		case "duration":
			one = `a duration like "5s" or a number of seconds`
		case "table<string, any>":
			one = "a table of fields"
		case "string[]":
			one = "a list of strings"
		case "int64":
			one = "an int64"
		default:
			if strings.HasSuffix(one, "[]") {
				one = "a list"
			} else {
				one = "a " + one
			}
		}
		words = append(words, one)
	}
	return strings.Join(words, " or ")
}

// number is a plain number as a double.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float64:
		return v, !math.IsNaN(v)
	}
	return 0, false
}

// asObject is v as a table of fields, nil when it is none. Lua's empty table is both a list and an object.
func asObject(v any) *value.Object {
	switch v := v.(type) {
	case *value.Object:
		return v
	case value.List:
		if len(v) == 0 {
			return value.NewObject()
		}
	}
	return nil
}
