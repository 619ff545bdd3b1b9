package bindings

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// Bind checks a table of fields against the operation's parameters and returns the filled parameter struct (a
// pointer). Unknown, missing and wrongly typed fields are usage errors that name the field and the nearest right one.
func (o Op) Bind(fields *value.Object) (any, error) {
	p := reflect.New(o.Run.Params)
	full := value.NewObject()
	specs := o.Params()
	for _, s := range specs {
		if s.Default == "" {
			continue
		}
		v, err := s.defaultValue()
		if err != nil {
			return nil, fault.New(fault.Internal, "%s: %w", o.FullName(), err)
		}
		full.Set(s.Name, v)
	}
	for _, k := range fields.Keys() {
		v, _ := fields.Get(k)
		full.Set(k, v)
	}
	if err := value.IntoStrict(full, p.Interface()); err != nil {
		var unknown *value.UnknownError
		if errors.As(err, &unknown) {
			return nil, o.unknownField(unknown)
		}
		return nil, o.usage("%s", err.Error())
	}
	if err := o.check(specs, p.Elem(), ""); err != nil {
		return nil, err
	}
	return p.Interface(), nil
}

// Given is the parameters of a call as plain data, without those that are as if they had been left out.
func (o Op) Given(params any) *value.Object {
	given := value.NewObject()
	v := reflect.ValueOf(params).Elem()
	for _, s := range o.Params() {
		f := v.FieldByIndex(s.index)
		if s.Default == "" && f.IsZero() {
			continue
		}
		plain := value.From(f.Interface())
		if d, err := s.defaultValue(); s.Default != "" && err == nil && value.Text(d) == value.Text(plain) {
			continue
		}
		given.Set(s.Name, plain)
	}
	return given
}

func (o Op) unknownField(e *value.UnknownError) *fault.Error {
	where := ""
	if e.Path != "" {
		where = " in " + e.Path
	}
	if len(e.Known) == 0 {
		return o.usage("unknown field %s%s: it takes none", e.Name, where)
	}
	return o.usage("unknown field %s%s%s", e.Name, where, fault.DidYouMean(e.Name, e.Known)).
		WithHint("the fields are %s", strings.Join(e.Known, ", "))
}

func (o Op) usage(format string, args ...any) *fault.Error {
	e := fault.New(fault.Usage, format, args...)
	e.Op = o.FullName()
	return e
}

// check applies required, enum and min, also to the fields of nested objects.
func (o Op) check(specs []Param, v reflect.Value, path string) error {
	for _, s := range specs {
		f := v.FieldByIndex(s.index)
		name := path + s.Name
		if s.Required && empty(f) {
			what := "missing field " + name
			if f.Kind() == reflect.Slice && !f.IsNil() {
				what = name + " is an empty list"
			} else if f.Kind() == reflect.String && f.Len() > 0 {
				what = name + " is blank"
			}
			return o.usage("%s: %s", what, s.Help)
		}
		for f.Kind() == reflect.Pointer && !f.IsNil() {
			f = f.Elem()
		}
		if len(s.Enum) > 0 && f.Kind() == reflect.String && f.Len() > 0 && !slices.Contains(s.Enum, f.String()) {
			return o.usage("%s: %q is not one of %s%s", name, f.String(), strings.Join(s.Enum, ", "),
				fault.DidYouMean(f.String(), s.Enum))
		}
		if s.Min != nil && f.CanInt() && f.Int() < *s.Min && (s.Required || s.Default != "" || f.Int() != 0) {
			return o.usage("%s: want %d or more, got %d", name, *s.Min, f.Int())
		}
		switch {
		case s.Type == Obj && f.Kind() == reflect.Struct:
			if err := o.check(s.Fields, f, name+"."); err != nil {
				return err
			}
		case s.Type == Objects && f.Kind() == reflect.Slice:
			for i := range f.Len() {
				e := f.Index(i)
				if e.Kind() != reflect.Struct {
					break
				}
				if err := o.check(s.Fields, e, name+"["+value.Text(int64(i+1))+"]."); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func empty(f reflect.Value) bool {
	switch f.Kind() {
	case reflect.String:
		return strings.TrimSpace(f.String()) == ""
	case reflect.Slice, reflect.Map:
		return f.Len() == 0
	}
	return f.IsZero()
}

// Arguments turns the arguments of a call, as Lua and the REPL pass them, into one table of fields: user.get("a")
// and user.get{userIDs={"a"}} mean the same. Leading scalars and lists fill the positional parameters in order; a
// last table of fields adds to them.
func (o Op) Arguments(args []any) (*value.Object, error) {
	fields := value.NewObject()
	specs := o.Params()
	if n := len(args); n > 0 {
		if last, ok := args[n-1].(*value.Object); ok && !o.wantsObject(specs, n) {
			fields, args = last, args[:n-1]
		} else if l, ok := args[n-1].(value.List); ok && len(l) == 0 && !o.wantsList(specs, n) && !o.wantsObject(specs, n) {
			args = args[:n-1] // user.list{}, c:events{}: an empty table of fields
		}
	}
	for i, a := range args {
		if a == nil {
			continue
		}
		s, ok := positional(specs, i+1)
		if !ok {
			return nil, o.usage("takes %s, got %s as argument %d", takes(specs), value.Describe(a), i+1)
		}
		if s.Variadic {
			list, isList := a.(value.List)
			if !isList {
				list = value.List(args[i:])
			}
			fields.Set(s.Name, list)
			if !isList {
				break
			}
			continue
		}
		if _, twice := fields.Get(s.Name); twice {
			return nil, o.usage("%s is given twice", s.Name)
		}
		fields.Set(s.Name, a)
	}
	return fields, nil
}

func (o Op) wantsObject(specs []Param, place int) bool {
	s, ok := positional(specs, place)
	return ok && (s.Type == Obj || s.Type == Any) && place > 1
}

func (o Op) wantsList(specs []Param, place int) bool {
	s, ok := positional(specs, place)
	return ok && (s.Type == Strings || s.Type == Ints || s.Type == Objects)
}

func positional(specs []Param, place int) (Param, bool) {
	for _, s := range specs {
		if s.Arg == place || s.Variadic && place > s.Arg {
			return s, true
		}
	}
	return Param{}, false
}

func takes(specs []Param) string {
	var names []string
	for _, s := range specs {
		if s.Arg > 0 {
			names = append(names, s.Name)
		}
	}
	if len(names) == 0 {
		return "a table of fields"
	}
	return strings.Join(names, ", ") + " and a table of fields"
}
