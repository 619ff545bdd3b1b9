package lualib

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

// namedLayout is a layout by its name, "" when there is none.
func namedLayout(name string) string {
	switch name {
	case "rfc3339", "iso":
		return "%Y-%m-%dT%H:%M:%S.%L%:z"
	case "date":
		return "%Y-%m-%d"
	case "time":
		return "%H:%M:%S"
	case "datetime":
		return "%Y-%m-%d %H:%M:%S"
	case "http":
		return "%a, %d %b %Y %H:%M:%S GMT"
	}
	return ""
}

// directive is a strftime directive as a layout of package time, "" when there is none.
func directive(d string) string {
	switch d {
	case "Y":
		return "2006"
	case "y":
		return "06"
	case "m":
		return "01"
	case "d":
		return "02"
	case "e":
		return "_2"
	case "H":
		return "15"
	case "I":
		return "03"
	case "M":
		return "04"
	case "S":
		return "05"
	case "L":
		return "000"
	case "p":
		return "PM"
	case "b":
		return "Jan"
	case "B":
		return "January"
	case "a":
		return "Mon"
	case "A":
		return "Monday"
	case "j":
		return "002"
	case "z":
		return "-0700"
	case ":z":
		return "-07:00"
	case "Z":
		return "MST"
	case "F":
		return "2006-01-02"
	case "T":
		return "15:04:05"
	case "R":
		return "15:04"
	}
	return ""
}

// cutDirective splits a layout behind its next directive: the text before it, its letters, and the rest.
func cutDirective(layout string) (before, d, rest string, err error) {
	before, rest, found := strings.Cut(layout, "%")
	if !found {
		return before, "", "", nil
	}
	n := 1
	if strings.HasPrefix(rest, ":") {
		n = 2
	}
	if len(rest) < n {
		return "", "", "", fault.New(fault.Usage, "the layout ends in the middle of a directive")
	}
	return before, rest[:n], rest[n:], nil
}

func fullLayout(layout string) (string, error) {
	if named := namedLayout(layout); named != "" {
		return named, nil
	}
	if !strings.Contains(layout, "%") {
		return "", fault.New(fault.Usage, "no layout %q; want rfc3339, date, time, datetime, http, or directives like %%Y-%%m-%%d %%H:%%M:%%S", layout)
	}
	return layout, nil
}

// formatTime writes a time in a layout.
func formatTime(t time.Time, layout string) (string, error) {
	if layout == "http" {
		t = t.UTC()
	}
	rest, err := fullLayout(layout)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for rest != "" {
		before, d, after, err := cutDirective(rest)
		if err != nil {
			return "", err
		}
		b.WriteString(before)
		switch form := directive(d); {
		case d == "L":
			fmt.Fprintf(&b, "%03d", t.Nanosecond()/1e6)
		case d == "s":
			b.WriteString(strconv.FormatInt(t.Unix(), 10))
		case d == "%":
			b.WriteByte('%')
		case form != "":
			b.WriteString(t.Format(form))
		case d != "":
			return "", fault.New(fault.Usage, "no directive %%%s in a layout", d)
		}
		rest = after
	}
	return b.String(), nil
}

// parseLayout turns a layout into one of package time. Text in it that could be taken for a date is an error.
func parseLayout(layout string) (string, error) {
	rest, err := fullLayout(layout)
	if err != nil {
		return "", err
	}
	probe := time.Date(2345, time.November, 23, 19, 48, 57, 678e6, time.FixedZone("QQQ", 11*3600))
	var b strings.Builder
	for rest != "" {
		before, d, after, err := cutDirective(rest)
		if err != nil {
			return "", err
		}
		if probe.Format(before) != before {
			return "", fault.New(fault.Usage, "the text %q in the layout can't be told from a date", before)
		}
		b.WriteString(before)
		switch form := directive(d); {
		case d == "%":
			b.WriteByte('%')
		case form != "":
			b.WriteString(form)
		case d != "":
			return "", fault.New(fault.Usage, "no directive %%%s in a layout to read by", d)
		}
		rest = after
	}
	return b.String(), nil
}

// commonForms are the forms in which a time is read without a layout.
func commonForms() []string {
	return []string{
		time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04",
		"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02",
		"20060102T150405Z0700", "20060102T150405", "20060102", "Mon, 02 Jan 2006 15:04:05 GMT", time.RFC1123Z,
	}
}

// parseTime reads a time in any of the common forms, or in the layout.
func parseTime(text, layout string, loc *time.Location) (time.Time, error) {
	if layout != "" {
		form, err := parseLayout(layout)
		if err != nil {
			return time.Time{}, err
		}
		t, err := time.ParseInLocation(form, text, loc)
		if err != nil {
			return time.Time{}, fault.New(fault.Usage, "%q is not in the layout %q", text, layout)
		}
		return t, nil
	}
	for _, form := range commonForms() {
		in := loc
		if strings.HasSuffix(form, "GMT") {
			in = time.UTC
		}
		if t, err := time.ParseInLocation(form, strings.TrimSpace(text), in); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fault.New(fault.Usage, "%q is no time; want one like 2026-11-25T08:30:00Z or 2026-11-25, or give a layout", text)
}
