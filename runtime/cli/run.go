package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/output"
	"github.com/openimsdk/imctl/runtime/plugin"
	"github.com/openimsdk/imctl/runtime/vm"
)

// grace is how long a script that was ended may take to come back before it is abandoned, and cleanupGrace how long
// its cleanup functions may take.
const (
	grace        = 400 * time.Millisecond
	cleanupGrace = 10 * time.Second
)

func (a *app) runCommand() *cobra.Command {
	var code string
	var path []string
	var strict bool
	cmd := &cobra.Command{
		Use: "run FILE [ARGUMENTS...]", Short: "Run a Lua script, and the tests it declares", GroupID: "run",
		Long: "Run a Lua script. - reads it from standard input, -e takes it from the command line. What follows the file is the\n" +
			"script's own: it finds it in the table arg. Tests that the script declares run at its end.",
		Example: "  imctl run scripts/e2e.lua\n  imctl run -e 'print(user.count().count)'\n  echo 'print(1)' | imctl run -",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			source := script{path: path, strict: strict}
			switch {
			case cmd.Flags().Changed("execute"):
				source.name, source.text, source.inline, source.args = "(command line)", code, true, args
			case len(args) == 0:
				return fault.New(fault.Usage, "run needs a script").WithHint("imctl run FILE, imctl run - or imctl run -e CODE")
			case args[0] == "-":
				source.name, source.stdin, source.args = "(standard input)", true, args[1:]
			default:
				source.name, source.args = args[0], args[1:]
			}
			if err := a.ownFlags(cmd, source.args); err != nil {
				return err
			}
			if len(source.args) > 0 && source.args[0] == "--" {
				source.args = source.args[1:]
			}
			return a.runScripts(cmd.Context(), []script{source}, false)
		},
	}
	cmd.Flags().SetInterspersed(false)
	cmd.Flags().StringVarP(&code, "execute", "e", "", "the script itself")
	cmd.Flags().StringArrayVar(&path, "path", nil, "a folder in which require looks, after the script's own")
	strictFlag(cmd.Flags(), &strict)
	return cmd
}

// ownFlags refuses a flag of imctl's behind the script, where it would go to the script unheeded: --dry-run there would
// run for real. Behind "--" everything is the script's.
func (a *app) ownFlags(cmd *cobra.Command, args []string) error {
	if cmd.ArgsLenAtDash() >= 0 {
		return nil
	}
	for _, arg := range args {
		if arg == "--" {
			return nil
		}
		flag, _, _ := strings.Cut(arg, "=")
		name, isFlag := strings.CutPrefix(flag, "--")
		short, isShort := strings.CutPrefix(flag, "-")
		own := isFlag && cmd.InheritedFlags().Lookup(name) != nil ||
			isShort && len(short) == 1 && cmd.InheritedFlags().ShorthandLookup(short) != nil
		if own {
			return fault.New(fault.Usage, "%s stands behind the script, where it would be the script's own", flag).
				WithHint("write it before the script, or pass it on behind --: imctl run SCRIPT -- %s", flag)
		}
	}
	return nil
}

func (a *app) testCommand() *cobra.Command {
	var path []string
	var cover bool
	var lcov string
	var strict bool
	cmd := &cobra.Command{
		Use: "test FILE...", Short: "Run the tests that Lua files declare", GroupID: "run",
		Long:    "Run the tests that Lua files declare, each file in a VM of its own. A folder stands for its *_test.lua files.",
		Example: "  imctl test scripts/e2e.lua\n  imctl test tests/",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fault.New(fault.Usage, "test needs a file or a folder").WithHint("imctl test FILE...")
			}
			if a.g.output != "" {
				return fault.New(fault.Usage, "the report of tests has one form yet: -o %s does not apply", a.g.output)
			}
			var scripts []script
			for _, arg := range args {
				files, err := testFiles(arg)
				if err != nil {
					return err
				}
				for _, f := range files {
					scripts = append(scripts, script{name: f, path: path, strict: strict})
				}
			}
			if cover || lcov != "" {
				a.cover = vm.NewCoverage()
			}
			err := a.runScripts(cmd.Context(), scripts, true)
			return errors.Join(err, a.reportCoverage(lcov))
		},
	}
	cmd.Flags().StringArrayVar(&path, "path", nil, "a folder in which require looks, after the script's own")
	cmd.Flags().BoolVar(&cover, "cover", false, "print which lines of the scripts ran")
	cmd.Flags().StringVar(&lcov, "cover-out", "", "write the line coverage in LCOV form to this file")
	strictFlag(cmd.Flags(), &strict)
	return cmd
}

// reportCoverage prints the line coverage to standard error, where it does not mix with the test report, and writes
// it to a file when one is named.
func (a *app) reportCoverage(lcov string) error {
	if a.cover == nil {
		return nil
	}
	p, err := output.New(output.Options{Out: a.sys.Stderr, Width: a.sys.Width})
	if err != nil {
		return err
	}
	cols := []output.Column{{Name: "file", Order: 1}, {Name: "percent", Order: 2}, {Name: "covered", Order: 3}, {Name: "lines", Order: 4}, {Name: "missed", Order: 5}}
	if err := p.Value(a.cover.Files(), cols); err != nil || lcov == "" {
		return err
	}
	f, err := a.createFile(lcov)
	if err != nil {
		return err
	}
	if err := a.cover.WriteLCOV(f); err != nil {
		f.Discard()
		return fault.New(fault.Usage, "can't write the coverage: %w", err)
	}
	return f.Commit()
}

