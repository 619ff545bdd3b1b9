package load

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	green = "32"
	red   = "31"
	dim   = "2"
	bold  = "1"
)

// stats are the statistics of a trend that summaries show.
var stats = []string{"avg", "min", "med", "p90", "p95", "p99", "p99.9", "max"}

// summary writes a report for people.
type summary struct {
	strings.Builder
	color bool
}

// WriteSummary writes a report for people to read on a terminal.
func (r *Report) WriteSummary(w io.Writer, color bool) error {
	s := &summary{color: color}
	s.head(r)
	s.thresholds(r)
	s.counts(r)
	s.trends(r)
	s.custom(r)
	s.problems("errors of operations", r.Errors, r.MoreErrors)
	s.problems("failures", r.Failures, r.MoreFailures)
	_, err := io.WriteString(w, s.String())
	return err
}

func (s *summary) paint(code, text string) string {
	if !s.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s *summary) line(format string, args ...any) {
	fmt.Fprintf(s, format, args...)
	s.WriteByte('\n')
}

func (s *summary) title(text string) { s.line("\n%s", s.paint(bold, text)) }

func (s *summary) head(r *Report) {
	where := ""
	if r.Context != "" {
		where = " on " + r.Context
	}
	s.line("%s%s", s.paint(bold, r.Script), where)
	s.line("%s", r.Model)
	s.line("%s", r.ran())
	if r.Of > 1 {
		s.line("shards %s of %d", strings.Join(r.Shards, ", "), r.Of)
		if missing := r.Missing(); missing != "" && len(r.Shards) > 1 {
			s.line("%s", s.paint(red, "missing: "+missing))
		}
	}
	for _, text := range []string{r.Ended, r.Error} {
		if text != "" {
			s.line("%s", s.paint(red, text))
		}
	}
	if r.Abandoned > 0 {
		s.line("%s", s.paint(red, vus(r.Abandoned)+" did not come back from a call that can't be interrupted"))
	}
}

// ran says when the load ran and how long.
func (r *Report) ran() string {
	text := fmt.Sprintf("ran %s from %s", span(r.Elapsed), r.Started.Format(time.DateTime)+" UTC")
	if r.Starting >= 0.1 {
		text += fmt.Sprintf(", after %s in which the first VUs started", span(r.Starting))
	}
	return text
}

// span is a number of seconds for people.
func span(s float64) string {
	d := seconds(s)
	switch {
	case d >= 10*time.Second:
		d = d.Round(time.Second / 10)
	case d >= time.Second:
		d = d.Round(time.Millisecond * 10)
	default:
		d = d.Round(time.Millisecond)
	}
	return Short(d)
}

func (s *summary) thresholds(r *Report) {
	if len(r.Thresholds) == 0 {
		return
	}
	s.title("thresholds")
	wide := 0
	for _, v := range r.Thresholds {
		wide = max(wide, utf8.RuneCountInString(v.Threshold))
	}
	for _, v := range r.Thresholds {
		mark, code, says := "✓", green, v.Why
		if !v.OK {
			mark, code = "✗", red
		}
		if r.Part() {
			mark, code = "-", dim
		}
		if v.OK && v.Value != nil {
			says = "it is " + Amount(*v.Value, v.Unit)
		}
		s.line("  %s %s  %s", s.paint(code, mark), pad(v.Threshold, wide), says)
	}
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(width-utf8.RuneCountInString(text), 0))
}

// counts are the sums that every load has; those that nothing came to are left out.
func (s *summary) counts(r *Report) {
	s.title("load")
	done := r.Metric("iterations")
	s.line("  iterations   %s, %s/s%s", number(done.Sum), rate(done, r.Elapsed), s.bad(r,
		"iterations_failed", "failed", "iterations_interrupted", "interrupted at the end", "iterations_dropped", "dropped: they were due, and no VU was free in time"))
	if r.Metric("checks").Sum > 0 || r.Metric("checks_failed").Sum > 0 {
		s.line("  checks       %s%s", number(r.Metric("checks").Sum), s.bad(r, "checks_failed", "failed"))
	}
	s.line("  VUs          at most %s%s", number(r.Metric("vus").Max), s.bad(r, "vus_failed", "failed"))
	if failed := r.Metric("http_failed"); failed.Count > 0 {
		share, _, _ := failed.value()
		text := fmt.Sprintf("%s of %s, %s", number(float64(failed.Yes)), number(float64(failed.Count)), Amount(share, "%"))
		if failed.Yes > 0 {
			text = s.paint(red, text)
		}
		s.line("  HTTP failed  %s", text)
	}
}

