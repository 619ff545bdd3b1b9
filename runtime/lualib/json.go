package lualib

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/vm"
)

func (k *kit) json() Module {
	anything := Param{Name: "value", Type: "any", Raw: true, Doc: "what is asked about"}
	return Module{
		Name: "json",
		Doc: "JSON, exactly: the order of fields, null, empty lists and empty objects survive a round trip, and so does every digit of " +
			"a number: an integer that a Lua number can't hold arrives as an int64 value.",
		Consts: []Const{{Name: "null", Type: "userdata", Doc: "JSON's null; nil means that there is nothing",
			Value: func(v *vm.VM) lua.LValue { return v.Conv.Null }}},
		Funcs: []Func{
			{
				Name: "encode", Doc: "Writes a value as JSON. A table with entries is a list, one with fields is an object, an empty one is [] unless json.object marked it.",
				Example: "print(json.encode({name = \"alice\"}))  --> {\"name\":\"alice\"}\n" +
					"print(json.encode({b = 1, a = {}}, {sort = true}))  --> {\"a\":[],\"b\":1}",
				Params: []Param{
					{Name: "value", Type: "any", Doc: "what to write: nil is null", Optional: true},
					{Name: "options", Type: "table", Optional: true, Doc: "how to write it", Fields: []Param{
						{Name: "indent", Type: "integer|string|boolean", Optional: true, Doc: "spaces, or the text, to indent by; true is 2 spaces"},
						{Name: "sort", Type: "boolean", Optional: true, Doc: "fields in the order of their names"},
					}},
				},
				Returns: []Return{{"text", "string", ""}}, Run: jsonEncode,
			},
			{
				Name: "decode", Doc: "Reads one JSON document.",
				Example: "local d = json.decode('{\"seq\":9007199254740993,\"list\":[]}')\n" +
					"print(d.seq, #d.list)  --> 9007199254740993\t0\nprint(json.encode(d))  --> {\"seq\":9007199254740993,\"list\":[]}",
				Params:  []Param{{Name: "text", Type: "string", Doc: "the document"}},
				Returns: []Return{{"value", "any", ""}}, Run: jsonDecode,
			},
			{
				Name: "query", Doc: "Reads one value out of a JSON text by a gjson path, without decoding the rest. A path that leads nowhere gives nil.",
				Example: "print(json.query('{\"users\":[{\"name\":\"a\"},{\"name\":\"b\"}]}', \"users.1.name\"))  --> b",
				Params: []Param{
					{Name: "text", Type: "string", Doc: "the document"},
					{Name: "path", Type: "string", Doc: "a gjson path: users.0.name, users.#.name, users.#(age>40)"},
				},
				Returns: []Return{{"value", "any", ""}}, Run: jsonQuery,
			},
			{
				Name: "array", Doc: "Marks a table as a list, so that it is [] in JSON even when it is empty, and returns it.",
				Example: "print(json.encode({ids = json.array({})}))  --> {\"ids\":[]}",
				Params:  []Param{{Name: "list", Type: "table", Raw: true, Optional: true, Doc: "the table; a new one when it is left out"}},
				Returns: []Return{{"list", "table", ""}},
				Run:     func(c *Call) (any, error) { return markTable(c, "list", value.List{}) },
			},
			{
				Name: "object", Doc: "Marks a table as an object, so that it is {} in JSON even when it is empty, and returns it.",
				Example: "print(json.encode({meta = json.object({})}))  --> {\"meta\":{}}",
				Params:  []Param{{Name: "fields", Type: "table", Raw: true, Optional: true, Doc: "the table; a new one when it is left out"}},
				Returns: []Return{{"fields", "table", ""}},
				Run:     func(c *Call) (any, error) { return markTable(c, "fields", value.NewObject()) },
			},
			{
				Name: "is_array", Doc: "Tells whether a value would be written as a JSON list.",
				Example: "print(json.is_array({1, 2}), json.is_array({a = 1}))  --> true\tfalse", Params: []Param{anything},
				Returns: []Return{{"", "boolean", ""}}, Run: func(c *Call) (any, error) {
					list, _ := shape(c, c.Raw("value"))
					return list, nil
				},
			},
			{
				Name: "is_object", Doc: "Tells whether a value would be written as a JSON object.",
				Example: "print(json.is_object({a = 1}), json.is_object(json.decode('{}')))  --> true\ttrue", Params: []Param{anything},
				Returns: []Return{{"", "boolean", ""}}, Run: func(c *Call) (any, error) {
					_, object := shape(c, c.Raw("value"))
					return object, nil
				},
			},
			{
				Name: "is_null", Doc: "Tells whether a value is JSON's null or nil.",
				Example: "print(json.is_null(json.decode('null')), json.is_null(nil), json.is_null(false))  --> true\ttrue\tfalse",
				Params:  []Param{{Name: "value", Type: "any", Raw: true, Optional: true, Doc: "what is asked about"}},
				Returns: []Return{{"", "boolean", ""}}, Run: func(c *Call) (any, error) {
					raw := c.Raw("value")
					return raw == lua.LNil || raw == lua.LValue(c.VM.Conv.Null), nil
				},
			},
		},
	}
}

