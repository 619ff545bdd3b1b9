package bindings

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/openimsdk/imctl/bindings/value"
)

// Secret is a parameter that must never be shown: on the command line it is read from the environment, a file or
// standard input, never from an argument; it prints as stars everywhere.
type Secret string

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// MarshalText hides the secret in every output form.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Type is the type of a parameter as users see it.
type Type string

// The types of parameters.
const (
	String   Type = "string"
	Int      Type = "int"
	Float    Type = "number"
	Bool     Type = "bool"
	Duration Type = "duration"
	Strings  Type = "list of strings"
	Ints     Type = "list of ints"
	Objects  Type = "list of objects"
	Obj      Type = "object"
	Any      Type = "any"
	Hidden   Type = "secret"
)

// Param is one field of an operation's parameters, or of its result.
type Param struct {
	Name     string   `json:"name"`
	Type     Type     `json:"type"`
	Help     string   `json:"help,omitempty"`
	Default  string   `json:"default,omitempty"`
	Required bool     `json:"required,omitempty"`
	Arg      int      `json:"arg,omitempty"`      // place among the positional arguments, from 1
	Variadic bool     `json:"variadic,omitempty"` // takes all further positional arguments
	Enum     []string `json:"enum,omitempty"`
	Min      *int64   `json:"min,omitempty"`
	Column   int      `json:"column,omitempty"` // place in the default table of results
	Key      bool     `json:"key,omitempty"`    // names the row in `-o name`
	Fields   []Param  `json:"fields,omitempty"` // of an object or a list of objects
	index    []int
	goType   reflect.Type
}

// Flag is the parameter's name on the command line: faceURL is face-url.
func (p Param) Flag() string {
	var b strings.Builder
	for i, r := range p.Name {
		upper := r >= 'A' && r <= 'Z'
		prevLower := i > 0 && !(p.Name[i-1] >= 'A' && p.Name[i-1] <= 'Z') && p.Name[i-1] != '_'
		nextLower := i > 0 && i+1 < len(p.Name) && p.Name[i+1] >= 'a' && p.Name[i+1] <= 'z' && upper && p.Name[i-1] != '_'
		if upper && (prevLower || nextLower && i+2 < len(p.Name)) {
			b.WriteByte('-')
		}
		if r == '_' {
			r = '-'
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

// paramCache remembers what reflection says about a parameter struct, which never changes: []Param by reflect.Type.
var paramCache sync.Map

// Params describes the parameters of the operation. The caller must not change the list.
func (o Op) Params() []Param {
	if known, ok := paramCache.Load(o.Run.Params); ok {
		return known.([]Param)
	}
	params := describe(o.Run.Params, 0)
	paramCache.Store(o.Run.Params, params)
	return params
}

// Result describes the fields of the operation's result, or of one row of it. A result that is no struct has none.
func (o Op) Result() []Param {
	t := o.Run.Result
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	return describe(t, 0)
}

// describe reads the fields of a struct; it stops at a depth where types that hold themselves would not end.
func describe(t reflect.Type, depth int) []Param {
	if t.Kind() != reflect.Struct || depth > 4 {
		return nil
	}
	var out []Param
	for _, f := range value.Fields(t) {
		tag := f.Struct.Tag
		p := Param{
			Name: f.Name, Help: tag.Get("help"), Default: tag.Get("default"), index: f.Index, goType: f.Struct.Type,
			Required: tag.Get("required") == "true", Key: tag.Get("key") == "true",
		}
		p.Type, p.Fields = typeOf(f.Struct.Type, depth)
		for i, part := range strings.Split(tag.Get("arg"), ",") {
			switch {
			case part == "required":
				p.Required = true
			case i == 0 && part != "":
				p.Variadic = strings.HasSuffix(part, "...")
				p.Arg, _ = strconv.Atoi(strings.TrimSuffix(part, "..."))
			}
		}
		if e := tag.Get("enum"); e != "" {
			p.Enum = strings.Split(e, ",")
		}
		if m, err := strconv.ParseInt(tag.Get("min"), 10, 64); err == nil {
			p.Min = &m
		}
		p.Column, _ = strconv.Atoi(tag.Get("column"))
		out = append(out, p)
	}
	return out
}

func typeOf(t reflect.Type, depth int) (Type, []Param) {
	if t.Kind() == reflect.Pointer {
		if t == reflect.TypeFor[*value.Object]() {
			return Obj, nil
		}
		return typeOf(t.Elem(), depth)
	}
	switch t {
	case reflect.TypeFor[Secret]():
		return Hidden, nil
	case reflect.TypeFor[time.Duration]():
		return Duration, nil
	case reflect.TypeFor[json.RawMessage]():
		return Any, nil
	}
	switch t.Kind() {
	case reflect.String:
		return String, nil
	case reflect.Bool:
		return Bool, nil
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint32, reflect.Uint64:
		return Int, nil
	case reflect.Float64:
		return Float, nil
	case reflect.Map:
		return Obj, nil
	case reflect.Struct:
		return Obj, describe(t, depth+1)
	case reflect.Slice:
		switch inner, fields := typeOf(t.Elem(), depth); inner {
		case String:
			return Strings, nil
		case Int:
			return Ints, nil
		default:
			return Objects, fields
		}
	}
	return Any, nil
}

// defaultValue is the plain value of the default tag.
func (p Param) defaultValue() (any, error) {
	v, err := p.ParseText(p.Default)
	if err != nil {
		return nil, fmt.Errorf("default of %s: %w", p.Name, err)
	}
	return v, nil
}

// ParseText turns text from the command line, or from a default tag, into plain data of the parameter's type.
func (p Param) ParseText(text string) (any, error) {
	switch p.Type {
	case Int:
		i, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, &value.TypeError{Path: p.Name, Want: "a whole number", Got: text}
		}
		return i, nil
	case Float:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, &value.TypeError{Path: p.Name, Want: "a number", Got: text}
		}
		return f, nil
	case Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, &value.TypeError{Path: p.Name, Want: "true or false", Got: text}
		}
		return b, nil
	case Obj, Objects, Ints:
		v, err := value.Parse([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		return v, nil
	case Any:
		if v, err := value.Parse([]byte(text)); err == nil {
			return v, nil
		}
	case Duration:
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f, nil
		}
	}
	return text, nil
}
