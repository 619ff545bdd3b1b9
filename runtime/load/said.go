package load

import (
	"errors"
	"strings"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// Said is options as somebody wrote them, in a script or as flags: nil is what was not said.
type Said struct {
	VUs        *int           `json:"vus"`
	MaxVUs     *int           `json:"max_vus"`
	Duration   *time.Duration `json:"duration"`
	Iterations *int64         `json:"iterations"`
	Stages     any            `json:"stages"` // "10s:50,1m:0", or a list of such texts or of {duration, vus}
	Rate       any            `json:"rate"`   // "100/s", or a number a second
	Grace      *time.Duration `json:"grace"`
	Thresholds []string       `json:"thresholds"`
}

// Options checks each option by itself. name gives an option's name for messages.
func (s Said) Options(name func(string) string) (Options, error) {
	var o Options
	o.Thresholds = s.Thresholds
	if _, err := ParseThresholds(s.Thresholds); err != nil {
		return o, err
	}
	for _, c := range []struct {
		name string
		from *int
		to   *int
	}{{"vus", s.VUs, &o.VUs}, {"max_vus", s.MaxVUs, &o.MaxVUs}} {
		if c.from == nil {
			continue
		}
		if *c.to = *c.from; *c.to < 1 || *c.to > 1_000_000 {
			return o, fault.New(fault.Usage, "%s %d: want a number from 1 on", name(c.name), *c.to)
		}
	}
	if s.Iterations != nil {
		if o.Iterations = *s.Iterations; o.Iterations < 1 {
			return o, fault.New(fault.Usage, "%s %d: want a number from 1 on", name("iterations"), o.Iterations)
		}
	}
	for _, c := range []struct {
		name string
		from *time.Duration
		to   *time.Duration
	}{{"duration", s.Duration, &o.Duration}, {"grace", s.Grace, &o.Grace}} {
		if c.from == nil {
			continue
		}
		if *c.to = *c.from; *c.to <= 0 {
			return o, fault.New(fault.Usage, "%s %s: want a duration above 0", name(c.name), Short(*c.to))
		}
	}
	var err error
	if s.Stages != nil {
		if o.Stages, err = readStages(s.Stages); err != nil {
			return o, named(name("stages"), err)
		}
	}
	if s.Rate != nil {
		if o.Rate, err = ParseRate(value.Text(s.Rate)); err != nil {
			return o, named(name("rate"), err)
		}
	}
	return o, nil
}

func named(name string, err error) error {
	e := *fault.From(err)
	e.Message = name + ": " + e.Message
	return &e
}

func readStages(v any) ([]Stage, error) {
	if text, ok := v.(string); ok {
		return ParseStages(text)
	}
	list, ok := v.(value.List)
	if !ok {
		return nil, fault.New(fault.Usage, "want a list of stages, got %s", value.Describe(v)).WithHint(`write {{"10s", 50}, {"1m", 50}, {"10s", 0}}`)
	}
	var out []Stage
	for i, e := range list {
		if text, ok := e.(string); ok {
			stages, err := ParseStages(text)
			if err != nil {
				return nil, err
			}
			out = append(out, stages...)
			continue
		}
		var s Stage
		pair, ok := e.(value.List)
		if !ok || len(pair) != 2 || value.Into(pair[0], &s.Duration) != nil || value.Into(pair[1], &s.VUs) != nil {
			return nil, fault.New(fault.Usage, "stage %d: want {duration, vus}, got %s", i+1, value.Describe(e)).WithHint(`write {{"10s", 50}, {"1m", 50}, {"10s", 0}}`)
		}
		out = append(out, s)
	}
	return out, CheckStages(out)
}

// readSaid reads what a script hands to scenario.options.
func readSaid(plain any) (Options, error) {
	var s Said
	err := value.IntoStrict(plain, &s)
	var unknown *value.UnknownError
	switch {
	case errors.As(err, &unknown):
		return Options{}, fault.New(fault.Usage, "no option %s%s", unknown.Name, fault.DidYouMean(unknown.Name, unknown.Known)).
			WithHint("options: %s", strings.Join(unknown.Known, ", "))
	case err != nil:
		return Options{}, fault.New(fault.Usage, "%w", err)
	}
	return s.Options(func(name string) string { return name })
}
