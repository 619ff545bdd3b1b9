package vm

import "strings"

// maxCaptures is how many captures a pattern may have, as in Lua 5.1.
const maxCaptures = 32

// item is what one piece of a pattern asks for.
type item uint8

const (
	one      item = iota // one character of a class
	star                 // any number of them, the most first
	plus                 // at least one, the most first
	minus                // any number, the fewest first
	optional             // one or none
	open                 // (
	place                // ()
	closing              // )
	again                // %1: what a capture caught
	balance              // %bxy
	frontier             // %f[set]
	atEnd                // $
	faulty               // a mistake in the pattern, raised when the match gets there
	accept               // the end of the pattern
)

// charset is a set of characters.
type charset [256]bool

// node is one item of a pattern. A class is set, or any character, or the character c.
type node struct {
	item item
	any  bool
	c, d byte // the character, the number of the capture, or the pair of %b
	set  *charset
	text string // of the mistake
}

func (n *node) has(b byte) bool {
	if n.set != nil {
		return n.set[b]
	}
	return n.any || n.c == b
}

// pattern is a Lua pattern made ready to be matched.
type pattern struct {
	nodes    []node
	anchored bool
	prefix   string   // every match starts with it
	first    *charset // every match starts with one of these, when there is no prefix
	run      *node    // a leading repeated class: a match that fails at its start fails in the whole run
}

// compilePattern reads a pattern. Mistakes are kept as items, because Lua finds them only when the match gets there.
// A caret anchors the match, except in gmatch.
func compilePattern(text string, anchors bool) *pattern {
	p := &pattern{nodes: make([]node, 0, len(text)+1)}
	if anchors && strings.HasPrefix(text, "^") {
		p.anchored, text = true, text[1:]
	}
	hasAgain := false
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '(' && strings.HasPrefix(text[i:], "()"):
			p.nodes = append(p.nodes, node{item: place})
			i += 2
			continue
		case c == '(':
			p.nodes = append(p.nodes, node{item: open})
			i++
			continue
		case c == ')':
			p.nodes = append(p.nodes, node{item: closing})
			i++
			continue
		case c == '$' && i+1 == len(text):
			p.nodes = append(p.nodes, node{item: atEnd})
			i++
			continue
		case c == '%' && i+1 < len(text) && text[i+1] == 'b':
			if i+3 >= len(text) {
				return p.fault("unbalanced pattern")
			}
			p.nodes = append(p.nodes, node{item: balance, c: text[i+2], d: text[i+3]})
			i += 4
			continue
		case c == '%' && i+1 < len(text) && text[i+1] == 'f':
			i += 2
			if i >= len(text) || text[i] != '[' {
				return p.fault("missing '[' after '%f' in pattern")
			}
			n, next := p.class(text, i)
			if next < 0 {
				return p
			}
			n.item = frontier
			p.nodes = append(p.nodes, n)
			i = next
			continue
		case c == '%' && i+1 < len(text) && isDigit(text[i+1]):
			p.nodes = append(p.nodes, node{item: again, c: text[i+1] - '1'})
			hasAgain = true
			i += 2
			continue
		}
		n, next := p.class(text, i)
		if next < 0 {
			return p
		}
		if next < len(text) {
			switch text[next] {
			case '*':
				n.item = star
			case '+':
				n.item = plus
			case '-':
				n.item = minus
			case '?':
				n.item = optional
			}
			if n.item != one {
				next++
			}
		}
		p.nodes = append(p.nodes, n)
		i = next
	}
	p.nodes = append(p.nodes, node{item: accept})
	p.hurry(hasAgain)
	return p
}

// fault ends the pattern with a mistake.
func (p *pattern) fault(text string) *pattern {
	p.nodes = append(p.nodes, node{item: faulty, text: text})
	return p
}

