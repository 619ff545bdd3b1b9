package cli

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/runtime/report"
	"github.com/openimsdk/imctl/runtime/testrun"
)

// testReports are the open reports of a run of tests, and the line on the terminal that shows how far it is.
type testReports struct {
	reporters []testrun.Reporter
	progress  func(testrun.Progress)
	close     func() // gives the streams back; a report that is not ended is dropped
}

// fileReport is a report whose file appears when the run is over.
type fileReport struct {
	testrun.Reporter
	openReport
}

// End writes the report, and says which one could not be written.
func (r fileReport) End(s *testrun.Summary) error {
	err := r.Reporter.End(s)
	if err == nil {
		err = r.file.Commit()
	} else {
		r.file.Discard()
	}
	if err == nil {
		return nil
	}
	where := "standard output"
	if r.name != "" {
		where = r.name
	}
	return fault.New(fault.Usage, "the report %s can't be written to %s: %w", r.format, where, err)
}

// openReports opens the reports of a run of so many files; without any it is the one for people. A report for programs
// has standard output for itself: what scripts print goes to standard error then.
func (a *app) openReports(asked *reportFlag, files int) (testReports, error) {
	if asked == nil || len(asked.asked) == 0 {
		asked = &reportFlag{asked: []reportAsked{{format: report.Terminal}}}
	}
	var r testReports
	sys := a.sys
	line := func() {}
	if sys.StderrIsTerminal && !a.g.quiet && sys.Getenv("TERM") != "dumb" {
		live := report.NewLive(sys.Stderr, sys.StderrWidth, files)
		line, r.progress = live.Close, live.Show
		a.sys.Stdout, a.sys.Stderr = live.Over(sys.Stdout), live.Over(sys.Stderr)
	}
	open, err := asked.open(a.createFile)
	r.close = func() {
		line()
		a.sys = sys
		discardReports(open)
	}
	if err != nil {
		r.close()
		return r, err
	}
	for _, o := range open {
		opts := report.Options{Out: o.file, Files: files, Getenv: sys.Getenv, Color: o.name == "" && sys.ColorOut(a.g.color)}
		r.reporters = append(r.reporters, fileReport{report.New(o.format, opts), o})
		if o.name == "" && o.format != report.Terminal {
			a.sys.Stdout, a.sys.StdoutIsTerminal, a.sys.ColorOut = a.sys.Stderr, sys.StderrIsTerminal, sys.ColorErr
		}
	}
	return r, nil
}

// sayUnwritten says which reports could not be written, and makes that the end of a run that has no other.
func (a *app) sayUnwritten(unwritten, end error) error {
	joined, ok := unwritten.(interface{ Unwrap() []error })
	if !ok {
		return end
	}
	for _, err := range joined.Unwrap() {
		a.printError(err)
	}
	if end == nil {
		end = exitCode(fault.ExitUsage)
	}
	return end
}

// forPeople tells whether a report for people goes to standard output.
func (r *reportFlag) forPeople() bool {
	if r == nil || len(r.asked) == 0 {
		return true
	}
	for _, a := range r.asked {
		if a.format == report.Terminal && a.file == "" {
			return true
		}
	}
	return false
}

// repeatCommand makes the command that runs one test again, under the flags of this run. A script that has arguments runs
// whole; one that is no file can't be named.
func repeatCommand(scripts []script, flags string) func(*testrun.Test) string {
	args := map[string][]string{}
	for _, s := range scripts {
		if s.inline || s.stdin {
			return nil
		}
		args[s.name] = s.args
	}
	return func(t *testrun.Test) string {
		file := t.File
		if strings.HasPrefix(file, "-") {
			file = "./" + file
		}
		if words := args[t.File]; len(words) > 0 {
			command := "imctl run" + flags + " " + word(file)
			for _, w := range words {
				command += " " + word(w)
			}
			return openim.Mask(command)
		}
		return openim.Mask("imctl test "+word(file)+" --filter "+word(namedExactly(t.FullName()))) + flags
	}
}

// namedExactly is a regular expression that only this name matches, in characters that can be seen. What was masked in it is
// not known.
func namedExactly(name string) string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(regexp.QuoteMeta(name), regexp.QuoteMeta(openim.Masked), ".*") {
		if unicode.IsPrint(r) && r != unicode.ReplacementChar {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\x{%x}`, r)
		}
	}
	return "^" + b.String() + "$"
}

// repeatFlags are the flags that were given on the command line, as a command line has them, without those of once, which
// choose tests or write files.
func repeatFlags(cmd *cobra.Command, once *pflag.FlagSet) string {
	var b strings.Builder
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if once.Lookup(f.Name) != nil || f.Name == "record" || f.Name == "plan" {
			return
		}
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			switch {
			case f.NoOptDefVal == v:
				b.WriteString(" --" + f.Name)
			case f.NoOptDefVal != "":
				b.WriteString(" --" + f.Name + "=" + word(v))
			default:
				b.WriteString(" --" + f.Name + " " + word(v))
			}
		}
	})
	return openim.Mask(b.String())
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// word is text as one word of a shell.
func word(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
