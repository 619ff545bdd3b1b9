package check

import (
	"slices"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
)

// nearest is fault.Nearest for a file full of faults: the candidates that can't be near are left out by a cheap count
// of letters first, and what was asked before is remembered.
func (c *checker) nearest(name string, candidates []string) string {
	if c.asked == nil {
		c.asked = map[string]string{}
	}
	key := name + "\x00" + strings.Join(candidates[:min(len(candidates), 1)], "")
	if near, ok := c.asked[key]; ok && (near == "" || slices.Contains(candidates, near)) {
		return near
	}
	var left []string
	letters := countLetters(name)
	for _, candidate := range candidates {
		if letters.mayBeNear(countLetters(candidate)) || sameStart(name, candidate) {
			left = append(left, candidate)
		}
	}
	near := ""
	if len(left) > 0 {
		near = fault.Nearest(name, left)
	}
	c.asked[key] = near
	return near
}

// bag counts the letters and digits of a name, whatever their case.
type bag struct {
	count [36]int8
	total int
}

func countLetters(name string) bag {
	var b bag
	for _, r := range []byte(name) {
		switch {
		case r >= 'a' && r <= 'z':
			b.count[r-'a']++
		case r >= 'A' && r <= 'Z':
			b.count[r-'A']++
		case r >= '0' && r <= '9':
			b.count[26+r-'0']++
		default:
			continue
		}
		b.total++
	}
	return b
}

// mayBeNear tells whether so few letters differ that the edit distance can be within fault.Nearest's limit.
func (b bag) mayBeNear(o bag) bool {
	more, less := 0, 0
	for i := range b.count {
		if d := int(b.count[i]) - int(o.count[i]); d > 0 {
			more += d
		} else {
			less -= d
		}
	}
	return max(more, less) <= max(b.total, o.total)/3+1
}

func sameStart(a, b string) bool {
	return len(a) >= 2 && len(b) >= 2 && strings.EqualFold(a[:2], b[:2])
}
