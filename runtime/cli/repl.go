package cli

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"
	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/repl"
	"github.com/openimsdk/imctl/runtime/vm"
)

func (a *app) replCommand() *cobra.Command {
	return &cobra.Command{
		Use: "repl", Short: "Type Lua, see values", GroupID: "run", Args: cobra.NoArgs,
		Long: "Read Lua line by line, run it and print what it gives. On a terminal with line editing and history; in a pipe only\n" +
			"values are printed.",
		RunE: func(cmd *cobra.Command, args []string) error { return a.repl(cmd.Context()) },
	}
}

func (a *app) repl(ctx context.Context) error {
	limit, err := parseBytes(a.g.maxMemory)
	if err != nil {
		return err
	}
	if _, err := a.printer(); err != nil {
		return err
	}
	ctx, cancel := a.limited(ctx)
	defer cancel()
	terminal := a.sys.StdinIsTerminal && a.sys.StdoutIsTerminal
	opts := a.vmOptions(ctx, script{}, limit)
	prompt := "imctl> "
	if terminal {
		s, err := a.open(ctx, true)
		if err != nil {
			return err
		}
		prompt = "imctl:" + s.target.Name + "> "
		a.note("Lua with the areas of imctl; Ctrl-D leaves")
	}
	v := vm.New(ctx, opts)
	failed, code, err := repl.Run(ctx, v, repl.Options{
		Stdin: a.sys.Stdin, Stdout: a.sys.Stdout, Terminal: terminal, Prompt: prompt,
		History: filepath.Join(a.statePath(), "history"), Print: a.printLua, Fail: a.printError,
		Interrupt: a.interrupts.divert,
	})
	cleanup, stop := context.WithTimeout(context.WithoutCancel(ctx), cleanupGrace)
	defer stop()
	if cerr := v.Close(cleanup); err == nil {
		err = cerr
	}
	switch {
	case err != nil:
		return err
	case code != 0:
		return exitCode(code)
	case failed > 0 && !terminal:
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
