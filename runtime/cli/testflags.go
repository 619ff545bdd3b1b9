package cli

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/report"
)

// testFlags are the flags of `imctl test` that choose tests and say how they run.
type testFlags struct {
	filters, tags, notTags []string
	shuffle                string
	repeat, jobs, retries  int
	bail                   int
	failed, sweep          bool
	timeout                time.Duration
	report                 *reportFlag
}

func (t *testFlags) add(f *pflag.FlagSet) {
	f.StringArrayVar(&t.filters, "filter", nil, "run only tests whose full name, \"block > test\", matches this regular expression; repeatable")
	f.StringSliceVar(&t.tags, "tags", nil, "run only tests with one of these tags")
	f.StringSliceVar(&t.notTags, "exclude-tags", nil, "leave out tests with one of these tags")
	f.StringVar(&t.shuffle, "shuffle", "", "run tests in a random order; --shuffle=SEED gives the order of an earlier run")
	f.Lookup("shuffle").NoOptDefVal = "random"
	f.IntVar(&t.repeat, "repeat", 1, "run everything this many times")
	f.BoolVar(&t.failed, "failed", false, "run only what failed last time")
	f.IntVarP(&t.jobs, "jobs", "j", 1, "how many files run at a time, each in a VM of its own")
	f.IntVar(&t.retries, "retries", 0, "try a failing test this many times more; one that passes then is flaky")
	f.IntVar(&t.bail, "bail", 0, "end the run after this many failures (--bail alone: 1)")
	f.Lookup("bail").NoOptDefVal = "1"
	f.BoolVar(&t.sweep, "sweep", false, "run no test: remove what runs that were killed made and left")
	t.report = addReportFlag(f, report.Formats()...)
}

func testTimeoutFlag(f *pflag.FlagSet, timeout *time.Duration) {
	f.DurationVar(timeout, "test-timeout", testTimeout, "time limit of a test or hook that sets none, 0 for none")
}

// plan checks the flags.
func (t *testFlags) plan(cmd *cobra.Command) (testPlan, error) {
	p := testPlan{mustTest: true, jobs: t.jobs, reports: t.report}
	p.Tags, p.NotTags, p.Retries, p.Bail, p.Timeout = t.tags, t.notTags, t.retries, t.bail, t.timeout
	for name, at := range map[string]struct{ got, least int }{
		"repeat": {t.repeat, 1}, "jobs": {t.jobs, 1}, "retries": {t.retries, 0}, "bail": {t.bail, 0},
	} {
		if at.got < at.least {
			return p, fault.New(fault.Usage, "--%s: want a number from %d, got %d", name, at.least, at.got)
		}
	}
	if t.timeout < 0 {
		return p, fault.New(fault.Usage, "--test-timeout can't be negative")
	}
	for _, text := range t.filters {
		re, err := regexp.Compile(text)
		if err != nil {
			return p, fault.New(fault.Usage, "--filter: %q is no regular expression: %s", text, strings.TrimPrefix(err.Error(), "error parsing regexp: ")).
				WithHint("a name is taken literally with --filter '\\Q...\\E'")
		}
		p.Filters = append(p.Filters, re)
	}
	if cmd.Flags().Changed("shuffle") {
		p.Shuffle = true
		if t.shuffle == "random" {
			p.Seed = uint64(rand.Uint32())
		} else {
			seed, err := strconv.ParseUint(t.shuffle, 10, 64)
			if err != nil {
				return p, fault.New(fault.Usage, "--shuffle: %q is no seed", t.shuffle).WithHint("it is a whole number, which the run that is to be repeated has printed")
			}
			p.Seed = seed
		}
	}
	return p, nil
}

// repeated is the scripts n times over.
func repeated(scripts []script, n int) []script {
	if n == 1 {
		return scripts
	}
	var out []script
	for round := 1; round <= n; round++ {
		for _, s := range scripts {
			s.round = round
			out = append(out, s)
		}
	}
	return out
}
