package value

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Rest keeps the members of a server answer that a struct does not name, so that nothing the server said is lost.
// A struct that wants it has a field `Rest value.Rest `json:"-"“.
type Rest struct{ Members *Object }

// TypeError says that the value at Path is of the wrong type.
type TypeError struct {
	Path string
	Want string
	Got  any
}

func (e *TypeError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("want %s, got %s", e.Want, Describe(e.Got))
	}
	return fmt.Sprintf("%s: want %s, got %s", e.Path, e.Want, Describe(e.Got))
}

// Describe names a plain value for an error text: its type and, when short, its text.
func Describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case Null:
		return "null"
	case *Object:
		return "a table of fields"
	case List:
		return fmt.Sprintf("a list of %d", len(v))
	case string:
		if len(v) > 40 {
			v = v[:40] + "…"
		}
		return "the string " + strconv.Quote(v)
	case bool:
		return fmt.Sprintf("the boolean %v", v)
	}
	return fmt.Sprintf("the number %v", v)
}

// UnknownError says that a struct has no member of that name.
type UnknownError struct {
	Path  string // of the struct, "" at the top
	Name  string
	Known []string // the members it has
}

func (e *UnknownError) Error() string { return "unknown field " + join(e.Path, e.Name) }

// decoder fills Go values from plain data.
type decoder struct {
	strict bool // an unknown member is an error; else it is kept in the struct's Rest, or dropped
}

// Into fills dst, a pointer, from plain data; members that dst does not name are kept in Rest or dropped.
func Into(v any, dst any) error { return decoder{}.into(v, reflect.ValueOf(dst).Elem()) }

// IntoStrict is Into that takes no unknown members: an *UnknownError.
func IntoStrict(v any, dst any) error {
	return decoder{strict: true}.into(v, reflect.ValueOf(dst).Elem())
}

// under adds the name of the member, or the place in the list, to the path of an error from below it.
func under(name string, err error) error {
	switch e := err.(type) {
	case *TypeError:
		e.Path = join(name, e.Path)
	case *UnknownError:
		e.Path = join(name, e.Path)
	default:
		return fmt.Errorf("%s: %w", name, err)
	}
	return err
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	rawType      = reflect.TypeFor[json.RawMessage]()
	objectType   = reflect.TypeFor[*Object]()
	restType     = reflect.TypeFor[Rest]()
)

func (d decoder) into(v any, dst reflect.Value) error {
	wrong := func(want string) error { return &TypeError{Want: want, Got: v} }
	switch dst.Type() {
	case durationType:
		return intoDuration(v, dst, wrong)
	case rawType:
		raw, err := Marshal(v)
		if err != nil {
			return err
		}
		dst.SetBytes(raw)
		return nil
	case objectType:
		return intoObject(v, dst, wrong)
	}
	if _, null := v.(Null); v == nil || null {
		dst.SetZero()
		return nil
	}
	switch dst.Kind() {
	case reflect.Pointer:
		p := reflect.New(dst.Type().Elem())
		if err := d.into(v, p.Elem()); err != nil {
			return err
		}
		dst.Set(p)
	case reflect.Interface:
		dst.Set(reflect.ValueOf(v))
	case reflect.String:
		s, ok := v.(string)
		if !ok {
			return wrong("a string")
		}
		dst.SetString(s)
	case reflect.Bool:
		b, ok := v.(bool)
		if !ok {
			return wrong("true or false")
		}
		dst.SetBool(b)
	case reflect.Int, reflect.Int32, reflect.Int64:
		i, ok := toInt(v)
		if !ok || dst.OverflowInt(i) {
			return wrong("a whole number")
		}
		dst.SetInt(i)
	case reflect.Uint32, reflect.Uint64:
		u, isU := v.(uint64)
		if i, ok := toInt(v); ok && i >= 0 {
			u, isU = uint64(i), true
		}
		if !isU || dst.OverflowUint(u) {
			return wrong("a whole number of 0 or more")
		}
		dst.SetUint(u)
	case reflect.Float64:
		f, ok := toFloat(v)
		if !ok {
			return wrong("a number")
		}
		dst.SetFloat(f)
	case reflect.Slice:
		return d.intoSlice(v, dst, wrong)
	case reflect.Map:
		return d.intoMap(v, dst, wrong)
	case reflect.Struct:
		return d.intoStruct(v, dst, wrong)
	default:
		return fmt.Errorf("a %s can't be filled", dst.Type())
	}
	return nil
}

func intoDuration(v any, dst reflect.Value, wrong func(string) error) error {
	const want = `a duration like "5s" or "1m30s", or a number of seconds`
	if s, ok := v.(string); ok {
		d, err := time.ParseDuration(s)
		if err != nil {
			return wrong(want)
		}
		dst.SetInt(int64(d))
		return nil
	}
	if v == nil || v == (Null{}) {
		dst.SetZero()
		return nil
	}
	f, ok := toFloat(v)
	if !ok || math.IsNaN(f) || math.Abs(f) > 1e9 {
		return wrong(want)
	}
	dst.SetInt(int64(f * float64(time.Second)))
	return nil
}

