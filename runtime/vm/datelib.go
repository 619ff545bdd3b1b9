package vm

import (
	"fmt"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// openDates replaces os.date, os.time, os.clock and os.difftime.
func (v *VM) openDates() {
	v.register(v.L.GetGlobal("os").(*lua.LTable), map[string]function{
		"clock": osClock, "date": osDate, "difftime": osDifftime, "time": osTime,
	})
}

func osClock(c call) int {
	c.pushNum(processTime().Seconds())
	return 1
}

func osDifftime(c call) int {
	from := 0.0
	if c.Get(2) != lua.LNil {
		from = c.num(2)
	}
	c.pushNum(c.num(1) - from)
	return 1
}

// osTime is now, or the time of a table of year, month and day, whose values may lie outside their usual ranges.
func osTime(c call) int {
	if c.Get(1) == lua.LNil {
		c.pushNum(float64(time.Now().Unix()))
		return 1
	}
	t := c.table(1)
	field := func(name string, or int) int {
		if f, ok := toNumber(t.RawGetString(name)); ok {
			return truncate(f)
		}
		if or < 0 {
			c.RaiseError("field '%s' missing in date table", name)
		}
		return or
	}
	sec, minute, hour := field("sec", 0), field("min", 0), field("hour", 12)
	day, month, year := field("day", -1), field("month", -1), field("year", -1)
	for _, n := range []int{sec, minute, hour, day, month, year} {
		if n < -1<<31 || n >= 1<<31 {
			c.Push(lua.LNil)
			return 1
		}
	}
	when := time.Date(year, time.Month(month), day, hour, minute, sec, 0, time.Local)
	unix := when.Unix()
	if dst, ok := t.RawGetString("isdst").(lua.LBool); ok && bool(dst) != when.IsDST() {
		if dst {
			unix -= 3600
		} else {
			unix += 3600
		}
	}
	c.pushNum(float64(unix))
	return 1
}

func osDate(c call) int {
	format := c.optStr(1, "%c")
	when := time.Now()
	if c.Get(2) != lua.LNil {
		f := c.num(2)
		if !(f > -1<<55 && f < 1<<55) {
			c.Push(lua.LNil)
			return 1
		}
		when = time.Unix(int64(f), 0)
	}
	if strings.HasPrefix(format, "!") {
		format, when = format[1:], when.UTC()
	}
	if strings.HasPrefix(format, "*t") {
		t := c.CreateTable(0, 9)
		for name, n := range map[string]int{
			"sec": when.Second(), "min": when.Minute(), "hour": when.Hour(), "day": when.Day(),
			"month": int(when.Month()), "year": when.Year(), "wday": int(when.Weekday()) + 1, "yday": when.YearDay(),
		} {
			t.RawSetString(name, lua.LNumber(n))
		}
		t.RawSetString("isdst", lua.LBool(when.IsDST()))
		c.Push(t)
		return 1
	}
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		if text, ok := datePart(when, format[i]); ok {
			b.WriteString(text)
		} else {
			b.WriteByte('%')
			b.WriteByte(format[i])
		}
	}
	c.pushStr(b.String())
	return 1
}

// datePart is what strftime of C gives for a letter, with English names.
func datePart(t time.Time, letter byte) (string, bool) {
	layouts := map[byte]string{
		'a': "Mon", 'A': "Monday", 'b': "Jan", 'B': "January", 'c': "Mon Jan _2 15:04:05 2006", 'd': "02",
		'D': "01/02/06", 'e': "_2", 'F': "2006-01-02", 'h': "Jan", 'H': "15", 'I': "03", 'm': "01", 'M': "04",
		'p': "PM", 'r': "03:04:05 PM", 'R': "15:04", 'S': "05", 'T': "15:04:05", 'x': "01/02/06", 'X': "15:04:05",
		'y': "06", 'z': "-0700", 'Z': "MST",
	}
	if layout, ok := layouts[letter]; ok {
		text := t.Format(layout)
		if letter == 'Z' && text == "UTC" && t.Location() == time.UTC {
			text = "GMT"
		}
		return text, true
	}
	number := func(format string, n int) (string, bool) { return fmt.Sprintf(format, n), true }
	isoYear, isoWeek := t.ISOWeek()
	weekday := int(t.Weekday())
	switch letter {
	case 'C':
		return number("%02d", t.Year()/100)
	case 'g':
		return number("%02d", isoYear%100)
	case 'G':
		return number("%d", isoYear)
	case 'j':
		return number("%03d", t.YearDay())
	case 'k':
		return number("%2d", t.Hour())
	case 'l':
		return number("%2d", (t.Hour()+11)%12+1)
	case 'n':
		return "\n", true
	case 's':
		return fmt.Sprint(t.Unix()), true
	case 't':
		return "\t", true
	case 'u':
		return number("%d", (weekday+6)%7+1)
	case 'U':
		return number("%02d", (t.YearDay()+6-weekday)/7)
	case 'V':
		return number("%02d", isoWeek)
	case 'w':
		return number("%d", weekday)
	case 'W':
		return number("%02d", (t.YearDay()+6-(weekday+6)%7)/7)
	case 'Y':
		return number("%d", t.Year())
	case '%':
		return "%", true
	}
	return "", false
}
