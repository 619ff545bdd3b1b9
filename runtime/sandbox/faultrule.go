package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// faultRule is one targeted fault: name[=value][@N|@N-|@N-M][!user]. Without @ it always
// strikes; with it only on the Nth occurrence, from it on, or up to the Mth, each user's
// counted alone.
type faultRule struct {
	key      string // what it is about: a path or an id
	value    string
	from, to int // occurrences; to 0 is no end
	user     string
	seen     map[string]int // by user
}

// A form of value is "" for none, or words that are checked each by its name.
const (
	faultCode     = "CODE"
	faultStatus   = "STATUS"
	faultPath     = "PATH"
	faultID       = "ID"
	faultField    = "FIELD"
	faultDuration = "DURATION"
	faultWhen     = "WHEN" // a number of frames, or a duration
)

// faultForms are the targeted faults: their values, and what they do.
var faultForms = map[string]struct{ form, help string }{
	"rest-errcode":      {faultPath + ":" + faultCode, "the call fails with this errCode"},
	"rest-status":       {faultPath + ":" + faultStatus, "the call fails with this HTTP status and no envelope"},
	"rest-nodata":       {faultPath, "the answer has no data"},
	"rest-drop":         {faultPath + ":" + faultField, "the answer's data lacks a field"},
	"rest-null":         {faultPath + ":" + faultField, "a field of the answer's data is null"},
	"ws-refuse":         {faultCode, "the handshake is refused, in the client's way"},
	"ws-refuse-http":    {faultCode, "the handshake is refused with HTTP 200 and no upgrade"},
	"ws-status":         {faultStatus, "the handshake gets this HTTP status and an empty body"},
	"ws-hangup":         {"", "the TCP connection is closed instead of the handshake"},
	"ws-no-first-text":  {"", "the first TEXT frame is left out"},
	"ws-first-text":     {"", "the first TEXT frame is sent though nobody asked for it"},
	"ws-text-ping":      {faultDuration, "a TEXT ping is sent this long after the handshake"},
	"ws-ping":           {faultDuration, "a control ping is sent this long after the handshake"},
	"ws-quiet":          {"", "the server does not ping, and minds no silence"},
	"ws-no-pong":        {"", "pings are not answered"},
	"ws-plain":          {"", "answers are not compressed"},
	"ws-wrong-encoding": {"", "answers are JSON instead of gob, or gob instead of JSON"},
	"ws-cut":            {faultID, "the connection is cut instead of an answer to this request"},
	"ws-cut-after":      {faultWhen, "the connection is cut after so many frames or so much time"},
	"ws-silent":         {faultID, "this request is dropped"},
	"ws-errcode":        {faultID + ":" + faultCode, "this request fails"},
	"ws-nodata":         {faultID, "the answer to this request has no data"},
	"ws-drop":           {faultID + ":" + faultField, "the answer to this request lacks a field (1003 only)"},
	"ws-kick-open":      {"", "a kicked connection is told so, but not closed"},
	"push-lose":         {"", "the message is not pushed"},
	"push-not-sender":   {"", "the sender is not pushed its own message"},
	"push-drop":         {faultField, "pushed messages lack a field"},
	"push-off":          {faultField, "pushed messages have this option off"},
}

// faultRules are the targeted faults of a sandbox, by name.
type faultRules struct {
	byName map[string][]*faultRule
	mu     sync.Mutex // of the counters
}

func faultRulesHelp() string {
	var out strings.Builder
	for _, name := range slices.Sorted(maps.Keys(faultForms)) {
		f := faultForms[name]
		if f.form != "" {
			f.form = "=" + f.form
		}
		fmt.Fprintf(&out, "  %-30s %s\n", name+f.form, f.help)
	}
	return out.String()
}

// add takes one rule; it does not know a name that is no targeted fault's.
func (f *faultRules) add(spec string) (known bool, err error) {
	rest, user, _ := strings.Cut(spec, "!")
	rest, span, spanned := strings.Cut(rest, "@")
	name, value, _ := strings.Cut(rest, "=")
	form, known := faultForms[name]
	if !known {
		return false, nil
	}
	r := &faultRule{user: user, seen: map[string]int{}}
	if spanned {
		from, to, ranged := strings.Cut(span, "-")
		if r.from, err = strconv.Atoi(from); err == nil && to != "" {
			r.to, err = strconv.Atoi(to)
		} else if !ranged {
			r.to = r.from
		}
		if err != nil || r.from < 1 || r.to != 0 && r.to < r.from {
			return true, fmt.Errorf("fault %s: @%s is no range of occurrences; such as @2, @2- or @1-3", name, span)
		}
	}
	parts := strings.Split(form.form, ":")
	values := strings.SplitN(value, ":", len(parts))
	if len(values) != len(parts) || form.form == "" && value != "" {
		return true, fmt.Errorf("fault %s=%q: wanted is %s", name, value, form.form)
	}
	for i, p := range parts {
		if !validFault(p, values[i]) {
			return true, fmt.Errorf("fault %s=%q: wanted is %s", name, value, form.form)
		}
		if (p == faultPath || p == faultID) && r.key == "" {
			r.key = values[i]
		} else {
			r.value = values[i]
		}
	}
	if f.byName == nil {
		f.byName = map[string][]*faultRule{}
	}
	f.byName[name] = append(f.byName[name], r)
	return true, nil
}

func validFault(form, value string) bool {
	n, err := strconv.Atoi(value)
	isNumber := err == nil && n > 0
	d, err := time.ParseDuration(value)
	isDuration := err == nil && d > 0
	switch form {
	case "":
		return value == ""
	case faultCode, faultID:
		return isNumber
	case faultStatus:
		return isNumber && n >= 200 && n < 600
	case faultPath:
		return strings.HasPrefix(value, "/")
	case faultDuration:
		return isDuration
	case faultWhen:
		return isNumber || isDuration
	}
	return value != ""
}

// hits are the values of the rules of a name that strike now.
func (f *faultRules) hits(name, key, user string) []string {
	rules := f.byName[name]
	if len(rules) == 0 {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var values []string
	for _, r := range rules {
		if r.key != key || r.user != "" && r.user != user {
			continue
		}
		r.seen[user]++
		if n := r.seen[user]; n >= r.from && (r.to == 0 || n <= r.to) {
			values = append(values, r.value)
		}
	}
	return values
}

// hit is the value of the first rule that strikes now.
func (f *faultRules) hit(name, key, user string) (string, bool) {
	values := f.hits(name, key, user)
	if len(values) == 0 {
		return "", false
	}
	return values[0], true
}

// number is hit for a value that is a number, as was checked.
func (f *faultRules) number(name, key, user string) (int, bool) {
	value, ok := f.hit(name, key, user)
	n, _ := strconv.Atoi(value)
	return n, ok
}

func (f *faultRules) strikes(name, key, user string) bool {
	_, ok := f.hit(name, key, user)
	return ok
}

// has tells whether there are rules of a name that begins so.
func (f *faultRules) has(prefix string) bool {
	for name := range f.byName {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
