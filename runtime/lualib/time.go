package lualib

import (
	"slices"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

func (k *kit) time() Module {
	ms := Param{Name: "ms", Type: "number", Doc: "a moment, in milliseconds"}
	orNow := Param{Name: "ms", Type: "number", Optional: true, Doc: "a moment in milliseconds, by default now"}
	zone := Param{Name: "zone", Type: "string", Optional: true, Doc: "a zone: UTC (the default), local, +08:00 or Asia/Shanghai"}
	moment := []Return{{"ms", "integer", "a moment, in milliseconds"}}
	return Module{
		Name: "time",
		Doc: "Moments are numbers of milliseconds since 1970, as in everything OpenIM stores and answers (sendTime, createTime), so that they go in and " +
			"out of operations, compare and subtract as they are; a Lua number holds them exactly. Durations are seconds, or texts like \"1h30m\". " +
			"Zones are UTC unless named, so that a script does the same on every machine.",
		Classes: []Class{{"time.Parts", "A moment in a calendar.", []Param{
			{Name: "year", Type: "integer"}, {Name: "month", Type: "integer", Doc: "1 to 12"}, {Name: "day", Type: "integer"},
			{Name: "hour", Type: "integer"}, {Name: "minute", Type: "integer"}, {Name: "second", Type: "integer"},
			{Name: "ms", Type: "integer", Doc: "milliseconds of the second"}, {Name: "weekday", Type: "integer", Doc: "1 is Monday, 7 is Sunday"},
			{Name: "yearday", Type: "integer"}, {Name: "zone", Type: "string", Doc: "the zone's short name"},
			{Name: "offset", Type: "integer", Doc: "seconds east of UTC"},
		}}},
		Funcs: []Func{
			{Name: "ms", Doc: "Now, in milliseconds.", Example: "print(time.ms() > 1700000000000)  --> true", Returns: moment,
				Run: func(*Call) (any, error) { return k.Now().UnixMilli(), nil }},
			{Name: "now", Doc: "Now, in seconds with fractions, as os.time counts. For everything else here use time.ms.",
				Example: "print(math.abs(time.now() - os.time()) < 2)  --> true", Returns: []Return{{"", "number", "seconds"}},
				Run: func(*Call) (any, error) { return float64(k.Now().UnixMicro()) / 1e6, nil }},
			{Name: "monotonic", Doc: "Seconds since the start of the program, by a clock that nobody sets: for measuring.",
				Example: "local start = time.monotonic()\nprint(time.monotonic() - start < 5)  --> true", Returns: []Return{{"", "number", "seconds"}},
				Run: func(*Call) (any, error) { return time.Since(k.started).Seconds(), nil }},
			{Name: "sleep", Doc: "Waits. An interrupt or a time limit ends the wait.", Example: "time.sleep(\"1ms\")",
				Params: []Param{{Name: "duration", Type: "duration", Doc: "how long"}}, Run: k.timeSleep},
			{Name: "parse", Doc: "Reads a time: ISO 8601, RFC 3339, a date alone, or a layout of strftime directives. An offset in the text goes before the zone.",
				Example: "print(time.parse(\"2026-11-25T08:30:00Z\"))  --> 1795595400000\n" +
					"print(time.parse(\"2026-11-25\", {zone = \"+08:00\"}))  --> 1795536000000\n" +
					"print(time.parse(\"25.11.2026\", {layout = \"%d.%m.%Y\"}))  --> 1795564800000",
				Params: []Param{{Name: "text", Type: "string", Doc: "the time"}, {Name: "options", Type: "table", Optional: true, Doc: "how to read it", Fields: []Param{
					{Name: "layout", Type: "string", Optional: true, Doc: "date, time, datetime, http, rfc3339, or directives: %d.%m.%Y"}, zone,
				}}}, Returns: moment, Run: timeParse},
			{Name: "format", Doc: "Writes a moment: in RFC 3339, in a named layout, or by strftime directives.",
				Example: "print(time.format(1795595400000))  --> 2026-11-25T08:30:00.000+00:00\n" +
					"print(time.format(1795595400000, \"datetime\", \"+08:00\"))  --> 2026-11-25 16:30:00\n" +
					"print(time.format(0, \"%d %b %Y, %H:%M\"))  --> 01 Jan 1970, 00:00",
				Params:  []Param{orNow, {Name: "layout", Type: "string", Optional: true, Doc: "rfc3339 (the default), date, time, datetime, http, or directives; %L is milliseconds"}, zone},
				Returns: []Return{{"", "string", ""}}, Run: k.timeFormat},
			{Name: "duration", Doc: "Reads a duration: 1h30m, 2d, 250ms, 1w, or ISO 8601's PT1H30M.",
				Example: "print(time.duration(\"1h30m\"), time.duration(\"2d\"), time.duration(\"PT90S\"))  --> 5400\t172800\t90",
				Params:  []Param{{Name: "text", Type: "duration", Doc: "the duration"}}, Returns: []Return{{"", "number", "seconds"}},
				Run: func(c *Call) (any, error) {
					d, err := c.Duration("text", 0)
					return d.Seconds(), err
				}},
			{Name: "format_duration", Doc: "Writes a duration for people.", Example: "print(time.format_duration(93784.5))  --> 1d2h3m4.5s",
				Params: []Param{{Name: "seconds", Type: "duration", Doc: "the duration"}}, Returns: []Return{{"", "string", ""}},
				Run: func(c *Call) (any, error) {
					d, err := c.Duration("seconds", 0)
					return durationText(d), err
				}},
			{Name: "add", Doc: "Adds a duration, or parts of a calendar: a month later is the same day of the next month, or its last day.",
				Example: "print(time.format(time.add(0, \"90m\"), \"datetime\"))  --> 1970-01-01 01:30:00\n" +
					"print(time.format(time.add(time.parse(\"2026-01-31\"), {months = 1}), \"date\"))  --> 2026-02-28",
				Params:  []Param{ms, {Name: "amount", Type: "duration|table", Doc: "a duration, or {years=, months=, weeks=, days=, hours=, minutes=, seconds=}"}, zone},
				Returns: moment, Run: k.timeAdd},
			{Name: "parts", Doc: "Takes a moment apart.", Example: "local p = time.parts(0, \"+08:00\")\nprint(p.year, p.hour, p.weekday)  --> 1970\t8\t4",
				Params: []Param{orNow, zone}, Returns: []Return{{"", "time.Parts", ""}}, Run: k.timeParts},
			{Name: "from", Doc: "Makes a moment of parts; those that are too large carry over, as in os.time.",
				Example: "print(time.from({year = 2026, month = 11, day = 25}))  --> 1795564800000",
				Params: []Param{{Name: "parts", Type: "table", Doc: "the parts", Fields: []Param{
					{Name: "year", Type: "integer"}, {Name: "month", Type: "integer", Optional: true}, {Name: "day", Type: "integer", Optional: true},
					{Name: "hour", Type: "integer", Optional: true}, {Name: "minute", Type: "integer", Optional: true},
					{Name: "second", Type: "integer", Optional: true}, {Name: "ms", Type: "integer", Optional: true},
				}}, zone}, Returns: moment, Run: timeFrom},
			{Name: "start_of", Doc: "The beginning of the second, minute, hour, day, week (Monday), month or year that a moment is in.",
				Example: "print(time.format(time.start_of(time.parse(\"2026-11-25T08:30:00Z\"), \"week\"), \"date\"))  --> 2026-11-23",
				Params:  []Param{ms, {Name: "unit", Type: "string", Doc: "second, minute, hour, day, week, month or year"}, zone}, Returns: moment, Run: k.timeStartOf},
			{Name: "start_of_day", Doc: "Midnight of the day that a moment is in.",
				Example: "print(time.format(time.start_of_day(1795595400000, \"+08:00\")))  --> 2026-11-24T16:00:00.000+00:00",
				Params:  []Param{orNow, zone}, Returns: moment, Run: func(c *Call) (any, error) { return k.startOf(c, "day") }},
		},
	}
}

func (k *kit) timeSleep(c *Call) (any, error) {
	d, err := c.Duration("duration", 0)
	if err != nil {
		return nil, err
	}
	if d < 0 {
		return nil, c.Wrong("duration", "it is negative")
	}
	ctx := c.Context()
	c.VM.Outside(func() { err = bindings.Wait(ctx, d) })
	return nil, err
}

func timeParse(c *Call) (any, error) {
	loc, err := zoneOf(c, "zone")
	if err != nil {
		return nil, err
	}
	t, err := parseTime(c.Text("text", ""), c.Text("layout", ""), loc)
	if err != nil {
		return nil, err
	}
	return t.UnixMilli(), nil
}

func (k *kit) timeFormat(c *Call) (any, error) {
	t, err := k.zoned(c)
	if err != nil {
		return nil, err
	}
	return formatTime(t, c.Text("layout", "rfc3339"))
}

// zoned is the moment of the arguments ms and zone.
func (k *kit) zoned(c *Call) (time.Time, error) {
	loc, err := zoneOf(c, "zone")
	if err != nil {
		return time.Time{}, err
	}
	return k.momentOf(c, "ms", loc)
}

func (k *kit) timeParts(c *Call) (any, error) {
	t, err := k.zoned(c)
	if err != nil {
		return nil, err
	}
	name, offset := t.Zone()
	return value.NewObject("year", t.Year(), "month", int(t.Month()), "day", t.Day(), "hour", t.Hour(), "minute", t.Minute(),
		"second", t.Second(), "ms", t.Nanosecond()/1e6, "weekday", (int(t.Weekday())+6)%7+1, "yearday", t.YearDay(),
		"zone", name, "offset", offset), nil
}

func timeFrom(c *Call) (any, error) {
	loc, err := zoneOf(c, "zone")
	if err != nil {
		return nil, err
	}
	if !c.Given("year") {
		return nil, c.Wrong("parts", "want at least a year")
	}
	t := time.Date(c.Int("year", 0), time.Month(c.Int("month", 1)), c.Int("day", 1), c.Int("hour", 0), c.Int("minute", 0),
		c.Int("second", 0), c.Int("ms", 0)*1e6, loc)
	return t.UnixMilli(), nil
}

func (k *kit) timeAdd(c *Call) (any, error) {
	t, err := k.zoned(c)
	if err != nil {
		return nil, err
	}
	o, isTable := c.Plain("amount").(*value.Object)
	if !isTable {
		d, err := c.Duration("amount", 0)
		return t.Add(d).UnixMilli(), err
	}
	units := []string{"years", "months", "weeks", "days", "hours", "minutes", "seconds"}
	amounts := map[string]int{}
	for _, name := range o.Keys() {
		v, _ := o.Get(name)
		n, ok := v.(int64)
		if !ok || n < -1e9 || n > 1e9 {
			return nil, c.Wrong("amount", "%s: want a whole number, got %s", name, value.Describe(v))
		}
		if !slices.Contains(units, name) {
			return nil, c.Wrong("amount", "no unit %s%s", name, fault.DidYouMean(name, units))
		}
		amounts[name] = int(n)
	}
	first := time.Date(t.Year()+amounts["years"], t.Month()+time.Month(amounts["months"]), 1, 0, 0, 0, 0, time.UTC)
	day := min(t.Day(), first.AddDate(0, 1, -1).Day()) + 7*amounts["weeks"] + amounts["days"]
	t = time.Date(first.Year(), first.Month(), day, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
	return t.Add(time.Duration(amounts["hours"])*time.Hour + time.Duration(amounts["minutes"])*time.Minute +
		time.Duration(amounts["seconds"])*time.Second).UnixMilli(), nil
}

func (k *kit) timeStartOf(c *Call) (any, error) { return k.startOf(c, c.Text("unit", "")) }

func (k *kit) startOf(c *Call, unit string) (any, error) {
	t, err := k.zoned(c)
	if err != nil {
		return nil, err
	}
	fraction := time.Duration(t.Nanosecond())
	seconds, minutes := time.Duration(t.Second())*time.Second, time.Duration(t.Minute())*time.Minute
	day := func(month time.Month, day int) (any, error) {
		return time.Date(t.Year(), month, day, 0, 0, 0, 0, t.Location()).UnixMilli(), nil
	}
	switch unit {
	case "second":
		return t.Add(-fraction).UnixMilli(), nil
	case "minute":
		return t.Add(-fraction - seconds).UnixMilli(), nil
	case "hour": // by subtraction, because a zone may have the same hour twice
		return t.Add(-fraction - seconds - minutes).UnixMilli(), nil
	case "day":
		return day(t.Month(), t.Day())
	case "week":
		return day(t.Month(), t.Day()-(int(t.Weekday())+6)%7)
	case "month":
		return day(t.Month(), 1)
	case "year":
		return day(time.January, 1)
	}
	units := []string{"second", "minute", "hour", "day", "week", "month", "year"}
	return nil, c.Wrong("unit", "no unit %q%s", unit, fault.DidYouMean(unit, units))
}
