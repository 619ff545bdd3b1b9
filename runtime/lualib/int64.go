package lualib

import (
	"math/big"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

func (k *kit) int64() Module {
	operands := []Param{
		{Name: "a", Type: "number|string|int64", Doc: "a whole number"}, {Name: "b", Type: "number|string|int64", Doc: "a whole number"},
	}
	return Module{
		Name: "int64", Call: "new",
		Doc: "Whole numbers of 64 bits. A Lua number holds them exactly up to 2^53; a larger one from a server is an int64 value, which " +
			"prints, adds, subtracts, multiplies, compares with other int64 values and goes back into JSON digit for digit. Two things Lua 5.1 " +
			"itself rules out: `big < 5` is an error, because Lua compares only values of one type (use int64.compare(big, 5), or big < int64(5)), " +
			"and `big == 5` is always false. As keys of a table two equal int64 values are two keys: use tostring(big).",
		Funcs: []Func{
			{
				Name: "new", Doc: "Makes an int64 value of a number, a text of digits or another int64 value, also a small one.",
				Example: "print(int64(\"9223372036854775807\") - 1)  --> 9223372036854775806\nprint(int64(\"9007199254740993\") > int64(5))  --> true",
				Params:  []Param{{Name: "value", Type: "number|string|int64", Doc: "a whole number"}},
				Returns: []Return{{"", "int64", ""}},
				Run: func(c *Call) (any, error) {
					b, err := whole(c, "value")
					if err != nil {
						return nil, err
					}
					return c.VM.Conv.ToLua(value.Number(b.String())), nil
				},
			},
			{
				Name: "compare", Doc: "Compares two whole numbers, whatever their types: -1, 0 or 1.",
				Example: "print(int64.compare(int64(\"9007199254740993\"), 5), int64.compare(5, 5))  --> 1\t0", Params: operands,
				Returns: []Return{{"", "integer", "-1 when a is less, 0 when they are equal, 1 when a is greater"}},
				Run: func(c *Call) (any, error) {
					a, b, err := wholes(c)
					if err != nil {
						return nil, err
					}
					return int64(a.Cmp(b)), nil
				},
			},
			{
				Name: "div", Doc: "Divides two whole numbers and rounds down.",
				Example: "print(int64.div(\"9223372036854775807\", 2))  --> 4611686018427387903", Params: operands,
				Returns: []Return{{"", "number|int64", ""}},
				Run: func(c *Call) (any, error) {
					a, b, err := wholes(c)
					if err != nil {
						return nil, err
					}
					if b.Sign() == 0 {
						return nil, fault.New(fault.Usage, "division by zero")
					}
					q, r := new(big.Int).QuoRem(a, b, new(big.Int))
					if r.Sign() != 0 && (r.Sign() < 0) != (b.Sign() < 0) {
						q.Sub(q, big.NewInt(1))
					}
					return value.ParseNumber(q.String()), nil
				},
			},
			{
				Name: "is", Doc: "Tells whether a value is an int64 value.",
				Example: "print(int64.is(json.decode(\"9007199254740993\")), int64.is(5))  --> true\tfalse",
				Params:  []Param{{Name: "value", Type: "any", Raw: true, Optional: true, Doc: "what is asked about"}},
				Returns: []Return{{"", "boolean", ""}},
				Run: func(c *Call) (any, error) {
					plain, err := c.VM.Conv.FromLua(c.Raw("value"))
					return err == nil && c.Raw("value").Type() == lua.LTUserData && fits("int64", plain), nil
				},
			},
		},
	}
}

// whole reads an argument as an exact whole number.
func whole(c *Call, name string) (*big.Int, error) {
	var text string
	switch v := c.Plain(name).(type) {
	case string:
		text = v
	default:
		text = value.Text(v)
	}
	b, ok := new(big.Int).SetString(text, 10)
	if !ok {
		return nil, c.Wrong(name, "want a whole number, got %s", value.Describe(c.Plain(name)))
	}
	if !b.IsInt64() && !b.IsUint64() {
		return nil, c.Wrong(name, "%s is beyond 64 bits", text)
	}
	return b, nil
}

func wholes(c *Call) (a, b *big.Int, err error) {
	if a, err = whole(c, "a"); err != nil {
		return nil, nil, err
	}
	b, err = whole(c, "b")
	return a, b, err
}
