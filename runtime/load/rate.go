package load

import (
	"strconv"
	"strings"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Rate is so many arrivals in each unit of time.
type Rate struct {
	Count float64
	Per   time.Duration
}

var rateUnits = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}

func (r Rate) String() string {
	for unit, d := range rateUnits {
		if d == r.Per {
			return strconv.FormatFloat(r.Count, 'f', -1, 64) + "/" + unit
		}
	}
	return strconv.FormatFloat(r.Count, 'f', -1, 64) + " in " + r.Per.String()
}

// ParseRate reads "100/s", "30/m", "5/h"; a number alone is one a second.
func ParseRate(text string) (Rate, error) {
	number, unit, named := strings.Cut(text, "/")
	if !named {
		unit = "s"
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	per := rateUnits[strings.TrimSpace(unit)]
	if err != nil || per == 0 || !(n > 0 && n <= 1e6) {
		return Rate{}, fault.New(fault.Usage, "%q is no rate", text).WithHint("write 100/s, 30/m or 5/h, above 0")
	}
	return Rate{n, per}, nil
}

// due is when arrival k comes, from 0 on, after the start of the load.
func (r Rate) due(k int64) time.Duration { return time.Duration(float64(k) * float64(r.Per) / r.Count) }

// ParseStages reads "10s:50,1m:50,10s:0": so many VUs at the end of so long.
func ParseStages(text string) ([]Stage, error) {
	var out []Stage
	for part := range strings.SplitSeq(text, ",") {
		length, vus, _ := strings.Cut(strings.TrimSpace(part), ":")
		d, err := time.ParseDuration(length)
		n, err2 := strconv.Atoi(vus)
		if err != nil || err2 != nil {
			return nil, fault.New(fault.Usage, "%q is no stage", part).WithHint("write DURATION:VUS, as in 10s:50,1m:50,10s:0")
		}
		out = append(out, Stage{d, n})
	}
	return out, CheckStages(out)
}

// CheckStages says what is wrong with stages.
func CheckStages(stages []Stage) error {
	most, total := 0, time.Duration(0)
	for _, s := range stages {
		if s.Duration < 0 || s.VUs < 0 {
			return fault.New(fault.Usage, "a stage of %s to %d VUs: neither can be negative", Short(s.Duration), s.VUs)
		}
		most, total = max(most, s.VUs), total+s.Duration
	}
	if most == 0 || total == 0 {
		return fault.New(fault.Usage, "the stages never have a VU that runs").WithHint("write DURATION:VUS, as in 10s:50,1m:50,10s:0")
	}
	return nil
}
