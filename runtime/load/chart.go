package load

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// line is one line of a chart: a value for each point of the series, NaN where there is none.
type line struct {
	Name   string
	Style  string // the class that colours it
	values []float64
}

// chart is a picture of lines over time, drawn as SVG.
type chart struct {
	Title string
	Unit  string
	Lines []line
	at    []float64 // seconds
	step  float64
	exact bool // whole numbers: no ticks between them
}

// The picture in its own units; a page scales it.
const (
	chartWidth  = 720.0
	chartHeight = 200.0
	padLeft     = 56.0
	padRight    = 18.0
	padTop      = 8.0
	padBottom   = 24.0
)

// chart draws a chart.
func (p page) chart(c chart) {
	p.Add("<figure><figcaption>%s", c.Title)
	for _, l := range c.Lines {
		p.Add(`<span><i class="%s"></i>%s</span>`, l.Style, l.Name)
	}
	p.Raw("</figcaption>")
	top := c.top()
	end := c.step
	if n := len(c.at); n > 0 {
		end = c.at[n-1] + c.step
	}
	x := func(s float64) float64 { return padLeft + s/end*(chartWidth-padLeft-padRight) }
	y := func(v float64) float64 { return chartHeight - padBottom - v/top*(chartHeight-padTop-padBottom) }
	p.Add(`<svg viewBox="0 0 %g %g" role="img" aria-label="%s">`, chartWidth, chartHeight, c.Title)
	for _, v := range ticks(top, 4, c.exact) {
		p.Add(`<line class="grid" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/><text class="tick" x="%.1f" y="%.1f" text-anchor="end">%s</text>`,
			padLeft, chartWidth-padRight, y(v), y(v), padLeft-6, y(v)+4, Amount(v, c.Unit))
	}
	for _, s := range ticks(end, 8, end >= 8) {
		p.Add(`<text class="tick" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, x(s), chartHeight-6, clock(s))
	}
	for _, l := range c.Lines {
		p.line(c, l, x, y)
	}
	p.tips(c, x)
	p.Raw("</svg></figure>\n")
}

// line is a line as a path, broken where there is no value; a lone value is a dot.
func (p page) line(c chart, l line, x, y func(float64) float64) {
	var path strings.Builder
	var dots []int
	open := false
	for i, v := range l.values {
		if math.IsNaN(v) {
			open = false
			continue
		}
		if alone := (i == 0 || math.IsNaN(l.values[i-1])) && (i+1 == len(l.values) || math.IsNaN(l.values[i+1])); alone {
			dots = append(dots, i)
			continue
		}
		mark := "L"
		if !open {
			mark, open = "M", true
		}
		fmt.Fprintf(&path, "%s%.1f %.1f", mark, x(c.at[i]+c.step/2), y(v))
	}
	if path.Len() > 0 {
		p.Add(`<path class="%s" d="%s"/>`, l.Style, path.String())
	}
	for _, i := range dots {
		p.Add(`<circle class="%s" cx="%.1f" cy="%.1f" r="2.5"/>`, l.Style, x(c.at[i]+c.step/2), y(l.values[i]))
	}
}

// tips shows the values of a point when it is pointed at.
func (p page) tips(c chart, x func(float64) float64) {
	for i, at := range c.at {
		tip := clock(at)
		for _, l := range c.Lines {
			if v := l.values[i]; !math.IsNaN(v) {
				tip += "\n" + l.Name + " " + Amount(round(v, 3), c.Unit)
			}
		}
		p.Add(`<rect class="tip" x="%.1f" y="%g" width="%.1f" height="%g"><title>%s</title></rect>`,
			x(at), padTop, x(at+c.step)-x(at), chartHeight-padTop-padBottom, tip)
	}
}

// top is the upper end of the scale.
func (c chart) top() float64 {
	most := 0.0
	for _, l := range c.Lines {
		for _, v := range l.values {
			if !math.IsNaN(v) {
				most = max(most, v)
			}
		}
	}
	if most == 0 {
		return 1
	}
	step := niceStep(most/4, c.exact)
	return math.Ceil(most/step-1e-9) * step
}

// ticks are round numbers from 0 to the end, about so many.
func ticks(end float64, about int, whole bool) []float64 {
	step := niceStep(end/float64(about), whole)
	var out []float64
	for i := 0; float64(i)*step <= end*1.0001; i++ {
		out = append(out, float64(i)*step)
	}
	return out
}

// niceStep is the smallest of 1, 2 and 5 times a power of ten that is not below x.
func niceStep(x float64, whole bool) float64 {
	if whole {
		x = max(x, 1)
	}
	if x <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= x*0.9999 {
			return m * power
		}
	}
	return 10 * power
}

// clock is a number of seconds on the axis.
func clock(s float64) string {
	if s < 60 {
		return strconv.FormatFloat(round(s, 4), 'f', -1, 64) + "s"
	}
	whole := int(s)
	if whole < 3600 {
		return fmt.Sprintf("%d:%02d", whole/60, whole%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", whole/3600, whole/60%60, whole%60)
}

// charts are the pictures of a report.
func (r *Report) charts() []chart {
	if len(r.Points) == 0 || r.Step <= 0 {
		return nil
	}
	at := make([]float64, len(r.Points))
	for i, p := range r.Points {
		at[i] = p.At
	}
	perSecond := func(name, style string, of func(Point) int64) line {
		l := line{Name: name, Style: style}
		for i, p := range r.Points {
			l.values = append(l.values, float64(of(p))/r.length(i))
		}
		return l
	}
	rates := chart{Title: "in each second", at: at, step: r.Step, Lines: []line{perSecond("iterations", "a", func(p Point) int64 { return p.Iterations })}}
	if r.Metric("http").Count > 0 {
		rates.Lines = append(rates.Lines, perSecond("HTTP exchanges", "b", func(p Point) int64 { return p.Trends["http"].total() }))
	}
	vus := line{Name: "VUs", Style: "a"}
	for _, p := range r.Points {
		vus.values = append(vus.values, float64(p.VUs))
	}
	out := []chart{rates}
	for _, m := range r.Metrics {
		if c, ok := r.percentiles(m, at); ok {
			out = append(out, c)
		}
	}
	failed := chart{Title: "failed, in each second", at: at, step: r.Step, Lines: []line{
		perSecond("iterations", "c", func(p Point) int64 { return p.Failed }),
		perSecond("HTTP exchanges", "b", func(p Point) int64 { return p.HTTPFailed }),
	}}
	return append(out, chart{Title: "VUs", at: at, step: r.Step, exact: true, Lines: []line{vus}}, failed)
}

// length is how many seconds a point stands for: the last may be cut short.
func (r *Report) length(i int) float64 {
	if i+1 < len(r.Points) {
		return r.Step
	}
	if left := r.Elapsed - r.Points[i].At; left > 0.05*r.Step {
		return min(left, r.Step)
	}
	return r.Step
}

// percentiles is the chart of a trend, when its course was kept.
func (r *Report) percentiles(m *Measured, at []float64) (chart, bool) {
	c := chart{Title: m.Name, Unit: m.Unit, at: at, step: r.Step, Lines: []line{{Name: "p50", Style: "a"}, {Name: "p95", Style: "b"}, {Name: "p99", Style: "c"}}}
	any := false
	for _, p := range r.Points {
		s := p.Trends[m.Name]
		q := []float64{math.NaN(), math.NaN(), math.NaN()}
		if len(s) > 0 {
			q, any = s.quantiles(50, 95, 99), true
		}
		for i := range c.Lines {
			c.Lines[i].values = append(c.Lines[i].values, q[i])
		}
	}
	return c, any
}
