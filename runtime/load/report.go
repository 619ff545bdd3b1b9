package load

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Report is all that is known of a load that has run, or of several shards of one.
type Report struct {
	Imctl    string    `json:"imctl"` // the version that made it; the first member, so that a report is found among other lines
	Script   string    `json:"script"`
	Digest   string    `json:"digest"` // of the script, its arguments and the options: reports of one load have the same
	Context  string    `json:"context,omitempty"`
	Model    string    `json:"model"`
	Open     bool      `json:"open"`
	Shards   []string  `json:"shards,omitempty"` // of a load that is split: those that are in here
	Of       int       `json:"of,omitempty"`     // how many there are
	Started  time.Time `json:"started"`
	Starting float64   `json:"starting"` // seconds until the first VUs had started
	Elapsed  float64   `json:"elapsed"`  // seconds from then on
	Ended    string    `json:"ended,omitempty"`
	Error    string    `json:"error,omitempty"` // of the setup or the teardown, or why all VUs failed

	Thresholds   []Verdict   `json:"thresholds"`
	Metrics      []*Measured `json:"metrics"`
	Errors       []Problem   `json:"errors"` // of operations
	MoreErrors   int64       `json:"more_errors,omitempty"`
	Failures     []Problem   `json:"failures"` // of iterations, and of the steps around them
	MoreFailures int64       `json:"more_failures,omitempty"`
	Abandoned    int         `json:"abandoned,omitempty"` // VUs that did not come back
	Step         float64     `json:"step"`                // seconds of a point
	Points       []Point     `json:"points"`
}

// Head is what a report says of the load before it runs.
type Head struct {
	Version, Script, Text, Context string
	Args                           []string
	Plan                           Plan
}

// NewReport puts a report together. Thresholds of a shard are not judged: they are about the whole.
func NewReport(h Head, r *Registry, res Result) *Report {
	out := &Report{
		Imctl: h.Version, Script: h.Script, Digest: h.digest(), Context: h.Context, Model: h.Plan.Model(), Open: h.Plan.Open(),
		Started: res.Started.UTC().Truncate(time.Millisecond), Starting: res.Starting.Seconds(), Elapsed: res.Elapsed.Seconds(),
		Metrics: r.Measured(), Abandoned: res.Abandoned, Step: res.Series.Step.Seconds(), Points: res.Series.Points,
	}
	if h.Plan.Shard.Of > 1 {
		out.Shards, out.Of = []string{h.Plan.Shard.String()}, h.Plan.Shard.Of
		whole := h.Plan
		whole.Shard = Shard{1, 1}
		out.Model = whole.Model()
	}
	out.Errors, out.MoreErrors = r.errors.sorted()
	out.Failures, out.MoreFailures = r.failures.sorted()
	if e := fault.From(res.Ended); e != nil {
		out.Ended = e.Message
	}
	for _, err := range []error{res.SetupErr, res.AllFailed, res.TeardownErr} {
		if err != nil && out.Error == "" {
			out.Error = err.Error()
		}
	}
	out.judge(h.Plan.Thresholds, res.SetupErr == nil)
	return out
}

// judge judges thresholds, or names those that can't be judged: of a part, or of a load that did not run.
func (r *Report) judge(thresholds []Threshold, ran bool) {
	r.Thresholds = []Verdict{}
	for _, t := range thresholds {
		switch {
		case !ran:
			r.Thresholds = append(r.Thresholds, Verdict{Threshold: t.Text, Missing: true, Why: "the load did not run"})
		case r.Part():
			r.Thresholds = append(r.Thresholds, Verdict{Threshold: t.Text, Missing: true, Why: "it is judged when all shards are merged"})
		default:
			r.Thresholds = append(r.Thresholds, t.Judge(r.Metrics, r.Elapsed))
		}
	}
}

// Mask has mask hide secrets in all that the report says of what went wrong, line by line.
func (r *Report) Mask(mask func(line string) string) {
	whole := func(text string) string {
		lines := strings.Split(text, "\n")
		for i, l := range lines {
			lines[i] = mask(l)
		}
		return strings.Join(lines, "\n")
	}
	for _, list := range [][]Problem{r.Errors, r.Failures} {
		for i := range list {
			list[i].Message = whole(list[i].Message)
		}
	}
	r.Error = whole(r.Error)
}

// Part tells whether shards are missing.
func (r *Report) Part() bool { return len(r.Shards) < r.Of }

// Missed tells whether a threshold does not hold. Those of a part are not judged.
func (r *Report) Missed() bool {
	for _, v := range r.Thresholds {
		if !v.OK && !r.Part() {
			return true
		}
	}
	return false
}

// Metric is what was measured under a name, an empty one when nothing was.
func (r *Report) Metric(name string) *Measured {
	if m := find(r.Metrics, name); m != nil {
		return m
	}
	return &Measured{Name: name}
}

// digest tells whether two reports are of the same load.
func (h Head) digest() string {
	o := h.Plan.Options
	text, err := json.Marshal([]any{h.Text, h.Args, o})
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

// JSON is the report as one line.
func (r *Report) JSON() ([]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, fault.New(fault.Internal, "the report can't be written as JSON: %w", err)
	}
	return append(text, '\n'), nil
}

// ReadReport reads a JSON report. It may stand among other lines, as in the log of a pod.
func ReadReport(text []byte, name string) (*Report, error) {
	mark := []byte(`{"imctl":`)
	if json.Valid(text) {
		mark = nil
	}
	for line := range bytes.Lines(text) {
		if mark == nil {
			line = text
		} else if !bytes.HasPrefix(line, mark) {
			continue
		}
		r := &Report{}
		if err := json.Unmarshal(line, r); err != nil {
			return nil, fault.New(fault.Usage, "%s: the report can't be read: %w", name, err)
		}
		if r.Imctl == "" || r.Digest == "" {
			break
		}
		return r, nil
	}
	return nil, fault.New(fault.Usage, "%s holds no report of a load", name).WithHint("imctl run --report json=FILE writes one")
}
