package value

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// From turns a Go value into plain data: structs by their json tags in order of declaration, nil slices as empty
// lists, durations as their text, times as RFC 3339 in UTC. Plain data passes unchanged.
func From(v any) any {
	switch v := v.(type) {
	case nil, Null, bool, string, int64, uint64, float64, Number, List:
		return v
	case *Object:
		if v == nil {
			return Null{}
		}
		return v
	case json.RawMessage:
		p, err := Parse(v)
		if err != nil {
			return string(v)
		}
		return p
	}
	return fromReflect(reflect.ValueOf(v))
}

// specialTypes remembers which types have a plain form of their own: bool by reflect.Type.
var specialTypes sync.Map

// special tells whether a type has a plain form of its own, which its kind does not tell.
func special(t reflect.Type) bool {
	if known, ok := specialTypes.Load(t); ok {
		return known.(bool)
	}
	is := false
	switch t {
	case reflect.TypeFor[Null](), reflect.TypeFor[Number](), reflect.TypeFor[List](), rawType, objectType, durationType,
		reflect.TypeFor[time.Time](), reflect.TypeFor[json.Number]():
		is = true
	default:
		is = t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
	}
	specialTypes.Store(t, is)
	return is
}

func fromReflect(v reflect.Value) any {
	if v.CanInterface() && special(v.Type()) {
		switch x := v.Interface().(type) {
		case Null, Number, List, json.RawMessage:
			if raw, ok := x.(json.RawMessage); ok {
				return From(raw)
			}
			return x
		case *Object:
			if x == nil {
				return Null{}
			}
			return x
		case time.Duration:
			return x.String()
		case time.Time:
			return x.UTC().Format(time.RFC3339Nano)
		case json.Number:
			return ParseNumber(string(x))
		case encoding.TextMarshaler:
			if v.Kind() != reflect.Pointer || !v.IsNil() {
				if text, err := x.MarshalText(); err == nil {
					return string(text)
				}
			}
		}
	}
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool()
	case reflect.String:
		return v.String()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if u := v.Uint(); u > 1<<63-1 {
			return u
		}
		return int64(v.Uint())
	case reflect.Float32, reflect.Float64:
		return v.Float()
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return Null{}
		}
		return From(v.Elem().Interface())
	case reflect.Slice, reflect.Array:
		list := make(List, v.Len())
		for i := range list {
			list[i] = fromReflect(v.Index(i))
		}
		return list
	case reflect.Map:
		return fromMap(v)
	case reflect.Struct:
		return fromStruct(v)
	}
	return fmt.Sprint(v.Interface())
}

func fromMap(v reflect.Value) any {
	o := NewObject()
	keys := v.MapKeys()
	text := func(k reflect.Value) string {
		if k.Kind() == reflect.Int64 || k.Kind() == reflect.Int {
			return strconv.FormatInt(k.Int(), 10)
		}
		return k.String()
	}
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(text(a), text(b)) })
	for _, k := range keys {
		o.Set(text(k), fromReflect(v.MapIndex(k)))
	}
	return o
}

func fromStruct(v reflect.Value) any {
	o, fields := NewObject(), Fields(v.Type())
	o.reserve(len(fields))
	for _, f := range fields {
		fv := v.FieldByIndex(f.Index)
		if f.Omit && fv.IsZero() {
			continue
		}
		o.Set(f.Name, fromReflect(fv))
	}
	if f := v.FieldByName("Rest"); f.IsValid() && f.Type() == restType {
		if rest := f.Field(0).Interface().(*Object); rest != nil {
			for i, key := range rest.keys {
				if o.find(key) < 0 {
					o.Set(key, rest.vals[i])
				}
			}
		}
	}
	return o
}

// FieldName is the name of a struct field in plain data: its json tag, or its Go name with a leading run of capitals
// lowered (UserID: userID, FaceURL: faceURL, URL: url). omit is the tag's omitempty.
func FieldName(f reflect.StructField) (name string, omit bool) {
	tag, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
	omit = strings.Contains(opts, "omitempty")
	if tag != "" {
		return tag, omit
	}
	run := 0
	for run < len(f.Name) && f.Name[run] >= 'A' && f.Name[run] <= 'Z' {
		run++
	}
	if run > 1 && run < len(f.Name) {
		run--
	}
	return strings.ToLower(f.Name[:run]) + f.Name[run:], omit
}
