package report

import (
	_ "embed"
	"html/template"
	"slices"
	"strings"

	"github.com/openimsdk/imctl/runtime/output"
	"github.com/openimsdk/imctl/runtime/testrun"
)

//go:embed report.html
var pageText string

// page is what the template sees.
type page struct {
	*testrun.Summary
	Counts  testrun.Counts
	OK      bool
	Numbers string
	Filters []filter
	Files   []pageFile
	Slowest []*testrun.Test
}

// filter chooses the tests of one status.
type filter struct {
	Status, Label string
	Count         int
}

type pageFile struct {
	Name     string
	Troubles []*testrun.Trouble
	Tests    []*testrun.Test
	Failed   int
}

// newHTML writes one page that needs nothing from elsewhere.
func newHTML(o Options) testrun.Reporter {
	return whole(func(s *testrun.Summary) error {
		t, err := template.New("page").Funcs(template.FuncMap{
			"plain": plain, "lines": func(text string) string { return output.Escape(text, true) },
			"title": title, "duration": duration, "flaky": flakyText, "troubleName": troubleName, "blocks": blocks, "difference": splitDifference,
			"class": func(s testrun.Status) string { return strings.ReplaceAll(string(s), " ", "-") },
			"last":  func(i, n int) bool { return i == n-1 },
		}).Parse(pageText)
		if err != nil {
			return err
		}
		return t.Execute(o.Out, newPage(s))
	})
}

func newPage(s *testrun.Summary) page {
	c := s.Counts()
	p := page{Summary: s, Counts: c, OK: s.OK(), Numbers: countsText(s), Slowest: slowest(s.Tests), Filters: []filter{
		{"failed", "failed", c.Failed + c.Errors}, {"flaky", "flaky", c.Flaky}, {"passed", "passed", c.Passed - c.Flaky},
		{"pending", "pending", c.Pending}, {"not-run", "not run", c.NotRun},
	}}
	p.Filters = slices.DeleteFunc(p.Filters, func(f filter) bool { return f.Count == 0 })
	for _, f := range byFile(s) {
		pf := pageFile{Name: f.name, Troubles: f.troubles, Tests: f.tests, Failed: len(f.troubles)}
		for _, t := range f.tests {
			if t.Status == testrun.Failed {
				pf.Failed++
			}
		}
		p.Files = append(p.Files, pf)
	}
	return p
}

// blocks is where a test or a trouble stands: "accounts › roles › ".
func blocks(names []string) string {
	text := ""
	for _, name := range names {
		text += plain(name) + " › "
	}
	return text
}
