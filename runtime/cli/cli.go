// Package cli is the command line of imctl: cobra commands, one of them generated for every operation. It puts the
// parts together (target, client, VM, output) and decides exit codes; it knows no operation by name.
package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/output"
	"github.com/openimsdk/imctl/runtime/plugin"
	"github.com/openimsdk/imctl/runtime/vm"
)

// Version is the version of the program, set by the linker.
var Version = "dev"

// app is one run of the program.
type app struct {
	sys     System
	g       globals
	areas   []bindings.Area
	root    *cobra.Command
	opening sync.Mutex // while the session is opened: files of tests run side by side
	session *session
	taping  sync.Mutex // while the tape is opened
	tape    *tape
	closing bool         // fixtures are being removed: no questions
	cover   *vm.Coverage // nil unless --cover asks for it
	started time.Time
	run     *runID

	helpFailed bool // help was asked of a command that does not exist

	interrupts *interrupts
}

// globals are the flags that every command has.
type globals struct {
	context, server, gateway, admin, secretFile string
	output, query, color                        string
	columns                                     []string
	noHeaders, dryRun, readOnly, yes            bool
	trace, quiet                                bool
	timeout, requestTimeout                     time.Duration
	maxMemory                                   string
	plan, record, replay                        string
	logFormat, logLevel                         string
	maxRequests                                 int64
	profile, folder                             string
	allowHosts                                  []string
}

// exitCode is an error that only carries the code to exit with: everything has been said.
type exitCode int

func (exitCode) Error() string { return "" }

// Main runs the program and returns its exit code.
func Main(sys System) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := &interrupts{cancel: func() { cancel(fault.New(fault.Canceled, "interrupted")) }}
	defer signals.watch()()
	a := &app{sys: sys, interrupts: signals, areas: Areas(), started: time.Now()}
	a.run = newRunID(a.started)
	signals.last = a.sayLeft
	a.root = a.rootCommand()
	a.root.SetArgs(sys.Args)
	return a.finish(ctx, a.root.ExecuteContext(ctx))
}

// finish closes the session, says what went wrong and returns the exit code.
func (a *app) finish(ctx context.Context, err error) int {
	a.finishJournal(ctx)
	a.sayLeft()
	if a.session != nil {
		if a.session.plan != nil && err == nil {
			a.note("%s", a.session.plan.said())
		}
		if cerr := a.session.close(err == nil); err == nil {
			err = cerr
		}
	}
	if terr := a.tape.close(); err == nil {
		err = terr
	}
	var code exitCode
	if errors.As(err, &code) {
		return int(code)
	}
	if err == nil && a.helpFailed {
		return fault.ExitUsage
	}
	if err == nil {
		return fault.ExitOK
	}
	a.printError(err)
	return exitCodeOf(err)
}

func (a *app) rootCommand() *cobra.Command {
	var version bool
	root := &cobra.Command{
		Use:   "imctl",
		Short: "Administer and test OpenIM deployments",
		Long: "imctl administers and tests OpenIM deployments: scripts in Lua, a REPL, and a subcommand for every operation.\n" +
			"With nothing configured it works on a sandbox that it starts itself.",
		SilenceErrors: true, SilenceUsage: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if a.g.timeout < 0 || a.g.requestTimeout < 0 {
				return fault.New(fault.Usage, "a timeout can't be negative")
			}
			if modes := []string{"auto", "always", "never"}; !slices.Contains(modes, a.g.color) {
				return fault.New(fault.Usage, "--color: no mode %q%s", a.g.color, fault.DidYouMean(a.g.color, modes)).
					WithHint("modes: %s", strings.Join(modes, ", "))
			}
			return a.checkLogFlags()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if version {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "imctl", Version)
				return err
			}
			if len(args) > 0 {
				return a.unknownCommand(cmd, args[0])
			}
			return cmd.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	root.Flags().BoolVarP(&version, "version", "v", false, "version for imctl")
	root.SetOut(a.sys.Stdout)
	root.SetErr(a.sys.Stderr)
	root.SetIn(a.sys.Stdin)
	root.CompletionOptions.HiddenDefaultCmd = false
	root.SetFlagErrorFunc(flagError)
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		if word := cmd.Flags().Arg(0); word != "" && cmd.HasSubCommands() && cmd.Name() != "help" { // --help of a command that is not there
			a.printError(a.unknownCommand(cmd, word))
			a.helpFailed = true
			return
		}
		help(cmd, args)
	})
	root.SetUsageFunc(usage)
	a.globalFlags(root.PersistentFlags())
	root.AddGroup(&cobra.Group{ID: "run", Title: "Scripts:"}, &cobra.Group{ID: "ops", Title: "Operations:"},
		&cobra.Group{ID: "setup", Title: "Set-up:"})
	root.AddCommand(a.runCommand(), a.testCommand(), a.reportCommand(), a.checkCommand(), a.replCommand(), a.evalCommand(), a.contextCommand(), a.sandboxCommand(),
		a.docsCommand(), a.explainCommand(), a.versionCommand(), a.applyCommand(), a.auditCommand(), a.pluginCommand())
	for _, area := range a.areas {
		root.AddCommand(a.areaCommand(area))
	}
	a.addPlugins(root)
	root.SetHelpCommand(a.helpCommand())
	root.SetCompletionCommandGroupID("setup")
	a.completions(root)
	return root
}

