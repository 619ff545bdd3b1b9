package client

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/openimsdk/imctl/bindings"
)

// keptLatencies is how many of the last latencies of a connection are kept for percentiles.
const keptLatencies = 256

// counters are what is counted on a connection.
type counters struct {
	sent, refused, received, duplicates, outOfOrder, gaps, late, strayAnswers int64
	connects, failedDials, bytesIn, bytesOut                                  int64
	latencies                                                                 []float32 // ms; a ring
	at                                                                        int
	measured                                                                  string
}

// delivered notes how long a message took.
func (n *counters) delivered(d time.Duration, measured string) {
	if measured == "" {
		return
	}
	if n.measured == "" {
		n.measured = measured
	} else if n.measured != measured {
		n.measured = "both"
	}
	ms := float32(d.Microseconds()) / 1000
	if len(n.latencies) < keptLatencies {
		n.latencies = append(n.latencies, ms)
		return
	}
	n.latencies[n.at] = ms
	n.at = (n.at + 1) % keptLatencies
}

// StatsParams names a connection, or all.
type StatsParams struct {
	Client string `json:"client" arg:"1" help:"the connection; left out: all connections of the script together"`
}

// Latency is a summary of delivery times, in ms.
type Latency struct {
	Count int64   `json:"count" help:"of how many deliveries, at most the last 256 of a connection"`
	P50   float64 `json:"p50" help:"half took at most this many ms"`
	P95   float64 `json:"p95" help:"95 of 100 took at most this many ms"`
	P99   float64 `json:"p99" help:"99 of 100 took at most this many ms"`
	Max   float64 `json:"max" help:"the longest, in ms"`
	From  string  `json:"from,omitempty" help:"here: from the send call in this script; server: from sendTime, by the clocks of two machines; both"`
}

// Stats are what was counted.
type Stats struct {
	Connections int64   `json:"connections" column:"1" help:"how many connections these are"`
	Open        int64   `json:"open" column:"2" help:"how many of them are open"`
	Sent        int64   `json:"sent" column:"3" help:"messages sent"`
	Refused     int64   `json:"refused" help:"sends that the server refused or did not answer"`
	Received    int64   `json:"received" column:"4" help:"messages received, own ones that came back included"`
	Duplicates  int64   `json:"duplicates" column:"5" help:"messages that were pushed again"`
	OutOfOrder  int64   `json:"outOfOrder" column:"6" help:"pushes that came after one with a higher seq of their conversation"`
	Gaps        int64   `json:"gaps" help:"pushes before which seqs were missing"`
	Late        int64   `json:"late" help:"pushes of what had been pulled already"`
	Stray       int64   `json:"stray" help:"answers that nobody waited for"`
	Reconnects  int64   `json:"reconnects" column:"7" help:"how often they came back"`
	FailedDials int64   `json:"failedDials" help:"how often coming back failed"`
	BytesIn     int64   `json:"bytesIn" help:"bytes of the frames received"`
	BytesOut    int64   `json:"bytesOut" help:"bytes of the frames sent"`
	Events      int64   `json:"events" help:"how many events there were"`
	Dropped     int64   `json:"dropped" help:"events that are no longer kept"`
	Latency     Latency `json:"latency" help:"time from sending to arrival, in ms"`
}

func statsOp() bindings.Op {
	return bindings.Op{
		Name: "stats", Effect: bindings.Read,
		Doc:     "Count what a connection, or all of them, sent and received, with delivery times.",
		Example: `local c = client.connect("bob"); client.stats(c)`,
		Run: bindings.Func(func(_ context.Context, env *bindings.Env, p StatsParams) (Stats, error) {
			if p.Client != "" || env.Held == nil {
				c, err := held(env, p.Client)
				if err != nil {
					return Stats{}, err
				}
				return sum([]*conn{c}), nil
			}
			h, _, err := hubOf(env)
			if err != nil {
				return Stats{}, err
			}
			return sum(h.all()), nil
		}),
	}
}

func sum(conns []*conn) Stats {
	var s Stats
	var all []float32
	for _, c := range conns {
		c.mu.Lock()
		n := &c.stats
		s.Connections++
		in, out := n.bytesIn, n.bytesOut
		if c.sock != nil {
			s.Open++
			nowIn, nowOut := c.sock.Bytes()
			in, out = in+nowIn, out+nowOut
		}
		s.Sent, s.Refused, s.Received, s.Duplicates = s.Sent+n.sent, s.Refused+n.refused, s.Received+n.received, s.Duplicates+n.duplicates
		s.OutOfOrder, s.Gaps, s.Late, s.Stray = s.OutOfOrder+n.outOfOrder, s.Gaps+n.gaps, s.Late+n.late, s.Stray+n.strayAnswers
		s.Reconnects, s.FailedDials = s.Reconnects+max(n.connects-1, 0), s.FailedDials+n.failedDials
		s.BytesIn, s.BytesOut = s.BytesIn+in, s.BytesOut+out
		s.Events, s.Dropped = s.Events+c.log.last, s.Dropped+c.log.dropped
		all = append(all, n.latencies...)
		if s.Latency.From == "" {
			s.Latency.From = n.measured
		} else if n.measured != "" && n.measured != s.Latency.From {
			s.Latency.From = "both"
		}
		c.mu.Unlock()
	}
	slices.Sort(all)
	at := func(percent int) float64 {
		if len(all) == 0 {
			return 0
		}
		return math.Round(float64(all[min(len(all)*percent/100, len(all)-1)])*1000) / 1000
	}
	s.Latency.Count, s.Latency.P50, s.Latency.P95, s.Latency.P99, s.Latency.Max = int64(len(all)), at(50), at(95), at(99), at(100)
	return s
}
