package sandbox

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// dump is all of a state and of its Redis as text, for comparing two. Left out are the
// connections, what goes with the process, and where a table keeps its deleted rows.
func dump(st *state, redis *keyStore) string {
	d := dumper{seen: map[uintptr]string{}}
	d.value("state", reflect.ValueOf(st).Elem())
	for _, key := range redis.Keys() {
		fields, err := redis.HKeys(key)
		switch {
		case strings.HasPrefix(key, onlineKey("")):
		case err == nil:
			for _, field := range fields {
				d.lines = append(d.lines, fmt.Sprintf("redis %s %s=%s", key, field, redis.HGet(key, field)))
			}
		default:
			value, err := redis.Get(key)
			d.lines = append(d.lines, fmt.Sprintf("redis %s=%s %v", key, value, err))
		}
	}
	return strings.Join(d.lines, "\n")
}

type dumper struct {
	lines []string
	seen  map[uintptr]string // where a pointer was met first
}

func (d *dumper) value(path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			d.lines = append(d.lines, path+" nil")
			return
		}
		if first, ok := d.seen[v.Pointer()]; ok {
			d.lines = append(d.lines, path+" is "+first)
			return
		}
		d.seen[v.Pointer()] = path
		d.value(path, v.Elem())
	case reflect.Struct:
		d.fields(path, v)
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		for _, k := range keys {
			d.value(fmt.Sprintf("%s[%v]", path, k), v.MapIndex(k))
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			d.lines = append(d.lines, fmt.Sprintf("%s %q", path, v.Bytes()))
			return
		}
		for i := range v.Len() {
			d.value(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	default:
		d.lines = append(d.lines, fmt.Sprintf("%s %v", path, v))
	}
}

func (d *dumper) fields(path string, v reflect.Value) {
	if index := v.FieldByName("index"); index.IsValid() && v.FieldByName("rows").IsValid() { // a table
		n := 0
		for i := range v.FieldByName("rows").Len() {
			row := v.FieldByName("rows").Index(i)
			if !row.FieldByName("deleted").Bool() {
				d.value(fmt.Sprintf("%s.%d[%v]", path, n, row.FieldByName("key")), row.FieldByName("value"))
				n++
			}
		}
		return
	}
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		switch {
		case v.Type() == reflect.TypeFor[state]() && slices.Contains([]string{"mu", "touched", "now", "rnd", "pcg", "online", "watchers"}, name):
		case v.Type() == reflect.TypeFor[outgoing]() && name == "lost":
		default:
			d.value(path+"."+name, v.Field(i))
		}
	}
}
