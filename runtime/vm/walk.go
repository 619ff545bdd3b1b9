package vm

import (
	"strconv"

	"github.com/yuin/gopher-lua/ast"
)

// maxNesting bounds how deep a source may be nested: the compiler goes down by calls of its own, and a stack of Go that
// is too deep ends the process.
const maxNesting = 5000

// rewriter walks the tree of a source from the inside out and replaces what the engine's compiler gets wrong.
type rewriter struct {
	depth int
}

// tooDeep is the error of a source nested deeper than maxNesting.
type tooDeep struct{ line int }

func (e *tooDeep) Error() string {
	return "chunk has too many syntax levels (more than " + strconv.Itoa(maxNesting) + ")"
}

// rewrite mends, between parse and compile, what the engine's compiler gets wrong. Each repair has a test that shows
// the stock compiler failing.
func rewrite(chunk []ast.Stmt) (mended []ast.Stmt, err error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*tooDeep)
			if !ok {
				panic(r)
			}
			err = e
		}
	}()
	r := &rewriter{}
	return r.block(chunk), nil
}

func (r *rewriter) enter(n ast.PositionHolder) {
	if r.depth++; r.depth > maxNesting {
		panic(&tooDeep{n.Line()})
	}
}

func (r *rewriter) block(list []ast.Stmt) []ast.Stmt {
	for i, s := range list {
		r.enter(s)
		r.stmt(s)
		list[i] = mend(s)
		r.depth--
	}
	return list
}

func (r *rewriter) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		r.exprs(s.Lhs)
		r.exprs(s.Rhs)
	case *ast.LocalAssignStmt:
		r.exprs(s.Exprs)
	case *ast.FuncCallStmt:
		r.expr(&s.Expr)
	case *ast.DoBlockStmt:
		s.Stmts = r.block(s.Stmts)
	case *ast.WhileStmt:
		r.expr(&s.Condition)
		s.Stmts = r.block(s.Stmts)
	case *ast.RepeatStmt:
		s.Stmts = r.block(s.Stmts)
		r.expr(&s.Condition)
	case *ast.IfStmt:
		r.expr(&s.Condition)
		s.Then = r.block(s.Then)
		s.Else = r.block(s.Else)
	case *ast.NumberForStmt:
		r.expr(&s.Init)
		r.expr(&s.Limit)
		r.expr(&s.Step)
		for _, bound := range []*ast.Expr{&s.Init, &s.Limit, &s.Step} { // texts that are numbers count as such
			if text, ok := (*bound).(*ast.StringExpr); ok {
				if _, ok := parseNumber(text.Value); ok {
					*bound = plainNumber(at(&ast.NumberExpr{Value: text.Value}, text))
				}
			}
		}
		s.Stmts = r.block(s.Stmts)
	case *ast.GenericForStmt:
		r.exprs(s.Exprs)
		s.Stmts = r.block(s.Stmts)
	case *ast.FuncDefStmt:
		r.expr(&s.Name.Func)
		r.expr(&s.Name.Receiver)
		s.Func.Stmts = r.block(s.Func.Stmts)
	case *ast.ReturnStmt:
		r.exprs(s.Exprs)
	}
}

func (r *rewriter) exprs(list []ast.Expr) {
	for i := range list {
		r.expr(&list[i])
	}
}

// expr walks the expression at place and puts another there if need be.
func (r *rewriter) expr(place *ast.Expr) {
	if *place == nil {
		return
	}
	r.enter(*place)
	defer func() { r.depth-- }()
	switch e := (*place).(type) {
	case *ast.NumberExpr:
		*place = plainNumber(e)
	case *ast.FuncCallExpr:
		r.expr(&e.Func)
		r.expr(&e.Receiver)
		r.exprs(e.Args)
	case *ast.AttrGetExpr:
		r.expr(&e.Object)
		r.expr(&e.Key)
	case *ast.TableExpr:
		for _, f := range e.Fields {
			r.expr(&f.Key)
			r.expr(&f.Value)
		}
		*place = splitTable(e)
	case *ast.LogicalOpExpr:
		r.expr(&e.Lhs)
		r.expr(&e.Rhs)
		*place = foldLogic(e)
	case *ast.RelationalOpExpr:
		r.expr(&e.Lhs)
		r.expr(&e.Rhs)
	case *ast.StringConcatOpExpr:
		call := concatCall(e)
		r.exprs(call.Args)
		*place = call
	case *ast.ArithmeticOpExpr:
		r.expr(&e.Lhs)
		r.expr(&e.Rhs)
	case *ast.UnaryMinusOpExpr:
		r.expr(&e.Expr)
	case *ast.UnaryNotOpExpr:
		r.expr(&e.Expr)
		*place = foldLogic(e)
	case *ast.UnaryLenOpExpr:
		r.expr(&e.Expr)
	case *ast.FunctionExpr:
		e.Stmts = r.block(e.Stmts)
	}
}

// plainNumber writes a number so that the engine reads it as Lua does: it takes 010 for eight and a long hexadecimal
// number for none.
func plainNumber(e *ast.NumberExpr) ast.Expr {
	if f, ok := parseNumber(e.Value); ok && f < 1<<53 {
		e.Value = strconv.FormatFloat(f, 'g', -1, 64)
	} else if ok {
		e.Value = strconv.FormatFloat(f, 'e', -1, 64)
	}
	return e
}
