package vm

import (
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"
)

// Code keeps compiled sources, so that VMs that run the same scripts share them. The zero value is ready.
type Code struct {
	mu    sync.Mutex
	known map[sourceKey]*compiled
}

type sourceKey struct{ name, source string }

// compiled is a source that was compiled. It is never changed.
type compiled struct {
	proto *lua.FunctionProto
	lines []string
	err   error
}

// shippedCode is the code of our own library.
var shippedCode Code

// codeOf is where a source of that name is kept once it is compiled, nil for nowhere.
func (v *VM) codeOf(name string) *Code {
	if strings.HasPrefix(name, "=") || strings.HasPrefix(name, "stdlib/") {
		return &shippedCode
	}
	return v.opts.Code
}

// entry is what is kept of a source. The code is locked.
func (c *Code) entry(source, name string) *compiled {
	key := sourceKey{name, source}
	if c.known[key] == nil {
		if c.known == nil {
			c.known = map[sourceKey]*compiled{}
		}
		c.known[key] = &compiled{}
	}
	return c.known[key]
}

func (c *Code) compile(source, name string) (*lua.FunctionProto, error) {
	if c == nil {
		return compileProto(source, name)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entry(source, name)
	if e.proto == nil && e.err == nil {
		e.proto, e.err = compileProto(source, name)
	}
	return e.proto, e.err
}

func (c *Code) lines(source string, name string) []string {
	if c == nil {
		return strings.Split(source, "\n")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entry(source, name)
	if e.lines == nil {
		e.lines = strings.Split(source, "\n")
	}
	return e.lines
}
