package output

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// Check tells whether --columns names only members that are declared, so that a caller can refuse a wrong name
// before anything is sent. Rows may have more members than are declared: then leave the check to the rows.
func (p *Printer) Check(declared []Column) error {
	return p.unknown(names(declared))
}

// choose picks the columns to print, from the declared ones and the rows seen so far.
func (p *Printer) choose(declared []Column, rows []any) ([]Column, error) {
	if len(p.columns) == 0 {
		if len(declared) > 0 {
			return defaults(declared, p.opts.Format != Table), nil
		}
		if p.opts.Format == Name && hasObject(rows) {
			return nil, fault.New(fault.Usage, "these results have no id column").
				WithHint("choose the column to print with --columns")
		}
		return membersOf(rows), nil
	}
	known := names(declared)
	for _, c := range membersOf(rows) {
		if !slices.Contains(known, c.Name) {
			known = append(known, c.Name)
		}
	}
	exists := func(name string) bool {
		return slices.ContainsFunc(rows, func(row any) bool { _, ok := lookup(row, name); return ok })
	}
	if err := p.unknown(known, exists); err != nil {
		return nil, err
	}
	chosen := make([]Column, len(p.columns))
	for i, name := range p.columns {
		chosen[i] = Column{Name: name, Order: i + 1, Key: i == 0}
	}
	return chosen, nil
}

// unknown is the usage error for the first of --columns that is neither known nor found by one of the tests.
func (p *Printer) unknown(known []string, exists ...func(string) bool) error {
	for _, name := range p.columns {
		ok := slices.ContainsFunc(known, func(k string) bool { return covers(k, name) })
		for _, test := range exists {
			ok = ok || test(name)
		}
		if ok {
			continue
		}
		if len(known) == 0 {
			return fault.New(fault.Usage, "no column %q: the result has no columns", name)
		}
		return fault.New(fault.Usage, "no column %q%s", name, fault.DidYouMean(name, known)).
			WithHint("columns: %s", strings.Join(nearestFirst(name, known), ", "))
	}
	return nil
}

// covers tells whether a known column gives the path asked for: itself, a member of it, or its parent.
func covers(known, asked string) bool {
	return known == asked || strings.HasPrefix(asked, known+".") || strings.HasPrefix(known, asked+".")
}

// defaults is the declared columns in the order of a table; all takes in those that are wide or have no place.
func defaults(declared []Column, all bool) []Column {
	var placed, others []Column
	for _, c := range declared {
		switch {
		case c.Order > 0 && (all || !c.Wide):
			placed = append(placed, c)
		case c.Order == 0 || all:
			others = append(others, c)
		}
	}
	slices.SortStableFunc(placed, func(a, b Column) int { return cmp.Compare(a.Order, b.Order) })
	if all || len(placed) == 0 {
		placed = append(placed, others...)
	}
	return placed
}

// membersOf is every member of the rows, in the order of their first appearance. Rows that are no objects make one
// column without a path.
func membersOf(rows []any) []Column {
	var cols []Column
	seen := map[string]bool{}
	for _, row := range rows {
		obj, ok := row.(*value.Object)
		if !ok {
			continue
		}
		for _, key := range obj.Keys() {
			if !seen[key] {
				seen[key] = true
				cols = append(cols, Column{Name: key, Order: len(cols) + 1})
			}
		}
	}
	return cols
}

func hasObject(rows []any) bool {
	return slices.ContainsFunc(rows, func(row any) bool { _, ok := row.(*value.Object); return ok })
}

func names(cols []Column) []string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = c.Name
	}
	return out
}

// lookup finds the member at a path: a key that is the whole path, or keys and list positions split by dots.
func lookup(v any, path string) (any, bool) {
	switch v := v.(type) {
	case *value.Object:
		if v == nil {
			return nil, false
		}
		if member, ok := v.Get(path); ok {
			return member, true
		}
		for i := range len(path) {
			if path[i] != '.' {
				continue
			}
			if member, ok := v.Get(path[:i]); ok {
				if found, ok := lookup(member, path[i+1:]); ok {
					return found, true
				}
			}
		}
	case value.List:
		head, rest, more := strings.Cut(path, ".")
		i, err := strconv.Atoi(head)
		if err != nil || i < 0 || i >= len(v) {
			return nil, false
		}
		if !more {
			return v[i], true
		}
		return lookup(v[i], rest)
	}
	return nil, false
}

// project is the object with only the members at the columns' paths, nested as they were.
func project(obj *value.Object, cols []Column) *value.Object {
	out := value.NewObject()
	for _, c := range cols {
		if v, ok := lookup(obj, c.Name); ok {
			place(out, obj, c.Name, v)
		}
	}
	return out
}

func place(out, source *value.Object, path string, v any) {
	head, rest, nested := strings.Cut(path, ".")
	if _, whole := source.Get(path); whole || !nested {
		out.Set(path, v)
		return
	}
	inner, ok := source.Get(head)
	innerSource, isObject := inner.(*value.Object)
	if !ok || !isObject {
		out.Set(path, v)
		return
	}
	member, _ := out.Get(head)
	innerOut, ok := member.(*value.Object)
	if !ok {
		innerOut = value.NewObject()
		out.Set(head, innerOut)
	}
	if innerOut != innerSource { // the whole parent was chosen before
		place(innerOut, innerSource, rest, v)
	}
}

// narrow applies --columns to a row of a format that prints whole values.
func narrow(row any, cols []Column) any {
	obj, ok := row.(*value.Object)
	if !ok || len(cols) == 0 {
		return row
	}
	return project(obj, cols)
}
