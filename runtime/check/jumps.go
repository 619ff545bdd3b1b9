package check

import (
	"github.com/yuin/gopher-lua/ast"
)

// What the parser takes and the compiler refuses: break outside of a loop, goto without its label, ... in a function
// that has none.

// enter goes into a function; the returned function comes out of it.
func (c *checker) enter(in role, varargs bool) (leave func()) {
	inside, loops, outer, labels := c.inside, c.loops, c.varargs, c.labels
	c.inside, c.loops, c.varargs, c.labels = in, 0, varargs, nil
	c.nesting++
	return func() {
		c.nesting--
		c.inside, c.loops, c.varargs, c.labels = inside, loops, outer, labels
	}
}

// labelled makes the labels of a block known; the returned function forgets them.
func (c *checker) labelled(list []ast.Stmt) (leave func()) {
	n := len(c.labels)
	var labels map[string]bool
	for _, s := range list {
		if l, ok := s.(*ast.LabelStmt); ok {
			if labels == nil {
				labels = map[string]bool{}
			}
			labels[l.Name] = true
		}
	}
	if labels != nil {
		c.labels = append(c.labels, labels)
	}
	return func() { c.labels = c.labels[:n] }
}

func (c *checker) jump(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.BreakStmt:
		if c.loops == 0 && c.reporting {
			at := c.tokens.findNew(s.Line(), func(i int) bool { return c.tokens.is(i, "break") })
			c.report(c.tokens.take(at, s.Line()), Error, "syntax", "break outside of a loop", "")
		}
	case *ast.GotoStmt:
		for _, labels := range c.labels {
			if labels[s.Label] {
				return
			}
		}
		if c.reporting {
			c.report(c.tokens.variable(s.Label, s.Line()), Error, "syntax", "goto "+s.Label+": no such label here", "")
		}
	}
}

func (c *checker) rest(e *ast.Comma3Expr) {
	if !c.varargs && c.reporting {
		at := c.tokens.findNew(e.Line(), func(i int) bool { return c.tokens.is(i, "...") })
		c.report(c.tokens.take(at, e.Line()), Error, "syntax", "... outside of a function that takes it", "")
	}
}
