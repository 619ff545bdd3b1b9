package load

import (
	"fmt"
	"slices"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Merge adds the reports of the shards of one load, named as in messages. Counts and histograms add exactly; thresholds
// are judged over the sum. It changes the reports it is given.
func Merge(reports []*Report, names []string) (*Report, error) {
	out := reports[0]
	for i, r := range reports {
		if i == 0 {
			continue
		}
		if err := out.fits(r, names[0], names[i]); err != nil {
			return nil, err
		}
		if err := out.merge(r); err != nil {
			return nil, err
		}
	}
	slices.Sort(out.Shards)
	texts := make([]string, len(out.Thresholds))
	for i, v := range out.Thresholds {
		texts[i] = v.Threshold
	}
	thresholds, err := ParseThresholds(texts)
	if err != nil {
		return nil, err
	}
	out.judge(thresholds, out.Metric("iterations").Kind != "")
	return out, nil
}

// fits says why two reports can't be added.
func (r *Report) fits(o *Report, name, other string) error {
	if r.Digest != o.Digest || !slices.EqualFunc(r.Thresholds, o.Thresholds, func(a, b Verdict) bool { return a.Threshold == b.Threshold }) {
		return fault.New(fault.Usage, "%s and %s are of different loads: %s, %s; and %s, %s", name, other, r.Script, r.Model, o.Script, o.Model).
			WithHint("reports add when the script, its arguments, the options and the thresholds are the same")
	}
	if r.Of != o.Of {
		return fault.New(fault.Usage, "%s and %s are split in different ways: over %d and %d shards", name, other, max(r.Of, 1), max(o.Of, 1))
	}
	for _, s := range o.Shards {
		if slices.Contains(r.Shards, s) {
			return fault.New(fault.Usage, "%s: the shard %s is there already", other, s)
		}
	}
	if r.Of == 0 {
		return fault.New(fault.Usage, "%s and %s are whole loads, no shards", name, other).WithHint("the parts of a load are made with --shard 1/2, --shard 2/2")
	}
	return nil
}

// Missing names the shards that are not in a report.
func (r *Report) Missing() string {
	var out []string
	for i := 1; i <= r.Of; i++ {
		if s := (Shard{i, r.Of}).String(); !slices.Contains(r.Shards, s) {
			out = append(out, s)
		}
	}
	if len(out) > 5 {
		out = append(out[:5], fmt.Sprintf("%d more", len(out)-5))
	}
	return strings.Join(out, ", ")
}

func (r *Report) merge(o *Report) error {
	r.Shards = append(r.Shards, o.Shards...)
	if o.Started.Before(r.Started) {
		r.Started = o.Started
	}
	r.Starting, r.Elapsed = max(r.Starting, o.Starting), max(r.Elapsed, o.Elapsed)
	r.Abandoned += o.Abandoned
	if r.Ended == "" {
		r.Ended = o.Ended
	}
	if r.Error == "" {
		r.Error = o.Error
	}
	for _, m := range o.Metrics {
		own := find(r.Metrics, m.Name)
		if own == nil {
			r.Metrics = append(r.Metrics, m)
			continue
		}
		if err := own.merge(m); err != nil {
			return err
		}
	}
	slices.SortFunc(r.Metrics, func(a, b *Measured) int { return order(a.Section, a.Name, b.Section, b.Name) })
	r.Errors, r.MoreErrors = addProblems(r.Errors, o.Errors, r.MoreErrors+o.MoreErrors)
	r.Failures, r.MoreFailures = addProblems(r.Failures, o.Failures, r.MoreFailures+o.MoreFailures)
	own, other := Series{seconds(r.Step), r.Points}, Series{seconds(o.Step), o.Points}
	own.merge(other)
	r.Step, r.Points = own.Step.Seconds(), own.Points
	return nil
}

func addProblems(list, others []Problem, more int64) ([]Problem, int64) {
	for _, p := range others {
		list, more = addProblem(list, more, p)
	}
	sortProblems(list)
	return list, more
}
