package check

import (
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

func (c *checker) exprs(list []ast.Expr) {
	for _, e := range list {
		c.expr(e, plain)
	}
}

// expr walks an expression; how says what is done with its value.
func (c *checker) expr(e ast.Expr, how use) {
	switch e := e.(type) {
	case *ast.IdentExpr:
		c.read(e, how)
	case *ast.NumberExpr:
		c.number(e)
	case *ast.AttrGetExpr:
		c.member(e, how)
		c.handleMember(e)
		c.expr(e.Object, indexed)
		c.expr(e.Key, plain)
	case *ast.FuncCallExpr:
		c.call(e)
	case *ast.TableExpr:
		for _, f := range e.Fields {
			c.expr(f.Key, plain)
			c.expr(f.Value, plain)
		}
	case *ast.LogicalOpExpr:
		c.expr(e.Lhs, tested)
		c.expr(e.Rhs, how)
	case *ast.RelationalOpExpr:
		c.comparison(e)
	case *ast.StringConcatOpExpr:
		c.exprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.ArithmeticOpExpr:
		c.exprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.UnaryMinusOpExpr:
		c.expr(e.Expr, plain)
	case *ast.UnaryNotOpExpr:
		c.expr(e.Expr, tested)
	case *ast.UnaryLenOpExpr:
		c.expr(e.Expr, plain)
	case *ast.FunctionExpr:
		c.function(e, helper)
	case *ast.Comma3Expr:
		c.rest(e)
	}
}

// comparison with nil asks whether something is there.
func (c *checker) comparison(e *ast.RelationalOpExpr) {
	how := plain
	_, left := e.Lhs.(*ast.NilExpr)
	_, right := e.Rhs.(*ast.NilExpr)
	if left || right {
		how = tested
	}
	c.expr(e.Lhs, how)
	c.expr(e.Rhs, how)
}

// number warns of a whole number that a Lua number can't hold: it would silently become another one.
func (c *checker) number(e *ast.NumberExpr) {
	if !c.reporting || len(e.Value) < 16 || strings.Trim(e.Value, "0123456789") != "" {
		return
	}
	f, err := strconv.ParseFloat(e.Value, 64)
	digits := strings.TrimLeft(e.Value, "0")
	if err != nil || strconv.FormatFloat(f, 'f', 0, 64) == digits {
		return
	}
	suggestion := ""
	if c.known.globals["int64"] {
		suggestion = `int64("` + digits + `")`
	}
	at := c.tokens.findNew(e.Line(), func(i int) bool { return c.tokens.list[i].text == e.Value })
	c.report(c.tokens.take(at, e.Line()), Warning, "inexact-number",
		"a Lua number can't hold "+digits+": it becomes "+strconv.FormatFloat(f, 'f', 0, 64), suggestion)
}