func intoObject(v any, dst reflect.Value, wrong func(string) error) error {
	switch v := v.(type) {
	case nil, Null:
		dst.SetZero()
	case *Object:
		dst.Set(reflect.ValueOf(v))
	case List:
		if len(v) > 0 {
			return wrong("a table of fields")
		}
		dst.Set(reflect.ValueOf(NewObject()))
	default:
		return wrong("a table of fields")
	}
	return nil
}

func (d decoder) intoSlice(v any, dst reflect.Value, wrong func(string) error) error {
	list, ok := v.(List)
	if o, isObject := v.(*Object); isObject && o.Len() == 0 {
		list, ok = List{}, true
	}
	if !ok {
		return wrong("a list")
	}
	s := reflect.MakeSlice(dst.Type(), len(list), len(list))
	for i, e := range list {
		if err := d.into(e, s.Index(i)); err != nil {
			return under("["+strconv.Itoa(i+1)+"]", err)
		}
	}
	dst.Set(s)
	return nil
}

func (d decoder) intoMap(v any, dst reflect.Value, wrong func(string) error) error {
	o, ok := asObject(v)
	if !ok {
		return wrong("a table of fields")
	}
	m := reflect.MakeMapWithSize(dst.Type(), o.Len())
	for at, k := range o.keys {
		e := reflect.New(dst.Type().Elem()).Elem()
		if err := d.into(o.vals[at], e); err != nil {
			return under(k, err)
		}
		m.SetMapIndex(reflect.ValueOf(k).Convert(dst.Type().Key()), e)
	}
	dst.Set(m)
	return nil
}

func (d decoder) intoStruct(v any, dst reflect.Value, wrong func(string) error) error {
	o, ok := asObject(v)
	if !ok {
		return wrong("a table of fields")
	}
	fields := Fields(dst.Type())
	rest := reflect.Value{}
	if f, ok := dst.Type().FieldByName("Rest"); ok && f.Type == restType {
		rest = dst.FieldByIndex(f.Index)
	}
	for at, k := range o.keys {
		i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == k })
		if i >= 0 {
			if err := d.into(o.vals[at], dst.FieldByIndex(fields[i].Index)); err != nil {
				return under(k, err)
			}
			continue
		}
		if d.strict {
			var names []string
			for _, f := range fields {
				names = append(names, f.Name)
			}
			return &UnknownError{Name: k, Known: names}
		} else if rest.IsValid() {
			if rest.Field(0).IsNil() {
				rest.Field(0).Set(reflect.ValueOf(NewObject()))
			}
			rest.Field(0).Interface().(*Object).Set(k, o.vals[at])
		}
	}
	return nil
}

// Field is an exported field of a struct under its plain name.
type Field struct {
	Name   string
	Omit   bool // left out of plain data when it is zero
	Index  []int
	Struct reflect.StructField
}

// fieldCache remembers what reflection says about a struct type, which never changes: []Field by reflect.Type.
var fieldCache sync.Map

// Fields lists the fields of a struct type in order, those of embedded structs included, under their plain names. The
// caller must not change the list.
func Fields(t reflect.Type) []Field {
	if known, ok := fieldCache.Load(t); ok {
		return known.([]Field)
	}
	fields := findFields(t)
	fieldCache.Store(t, fields)
	return fields
}

func findFields(t reflect.Type) []Field {
	var out []Field
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || f.Type == restType {
			continue
		}
		if f.Anonymous && f.Type.Kind() == reflect.Struct && f.Tag.Get("json") == "" {
			for _, inner := range findFields(f.Type) {
				inner.Index = append([]int{i}, inner.Index...)
				out = append(out, inner)
			}
			continue
		}
		if name, omit := FieldName(f); name != "-" {
			out = append(out, Field{Name: name, Omit: omit, Index: []int{i}, Struct: f})
		}
	}
	return out
}

func asObject(v any) (*Object, bool) {
	switch v := v.(type) {
	case *Object:
		return v, true
	case List:
		return NewObject(), len(v) == 0
	}
	return nil, false
}

// join puts two parts of a path together: users and [1] and userID are users[1].userID.
func join(path, name string) string {
	if path == "" || name == "" || name[0] == '[' {
		return path + name
	}
	return path + "." + name
}

func toInt(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case float64:
		return int64(v), v == math.Trunc(v) && math.Abs(v) <= 1<<53
	}
	return 0, false
}

func toFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// Text is the text of a scalar for a table cell or a name: strings bare, null empty, everything else as JSON.
func Text(v any) string {
	switch v := v.(type) {
	case nil, Null:
		return ""
	case string:
		return v
	}
	b, err := Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSpace(string(b))
}
