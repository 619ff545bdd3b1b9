package sandbox

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// matcher compares an answer with an expectation, by the rules of the contract's
// README: partial objects, lists in any order, wildcards.
type matcher struct {
	saved         map[string]any // the values kept by the steps before
	before, after time.Time      // around the call
}

// slack is how far a "now" may be off.
const slack = 10 * time.Minute

var (
	wildcardForm = regexp.MustCompile(`^<([a-z-]+)(?::(.*))?>$`)
	templateForm = regexp.MustCompile(`\$\{([A-Za-z0-9_]+)\}`)
	tokenForm    = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`)
)

// match is nil when got, which may be absent, is what is wanted.
func (m matcher) match(where string, want, got any, present bool) error {
	switch w := want.(type) {
	case string:
		filled, err := fillTemplates(w, m.saved)
		if err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		if s, ok := filled.(string); !ok || s != w {
			return m.match(where, escaped{filled}, got, present)
		}
		if parts := wildcardForm.FindStringSubmatch(w); parts != nil {
			return m.wildcard(where, parts[1], parts[2], got, present)
		}
		return m.scalar(where, w, got, present)
	case escaped:
		return m.scalar(where, w.value, got, present)
	case nil:
		if present && (got == nil || isEmptyList(got)) {
			return nil
		}
		return mismatch(where, "null", got, present)
	case []any:
		return m.list(where, w, got, present)
	case map[string]any:
		for op, operand := range w {
			if strings.HasPrefix(op, "$") {
				return m.listOp(where, op, operand, got, present)
			}
		}
		return m.object(where, w, got, present)
	}
	return m.scalar(where, want, got, present)
}

// escaped is a saved value: compared as it is, never read as a wildcard.
type escaped struct{ value any }

func mismatch(where string, want, got any, present bool) error {
	if !present {
		return fmt.Errorf("%s: want %s, but it is absent", where, brief(want))
	}
	return fmt.Errorf("%s: want %s, got %s", where, brief(want), brief(got))
}

// brief is a value as short JSON.
func brief(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	if len(text) > 300 {
		return string(text[:300]) + "…"
	}
	return string(text)
}

func (m matcher) scalar(where string, want, got any, present bool) error {
	if !present {
		return mismatch(where, want, got, present)
	}
	if w, ok := want.(json.Number); ok {
		g, ok := got.(json.Number)
		if ok && sameNumber(w, g) {
			return nil
		}
		return mismatch(where, want, got, present)
	}
	switch got.(type) {
	case string, bool:
		if want == got {
			return nil
		}
	}
	return mismatch(where, want, got, present)
}

// sameNumber compares exactly, 64-bit numbers too.
func sameNumber(a, b json.Number) bool {
	x, okX := new(big.Rat).SetString(a.String())
	y, okY := new(big.Rat).SetString(b.String())
	return okX && okY && x.Cmp(y) == 0
}

func (m matcher) object(where string, want map[string]any, got any, present bool) error {
	g, ok := got.(map[string]any)
	if !present || !ok {
		if len(want) == 0 && present && got == nil {
			return nil
		}
		return mismatch(where, want, got, present)
	}
	for key, w := range want {
		v, has, name := m.lookUp(g, key)
		if err := m.match(where+"."+name, w, v, has); err != nil {
			return err
		}
	}
	return nil
}

// lookUp finds a key of an object; "<day:D>" stands for a date, around midnight for two.
func (m matcher) lookUp(obj map[string]any, key string) (any, bool, string) {
	names := []string{key}
	if parts := wildcardForm.FindStringSubmatch(key); parts != nil && parts[1] == "day" {
		d, _ := strconv.Atoi(parts[2])
		names = []string{utcDay(m.before, d), utcDay(m.after, d)}
	}
	for _, name := range names {
		if v, ok := obj[name]; ok {
			return v, true, name
		}
	}
	return nil, false, key
}

func utcDay(t time.Time, shift int) string { return t.UTC().AddDate(0, 0, shift).Format(time.DateOnly) }

// asList takes null as an empty list.
func asList(got any, present bool) ([]any, bool) {
	if !present {
		return nil, false
	}
	if got == nil {
		return nil, true
	}
	l, ok := got.([]any)
	return l, ok
}

// list wants the same length and each element matched by a different one, in any order.
func (m matcher) list(where string, want []any, got any, present bool) error {
	g, ok := asList(got, present)
	if !ok {
		return mismatch(where, want, got, present)
	}
	if len(g) != len(want) {
		return fmt.Errorf("%s: want %d elements, got %d: %s", where, len(want), len(g), brief(got))
	}
	return m.pairUp(where, want, g)
}

// pairUp finds for each wanted element one of the others', all different.
func (m matcher) pairUp(where string, want, got []any) error {
	owner := make([]int, len(got)) // which wanted element has it, plus 1
	var try func(w int, seen []bool) bool
	try = func(w int, seen []bool) bool {
		for g := range got {
			if seen[g] || m.match(where, want[w], got[g], true) != nil {
				continue
			}
			seen[g] = true
			if owner[g] == 0 || try(owner[g]-1, seen) {
				owner[g] = w + 1
				return true
			}
		}
		return false
	}
	for w := range want {
		if !try(w, make([]bool, len(got))) {
			if len(got) == 1 && len(want) == 1 {
				return m.match(where+".0", want[0], got[0], true)
			}
			return fmt.Errorf("%s: no element for %s in %s", where, brief(want[w]), brief(got))
		}
	}
	return nil
}

func (m matcher) listOp(where, op string, operand, got any, present bool) error {
	g, ok := asList(got, present)
	if !ok {
		return mismatch(where, map[string]any{op: operand}, got, present)
	}
	if op == "$len" {
		if n, ok := operand.(json.Number); ok && n.String() == strconv.Itoa(len(g)) {
			return nil
		}
		return fmt.Errorf("%s: want length %s, got %d", where, brief(operand), len(g))
	}
	want, ok := operand.([]any)
	if !ok {
		return fmt.Errorf("%s: %s wants a list", where, op)
	}
	switch op {
	case "$has":
		return m.pairUp(where, want, g)
	case "$none":
		for _, w := range want {
			if i := slices.IndexFunc(g, func(v any) bool { return m.match(where, w, v, true) == nil }); i >= 0 {
				return fmt.Errorf("%s: %s must not be there, but %s is", where, brief(w), brief(g[i]))
			}
		}
		return nil
	case "$seq":
		if len(g) != len(want) {
			return fmt.Errorf("%s: want %d elements, got %d: %s", where, len(want), len(g), brief(got))
		}
		for i := range want {
			if err := m.match(fmt.Sprintf("%s.%d", where, i), want[i], g[i], true); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("%s: unknown list operator %s", where, op)
}

func isEmptyList(v any) bool {
	l, ok := v.([]any)
	return ok && len(l) == 0
}

func isEmpty(v any, present bool) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return x == ""
	case []any:
		return len(x) == 0
	case map[string]any:
		return len(x) == 0
	}
	return !present
}

// fillTemplates puts saved values for ${name}; a string that is only one takes the
// value with its type.
func fillTemplates(s string, saved map[string]any) (any, error) {
	if parts := templateForm.FindStringSubmatch(s); parts != nil && parts[0] == s {
		v, ok := saved[parts[1]]
		if !ok {
			return nil, fmt.Errorf("nothing was saved as %q", parts[1])
		}
		return v, nil
	}
	var missing error
	out := templateForm.ReplaceAllStringFunc(s, func(t string) string {
		v, ok := saved[t[2:len(t)-1]]
		if !ok {
			missing = fmt.Errorf("nothing was saved as %q", t)
		}
		return fmt.Sprint(v)
	})
	return out, missing
}
