package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/report"
)

func (a *app) runCommand() *cobra.Command {
	var code string
	var path []string
	var strict bool
	once := pflag.NewFlagSet("", pflag.ContinueOnError) // the flags that the repetition of a test goes without
	once.StringVarP(&code, "execute", "e", "", "the script itself")
	reports := addReportFlag(once, append(report.Formats(), "csv")...)
	loads := addLoadFlags(once, reports)
	cmd := &cobra.Command{
		Use: "run FILE [ARGUMENTS...]", Short: "Run a Lua script, and the tests or the load it declares", GroupID: "run",
		Long: "Run a Lua script. - reads it from standard input, -e takes it from the command line. What follows the file is the\n" +
			"script's own: it finds it in the table arg. Tests that the script declares run at its end. The flags marked with load\n" +
			"run it, or its tests, again and again by many virtual users; a script with scenario.iterate does so of itself.",
		Example: "  imctl run scripts/e2e.lua\n  imctl run --report tap scripts/e2e.lua\n  imctl run --vus 50 --duration 20s scripts/load/steady_chat.lua\n  imctl run -e 'print(user.count().count)'\n  echo 'print(1)' | imctl run -",
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
			if isLoad, err := loads.take(a, &source); isLoad || err != nil {
				if err == nil {
					err = a.runLoad(cmd.Context(), source, loads)
				}
				return err
			}
			if err := reports.only("a run of tests", report.Formats()...); err != nil {
				return err
			}
			plan := plainRun()
			plan.reports, plan.again = reports, repeatFlags(cmd, once)
			plan.mustTest = len(reports.asked) > 0 // who wants a report of tests expects some
			return a.runScripts(cmd.Context(), []script{source}, plan)
		},
	}
	cmd.Flags().SetInterspersed(false)
	cmd.Flags().AddFlagSet(once)
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