// class reads the class at i and returns the place behind it; -1 when it is a mistake, which is then kept.
func (p *pattern) class(text string, i int) (node, int) {
	switch c := text[i]; c {
	case '.':
		return node{any: true}, i + 1
	case '%':
		if i+1 == len(text) {
			p.fault("malformed pattern (ends with '%')")
			return node{}, -1
		}
		if set := namedClass(text[i+1]); set != nil {
			return node{set: set}, i + 2
		}
		return node{c: text[i+1]}, i + 2
	case '[':
		end := setEnd(text, i)
		if end < 0 {
			p.fault("malformed pattern (missing ']')")
			return node{}, -1
		}
		return node{set: readSet(text[i+1 : end])}, end + 1
	default:
		return node{c: c}, i + 1
	}
}

// setEnd is the place of the bracket that closes the set at i, -1 without one. A bracket right at its start is one of
// its characters.
func setEnd(text string, i int) int {
	i++
	if i < len(text) && text[i] == '^' {
		i++
	}
	for first := true; i < len(text); first = false {
		switch {
		case text[i] == ']' && !first:
			return i
		case text[i] == '%':
			i += 2
		default:
			i++
		}
	}
	return -1
}

// readSet reads what stands between the brackets of a set.
func readSet(text string) *charset {
	set := &charset{}
	negated := strings.HasPrefix(text, "^")
	if negated {
		text = text[1:]
	}
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '%' && i+1 < len(text):
			i++
			if named := namedClass(text[i]); named != nil {
				for b, in := range named {
					set[b] = set[b] || in
				}
			} else {
				set[text[i]] = true
			}
		case i+2 < len(text) && text[i+1] == '-':
			for b := int(text[i]); b <= int(text[i+2]); b++ {
				set[b] = true
			}
			i += 2
		default:
			set[text[i]] = true
		}
	}
	if negated {
		for b := range set {
			set[b] = !set[b]
		}
	}
	return set
}

// namedClass is the set of a class such as %a, nil when the letter names none.
func namedClass(letter byte) *charset {
	var in func(b byte) bool
	switch letter | 0x20 {
	case 'a':
		in = isLetter
	case 'c':
		in = func(b byte) bool { return b < 32 || b == 127 }
	case 'd':
		in = isDigit
	case 'l':
		in = func(b byte) bool { return b >= 'a' && b <= 'z' }
	case 'p':
		in = func(b byte) bool { return b > 32 && b < 127 && !isLetter(b) && !isDigit(b) }
	case 's':
		in = isSpace
	case 'u':
		in = func(b byte) bool { return b >= 'A' && b <= 'Z' }
	case 'w':
		in = func(b byte) bool { return isLetter(b) || isDigit(b) }
	case 'x':
		in = func(b byte) bool { return isDigit(b) || b|0x20 >= 'a' && b|0x20 <= 'f' }
	case 'z':
		in = func(b byte) bool { return b == 0 }
	}
	if in == nil || !isLetter(letter) {
		return nil
	}
	negated := letter < 'a'
	set := &charset{}
	for b := range set {
		set[b] = in(byte(b)) != negated
	}
	return set
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }
func isDigit(b byte) bool  { return b >= '0' && b <= '9' }
func isSpace(b byte) bool  { return b == ' ' || b >= 9 && b <= 13 }

// hurry finds what lets a search pass over places where no match can start.
func (p *pattern) hurry(hasAgain bool) {
	i := 0
	for p.nodes[i].item == open || p.nodes[i].item == place {
		i++
	}
	var prefix []byte
	for j := i; p.nodes[j].item == one && p.nodes[j].set == nil && !p.nodes[j].any; j++ {
		prefix = append(prefix, p.nodes[j].c)
	}
	lead := &p.nodes[i]
	switch lead.item {
	case star, plus, minus:
		if !hasAgain {
			p.run = lead
		}
	}
	switch {
	case len(prefix) > 0:
		p.prefix = string(prefix)
	case lead.item == plus && lead.set == nil && !lead.any:
		p.prefix = string(lead.c)
	case lead.item == one || lead.item == plus:
		p.first = lead.set
	}
}
