package load

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Threshold is a promise about a metric that is judged when the load has ended: "p95(http) < 200ms".
type Threshold struct {
	Text    string // as it was written
	Measure string // p95, avg, min, max, med, count, rate; "" is the metric's own value
	Metric  string
	Op      string // <, <=, >, >=, ==, !=
	Number  float64
	Unit    string // ms, s, us, m, h, %, or "" for the metric's own

	maybe *Threshold // what it says when there is no metric of that name: http_p95 is p95(http)
}

var (
	comparison = regexp.MustCompile(`^(.*?)\s*(<=|>=|==|!=|<|>)\s*(.*)$`)
	measured   = regexp.MustCompile(`^(\w[\w.]*)\s*\(\s*([^()]*?)\s*\)$`)
	suffixed   = regexp.MustCompile(`^(.+)_(p\d+(?:\.\d+)?|avg|min|max|med)$`)
	percentile = regexp.MustCompile(`^p(\d{1,2}(?:\.\d{1,4})?|100)$`)
	bound      = regexp.MustCompile(`^([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*(\S*)$`)
)

// measures are the functions of thresholds; pN stands for all percentiles.
var measures = []string{"avg", "count", "max", "med", "min", "rate", "p50", "p90", "p95", "p99", "p99.9"}

// units turn a number into that of a metric: milliseconds of a duration, a part of one of a percentage.
var units = map[string]float64{"us": 0.001, "µs": 0.001, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "%": 0.01}

// ParseThresholds reads thresholds.
func ParseThresholds(texts []string) ([]Threshold, error) {
	var out []Threshold
	for _, text := range texts {
		t, err := ParseThreshold(text)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// ParseThreshold reads one threshold: MEASURE(METRIC) OP NUMBER, or METRIC OP NUMBER.
func ParseThreshold(text string) (Threshold, error) {
	bad := func(format string, args ...any) (Threshold, error) {
		return Threshold{}, fault.New(fault.Usage, "threshold %q: %s", text, fmt.Sprintf(format, args...)).
			WithHint(`write it like "p95(http) < 200ms", "rate(http_failed) < 1%%" or "lost == 0"`)
	}
	parts := comparison.FindStringSubmatch(strings.TrimSpace(text))
	if parts == nil {
		return bad("there is no comparison in it: <, <=, >, >=, == or !=")
	}
	t := Threshold{Text: strings.TrimSpace(text), Op: parts[2]}
	number := bound.FindStringSubmatch(parts[3])
	if number == nil {
		return bad("%q is no number", parts[3])
	}
	n, err := strconv.ParseFloat(number[1], 64)
	if err != nil {
		return bad("%q is no number", number[1])
	}
	t.Number, t.Unit = n, number[2]
	if _, known := units[t.Unit]; !known && t.Unit != "" {
		return bad("no unit %q; there are us, ms, s, m, h and %%", t.Unit)
	}
	left := parts[1]
	if m := measured.FindStringSubmatch(left); m != nil {
		t.Measure, t.Metric = m[1], m[2]
		if !isMeasure(t.Measure) {
			return bad("no measure %s%s", t.Measure, fault.DidYouMean(t.Measure, measures))
		}
	} else if t.Metric = left; strings.ContainsAny(left, "()") {
		return bad("%q is neither MEASURE(METRIC) nor the name of a metric", left)
	}
	if t.Metric == "" {
		return bad("it names no metric")
	}
	if m := suffixed.FindStringSubmatch(t.Metric); m != nil && t.Measure == "" && isMeasure(m[2]) {
		other := t
		other.Measure, other.Metric = m[2], m[1]
		t.maybe = &other
	}
	return t, nil
}

func isMeasure(name string) bool {
	return slices.Contains(measures, name) || percentile.MatchString(name)
}

// Verdict is how a threshold was judged.
type Verdict struct {
	Threshold string   `json:"threshold"`
	OK        bool     `json:"ok"`
	Missing   bool     `json:"missing,omitempty"` // no value came that it could be judged by
	Value     *float64 `json:"value,omitempty"`   // in the unit of the metric
	Unit      string   `json:"unit,omitempty"`    // of Value
	Why       string   `json:"why,omitempty"`     // why it is not ok
}

// Judge judges a threshold by what was measured in so many seconds.
func (t Threshold) Judge(all []*Measured, seconds float64) Verdict {
	found := find(all, t.Metric)
	if found == nil && t.maybe != nil && find(all, t.maybe.Metric) != nil {
		return t.maybe.Judge(all, seconds)
	}
	v := Verdict{Threshold: t.Text}
	if found == nil || found.empty() && t.Measure != "count" {
		v.Missing, v.Why = true, "no value of "+t.Metric+" came"
		if found == nil {
			names := make([]string, 0, len(all))
			for _, m := range all {
				names = append(names, m.Name)
			}
			v.Why += fault.DidYouMean(t.Metric, names)
		}
		return v
	}
	value, unit, why := found.measure(t.Measure, seconds)
	if why == "" {
		why = t.misfit(found, unit)
	}
	if why != "" {
		v.Missing, v.Why = true, why
		return v
	}
	want := t.Number
	if t.Unit != "" {
		want *= units[t.Unit]
	}
	v.Value, v.Unit = &value, unit
	if v.OK = compare(value, t.Op, want); !v.OK {
		v.Why = "it is " + Amount(value, unit)
	}
	return v
}

// misfit says why the unit of the threshold is not one of what it is compared with.
func (t Threshold) misfit(m *Measured, unit string) string {
	switch {
	case t.Unit == "" || t.Unit == "%" && unit == "%" || t.Unit != "%" && unit == "ms":
		return ""
	case unit == "":
		return fmt.Sprintf("%s is a plain number, without the unit %s", m.Name, t.Unit)
	}
	return fmt.Sprintf("%s is in %s, not in %s", m.Name, unit, t.Unit)
}

func find(all []*Measured, name string) *Measured {
	i := slices.IndexFunc(all, func(m *Measured) bool { return m.Name == name })
	if i < 0 {
		return nil
	}
	return all[i]
}

func compare(a float64, op string, b float64) bool {
	switch op {
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	case "==":
		return a == b
	}
	return a != b
}

// Amount is a number with its unit, for people.
func Amount(x float64, unit string) string {
	switch unit {
	case "%":
		return strconv.FormatFloat(round(x*100, 4), 'f', -1, 64) + "%"
	case "ms":
		switch {
		case x >= 100_000:
			return strconv.FormatFloat(round(x/1000, 4), 'f', -1, 64) + "s"
		case x > 0 && x < 0.1:
			return strconv.FormatFloat(round(x*1000, 3), 'f', -1, 64) + "µs"
		}
	}
	return strconv.FormatFloat(round(x, 4), 'f', -1, 64) + unit
}

// round keeps so many digits of a number, those before the point all.
func round(x float64, keep int) float64 {
	text := strconv.FormatFloat(x, 'g', keep, 64)
	if short, err := strconv.ParseFloat(text, 64); err == nil && x < 1e4 && x > -1e4 {
		return short
	}
	whole, err := strconv.ParseFloat(strconv.FormatFloat(x, 'f', 0, 64), 64)
	if err != nil {
		return x
	}
	return whole
}
