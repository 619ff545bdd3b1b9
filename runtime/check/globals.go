package check

import (
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// use says what is done with a value.
type use int

const (
	plain   use = iota // read
	called             // called
	indexed            // its members are read
	tested             // asked whether it is there
)

// global is the name of the global that an expression is, through a local that is another name for it, or "".
func (c *checker) global(e ast.Expr) string {
	ident, ok := e.(*ast.IdentExpr)
	if !ok {
		return ""
	}
	if held := c.locals[ident.Value]; len(held) > 0 {
		return held[len(held)-1].alias
	}
	return ident.Value
}

// memberOf reads global.key.
func (c *checker) memberOf(e ast.Expr) (global, key string, ok bool) {
	get, isGet := e.(*ast.AttrGetExpr)
	if !isGet {
		return "", "", false
	}
	text, isText := get.Key.(*ast.StringExpr)
	if !isText {
		return "", "", false
	}
	global = c.global(get.Object)
	return global, text.Value, global != ""
}

// area is the area of that name, nil when the script gives the name to something else.
func (c *checker) area(name string) *area {
	if c.assigned[name] {
		return nil
	}
	return c.known.areas[name]
}

// read checks the use of a name.
func (c *checker) read(e *ast.IdentExpr, how use) {
	name := e.Value
	if name == "_G" && how != indexed || name == "setfenv" || name == "getfenv" {
		c.hidden = true
	}
	if name == "loadstring" || name == "load" {
		c.loads = true
	}
	if len(c.locals[name]) > 0 || c.assigned[name] || c.hidden || c.known.globals[name] || c.known.areas[name] != nil || !c.reporting {
		return
	}
	severity := Error
	if how == tested || c.loads {
		severity = Warning
	}
	message := "undefined global " + name
	suggestion := ""
	if advice := absent(name); advice != "" {
		message = "no " + name + " here: " + advice
	} else if len(name) > 1 {
		suggestion = c.nearest(name, c.inScope())
	}
	c.report(c.tokens.variable(name, e.Line()), severity, "undefined-global", message, suggestion)
}

// inScope lists the names that can be used at this point, locals first.
func (c *checker) inScope() []string {
	if c.fileWide == nil {
		for name := range c.assigned {
			if !strings.Contains(name, ".") {
				c.fileWide = append(c.fileWide, name)
			}
		}
		slices.Sort(c.fileWide)
		c.fileWide = append(c.fileWide, c.known.names...)
	}
	var names []string
	for name, held := range c.locals {
		if len(held) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return append(names, c.fileWide...)
}

// absent says what to use in place of what other Lua programs have and scripts here don't.
func absent(name string) string {
	return map[string]string{
		"dofile": "use require", "loadfile": "use require", "module": "return a table from the file",
		"newproxy": "use setmetatable", "io.popen": "scripts start no programs by io", "os.execute": "scripts start no programs by os",
		"os.setlocale": "the locale is always C", "table.unpack": "in Lua 5.1 it is unpack", "table.pack": "in Lua 5.1 write {n = select(\"#\", ...), ...}",
		"utf8": "strings are bytes", "bit32": "Lua 5.1 has no bit operators", "package.path": "use --path",
	}[name]
}

// assignGlobal notes that the file assigns a global, and warns where that is likely a forgotten local.
func (c *checker) assignGlobal(name string, line int) {
	c.assigned[name] = true
	if c.nesting == 0 {
		c.topLevel[name] = true
	}
	if !c.reporting || c.hidden {
		return
	}
	switch {
	case c.known.areas[name] != nil:
		c.report(c.tokens.variable(name, line), Warning, "hides-area",
			"the area "+name+" is overwritten: its operations can't be reached from here on", "local "+name)
	case c.nesting > 0 && !c.topLevel[name] && !c.known.globals[name]:
		c.report(c.tokens.variable(name, line), Warning, "assigns-global",
			"a function assigns the global "+name+", which nothing declares", "local "+name)
	}
}

// member checks global.key. It returns the operation when it is one.
func (c *checker) member(e *ast.AttrGetExpr, how use) *operation {
	name, key, ok := c.memberOf(e)
	if !ok || c.assigned[name] || c.assigned[name+"."+key] || c.hidden && c.known.areas[name] == nil {
		return nil
	}
	line := e.Key.Line()
	if a := c.area(name); a != nil {
		if op := a.ops[key]; op != nil {
			return op
		}
		if c.reporting {
			full := name + "." + key
			c.report(c.tokens.take(c.tokens.member(key, line), line), Error, "unknown-op", "no operation "+full, c.nearest(full, a.names))
		}
		return nil
	}
	members := c.known.members[name]
	if !c.reporting || members == nil || members[key] || how == tested {
		return nil
	}
	severity, full, suggestion := Warning, name+"."+key, ""
	if how == called {
		severity = Error
	}
	message := "no " + full
	if advice := absent(full); advice != "" {
		message += " here: " + advice
	} else if near := c.nearest(key, c.known.Members[name]); near != "" {
		suggestion = name + "." + near
	}
	c.report(c.tokens.take(c.tokens.member(key, line), line), severity, "unknown-member", message, suggestion)
	return nil
}
