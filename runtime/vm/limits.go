package vm

import (
	"runtime"
	"sync"

	lua "github.com/yuin/gopher-lua"
)

const (
	// maxStringAlways bounds a string when there is no memory limit.
	maxStringAlways = 512 << 20

	// maxValues bounds what one call may push: results of unpack and string.byte.
	maxValues = 1 << 22

	// largePiece is the size from which memory is asked for before it is used.
	largePiece = 1 << 20
)

// boundTables makes the engine keep only places below 2^24 of a table in order, for the whole process. With its own
// bound of 2^26 a lone t[60000000] fills a gigabyte; beyond the bound an entry costs what any other key costs. The
// price: `#` sees no place beyond, so a list of more than 16 million entries has to be counted by table.getn.
var boundTables = sync.OnceFunc(func() { lua.MaxArrayIndex = 1 << 24 })

// maxString is the size of the largest string a script may make: a quarter of its memory, so that the string, the
// pieces it is made of and a copy fit.
func (v *VM) maxString() int {
	if limit := v.opts.MaxMemory / 4; limit > 0 && limit < maxStringAlways {
		return int(limit)
	}
	return maxStringAlways
}

// reserve asks for the memory of a string of n bytes. The watcher of the heap would come too late for a large one.
func (v *VM) reserve(L *lua.LState, n int) {
	if n < largePiece {
		return
	}
	if n > v.maxString() {
		L.RaiseError("resulting string too large")
	}
	v.meter.reserve(L, n)
}

func (c call) reserve(n int) { c.v.reserve(c.LState, n) }

// reserve ends the script when n bytes more would pass the memory limit even after a collection.
func (m *meter) reserve(L *lua.LState, n int) {
	m.look(L)
	if m.maxMemory == 0 || heapUsed()+uint64(n) <= m.maxMemory {
		return
	}
	runtime.GC()
	if heapUsed()+uint64(n) > m.maxMemory {
		m.tripMemory()
		m.look(L)
	}
}

// room makes room for n values on the stack at once; the engine would grow it step by step.
func (c call) room(n int, message string) {
	if n > maxValues {
		c.RaiseError("%s", message)
	}
	if n > 1000 {
		c.v.meter.reserve(c.LState, 32*n)
		top := c.GetTop()
		c.SetTop(top + n)
		c.SetTop(top)
	}
}
