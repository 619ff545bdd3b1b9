package cli

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/load"
)

// reportCommand works on reports that were written before.
func (a *app) reportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "report", Short: "Work on the reports of loads", GroupID: "run", Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.unknownCommand(cmd, args[0])
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(a.mergeCommand())
	return cmd
}

func (a *app) mergeCommand() *cobra.Command {
	var reports *reportFlag
	cmd := &cobra.Command{
		Use: "merge FILE...", Short: "Add the JSON reports of the shards of one load",
		Long: "Add the JSON reports of the shards of one load (imctl run --shard 1/4 --report json=FILE). Counts and histograms add\n" +
			"exactly, and the thresholds are judged over the sum. A file may hold other lines too, as the log of a pod does; - is\n" +
			"standard input. Exit code 9: a threshold was missed. 5: shards are missing.",
		Example: "  imctl report merge one.json two.json --report html=load.html",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fault.New(fault.Usage, "report merge needs the reports of the shards").WithHint("imctl report merge one.json two.json")
			}
			opened, err := reports.open(a.createFile)
			if err != nil {
				return err
			}
			defer discardReports(opened)
			return a.mergeReports(args, opened)
		},
	}
	reports = addReportFlag(cmd.Flags(), loadReports...)
	return cmd
}

func (a *app) mergeReports(names []string, opened []openReport) error {
	show, err := a.loadPrinter(opened)
	if err != nil {
		return err
	}
	var all []*load.Report
	for _, name := range names {
		r, err := a.readReport(name)
		if err != nil {
			return err
		}
		all = append(all, r)
	}
	merged, err := load.Merge(all, names)
	if err != nil {
		return err
	}
	if err := writeLoadReports(show, opened, merged); err != nil {
		return err
	}
	switch {
	case merged.Part():
		return fault.New(fault.Partial, "the shards %s are missing: no threshold is judged", merged.Missing())
	case merged.Error != "":
		return fault.New(fault.Script, "a shard did not run: %s", merged.Error)
	case merged.Ended != "":
		return fault.New(fault.Partial, "a shard ended early: %s", merged.Ended)
	}
	return judged(merged)
}

func (a *app) readReport(name string) (*load.Report, error) {
	f, err := a.openFile(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, fault.New(fault.Usage, "can't read %s: %w", name, err)
	}
	return load.ReadReport(text, name)
}
