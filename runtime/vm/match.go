package vm

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// stepsPerLook is after how many steps a match looks whether the script was ended.
const stepsPerLook = 1 << 15

// Lengths that are none.
const (
	unfinished = -1
	isPosition = -2
)

// capture is what a pair of parentheses caught.
type capture struct{ start, length int }

// choice is a place to come back to when a match fails, or a change to the captures to be undone then. Each item of a
// pattern has at most one, so that a match needs no recursion.
type choice struct {
	item    item
	pc      int
	low, at int
}

// matcher matches one pattern on one subject.
type matcher struct {
	L       *lua.LState
	meter   *meter
	src     string
	pattern *pattern
	steps   int
	level   int
	caps    [maxCaptures]capture
	choices []choice
}

// tick counts steps and ends the match when the script was ended.
func (m *matcher) tick(n int) {
	if m.steps += n + 1; m.steps >= stepsPerLook {
		m.steps = 0
		m.meter.look(m.L)
	}
}

// search finds the first match at or behind init.
func (m *matcher) search(init int) (start, end int, ok bool) {
	p := m.pattern
	if p.anchored {
		end = m.match(init)
		return init, end, end >= 0
	}
	for s := init; s <= len(m.src); s++ {
		switch {
		case p.prefix != "":
			i := strings.Index(m.src[s:], p.prefix)
			if i < 0 {
				return 0, 0, false
			}
			s += i
		case p.first != nil:
			for s < len(m.src) && !p.first[m.src[s]] {
				s++
			}
			if s == len(m.src) {
				return 0, 0, false
			}
		}
		if end = m.match(s); end >= 0 {
			return s, end, true
		}
		if p.run != nil {
			from := s
			for s < len(m.src) && p.run.has(m.src[s]) {
				s++
			}
			m.tick(s - from)
		}
		m.tick(0)
	}
	return 0, 0, false
}

// match matches at s and returns the end of the match, -1 when there is none.
func (m *matcher) match(s int) int {
	m.level = 0
	m.choices = m.choices[:0]
	pc, src := 0, m.src
	for {
		n := &m.pattern.nodes[pc]
		ok := true
		switch n.item {
		case accept:
			return s
		case one:
			if ok = s < len(src) && n.has(src[s]); ok {
				s++
			}
		case star, plus:
			from := s
			s = m.longest(n, s)
			low := from
			if n.item == plus {
				low++
			}
			if ok = s >= low; ok && s > low {
				m.choices = append(m.choices, choice{star, pc + 1, low, s - 1})
			}
		case minus:
			m.choices = append(m.choices, choice{minus, pc, 0, s})
		case optional:
			if s < len(src) && n.has(src[s]) {
				m.choices = append(m.choices, choice{optional, pc + 1, 0, s})
				s++
			}
		case open, place:
			if m.level == maxCaptures {
				m.L.RaiseError("too many captures")
			}
			length := unfinished
			if n.item == place {
				length = isPosition
			}
			m.caps[m.level] = capture{s, length}
			m.level++
			m.choices = append(m.choices, choice{item: open})
		case closing:
			i := m.level - 1
			for i >= 0 && m.caps[i].length != unfinished {
				i--
			}
			if i < 0 {
				m.L.RaiseError("invalid pattern capture")
			}
			m.caps[i].length = s - m.caps[i].start
			m.choices = append(m.choices, choice{item: closing, at: i})
		case again:
			i := int(n.c)
			if i >= m.level || m.caps[i].length == unfinished {
				m.L.RaiseError("invalid capture index")
			}
			c := m.caps[i]
			if ok = c.length >= 0 && strings.HasPrefix(src[s:], src[c.start:c.start+c.length]); ok {
				s += c.length
			}
		case balance:
			s = m.balanced(s, n.c, n.d)
			ok = s >= 0
		case frontier:
			var before, here byte
			if s > 0 {
				before = src[s-1]
			}
			if s < len(src) {
				here = src[s]
			}
			ok = !n.has(before) && n.has(here)
		case atEnd:
			ok = s == len(src)
		case faulty:
			m.L.RaiseError("%s", n.text)
		}
		pc++
		if !ok {
			if pc, s = m.back(); pc < 0 {
				return -1
			}
		}
	}
}

// longest is the end of the longest run of a class from s.
func (m *matcher) longest(n *node, s int) int {
	from := s
	switch {
	case n.any:
		return len(m.src)
	case n.set != nil:
		for s < len(m.src) && n.set[m.src[s]] {
			s++
		}
	default:
		for s < len(m.src) && m.src[s] == n.c {
			s++
		}
	}
	m.tick(s - from)
	return s
}

// back takes the match back to the last choice that was left open. The pc is -1 when there is none.
func (m *matcher) back() (pc, s int) {
	for len(m.choices) > 0 {
		m.tick(0)
		last := len(m.choices) - 1
		c := &m.choices[last]
		switch c.item {
		case open:
			m.level--
		case closing:
			m.caps[c.at].length = unfinished
		case optional:
			pc, s = c.pc, c.at
			m.choices = m.choices[:last]
			return pc, s
		case star: // one character less
			pc, s = c.pc, c.at
			if next := &m.pattern.nodes[pc]; next.item == one { // only where the next character fits
				from := s
				for s >= c.low && !next.has(m.src[s]) {
					s--
				}
				m.tick(from - s)
				if s < c.low {
					break
				}
			}
			if c.at = s - 1; c.at < c.low {
				m.choices = m.choices[:last]
			}
			return pc, s
		case minus: // one character more
			if c.at < len(m.src) && m.pattern.nodes[c.pc].has(m.src[c.at]) {
				c.at++
				return c.pc + 1, c.at
			}
		}
		m.choices = m.choices[:last]
	}
	return -1, 0
}

// balanced is the end of the text at s that starts with x, ends with y and holds as many of both, -1 without one.
func (m *matcher) balanced(s int, x, y byte) int {
	if s >= len(m.src) || m.src[s] != x {
		return -1
	}
	for i, depth := s+1, 1; i < len(m.src); i++ {
		switch m.src[i] {
		case y:
			if depth--; depth == 0 {
				m.tick(i - s)
				return i + 1
			}
		case x:
			depth++
		}
	}
	m.tick(len(m.src) - s)
	return -1
}

// captured is the value of capture i of the match from start to end; the whole match when there are no captures.
func (m *matcher) captured(i, start, end int) lua.LValue {
	if i >= m.level {
		if i != 0 {
			m.L.RaiseError("invalid capture index")
		}
		return lua.LString(m.src[start:end])
	}
	c := m.caps[i]
	switch c.length {
	case unfinished:
		m.L.RaiseError("unfinished capture")
	case isPosition:
		return lua.LNumber(c.start + 1)
	}
	return lua.LString(m.src[c.start : c.start+c.length])
}

// pushCaptures pushes every capture, or the whole match when there are none and whole is set, and returns how many.
func (m *matcher) pushCaptures(start, end int, whole bool) int {
	n := m.level
	if n == 0 && whole {
		n = 1
	}
	for i := range n {
		m.L.Push(m.captured(i, start, end))
	}
	return n
}
