package check

import (
	"slices"

	"github.com/yuin/gopher-lua/ast"

	"github.com/openimsdk/imctl/bindings"
)

// handleOf is the operation that gave the handle which an expression surely is: the call of such an operation, or a local
// that was given one and that nothing else is assigned to. It is nil when that can't be known.
func (c *checker) handleOf(e ast.Expr) *operation {
	switch e := e.(type) {
	case *ast.IdentExpr:
		if held := c.locals[e.Value]; len(held) > 0 && !c.reassigned[e.Value] {
			return held[len(held)-1].handle
		}
	case *ast.FuncCallExpr:
		get, ok := e.Func.(*ast.AttrGetExpr)
		if !ok {
			return nil
		}
		name, key, ok := c.memberOf(get)
		if a := c.area(name); ok && a != nil && a.ops[key] != nil && a.ops[key].GivesHandle() && !c.assigned[name+"."+key] {
			return a.ops[key]
		}
	}
	return nil
}

// handleMethod checks the call of a method of a handle.
func (c *checker) handleMethod(giver *operation, e *ast.FuncCallExpr) {
	if !c.reporting {
		return
	}
	a := c.known.areas[giver.Area()]
	op := a.method(e.Method)
	if op == nil {
		c.report(c.tokens.take(c.tokens.member(e.Method, e.Line()), e.Line()), Error, "unknown-method",
			"a "+a.Name+" has no method "+e.Method, c.nearest(e.Method, a.methods()))
		return
	}
	c.opCall(op, e.Args, e.Line())
}

// handleMember checks the reading of a field of a handle, which may be a method too.
func (c *checker) handleMember(e *ast.AttrGetExpr) {
	key, ok := e.Key.(*ast.StringExpr)
	if !ok || !c.reporting {
		return
	}
	giver := c.handleOf(e.Object)
	if giver == nil {
		return
	}
	a := c.known.areas[giver.Area()]
	names := a.methods()
	for _, f := range giver.Result() {
		names = append(names, f.Name)
	}
	if !slices.Contains(names, key.Value) {
		c.report(c.tokens.take(c.tokens.member(key.Value, key.Line()), key.Line()), Error, "unknown-member",
			"a "+a.Name+" has no "+key.Value, c.nearest(key.Value, names))
	}
}

// methods are the names of the methods of the area's handles.
func (a *area) methods() []string {
	var names []string
	for _, op := range a.Methods() {
		names = append(names, op.Name)
	}
	return names
}

// method is the method of that name, nil when there is none.
func (a *area) method(name string) *operation {
	methods := a.Methods()
	i := slices.IndexFunc(methods, func(op bindings.Op) bool { return op.Name == name })
	if i < 0 {
		return nil
	}
	return &operation{Op: methods[i], params: methods[i].MethodParams(), method: true}
}
