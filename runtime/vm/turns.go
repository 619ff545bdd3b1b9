package vm

import (
	"context"
	"sync"

	lua "github.com/yuin/gopher-lua"
)

// turns is the right to run Lua in a VM with tasks. It is handed on in the order in which it was asked for.
type turns struct {
	mu    sync.Mutex
	held  bool
	queue []chan struct{}
}

// ask takes a place in the queue; the turn has come when the channel is closed.
func (t *turns) ask() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	mine := make(chan struct{})
	if t.held {
		t.queue = append(t.queue, mine)
	} else {
		t.held = true
		close(mine)
	}
	return mine
}

func (t *turns) take() { <-t.ask() }

func (t *turns) give() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.queue) == 0 {
		t.held = false
		return
	}
	close(t.queue[0])
	t.queue = t.queue[1:]
}

// seat is what belongs to the task whose turn it is: another task must find its own in its place.
type seat struct {
	ctx    context.Context
	meter  *meter
	scope  *scope
	depth  int
	trace  traced
	thread *lua.LState
	own    *lua.LTable // what our Lua library keeps for this task
}

func (v *VM) seat() *seat {
	return &seat{v.ctx, v.meter, v.scope, v.depth, v.trace, v.L.G.CurrentThread, v.own}
}

func (v *VM) sit(s *seat) {
	v.ctx, v.meter, v.scope, v.depth, v.trace, v.L.G.CurrentThread, v.own = s.ctx, s.meter, s.scope, s.depth, s.trace, s.thread, s.own
}

// Outside runs fn, which may block and must not touch Lua, while the other tasks of the script go on. Everything that
// waits for something outside is called in it.
func (v *VM) Outside(fn func()) {
	if v.turns == nil { // no task was ever made
		fn()
		return
	}
	s := v.seat()
	v.away[s] = struct{}{}
	v.turns.give()
	defer func() {
		v.turns.take()
		delete(v.away, s)
		v.sit(s)
	}()
	fn()
}

// heldElsewhere tells whether a thread belongs to another task that waits now: it is not free to be resumed.
func (v *VM) heldElsewhere(th *lua.LState) bool {
	for s := range v.away {
		if s.thread != nil && !suspended(s.thread, th) {
			return true
		}
	}
	return false
}
