package cli

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/check"
	"github.com/openimsdk/imctl/runtime/output"
	"github.com/openimsdk/imctl/runtime/report"
	"github.com/openimsdk/imctl/runtime/vm"
)

func (a *app) checkCommand() *cobra.Command {
	var code, format string
	var strict bool
	cmd := &cobra.Command{
		Use: "check FILE|DIR...", Short: "Check Lua scripts without running them", GroupID: "run",
		Long: "Check Lua scripts without running them: syntax, undefined globals, unknown operations, fields and values of the wrong\n" +
			"type, missing fields, fixtures in the wrong place. A folder stands for its *.lua files, - for standard input.\n" +
			"Exit code 0: no errors (warnings count with --strict). 1: errors. 2: a file is missing.",
		Example: "  imctl check scripts/\n  imctl check --strict -o json e2e.lua\n  imctl check --format github tests/",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			sources, err := a.sources(args, code, cmd.Flags().Changed("execute"))
			if err != nil {
				return err
			}
			var findings []check.Finding
			names := scriptNames(a.areas)
			for _, s := range sources {
				findings = append(findings, check.Source(s.text, s.name, names)...)
			}
			if err := a.printFindings(format, findings); err != nil {
				return err
			}
			a.note("%s in %s", countText(findings), plural(len(sources), "file"))
			if check.Errors(findings, strict) > 0 {
				return exitCode(fault.ExitScript)
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&code, "execute", "e", "", "the script itself")
	cmd.Flags().StringVar(&format, "format", "human", "form of the findings: human|github (annotations of a workflow)")
	cmd.Flags().BoolVar(&strict, "strict", false, "warnings are errors")
	return cmd
}

// sources reads the scripts to check.
func (a *app) sources(args []string, code string, inline bool) ([]script, error) {
	if inline {
		return []script{{name: "(command line)", text: code}}, nil
	}
	if len(args) == 0 {
		return nil, fault.New(fault.Usage, "check needs a file or a folder").WithHint("imctl check FILE..., imctl check - or imctl check -e CODE")
	}
	var out []script
	for _, arg := range args {
		if arg == "-" {
			text, err := io.ReadAll(a.sys.Stdin)
			if err != nil {
				return nil, fault.New(fault.Usage, "can't read the script: %w", err)
			}
			out = append(out, script{name: "(standard input)", text: string(text)})
			continue
		}
		files, err := luaFiles(arg)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			text, err := vm.ReadScript(file)
			if err != nil {
				return nil, err
			}
			out = append(out, script{name: file, text: text})
		}
	}
	return out, nil
}

// luaFiles is the file itself, or the *.lua files below a folder.
func luaFiles(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	if err != nil || !info.IsDir() {
		return []string{arg}, nil // a missing file is said when it is read
	}
	var files []string
	err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".lua") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		return nil, fault.New(fault.Usage, "can't read %s: %w", arg, err)
	}
	if len(files) == 0 {
		return nil, fault.New(fault.Usage, "no *.lua file in %s", arg)
	}
	return files, nil
}

// printFindings prints findings in the form that -o or --format asks for.
func (a *app) printFindings(format string, findings []check.Finding) error {
	if a.g.output != "" {
		p, err := a.printer()
		if err != nil {
			return err
		}
		if findings == nil {
			findings = []check.Finding{}
		}
		return p.Value(findings, []output.Column{
			{Name: "file", Order: 1, Key: true}, {Name: "line", Order: 2}, {Name: "column", Order: 3}, {Name: "severity", Order: 4},
			{Name: "code", Order: 5}, {Name: "message", Order: 6}, {Name: "suggestion", Order: 7},
		})
	}
	var line func(check.Finding) string
	switch format {
	case "human":
		line = func(f check.Finding) string { return findingText(f, a.sys.ColorOut(a.g.color)) }
	case "github":
		line = annotation
	default:
		forms := []string{"human", "github"}
		return fault.New(fault.Usage, "--format: no form %q%s", format, fault.DidYouMean(format, forms)).WithHint("forms: %s; JSON is -o json", strings.Join(forms, ", "))
	}
	for _, f := range findings {
		if _, err := fmt.Fprintln(a.sys.Stdout, line(f)); err != nil {
			return fault.New(fault.Script, "can't write to standard output: %w", err)
		}
	}
	return nil
}

// findingText is a finding in one line: x.lua:3:7: error: no operation user.ad; did you mean user.add? [unknown-op]
func findingText(f check.Finding, color bool) string {
	severity, code := f.Severity, "["+f.Code+"]"
	if color {
		paint := map[string]string{check.Error: "1;31", check.Warning: "1;33"}[f.Severity]
		severity, code = "\x1b["+paint+"m"+severity+"\x1b[0m", "\x1b[2m"+code+"\x1b[0m"
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s %s", f.File, f.Line, f.Column, severity, f.Text(), code)
}

// annotation is a finding as a command of a GitHub workflow, which shows it at the line in the pull request.
func annotation(f check.Finding) string {
	return report.Annotation(f.Severity, f.File, f.Line, f.Column, f.Code, f.Text())
}

// strictFlag is --strict of the commands that run scripts.
func strictFlag(f *pflag.FlagSet, strict *bool) {
	f.BoolVar(strict, "strict", false, "what imctl check would find are errors, and nothing runs")
}

// checkAll checks, with --strict, all scripts before the first one runs.
func (a *app) checkAll(scripts []script) error {
	for _, s := range scripts {
		if !s.strict || s.stdin {
			continue // standard input can be read only once, by the run itself
		}
		if !s.inline {
			var err error
			if s.text, err = vm.ReadScript(s.name); err != nil {
				return err
			}
		}
		if err := a.reportFirst(s); err != nil {
			return err
		}
	}
	return nil
}

// checkFirst checks a script that is about to run, if checkAll has not.
func (a *app) checkFirst(s script) error {
	if s.strict && !s.stdin || a.g.quiet && !s.strict {
		return nil
	}
	return a.reportFirst(s)
}

// reportFirst says what the check finds. Without strict these are warnings, since the line may never run. What can't be
// parsed is left to the run itself, which says it.
func (a *app) reportFirst(s script) error {
	if strings.TrimSpace(s.text) == "" {
		return nil
	}
	findings := check.Source(s.text, s.name, scriptNames(a.areas))
	if len(findings) == 1 && findings[0].Code == "syntax" {
		return nil
	}
	for _, f := range findings {
		a.note("warning: %s:%d:%d: %s [%s]", f.File, f.Line, f.Column, f.Text(), f.Code)
	}
	if s.strict && len(findings) > 0 {
		return fault.New(fault.Usage, "%s in %s: nothing was run", countText(findings), s.name).WithHint("without --strict it would run")
	}
	return nil
}

func countText(findings []check.Finding) string {
	errors := check.Errors(findings, false)
	return plural(errors, "error") + ", " + plural(len(findings)-errors, "warning")
}

func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