func (a *app) globalFlags(f *pflag.FlagSet) {
	g := &a.g
	f.StringVar(&g.context, "context", "", "the context to act on (also IMCTL_CONTEXT)")
	f.StringVar(&g.server, "server", "", "the API address, in place of the context's (also IMCTL_SERVER)")
	f.StringVar(&g.gateway, "gateway", "", "the WebSocket gateway's address (also IMCTL_GATEWAY)")
	f.StringVar(&g.admin, "admin", "", "the admin userID to act as (also IMCTL_ADMIN)")
	f.StringVar(&g.secretFile, "secret-file", "", "file that holds the server's secret (also IMCTL_SECRET_FILE, or IMCTL_SECRET)")
	f.StringVarP(&g.output, "output", "o", "", "output form: "+strings.Join(output.Formats(), "|"))
	f.StringVar(&g.query, "query", "", "a gjson path applied to the result")
	f.StringArrayVar(&g.columns, "columns", nil, "columns to show, separated by commas")
	f.BoolVar(&g.noHeaders, "no-headers", false, "no header line in tables and CSV")
	f.StringVar(&g.color, "color", "auto", "colour: auto|always|never")
	f.BoolVar(&g.dryRun, "dry-run", false, "reads are real, writes are only listed")
	f.BoolVar(&g.readOnly, "read-only", false, "refuse every write")
	f.BoolVarP(&g.yes, "yes", "y", false, "answer yes to every question")
	f.BoolVar(&g.trace, "trace", false, "print each request and answer, masked, to standard error")
	f.StringVar(&g.logFormat, "log-format", "console", "form of log lines on standard error: "+strings.Join(logFormats(), "|"))
	f.StringVar(&g.logLevel, "log-level", "info", "write log lines from this level on: "+strings.Join(logLevels(), "|"))
	f.BoolVarP(&g.quiet, "quiet", "q", false, "no notes and no progress on standard error")
	f.DurationVar(&g.timeout, "timeout", 0, "end the whole command after this long (30s, 5m)")
	f.DurationVar(&g.requestTimeout, "request-timeout", 0, "limit of one request (also IMCTL_TIMEOUT)")
	f.StringVar(&g.plan, "plan", "", "reads are real, writes are listed in this file, for imctl apply")
	f.StringVar(&g.record, "record", "", "record the traffic with the server, masked, in this file")
	f.StringVar(&g.replay, "replay", "", "play a recording back: no server is asked, and what was not recorded fails")
	f.Int64Var(&g.maxRequests, "max-requests", 0, "the most requests to the server, 0 for no limit")
	f.StringVar(&g.profile, "profile", "", "what scripts may use: "+strings.Join(plugin.Profiles(), "|"))
	f.StringVar(&g.folder, "folder", "", "the folder of files in the restricted profile (default the script's own)")
	f.StringArrayVar(&g.allowHosts, "allow-host", nil, "a host that the library http may reach; repeatable, without it all")
	f.StringVar(&g.maxMemory, "max-memory", "1GiB", "heap limit of scripts (512MiB, 2GiB, 0 for none)")
}

// limited puts the command under --timeout.
func (a *app) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if a.g.timeout == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, a.g.timeout,
		fault.New(fault.Timeout, "time limit of %s reached", a.g.timeout).WithHint("it was set with --timeout"))
}

// unknownCommand is the error of a word that is no command of parent.
func (a *app) unknownCommand(parent *cobra.Command, word string) error {
	var names []string
	for _, c := range parent.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	where := strings.TrimPrefix(parent.CommandPath(), "imctl")
	return fault.New(fault.Usage, "no command%s %s%s", where, word, fault.DidYouMean(word, names)).
		WithHint("see %s --help", parent.CommandPath())
}

// flagError names the nearest flag when one is unknown.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		slices.Sort(names)
		name := unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			return fault.New(fault.Usage, "no flag -%s", name).WithHint("see %s --help", cmd.CommandPath())
		}
		e := fault.New(fault.Usage, "no flag --%s", name)
		i := slices.IndexFunc(names, func(n string) bool { return strings.HasPrefix(n, name+"-") }) // --secret: --secret-file
		if i >= 0 {
			e.Message += "; did you mean --" + names[i] + "?"
		} else if n := fault.Nearest(name, names); n != "" {
			e.Message += "; did you mean --" + n + "?"
		}
		return e.WithHint("see %s --help", cmd.CommandPath())
	}
	if own := (&fault.Error{}); errors.As(err, &own) && own.Hint != "" { // of a value that our flag refused
		return fault.New(fault.Usage, "%s", err.Error()).WithHint("%s", own.Hint)
	}
	return fault.New(fault.Usage, "%s", err.Error()).WithHint("see %s --help", cmd.CommandPath())
}
