package load

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestParseThreshold(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"p95(http) < 200ms", "p95 http < 200 ms"},
		{"  p99.9( user.get )<=1.5s ", "p99.9 user.get <= 1.5 s"},
		{"rate(http_failed) < 1%", "rate http_failed < 1 %"},
		{"lost == 0", " lost == 0 "},
		{"count(group:log in) > 1e3", "count group:log in > 1000 "},
		{"p100(/user/get_users) >= .5µs", "p100 /user/get_users >= 0.5 µs"},
		{"avg(x)!=-3", "avg x != -3 "},
		{"http_p95 < 200ms", " http_p95 < 200 ms"},
		{"p95(http)", "!there is no comparison"},
		{"", "!there is no comparison"},
		{"p95(http) < ", `!"" is no number`},
		{"p95(http) < fast", `!"fast" is no number`},
		{"p95(http) < 1e999", `!"1e999" is no number`},
		{"p95(http) < 20 parsecs", `!no unit "parsecs"`},
		{"p95(http) < 20ms > 10ms", `!no unit "ms>10ms"|!"20ms > 10ms" is no number|!no unit`},
		{"p101(http) < 1", "!no measure p101"},
		{"medd(http) < 1", "!no measure medd; did you mean med?"},
		{"p95(http < 1", "!neither MEASURE(METRIC)"},
		{"p95() < 1", "!names no metric"},
		{"< 1", "!names no metric"},
		{"p95(http) =< 1", "!"},
	} {
		th, err := ParseThreshold(c.text)
		got := th.Measure + " " + th.Metric + " " + th.Op + " " + trimNumber(th.Number) + " " + th.Unit
		if err != nil {
			got = "!" + err.Error()
		}
		ok := false
		for want := range strings.SplitSeq(c.want, "|") {
			if fails, bad := strings.CutPrefix(want, "!"); bad {
				ok = ok || err != nil && strings.Contains(got, fails)
			} else {
				ok = ok || got == want
			}
		}
		if !ok {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
	}
}

func trimNumber(x float64) string { return strings.TrimSuffix(Amount(x, ""), " ") }

