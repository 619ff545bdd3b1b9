package load

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

const (
	maxMetrics  = 500 // of a script: one with a name for each user would fill the memory
	maxProblems = 50  // different errors and failures that are told apart
)

// Registry holds all that a load measures. It is safe for parallel use.
type Registry struct {
	mu      sync.RWMutex
	metrics map[string]*Metric

	Iterations, Failed, Interrupted, Dropped *Metric // counters
	Took, Waited                             *Metric // trends: of an iteration; how late it started
	Checks, ChecksFailed                     *Metric
	VUs, VUsFailed                           *Metric
	HTTP, HTTPFailed                         *Metric

	errors   problems // of operations
	failures problems // of iterations
}

// NewRegistry makes the metrics that every load has.
func NewRegistry() *Registry {
	r := &Registry{metrics: map[string]*Metric{}}
	r.Iterations = r.builtin("iterations", Counter, Load)
	r.Failed = r.builtin("iterations_failed", Counter, Load)
	r.Interrupted = r.builtin("iterations_interrupted", Counter, Load)
	r.Dropped = r.builtin("iterations_dropped", Counter, Load)
	r.Took = r.builtin("iteration_duration", Trend, Load)
	r.Waited = r.builtin("iteration_wait", Trend, Load)
	r.Checks = r.builtin("checks", Counter, Load)
	r.ChecksFailed = r.builtin("checks_failed", Counter, Load)
	r.VUs = r.builtin("vus", Gauge, Load)
	r.VUsFailed = r.builtin("vus_failed", Counter, Load)
	r.HTTP = r.builtin("http", Trend, HTTP)
	r.HTTPFailed = r.builtin("http_failed", Share, HTTP)
	r.Took.recent, r.HTTP.recent = sketch{}, sketch{}
	return r
}

func (r *Registry) builtin(name string, kind Kind, section Section) *Metric {
	m := newMetric(name, kind, section, "")
	r.metrics[name] = m
	return m
}

func newMetric(name string, kind Kind, section Section, unit string) *Metric {
	m := &Metric{Name: name, Kind: kind, Section: section}
	if kind == Trend {
		if m.hist, m.Unit = newHistogram(), unit; unit == "" {
			m.Unit = "ms"
		}
	}
	return m
}

// Declare finds or makes a metric of the script. unit is that of a trend, "" is ms.
func (r *Registry) Declare(name string, kind Kind, unit string) (*Metric, error) {
	if err := checkName("metric", name, true); err != nil {
		return nil, err
	}
	m, err := r.get(name, kind, Custom, unit)
	switch {
	case err != nil:
		return nil, err
	case m.Section != Custom:
		return nil, fault.New(fault.Usage, "metric %s: imctl itself has one of that name", name).WithHint("give it another")
	case m.Kind != kind:
		return nil, fault.New(fault.Usage, "metric %s: it is a %s already", name, m.Kind)
	case kind == Trend && unit != "" && m.Unit != unit:
		return nil, fault.New(fault.Usage, "metric %s: its unit is %s already", name, m.Unit)
	}
	return m, nil
}

// Group is the trend of a group of the script.
func (r *Registry) Group(name string) (*Metric, error) {
	if err := checkName("group", name, false); err != nil {
		return nil, err
	}
	return r.get("group:"+name, Trend, Groups, "")
}

// get finds or makes a metric.
func (r *Registry) get(name string, kind Kind, section Section, unit string) (*Metric, error) {
	r.mu.RLock()
	m := r.metrics[name]
	r.mu.RUnlock()
	if m != nil {
		return m, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.metrics[name]; m != nil {
		return m, nil
	}
	most := maxMetrics
	if section == Endpoints { // paths may hold ids; they leave room for the script's own
		most /= 2
	}
	if len(r.metrics) >= most {
		return nil, fault.New(fault.Usage, "there are more than %d metrics", maxMetrics).WithHint("a name that holds an id makes a metric for each id")
	}
	m = newMetric(name, kind, section, unit)
	if kind == Trend && section == Custom {
		m.recent = sketch{}
	}
	r.metrics[name] = m
	return m, nil
}

// Exchange notes an exchange with the REST API.
func (r *Registry) Exchange(c openim.Call) {
	if c.Method == "WS" || c.Err != nil && c.Err.Kind == fault.Canceled {
		return
	}
	r.HTTP.Took(c.Duration)
	r.HTTPFailed.Saw(c.Err != nil)
	if m, err := r.get(c.Path, Trend, Endpoints, ""); err == nil { // beyond the most metrics it counts under http alone
		m.Took(c.Duration)
	}
}

// Operation notes a call of an operation of the bindings.
func (r *Registry) Operation(name string, took time.Duration, failed error) {
	e := fault.From(failed)
	if e != nil && e.Kind == fault.Canceled {
		return
	}
	if m, err := r.get(name, Trend, Operations, ""); err == nil {
		m.Took(took)
	}
	if e != nil {
		r.errors.add(Problem{Op: name, Kind: string(e.Kind), Code: e.Code, Message: e.Error()})
	}
}

// Fail notes why an iteration, or another step of a VU, failed.
func (r *Registry) Fail(p Problem) { r.failures.add(p) }

// all lists the metrics, by section and name.
func (r *Registry) all() []*Metric {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := make([]*Metric, 0, len(r.metrics))
	for _, m := range r.metrics {
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b *Metric) int { return order(a.Section, a.Name, b.Section, b.Name) })
	return out
}

func order(sectionA Section, nameA string, sectionB Section, nameB string) int {
	sections := []Section{Load, HTTP, Operations, Endpoints, Groups, Custom}
	if i, j := slices.Index(sections, sectionA), slices.Index(sections, sectionB); i != j {
		return i - j
	}
	return strings.Compare(nameA, nameB)
}

// mark notes that the load begins.
func (r *Registry) mark() {
	for _, m := range r.all() {
		m.mark()
	}
}

// Problem is something that went wrong, and how often.
type Problem struct {
	Op      string `json:"op,omitempty"` // the operation, "" for an iteration
	Kind    string `json:"kind,omitempty"`
	Code    int    `json:"code,omitempty"` // the server's errCode
	Where   string `json:"where,omitempty"`
	Message string `json:"message"` // of the first one
	Count   int64  `json:"count"`
}

// same tells whether two problems count as one: their texts may hold ids.
func (p Problem) same(o Problem) bool {
	if p.Op != o.Op || p.Kind != o.Kind || p.Code != o.Code || p.Where != o.Where {
		return false
	}
	return p.Op != "" || p.Where != "" || p.Message == o.Message
}

// problems counts problems by sort.
type problems struct {
	mu   sync.Mutex
	list []Problem
	more int64 // of further sorts
}

func (l *problems) add(p Problem) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p.Count = max(p.Count, 1)
	l.list, l.more = addProblem(l.list, l.more, p)
}

func addProblem(list []Problem, more int64, p Problem) ([]Problem, int64) {
	for i := range list {
		if list[i].same(p) {
			list[i].Count += p.Count
			return list, more
		}
	}
	if len(list) >= maxProblems {
		return list, more + p.Count
	}
	return append(list, p), more
}

// sorted lists what went wrong, the most frequent first, and how often something else did.
func (l *problems) sorted() ([]Problem, int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := slices.Clone(l.list)
	sortProblems(out)
	return out, l.more
}

func sortProblems(list []Problem) {
	slices.SortStableFunc(list, func(a, b Problem) int { return int(b.Count - a.Count) })
}
