package load

import (
	"time"
)

// maxPoints bounds a series: when it is full, each two neighbours become one point of twice the length.
const maxPoints = 600

// Series is how the load went over time.
type Series struct {
	Step   time.Duration `json:"-"`
	Points []Point       `json:"points"`
}

// Point is a stretch of time, as long as the step of the series.
type Point struct {
	At         float64           `json:"at"` // seconds since the load began, of its beginning
	VUs        int               `json:"vus"`
	Iterations int64             `json:"iterations"`
	Failed     int64             `json:"failed"`
	HTTPFailed int64             `json:"http_failed"`
	Trends     map[string]sketch `json:"trends"`
}

// empty tells whether nothing was measured.
func (p *Point) empty() bool {
	return p.Iterations+p.Failed+p.HTTPFailed == 0 && len(p.Trends) == 0
}

func (p *Point) merge(o Point) {
	p.VUs = max(p.VUs, o.VUs)
	p.add(o)
}

// add adds what another shard did at the same time, its VUs apart.
func (p *Point) add(o Point) {
	p.Iterations, p.Failed, p.HTTPFailed = p.Iterations+o.Iterations, p.Failed+o.Failed, p.HTTPFailed+o.HTTPFailed
	for name, s := range o.Trends {
		if p.Trends == nil {
			p.Trends = map[string]sketch{}
		}
		if p.Trends[name] == nil {
			p.Trends[name] = sketch{}
		}
		p.Trends[name].merge(s)
	}
}

// recorder makes the points of a series out of a registry.
type recorder struct {
	r      *Registry
	series Series
	last   [3]int64      // of the counters that points hold
	open   *Point        // of a step longer than a second
	looked time.Duration // up to which moment
}

const tick = time.Second

func newRecorder(r *Registry) *recorder { return &recorder{r: r, series: Series{Step: tick}} }

// take is what happened since the last look.
func (rec *recorder) take(at time.Duration, vus int) Point {
	p := Point{At: at.Seconds(), VUs: vus, Trends: map[string]sketch{}}
	for i, c := range []struct {
		now int64
		dst *int64
	}{{rec.r.Iterations.Count(), &p.Iterations}, {rec.r.Failed.Count(), &p.Failed}, {rec.r.HTTPFailed.Count(), &p.HTTPFailed}} {
		*c.dst = c.now - rec.last[i]
		rec.last[i] = c.now
	}
	for _, m := range rec.r.all() {
		if s := m.take(); len(s) > 0 {
			p.Trends[m.Name] = s
		}
	}
	return p
}

// upTo adds the ticks that have ended at a moment after the beginning, and tells whether there were any.
func (rec *recorder) upTo(at time.Duration, vus int) (any bool) {
	for at-rec.looked >= tick {
		p := rec.take(rec.looked, vus)
		rec.looked += tick
		any = true
		if rec.open == nil {
			rec.open = &p
		} else {
			rec.open.merge(p)
		}
		if s := &rec.series; rec.looked-seconds(rec.open.At) >= s.Step {
			rec.push()
		}
	}
	return any
}

func (rec *recorder) push() {
	s := &rec.series
	s.Points = append(s.Points, *rec.open)
	rec.open = nil
	if len(s.Points) >= maxPoints {
		s.coarsen()
	}
}

// close adds what is left. What is too short for a point of its own goes to the last one.
func (rec *recorder) close(at time.Duration, vus int) Series {
	rec.upTo(at, vus)
	for n := len(rec.series.Points); n > 0 && seconds(rec.series.Points[n-1].At) >= at && rec.series.Points[n-1].empty(); n-- {
		rec.series.Points = rec.series.Points[:n-1]
	}
	if rec.open != nil && seconds(rec.open.At) >= at && rec.open.empty() {
		rec.open = nil
	}
	p := rec.take(rec.looked, vus)
	if rec.open != nil {
		rec.open.merge(p)
		p = *rec.open
	}
	s := &rec.series
	switch short := at-seconds(p.At) < s.Step/5; {
	case p.empty():
	case short && len(s.Points) > 0:
		s.Points[len(s.Points)-1].merge(p)
	default:
		s.Points = append(s.Points, p)
	}
	return rec.series
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// coarsen puts each two neighbours together.
func (s *Series) coarsen() {
	half := s.Points[:0]
	for i := 0; i < len(s.Points); i += 2 {
		p := s.Points[i]
		if i+1 < len(s.Points) {
			p.merge(s.Points[i+1])
		}
		half = append(half, p)
	}
	clear(s.Points[len(half):])
	s.Points, s.Step = half, 2*s.Step
}

// merge adds the series of another shard, from the beginning of each.
func (s *Series) merge(o Series) {
	for s.Step < o.Step {
		s.coarsen()
	}
	for o.Step < s.Step {
		o.coarsen()
	}
	for i, p := range o.Points {
		if i < len(s.Points) {
			s.Points[i].VUs += p.VUs
			s.Points[i].add(p)
		} else {
			s.Points = append(s.Points, p)
		}
	}
}
