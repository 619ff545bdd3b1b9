package api

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/openimsdk/imctl/bindings/value"
)

// ruleForms are the forms of the rules in the schema that can be checked. What fits none of them is shown by
// api.describe only.
type ruleForms struct{ between, atMost, needed, noZero *regexp.Regexp }

func newRuleForms() ruleForms {
	return ruleForms{
		between: regexp.MustCompile(`^(\S+) (>=|>) (-?\d+)(?: and (<=|<) (\d+))?$`),
		atMost:  regexp.MustCompile(`^at most (\d+) entries in (\S+)$`),
		needed:  regexp.MustCompile(`^(\S+) needed when (\S+) is (\d+)(?: or (\d+))?$`),
		noZero:  regexp.MustCompile(`^(\S+) must hold no 0$`),
	}
}

// rules applies the endpoint's further conditions to a request whose types are right.
func (c *checker) rules(e *endpoint, body *value.Object) {
	if len(c.problems) > 0 {
		return
	}
	forms := c.schema.forms
	for _, rule := range e.Rules {
		if m := forms.between.FindStringSubmatch(rule); m != nil {
			c.between(m, rule, body)
		} else if m := forms.atMost.FindStringSubmatch(rule); m != nil {
			v, _ := lookup(body, m[2])
			if l, ok := v.(value.List); ok && len(l) > number(m[1]) {
				c.problem(m[2], strconv.Itoa(len(l))+" entries; the server takes "+m[1])
			}
		} else if m := forms.needed.FindStringSubmatch(rule); m != nil {
			when, _ := lookup(body, m[2])
			v, there := lookup(body, m[1])
			if n, ok := integer(when); ok && slices.Contains([]string{m[3], m[4]}, strconv.Itoa(n)) && (!there || isNull(v) || v == "") {
				c.problem("", "missing field "+m[1]+": it is needed when "+m[2]+" is "+strconv.Itoa(n))
			}
		} else if m := forms.noZero.FindStringSubmatch(rule); m != nil {
			v, _ := lookup(body, m[1])
			if l, ok := v.(value.List); ok && slices.Contains(l, any(int64(0))) {
				c.problem(m[1], "holds a 0, which the server refuses")
			}
		}
	}
}

func (c *checker) between(m []string, rule string, body *value.Object) {
	v, there := lookup(body, m[1])
	n, ok := integer(v)
	if !there || !ok {
		return
	}
	low, high := number(m[3]), number(m[5])
	switch {
	case m[2] == ">=" && n < low, m[2] == ">" && n <= low, m[4] == "<=" && n > high, m[4] == "<" && n >= high:
		c.problem("", "want "+rule+", got "+strconv.Itoa(n))
	}
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

func integer(v any) (int, bool) {
	switch v := v.(type) {
	case int64:
		return int(v), true
	case float64:
		return int(v), v == float64(int(v))
	}
	return 0, false
}