// bad lists counters that are not 0, in red; names and texts take turns.
func (s *summary) bad(r *Report, names ...string) string {
	var b strings.Builder
	for i := 0; i < len(names); i += 2 {
		if n := r.Metric(names[i]).Sum; n > 0 {
			b.WriteString(", " + s.paint(red, number(n)+" "+names[i+1]))
		}
	}
	return b.String()
}

// trends is one table of all trends, by section.
func (s *summary) trends(r *Report) {
	rows := [][]string{append([]string{"", "count", "per s"}, stats...)}
	var heads []string // of the section that begins at a row
	for _, m := range r.Metrics {
		if m.Kind != Trend || m.Count == 0 {
			continue
		}
		row := []string{m.Label(), number(float64(m.Count)), rate(m, r.Elapsed)}
		for _, stat := range stats {
			row = append(row, Amount(round(m.stat(stat), 3), m.Unit))
		}
		for len(heads) < len(rows) {
			heads = append(heads, "")
		}
		heads = append(heads, string(m.Section))
		rows = append(rows, row)
	}
	if len(rows) == 1 {
		return
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	section := ""
	s.title("how long it took")
	for i, row := range rows {
		if i > 0 && heads[i] != section {
			if section = heads[i]; section != string(Load) && section != string(HTTP) {
				s.line("%s", s.paint(dim, section))
			}
		}
		text := "  " + pad(row[0], widths[0])
		for c := 1; c < len(row); c++ {
			text += "  " + strings.Repeat(" ", widths[c]-utf8.RuneCountInString(row[c])) + row[c]
		}
		if i == 0 {
			text = s.paint(dim, text)
		}
		s.line("%s", text)
	}
}

// custom are the script's own metrics that are no trends.
func (s *summary) custom(r *Report) {
	var own []*Measured
	wide := 0
	for _, m := range r.Metrics {
		if m.Section == Custom && m.Kind != Trend {
			own, wide = append(own, m), max(wide, len(m.Name))
		}
	}
	if len(own) > 0 {
		s.title("the script's own")
	}
	for _, m := range own {
		s.line("  %s  %s", pad(m.Name, wide), m.plain(r.Elapsed))
	}
}

// plain is what a metric that is no trend came to, for people.
func (m *Measured) plain(elapsed float64) string {
	switch m.Kind {
	case Counter:
		return number(m.Sum) + ", " + rate(m, elapsed) + "/s"
	case Share:
		x, _, _ := m.value()
		return fmt.Sprintf("%s: %s of %s", Amount(x, "%"), number(float64(m.Yes)), number(float64(m.Count)))
	}
	if m.Count == 0 {
		return "no value"
	}
	return fmt.Sprintf("%s at the end, %s to %s", number(m.Last), number(m.Min), number(m.Max))
}

func (s *summary) problems(title string, list []Problem, more int64) {
	if len(list) == 0 {
		return
	}
	s.title(title)
	const shown = 10
	for i, p := range list {
		if i == shown {
			break
		}
		text := firstLine(p.Message)
		if p.Op != "" && !strings.HasPrefix(text, p.Op) {
			text = p.Op + ": " + text
		}
		if p.Where != "" && !strings.Contains(text, p.Where) {
			text = p.Where + ": " + text
		}
		s.line("  %s  %s", s.paint(red, fmt.Sprintf("%5d×", p.Count)), text)
	}
	for _, p := range list[min(shown, len(list)):] {
		more += p.Count
	}
	if more > 0 {
		s.line("  %s  others", s.paint(red, fmt.Sprintf("%5d×", more)))
	}
}

func firstLine(text string) string {
	line, _, more := strings.Cut(text, "\n")
	if more {
		line += " …"
	}
	return line
}

// Label is the metric's name in a table, where its section is known.
func (m *Measured) Label() string { return strings.TrimPrefix(m.Name, "group:") }

// rate is how many came in a second.
func rate(m *Measured, elapsed float64) string {
	if elapsed <= 0 {
		return "-"
	}
	return strconv.FormatFloat(round(m.During/elapsed, 3), 'f', -1, 64)
}

// number is a number with its digits in threes.
func number(x float64) string {
	text := strconv.FormatFloat(round(x, 6), 'f', -1, 64)
	whole, rest, dot := strings.Cut(text, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if dot {
		whole += "." + rest
	}
	return sign + whole
}
