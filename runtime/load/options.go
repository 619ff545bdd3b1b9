package load

import (
	"fmt"
	"strings"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Options say how much load a script makes, for how long, and what must hold. What is zero was not said.
type Options struct {
	VUs        int           // virtual users; with a rate, those that are there from the start
	MaxVUs     int           // with a rate: the most of them
	Duration   time.Duration // for how long iterations are started
	Iterations int64         // the most iterations of all VUs together
	Stages     []Stage       // how many VUs run, from 0 on
	Rate       Rate          // iterations are started on schedule, whether earlier ones have ended or not
	Grace      time.Duration // how long an iteration that runs at the end may take to end
	Thresholds []string
}

// Stage is a stretch of time over which the number of VUs moves, in a straight line, to a new one.
type Stage struct {
	Duration time.Duration
	VUs      int
}

const (
	defaultGrace  = 30 * time.Second
	defaultMaxVUs = 100 // of a rate
)

// Override is o with what flags say put over it. A flag that says which model runs takes the place of the script's model.
func (o Options) Override(flags Options) Options {
	switch {
	case len(flags.Stages) > 0:
		o = Options{Grace: o.Grace, Thresholds: o.Thresholds}
	case flags.Rate.Count > 0:
		o.Stages = nil
	case flags.VUs > 0:
		o.Stages, o.Rate, o.MaxVUs = nil, Rate{}, 0
	}
	if flags.Duration > 0 || flags.Iterations > 0 {
		o.Duration, o.Iterations, o.Stages = 0, 0, nil
	}
	set := func(dst *int, v int) {
		if v != 0 {
			*dst = v
		}
	}
	set(&o.VUs, flags.VUs)
	set(&o.MaxVUs, flags.MaxVUs)
	if flags.Duration != 0 {
		o.Duration = flags.Duration
	}
	if flags.Iterations != 0 {
		o.Iterations = flags.Iterations
	}
	if len(flags.Stages) > 0 {
		o.Stages = flags.Stages
	}
	if flags.Rate.Count > 0 {
		o.Rate = flags.Rate
	}
	if flags.Grace != 0 {
		o.Grace = flags.Grace
	}
	o.Thresholds = append(append([]string{}, o.Thresholds...), flags.Thresholds...)
	return o
}

// Plan is what runs: options that go together, with all defaults, of one shard.
type Plan struct {
	Options
	Shard      Shard
	Smoke      bool // nothing was asked for: one VU, one iteration
	Thresholds []Threshold
}

// Plan checks that the options go together and completes them.
func (o Options) Plan(shard Shard) (Plan, error) {
	p := Plan{Options: o, Shard: shard}
	var err error
	if p.Thresholds, err = ParseThresholds(o.Thresholds); err != nil {
		return p, err
	}
	if err := o.check(); err != nil {
		return p, err
	}
	if shard.Of == 0 {
		p.Shard = Shard{1, 1}
	}
	if p.Grace == 0 {
		p.Grace = defaultGrace
	}
	most := int64(0)
	switch {
	case p.Open():
		if p.MaxVUs == 0 {
			p.MaxVUs = max(p.VUs, defaultMaxVUs)
		}
		if p.VUs == 0 {
			p.VUs = 1
		}
		most = int64(p.MaxVUs)
	case len(p.Stages) > 0:
		for _, s := range p.Stages {
			most = max(most, int64(s.VUs))
			p.Duration += s.Duration
		}
	case o.VUs == 0 && o.Duration == 0 && o.Iterations == 0:
		p.VUs, p.Iterations, p.Smoke = 1, 1, true
		most = 1
	default:
		p.VUs = max(p.VUs, 1)
		most = int64(p.VUs)
	}
	if most < int64(p.Shard.Of) {
		return p, fault.New(fault.Usage, "shard %s: %d VUs can't be split over %d shards", p.Shard, most, p.Shard.Of)
	}
	return p, nil
}

// check says which options don't go together.
func (o Options) check() error {
	both := func(a, b string) error {
		return fault.New(fault.Usage, "a load has either %s or %s", a, b).WithHint("leave one of them out")
	}
	stages, rate := len(o.Stages) > 0, o.Rate.Count > 0
	switch {
	case stages && rate:
		return both("stages", "a rate")
	case stages && o.VUs > 0:
		return both("stages", "a fixed number of VUs")
	case stages && o.Duration > 0:
		return both("stages", "a duration of its own")
	case stages && o.Iterations > 0:
		return both("stages", "a number of iterations")
	case rate && o.Duration == 0 && o.Iterations == 0:
		return fault.New(fault.Usage, "a rate needs a duration or a number of iterations").WithHint("add --duration 1m")
	case !rate && o.MaxVUs > 0:
		return fault.New(fault.Usage, "max_vus goes with a rate").WithHint("without one, the number of VUs is vus")
	case rate && o.MaxVUs > 0 && o.VUs > o.MaxVUs:
		return fault.New(fault.Usage, "%d VUs are more than max_vus allows, %d", o.VUs, o.MaxVUs)
	case !rate && !stages && o.VUs > 0 && o.Duration == 0 && o.Iterations == 0:
		return fault.New(fault.Usage, "%d VUs need a duration or a number of iterations", o.VUs).WithHint("add --duration 30s, or --iterations %d", o.VUs)
	}
	return nil
}

// Open tells whether the model is open: arrivals come on schedule. In a closed one a VU starts its next iteration when the
// one before has ended.
func (p Plan) Open() bool { return p.Rate.Count > 0 }

// Model says in words what runs.
func (p Plan) Model() string {
	var b strings.Builder
	switch {
	case p.Open():
		fmt.Fprintf(&b, "open: %s", p.Rate)
		p.bounds(&b, " iterations started")
		fmt.Fprintf(&b, ", by up to %s", vus(p.MaxVUs))
	case len(p.Stages) > 0:
		b.WriteString("closed: from 0 VUs")
		for _, s := range p.Stages {
			fmt.Fprintf(&b, ", to %d in %s", s.VUs, Short(s.Duration))
		}
	default:
		fmt.Fprintf(&b, "closed: %s", vus(p.VUs))
		p.bounds(&b, " iterations")
	}
	if p.Shard.Of > 1 {
		fmt.Fprintf(&b, "; this is shard %s of it", p.Shard)
	}
	return b.String()
}

func (p Plan) bounds(b *strings.Builder, noun string) {
	if p.Iterations == 1 {
		noun = strings.TrimSuffix(noun, "s")
	}
	if p.Iterations > 0 {
		fmt.Fprintf(b, ", %d%s", p.Iterations, noun)
	}
	if p.Duration > 0 {
		fmt.Fprintf(b, " for %s", Short(p.Duration))
	}
}

func vus(n int) string {
	if n == 1 {
		return "1 VU"
	}
	return fmt.Sprintf("%d VUs", n)
}

// Short is a duration without parts that are zero: 1m, not 1m0s.
func Short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Target is how many VUs stages want at a moment after the start.
func (p Plan) Target(at time.Duration) int {
	if len(p.Stages) == 0 {
		return p.VUs
	}
	from := 0
	for _, s := range p.Stages {
		if at < s.Duration {
			return from + int(float64(s.VUs-from)*float64(at)/float64(s.Duration))
		}
		at -= s.Duration
		from = s.VUs
	}
	return from
}
