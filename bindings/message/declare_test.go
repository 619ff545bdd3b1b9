package message

import (
	"fmt"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/convert"
)

// TestDeclarations holds every operation to the house's rules: documented, with an example in Lua that binds, and with
// help for each parameter and result.
func TestDeclarations(t *testing.T) {
	area := Area()
	if area.Doc == "" {
		t.Error("the area has no Doc")
	}
	for _, op := range area.All() {
		if op.Doc == "" || op.Notes == "" || op.Example == "" {
			t.Errorf("%s lacks Doc, Notes or Example", op.FullName())
		}
		if op.Effect == bindings.Destroy && op.Preview == nil {
			t.Errorf("%s destroys without a preview", op.FullName())
		}
		for _, p := range append(op.Params(), op.Result()...) {
			if p.Help == "" {
				t.Errorf("%s: %s has no help", op.FullName(), p.Name)
			}
		}
		for i, places := 1, places(op); i <= len(places); i++ {
			if places[i] == "" {
				t.Errorf("%s: no argument %d", op.FullName(), i)
			}
		}
		column := false
		for _, p := range op.Result() {
			column = column || p.Column == 1
		}
		if len(op.Result()) > 0 && !column {
			t.Errorf("%s: no first column", op.FullName())
		}
		if err := runExample(area, op); err != nil {
			t.Errorf("%s: %v", op.FullName(), err)
		}
	}
}

// places are the names of the positional arguments by their place.
func places(op bindings.Op) map[int]string {
	out := map[int]string{}
	for _, p := range op.Params() {
		if p.Arg > 0 {
			out[p.Arg] = p.Name
		}
	}
	return out
}

// runExample runs the example with operations that only bind their parameters.
func runExample(area bindings.Area, example bindings.Op) error {
	L := lua.NewState()
	defer L.Close()
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
			return 0
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
