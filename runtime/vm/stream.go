package vm

import (
	"iter"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// StreamMethod is a method of what a streaming operation gives.
type StreamMethod struct {
	Name, Doc string
	List      bool // it gives a list of rows; else nothing
	run       func(*stream, *lua.LState) int
}

// StreamMethods lists the methods of streams.
func StreamMethods() []StreamMethod {
	return []StreamMethod{
		{"all", "all rows that are left, as a list", true, (*stream).all},
		{"close", "ends it early", false, func(s *stream, _ *lua.LState) int { s.close(); return 0 }},
	}
}

// stream is a streaming result in Lua: an iterator for `for row in user.list() do`, with :all() and :close().
type stream struct {
	vm   *VM
	op   bindings.Op
	next func() (any, error, bool)
	stop func()
	done bool
	busy bool // a task waits for the next row
}

func (v *VM) newStream(op bindings.Op, rows bindings.Rows) *lua.LUserData {
	next, stop := iter.Pull2(rows)
	s := &stream{vm: v, op: op, next: next, stop: stop}
	v.streams[s] = struct{}{}
	return &lua.LUserData{Value: s, Metatable: v.streamMeta()}
}

func (s *stream) close() {
	s.done = true
	s.stop()
	delete(s.vm.streams, s)
}

// step pushes the next row and tells whether there was one.
func (s *stream) step(L *lua.LState) (lua.LValue, bool) {
	if s.done {
		return lua.LNil, false
	}
	if s.busy {
		s.vm.raiseOp(L, s.op, fault.New(fault.Usage, "another task reads these rows").
			WithHint("give each task rows of its own, or hand them out through a task.channel"))
	}
	var row any
	var err error
	var ok bool
	s.busy = true
	s.vm.Outside(func() { row, err, ok = s.next() })
	s.busy = false
	if err != nil {
		s.close()
		s.vm.raiseOp(L, s.op, err)
	}
	if !ok {
		s.close()
		return lua.LNil, false
	}
	return s.vm.Conv.ToLua(value.From(row)), true
}

func (s *stream) all(L *lua.LState) int {
	t := s.vm.Conv.ToLua(value.List{}).(*lua.LTable)
	for {
		row, ok := s.step(L)
		if !ok {
			break
		}
		t.Append(row)
	}
	L.Push(t)
	return 1
}

// streamMeta makes the metatable of streams, once for a state.
func (v *VM) streamMeta() *lua.LTable {
	const key = "imctl.stream"
	if m, ok := v.L.G.Registry.RawGetString(key).(*lua.LTable); ok {
		return m
	}
	check := func(L *lua.LState) *stream {
		if s, ok := L.CheckUserData(1).Value.(*stream); ok {
			return s
		}
		L.ArgError(1, "want a stream of rows")
		return nil
	}
	m := v.L.NewTable()
	m.RawSetString("__call", v.L.NewFunction(func(L *lua.LState) int {
		row, _ := check(L).step(L)
		L.Push(row)
		return 1
	}))
	m.RawSetString("__tostring", v.L.NewFunction(func(L *lua.LState) int {
		L.Push(lua.LString("stream of " + check(L).op.FullName() + " (iterate it, or :all())"))
		return 1
	}))
	methods := v.L.NewTable()
	for _, method := range StreamMethods() {
		methods.RawSetString(method.Name, v.L.NewFunction(func(L *lua.LState) int { return method.run(check(L), L) }))
	}
	m.RawSetString("__index", methods)
	v.L.G.Registry.RawSetString(key, m)
	return m
}

// Rows returns the rows of a stream that a script returned, for a caller in Go that shows them; false when lv is none.
func (v *VM) Rows(lv lua.LValue) (func(yield func(any, error) bool), bindings.Op, bool) {
	ud, ok := lv.(*lua.LUserData)
	if !ok {
		return nil, bindings.Op{}, false
	}
	s, ok := ud.Value.(*stream)
	if !ok {
		return nil, bindings.Op{}, false
	}
	return func(yield func(any, error) bool) {
		defer s.close()
		for !s.done {
			row, err, ok := s.next()
			if !ok || !yield(row, err) || err != nil {
				return
			}
		}
	}, s.op, true
}
