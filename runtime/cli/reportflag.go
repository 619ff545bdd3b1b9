package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// reportFlag is the value of --report FORMAT[=FILE], which may be given again and again.
type reportFlag struct {
	formats []string
	asked   []reportAsked
}

// reportAsked is one report that was asked for. Without a file, or with "-", it goes to standard output.
type reportAsked struct{ format, file string }

// addReportFlag adds --report to a command that knows these formats.
func addReportFlag(f *pflag.FlagSet, formats ...string) *reportFlag {
	r := &reportFlag{formats: formats}
	f.Var(r, "report", "write a report, FORMAT or FORMAT=FILE; repeatable: "+strings.Join(formats, "|"))
	return r
}

// Set reads one FORMAT[=FILE].
func (r *reportFlag) Set(text string) error {
	format, file, named := strings.Cut(text, "=")
	if err := knownFormat(format, r.formats); err != nil {
		return err
	}
	if named && file == "" {
		return fault.New(fault.Usage, "the file of the report %s has no name", format)
	}
	if file == "-" || file == "/dev/stdout" {
		file = ""
	}
	r.asked = append(r.asked, reportAsked{format, file})
	return nil
}

// String is what was asked for, as it is written.
func (r *reportFlag) String() string {
	var all []string
	for _, a := range r.asked {
		text := a.format
		if a.file != "" {
			text += "=" + a.file
		}
		all = append(all, text)
	}
	return strings.Join(all, ",")
}

// Type is the value's form in help texts.
func (r *reportFlag) Type() string { return "FORMAT[=FILE]" }

func knownFormat(format string, formats []string) error {
	if slices.Contains(formats, format) {
		return nil
	}
	return fault.New(fault.Usage, "no report %q%s", format, fault.DidYouMean(format, formats)).
		WithHint("reports: %s", strings.Join(formats, ", "))
}

// only refuses what was asked for when it turns out that a run, such as one of tests, has fewer formats.
func (r *reportFlag) only(what string, formats ...string) error {
	for _, a := range r.asked {
		if !slices.Contains(formats, a.format) {
			return fault.New(fault.Usage, "%s has no report %s", what, a.format).WithHint("reports: %s", strings.Join(formats, ", "))
		}
	}
	return nil
}

// openReport is a report that is being written.
type openReport struct {
	format string
	file   bindings.File // standard output, or a file that appears when it is committed
	name   string        // of the file, "" on standard output
}

// open makes the files of all reports, so that a place where none can be written is known before anything runs.
func (r *reportFlag) open(create func(name string) (bindings.File, error)) ([]openReport, error) {
	var reports []openReport
	fail := func(err error) ([]openReport, error) {
		discardReports(reports)
		return nil, err
	}
	for _, a := range r.asked {
		name := a.file
		for _, other := range reports {
			switch {
			case other.name != filepath.Clean(name) && (other.name != "" || name != ""):
			case name == "":
				return fail(fault.New(fault.Usage, "the reports %s and %s can't both go to standard output", other.format, a.format).
					WithHint("give one a file: --report %s=FILE", a.format))
			default:
				return fail(fault.New(fault.Usage, "the reports %s and %s can't both go to %s", other.format, a.format, name))
			}
		}
		if info, err := os.Stat(name); name != "" && err == nil && info.IsDir() {
			return fail(fault.New(fault.Usage, "the report %s can't be written: %s is a folder", a.format, name))
		}
		target := name
		if name == "" {
			target = "-"
		} else {
			name = filepath.Clean(name)
		}
		file, err := create(target)
		if err != nil {
			return fail(fault.New(fault.Usage, "the report %s: %w", a.format, err))
		}
		reports = append(reports, openReport{a.format, file, name})
	}
	return reports, nil
}

func discardReports(reports []openReport) {
	for _, r := range reports {
		r.file.Discard()
	}
}
