package vm

import (
	"strconv"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
)

const (
	// mostFields is how many fields a table constructor keeps. The engine counts the places of more than 25,550 wrongly.
	mostFields = 25_000

	// constantFields is how many fields of constants a constructor keeps: the compiler looks through the constants of
	// a function for each, so that a table of 100,000 names would take minutes.
	constantFields = 500
)

// splitTable turns a long table constructor into one that is put together from pieces, each compiled as a function of
// its own if it holds constants only.
func splitTable(e *ast.TableExpr) ast.Expr {
	if len(e.Fields) <= constantFields {
		return e
	}
	constants := pureTable(e)
	size := mostFields
	if constants {
		size = max(constantFields, len(e.Fields)/150) // registers are few
	}
	var keyed, places []*ast.Field
	for i, f := range e.Fields {
		if f.Key != nil {
			keyed = append(keyed, f)
			continue
		}
		if i < len(e.Fields)-1 {
			f.Value = single(f.Value)
		}
		places = append(places, f)
	}
	if len(places) <= mostFields && !constants {
		return e
	}
	call := operatorCall(listOperator, e)
	call.Args = append(call.Args, at(&ast.NumberExpr{Value: strconv.Itoa(size)}, e))
	addPieces := func(fields []*ast.Field) {
		for len(fields) > 0 {
			n := min(size, len(fields))
			call.Args = append(call.Args, tablePiece(&ast.TableExpr{Fields: fields[:n]}, e, constants))
			fields = fields[n:]
		}
	}
	addPieces(places)
	call.Args = append(call.Args, at(&ast.NilExpr{}, e))
	addPieces(keyed)
	return call
}

// tablePiece is one piece of a table constructor.
func tablePiece(t *ast.TableExpr, like ast.Expr, constants bool) ast.Expr {
	at(t, like)
	if !constants {
		return t
	}
	body := at(&ast.ReturnStmt{Exprs: []ast.Expr{t}}, like)
	fn := at(&ast.FunctionExpr{ParList: &ast.ParList{}, Stmts: []ast.Stmt{body}}, like)
	return at(&ast.FuncCallExpr{Func: fn, AdjustRet: true}, like)
}

// pureTable tells whether a constructor holds nothing but constants and such tables.
func pureTable(e *ast.TableExpr) bool {
	for _, f := range e.Fields {
		if f.Key != nil && !pure(f.Key) || !pure(f.Value) {
			return false
		}
	}
	return true
}

func pure(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.TableExpr:
		return pureTable(e)
	case *ast.UnaryMinusOpExpr:
		_, ok := e.Expr.(*ast.NumberExpr)
		return ok
	}
	_, ok := constant(e)
	return ok
}

// joinTables puts the pieces of a table constructor together: the size of a piece, the pieces of the list, nil, and
// those with keys.
func joinTables(L *lua.LState) int {
	size := int(L.Get(1).(lua.LNumber))
	t := L.CreateTable(size, 0)
	n := 2
	for offset := 0; L.Get(n) != lua.LNil; n++ {
		piece := L.Get(n).(*lua.LTable)
		for i := 1; i <= piece.MaxN(); i++ {
			t.RawSetInt(offset+i, piece.RawGetInt(i))
		}
		offset += size
	}
	for n++; n <= L.GetTop(); n++ {
		piece := L.Get(n).(*lua.LTable)
		for k, val := piece.Next(lua.LNil); k != lua.LNil; k, val = piece.Next(k) {
			t.RawSet(k, val)
		}
	}
	L.Push(t)
	return 1
}
