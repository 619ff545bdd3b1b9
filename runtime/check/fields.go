package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua/ast"

	"github.com/openimsdk/imctl/bindings"
)

// table checks a table of fields against its declaration and notes in given which are there. It tells whether every
// field can be seen: no computed name, no entry without one. Names are looked for from token i on.
func (o *opCheck) table(t *ast.TableExpr, specs []bindings.Param, given map[string]bool, path string, i int) bool {
	complete := true
	i = max(i, o.tokens.from(t.Line()))
	for _, f := range t.Fields {
		key, isText := f.Key.(*ast.StringExpr)
		if !isText {
			complete = false
			if f.Key == nil {
				o.entryAmongFields(f, path)
			}
			continue
		}
		name := o.tokens.field(key.Value, max(i, o.tokens.from(key.Line())))
		n := slices.IndexFunc(specs, func(p bindings.Param) bool { return p.Name == key.Value })
		if n < 0 {
			o.unknownField(key, specs, path, name)
			continue
		}
		if _, isNil := f.Value.(*ast.NilExpr); !isNil {
			if given[key.Value] && path == "" {
				o.report(o.tokens.take(name, key.Line()), Error, "given-twice", key.Value+" is given twice", "")
			}
			given[key.Value] = true
		}
		at, from := o.tokens.start(key.Line()), i
		if name >= 0 {
			from = o.tokens.value(name)
			if at = o.place; from < len(o.tokens.list) {
				at = o.tokens.at(from)
			}
		}
		o.value(f.Value, specs[n], path+key.Value, at, from)
		i = from
		if o.tokens.is(from, "{") {
			i = o.tokens.closing(from)
		}
	}
	return complete
}

// entryAmongFields is the 2 in {userID = "a", 2}.
func (o *opCheck) entryAmongFields(f *ast.Field, path string) {
	if _, rest := f.Value.(*ast.Comma3Expr); rest {
		return
	}
	if _, call := f.Value.(*ast.FuncCallExpr); call {
		return
	}
	where := ""
	if path != "" {
		where = " in " + path[:len(path)-1]
	}
	o.report(o.valuePlace(f.Value), Error, "entry-among-fields", fmt.Sprintf("%s: an entry without a name among the fields%s", o.op.FullName(), where), "")
}

func (o *opCheck) unknownField(key *ast.StringExpr, specs []bindings.Param, path string, token int) {
	var names []string
	for _, s := range specs {
		names = append(names, s.Name)
	}
	where := ""
	if path != "" {
		where = " in " + path[:len(path)-1]
	}
	message := fmt.Sprintf("%s has no field %s%s", o.op.FullName(), key.Value, where)
	if len(names) == 0 {
		message += ": it takes none"
	}
	o.report(o.tokens.take(token, key.Line()), Error, "unknown-field", message, o.nearest(key.Value, names))
}

// value checks the value of a parameter. path is the parameter's name with those that hold it; at is where the value
// stands, and i the token from which names in it are looked for.
func (o *opCheck) value(e ast.Expr, s bindings.Param, path string, at place, i int) {
	if want, got := mismatch(s, e); want != "" {
		o.report(at, Error, "wrong-type", fmt.Sprintf("%s: %s: want %s, got %s", o.op.FullName(), path, want, got), "")
		return
	}
	switch e := e.(type) {
	case *ast.StringExpr:
		if s.Required && strings.TrimSpace(e.Value) == "" {
			o.report(at, Error, "bad-value", fmt.Sprintf("%s: %s is blank: %s", o.op.FullName(), path, s.Help), "")
		}
		if len(s.Enum) > 0 && e.Value != "" && !slices.Contains(s.Enum, e.Value) {
			o.report(at, Error, "bad-value", fmt.Sprintf("%s: %s: %q is not one of %s", o.op.FullName(), path, e.Value, join(s.Enum)),
				quoted(o.nearest(e.Value, s.Enum)))
		}
	case *ast.TableExpr:
		if s.Required && len(e.Fields) == 0 && isList(s.Type) {
			o.report(at, Error, "bad-value", fmt.Sprintf("%s: %s is an empty list: %s", o.op.FullName(), path, s.Help), "")
		}
		o.nested(e, s, path, at, i)
	default:
		v, _ := literal(e)
		n, ok := v.(int64)
		if ok && s.Min != nil && n < *s.Min && (s.Required || s.Default != "" || n != 0) {
			o.report(at, Error, "bad-value", fmt.Sprintf("%s: %s: want %d or more, got %d", o.op.FullName(), path, *s.Min, n), "")
		}
	}
}

// nested checks the fields of an object, and of each object of a list.
func (o *opCheck) nested(t *ast.TableExpr, s bindings.Param, path string, at place, i int) {
	if len(s.Fields) == 0 {
		return
	}
	if s.Type == bindings.Obj {
		o.object(t, s.Fields, path, at, i)
		return
	}
	i = o.tokens.find(i, func(i int) bool { return o.tokens.is(i, "{") }) + 1 // into the list
	for n, f := range t.Fields {
		entry, ok := f.Value.(*ast.TableExpr)
		name := path + "[" + strconv.Itoa(n+1) + "]"
		switch {
		case f.Key != nil:
			return
		case ok:
			open := o.tokens.find(max(i, o.tokens.from(entry.Line())), func(i int) bool { return o.tokens.is(i, "{") })
			if open >= 0 {
				at, i = o.tokens.at(open), open
			}
			o.object(entry, s.Fields, name, at, i)
			i = o.tokens.closing(i)
		case kindOf(f.Value) != "":
			o.report(o.valuePlace(f.Value), Error, "wrong-type",
				fmt.Sprintf("%s: %s: want a table of fields, got %s", o.op.FullName(), name, gotText(f.Value)), "")
		}
	}
}

func (o *opCheck) object(t *ast.TableExpr, specs []bindings.Param, path string, at place, i int) {
	given := map[string]bool{}
	if o.table(t, specs, given, path+".", i) {
		o.missing(specs, given, path+".", at)
	}
}

// closing is the token behind the bracket that closes the one at token i.
func (t *tokens) closing(i int) int {
	depth := 0
	for ; i < len(t.list); i++ {
		switch {
		case t.is(i, "{"):
			depth++
		case t.is(i, "}"):
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return i
}
