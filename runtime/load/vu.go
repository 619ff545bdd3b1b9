package load

import (
	"context"
	"errors"
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/vm"
)

// driver is the module of stdlib/scenario.lua that is for us.
const driver = "imctl.scenario_driver"

// LuaScript is a script in Lua as a load runs it: in one VM for setup and teardown, and in one for each VU.
type LuaScript struct {
	Main    *vm.VM // the script has run in it
	Metrics *Registry
	Shard   Shard
	Options func(*Scenario) vm.Options // of the VM of a VU
	Load    func(*vm.VM) error         // runs the script's text in it
	data    any                        // what setup returned
}

// Declared tells whether the script that ran in v declared the step, such as iterate.
func Declared(v *vm.VM, step string) bool { return stepOf(v, step) != nil }

func stepOf(v *vm.VM, name string) *lua.LFunction {
	steps, ok := v.Loaded(driver, "steps").(*lua.LTable)
	if !ok {
		return nil
	}
	fn, _ := steps.RawGetString(name).(*lua.LFunction)
	return fn
}

// HasTests tells whether the script that ran in v declared tests.
func HasTests(v *vm.VM) bool {
	_, ok := v.Loaded("imctl.test", "run").(*lua.LFunction)
	return ok
}

// Script is the load's view of it.
func (l *LuaScript) Script() Script {
	s := Script{NewVU: l.newVU}
	if fn := stepOf(l.Main, "setup"); fn != nil {
		s.Setup = func(context.Context) error { return l.setup(fn) }
	}
	if fn := stepOf(l.Main, "teardown"); fn != nil {
		s.Teardown = func(ctx context.Context, vus int) error {
			l.Main.Renew(ctx)
			if t, ok := l.Main.Loaded(driver, "scenario").(*lua.LTable); ok {
				t.RawSetString("vus", lua.LNumber(vus))
			}
			_, err := l.Main.Call(fn, l.Main.Conv.ToLua(l.data))
			return ended(l.Main, err)
		}
	}
	return s
}

func (l *LuaScript) setup(fn *lua.LFunction) error {
	results, err := l.Main.Call(fn)
	if err := ended(l.Main, err); err != nil {
		return err
	}
	if len(results) == 0 {
		return nil
	}
	if l.data, err = l.Main.Conv.FromLua(results[0]); err != nil {
		return fault.New(fault.Usage, "what scenario.setup returned can't be handed to the VUs: %w", err).
			WithHint("return plain data: numbers, strings, lists and tables of fields; a connection belongs into scenario.start")
	}
	return nil
}

// ended is err, or that the script called os.exit.
func ended(v *vm.VM, err error) error {
	if code, exited := v.Exited(); exited {
		return Exit{code}
	}
	return err
}

// newVU makes the VM of a VU and runs the script's text in it.
func (l *LuaScript) newVU(ctx context.Context, number int) (*VU, error) {
	s := &Scenario{Metrics: l.Metrics, VU: number, Shard: l.Shard}
	v := vm.New(ctx, l.Options(s))
	vu := &VU{
		Start: func() error { return l.start(v) },
		Loop:  func(t *Turns) error { return loop(ctx, v, s, t) },
		Stop:  func(last context.Context, begun bool) error { return s.stop(last, v, begun) },
	}
	_, err := v.Run(`require("imctl.scenario")`, "=load") // a script of tests need not use it
	if err == nil {
		err = l.Load(v)
	}
	if err := ended(v, err); err != nil {
		return vu, err
	}
	if Declared(v, "iterate") || HasTests(v) {
		return vu, nil
	}
	return vu, fault.New(fault.Usage, "the script declares nothing to iterate when VU %d runs it", number)
}

func (l *LuaScript) start(v *vm.VM) error {
	fn, ok := v.Loaded(driver, "start").(*lua.LFunction)
	if !ok { // a script of tests
		return nil
	}
	_, err := v.Call(fn, v.Conv.ToLua(l.data))
	return ended(v, err)
}

// loop iterates until it is over. Lua runs through many iterations in one call; an error ends that call and, with it, one
// iteration.
func loop(ctx context.Context, v *vm.VM, s *Scenario, t *Turns) error {
	s.turns = t
	fn, ok := v.Loaded(driver, "loop").(*lua.LFunction)
	if !ok {
		return fault.New(fault.Internal, "the library scenario has no loop")
	}
	for {
		_, err := v.Call(fn)
		if err := ended(v, nil); err != nil {
			return err
		}
		if ctx.Err() != nil && err != nil {
			return context.Cause(ctx)
		}
		var failed *vm.ScriptError
		if !errors.As(err, &failed) || !t.running || v.Ended() != nil {
			return err
		}
		s.done(settled(v), problemOf(failed))
	}
}

// settled asks the library for the checks of an iteration that broke off.
func settled(v *vm.VM) []any {
	fn, ok := v.Loaded(driver, "settle").(*lua.LFunction)
	if !ok {
		return nil
	}
	results, err := v.Call(fn)
	if err != nil {
		return nil
	}
	plain := make([]any, len(results))
	for i, r := range results {
		if plain[i], err = v.Conv.FromLua(r); err != nil {
			return nil
		}
	}
	return plain
}

// stop ends a VU: its stop function, if it had begun, its cleanups, its VM. What these do is no load.
func (s *Scenario) stop(ctx context.Context, v *vm.VM, begun bool) error {
	s.over.Store(true)
	var err error
	if fn, ok := v.Loaded(driver, "stop").(*lua.LFunction); ok && begun {
		v.Renew(ctx)
		_, err = v.Call(fn)
	}
	return errors.Join(err, v.Close(ctx))
}

func position(file string, line int) string { return fmt.Sprintf("%s:%d", file, line) }
