package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"
	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/journal"
	"github.com/openimsdk/imctl/runtime/vm"
)

func (a *app) evalCommand() *cobra.Command {
	return &cobra.Command{
		Use: "eval EXPRESSION...", Short: "Print the value of a Lua expression", GroupID: "run",
		Long: "Evaluate a Lua expression, or a chunk that returns a value, and print the value in the form of -o. Several words are\n" +
			"one expression.",
		Example: "  imctl eval 'user.count()' -o json\n  imctl eval '#group.list():all()'\n  imctl eval 'local n = 0 for u in user.list() do n = n + 1 end return n'",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			source := strings.Join(args, " ")
			if strings.TrimSpace(source) == "" {
				return fault.New(fault.Usage, "eval needs an expression").WithHint("imctl eval 'user.count()'")
			}
			return a.eval(cmd.Context(), source)
		},
	}
}

// eval runs source in a VM of its own and prints its values, under the limits of a script.
func (a *app) eval(ctx context.Context, source string) error {
	if _, err := a.printer(); err != nil {
		return err
	}
	limits, err := a.limits(nil)
	if err != nil {
		return err
	}
	ctx, cancel := limits.context(ctx)
	defer cancel()
	opts, done, err := a.scriptOptions(ctx, running{script: script{inline: true}}, limits)
	if err != nil {
		return err
	}
	defer done()
	made := &journal.Ledger{}
	a.takesBack(&opts, made)
	ended, settled := make(chan error, 1), make(chan struct{})
	go func() { ended <- a.evalIn(ctx, vm.New(ctx, opts), source, settled) }()
	select {
	case <-settled:
	case <-ctx.Done():
		select {
		case <-settled:
		case <-time.After(grace):
			e := *fault.From(context.Cause(ctx))
			e.Detail = "the expression was in a call that can't be interrupted; its cleanup did not run"
			return a.ended(ctx, made, &e)
		}
	}
	return a.ended(ctx, made, <-ended)
}

// evalIn closes settled when only the cleanup is left.
func (a *app) evalIn(ctx context.Context, v *vm.VM, source string, settled chan<- struct{}) error {
	values, err := v.NewInputs(func([]lua.LValue) error { return nil }).Run(source, "(command line)")
	code, exited := v.Exited()
	if err == nil && !exited {
		err = a.printValues(v, values)
	}
	close(settled)
	cleanup, stop := context.WithTimeout(context.WithoutCancel(ctx), cleanupGrace)
	defer stop()
	if cerr := v.Close(cleanup); err == nil {
		err = cerr
	}
	if err == nil && exited && code != 0 {
		return exitCode(code)
	}
	return err
}

// printValues prints one value as it is, and several as a list, so that the output is one document.
func (a *app) printValues(v *vm.VM, values []lua.LValue) error {
	switch len(values) {
	case 0:
		return nil
	case 1:
		return a.printLua(v, values[0])
	}
	list := value.List{}
	for _, lv := range values {
		plain, err := v.Conv.FromLua(lv)
		if err != nil {
			plain = v.Text(lv)
		}
		list = append(list, plain)
	}
	p, err := a.printer()
	if err != nil {
		return err
	}
	return p.Value(list, nil)
}
