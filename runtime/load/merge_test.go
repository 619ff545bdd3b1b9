package load

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// exact is a percentile of values: the smallest one that so many percent are not above.
func exact(values []float64, percent float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(int(math.Ceil(percent/100*float64(len(sorted))-1e-9))-1, 0)]
}

// shardReport is the report of a shard in which every third of the values, from i on, was measured.
func shardReport(t *testing.T, shard Shard, values []float64) *Report {
	t.Helper()
	r := NewRegistry()
	lost, err := r.Declare("lost", Counter, "")
	if err != nil {
		t.Fatal(err)
	}
	rec := newRecorder(r)
	r.mark()
	for i, x := range values {
		if i > 0 && i%1000 == 0 {
			rec.upTo(time.Duration(i/1000)*time.Second, 3)
		}
		if shard.Of > 0 && i%shard.Of != shard.Index-1 {
			continue
		}
		if err := r.HTTP.Add(x); err != nil {
			t.Fatal(err)
		}
		r.HTTPFailed.Saw(i%10 == 0)
		r.Iterations.Inc()
		if i%50 == 0 {
			if err := lost.Add(2); err != nil {
				t.Fatal(err)
			}
			r.Fail(Problem{Where: "x.lua:1", Message: "wrong"})
		}
	}
	p, err := Options{VUs: 9, Duration: time.Minute, Thresholds: []string{"lost == 0", "p99(http) < 1h", "p95(nope) < 1s"}}.Plan(shard)
	if err != nil {
		t.Fatal(err)
	}
	return NewReport(Head{Version: "v", Script: "x.lua", Text: "text", Plan: p}, r,
		Result{Started: time.Unix(1e9, 0), Elapsed: 10 * time.Second, Series: rec.close(10*time.Second, 3)})
}

// again is a report that was written and read.
func again(t *testing.T, r *Report) *Report {
	t.Helper()
	text, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	read, err := ReadReport(slices.Concat([]byte("a line of a log\n"), text, []byte("and another\n")), "x")
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// TestMergeIsExact: the merged report of shards is that of the whole, number for number.
func TestMergeIsExact(t *testing.T) {
	var values []float64
	draw := rand.New(rand.NewPCG(3, 4))
	for range 9000 {
		values = append(values, draw.ExpFloat64()*20)
	}
	whole := again(t, shardReport(t, Shard{}, values))
	var parts []*Report
	var names []string
	for i := 3; i >= 1; i-- {
		part := shardReport(t, Shard{i, 3}, values)
		if part.Missed() || !part.Thresholds[0].Missing {
			t.Errorf("a shard judges thresholds: %+v", part.Thresholds)
		}
		parts, names = append(parts, again(t, part)), append(names, Shard{i, 3}.String())
	}
	merged, err := Merge(parts, names)
	if err != nil {
		t.Fatal(err)
	}
	if merged.Part() || !merged.Missed() || !slices.Equal(merged.Shards, []string{"1/3", "2/3", "3/3"}) {
		t.Errorf("shards %v, thresholds %+v", merged.Shards, merged.Thresholds)
	}
	for i, v := range merged.Thresholds {
		want := whole.Thresholds[i]
		if v.OK != want.OK || v.Why != want.Why || v.Missing != want.Missing {
			t.Errorf("judged %+v, want %+v", v, want)
		}
	}
	for _, m := range whole.Metrics {
		got, want := merged.Metric(m.Name), m
		if want.Count == 0 {
			continue
		}
		got.Sum, want.Sum = math.Round(got.Sum*1e6), math.Round(want.Sum*1e6) // in another order
		if got.Last = want.Last; !sameJSON(t, got, want) {
			t.Errorf("%s differs", m.Name)
		}
	}
	if !sameJSON(t, merged.Failures, whole.Failures) || merged.Elapsed != whole.Elapsed {
		t.Errorf("failures %+v, want %+v", merged.Failures, whole.Failures)
	}
	for i, p := range whole.Points {
		got := merged.Points[i]
		if got.Iterations != p.Iterations || got.VUs != 3*p.VUs || !sameJSON(t, got.Trends, p.Trends) {
			t.Errorf("point %d differs", i)
		}
	}
}

func sameJSON(t *testing.T, a, b any) bool {
	t.Helper()
	left, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	right, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	if string(left) != string(right) {
		t.Logf("%.300s\n%.300s", left, right)
	}
	return string(left) == string(right)
}

func TestMergeRefuses(t *testing.T) {
	values := []float64{1, 2, 3}
	part := func(change func(*Report)) *Report {
		r := again(t, shardReport(t, Shard{2, 2}, values))
		change(r)
		return r
	}
	for _, c := range []struct {
		name, want string
		other      *Report
	}{
		{"another script", "of different loads", part(func(r *Report) { r.Digest = "other" })},
		{"other thresholds", "of different loads", part(func(r *Report) { r.Thresholds = r.Thresholds[1:] })},
		{"another split", "split in different ways", part(func(r *Report) { r.Of = 5 })},
		{"twice the same", "is there already", part(func(r *Report) { r.Shards = []string{"1/2"} })},
	} {
		first := again(t, shardReport(t, Shard{1, 2}, values))
		if _, err := Merge([]*Report{first, c.other}, []string{"a.json", "b.json"}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	whole := again(t, shardReport(t, Shard{}, values))
	if _, err := Merge([]*Report{whole, again(t, shardReport(t, Shard{}, values))}, []string{"a", "b"}); err == nil || !strings.Contains(err.Error(), "whole loads") {
		t.Error(err)
	}
	only, err := Merge([]*Report{again(t, shardReport(t, Shard{1, 2}, values))}, []string{"a"})
	if err != nil || !only.Part() || only.Missing() != "2/2" || only.Missed() {
		t.Errorf("%v, missing %s", err, only.Missing())
	}
	for _, text := range []string{"", "{}", "[1]", `{"imctl":"x"}`, `{"imctl":`, "no report\nat all\n", `{"imctl":"v","digest":"d","metrics":[{"name":"http","kind":"trend","count":3,"histogram":"AAAA"}]}`} {
		if _, err := ReadReport([]byte(text), "x.json"); err == nil || !strings.Contains(err.Error(), "x.json") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
