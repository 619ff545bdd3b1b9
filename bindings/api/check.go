package api

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// check tells what is wrong with a request, and returns it as it is to be sent: an empty Lua table becomes the list or
// the object that the field wants; all else stays digit for digit.
func (s *schema) check(e *endpoint, body *value.Object) (*value.Object, error) {
	c := checker{schema: s}
	out := c.object(e.Request.Fields, body, "")
	c.required(e, out)
	c.rules(e, out)
	if len(c.problems) == 0 {
		return out, nil
	}
	shown := c.problems[:min(len(c.problems), 5)]
	text := strings.Join(shown, "; ")
	if more := len(c.problems) - len(shown); more > 0 {
		text += "; and " + strconv.Itoa(more) + " more"
	}
	return nil, fault.New(fault.Usage, "%s: %s", e.Path, text).
		WithHint("nothing was sent; api.describe(%q) shows the fields, raw=true sends the body as it is", e.Path)
}

type checker struct {
	schema   *schema
	problems []string
}

func (c *checker) problem(path, text string) {
	if path != "" {
		text = path + ": " + text
	}
	c.problems = append(c.problems, text)
}

func (c *checker) object(fields []field, o *value.Object, path string) *value.Object {
	out := value.NewObject()
	for _, k := range o.Keys() {
		v, _ := o.Get(k)
		i := slices.IndexFunc(fields, func(f field) bool { return f.Name == k })
		if i < 0 {
			c.unknown(fields, k, path)
			continue
		}
		out.Set(k, c.value(fields[i], v, join(path, k)))
	}
	return out
}

func (c *checker) unknown(fields []field, name, path string) {
	if len(fields) == 0 {
		c.problem("", "unknown field "+join(path, name)+": there are none here")
		return
	}
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	near := fault.DidYouMean(name, names)
	if near == "" {
		near = "; the fields are " + strings.Join(names, ", ")
	}
	c.problem("", "unknown field "+join(path, name)+near)
}

func (c *checker) value(f field, v any, path string) any {
	if isNull(v) {
		return value.Null{}
	}
	if !f.Repeated {
		return c.single(f, v, path)
	}
	list, ok := v.(value.List)
	if o, isObject := v.(*value.Object); isObject && o.Len() == 0 {
		return value.List{}
	}
	if !ok {
		c.problem(path, "want a "+f.kind()+", got "+value.Describe(v))
		return v
	}
	out := make(value.List, len(list))
	for i, e := range list {
		at := path + "[" + strconv.Itoa(i+1) + "]"
		if isNull(e) {
			c.problem(at, "want "+article(f.single().kind())+", got null")
			continue
		}
		out[i] = c.single(f.single(), e, at)
	}
	return out
}

// single is the field of one element of a list.
func (f field) single() field {
	f.Repeated = false
	return f
}

func (c *checker) single(f field, v any, path string) any {
	switch f.Type {
	case "message", "map":
		o, ok := v.(*value.Object)
		if l, isList := v.(value.List); isList && len(l) == 0 {
			return value.NewObject()
		}
		switch {
		case !ok:
			c.problem(path, "want an object, got "+value.Describe(v))
			return v
		case f.Type == "message":
			return c.object(c.schema.fields(f.Message), o, path)
		case f.Message == "any":
			return o
		}
		out := value.NewObject()
		for _, k := range o.Keys() {
			e, _ := o.Get(k)
			out.Set(k, c.single(elementOf(c.schema, f), e, join(path, k)))
		}
		return out
	}
	if want := mismatch(f.Type, v); want != "" {
		c.problem(path, "want "+want+", got "+value.Describe(v))
	}
	return v
}

// elementOf is the type of a map's values: a message by its name, else a plain type.
func elementOf(s *schema, f field) field {
	if _, ok := s.Messages[f.Message]; ok {
		return field{Type: "message", Message: f.Message}
	}
	return field{Type: f.Message}
}

// mismatch says what a plain type wants when v is none; "" when it is. The server takes no number given as a string.
func mismatch(kind string, v any) string {
	switch kind {
	case "string":
		if _, ok := v.(string); !ok {
			return "a string"
		}
	case "bool":
		if _, ok := v.(bool); !ok {
			return "true or false"
		}
	case "int32":
		return whole(v, math.MinInt32, math.MaxInt32)
	case "int64":
		return whole(v, math.MinInt64, math.MaxInt64)
	case "uint32":
		return whole(v, 0, math.MaxUint32)
	case "uint64":
		return whole(v, 0, math.MaxUint64)
	case "float", "double":
		switch v.(type) {
		case int64, uint64, float64:
			return ""
		}
		return "a number"
	}
	return ""
}

func whole(v any, low int64, high uint64) string {
	want := "a whole number"
	if low == 0 {
		want += " of 0 or more"
	}
	switch v := v.(type) {
	case int64:
		switch {
		case v < 0 && v >= low, v >= 0 && uint64(v) <= high:
			return ""
		}
		return want + " from " + strconv.FormatInt(low, 10) + " to " + strconv.FormatUint(high, 10)
	case uint64:
		if v <= high {
			return ""
		}
		return want + " up to " + strconv.FormatUint(high, 10)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return whole(int64(v), low, high)
		}
	}
	return want
}

// required refuses what the server's own check would: a field that is absent, null, "" or 0. An empty list passes it
// (REST-API, "required").
func (c *checker) required(e *endpoint, body *value.Object) {
	missing := map[string]bool{}
	for _, name := range e.Required {
		parent, _, nested := strings.Cut(name, ".")
		if nested && missing[parent] {
			continue
		}
		v, there := lookup(body, name)
		switch {
		case !there || isNull(v):
			c.problem("", "missing field "+name)
		case v == "" || v == int64(0) || v == float64(0):
			c.problem("", "field "+name+" is empty, which the server refuses")
		default:
			continue
		}
		missing[name] = true
	}
	if p, ok := lookup(body, "pagination"); ok {
		if o, ok := p.(*value.Object); ok {
			if _, there := o.Get("showNumber"); !there && !missing["pagination"] {
				c.problem("", "missing field pagination.showNumber: without it the server gives a total and no rows")
			}
		}
	}
}

// lookup follows a path of names through objects.
func lookup(o *value.Object, path string) (any, bool) {
	name, rest, nested := strings.Cut(path, ".")
	v, ok := o.Get(name)
	if !ok || !nested {
		return v, ok
	}
	inner, ok := v.(*value.Object)
	if !ok {
		return nil, false
	}
	return lookup(inner, rest)
}

func isNull(v any) bool { return v == nil || v == value.Null{} }

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func article(noun string) string {
	if strings.HasPrefix(noun, "object") || strings.HasPrefix(noun, "int") {
		return "an " + noun
	}
	return "a " + noun
}
