package vm

import (
	"github.com/yuin/gopher-lua/ast"

	lua "github.com/yuin/gopher-lua"
)

// The rewriting writes a call of one of our operators as a call of such a constant; bindOperators puts the function in
// its place once the engine has compiled the source. A script can't reach or replace an operator.
const (
	concatOperator = "\x00imctl:concat"
	listOperator   = "\x00imctl:list"
)

// operatorCall is the call of one of our operators, for one value.
func operatorCall(operator string, like ast.Expr) *ast.FuncCallExpr {
	return at(&ast.FuncCallExpr{AdjustRet: true, Func: at(&ast.StringExpr{Value: operator}, like)}, like)
}

// concatCall is the call that a chain of `..` becomes.
func concatCall(e *ast.StringConcatOpExpr) *ast.FuncCallExpr {
	call := operatorCall(concatOperator, e)
	for {
		call.Args = append(call.Args, single(e.Lhs))
		next, ok := e.Rhs.(*ast.StringConcatOpExpr)
		if !ok {
			call.Args = append(call.Args, single(e.Rhs))
			return call
		}
		e = next
	}
}

// single is an expression cut to one value.
func single(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.FuncCallExpr:
		e.AdjustRet = true
	case *ast.Comma3Expr:
		e.AdjustRet = true
	}
	return e
}

// operators are our operators as functions. They belong to no VM, so that compiled code can be shared.
var operators = map[lua.LValue]*lua.LFunction{
	lua.LString(concatOperator): {IsG: true, GFunction: func(L *lua.LState) int { return concat(vmOf(L), L) }},
	lua.LString(listOperator):   {IsG: true, GFunction: joinTables},
}

// bindOperators puts our operators into the constants of a compiled function.
func bindOperators(proto *lua.FunctionProto) {
	for i, c := range proto.Constants {
		if fn := operators[c]; fn != nil {
			proto.Constants[i] = fn
		}
	}
	for _, p := range proto.FunctionPrototypes {
		bindOperators(p)
	}
}

// ownKey is where the registry of a state holds its VM.
const ownKey = "imctl.vm"

// vmOf is the VM that a state belongs to.
func vmOf(L *lua.LState) *VM { return L.G.Registry.RawGetString(ownKey).(*lua.LUserData).Value.(*VM) }
