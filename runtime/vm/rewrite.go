package vm

import (
	"strconv"

	"github.com/yuin/gopher-lua/ast"
)

// mend replaces one statement, the parts of which are mended already.
func mend(s ast.Stmt) ast.Stmt {
	switch s := s.(type) {
	case *ast.AssignStmt:
		if len(s.Lhs) > 1 || clobbers(s.Rhs[0]) {
			return assignAtOnce(s)
		}
		if f, ok := s.Rhs[0].(*ast.FuncCallExpr); ok && len(s.Rhs) == 1 {
			f.AdjustRet = false // one value is taken anyway; in brackets the call would overwrite other locals
		}
	case *ast.GenericForStmt:
		padGenericFor(s)
		s.Stmts = leadIn(s.Stmts, s)
	case *ast.RepeatStmt:
		s.Stmts = leadIn(s.Stmts, s)
	case *ast.IfStmt:
		// the code behind a constant condition makes the engine lose the return value of a surrounding generic for
		// (upstream #540)
		if truth, ok := constant(s.Condition); ok {
			if truth {
				return at(&ast.DoBlockStmt{Stmts: s.Then}, s)
			}
			return at(&ast.DoBlockStmt{Stmts: s.Else}, s)
		}
	case *ast.WhileStmt:
		if truth, ok := constant(s.Condition); ok && !truth {
			return at(&ast.DoBlockStmt{}, s)
		}
		s.Stmts = leadIn(s.Stmts, s)
	}
	return s
}

// leadIn puts an instruction that does nothing before a loop's body that begins with a jump, as in `for … do break
// end`: the engine shortens jumps to jumps one after the other, and takes one that it has shortened already, as it
// stands behind the way back of a loop, for one that goes somewhere else - the loop may then never end.
func leadIn(body []ast.Stmt, loop ast.PositionHolder) []ast.Stmt {
	if len(body) == 0 {
		return body
	}
	switch body[0].(type) {
	case *ast.BreakStmt, *ast.GotoStmt, *ast.LabelStmt, *ast.DoBlockStmt, *ast.WhileStmt, *ast.RepeatStmt:
	default:
		return body
	}
	nothing := at(&ast.DoBlockStmt{Stmts: []ast.Stmt{at(&ast.LocalAssignStmt{Names: []string{"(nothing)"}}, loop)}}, loop)
	return append([]ast.Stmt{nothing}, body...)
}

// assignAtOnce spells out a multiple assignment with temporaries: the engine assigns to locals one by one, so that
// `a, b = b, a` gives both the same value. Lua evaluates every expression before any assignment (manual 2.4.3).
func assignAtOnce(s *ast.AssignStmt) ast.Stmt {
	block := at(&ast.DoBlockStmt{}, s)
	n := 0
	temporary := func(line ast.PositionHolder) (string, *ast.IdentExpr) {
		n++
		name := "(temporary " + strconv.Itoa(n) + ")"
		return name, at(&ast.IdentExpr{Value: name}, line)
	}
	hold := func(e ast.Expr) ast.Expr { // keeps the value of e in a local of its own
		name, ident := temporary(e)
		block.Stmts = append(block.Stmts, at(&ast.LocalAssignStmt{Names: []string{name}, Exprs: []ast.Expr{e}}, e))
		return ident
	}
	targets := make([]ast.Expr, len(s.Lhs))
	for i, lhs := range s.Lhs {
		targets[i] = lhs
		if get, ok := lhs.(*ast.AttrGetExpr); ok {
			object, key := hold(get.Object), get.Key
			if _, constant := key.(*ast.StringExpr); !constant {
				key = hold(key)
			}
			targets[i] = at(&ast.AttrGetExpr{Object: object, Key: key}, get)
		}
	}
	values := at(&ast.LocalAssignStmt{Exprs: s.Rhs}, s)
	var sources []ast.Expr
	for range s.Lhs {
		name, ident := temporary(s)
		values.Names = append(values.Names, name)
		sources = append(sources, ident)
	}
	block.Stmts = append(block.Stmts, values)
	for i := len(targets) - 1; i >= 0; i-- { // the manual leaves the order open; Lua 5.1 goes from the right
		assign := &ast.AssignStmt{Lhs: []ast.Expr{targets[i]}, Rhs: []ast.Expr{sources[i]}}
		block.Stmts = append(block.Stmts, at(assign, s))
	}
	return block
}

// clobbers tells whether the engine may harm other locals when it puts the value of e straight into a local: `...`
// there clears every local declared later, and an `and` or `or` may write too early.
func clobbers(e ast.Expr) bool {
	switch e.(type) {
	case *ast.Comma3Expr, *ast.LogicalOpExpr:
		return true
	}
	return false
}

// padGenericFor spells out the values that `for k, v in next, t do` leaves out: the engine takes what lies in the
// register instead of nil (upstream #514).
func padGenericFor(s *ast.GenericForStmt) {
	if len(s.Exprs) == 0 {
		return
	}
	switch last := s.Exprs[len(s.Exprs)-1].(type) {
	case *ast.Comma3Expr:
		return
	case *ast.FuncCallExpr:
		if !last.AdjustRet {
			return
		}
	}
	for len(s.Exprs) < 3 {
		s.Exprs = append(s.Exprs, at(&ast.NilExpr{}, s))
	}
}

// at gives a node the position of another.
func at[N ast.PositionHolder](node N, like ast.PositionHolder) N {
	node.SetLine(like.Line())
	node.SetLastLine(like.LastLine())
	return node
}
