package lualib

import (
	"math"
	"strings"
	"time"
)

// lastMoment is the last millisecond of the year 9999; from it on, and before the year 0, times have no usual form.
const (
	lastMoment  = 253402300799999
	firstMoment = -62167219200000
)

// zoneOf is the time zone that an argument names: UTC by default, "local", an offset like +08:00, or a name from the
// system's database, Asia/Shanghai.
func zoneOf(c *Call, name string) (*time.Location, error) {
	text := c.Text(name, "UTC")
	switch strings.ToLower(text) {
	case "", "utc", "z":
		return time.UTC, nil
	case "local":
		return time.Local, nil
	}
	if text[0] == '+' || text[0] == '-' {
		for _, form := range []string{"-07:00", "-0700", "-07"} {
			if t, err := time.Parse(form, text); err == nil {
				_, offset := t.Zone()
				return time.FixedZone(text, offset), nil
			}
		}
		return nil, c.Wrong(name, "want an offset like +08:00, got %q", text)
	}
	loc, err := time.LoadLocation(text)
	if err != nil {
		return nil, c.Wrong(name, "no time zone %q on this system; want a name like Asia/Shanghai, an offset like +08:00, UTC or local", text)
	}
	return loc, nil
}

// momentOf reads an argument in milliseconds since 1970, now when it is missing.
func (k *kit) momentOf(c *Call, name string, loc *time.Location) (time.Time, error) {
	if !c.Given(name) {
		return k.Now().In(loc), nil
	}
	ms := c.Number(name, 0)
	if ms < firstMoment || ms > lastMoment {
		return time.Time{}, c.Wrong(name, "%v milliseconds is outside of the years 0 to 9999", ms)
	}
	return time.UnixMilli(int64(math.Floor(ms))).In(loc), nil
}
