package vm

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
)

// shipped is the prefix by which our own modules require one another, so that a script's file of the same name does
// not get in between.
const shipped = "imctl."

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
		m := v.findModule(L, name)
		if got := loaded.RawGetString(m.name); got != lua.LNil {
			L.Push(got)
			return 1
		}
		if v.loading[m.name] {
			v.raise(L, fault.New(fault.Script, "require %q: it requires itself, directly or through another module", name))
		}
		if m.load != nil {
			t := m.load(v)
			loaded.RawSetString(m.name, t)
			L.Push(t)
			return 1
		}
		fn, err := v.compile(m.source, m.path)
		if err != nil {
			v.raise(L, err)
		}
		v.loading[m.name] = true
		defer delete(v.loading, m.name)
		L.Push(fn)
		L.Push(lua.LString(name))
		L.Call(1, 1)
		result := L.Get(-1)
		if result == lua.LNil {
			if result = loaded.RawGetString(m.name); result == lua.LNil {
				result = lua.LTrue
			}
		}
		if t, ok := result.(*lua.LTable); ok && v.opts.Globals[strings.TrimPrefix(m.name, shipped)] == m.name && t.Metatable == lua.LNil {
			v.Seal(t, strings.TrimPrefix(m.name, shipped))
		}
		loaded.RawSetString(m.name, result)
		L.Push(result)
		return 1
	}))
	L.SetField(L.GetGlobal("package"), "path", lua.LNil)
	L.SetField(L.GetGlobal("package"), "cpath", lua.LNil)
	for _, name := range []string{"dofile", "loadfile", "module", "newproxy", "_printregs"} {
		L.SetGlobal(name, lua.LNil)
	}
}

// module is a module that was found: its name among the loaded ones, its source and the name of its file, or what
// makes it.
type module struct {
	name, source, path string
	load               Module
}

// findModule finds a module. The error lists every place that was tried.
func (v *VM) findModule(L *lua.LState, name string) module {
	own, isShipped := strings.CutPrefix(name, shipped)
	rel := strings.ReplaceAll(own, ".", "/")
	var tried []string
	if !isShipped {
		for _, dir := range append([]string{v.folder}, v.opts.Path...) {
			for _, file := range []string{rel + ".lua", rel + "/init.lua"} {
				full := filepath.Join(dir, filepath.FromSlash(file))
				text, err := os.ReadFile(full)
				if err == nil {
					return module{name: name, source: string(text), path: full}
				}
				tried = append(tried, full)
			}
		}
	}
	if load := v.opts.Modules[own]; load != nil {
		return module{name: shipped + own, load: load}
	}
	if v.opts.Stdlib != nil && fs.ValidPath(rel+".lua") {
		if text, err := fs.ReadFile(v.opts.Stdlib, rel+".lua"); err == nil {
			return module{name: shipped + own, source: string(text), path: "stdlib/" + rel + ".lua"}
		}
		tried = append(tried, "stdlib/"+rel+".lua")
	}
	v.raise(L, fault.New(fault.Script, "no module %q; tried %s", name, strings.Join(tried, ", ")).
		WithHint("modules are looked for beside the script, then in --path"))
	return module{}
}
