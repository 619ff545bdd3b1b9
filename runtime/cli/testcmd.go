package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/output"
	"github.com/openimsdk/imctl/runtime/testrun"
	"github.com/openimsdk/imctl/runtime/vm"
)

// testPlan says how the tests of scripts are run.
type testPlan struct {
	testrun.Options
	mustTest bool // a run without any test is a failure
	jobs     int
	reports  *reportFlag // nil is the one for people
	again    string      // the flags for the command that runs one test again
}

// plainRun is how `imctl run` runs what tests a script has.
func plainRun() testPlan { return testPlan{Options: testrun.Options{Timeout: testTimeout}} }

// testTimeout is the time limit of a test that sets none.
const testTimeout = 5 * time.Minute

func (a *app) testCommand() *cobra.Command {
	var path []string
	var cover bool
	var lcov string
	var strict bool
	var flags testFlags
	once := pflag.NewFlagSet("", pflag.ContinueOnError) // the flags that the repetition of a test goes without
	cmd := &cobra.Command{
		Use: "test FILE...", Short: "Run the tests that Lua files declare", GroupID: "run",
		Long: "Run the tests that Lua files declare, each file in a VM of its own. A folder stands for its *_test.lua files.\n" +
			"Code 0 is all passed, 1 something failed, 8 no test ran.\n\n" + sweepHelp,
		Example: "  imctl test scripts/e2e.lua\n  imctl test tests/ --filter 'groups >' --jobs 4\n  imctl test tests/ --failed\n" +
			"  imctl test tests/ --report terminal --report junit=results.xml\n" +
			"  imctl --context staging test --sweep",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if flags.sweep {
				if len(args) > 0 {
					return fault.New(fault.Usage, "--sweep runs no test: it takes no file")
				}
				return a.sweep(cmd.Context())
			}
			var remembered failedTests
			if flags.failed {
				var err error
				if remembered, err = a.loadFailed(); err != nil {
					return err
				}
				if len(args) == 0 {
					args = remembered.files()
				}
				if len(args) == 0 {
					a.note("no tests ran: none failed last time")
					return exitCode(fault.ExitNoTests)
				}
			}
			if len(args) == 0 {
				return fault.New(fault.Usage, "test needs a file or a folder").WithHint("imctl test FILE...")
			}
			if a.g.output != "" {
				return fault.New(fault.Usage, "-o %s is for results of operations; tests have reports", a.g.output).
					WithHint("for example --report json")
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
			plan, err := flags.plan(cmd)
			if err != nil {
				return err
			}
			if flags.failed {
				if plan.Only, err = remembered.only(scripts); err != nil {
					return err
				}
			}
			plan.again = repeatFlags(cmd, once)
			scripts = repeated(scripts, flags.repeat)
			if cover || lcov != "" {
				a.cover = vm.NewCoverage()
				plan.jobs = 1 // lines are counted one VM at a time
			}
			err = a.runScripts(cmd.Context(), scripts, plan)
			return errors.Join(err, a.reportCoverage(lcov))
		},
	}
	cmd.Flags().StringArrayVar(&path, "path", nil, "a folder in which require looks, after the script's own")
	strictFlag(cmd.Flags(), &strict)
	testTimeoutFlag(cmd.Flags(), &flags.timeout)
	once.BoolVar(&cover, "cover", false, "print which lines of the scripts ran")
	once.StringVar(&lcov, "cover-out", "", "write the line coverage in LCOV form to this file")
	flags.add(once)
	cmd.Flags().AddFlagSet(once)
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
