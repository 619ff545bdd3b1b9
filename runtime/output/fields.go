package output

import (
	"slices"
	"strings"

	"github.com/openimsdk/imctl/bindings/value"
)

// fields prints an object as lines of name and value. Nested objects give dotted names; lists of objects follow as
// tables of their own.
func (p *Printer) fields(obj *value.Object, indent string) error {
	var keys []string
	var vals []any
	var lists []string
	var tables []value.List
	flatten(obj, "", func(name string, v any) {
		if list, ok := v.(value.List); ok && len(list) > 0 && allObjects(list) {
			lists, tables = append(lists, name), append(tables, list)
			return
		}
		keys, vals = append(keys, name), append(vals, v)
	})
	longest := 0
	for _, key := range keys {
		longest = max(longest, width(cell(key)))
	}
	for i, key := range keys {
		name := cell(key)
		text := p.cell(key, vals[i])
		pad := ""
		if text != "" {
			pad = strings.Repeat(" ", longest-width(name)+gap)
		}
		if err := p.write([]byte(indent + p.bold(name) + pad + text + "\n")); err != nil {
			return err
		}
	}
	for i, name := range lists {
		if err := p.write([]byte(indent + p.bold(cell(name)) + "\n")); err != nil {
			return err
		}
		table := &tableSink{p: p, indent: indent + "  "}
		if err := table.start(membersOf(tables[i]), tables[i]); err != nil {
			return err
		}
		for _, row := range tables[i] {
			if err := table.row(row); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Printer) bold(s string) string {
	if !p.opts.Color {
		return s
	}
	return "\x1b[1m" + s + "\x1b[0m"
}

func flatten(obj *value.Object, prefix string, each func(string, any)) {
	for _, key := range obj.Keys() {
		v, _ := obj.Get(key)
		if inner, ok := v.(*value.Object); ok && inner.Len() > 0 {
			flatten(inner, prefix+key+".", each)
			continue
		}
		each(prefix+key, v)
	}
}

func allObjects(list value.List) bool {
	return !slices.ContainsFunc(list, func(v any) bool { _, ok := v.(*value.Object); return !ok })
}
