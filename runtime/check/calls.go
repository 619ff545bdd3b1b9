// Package check reads Lua scripts without running them and compares what they call with the declared operations.
package check

import (
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua/ast"
	"github.com/yuin/gopher-lua/parse"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
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
	w := walker{areas: map[string]bool{}}
	for _, a := range areas {
		w.areas[a.Name] = true
	}
	w.stmts(chunk)
	return w.calls, nil
}

type walker struct {
	areas map[string]bool
	calls []Call
}

func (w *walker) stmts(list []ast.Stmt) {
	for _, s := range list {
		w.stmt(s)
	}
}

func (w *walker) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		w.exprs(s.Lhs)
		w.exprs(s.Rhs)
	case *ast.LocalAssignStmt:
		w.exprs(s.Exprs)
	case *ast.FuncCallStmt:
		w.expr(s.Expr)
	case *ast.DoBlockStmt:
		w.stmts(s.Stmts)
	case *ast.WhileStmt:
		w.expr(s.Condition)
		w.stmts(s.Stmts)
	case *ast.RepeatStmt:
		w.stmts(s.Stmts)
		w.expr(s.Condition)
	case *ast.IfStmt:
		w.expr(s.Condition)
		w.stmts(s.Then)
		w.stmts(s.Else)
	case *ast.NumberForStmt:
		w.exprs([]ast.Expr{s.Init, s.Limit, s.Step})
		w.stmts(s.Stmts)
	case *ast.GenericForStmt:
		w.exprs(s.Exprs)
		w.stmts(s.Stmts)
	case *ast.FuncDefStmt:
		w.stmts(s.Func.Stmts)
	case *ast.ReturnStmt:
		w.exprs(s.Exprs)
	}
}

func (w *walker) exprs(list []ast.Expr) {
	for _, e := range list {
		w.expr(e)
	}
}

func (w *walker) expr(e ast.Expr) {
	switch e := e.(type) {
	case *ast.FuncCallExpr:
		w.call(e)
		w.expr(e.Func)
		w.expr(e.Receiver)
		w.exprs(e.Args)
	case *ast.AttrGetExpr:
		w.expr(e.Object)
		w.expr(e.Key)
	case *ast.TableExpr:
		for _, f := range e.Fields {
			w.expr(f.Key)
			w.expr(f.Value)
		}
	case *ast.LogicalOpExpr:
		w.exprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.RelationalOpExpr:
		w.exprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.StringConcatOpExpr:
		w.exprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.ArithmeticOpExpr:
		w.exprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.UnaryMinusOpExpr:
		w.expr(e.Expr)
	case *ast.UnaryNotOpExpr:
		w.expr(e.Expr)
	case *ast.UnaryLenOpExpr:
		w.expr(e.Expr)
	case *ast.FunctionExpr:
		w.stmts(e.Stmts)
	}
}

func (w *walker) call(e *ast.FuncCallExpr) {
	get, ok := e.Func.(*ast.AttrGetExpr)
	if !ok {
		return
	}
	area, isIdent := get.Object.(*ast.IdentExpr)
	key, isString := get.Key.(*ast.StringExpr)
	if !isIdent || !isString || !w.areas[area.Value] {
		return
	}
	c := Call{Area: area.Value, Op: key.Value, Line: e.Line(), Literal: true}
	for i, arg := range e.Args {
		if t, ok := arg.(*ast.TableExpr); ok && i == len(e.Args)-1 {
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
	w.calls = append(w.calls, c)
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
