package report

import (
	_ "embed"
	"strings"

	"github.com/openimsdk/imctl/runtime/output"
	"github.com/openimsdk/imctl/runtime/testrun"
)

var (
	//go:embed report.css
	pageStyle string
	//go:embed report.js
	pageCode string
)

// page is the page of a run while it is written.
type page struct{ output.HTML }

// newHTML writes one page that needs nothing from elsewhere.
func newHTML(o Options) testrun.Reporter {
	return whole(func(s *testrun.Summary) error {
		p := page{output.NewHTML(o.Out)}
		p.run(s)
		return p.Flush()
	})
}

// filter chooses the tests of one status.
type filter struct {
	class, label string
	count        int
}

// filters are those that choose any.
func filters(c testrun.Counts) []filter {
	var out []filter
	for _, f := range []filter{
		{"failed", "failed", c.Failed + c.Errors}, {"flaky", "flaky", c.Flaky}, {"passed", "passed", c.Passed - c.Flaky},
		{"pending", "pending", c.Pending}, {"not-run", "not run", c.NotRun},
	} {
		if f.count > 0 {
			out = append(out, f)
		}
	}
	return out
}

// verdict is what became of the run, and the class of the line that says so.
func verdict(s *testrun.Summary) (text, class string) {
	switch {
	case s.OK():
		return "passed", "good"
	case s.Bad():
		return "failed", "bad"
	case s.Ended != "":
		return "not finished", "bad"
	}
	return "no tests ran", "bad"
}

