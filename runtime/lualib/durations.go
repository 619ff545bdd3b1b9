package lualib

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/openimsdk/imctl/bindings/value"
)

// durationParts matches one number with its unit.
var durationParts = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|[smhdw])`) })

// isoDuration matches an ISO 8601 duration without years and months, whose length depends on the calendar.
var isoDuration = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^P(?:([\d.]+)W)?(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?$`)
})

// durationOf reads plain data as a duration: a number of seconds, or a text like "1h30m", "2d" or "PT90S".
func durationOf(v any) (time.Duration, error) {
	s, isText := v.(string)
	if isText {
		return parseDuration(s)
	}
	f, ok := number(v)
	if !ok || math.Abs(f) > 9e9 {
		return 0, fmt.Errorf(`want a duration like "5s" or a number of seconds, got %s`, value.Describe(v))
	}
	return time.Duration(f * float64(time.Second)), nil
}

func parseDuration(text string) (time.Duration, error) {
	wrong := fmt.Errorf("want a duration like 5s, 1h30m, 2d or PT90S, got %q", text)
	rest, negative := strings.CutPrefix(text, "-")
	total := 0.0
	switch {
	case rest == "0":
	case strings.HasPrefix(rest, "P"):
		parts := isoDuration().FindStringSubmatch(rest)
		if parts == nil || strings.Join(parts[1:], "") == "" {
			return 0, wrong
		}
		for i, unit := range []string{"w", "d", "h", "m", "s"} {
			if parts[i+1] == "" {
				continue
			}
			n, err := strconv.ParseFloat(parts[i+1], 64)
			if err != nil {
				return 0, wrong
			}
			total += n * unitLength(unit)
		}
	case rest == "":
		return 0, wrong
	default:
		for rest != "" {
			part := durationParts().FindStringSubmatch(rest)
			if part == nil {
				return 0, wrong
			}
			n, err := strconv.ParseFloat(part[1], 64)
			if err != nil {
				return 0, wrong
			}
			total += n * unitLength(part[2])
			rest = rest[len(part[0]):]
		}
	}
	if total > 9e18 {
		return 0, fmt.Errorf("%q is longer than 285 years", text)
	}
	if negative {
		total = -total
	}
	return time.Duration(math.Round(total)), nil
}

// unitLength is the length of a unit in nanoseconds.
func unitLength(unit string) float64 {
	switch unit {
	case "ns":
		return 1
	case "us", "µs":
		return 1e3
	case "ms":
		return 1e6
	case "m":
		return 60e9
	case "h":
		return 3600e9
	case "d":
		return 86400e9
	case "w":
		return 604800e9
	}
	return 1e9
}

// durationText writes a duration as people do: 1d2h3m4.5s.
func durationText(d time.Duration) string {
	if d < 0 {
		return "-" + durationText(-d)
	}
	if d < time.Second {
		return d.String()
	}
	var b strings.Builder
	days := d / (24 * time.Hour)
	if days > 0 {
		fmt.Fprintf(&b, "%dd", days)
	}
	d -= days * 24 * time.Hour
	for _, u := range []struct {
		mark string
		long time.Duration
	}{{"h", time.Hour}, {"m", time.Minute}} {
		if n := d / u.long; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.mark)
			d -= n * u.long
		}
	}
	if d > 0 {
		b.WriteString(strconv.FormatFloat(d.Round(time.Millisecond).Seconds(), 'f', -1, 64) + "s")
	}
	return b.String()
}
