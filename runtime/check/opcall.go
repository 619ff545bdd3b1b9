package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
)

// opCall checks the arguments of an operation's call as far as they can be known. line is that of the operation's name.
func (c *checker) opCall(op *operation, args []ast.Expr, line int) {
	if !c.reporting {
		return
	}
	name := c.tokens.member(op.Name, line)
	at := name
	if at < 0 {
		at = c.tokens.from(line)
	}
	call := &opCheck{checker: c, op: op, token: at, place: c.tokens.take(name, line), given: map[string]bool{}}
	call.arguments(args)
	if call.complete {
		call.missing(op.fields(), call.given, "", call.place)
	}
}

// opCheck is the check of one call.
type opCheck struct {
	*checker
	op       *operation
	token    int   // where the call starts: names are looked for from here on
	place    place // of the operation's name
	given    map[string]bool
	complete bool // all that is given can be seen
}

// arguments checks the arguments by the rule of bindings.Op.Arguments: leading ones by their place, a last table of
// fields by name.
func (o *opCheck) arguments(args []ast.Expr) {
	o.complete = true
	specs := o.op.fields()
	n := len(args)
	if n > 0 {
		switch last := args[n-1].(type) {
		case *ast.TableExpr:
			if o.isFields(last, n) {
				o.complete = o.table(last, specs, o.given, "", o.token)
				args = args[:n-1]
			}
		default:
			if kindOf(last) == "" { // it may be a table of fields, or several values
				o.complete = false
				args = args[:n-1]
			}
		}
	}
	for i, a := range args {
		o.positional(a, i+1)
	}
}

// isFields tells whether a last table holds fields rather than being the value of a positional parameter.
func (o *opCheck) isFields(t *ast.TableExpr, place int) bool {
	s, ok := positional(o.op.fields(), place)
	isObject := ok && (place > 1 || o.op.method) && (s.Type == bindings.Obj || s.Type == bindings.Any)
	if len(t.Fields) == 0 {
		return !isObject && !(ok && isList(s.Type))
	}
	named := slices.ContainsFunc(t.Fields, func(f *ast.Field) bool { return f.Key != nil })
	return named && !isObject
}

func isList(t bindings.Type) bool {
	return t == bindings.Strings || t == bindings.Ints || t == bindings.Objects
}

// positional checks the argument at a place.
func (o *opCheck) positional(a ast.Expr, place int) {
	specs := o.op.fields()
	s, ok := positional(specs, place)
	at := o.valuePlace(a)
	if !ok {
		var names []string
		for i := 1; ; i++ {
			p, has := positional(specs, i)
			if !has || i >= place {
				break
			}
			names = append(names, p.Name)
		}
		takes := "only a table of fields"
		if len(names) > 0 {
			takes = strings.Join(names, ", ") + " and a table of fields"
		}
		o.report(at, Error, "too-many-arguments", fmt.Sprintf("%s takes %s, not an argument %d", o.op.FullName(), takes, place), "")
		return
	}
	if _, isNil := a.(*ast.NilExpr); isNil {
		return
	}
	if o.given[s.Name] && !s.Variadic {
		o.report(at, Error, "given-twice", s.Name+" is given twice", "")
	}
	o.given[s.Name] = true
	if _, isTable := a.(*ast.TableExpr); s.Variadic && !isTable && s.Type == bindings.Strings {
		s.Type = bindings.String // one of the list
	}
	o.value(a, s, s.Name, at, o.token)
}

// positional is the parameter at a place among the arguments.
func positional(specs []bindings.Param, place int) (bindings.Param, bool) {
	for _, s := range specs {
		if s.Arg == place || s.Variadic && place > s.Arg {
			return s, true
		}
	}
	return bindings.Param{}, false
}

// valuePlace is the place of a value that has no name.
func (o *opCheck) valuePlace(e ast.Expr) place {
	t := o.tokens
	fits := func(i int) bool { return false }
	switch e := e.(type) {
	case *ast.StringExpr:
		fits = func(i int) bool { return t.isString(i, e.Value) }
	case *ast.NumberExpr:
		fits = func(i int) bool { return t.is(i, e.Value) }
	case *ast.TableExpr:
		fits = func(i int) bool { return t.is(i, "{") }
	case *ast.TrueExpr:
		fits = func(i int) bool { return t.is(i, "true") }
	case *ast.FalseExpr:
		fits = func(i int) bool { return t.is(i, "false") }
	case *ast.NilExpr:
		fits = func(i int) bool { return t.is(i, "nil") }
	case *ast.FunctionExpr:
		fits = func(i int) bool { return t.is(i, "function") }
	}
	i := t.find(max(o.token, t.from(e.Line())), fits)
	if i < 0 {
		return o.place
	}
	return t.at(i)
}

// missing reports required fields that are not given.
func (o *opCheck) missing(specs []bindings.Param, given map[string]bool, path string, at place) {
	for _, s := range specs {
		if s.Required && s.Default == "" && !given[s.Name] {
			o.report(at, Error, "missing-field", fmt.Sprintf("%s: missing field %s%s: %s", o.op.FullName(), path, s.Name, s.Help), "")
		}
	}
}

// describe names plain data for a message.
func describe(v any) string { return value.Describe(v) }
