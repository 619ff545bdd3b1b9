package sandbox

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// FaultHelp describes the form of a fault spec.
const FaultHelp = "latency=DURATION, and the share (0 to 1) of REST calls that fail each way: " +
	"errors (errCode 500), 429, 502, drop (the connection is closed without an answer); " +
	"and any of the targeted faults that --fault help lists, such as ws-refuse=1506@2-!u1"

// FaultList lists the targeted faults.
func FaultList() string {
	return "Targeted faults are NAME[=VALUE][@N|@N-|@N-M][!USER]: always, the Nth time, from then on, or up to the Mth time, each user's counted alone.\n" +
		faultRulesHelp()
}

// faults are what goes wrong on purpose.
type faults struct {
	latency                    time.Duration
	errors, tooMany, bad, drop float64
	faultRules

	dice sync.Mutex
	rnd  *rand.Rand // under dice
}

// parseFaults reads a spec such as "latency=50ms,errors=0.01,429=0.05,drop=0.01,502=0.01".
func parseFaults(spec string, seed uint64) (*faults, error) {
	f := &faults{rnd: rand.New(rand.NewPCG(seed, 1))}
	if spec == "" {
		return f, nil
	}
	shares := map[string]*float64{"errors": &f.errors, "429": &f.tooMany, "502": &f.bad, "drop": &f.drop}
	for part := range strings.SplitSeq(spec, ",") {
		part = strings.TrimSpace(part)
		if known, err := f.add(part); err != nil {
			return nil, err
		} else if known {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		if name == "latency" {
			d, err := time.ParseDuration(value)
			if err != nil || d < 0 {
				return nil, fmt.Errorf("fault latency=%q: a duration is wanted, such as 50ms", value)
			}
			f.latency = d
			continue
		}
		share := shares[name]
		if share == nil {
			return nil, fmt.Errorf("unknown fault %q; there are %s", name, FaultHelp)
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil || !(v >= 0 && v <= 1) {
			return nil, fmt.Errorf("fault %s=%q: a share from 0 to 1 is wanted", name, value)
		}
		*share = v
	}
	if f.errors+f.tooMany+f.bad+f.drop > 1 {
		return nil, fmt.Errorf("the shares of the faults add up to more than 1")
	}
	return f, nil
}

// strike lets one call suffer its fault, and tells whether that was its answer.
func (f *faults) strike(w http.ResponseWriter, r *http.Request) bool {
	if f.latency > 0 {
		select {
		case <-time.After(f.latency):
		case <-r.Context().Done():
		}
	}
	if f.errors+f.tooMany+f.bad+f.drop == 0 {
		return false
	}
	f.dice.Lock()
	dice := f.rnd.Float64()
	f.dice.Unlock()
	h := w.Header()
	switch {
	case dice < f.drop:
		panic(http.ErrAbortHandler) // net/http closes the connection
	case dice < f.drop+f.tooMany: // the real rate limiter's answer (SERVER-BEHAVIOUR §2)
		h.Set("Retry-After", "1")
		h.Set("X-RateLimit-Policy", "BBR")
		h.Set("X-RateLimit-Limit", "100")
		h.Set("X-RateLimit-Remaining", "0")
		writeFault(w, http.StatusTooManyRequests, `{"errCode":429,"errMsg":"Too Many Requests","errDlt":""}`)
	case dice < f.drop+f.tooMany+f.bad: // what a proxy in front says
		h.Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("<html><head><title>502 Bad Gateway</title></head></html>\n"))
	case dice < f.drop+f.tooMany+f.bad+f.errors:
		writeFault(w, http.StatusOK, `{"errCode":500,"errMsg":"ServerInternalError","errDlt":"fault injected"}`)
	default:
		return false
	}
	return true
}

func writeFault(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}
