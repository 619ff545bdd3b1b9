package check

import (
	"strings"

	"github.com/yuin/gopher-lua/parse"
)

// afterLast is the place of the first thing behind the last good token: where the one begins that is no token.
func (c *checker) afterLast() place {
	rest := c.source
	if n := len(c.tokens.list); n > 0 {
		rest = c.source[c.offsetBehind(n-1):]
	}
	for {
		rest = strings.TrimLeft(rest, " \t\r\n")
		if !strings.HasPrefix(rest, "--") || strings.HasPrefix(rest, "--[[") || strings.HasPrefix(rest, "--[=") {
			break
		}
		_, rest, _ = strings.Cut(rest, "\n") // a comment
	}
	before := c.source[:len(c.source)-len(rest)]
	start := strings.LastIndexByte(before, '\n') + 1
	return c.tokens.place(strings.Count(before, "\n")+1, len(before)-start+1)
}

// offsetBehind is where token i ends in the source.
func (c *checker) offsetBehind(i int) int {
	tok := c.tokens.list[i]
	start := 0
	for range tok.line - 1 {
		start += strings.IndexByte(c.source[start:], '\n') + 1
	}
	start = min(start+max(tok.column-1, 0), len(c.source))
	if tok.kind != parse.TString {
		return min(start+len(tok.text), len(c.source))
	}
	text := c.source[start:]
	if !strings.HasPrefix(text, "[") {
		for n := 1; n < len(text); n++ {
			switch text[n] {
			case '\\':
				n++
			case text[0]:
				return start + n + 1
			}
		}
		return len(c.source)
	}
	open := text[:strings.IndexByte(text[1:], '[')+2]
	end := strings.Index(text, strings.ReplaceAll(open, "[", "]"))
	if end < 0 {
		return len(c.source)
	}
	return start + end + len(open)
}
