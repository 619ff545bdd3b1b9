package cli

import (
	"context"
	"testing"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/testrun"
)

// TestInterruptedBetweenFiles: a run whose later files never began is no success, though nothing in it failed.
func TestInterruptedBetweenFiles(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(fault.New(fault.Canceled, "interrupted"))
	err := (&app{}).runAll(ctx, []script{{name: "a.lua"}, {name: "b.lua"}}, testPlan{}, testrun.New(testrun.Options{}))
	if !fault.Is(err, fault.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}