// measuredForTests is a registry with known values.
func measuredForTests(t *testing.T) []*Measured {
	t.Helper()
	r := NewRegistry()
	r.mark()
	for i := 1; i <= 1000; i++ {
		r.HTTP.Took(time.Duration(i) * time.Millisecond)
		r.HTTPFailed.Saw(i%100 == 0)
	}
	for name, kind := range map[string]Kind{"lost": Counter, "seen": Counter, "queue": Gauge, "never": Trend, "nothing": Share, "size": Trend, "x_max": Counter} {
		unit := ""
		if name == "size" {
			unit = "bytes"
		}
		m, err := r.Declare(name, kind, unit)
		if err != nil {
			t.Fatal(err)
		}
		switch name {
		case "seen", "queue", "size", "x_max":
			for _, x := range []float64{5, 1, 3} {
				if err := m.Add(x); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return r.Measured()
}

func TestJudge(t *testing.T) {
	all := measuredForTests(t)
	for _, c := range []struct{ text, want string }{
		{"p95(http) < 951ms", "ok"},
		{"p95(http) < 0.951s", "ok"},
		{"p95(http) < 949", "it is 950"},
		{"http_p95 < 951ms", "ok"},
		{"max(http) == 1s", "ok"},
		{"min(http) == 1ms", "ok"},
		{"avg(http) == 500.5", "ok"},
		{"med(http) <= 500.9ms", "ok"},
		{"count(http) == 1000", "ok"},
		{"rate(http) == 100", "ok"},
		{"rate(http_failed) <= 1%", "ok"},
		{"http_failed < 0.5%", "it is 1%"},
		{"count(http_failed) == 10", "ok"},
		{"lost == 0", "ok"},
		{"count(lost) == 0", "ok"},
		{"seen == 9", "ok"},
		{"rate(seen) == 0.9", "ok"},
		{"queue == 3", "ok"},
		{"max(queue) == 5", "ok"},
		{"min(queue) == 1", "ok"},
		{"max(size) == 5", "ok"},
		{"x_max == 9", "ok"}, // a metric of that very name comes first
		{"iterations == 0", "ok"},
		{"p95(htp) < 1s", "missing: no value of htp came; did you mean http?"},
		{"p95(qqqqqq) < 1s", "missing: no value of qqqqqq came"},
		{"p95(never) < 1s", "missing: no value of never came"},
		{"nothing < 1%", "missing: no value of nothing came"},
		{"count(never) == 0", "ok"},
		{"never_p95 < 1s", "missing: no value of never came"},
		{"http < 1s", "missing: say of the trend http which value is meant: p95(http)"},
		{"p95(lost) < 1", "missing: p95 is of trends; lost is a counter"},
		{"rate(queue) < 1", "missing: rate is of trends; queue is a gauge"},
		{"lost < 5ms", "missing: lost is a plain number, without the unit ms"},
		{"p95(http) < 5%", "missing: http is in ms, not in %"},
		{"p95(size) < 5ms", "missing: size is in bytes, not in ms"},
	} {
		th, err := ParseThreshold(c.text)
		if err != nil {
			t.Fatal(err)
		}
		v := th.Judge(all, 10)
		got := "ok"
		if !v.OK {
			got = v.Why
		}
		if v.Missing {
			got = "missing: " + got
		}
		if got != c.want && !(c.want != "ok" && !strings.HasPrefix(c.want, "missing") && strings.HasPrefix(got, c.want)) {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
	}
}

// FuzzThreshold: whatever is written, it is read or refused, and what is read can be judged.
func FuzzThreshold(f *testing.F) {
	for _, text := range []string{"p95(http) < 200ms", "lost == 0", "rate(http_failed) < 1%", "http_p95<1s", "p99.9(x)!=1e5", "((<", "a<b<c", "µ(µ)>1µs"} {
		f.Add(text)
	}
	r := NewRegistry()
	r.HTTP.Took(time.Millisecond)
	all := r.Measured()
	f.Fuzz(func(t *testing.T, text string) {
		th, err := ParseThreshold(text)
		if err != nil {
			if !strings.Contains(err.Error(), "threshold") {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if th.Metric == "" || math.IsNaN(th.Number) {
			t.Errorf("%q: %+v", text, th)
		}
		if v := th.Judge(all, 1); v.OK == (v.Why != "") {
			t.Errorf("%q: %+v", text, v)
		}
		again, err := ParseThreshold(th.Text)
		if err != nil || again.Metric != th.Metric || again.Number != th.Number {
			t.Errorf("%q is read as %+v, %v", th.Text, again, err)
		}
	})
}

func TestRateStagesShard(t *testing.T) {
	none := func(string) string { return "" }
	for _, c := range []struct {
		read func() (any, error)
		want string // "" is no error
	}{
		{func() (any, error) { return ParseRate("100/s") }, ""},
		{func() (any, error) { return ParseRate("0.5/h") }, ""},
		{func() (any, error) { return ParseRate("7") }, ""},
		{func() (any, error) { return ParseRate("0/s") }, "is no rate"},
		{func() (any, error) { return ParseRate("-1/s") }, "is no rate"},
		{func() (any, error) { return ParseRate("1/d") }, "is no rate"},
		{func() (any, error) { return ParseRate("NaN/s") }, "is no rate"},
		{func() (any, error) { return ParseRate("Inf/s") }, "is no rate"},
		{func() (any, error) { return ParseStages("10s:5, 1m:0") }, ""},
		{func() (any, error) { return ParseStages("10s") }, "is no stage"},
		{func() (any, error) { return ParseStages("10:5") }, "is no stage"},
		{func() (any, error) { return ParseStages("") }, "is no stage"},
		{func() (any, error) { return ParseStages("10s:-5,1s:3") }, "neither can be negative"},
		{func() (any, error) { return ParseStages("-10s:5") }, "neither can be negative"},
		{func() (any, error) { return ParseStages("10s:0") }, "never have a VU"},
		{func() (any, error) { return ParseStages("0s:7") }, "never have a VU"},
		{func() (any, error) { return ParseShard("2/8", none) }, ""},
		{func() (any, error) { return ParseShard("1/1", none) }, ""},
		{func() (any, error) { return ParseShard("3/2", none) }, "there is no shard 3 of 2"},
		{func() (any, error) { return ParseShard("0/2", none) }, "there is no shard 0 of 2"},
		{func() (any, error) { return ParseShard("1/0", none) }, "there can't be 0 shards"},
		{func() (any, error) { return ParseShard("half", none) }, "it is no shard"},
		{func() (any, error) { return ParseShard("job/4", none) }, "JOB_COMPLETION_INDEX is not set"},
		{func() (any, error) { return ParseShard("job/4", func(string) string { return "4" }) }, "no shard 5 of 4"},
	} {
		got, err := c.read()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v, %v, want %s", got, err, c.want)
		}
	}
	if s, err := ParseShard("job/4", func(string) string { return "3" }); err != nil || s != (Shard{4, 4}) {
		t.Error(s, err)
	}
}

// TestPercentiles holds the percentiles of a trend, and those of a chart's point, against the values themselves.
func TestPercentiles(t *testing.T) {
	r := NewRegistry()
	var values []float64
	draw := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		x := math.Exp(draw.NormFloat64()*1.5 + 2) // from a fraction of a millisecond to seconds
		values = append(values, x)
		if err := r.HTTP.Add(x); err != nil {
			t.Fatal(err)
		}
	}
	m := r.HTTP.measured()
	s := r.HTTP.take().quantiles(50, 90, 99, 99.9)
	for i, percent := range []float64{50, 90, 99, 99.9} {
		want := exact(values, percent)
		if got := m.Quantile(percent); math.Abs(got-want) > want*0.002+0.001 {
			t.Errorf("p%v is %v, want %v", percent, got, want)
		}
		if math.Abs(s[i]-want) > want*0.01+0.001 {
			t.Errorf("the chart's p%v is %v, want %v", percent, s[i], want)
		}
	}
	if p100 := m.Quantile(100); p100 != m.Max {
		t.Errorf("p100 is %v, the largest is %v", p100, m.Max)
	}
}
