package load

import (
	"encoding/json"
	"strconv"

	hdr "github.com/HdrHistogram/hdrhistogram-go"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Measured is what a metric came to. Two of them, of two shards, add exactly.
type Measured struct {
	Name    string
	Kind    Kind
	Section Section
	Unit    string
	Count   int64 // values that came
	Yes     int64 // of a Share
	Sum     float64
	Min     float64
	Max     float64
	Last    float64
	During  float64 // what counts in rates: values of a trend, the sum of a counter since the load began
	hist    *hdr.Histogram
}

// measured is a copy of what a metric came to so far.
func (m *Metric) measured() *Measured {
	m.mu.Lock()
	defer m.mu.Unlock()
	v := m.values
	out := &Measured{
		Name: m.Name, Kind: m.Kind, Section: m.Section, Unit: m.Unit, Count: v.count, Yes: v.yes, Sum: v.sum, Min: v.min, Max: v.max, Last: v.last,
		During: float64(v.count - m.before),
	}
	if m.Kind == Counter {
		out.During = v.sum - m.sum0
	}
	if m.hist != nil {
		out.hist = hdr.Import(m.hist.Export())
	}
	return out
}

// Measured lists what all metrics came to.
func (r *Registry) Measured() []*Measured {
	var out []*Measured
	for _, m := range r.all() {
		out = append(out, m.measured())
	}
	return out
}

// empty tells whether nothing came: a counter that nothing was added to is 0.
func (m *Measured) empty() bool { return m.Kind != Counter && m.Count == 0 }

// value is what a metric without a measure stands for; why says that it stands for nothing.
func (m *Measured) value() (x float64, unit, why string) {
	switch m.Kind {
	case Counter:
		return m.Sum, "", ""
	case Gauge:
		return m.Last, "", ""
	case Share:
		if m.Count == 0 {
			return 0, "%", ""
		}
		return float64(m.Yes) / float64(m.Count), "%", ""
	}
	return 0, "", "say of the trend " + m.Name + " which value is meant: p95(" + m.Name + ")"
}

// measure is a measure of a metric: its value, the value's unit, and why there is none.
func (m *Measured) measure(name string, seconds float64) (x float64, unit, why string) {
	switch {
	case name == "":
		return m.value()
	case name == "count" && m.Kind == Counter:
		return m.Sum, "", ""
	case name == "count" && m.Kind == Share:
		return float64(m.Yes), "", ""
	case name == "count":
		return float64(m.Count), "", ""
	case name == "rate" && m.Kind == Share:
		return m.value()
	case name == "rate" && m.Kind != Gauge:
		if seconds <= 0 {
			return 0, "", "it took no time"
		}
		return m.During / seconds, "", ""
	case m.Kind == Gauge && name == "max":
		return m.Max, "", ""
	case m.Kind == Gauge && name == "min":
		return m.Min, "", ""
	case m.Kind != Trend:
		return 0, "", name + " is of trends; " + m.Name + " is a " + string(m.Kind)
	}
	return m.stat(name), m.Unit, ""
}

// stat is a statistic of a trend.
func (m *Measured) stat(name string) float64 {
	switch name {
	case "avg":
		if m.Count == 0 {
			return 0
		}
		return m.Sum / float64(m.Count)
	case "min":
		return m.Min
	case "max":
		return m.Max
	case "med":
		return m.Quantile(50)
	}
	percent, err := strconv.ParseFloat(name[1:], 64)
	if err != nil {
		return 0
	}
	return m.Quantile(percent)
}

// Quantile is the value below which so many percent of a trend are, never outside of what came.
func (m *Measured) Quantile(percent float64) float64 {
	return min(max(quantile(m.hist, percent), m.Min), m.Max)
}

// merge adds what another shard measured.
func (m *Measured) merge(o *Measured) error {
	if m.Kind != o.Kind || m.Unit != o.Unit {
		return fault.New(fault.Usage, "the metric %s is a %s in one report and a %s in another", m.Name, m.Kind, o.Kind)
	}
	switch {
	case o.Count == 0:
	case m.Count == 0:
		m.Min, m.Max = o.Min, o.Max
	case m.Name == "vus": // they ran at the same time
		m.Min, m.Max = m.Min+o.Min, m.Max+o.Max
	default:
		m.Min, m.Max = min(m.Min, o.Min), max(m.Max, o.Max)
	}
	m.Count, m.Yes, m.Sum, m.During = m.Count+o.Count, m.Yes+o.Yes, m.Sum+o.Sum, m.During+o.During
	m.Last = max(m.Last, o.Last)
	if m.hist != nil && o.hist != nil {
		if dropped := m.hist.Merge(o.hist); dropped > 0 {
			return fault.New(fault.Internal, "%d values of %s were lost when histograms were added", dropped, m.Name)
		}
	}
	return nil
}

// measuredJSON is a metric in a JSON report. Statistics are for readers; adding uses the histogram.
type measuredJSON struct {
	Name      string   `json:"name"`
	Kind      Kind     `json:"kind"`
	Section   Section  `json:"section"`
	Unit      string   `json:"unit,omitempty"`
	Count     int64    `json:"count"`
	Value     *float64 `json:"value,omitempty"` // a sum, a share from 0 to 1, the last of a gauge
	Yes       int64    `json:"yes,omitempty"`
	Sum       float64  `json:"sum"`
	During    float64  `json:"during"`
	Min       float64  `json:"min"`
	Avg       *float64 `json:"avg,omitempty"`
	Med       *float64 `json:"med,omitempty"`
	P90       *float64 `json:"p90,omitempty"`
	P95       *float64 `json:"p95,omitempty"`
	P99       *float64 `json:"p99,omitempty"`
	P999      *float64 `json:"p99.9,omitempty"`
	Max       float64  `json:"max"`
	Last      float64  `json:"last,omitempty"`
	Histogram string   `json:"histogram,omitempty"` // HdrHistogram V2, compressed, in base64
}

// MarshalJSON writes the metric with its statistics.
func (m *Measured) MarshalJSON() ([]byte, error) {
	out := measuredJSON{
		Name: m.Name, Kind: m.Kind, Section: m.Section, Unit: m.Unit, Count: m.Count, Yes: m.Yes, Sum: m.Sum, During: m.During,
		Min: m.Min, Max: m.Max, Last: m.Last,
	}
	if m.Kind != Trend {
		x, _, _ := m.value()
		out.Value = &x
		return json.Marshal(out)
	}
	for name, dst := range map[string]**float64{"avg": &out.Avg, "med": &out.Med, "p90": &out.P90, "p95": &out.P95, "p99": &out.P99, "p99.9": &out.P999} {
		x := m.stat(name)
		*dst = &x
	}
	text, err := m.hist.Encode(hdr.V2CompressedEncodingCookieBase)
	if err != nil {
		return nil, err
	}
	out.Histogram = string(text)
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (m *Measured) UnmarshalJSON(text []byte) error {
	var in measuredJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	*m = Measured{
		Name: in.Name, Kind: in.Kind, Section: in.Section, Unit: in.Unit, Count: in.Count, Yes: in.Yes, Sum: in.Sum, During: in.During,
		Min: in.Min, Max: in.Max, Last: in.Last,
	}
	if m.Kind != Trend {
		return nil
	}
	decoded, err := hdr.Decode([]byte(in.Histogram))
	if err != nil {
		return fault.New(fault.Usage, "the histogram of %s can't be read: %w", in.Name, err)
	}
	m.hist = newHistogram() // of our own bounds, so that all can be added
	if dropped := m.hist.Merge(decoded); dropped > 0 || m.hist.TotalCount() != m.Count {
		return fault.New(fault.Usage, "the histogram of %s does not hold its %d values", in.Name, m.Count)
	}
	return nil
}
