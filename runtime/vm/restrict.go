package vm

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
)

// restrict takes away what reaches the machine: files, the environment, the innards of the engine. Using it is an
// error that says so, rather than a missing function.
func (v *VM) restrict() {
	for _, full := range []string{
		"io.open", "io.lines", "io.input", "io.output", "io.tmpfile", "io.popen", "io.close", "os.remove", "os.rename", "os.tmpname", "os.getenv",
		"debug.getregistry", "debug.setmetatable", "debug.setupvalue", "debug.setlocal", "debug.setfenv", "debug.sethook",
	} {
		library, name, _ := strings.Cut(full, ".")
		t, ok := v.L.GetGlobal(library).(*lua.LTable)
		if !ok {
			continue
		}
		t.RawSetString(name, v.L.NewFunction(func(L *lua.LState) int {
			v.raise(L, fault.New(fault.Denied, "%s is not there in the restricted profile", full).
				WithHint("the library file works below the script's folder"))
			return 0
		}))
	}
}