// testFiles is the file itself, or the *_test.lua files below a folder.
func testFiles(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	if err != nil || !info.IsDir() {
		return []string{arg}, nil // a missing file is said by the run
	}
	var files []string
	err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, "_test.lua") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		return nil, fault.New(fault.Usage, "can't read %s: %w", arg, err)
	}
	if len(files) == 0 {
		return nil, fault.New(fault.Usage, "no *_test.lua file in %s", arg)
	}
	return files, nil
}

// script is a script to run.
type script struct {
	name, text string
	stdin      bool // the text comes from standard input
	inline     bool // the text is here, there is no file
	args, path []string
	strict     bool // what the check finds are errors, and nothing runs

	header *plugin.Header
	values *value.Object // the arguments that the header declares
}

// runScripts runs scripts one after the other, each in a VM of its own, and the tests they declare. mustTest makes a
// run without any test a failure.
func (a *app) runScripts(ctx context.Context, scripts []script, mustTest bool) error {
	if a.g.record != "" || a.g.replay != "" {
		if err := a.openTape(); err != nil {
			return err
		}
	}
	if err := a.checkAll(scripts); err != nil {
		return err
	}
	var sum testCount
	var failed error
	for _, s := range scripts {
		count, err := a.runScript(ctx, s)
		sum.add(count)
		if err != nil {
			if len(scripts) == 1 || ctx.Err() != nil {
				return err
			}
			var code exitCode
			if !errors.As(err, &code) {
				a.printError(err)
				code = exitCode(exitCodeOf(err))
			}
			if failed == nil {
				failed = code
			}
		}
	}
	switch {
	case sum.failed > 0:
		return exitCode(fault.ExitScript)
	case failed != nil:
		return failed
	case sum.ran == 0 && (mustTest || sum.declared):
		a.note("no tests ran")
		return exitCode(fault.ExitNoTests)
	}
	return nil
}

// runScript runs one script under --timeout. A script that the engine can't interrupt is abandoned after the grace.
func (a *app) runScript(ctx context.Context, s script) (testCount, error) {
	if err := a.readScript(&s); err != nil {
		return testCount{}, err
	}
	if err := a.checkFirst(s); err != nil {
		return testCount{}, err
	}
	limits, err := a.limits(s.header)
	if err != nil {
		return testCount{}, err
	}
	ctx, cancel := limits.context(ctx)
	defer cancel()
	opts, done, err := a.scriptOptions(ctx, s, limits)
	if err != nil {
		return testCount{}, err
	}
	defer done()
	type outcome struct {
		count testCount
		err   error
	}
	ended, settled := make(chan outcome, 1), make(chan struct{})
	go func() {
		var o outcome
		defer func() { ended <- o }()
		v := vm.New(ctx, opts)
		o.err = a.load(v, s)
		if _, exited := v.Exited(); o.err == nil && !exited {
			o.count, o.err = a.runTests(v)
		}
		code, exited := v.Exited()
		close(settled)
		cleanup, stop := context.WithTimeout(context.WithoutCancel(ctx), cleanupGrace)
		defer stop()
		if err := v.Close(cleanup); o.err == nil {
			o.err = err
		} else if err != nil {
			a.note("warning: cleanup failed: %v", err)
		}
		if o.err == nil && exited && code != 0 {
			o.err = exitCode(code)
		}
	}()
	select {
	case <-settled:
	case <-ctx.Done():
		select {
		case <-settled:
		case <-time.After(grace):
			e := *fault.From(context.Cause(ctx))
			e.Detail = "the script was in a call that can't be interrupted; its cleanup did not run"
			return testCount{}, &e
		}
	}
	o := <-ended
	return o.count, o.err
}

// readScript reads a script's text and its header, and with a header its arguments.
func (a *app) readScript(s *script) error {
	switch {
	case s.inline:
	case s.stdin:
		text, err := io.ReadAll(a.sys.Stdin)
		if err != nil {
			return fault.New(fault.Usage, "can't read the script: %w", err)
		}
		s.text = string(text)
	default:
		var err error
		if s.text, err = vm.ReadScript(s.name); err != nil {
			return err
		}
	}
	if s.header != nil {
		return nil
	}
	header, err := plugin.Parse(s.text, s.name)
	if err != nil || header == nil {
		return err
	}
	s.header = header
	s.values, err = a.headerArgs(header, s.args)
	return err
}

// load runs the script's text. What a script with a header returns is its result, and is printed.
func (a *app) load(v *vm.VM, s script) error {
	if !s.inline && !s.stdin {
		v.SetFolder(filepath.Dir(s.name))
	}
	if arg, ok := v.L.GetGlobal("arg").(*lua.LTable); ok {
		arg.RawSetInt(0, lua.LString(s.name))
	}
	if s.values != nil {
		v.L.SetGlobal("args", v.Conv.ToLua(s.values))
	}
	values, err := v.Run(s.text, s.name)
	if err != nil || s.header == nil {
		return err
	}
	for _, lv := range values {
		if err := a.printLua(v, lv); err != nil {
			return err
		}
	}
	return nil
}
