package sandbox

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"time"
)

func (m matcher) wildcard(where, name, arg string, got any, present bool) error {
	bad := func() error {
		text := "<" + name + ">"
		if arg != "" {
			text = "<" + name + ":" + arg + ">"
		}
		return mismatch(where, text, got, present)
	}
	accept := func(ok bool) error {
		if ok {
			return nil
		}
		return bad()
	}
	str, isString := got.(string)
	num, isNumber := got.(json.Number)
	switch name {
	case "empty":
		return accept(isEmpty(got, present))
	case "null":
		return accept(!present || got == nil)
	}
	if !present {
		return bad()
	}
	switch name {
	case "any":
		return nil
	case "string":
		return accept(isString)
	case "number":
		return accept(isNumber)
	case "bool":
		_, ok := got.(bool)
		return accept(ok)
	case "list":
		_, ok := got.([]any)
		return accept(ok)
	case "nonempty":
		return accept(isString && str != "")
	case "token":
		return accept(isString && tokenForm.MatchString(str))
	case "json-string":
		var obj map[string]any
		return accept(isString && json.Unmarshal([]byte(str), &obj) == nil)
	case "re":
		re, err := regexp.Compile(arg)
		if err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		return accept(isString && re.MatchString(str))
	case "ge":
		x, okX := new(big.Rat).SetString(num.String())
		y, okY := new(big.Rat).SetString(arg)
		return accept(isNumber && okX && okY && x.Cmp(y) >= 0)
	case "ms-time", "s-time":
		v, err := num.Int64()
		if !isNumber || err != nil {
			return bad()
		}
		if name == "ms-time" && arg == "any" {
			return accept(v > time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli())
		}
		shift, unit := int64(0), time.Millisecond
		if name == "s-time" {
			unit = time.Second
		}
		if arg != "" {
			if shift, err = strconv.ParseInt(arg, 10, 64); err != nil {
				return fmt.Errorf("%s: bad shift in <%s:%s>", where, name, arg)
			}
		}
		off := v - shift - m.after.UnixNano()/int64(unit)
		return accept(max(off, -off) <= int64(slack/unit))
	}
	return fmt.Errorf("%s: unknown wildcard <%s>", where, name)
}
