package check

import (
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// role is what the function is for in which the walk is.
type role int

const (
	mainChunk role = iota // the file itself
	helper                // some function
	declares              // the body of a describe: it runs while tests are declared
	tests                 // a test or a hook
)

// bodyOf says what a function is for that is given to a function of the test library.
func bodyOf(name string) role {
	switch name {
	case "describe":
		return declares
	case "it", "before_all", "before_each", "after_each", "after_all":
		return tests
	}
	return helper
}

// call walks a call.
func (c *checker) call(e *ast.FuncCallExpr) {
	if e.Receiver != nil {
		c.methodCall(e)
		return
	}
	in := helper
	args := e.Args
	switch f := e.Func.(type) {
	case *ast.IdentExpr:
		c.expr(f, called)
		if name := c.global(f); name != "" && !c.assigned[name] {
			in = c.namedCall(name, e)
		}
	case *ast.AttrGetExpr:
		op := c.member(f, called)
		c.handleMember(f)
		c.expr(f.Object, indexed)
		c.expr(f.Key, plain)
		if name, key, ok := c.memberOf(f); ok {
			c.fixture(name, key, f)
		}
		if op != nil {
			c.opCall(op, args, f.Key.Line())
		}
		c.dottedMatcher(f)
	default:
		c.expr(e.Func, called)
	}
	c.args(args, in)
}

// args walks arguments; functions among them are of the role in.
func (c *checker) args(args []ast.Expr, in role) {
	for _, a := range args {
		if f, ok := a.(*ast.FunctionExpr); ok {
			if in == helper && c.inside == tests { // eventually(function() ... end) is part of the test
				c.function(f, tests)
			} else {
				c.function(f, in)
			}
			continue
		}
		c.expr(a, plain)
	}
}

// namedCall looks at the call of a global function and says what functions among its arguments are for.
func (c *checker) namedCall(name string, e *ast.FuncCallExpr) role {
	switch name {
	case "require":
		if text, ok := first(e.Args).(*ast.StringExpr); !ok || !c.shipped(text.Value) {
			c.loads = true
		}
	case "pcall":
		if f, ok := first(e.Args).(*ast.AttrGetExpr); ok && c.reporting {
			area, key, isMember := c.memberOf(f)
			if a := c.area(area); isMember && a != nil && a.ops[key] != nil {
				c.opCall(a.ops[key], e.Args[1:], f.Key.Line())
			}
		}
	}
	in := bodyOf(name)
	if in == helper {
		return helper
	}
	if c.inside == tests && c.known.globals[name] {
		c.report(c.tokens.variable(name, e.Func.Line()), Error, "test-in-test", name+" can't be used inside a test or a hook", "")
	}
	return in
}

func first(args []ast.Expr) ast.Expr {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}

// shipped tells whether require finds the module in the binary.
func (c *checker) shipped(module string) bool {
	return slices.Contains(c.known.Modules, strings.TrimPrefix(module, "imctl."))
}

// methodCall is receiver:name().
func (c *checker) methodCall(e *ast.FuncCallExpr) {
	if name := c.global(e.Receiver); name != "" && c.reporting {
		if a := c.area(name); a != nil {
			c.report(c.tokens.take(c.tokens.member(e.Method, e.Line()), e.Line()), Error, "colon-call",
				"operations are called with a dot, not with a colon", c.nearest(name+"."+e.Method, a.names))
		}
	}
	if c.isExpectation(e.Receiver) && c.reporting && !c.known.matchers[e.Method] {
		c.report(c.tokens.take(c.tokens.member(e.Method, e.Line()), e.Line()), Error, "unknown-matcher",
			"expect has no "+e.Method, c.nearest(e.Method, c.known.Matchers))
	}
	if giver := c.handleOf(e.Receiver); giver != nil {
		c.handleMethod(giver, e)
	}
	c.expr(e.Receiver, indexed)
	c.args(e.Args, helper)
}

// isExpectation tells whether e is expect(x), check(x), or either with .never.
func (c *checker) isExpectation(e ast.Expr) bool {
	if get, ok := e.(*ast.AttrGetExpr); ok {
		if key, isText := get.Key.(*ast.StringExpr); isText && key.Value == "never" {
			e = get.Object
		}
	}
	call, ok := e.(*ast.FuncCallExpr)
	if !ok || call.Receiver != nil || len(c.known.matchers) == 0 {
		return false
	}
	name := c.global(call.Func)
	return (name == "expect" || name == "check") && !c.assigned[name]
}

// dottedMatcher is expect(x).equals(y): the matcher would get y as the expectation itself.
func (c *checker) dottedMatcher(f *ast.AttrGetExpr) {
	key, ok := f.Key.(*ast.StringExpr)
	if !ok || !c.reporting || !c.isExpectation(f.Object) || key.Value == "never" {
		return
	}
	c.report(c.tokens.take(c.tokens.member(key.Value, key.Line()), key.Line()), Error, "dot-matcher",
		"expectations are called with a colon, not with a dot", ":"+c.nearestOr(key.Value, c.known.Matchers))
}

func (c *checker) nearestOr(name string, names []string) string {
	if near := c.nearest(name, names); near != "" {
		return near
	}
	return name
}

// callStatement is a call whose result nobody takes.
func (c *checker) callStatement(s *ast.FuncCallStmt) {
	c.expr(s.Expr, plain)
	call, ok := s.Expr.(*ast.FuncCallExpr)
	if ok && c.reporting && c.isExpectation(call) {
		name := c.global(call.Func)
		c.report(c.tokens.variable(name, call.Line()), Warning, "no-matcher", name+"(x) alone expects nothing", name+"(x):is_true()")
	}
}
