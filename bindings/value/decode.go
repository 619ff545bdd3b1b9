package value

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
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

// Decoder fills Go values from plain data.
type Decoder struct {
	// Unknown is asked about a member that a struct does not name; its error ends the decoding. Without it such a
	// member goes into the struct's Rest, if it has one.
	Unknown func(path, name string, known []string) error
}

// Decode fills dst, a pointer, from plain data.
func (d Decoder) Decode(v any, dst any) error {
	return d.into(v, reflect.ValueOf(dst).Elem(), "")
}

// Into fills dst, a pointer, from plain data; unknown members are kept in Rest or dropped.
func Into(v any, dst any) error { return Decoder{}.Decode(v, dst) }

var (
	durationType = reflect.TypeFor[time.Duration]()
	rawType      = reflect.TypeFor[json.RawMessage]()
	objectType   = reflect.TypeFor[*Object]()
	restType     = reflect.TypeFor[Rest]()
)

func (d Decoder) into(v any, dst reflect.Value, path string) error {
	wrong := func(want string) error { return &TypeError{Path: path, Want: want, Got: v} }
	switch dst.Type() {
	case durationType:
		return intoDuration(v, dst, wrong)
	case rawType:
		raw, err := Marshal(v)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
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
		if err := d.into(v, p.Elem(), path); err != nil {
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
		return d.intoSlice(v, dst, path, wrong)
	case reflect.Map:
		return d.intoMap(v, dst, path, wrong)
	case reflect.Struct:
		return d.intoStruct(v, dst, path, wrong)
	default:
		return fmt.Errorf("%s: a %s can't be filled", path, dst.Type())
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

func (d Decoder) intoSlice(v any, dst reflect.Value, path string, wrong func(string) error) error {
	list, ok := v.(List)
	if o, isObject := v.(*Object); isObject && o.Len() == 0 {
		list, ok = List{}, true
	}
	if !ok {
		return wrong("a list")
	}
	s := reflect.MakeSlice(dst.Type(), len(list), len(list))
	for i, e := range list {
		if err := d.into(e, s.Index(i), path+"["+strconv.Itoa(i+1)+"]"); err != nil {
			return err
		}
	}
	dst.Set(s)
	return nil
}

func (d Decoder) intoMap(v any, dst reflect.Value, path string, wrong func(string) error) error {
	o, ok := asObject(v)
	if !ok {
		return wrong("a table of fields")
	}
	m := reflect.MakeMapWithSize(dst.Type(), o.Len())
	for _, k := range o.keys {
		e := reflect.New(dst.Type().Elem()).Elem()
		if err := d.into(o.vals[k], e, join(path, k)); err != nil {
			return err
		}
		m.SetMapIndex(reflect.ValueOf(k).Convert(dst.Type().Key()), e)
	}
	dst.Set(m)
	return nil
}

func (d Decoder) intoStruct(v any, dst reflect.Value, path string, wrong func(string) error) error {
	o, ok := asObject(v)
	if !ok {
		return wrong("a table of fields")
	}
	fields := Fields(dst.Type())
	known := map[string]int{}
	var names []string
	rest := reflect.Value{}
	for i, f := range fields {
		known[f.Name] = i
		names = append(names, f.Name)
	}
	if f, ok := dst.Type().FieldByName("Rest"); ok && f.Type == restType {
		rest = dst.FieldByIndex(f.Index)
	}
	for _, k := range o.keys {
		if i, ok := known[k]; ok {
			if err := d.into(o.vals[k], dst.FieldByIndex(fields[i].Index), join(path, k)); err != nil {
				return err
			}
			continue
		}
		if d.Unknown != nil {
			if err := d.Unknown(path, k, names); err != nil {
				return err
			}
		} else if rest.IsValid() {
			if rest.Field(0).IsNil() {
				rest.Field(0).Set(reflect.ValueOf(NewObject()))
			}
			rest.Field(0).Interface().(*Object).Set(k, o.vals[k])
		}
	}
	return nil
}

// Field is an exported field of a struct under its plain name.
type Field struct {
	Name   string
	Index  []int
	Struct reflect.StructField
}

// Fields lists the fields of a struct type in order, those of embedded structs included, under their plain names.
func Fields(t reflect.Type) []Field {
	var out []Field
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || f.Type == restType {
			continue
		}
		if f.Anonymous && f.Type.Kind() == reflect.Struct && f.Tag.Get("json") == "" {
			for _, inner := range Fields(f.Type) {
				inner.Index = append([]int{i}, inner.Index...)
				out = append(out, inner)
			}
			continue
		}
		if name, _ := FieldName(f); name != "-" {
			out = append(out, Field{Name: name, Index: []int{i}, Struct: f})
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

func join(path, name string) string {
	if path == "" {
		return name
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