// shape tells what a table is in JSON by its first entry, or when it is empty by its mark.
func shape(c *Call, lv lua.LValue) (list, object bool) {
	t, ok := lv.(*lua.LTable)
	if !ok {
		return false, false
	}
	switch first, _ := t.Next(lua.LNil); first.(type) {
	case *lua.LNilType:
		return !c.VM.Conv.IsObject(t), c.VM.Conv.IsObject(t)
	case lua.LNumber:
		return true, false
	}
	return false, true
}

func jsonEncode(c *Call) (any, error) {
	plain := c.Plain("value")
	if c.Bool("sort", false) {
		plain = sorted(plain)
	}
	text, err := value.Marshal(plain)
	if err != nil {
		return nil, fault.New(fault.Usage, "%w", err)
	}
	indent := ""
	switch v := c.Plain("indent").(type) {
	case int64:
		if v < 0 || v > 16 {
			return nil, c.Wrong("indent", "want 0 to 16 spaces, got %d", v)
		}
		indent = strings.Repeat(" ", int(v))
	case string:
		if strings.Trim(v, " \t") != "" {
			return nil, c.Wrong("indent", "want spaces or tabs, got %q", v)
		}
		indent = v
	case bool:
		if v {
			indent = "  "
		}
	}
	if indent == "" {
		return string(text), nil
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", indent); err != nil {
		return nil, fault.New(fault.Usage, "%w", err)
	}
	return out.String(), nil
}

// sorted is a copy of plain data with the fields in the order of their names.
func sorted(v any) any {
	switch v := v.(type) {
	case value.List:
		out := make(value.List, len(v))
		for i, e := range v {
			out[i] = sorted(e)
		}
		return out
	case *value.Object:
		out := value.NewObject()
		for _, k := range slices.Sorted(slices.Values(v.Keys())) {
			e, _ := v.Get(k)
			out.Set(k, sorted(e))
		}
		return out
	}
	return v
}

func jsonDecode(c *Call) (any, error) {
	text := c.Text("text", "")
	plain, err := value.Parse([]byte(text))
	if err != nil {
		return nil, jsonFault(text, err)
	}
	return c.VM.Conv.ToLua(plain), nil
}

// jsonFault says where a text stops being JSON.
func jsonFault(text string, err error) error {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return fault.New(fault.Usage, "%w", err)
	}
	if strings.TrimSpace(text) == "" {
		return fault.New(fault.Usage, "the text is empty")
	}
	before := text[:max(0, min(int(syntax.Offset)-1, len(text)))]
	line := strings.Count(before, "\n") + 1
	column := len(before) - strings.LastIndexByte(before, '\n')
	return fault.New(fault.Usage, "line %d, column %d: %s", line, column, syntax.Error())
}

func jsonQuery(c *Call) (any, error) {
	text := c.Text("text", "")
	if _, err := value.Parse([]byte(text)); err != nil {
		return nil, jsonFault(text, err)
	}
	found := gjson.Get(text, c.Text("path", ""))
	if !found.Exists() {
		return nil, nil
	}
	return value.FromResult(found), nil
}

// markTable gives a table the mark that an empty list or object has.
func markTable(c *Call, name string, empty any) (any, error) {
	fresh := c.VM.Conv.ToLua(empty).(*lua.LTable)
	raw := c.Raw(name)
	if raw == lua.LNil {
		return fresh, nil
	}
	t, ok := raw.(*lua.LTable)
	if !ok {
		return nil, c.Wrong(name, "want a table, got a %s", raw.Type().String())
	}
	if t.Metatable != lua.LNil && !c.VM.Conv.IsList(t) && !c.VM.Conv.IsObject(t) {
		return nil, c.Wrong(name, "the table has a metatable of its own")
	}
	before := t.Metatable
	t.Metatable = fresh.Metatable
	plain, err := c.VM.Conv.FromLua(t)
	if err == nil && fmt.Sprintf("%T", plain) != fmt.Sprintf("%T", empty) {
		err = fmt.Errorf("it holds %s", value.Describe(plain))
	}
	if err != nil {
		t.Metatable = before
		return nil, c.Wrong(name, "%w", err)
	}
	return t, nil
}
