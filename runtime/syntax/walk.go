// Package syntax walks the syntax trees of Lua scripts, for the checks that read them and the rewriting before they
// are compiled.
package syntax

import "github.com/yuin/gopher-lua/ast"

// Visitor is called on a tree from the inside out. Either function may be nil.
type Visitor struct {
	Block func([]ast.Stmt) []ast.Stmt // each list of statements, which it may replace
	Expr  func(ast.Expr)              // each expression
}

// Walk visits a chunk and returns its statements, replaced where Block replaced them.
func (v Visitor) Walk(chunk []ast.Stmt) []ast.Stmt {
	for _, s := range chunk {
		v.stmt(s)
	}
	if v.Block != nil {
		return v.Block(chunk)
	}
	return chunk
}

func (v Visitor) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		v.exprs(s.Lhs...)
		v.exprs(s.Rhs...)
	case *ast.LocalAssignStmt:
		v.exprs(s.Exprs...)
	case *ast.FuncCallStmt:
		v.exprs(s.Expr)
	case *ast.DoBlockStmt:
		s.Stmts = v.Walk(s.Stmts)
	case *ast.WhileStmt:
		v.exprs(s.Condition)
		s.Stmts = v.Walk(s.Stmts)
	case *ast.RepeatStmt:
		s.Stmts = v.Walk(s.Stmts)
		v.exprs(s.Condition)
	case *ast.IfStmt:
		v.exprs(s.Condition)
		s.Then = v.Walk(s.Then)
		s.Else = v.Walk(s.Else)
	case *ast.NumberForStmt:
		v.exprs(s.Init, s.Limit, s.Step)
		s.Stmts = v.Walk(s.Stmts)
	case *ast.GenericForStmt:
		v.exprs(s.Exprs...)
		s.Stmts = v.Walk(s.Stmts)
	case *ast.FuncDefStmt:
		v.exprs(s.Name.Func, s.Name.Receiver, s.Func)
	case *ast.ReturnStmt:
		v.exprs(s.Exprs...)
	}
}

func (v Visitor) exprs(list ...ast.Expr) {
	for _, e := range list {
		v.expr(e)
	}
}

func (v Visitor) expr(e ast.Expr) {
	switch e := e.(type) {
	case nil:
		return
	case *ast.FuncCallExpr:
		v.exprs(e.Func, e.Receiver)
		v.exprs(e.Args...)
	case *ast.AttrGetExpr:
		v.exprs(e.Object, e.Key)
	case *ast.TableExpr:
		for _, f := range e.Fields {
			v.exprs(f.Key, f.Value)
		}
	case *ast.LogicalOpExpr:
		v.exprs(e.Lhs, e.Rhs)
	case *ast.RelationalOpExpr:
		v.exprs(e.Lhs, e.Rhs)
	case *ast.StringConcatOpExpr:
		v.exprs(e.Lhs, e.Rhs)
	case *ast.ArithmeticOpExpr:
		v.exprs(e.Lhs, e.Rhs)
	case *ast.UnaryMinusOpExpr:
		v.exprs(e.Expr)
	case *ast.UnaryNotOpExpr:
		v.exprs(e.Expr)
	case *ast.UnaryLenOpExpr:
		v.exprs(e.Expr)
	case *ast.FunctionExpr:
		e.Stmts = v.Walk(e.Stmts)
	}
	if v.Expr != nil {
		v.Expr(e)
	}
}
