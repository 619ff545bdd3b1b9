package load

import (
	"fmt"
	"math"
	"sync"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Kind says what a metric adds up.
type Kind string

// The kinds of metrics.
const (
	Trend   Kind = "trend"   // values, of which percentiles are asked
	Counter Kind = "counter" // a sum
	Share   Kind = "rate"    // how often something was so, of all times it was looked at
	Gauge   Kind = "gauge"   // a value that comes and goes
)

// Section groups metrics in reports.
type Section string

// The sections, in the order of reports.
const (
	Load       Section = "load"       // iterations, checks, VUs
	HTTP       Section = "http"       // all exchanges with the REST API
	Operations Section = "operations" // each operation of the bindings
	Endpoints  Section = "endpoints"  // each path of the REST API
	Groups     Section = "groups"     // scenario.group
	Custom     Section = "custom"     // the script's own
)

const (
	// perUnit is how many steps of a histogram are a unit of its trend: microseconds of a millisecond.
	perUnit = 1000

	// maxTrend is the largest value of a trend: eleven days in milliseconds.
	maxTrend = 1e9

	// digits is how many digits of a value a histogram keeps: an error of a tenth of a percent.
	digits = 3
)

func newHistogram() *hdr.Histogram { return hdr.New(1, maxTrend*perUnit, digits) }

// Metric is what was measured under one name. It is safe for parallel use.
type Metric struct {
	Name    string
	Kind    Kind
	Section Section
	Unit    string // of a trend: ms unless the script says otherwise

	mu     sync.Mutex
	values values
	before int64          // of count, when the load began
	sum0   float64        // of sum, when the load began
	recent sketch         // since the last look, when a series is kept
	hist   *hdr.Histogram // of a trend
}

// values are the plain numbers of a metric.
type values struct {
	count    int64 // values that came
	yes      int64 // of a Share: how many were true
	sum      float64
	min, max float64
	last     float64
}

func (v *values) add(x float64) {
	if v.count == 0 || x < v.min {
		v.min = x
	}
	if v.count == 0 || x > v.max {
		v.max = x
	}
	v.count++
	v.sum += x
	v.last = x
}

// Add adds a value: to a trend, to the sum of a counter, or as the present one of a gauge.
func (m *Metric) Add(x float64) error {
	if math.IsNaN(x) || math.IsInf(x, 0) || m.Kind != Gauge && x < 0 || m.Kind == Trend && x > maxTrend {
		return fault.New(fault.Usage, "%s: a %s can't take %v", m.Name, m.Kind, x).
			WithHint("want a number from 0 on, for a trend at most %g", float64(maxTrend))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values.add(x)
	if m.Kind == Trend {
		steps := int64(math.Round(x * perUnit))
		if err := m.hist.RecordValue(steps); err != nil {
			return fault.New(fault.Internal, "%s: %w", m.Name, err)
		}
		if m.recent != nil {
			m.recent.add(steps)
		}
	}
	return nil
}

// Took adds a duration to a trend in milliseconds.
func (m *Metric) Took(d time.Duration) {
	_ = m.Add(min(max(float64(d.Nanoseconds())/1e6, 0), maxTrend)) // it can't refuse what is in its bounds
}

// Saw adds to a Share.
func (m *Metric) Saw(yes bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values.count++
	if yes {
		m.values.yes++
	}
}

// Inc adds one to a counter.
func (m *Metric) Inc() { _ = m.Add(1) } // it can't refuse one

// Count is how many values came; of a counter it is the sum, of a Share how many were true.
func (m *Metric) Count() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.total()
}

func (m *Metric) total() int64 {
	switch m.Kind {
	case Counter:
		return int64(m.values.sum)
	case Share:
		return m.values.yes
	}
	return m.values.count
}

// mark notes that the load begins: what came before counts, but not in rates.
func (m *Metric) mark() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.before, m.sum0 = m.values.count, m.values.sum
}

// Quantile is the value below which so many percent of a trend are.
func (m *Metric) Quantile(percent float64) float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return quantile(m.hist, percent)
}

func quantile(h *hdr.Histogram, percent float64) float64 {
	if h == nil || h.TotalCount() == 0 {
		return 0
	}
	return float64(h.ValueAtQuantile(percent)) / perUnit
}

// take is what came since the last take.
func (m *Metric) take() sketch {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.recent == nil {
		return nil
	}
	taken := m.recent
	m.recent = sketch{}
	return taken
}

// checkName says what is wrong with the name of a metric or group.
func checkName(what, name string, bare bool) error {
	ok := name != "" && len(name) <= 80
	for _, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
		ok = ok && (letter || !bare && r >= ' ' && r != '(' && r != ')' && r != 0x7f)
	}
	if ok {
		return nil
	}
	want := "letters, digits and _"
	if !bare {
		want = "letters and other signs, but no brackets"
	}
	return fault.New(fault.Usage, "%s %s: want a name of at most 80 %s", what, fmt.Sprintf("%q", name), want)
}
