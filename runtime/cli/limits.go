package cli

import (
	"context"
	"slices"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/plugin"
)

// limits is what a script may use: of the flags and of its own header the stricter each.
type limits struct {
	timeout       time.Duration
	timeoutSource string
	maxMemory     uint64 // bytes, 0 is no limit
	maxRequests   int64  // 0 is no limit
	restricted    bool
	readOnly      bool
	allowHosts    [][]string // a host must be in each list
}

func (a *app) limits(h *plugin.Header) (limits, error) {
	l := limits{timeout: a.g.timeout, timeoutSource: "it was set with --timeout", maxRequests: a.g.maxRequests}
	var err error
	if l.maxMemory, err = parseBytes(a.g.maxMemory); err != nil {
		return l, err
	}
	if a.g.profile != "" && !slices.Contains(plugin.Profiles(), a.g.profile) {
		return l, fault.New(fault.Usage, "--profile: no profile %q%s", a.g.profile, fault.DidYouMean(a.g.profile, plugin.Profiles()))
	}
	l.restricted = a.g.profile == "restricted"
	if len(a.g.allowHosts) > 0 {
		l.allowHosts = append(l.allowHosts, a.g.allowHosts)
	}
	if h == nil {
		return l, nil
	}
	b := h.Budget
	if b.Timeout > 0 && (l.timeout == 0 || b.Timeout < l.timeout) {
		l.timeout, l.timeoutSource = b.Timeout, "it is set in the script's header"
	}
	if b.MaxMemory != "" {
		own, err := parseBytes(b.MaxMemory)
		if err != nil {
			return l, fault.New(fault.Usage, "the header's max_memory: %q is no size", b.MaxMemory)
		}
		if own > 0 && (l.maxMemory == 0 || own < l.maxMemory) {
			l.maxMemory = own
		}
	}
	if b.MaxRequests > 0 && (l.maxRequests == 0 || b.MaxRequests < l.maxRequests) {
		l.maxRequests = b.MaxRequests
	}
	l.restricted = l.restricted || b.Profile == "restricted"
	l.readOnly = h.Effect == bindings.Read
	if b.AllowHosts != nil {
		l.allowHosts = append(l.allowHosts, b.AllowHosts)
	}
	return l, nil
}

// context puts the script under its time limit.
func (l limits) context(ctx context.Context) (context.Context, context.CancelFunc) {
	if l.timeout == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, l.timeout,
		fault.New(fault.Timeout, "time limit of %s reached", l.timeout).WithHint("%s", l.timeoutSource))
}

// allowHost refuses a host that is not in each list.
func (l limits) allowHost(host string) error {
	for _, list := range l.allowHosts {
		if !slices.Contains(list, host) {
			return fault.New(fault.Denied, "the host %s is not among those that this script may reach", host).
				WithHint("nothing was sent; allow it with --allow-host, or in the script's header")
		}
	}
	return nil
}
