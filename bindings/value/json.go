package value

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// maxDepth bounds the nesting of what Parse reads, so that hostile input can't exhaust the stack.
const maxDepth = 1000

// Parse reads one JSON document, exactly: order of keys, null, and every digit of a number are kept. Bytes that are no
// UTF-8, which JSON doesn't know, become U+FFFD, as Marshal would write them.
func Parse(data []byte) (any, error) {
	if tooDeep(data) || !gjson.ValidBytes(data) { // the depth first: the check of the form recurses
		var v any
		err := json.Unmarshal(data, &v)
		if err == nil {
			err = fmt.Errorf("nested deeper than %d", maxDepth)
		}
		return nil, fmt.Errorf("not valid JSON: %w", err)
	}
	if !utf8.Valid(data) {
		data = bytes.ToValidUTF8(data, []byte("\uFFFD"))
	}
	return FromResult(gjson.ParseBytes(data)), nil
}

func tooDeep(data []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// FromResult turns a gjson result of a valid document into plain data. A result that does not exist gives nil.
func FromResult(r gjson.Result) any {
	switch r.Type {
	case gjson.Null:
		if !r.Exists() {
			return nil
		}
		return Null{}
	case gjson.True:
		return true
	case gjson.False:
		return false
	case gjson.String:
		return r.String()
	case gjson.Number:
		return ParseNumber(r.Raw)
	}
	if r.IsArray() {
		list := List{}
		r.ForEach(func(_, v gjson.Result) bool {
			list = append(list, FromResult(v))
			return true
		})
		return list
	}
	o := NewObject()
	r.ForEach(func(k, v gjson.Result) bool {
		o.Set(k.String(), FromResult(v))
		return true
	})
	return o
}

// ParseNumber reads the text of a JSON number into the narrowest type that holds it exactly.
func ParseNumber(text string) any {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil && text != "-0" {
		return i
	}
	if u, err := strconv.ParseUint(text, 10, 64); err == nil {
		return u
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !bytes.ContainsAny([]byte(text), ".eE") && text != "-0" {
		return Number(text)
	}
	return f
}

// Marshal writes plain data, or any Go value, as compact JSON without HTML escaping.
func Marshal(v any) ([]byte, error) { return appendJSON(nil, v) }

// MarshalJSON writes the object with its keys in order.
func (o *Object) MarshalJSON() ([]byte, error) { return appendJSON(nil, o) }

// MarshalJSON writes null.
func (Null) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// MarshalJSON writes the digits as they were read.
func (n Number) MarshalJSON() ([]byte, error) { return []byte(n), nil }

func appendJSON(b []byte, v any) ([]byte, error) {
	var err error
	switch v := v.(type) {
	case nil, Null:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case int:
		return strconv.AppendInt(b, int64(v), 10), nil
	case uint64:
		return strconv.AppendUint(b, v, 10), nil
	case Number:
		return append(b, v...), nil
	case float64:
		return appendFloat(b, v)
	case string:
		return appendString(b, v)
	case json.RawMessage:
		if len(v) == 0 {
			return append(b, "null"...), nil
		}
		return append(b, v...), nil
	case List:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendJSON(b, e); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	case *Object:
		if v == nil {
			return append(b, "null"...), nil
		}
		b = append(b, '{')
		for i, k := range v.keys {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendString(b, k); err != nil {
				return nil, err
			}
			b = append(b, ':')
			if b, err = appendJSON(b, v.vals[i]); err != nil {
				return nil, err
			}
		}
		return append(b, '}'), nil
	}
	return appendReflect(b, reflect.ValueOf(v))
}

// appendReflect writes a Go value as From would turn it into plain data, without making that data.
func appendReflect(b []byte, v reflect.Value) ([]byte, error) {
	if special(v.Type()) {
		return appendJSON(b, From(v.Interface()))
	}
	switch v.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool()), nil
	case reflect.String:
		return appendString(b, v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10), nil
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return append(b, "null"...), nil
		}
		if v.Kind() == reflect.Interface {
			return appendJSON(b, v.Interface())
		}
		return appendReflect(b, v.Elem())
	case reflect.Slice, reflect.Array:
		b = append(b, '[')
		var err error
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendReflect(b, v.Index(i)); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	case reflect.Struct:
		return appendStruct(b, v)
	}
	return appendJSON(b, fromReflect(v))
}

func appendStruct(b []byte, v reflect.Value) ([]byte, error) {
	if f := v.FieldByName("Rest"); f.IsValid() && f.Type() == restType && !f.Field(0).IsNil() {
		return appendJSON(b, fromStruct(v)) // unknown members follow: rare
	}
	b = append(b, '{')
	var err error
	first := true
	for _, f := range Fields(v.Type()) {
		fv := v.FieldByIndex(f.Index)
		if f.Omit && fv.IsZero() {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		if b, err = appendString(b, f.Name); err != nil {
			return nil, err
		}
		b = append(b, ':')
		if b, err = appendReflect(b, fv); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func appendFloat(b []byte, f float64) ([]byte, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, fmt.Errorf("%v can't be written as JSON", f)
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return strconv.AppendInt(b, int64(f), 10), nil
	}
	return strconv.AppendFloat(b, f, 'g', -1, 64), nil
}

func appendString(b []byte, s string) ([]byte, error) {
	if s = strings.ToValidUTF8(s, "\uFFFD"); plainText(s) {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"'), nil
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return nil, err
	}
	return append(b, bytes.TrimRight(buf.Bytes(), "\n")...), nil
}

// plainText tells whether a JSON string can hold s, which is valid UTF-8, as it is.
func plainText(s string) bool {
	ascii := true
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c == 0x7f {
			return false
		} else if c >= utf8.RuneSelf {
			ascii = false
		}
	}
	return ascii || !strings.ContainsAny(s, "\u2028\u2029")
}
