package cli

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/vm"
)

// testCount is what a script's tests came to.
type testCount struct {
	declared    bool // the script used the test library
	ran, failed int
}

func (c *testCount) add(o testCount) {
	c.declared = c.declared || o.declared
	c.ran += o.ran
	c.failed += o.failed
}

// runTests runs the tests that a script declared with the library "test"; its function run reports on the terminal
// and returns the counts.
func (a *app) runTests(v *vm.VM) (testCount, error) {
	fn, ok := v.Loaded("imctl.test", "run").(*lua.LFunction)
	if !ok {
		return testCount{}, nil
	}
	got, err := v.Call(fn)
	if err != nil {
		return testCount{declared: true}, err
	}
	plain, err := v.Conv.FromLua(got[0])
	if err != nil {
		return testCount{}, fault.New(fault.Internal, "test.run: %w", err)
	}
	var counts struct {
		Declared int
		Ran      int
		Failed   int
		Errors   int
	}
	if err := value.Into(plain, &counts); err != nil {
		return testCount{}, fault.New(fault.Internal, "test.run: %w", err)
	}
	return testCount{declared: counts.Declared > 0, ran: counts.Ran, failed: counts.Failed + counts.Errors}, nil
}

// parseBytes reads a size: 512MiB, 2GiB, 1000000; 0 is no limit.
func parseBytes(text string) (uint64, error) {
	number, shift := text, 0
	for unit, s := range map[string]int{"KiB": 10, "MiB": 20, "GiB": 30, "KB": 10, "MB": 20, "GB": 30} {
		if n, ok := strings.CutSuffix(text, unit); ok {
			number, shift = n, s
		}
	}
	var n uint64
	plain := value.ParseNumber(strings.TrimSpace(number))
	if i, ok := plain.(int64); ok && i >= 0 && i < 1<<30 || ok && shift == 0 && i >= 0 {
		n = uint64(i) << shift
		return n, nil
	}
	return 0, fault.New(fault.Usage, "--max-memory: %q is no size", text).WithHint("write 512MiB, 2GiB, or 0 for no limit")
}
