package cli

import (
	"context"
	"io"
	"regexp"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/runtime/check"
	"github.com/openimsdk/imctl/runtime/lualib"
	"github.com/openimsdk/imctl/runtime/vm"
	"github.com/openimsdk/imctl/stdlib"
)

// scriptNames is what scripts may use. Nothing is listed by hand: the globals are those of a VM, the modules' functions
// come from their declarations, and the test library's out of its source.
func scriptNames(areas []bindings.Area) check.Declarations {
	d := check.Declarations{Areas: areas, Members: map[string][]string{}, Globals: []string{"args"}}
	for _, m := range libraries() {
		for _, f := range m.Funcs {
			d.Members[m.Name] = append(d.Members[m.Name], f.Name)
		}
		for _, c := range m.Consts {
			d.Members[m.Name] = append(d.Members[m.Name], c.Name)
		}
		d.Globals, d.Modules = append(d.Globals, m.Name), append(d.Modules, m.Name)
	}
	for name := range stdlib.Globals() {
		d.Globals = append(d.Globals, name)
	}
	for _, name := range []string{"test", "expect", "fixture"} {
		d.Modules = append(d.Modules, name)
	}
	d.Members["fixture"] = functionNames("fixture.lua", "M.api")
	d.Matchers = functionNames("expect.lua", "matchers")
	machineNames(&d)
	slices.Sort(d.Globals)
	d.Globals = slices.Compact(d.Globals)
	return d
}

// machineNames adds the globals of a fresh VM and what its tables hold.
func machineNames(d *check.Declarations) {
	v := vm.New(context.Background(), vm.Options{Stdout: io.Discard, Stderr: io.Discard})
	defer func() { _ = v.Close(context.Background()) }() // it ran nothing that could fail
	v.L.G.Global.ForEach(func(k, value lua.LValue) {
		name := k.String()
		d.Globals = append(d.Globals, name)
		t, ok := value.(*lua.LTable)
		if !ok || name == "_G" || name == "package" || name == "arg" || d.Members[name] != nil {
			return
		}
		t.ForEach(func(k, _ lua.LValue) { d.Members[name] = append(d.Members[name], k.String()) })
		slices.Sort(d.Members[name])
	})
}

// libraries are the declarations of the modules that scripts have as globals, those in Go and those in Lua.
func libraries() []lualib.Module {
	all := lualib.All()
	for name, module := range stdlib.Globals() {
		if module != "imctl."+name {
			continue
		}
		if m, err := lualib.Shipped(name); err == nil {
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(a, b lualib.Module) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// functionNames lists the functions that a file of stdlib defines in a table, in order.
func functionNames(file, table string) []string {
	var names []string
	for _, f := range luaFunctions(file, table) {
		names = append(names, f.Name)
	}
	return names
}

// luaFunction is a function in a file of stdlib.
type luaFunction struct {
	Name, Params, Doc string
}

// luaFunctions reads the functions that a file of stdlib defines in a table, or as globals when table is "", with the
// comments before them.
func luaFunctions(file, table string) []luaFunction {
	text, err := stdlib.FS.ReadFile(file)
	if err != nil {
		return nil
	}
	prefix := ""
	if table != "" {
		prefix = regexp.QuoteMeta(table) + `\.`
	}
	var out []luaFunction
	for _, m := range regexp.MustCompile(`(?m)((?:^--[^\n]*\n)*)^function `+prefix+`(\w+)\(([^)]*)\)`).FindAllStringSubmatch(string(text), -1) {
		doc := regexp.MustCompile(`(?m)^-+ ?`).ReplaceAllString(m[1], "")
		out = append(out, luaFunction{Name: m[2], Params: m[3], Doc: oneLine(doc)})
	}
	return out
}

// oneLine joins the lines of a comment.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
