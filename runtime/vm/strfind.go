package vm

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// patternsKept is how many patterns a VM keeps ready.
const patternsKept = 200

// pattern makes a pattern ready, or takes it from the ones that are.
func (v *VM) pattern(text string, anchors bool) *pattern {
	if !anchors && strings.HasPrefix(text, "^") {
		return compilePattern(text, false)
	}
	if p := v.patterns[text]; p != nil {
		return p
	}
	p := compilePattern(text, true)
	if len(v.patterns) >= patternsKept {
		clear(v.patterns)
	}
	if len(text) < 1000 {
		v.patterns[text] = p
	}
	return p
}

// matcher makes a matcher for one call, or takes one that was used before.
func (c call) matcher(src, pattern string, anchors bool) *matcher {
	m := &matcher{}
	if n := len(c.v.matchers); n > 0 {
		m, c.v.matchers = c.v.matchers[n-1], c.v.matchers[:n-1]
	}
	m.L, m.meter, m.src, m.pattern = c.LState, c.v.meter, src, c.v.pattern(pattern, anchors)
	return m
}

// done gives a matcher back for the next call.
func (c call) done(m *matcher) {
	m.src, m.L = "", nil
	c.v.matchers = append(c.v.matchers, m)
}

func strFind(c call) int  { return c.find(true) }
func strMatch(c call) int { return c.find(false) }

// find is string.find and string.match.
func (c call) find(places bool) int {
	s, pattern := c.str(1), c.str(2)
	init := max(from(c.optInt(3, 1), len(s)), 1) - 1
	if init > len(s) {
		init = len(s) // as Lua 5.1 does: a start behind the end is the end
	}
	if places && (lua.LVAsBool(c.Get(4)) || !strings.ContainsAny(pattern, "^$*+?.([%-")) {
		i := strings.Index(s[init:], pattern)
		if i < 0 {
			c.Push(lua.LNil)
			return 1
		}
		c.pushNum(float64(init + i + 1))
		c.pushNum(float64(init + i + len(pattern)))
		return 2
	}
	m := c.matcher(s, pattern, true)
	defer c.done(m)
	start, end, ok := m.search(init)
	if !ok {
		c.Push(lua.LNil)
		return 1
	}
	if !places {
		return m.pushCaptures(start, end, true)
	}
	c.pushNum(float64(start + 1))
	c.pushNum(float64(end))
	return 2 + m.pushCaptures(start, end, false)
}

func strGmatch(c call) int {
	m := c.matcher(c.str(1), c.str(2), false)
	next := 0
	c.Push(c.NewFunction(func(L *lua.LState) int {
		m.L, m.meter = L, c.v.meter
		start, end, ok := 0, 0, false
		if next <= len(m.src) {
			start, end, ok = m.search(next)
		}
		if !ok {
			next = len(m.src) + 1
			L.Push(lua.LNil)
			return 1
		}
		next = end
		if end == start {
			next++
		}
		return m.pushCaptures(start, end, true)
	}))
	return 1
}

func strGsub(c call) int {
	src := c.str(1)
	m := c.matcher(src, c.str(2), true)
	replace := c.replacement(m)
	limit := c.optInt(4, len(src)+1)
	largest := c.v.maxString()
	var out []byte
	pos, n := 0, 0
	for n < limit && pos <= len(src) {
		start, end, ok := m.search(pos)
		if !ok {
			break
		}
		n++
		if out == nil {
			out = make([]byte, 0, len(src)+16)
		}
		out = replace(append(out, src[pos:start]...), start, end)
		if pos = end; end == start {
			if start < len(src) {
				out = append(out, src[start])
			}
			pos++
		}
		if len(out) > largest {
			c.RaiseError("resulting string too large")
		}
		m.tick(0)
		if m.pattern.anchored {
			break
		}
	}
	if n == 0 {
		c.pushStr(src)
	} else {
		if pos < len(src) {
			out = append(out, src[pos:]...)
		}
		c.pushStr(string(out))
	}
	c.pushNum(float64(n))
	c.done(m)
	return 2
}

// replacement is the function that adds what stands for a match, by the third argument of gsub.
func (c call) replacement(m *matcher) func(out []byte, start, end int) []byte {
	keep := func(out []byte, lv lua.LValue, start, end int) []byte {
		if !lua.LVAsBool(lv) {
			return append(out, m.src[start:end]...)
		}
		text, ok := plainText(lv)
		if !ok {
			c.RaiseError("invalid replacement value (a %s)", lv.Type().String())
		}
		return append(out, text...)
	}
	switch by := c.Get(3).(type) {
	case *lua.LTable:
		return func(out []byte, start, end int) []byte {
			key := m.captured(0, start, end)
			lv := by.RawGet(key)
			if lv == lua.LNil && by.Metatable != lua.LNil {
				lv = c.v.index(c.LState, by, key)
			}
			return keep(out, lv, start, end)
		}
	case *lua.LFunction:
		return func(out []byte, start, end int) []byte {
			c.Push(by)
			return keep(out, c.v.callBack(c.LState, m.pushCaptures(start, end, true)), start, end)
		}
	}
	text, ok := plainText(c.Get(3))
	if !ok {
		c.bad(3, "string/function/table expected")
	}
	if !strings.Contains(text, "%") {
		return func(out []byte, start, end int) []byte { return append(out, text...) }
	}
	return func(out []byte, start, end int) []byte {
		for i := 0; i < len(text); i++ {
			if text[i] != '%' {
				out = append(out, text[i])
				continue
			}
			i++
			switch {
			case i == len(text):
				c.RaiseError("invalid use of '%c' in replacement string", '%')
			case text[i] == '0':
				out = append(out, m.src[start:end]...)
			case isDigit(text[i]):
				s, _ := plainText(m.captured(int(text[i]-'1'), start, end))
				out = append(out, s...)
			default:
				out = append(out, text[i])
			}
		}
		return out
	}
}
