package load

import (
	_ "embed"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/openimsdk/imctl/runtime/output"
)

//go:embed report.css
var pageStyle string

// pageRow is a row of a table on the page.
type pageRow struct {
	Name  string
	Cells []string
}

// pageTable is a table on the page: the trends of a section.
type pageTable struct {
	Title string
	Rows  []pageRow
}

// WriteHTML writes the report as one page, which needs nothing else.
func (r *Report) WriteHTML(w io.Writer) error {
	p := page{output.NewHTML(w)}
	p.head(r)
	if len(r.Thresholds) > 0 {
		p.thresholds(r)
	}
	p.Raw("<h2>How it went</h2>\n<div class=\"charts\">\n")
	charts := r.charts()
	for _, c := range charts {
		p.chart(c)
	}
	if len(charts) == 0 {
		p.Raw("<p>Nothing was measured over time.</p>\n")
	}
	p.Raw("</div>\n<h2>Numbers</h2>\n" + tableStart)
	for _, row := range r.numbers() {
		p.row(row, "<td class=\"text\">%s</td>")
	}
	p.Raw(tableEnd + "<h2>How long it took</h2>\n")
	p.trends(r.tables())
	p.problems("Errors of operations", r.Errors, r.MoreErrors)
	p.problems("Failures", r.Failures, r.MoreFailures)
	p.Raw("</html>\n")
	return p.Flush()
}

// page is the page of a report while it is written.
type page struct{ output.HTML }

const (
	tableStart = "<div class=\"scroll\"><table>\n"
	tableEnd   = "</table></div>\n"
)

// head says what ran and whether it came to its end.
func (p page) head(r *Report) {
	p.Add(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s: load</title>
<style>
`, r.Script)
	p.Raw(pageStyle)
	p.Add("</style>\n<h1>%s</h1>\n<p>%s", r.Script, r.Model)
	if r.Context != "" {
		p.Add(" · on %s", r.Context)
	}
	p.Add("</p>\n<p>%s", r.ran())
	if r.Of > 1 {
		p.Add(" · %d of %d shards", len(r.Shards), r.Of)
	}
	p.Add(" · imctl %s</p>\n", r.Imctl)
	p.bad(r.Ended)
	p.bad(r.Error)
	if missing := r.missingShards(); missing != "" {
		p.bad("missing: shards " + missing)
	}
	if r.Abandoned > 0 {
		p.bad(strconv.Itoa(r.Abandoned) + " VUs did not come back from a call that can't be interrupted")
	}
}

// bad is a line about something that went wrong, if it did.
func (p page) bad(text string) {
	if text != "" {
		p.Add("<p class=\"bad\">%s</p>\n", text)
	}
}

func (p page) thresholds(r *Report) {
	p.Raw("<h2>Thresholds")
	if !r.Part() {
		held := 0
		for _, v := range r.Thresholds {
			if v.OK {
				held++
			}
		}
		p.Add(": %d of %d hold", held, len(r.Thresholds))
	}
	p.Raw("</h2>\n" + tableStart + "<tr><th>threshold</th><th></th><th>value</th><th></th></tr>\n")
	for _, v := range r.Thresholds {
		p.Add("<tr><td>%s</td><td>", v.Threshold)
		why, amount := "", ""
		if v.Missing {
			why = v.Why
		}
		if v.Value != nil {
			amount = Amount(*v.Value, v.Unit)
		}
		switch {
		case r.Part():
			p.Raw("–")
		case v.OK:
			p.Raw(`<span class="good">✓ holds</span>`)
		case v.Missing:
			p.Raw(`<span class="bad">✗ no value</span>`)
		default:
			p.Raw(`<span class="bad">✗ missed</span>`)
		}
		p.Add("</td><td>%s</td><td class=\"text\">%s</td></tr>\n", amount, why)
	}
	p.Raw(tableEnd)
}

// row is a row of a table; cell is the markup of a cell after the first.
func (p page) row(row pageRow, cell string) {
	p.Add("<tr><td>%s</td>", row.Name)
	for _, text := range row.Cells {
		p.Add(cell, text)
	}
	p.Raw("</tr>\n")
}

func (p page) trends(tables []pageTable) {
	if len(tables) == 0 {
		p.Raw("<p>Nothing was measured.</p>\n")
		return
	}
	heads := append([]string{"count", "per second"}, stats...)
	p.Raw(tableStart + "<tr><th></th>")
	for _, head := range heads {
		p.Add("<th>%s</th>", head)
	}
	p.Raw("</tr>\n")
	for _, t := range tables {
		p.Add("<tr><th colspan=\"%d\">%s</th></tr>\n", len(heads)+1, t.Title)
		for _, row := range t.Rows {
			p.row(row, "<td>%s</td>")
		}
	}
	p.Raw(tableEnd)
}

func (p page) problems(title string, list []Problem, more int64) {
	if len(list) == 0 {
		return
	}
	p.Add("<h2>%s</h2>\n", title)
	p.Raw(tableStart + "<tr><th>what</th><th>how often</th><th>where</th></tr>\n")
	for _, x := range list {
		what := x.Message
		if x.Op != "" {
			what = x.Op + ": " + what
		}
		p.Add("<tr><td class=\"text\">%s</td><td>%d</td><td class=\"text\">%s</td></tr>\n", what, x.Count, x.Where)
	}
	if more > 0 {
		p.Add("<tr><td>others</td><td>%d</td><td></td></tr>\n", more)
	}
	p.Raw(tableEnd)
}

func (r *Report) missingShards() string {
	if len(r.Shards) < 2 {
		return ""
	}
	return r.Missing()
}

// tables are the trends by section.
func (r *Report) tables() []pageTable {
	var out []pageTable
	for _, m := range r.Metrics {
		if m.Kind != Trend || m.Count == 0 {
			continue
		}
		title := string(m.Section)
		if m.Section == HTTP {
			title = string(Load)
		}
		i := slices.IndexFunc(out, func(t pageTable) bool { return t.Title == title })
		if i < 0 {
			out = append(out, pageTable{Title: title})
			i = len(out) - 1
		}
		row := pageRow{Name: m.Label(), Cells: []string{number(float64(m.Count)), rate(m, r.Elapsed)}}
		for _, stat := range stats {
			row.Cells = append(row.Cells, Amount(round(m.stat(stat), 3), m.Unit))
		}
		out[i].Rows = append(out[i].Rows, row)
	}
	return out
}

// numbers are the metrics that are no trends, without those that stayed at nothing.
func (r *Report) numbers() []pageRow {
	var out []pageRow
	for _, m := range r.Metrics {
		if m.Kind == Trend || m.Count == 0 && m.Section != Custom && m.Name != "iterations" {
			continue
		}
		out = append(out, pageRow{Name: strings.ReplaceAll(m.Name, "_", " "), Cells: []string{m.plain(r.Elapsed)}})
	}
	return out
}
