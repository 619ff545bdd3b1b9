package report

import (
	"bytes"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/testrun"
)

// Annotation is a command of a GitHub workflow, which shows a text at a place of the source. severity is error, warning or
// notice; a file of "" and a line or column of 0 are left out.
func Annotation(severity, file string, line, column int, title, text string) string {
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	var properties []string
	if file != "" {
		properties = append(properties, "file="+property.Replace(file))
	}
	if line > 0 {
		properties = append(properties, fmt.Sprintf("line=%d", line))
	}
	if column > 0 {
		properties = append(properties, fmt.Sprintf("col=%d", column))
	}
	properties = append(properties, "title="+property.Replace(title))
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	return fmt.Sprintf("::%s %s::%s", severity, strings.Join(properties, ","), data.Replace(text))
}

// newGitHub writes annotations, and the summary of the workflow's step when the workflow asks for one.
func newGitHub(o Options) testrun.Reporter {
	return whole(func(s *testrun.Summary) error {
		var b bytes.Buffer
		place := workspacePath(o.Getenv("GITHUB_WORKSPACE"))
		for _, x := range s.Troubles {
			fmt.Fprintln(&b, annotated("error", place, x.File, 0, troubleTitle(x), []testrun.Problem{x.Problem}, nil, ""))
		}
		for _, x := range s.Tests {
			switch x.Status {
			case testrun.Failed:
				fmt.Fprintln(&b, annotated("error", place, x.File, x.Line, title(x), x.Problems, x.Earlier, x.Repeat))
			case testrun.Flaky:
				fmt.Fprintln(&b, annotated("warning", place, x.File, x.Line, title(x)+" is "+flakyText(x), x.Problems, x.Earlier, ""))
			}
		}
		fmt.Fprintln(&b, Annotation("notice", "", 0, 0, "imctl test", Numbers(s)))
		if _, err := o.Out.Write(b.Bytes()); err != nil {
			return err
		}
		return stepSummary(o.Getenv("GITHUB_STEP_SUMMARY"), s)
	})
}

// Numbers is the end of the run in a few lines.
func Numbers(s *testrun.Summary) string {
	lines := []string{countsText(s) + " (" + duration(s.MS) + ")"}
	for _, x := range slowest(s.Tests) {
		lines = append(lines, "slowest: "+duration(x.MS)+"  "+title(x))
	}
	if s.Seed != 0 {
		lines = append(lines, fmt.Sprintf("shuffled with --shuffle=%d", s.Seed))
	}
	return strings.Join(lines, "\n")
}

// annotated is what failed, at the line where it failed or, when that is in another file, at the test's own.
func annotated(severity string, place func(string) string, file string, line int, name string, problems, earlier []testrun.Problem, repeat string) string {
	var at int
	if rest, ok := strings.CutPrefix(problems[0].At, file+":"); ok {
		if _, err := fmt.Sscanf(rest, "%d", &at); err == nil {
			line = at
		}
	}
	return Annotation(severity, place(plain(file)), line, 0, name, strings.TrimSuffix(problemsText(problems, earlier, repeat), "\n"))
}

// workspacePath makes paths into those from the workspace's root, which is what the workflow knows files by.
func workspacePath(workspace string) func(string) string {
	return func(file string) string {
		abs, err := filepath.Abs(file)
		if workspace == "" || err != nil {
			return file
		}
		rel, err := filepath.Rel(workspace, abs)
		if err != nil || strings.HasPrefix(rel, "..") {
			return file
		}
		return filepath.ToSlash(rel)
	}
}

// maxStepSummary is how much of a summary is written: GitHub shows none that is larger than 1 MiB.
const maxStepSummary = 900 << 10

// stepSummary adds the numbers and what failed to the file that the workflow shows as the summary of its step.
func stepSummary(file string, s *testrun.Summary) error {
	if file == "" {
		return nil
	}
	var b strings.Builder
	mark := "❌"
	if s.OK() {
		mark = "✅"
	}
	fmt.Fprintf(&b, "### %s imctl test\n\n%s\n\n", mark, pre(Numbers(s)))
	for _, f := range byFile(s) {
		for _, x := range f.troubles {
			details(&b, f.name, 0, troubleTitle(x), problemsText([]testrun.Problem{x.Problem}, nil, ""))
		}
		for _, x := range f.tests {
			if x.Status == testrun.Failed {
				details(&b, f.name, x.Line, title(x), problemsText(x.Problems, x.Earlier, x.Repeat))
			}
		}
	}
	text := b.String()
	if len(text) > maxStepSummary {
		end := strings.LastIndex(text[:maxStepSummary], "</details>\n") + len("</details>\n")
		text = text[:end] + "\nMore failed than this summary can hold: the report has them all.\n"
	}
	out, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fault.New(fault.Usage, "the summary of the step: %w", err)
	}
	if _, err := out.WriteString(text); err != nil {
		_ = out.Close()
		return fault.New(fault.Usage, "the summary of the step: %w", err)
	}
	return out.Close()
}

func details(b *strings.Builder, file string, line int, name, text string) {
	at := plain(file)
	if line > 0 {
		at = fmt.Sprintf("%s:%d", at, line)
	}
	fmt.Fprintf(b, "<details><summary>❌ %s <code>%s</code></summary>\n\n%s\n\n</details>\n", html.EscapeString(name), html.EscapeString(at), pre(text))
}

// pre is text that Markdown leaves as it is. An empty line would end the HTML.
func pre(text string) string {
	text = html.EscapeString(strings.TrimSuffix(text, "\n"))
	return "<pre>" + strings.ReplaceAll(text, "\n", "&#10;") + "</pre>"
}
