package bindingtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/convert"
)

// CheckDeclarations holds every operation of an area to the house's rules: a name of its own, documented, with an
// example in Lua that binds, a preview for what destroys, help for each parameter and result, no gap in the positional
// arguments, and a first column.
func CheckDeclarations(t *testing.T, area bindings.Area) {
	t.Helper()
	if area.Doc == "" {
		t.Error("the area has no Doc")
	}
	names := map[string]bool{}
	for _, op := range area.All() {
		if names[op.Name] {
			t.Errorf("%s is there twice", op.FullName())
		}
		names[op.Name] = true
		for _, flaw := range flaws(op) {
			t.Errorf("%s: %s", op.FullName(), flaw)
		}
		if err := runExample(area, op); err != nil {
			t.Errorf("%s: %v", op.FullName(), err)
		}
	}
}

// flaws are the rules that the declaration of an operation breaks, but for its example.
func flaws(op bindings.Op) []string {
	var out []string
	if op.Doc == "" || op.Notes == "" || op.Example == "" {
		out = append(out, "lacks Doc, Notes or Example")
	}
	if !strings.HasSuffix(op.Doc, ".") {
		out = append(out, "Doc is no sentence")
	}
	if op.Effect == bindings.Destroy && op.Preview == nil {
		out = append(out, "destroys without a preview")
	}
	for _, p := range slices.Concat(op.Params(), op.Result()) {
		if p.Help == "" {
			out = append(out, p.Name+" has no help")
		}
	}
	places := map[int]bool{}
	for _, p := range op.Params() {
		if p.Arg > 0 {
			places[p.Arg] = true
		}
	}
	for i := 1; i <= len(places); i++ {
		if !places[i] {
			out = append(out, fmt.Sprintf("no argument %d", i))
		}
	}
	column := false
	for _, p := range op.Result() {
		column = column || p.Column == 1
	}
	if len(op.Result()) > 0 && !column {
		out = append(out, "no first column")
	}
	return out
}

// runExample runs the example with operations that only bind their parameters. What they give is an empty list, and no
// rows, whose every field is the same again.
func runExample(area bindings.Area, example bindings.Op) error {
	L := lua.NewState()
	defer L.Close()
	L.SetGlobal("print", L.NewFunction(func(*lua.LState) int { return 0 }))
	L.GetGlobal("os").(*lua.LTable).RawSetString("getenv", L.NewFunction(func(L *lua.LState) int { L.Push(lua.LString("x")); return 1 }))
	result, meta := L.NewTable(), L.NewTable()
	meta.RawSetString("__index", L.NewFunction(func(L *lua.LState) int { L.Push(result); return 1 }))
	meta.RawSetString("__call", L.NewFunction(func(*lua.LState) int { return 0 }))
	result.Metatable = meta
	conv := convert.New(L)
	var called []string
	table := L.NewTable()
	for _, op := range area.All() {
		table.RawSetString(op.Name, L.NewFunction(func(L *lua.LState) int {
			called = append(called, op.FullName())
			args := make([]any, L.GetTop())
			for i := range args {
				args[i], _ = conv.FromLua(L.Get(i + 1))
			}
			fields, err := op.Arguments(args)
			if err == nil {
				_, err = op.Bind(fields)
			}
			if err != nil {
				L.RaiseError("%s", err.Error())
			}
			L.Push(result)
			return 1
		}))
	}
	L.SetGlobal(area.Name, table)
	if err := L.DoString(example.Example); err != nil {
		return err
	}
	if len(called) == 0 || called[len(called)-1] != example.FullName() {
		return fmt.Errorf("the example calls %v", called)
	}
	return nil
}
