package vm

import (
	lua "github.com/yuin/gopher-lua"
)

// signal wakes all tasks that wait for it. It is used by the task whose turn it is.
type signal struct{ ch chan struct{} }

func newSignal() *signal { return &signal{make(chan struct{})} }

func (s *signal) fire() {
	close(s.ch)
	s.ch = make(chan struct{})
}

// await waits for the next time that s is fired; an end of the script is raised.
func (v *VM) await(L *lua.LState, s *signal) {
	fired, ctx := s.ch, v.ctx
	v.Outside(func() {
		select {
		case <-fired:
		case <-ctx.Done():
		}
	})
	if err := v.tripped(); err != nil {
		v.raise(L, err)
	}
}

// channel hands values from task to task. All of it is read and changed by the task whose turn it is.
type channel struct {
	size    int // how many values may wait; 0: send returns when its value was taken
	items   []lua.LValue
	sent    int64 // values put in so far
	taken   int64
	closed  bool
	changed *signal
}

func (v *VM) openChannels(set func(string, lua.LGFunction)) {
	check := func(L *lua.LState) *channel {
		if c, ok := L.CheckUserData(1).Value.(*channel); ok {
			return c
		}
		L.ArgError(1, "want a channel")
		return nil
	}
	set("channel", func(L *lua.LState) int {
		L.Push(&lua.LUserData{Value: &channel{size: L.CheckInt(1), changed: newSignal()}})
		return 1
	})
	set("send", func(L *lua.LState) int { // false when the channel is closed
		c := check(L)
		for !c.closed && len(c.items) > 0 && len(c.items) >= c.size {
			v.await(L, c.changed)
		}
		if c.closed {
			L.Push(lua.LFalse)
			return 1
		}
		c.items = append(c.items, L.CheckAny(2))
		c.sent++
		mine := c.sent
		c.changed.fire()
		for c.size == 0 && c.taken < mine && !c.closed {
			v.await(L, c.changed)
		}
		L.Push(lua.LBool(c.size > 0 || c.taken >= mine))
		return 1
	})
	set("recv", func(L *lua.LState) int { // true and the value; false when it is closed and empty
		c := check(L)
		for len(c.items) == 0 && !c.closed {
			v.await(L, c.changed)
		}
		if len(c.items) == 0 {
			L.Push(lua.LFalse)
			return 1
		}
		L.Push(lua.LTrue)
		L.Push(c.items[0])
		c.items = c.items[1:]
		c.taken++
		c.changed.fire()
		return 2
	})
	set("close", func(L *lua.LState) int {
		c := check(L)
		if !c.closed {
			c.closed = true
			c.changed.fire()
		}
		return 0
	})
}
