package load

import (
	_ "embed"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/openimsdk/imctl/bindings/fault"
)

//go:embed report.html
var page string

// pageTemplate is the page of a report.
var pageTemplate = sync.OnceValues(func() (*template.Template, error) { return template.New("report").Parse(page) })

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
	t, err := pageTemplate()
	if err != nil {
		return fault.New(fault.Internal, "the page of the report: %w", err)
	}
	passed := 0
	for _, v := range r.Thresholds {
		if v.OK {
			passed++
		}
	}
	heads := append([]string{"count", "per second"}, stats...)
	return t.Execute(w, map[string]any{
		"R": r, "Ran": r.ran(), "Missing": r.missingShards(), "Passed": passed,
		"Charts": r.charts(), "Heads": heads, "Width": len(heads) + 1, "Tables": r.tables(), "Numbers": r.numbers(), "Problems": []problemTable{
			{"Errors of operations", r.Errors, r.MoreErrors}, {"Failures", r.Failures, r.MoreFailures},
		},
		"Value": func(v Verdict) string {
			if v.Value == nil {
				return ""
			}
			return Amount(*v.Value, v.Unit)
		},
	})
}

type problemTable struct {
	Title string
	List  []Problem
	More  int64
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
