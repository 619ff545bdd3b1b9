package vm

import "github.com/yuin/gopher-lua/ast"

// foldLogic takes constants out of `and`, `or` and `not`: the engine compiles them to jumps to the wrong places.
func foldLogic(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.LogicalOpExpr:
		if truth, ok := constant(e.Lhs); ok {
			if truth == (e.Operator == "and") {
				return single(e.Rhs)
			}
			return e.Lhs
		}
	case *ast.UnaryNotOpExpr:
		if truth, ok := constant(e.Expr); ok {
			if truth {
				return at(&ast.FalseExpr{}, e)
			}
			return at(&ast.TrueExpr{}, e)
		}
	}
	return e
}

// constant tells whether an expression is a constant, and whether that counts as true.
func constant(e ast.Expr) (truth, ok bool) {
	switch e.(type) {
	case *ast.FalseExpr, *ast.NilExpr:
		return false, true
	case *ast.TrueExpr, *ast.NumberExpr, *ast.StringExpr:
		return true, true
	}
	return false, false
}
