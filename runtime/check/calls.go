// Package check reads Lua scripts without running them and compares what they call with the declared operations.
package check

import (
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua/ast"
	"github.com/yuin/gopher-lua/parse"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/syntax"
)

// Call is a call of an area's function in a script: user.add{userID="a"}.
type Call struct {
	Area, Op string
	Line     int
	Fields   []string // names in a literal table of fields
	Args     []any    // the arguments as plain data, as far as they are literals
	Literal  bool     // all of the arguments are literals
}

// Name is the operation's full name.
func (c Call) Name() string { return c.Area + "." + c.Op }

// Calls parses source and lists the calls of the named areas in it, in order.
func Calls(source, name string, areas []bindings.Area) ([]Call, error) {
	chunk, err := parse.Parse(strings.NewReader(source), name)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, a := range areas {
		names[a.Name] = true
	}
	var calls []Call
	syntax.Visitor{Expr: func(e ast.Expr) {
		if c, ok := callOf(e, names); ok {
			calls = append(calls, c)
		}
	}}.Walk(chunk)
	return calls, nil
}

// callOf reads the call of an area's function.
func callOf(e ast.Expr, areas map[string]bool) (Call, bool) {
	call, isCall := e.(*ast.FuncCallExpr)
	if !isCall {
		return Call{}, false
	}
	get, ok := call.Func.(*ast.AttrGetExpr)
	if !ok {
		return Call{}, false
	}
	area, isIdent := get.Object.(*ast.IdentExpr)
	key, isString := get.Key.(*ast.StringExpr)
	if !isIdent || !isString || !areas[area.Value] {
		return Call{}, false
	}
	c := Call{Area: area.Value, Op: key.Value, Line: call.Line(), Literal: true}
	for i, arg := range call.Args {
		if t, ok := arg.(*ast.TableExpr); ok && i == len(call.Args)-1 {
			for _, f := range t.Fields {
				if k, ok := f.Key.(*ast.StringExpr); ok {
					c.Fields = append(c.Fields, k.Value)
				}
			}
		}
		v, ok := literal(arg)
		c.Literal = c.Literal && ok
		c.Args = append(c.Args, v)
	}
	return c, true
}

// literal is the plain data of a literal expression.
func literal(e ast.Expr) (any, bool) {
	switch e := e.(type) {
	case *ast.StringExpr:
		return e.Value, true
	case *ast.NumberExpr:
		if f, err := strconv.ParseFloat(e.Value, 64); err == nil && f == float64(int64(f)) {
			return int64(f), true
		} else if err == nil {
			return f, true
		}
		i, err := strconv.ParseInt(e.Value, 0, 64)
		return i, err == nil
	case *ast.TrueExpr:
		return true, true
	case *ast.FalseExpr:
		return false, true
	case *ast.NilExpr:
		return nil, true
	case *ast.UnaryMinusOpExpr:
		switch v, _ := literal(e.Expr); v := v.(type) {
		case int64:
			return -v, true
		case float64:
			return -v, true
		}
	case *ast.TableExpr:
		return literalTable(e)
	}
	return nil, false
}

func literalTable(t *ast.TableExpr) (any, bool) {
	o, list, ok := value.NewObject(), value.List{}, true
	for _, f := range t.Fields {
		v, isLiteral := literal(f.Value)
		ok = ok && isLiteral
		switch k := f.Key.(type) {
		case nil:
			list = append(list, v)
		case *ast.StringExpr:
			o.Set(k.Value, v)
		default:
			ok = false
		}
	}
	if o.Len() > 0 {
		return o, ok && len(list) == 0
	}
	return list, ok
}
