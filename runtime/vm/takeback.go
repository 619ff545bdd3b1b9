package vm

import (
	"context"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings"
)

// takingBack runs fn, and what it spawns, so that what it makes is taken back later, or stays.
func (v *VM) takingBack(on bool, fn *lua.LFunction) ([]lua.LValue, error) {
	ctx, cancel := context.WithCancel(bindings.TakingBack(v.ctx, on))
	leave := v.limited(ctx, cancel)
	defer leave()
	results, err := v.Call(fn)
	if joined := v.join(v.scope, err != nil); err == nil {
		err = joined
	}
	return results, err
}
