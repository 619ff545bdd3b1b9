package vm

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func baseLoadString(c call) int {
	text := c.str(1)
	return c.load(text, c.optStr(2, text))
}

// baseLoad takes the source in pieces from a function.
func baseLoad(c call) int {
	fn, name := c.function(1), c.optStr(2, "=(load)")
	var b strings.Builder
	for {
		c.Push(fn)
		piece := c.v.callBack(c.LState, 0)
		text, ok := piece.(lua.LString)
		if piece == lua.LNil || ok && text == "" {
			break
		}
		if !ok {
			c.Push(lua.LNil)
			c.pushStr("reader function must return a string")
			return 2
		}
		c.reserve(b.Len() + len(text))
		b.WriteString(string(text))
	}
	return c.load(b.String(), name)
}

// load compiles source under the name that Lua shows for a chunk.
func (c call) load(source, name string) int {
	fn, err := c.v.compileText(source, chunkName(name))
	if err != nil {
		c.Push(lua.LNil)
		c.pushStr(err.Error())
		return 2
	}
	fn.Env = c.Env
	c.Push(fn)
	return 1
}

// chunkName is how Lua shows the name of a chunk: "=name" and "@file" as they are, a source by its first line.
func chunkName(name string) string {
	const most = 60
	if strings.HasPrefix(name, "=") || strings.HasPrefix(name, "@") {
		return name[1:]
	}
	line, rest, more := strings.Cut(name, "\n")
	if room := most - len(`[string "..."]`) - 1; more || len(line) > room || rest != "" {
		line = line[:min(len(line), room)] + "..."
	}
	return `[string "` + line + `"]`
}
