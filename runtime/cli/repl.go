package cli

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"
	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/journal"
	"github.com/openimsdk/imctl/runtime/repl"
	"github.com/openimsdk/imctl/runtime/vm"
)

func (a *app) replCommand() *cobra.Command {
	return &cobra.Command{
		Use: "repl", Short: "Type Lua, see values", GroupID: "run", Args: cobra.NoArgs,
		Long: "Read Lua input by input, run it and print what it gives. On a terminal with line editing, completion and history;\n" +
			"in a pipe only values are printed. help at its prompt tells the rest, exit leaves.",
		RunE: func(cmd *cobra.Command, args []string) error { return a.repl(cmd.Context()) },
	}
}

func (a *app) repl(ctx context.Context) error {
	p, err := a.printer()
	if err != nil {
		return err
	}
	limits, err := a.limits(nil)
	if err != nil {
		return err
	}
	ctx, cancel := limits.context(ctx)
	defer cancel()
	host := &replHost{app: a, known: map[string]knownIDs{}}
	opts, done, err := a.scriptOptions(ctx, running{}, limits)
	if err != nil {
		return err
	}
	defer done()
	made := &journal.Ledger{}
	a.takesBack(&opts, made)
	if host.terminal = a.sys.StdinIsTerminal && a.sys.StdoutIsTerminal; host.terminal {
		if err := host.open(ctx); err != nil {
			return err
		}
		a.note("Lua with the areas of imctl; help helps, exit leaves")
	}
	v := vm.New(ctx, opts)
	res, err := repl.Run(ctx, v, repl.Options{
		Host: host, Areas: a.areas, Stdin: a.sys.Stdin, Stdout: a.sys.Stdout, Terminal: host.terminal, Form: p.Format(),
		History: filepath.Join(a.statePath(), "history"), Getenv: a.sys.Getenv,
	})
	if res.Abandoned {
		return a.ended(ctx, made, err)
	}
	cleanup, stop := context.WithTimeout(context.WithoutCancel(ctx), cleanupGrace)
	defer stop()
	a.closing = true
	if cerr := v.Close(cleanup); err == nil {
		err = cerr
	}
	err = a.ended(ctx, made, err)
	switch {
	case err != nil:
		return err
	case res.Code != 0:
		return exitCode(res.Code)
	case res.Failed > 0 && !host.terminal:
		return exitCode(fault.ExitScript)
	}
	return nil
}

// printLua prints a Lua value in the form that -o asks for: scalars bare, data as tables, a stream row by row.
func (a *app) printLua(v *vm.VM, lv lua.LValue) error {
	p, err := a.printer()
	if err != nil {
		return err
	}
	if rows, op, ok := v.Rows(lv); ok {
		return a.printRows(p, columnsOf(op), rows)
	}
	if e := v.Conv.Fault(lv); e != nil {
		return p.Value(e.Error(), nil)
	}
	plain, err := v.Conv.FromLua(lv)
	if err != nil { // a function, a thread: there is only its name
		return p.Value(v.Text(lv), nil)
	}
	return p.Value(plain, nil)
}
