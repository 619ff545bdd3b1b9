package check

import (
	"github.com/yuin/gopher-lua/ast"
)

// chunk walks the file.
func (c *checker) chunk(chunk []ast.Stmt) {
	c.locals, c.stack = map[string][]local{}, nil
	c.inside, c.nesting, c.loops, c.varargs, c.labels = mainChunk, 0, 0, true, nil
	c.block(chunk)
}

// block walks statements in a scope of their own.
func (c *checker) block(list []ast.Stmt) {
	defer c.leave(len(c.stack))
	c.statements(list)
}

func (c *checker) statements(list []ast.Stmt) {
	defer c.labelled(list)()
	for i, s := range list {
		c.statement(s)
		if i+1 < len(list) && c.ends(s) {
			c.unreachable(s, list[i+1])
		}
	}
}

func (c *checker) statement(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		c.exprs(s.Rhs)
		for _, lhs := range s.Lhs {
			c.assign(lhs)
		}
	case *ast.LocalAssignStmt:
		c.localAssign(s)
	case *ast.FuncCallStmt:
		c.callStatement(s)
	case *ast.DoBlockStmt:
		c.block(s.Stmts)
	case *ast.WhileStmt:
		c.expr(s.Condition, tested)
		c.loops++
		c.block(s.Stmts)
		c.loops--
	case *ast.RepeatStmt: // the condition sees the locals of the block
		mark := len(c.stack)
		c.loops++
		c.statements(s.Stmts)
		c.loops--
		c.expr(s.Condition, tested)
		c.leave(mark)
	case *ast.IfStmt:
		c.expr(s.Condition, tested)
		c.block(s.Then)
		c.block(s.Else)
	case *ast.NumberForStmt:
		c.exprs([]ast.Expr{s.Init, s.Limit, s.Step})
		c.loop([]string{s.Name}, s.Stmts)
	case *ast.GenericForStmt:
		c.exprs(s.Exprs)
		c.loop(s.Names, s.Stmts)
	case *ast.FuncDefStmt:
		c.define(s)
	case *ast.ReturnStmt:
		c.exprs(s.Exprs)
	case *ast.BreakStmt, *ast.GotoStmt:
		c.jump(s)
	}
}

func (c *checker) loop(names []string, body []ast.Stmt) {
	defer c.leave(len(c.stack))
	c.declare(names...)
	c.loops++
	c.block(body)
	c.loops--
}

// localAssign declares locals. A local function can call itself: its name is there before its body. The tree does not
// tell `local function f` from `local f = function`, so that in both the name is there first.
func (c *checker) localAssign(s *ast.LocalAssignStmt) {
	if len(s.Names) == 1 && len(s.Exprs) == 1 {
		switch e := s.Exprs[0].(type) {
		case *ast.FunctionExpr:
			c.declare(s.Names[0])
			c.function(e, helper)
			return
		case *ast.IdentExpr:
			held := local{alias: c.global(e), handle: c.handleOf(e)}
			c.expr(e, plain)
			c.declare(s.Names[0])
			c.locals[s.Names[0]][len(c.locals[s.Names[0]])-1] = held
			return
		}
	}
	handles := make([]*operation, len(s.Names))
	for i, e := range s.Exprs[:min(len(s.Exprs), len(s.Names))] {
		handles[i] = c.handleOf(e)
	}
	c.exprs(s.Exprs)
	c.declare(s.Names...)
	for i, name := range s.Names {
		c.locals[name][len(c.locals[name])-1].handle = handles[i]
	}
}

// declare brings locals into scope.
func (c *checker) declare(names ...string) {
	for _, n := range names {
		c.locals[n] = append(c.locals[n], local{})
		c.stack = append(c.stack, n)
	}
}

// leave ends the scope of the locals above mark.
func (c *checker) leave(mark int) {
	for _, n := range c.stack[mark:] {
		c.locals[n] = c.locals[n][:len(c.locals[n])-1]
	}
	c.stack = c.stack[:mark]
}

// assign looks at the left side of an assignment.
func (c *checker) assign(lhs ast.Expr) {
	switch e := lhs.(type) {
	case *ast.IdentExpr:
		if held := c.locals[e.Value]; len(held) > 0 {
			held[len(held)-1].alias = ""
			c.reassigned[e.Value] = true
			return
		}
		c.assignGlobal(e.Value, e.Line())
	case *ast.AttrGetExpr:
		name, key, ok := c.memberOf(e)
		switch {
		case !ok:
			c.expr(e.Object, indexed)
			c.expr(e.Key, plain)
		case name == "_G":
			c.assigned[key], c.topLevel[key] = true, true
		default:
			c.assigned[name+"."+key] = true
			c.expr(e.Object, indexed)
		}
	}
}

// define is `function name.of.it() end`.
func (c *checker) define(s *ast.FuncDefStmt) {
	if s.Name.Func != nil {
		c.assign(s.Name.Func)
	} else {
		c.expr(s.Name.Receiver, indexed)
		if e, ok := s.Name.Receiver.(*ast.IdentExpr); ok && c.global(e) != "" {
			c.assigned[c.global(e)+"."+s.Name.Method] = true
		}
		c.method(s.Func)
		return
	}
	c.function(s.Func, helper)
}

// method is a function with the hidden parameter self.
func (c *checker) method(f *ast.FunctionExpr) {
	defer c.leave(len(c.stack))
	c.declare("self")
	c.function(f, helper)
}

// function walks a function's body. in says what the function is for.
func (c *checker) function(f *ast.FunctionExpr, in role) {
	defer c.leave(len(c.stack))
	defer c.enter(in, f.ParList != nil && f.ParList.HasVargs)()
	if f.ParList != nil {
		c.declare(f.ParList.Names...)
		if f.ParList.HasVargs {
			c.declare("arg") // Lua 5.1 has it beside ...
		}
	}
	c.block(f.Stmts)
}
