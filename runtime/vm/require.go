package vm

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
)

// openRequire replaces require: it looks beside the script, then in the paths, then in the shipped modules.
func (v *VM) openRequire() {
	L := v.L
	loaded := L.GetField(L.GetGlobal("package"), "loaded").(*lua.LTable)
	L.SetGlobal("require", L.NewFunction(func(L *lua.LState) int {
		name := L.CheckString(1)
		if got := loaded.RawGetString(name); got != lua.LNil {
			L.Push(got)
			return 1
		}
		if v.loading[name] {
			v.raise(L, fault.New(fault.Script, "require %q: it requires itself, directly or through another module", name))
		}
		source, path := v.findModule(L, name)
		fn, err := v.compile(source, path)
		if err != nil {
			v.raise(L, err)
		}
		v.loading[name] = true
		defer delete(v.loading, name)
		L.Push(fn)
		L.Push(lua.LString(name))
		L.Call(1, 1)
		result := L.Get(-1)
		if result == lua.LNil {
			if result = loaded.RawGetString(name); result == lua.LNil {
				result = lua.LTrue
			}
		}
		loaded.RawSetString(name, result)
		L.Push(result)
		return 1
	}))
	L.SetField(L.GetGlobal("package"), "path", lua.LNil)
	L.SetField(L.GetGlobal("package"), "cpath", lua.LNil)
	for _, name := range []string{"dofile", "loadfile", "module", "newproxy", "_printregs"} {
		L.SetGlobal(name, lua.LNil)
	}
}

// findModule returns the source of a module and the name of its file. The error lists every place that was tried.
func (v *VM) findModule(L *lua.LState, name string) (source, path string) {
	rel := strings.ReplaceAll(name, ".", "/")
	dirs := append([]string{v.folder}, v.opts.Path...)
	var tried []string
	for _, dir := range dirs {
		for _, file := range []string{rel + ".lua", rel + "/init.lua"} {
			full := filepath.Join(dir, filepath.FromSlash(file))
			text, err := os.ReadFile(full)
			if err == nil {
				return string(text), full
			}
			tried = append(tried, full)
		}
	}
	if v.opts.Stdlib != nil && fs.ValidPath(rel+".lua") {
		if text, err := fs.ReadFile(v.opts.Stdlib, rel+".lua"); err == nil {
			return string(text), "stdlib/" + rel + ".lua"
		}
		tried = append(tried, "stdlib/"+rel+".lua")
	}
	v.raise(L, fault.New(fault.Script, "no module %q; tried %s", name, strings.Join(tried, ", ")).
		WithHint("modules are looked for beside the script, then in --path"))
	return "", ""
}