func (p page) run(s *testrun.Summary) {
	said, class := verdict(s)
	chosen := filters(s.Counts())
	p.Add(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>imctl test: %s</title>
<style>
`, said)
	p.Raw(pageStyle)
	for _, f := range chosen {
		p.Add("body:has(#only-%s:checked) li.test:not(.%s) { display: none; }\n", f.class, f.class)
	}
	p.Add(`</style>
</head>
<body>
<header>
<h1>imctl test</h1>
<p class="verdict %s" id="verdict">%s: %s</p>
<dl class="run">
`, class, said, countsText(s))
	start := s.Start.UTC()
	p.Add(`<div><dt>started</dt><dd><time datetime="%s">%s UTC</time></dd></div>`+"\n", start.Format("2006-01-02T15:04:05Z"), start.Format("2006-01-02 15:04:05"))
	p.Add(`<div><dt>took</dt><dd id="took">%s</dd></div>`, duration(s.MS))
	if s.Seed != 0 {
		p.Add(`<div><dt>order</dt><dd id="seed">--shuffle=%d</dd></div>`, s.Seed)
	}
	p.Raw("\n</dl>\n</header>\n<main>\n")
	p.tools(chosen)
	p.slowest(s.Tests)
	for _, f := range byFile(s) {
		p.file(f)
	}
	p.Raw("\n</main>\n<footer>Written by imctl. The page needs nothing from elsewhere.</footer>\n<script>\n" + pageCode + "</script>\n</body>\n</html>\n")
}

// tools choose which tests are seen.
func (p page) tools(chosen []filter) {
	p.Raw(`<form class="tools" aria-label="choose tests">
<fieldset><legend class="hidden-label">show</legend>
<label class="pick"><input type="radio" name="only" id="only-all" checked> all</label>`)
	for _, f := range chosen {
		p.Add("\n"+`<label class="pick"><input type="radio" name="only" id="only-%s"> %s %d</label>`, f.class, f.label, f.count)
	}
	p.Raw(`
</fieldset>
<label id="search" hidden><span class="hidden-label">name holds</span><input type="search" placeholder="part of a name"></label>
<output id="shown" class="soft"></output>
</form>`)
}

func (p page) slowest(tests []*testrun.Test) {
	slow := slowest(tests)
	if len(slow) == 0 {
		return
	}
	p.Raw("\n" + `<section id="slowest"><div class="head"><h2>slowest</h2></div><ol class="slow">`)
	for _, t := range slow {
		p.Add(`<li><span class="took">%s</span> %s <span class="soft">%s:%d</span></li>`, duration(t.MS), title(t), plain(t.File), t.Line)
	}
	p.Raw("\n</ol></section>")
}

func (p page) file(f fileResults) {
	failed := len(f.troubles)
	for _, t := range f.tests {
		if t.Status == testrun.Failed {
			failed++
		}
	}
	p.Add("\n<section class=\"file\">\n<div class=\"head\"><h2>%s</h2><span class=\"soft\">", plain(f.name))
	if failed > 0 {
		p.Add("%d failed", failed)
	}
	p.Raw("</span></div>\n<ul class=\"tests\">")
	for _, x := range f.troubles {
		p.Add("\n"+`<li class="test failed" data-status="error"><details open><summary class="row"><span class="mark" aria-label="failed">✗</span><span class="name"><span class="in">%s</span>%s</span></summary>`+"\n",
			blocks(x.Blocks), troubleName(x))
		p.Raw(`<div class="problem">`)
		p.problem(x.Problem)
		p.Raw("</div></details></li>")
	}
	for _, t := range f.tests {
		p.test(t)
	}
	p.Raw("\n</ul>\n</section>")
}

// marks are the signs of what became of a test.
var marks = map[testrun.Status]string{
	testrun.Passed: "✓", testrun.Failed: "✗", testrun.Flaky: "~", testrun.Pending: "–", testrun.NotRun: "–",
}

func (p page) test(t *testrun.Test) {
	p.Add("\n"+`<li class="test %s" data-status="%s">`, strings.ReplaceAll(string(t.Status), " ", "-"), t.Status)
	switch {
	case len(t.Problems) == 0:
		p.Raw(`<div class="row">`)
	case t.Status == testrun.Failed:
		p.Raw(`<details open><summary class="row">`)
	default:
		p.Raw(`<details><summary class="row">`)
	}
	p.Add(`<span class="mark" aria-label="%s">%s</span>`, t.Status, marks[t.Status])
	p.Add(`<span class="name"><span class="in">%s</span>%s`, blocks(t.Blocks), plain(t.Name))
	if t.Round != 0 {
		p.Add(` <span class="soft">[%d]</span>`, t.Round)
	}
	for _, tag := range t.Tags {
		p.Add(` <span class="tag">%s</span>`, plain(tag))
	}
	switch t.Status {
	case testrun.Flaky:
		p.Add(` <span class="soft">%s</span>`, flakyText(t))
	case testrun.Pending:
		p.Raw(` <span class="soft">pending</span>`)
	case testrun.NotRun:
		p.Add(` <span class="soft">not run: %s</span>`, plain(t.Reason))
	}
	p.Raw("</span>")
	if t.Tries > 0 {
		p.Add(`<span class="took">%s</span>`, duration(t.MS))
	}
	if len(t.Problems) == 0 {
		p.Raw("</div></li>")
		return
	}
	p.Raw("</summary>")
	for i, x := range t.Problems {
		p.Raw("\n" + `<div class="problem">`)
		p.problem(x)
		if i == len(t.Problems)-1 {
			p.again(t)
		}
		p.Raw("\n</div>")
	}
	p.Raw("\n</details></li>")
}

// again are the test's other tries, and how to run it again.
func (p page) again(t *testrun.Test) {
	if len(t.Earlier) > 0 {
		p.Raw("\n<h3>other tries</h3>\n<pre class=\"earlier\">")
		for i, e := range t.Earlier {
			p.nextLine(i)
			p.Add("%s", output.Escape(e.Message, true))
		}
		p.Raw("</pre>")
	}
	if t.Repeat != "" {
		p.Add("\n<h3>again</h3>\n"+`<div class="again"><pre class="repeat">%s</pre><button type="button" hidden>copy</button></div>`, plain(t.Repeat))
	}
}

// nextLine ends the line before the i-th one.
func (p page) nextLine(i int) {
	if i > 0 {
		p.Raw("\n")
	}
}

// blocks is where a test or a trouble stands: "accounts › roles › ".
func blocks(names []string) string {
	text := ""
	for _, name := range names {
		text += plain(name) + " › "
	}
	return text
}
