package lualib

import (
	"context"
	"fmt"
	"slices"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/vm"
)

// Call is one call of a function: its arguments, checked against the declaration and found by the names in it. The
// fields of a table of options are found by their own names.
type Call struct {
	VM   *vm.VM
	L    *lua.LState
	args []arg
}

type arg struct {
	name  string
	n     int // its place among the arguments; 0 for a field of a table of options
	given bool
	plain any
	raw   lua.LValue
}

// place is how an error names the argument: "argument 2 (sep)", "option limit".
func (a *arg) place() string {
	if a.n == 0 {
		return "option " + a.name
	}
	return fmt.Sprintf("argument %d (%s)", a.n, a.name)
}

// Results is what a function returns that has several results. A lua.LValue is returned as it is, anything else as
// plain data.
type Results []any

// run calls f: arguments checked, its results pushed, its error or panic raised.
func run(v *vm.VM, L *lua.LState, self *lua.LTable, module string, f Func) int {
	c := &Call{VM: v, L: L, args: make([]arg, 0, len(f.Params))}
	err := c.read(self, f.Params)
	var result any
	if err == nil {
		result, err = c.invoke(f)
	}
	if err != nil {
		e := *fault.From(err)
		if e.Op == "" {
			e.Op = module + "." + f.Name
		}
		v.Raise(L, &e)
	}
	results, many := result.(Results)
	if !many {
		results = Results{result}
	}
	for _, r := range results {
		if lv, ok := r.(lua.LValue); ok {
			L.Push(lv)
		} else {
			L.Push(v.Conv.ToLua(value.From(r)))
		}
	}
	return len(results)
}

func (c *Call) invoke(f Func) (result any, err error) {
	defer func() {
		if r := recover(); r != nil {
			if raised, ok := r.(*lua.ApiError); ok {
				panic(raised) // an error of a Lua function that f called
			}
			err = fault.New(fault.Internal, "a fault of imctl: %v", r)
		}
	}()
	return f.Run(c)
}

// read checks the arguments against the declaration.
func (c *Call) read(self *lua.LTable, params []Param) error {
	if len(params) > 0 && c.L.Get(1) == self {
		return fault.New(fault.Usage, "call it with a dot, not with a colon")
	}
	for i, p := range params {
		a := arg{name: p.Name, n: i + 1, raw: c.L.Get(i + 1)}
		if err := c.add(a, p); err != nil {
			return err
		}
	}
	return nil
}

// add keeps one argument after checking it.
func (c *Call) add(a arg, p Param) error {
	if a.raw == lua.LNil {
		if !p.Optional {
			return fault.New(fault.Usage, "%s is missing: want %s", a.place(), describeType(p.Type))
		}
		c.args = append(c.args, a)
		return c.addFields(nil, p.Fields)
	}
	a.given = true
	if p.Raw || p.Type == "function" {
		if p.Type == "function" && a.raw.Type() != lua.LTFunction {
			return fault.New(fault.Usage, "%s: want a function, got a %s", a.place(), a.raw.Type().String())
		}
		c.args = append(c.args, a)
		return nil
	}
	plain, err := c.VM.Conv.FromLua(a.raw)
	if err != nil {
		return fault.New(fault.Usage, "%s: %w", a.place(), err)
	}
	if a.plain = plain; !fits(p.Type, plain) {
		return fault.New(fault.Usage, "%s: want %s, got %s", a.place(), describeType(p.Type), value.Describe(plain))
	}
	c.args = append(c.args, a)
	if len(p.Fields) > 0 {
		return c.addFields(asObject(plain), p.Fields)
	}
	return nil
}

// addFields keeps the fields of a table of options.
func (c *Call) addFields(o *value.Object, fields []Param) error {
	if o == nil {
		o = &value.Object{}
	}
	for _, f := range fields {
		a := arg{name: f.Name}
		if v, ok := o.Get(f.Name); ok {
			if !fits(f.Type, v) {
				return fault.New(fault.Usage, "%s: want %s, got %s", a.place(), describeType(f.Type), value.Describe(v))
			}
			a.given, a.plain = true, v
		} else if !f.Optional && o.Len() > 0 {
			return fault.New(fault.Usage, "%s is missing: want %s", a.place(), describeType(f.Type))
		}
		c.args = append(c.args, a)
	}
	for _, k := range o.Keys() {
		if !slices.ContainsFunc(fields, func(f Param) bool { return f.Name == k }) {
			var names []string
			for _, f := range fields {
				names = append(names, f.Name)
			}
			return fault.New(fault.Usage, "no option %s%s", k, fault.DidYouMean(k, names))
		}
	}
	return nil
}

// get finds an argument; a name that is not declared is a fault of the module.
func (c *Call) get(name string) *arg {
	for i := range c.args {
		if c.args[i].name == name {
			return &c.args[i]
		}
	}
	panic("no parameter " + name)
}

// Context is what a function that can block waits on.
func (c *Call) Context() context.Context { return c.VM.Context() }

// Given tells whether the argument is there.
func (c *Call) Given(name string) bool { return c.get(name).given }

// Raw is the argument as the Lua value that it is.
func (c *Call) Raw(name string) lua.LValue { return c.get(name).raw }

// Plain is the argument as plain data, nil when it is missing.
func (c *Call) Plain(name string) any { return c.get(name).plain }

// Text is a string argument, def when it is missing.
func (c *Call) Text(name, def string) string {
	if s, ok := c.get(name).plain.(string); ok {
		return s
	}
	return def
}

// Bool is a boolean argument, def when it is missing.
func (c *Call) Bool(name string, def bool) bool {
	if b, ok := c.get(name).plain.(bool); ok {
		return b
	}
	return def
}

// Int is a whole number, def when it is missing.
func (c *Call) Int(name string, def int) int {
	if i, ok := c.get(name).plain.(int64); ok {
		return int(i)
	}
	return def
}

// Number is a number, def when it is missing.
func (c *Call) Number(name string, def float64) float64 {
	if f, ok := number(c.get(name).plain); ok {
		return f
	}
	return def
}

// List is a list argument, empty when it is missing.
func (c *Call) List(name string) value.List {
	switch v := c.get(name).plain.(type) {
	case value.List:
		return v
	}
	return value.List{}
}

// Object is a table of fields, empty when it is missing.
func (c *Call) Object(name string) *value.Object {
	if o := asObject(c.get(name).plain); o != nil {
		return o
	}
	return value.NewObject()
}

// Duration is an argument like "5s", or a number of seconds, def when it is missing.
func (c *Call) Duration(name string, def time.Duration) (time.Duration, error) {
	a := c.get(name)
	if !a.given {
		return def, nil
	}
	d, err := durationOf(a.plain)
	if err != nil {
		return 0, c.Wrong(name, "%w", err)
	}
	return d, nil
}

// Wrong is the error of an argument whose value can't be used.
func (c *Call) Wrong(name, format string, args ...any) error {
	return fault.New(fault.Usage, c.get(name).place()+": "+format, args...)
}

// declares tells whether the function has a parameter or an option of that name.
func (c *Call) declares(name string) bool {
	for i := range c.args {
		if c.args[i].name == name {
			return true
		}
	}
	return false
}
