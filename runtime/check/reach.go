package check

import (
	"github.com/yuin/gopher-lua/ast"
)

// fixture warns of a fixture that is made while the tests are declared. It would be there before the first test and
// stay until the script ends, not for the describe that it stands in.
func (c *checker) fixture(name, key string, f *ast.AttrGetExpr) {
	if name != "fixture" || !c.reporting || c.assigned[name] || c.inside != declares {
		return
	}
	c.report(c.tokens.variable("fixture", f.Line()), Warning, "fixture-in-describe",
		"fixture."+key+" runs while the tests are declared and is removed only when the script ends", "before_all or it around it")
}

// unreachable warns of what stands behind a statement that ends the block.
func (c *checker) unreachable(end, next ast.Stmt) {
	if _, isLabel := next.(*ast.LabelStmt); isLabel || !c.reporting || next.Line() <= end.Line() {
		return
	}
	what := "this never runs: the statement before it ends the block"
	if c.makesFixture(next) {
		what = "this fixture is never made: the statement before it ends the block"
	}
	c.report(c.tokens.start(next.Line()), Warning, "unreachable", what, "")
}

// makesFixture tells whether a statement is a call of the fixtures, or keeps what one gave.
func (c *checker) makesFixture(s ast.Stmt) bool {
	var list []ast.Expr
	switch s := s.(type) {
	case *ast.FuncCallStmt:
		list = []ast.Expr{s.Expr}
	case *ast.LocalAssignStmt:
		list = s.Exprs
	case *ast.AssignStmt:
		list = s.Rhs
	}
	for _, e := range list {
		if call, ok := e.(*ast.FuncCallExpr); ok {
			if name, _, ok := c.memberOf(call.Func); ok && name == "fixture" {
				return true
			}
		}
	}
	return false
}

// ends tells whether nothing runs behind a statement: error(), os.exit(), do return end, or an if with all its
// branches like this.
func (c *checker) ends(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.FuncCallStmt:
		call, ok := s.Expr.(*ast.FuncCallExpr)
		if !ok || call.Receiver != nil {
			return false
		}
		name, key, isMember := c.memberOf(call.Func)
		return c.global(call.Func) == "error" && !c.assigned["error"] || isMember && name == "os" && key == "exit" && !c.assigned["os"]
	case *ast.DoBlockStmt:
		return len(s.Stmts) > 0 && c.ends(s.Stmts[len(s.Stmts)-1])
	case *ast.IfStmt:
		return len(s.Then) > 0 && len(s.Else) > 0 && c.ends(s.Then[len(s.Then)-1]) && c.ends(s.Else[len(s.Else)-1])
	}
	return false
}
