package check

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/yuin/gopher-lua/parse"
)

// place is a position in the file, both counted from 1.
type place struct{ line, column int }

// token is a word, a mark, a number or a string; of a string, text is what it holds.
type token struct {
	kind         int // as in package parse
	text         string
	line, column int
}

// tokens are the words of a source in order. The syntax tree has lines but no columns, so that the column of a finding
// is that of the first fitting token of its line which no finding has taken yet. That is right unless one line holds
// the same name twice in the same role, the first time without fault.
type tokens struct {
	list  []token
	lines []string
	taken map[int]bool
	err   error // what ended the scan before the end of the source
}

// scan splits a source into tokens, as far as it goes.
func scan(source string) *tokens {
	t := &tokens{lines: strings.Split(source, "\n"), taken: map[int]bool{}, list: make([]token, 0, len(source)/5)}
	scanner, lexer := parse.NewScanner(strings.NewReader(source), ""), &parse.Lexer{}
	for {
		tok, err := scanner.Scan(lexer)
		if err != nil || tok.Type < 0 {
			t.err = err
			return t
		}
		lexer.PrevTokenType = tok.Type
		if tok.Type == '.' {
			tok.Str = "." // the scanner leaves it out
		}
		t.list = append(t.list, token{tok.Type, tok.Str, tok.Pos.Line, tok.Pos.Column})
	}
}

// is tells whether token i is this word or mark; a string is none.
func (t *tokens) is(i int, text string) bool {
	return i >= 0 && i < len(t.list) && t.list[i].text == text && t.list[i].kind != parse.TString
}

func (t *tokens) isString(i int, text string) bool {
	return i >= 0 && i < len(t.list) && t.list[i].kind == parse.TString && t.list[i].text == text
}

// from is the first token on a line or after it.
func (t *tokens) from(line int) int {
	return sort.Search(len(t.list), func(i int) bool { return t.list[i].line >= line })
}

// find is the first token at index i or after it that fits, -1 when there is none within the next thousand.
func (t *tokens) find(i int, fits func(i int) bool) int {
	for end := min(len(t.list), i+1000); i < end; i++ {
		if fits(i) {
			return i
		}
	}
	return -1
}

// findNew is find on a line for a token that no finding has taken.
func (t *tokens) findNew(line int, fits func(i int) bool) int {
	return t.find(t.from(line), func(i int) bool { return !t.taken[i] && fits(i) })
}

// take is the place of token i, which belongs to a finding from now on. Without a token it is the start of the line.
func (t *tokens) take(i, line int) place {
	if i < 0 || i >= len(t.list) {
		return t.start(line)
	}
	t.taken[i] = true
	return t.at(i)
}

// at is the place of token i.
func (t *tokens) at(i int) place {
	return t.place(t.list[i].line, t.list[i].column)
}

// place turns a column in bytes into one in characters.
func (t *tokens) place(line, column int) place {
	line, column = max(line, 1), max(column, 1)
	if line <= len(t.lines) && column-1 <= len(t.lines[line-1]) {
		column = utf8.RuneCountInString(t.lines[line-1][:column-1]) + 1
	}
	return place{line, column}
}

// start is the place of the first token of a line.
func (t *tokens) start(line int) place {
	if i := t.from(line); i < len(t.list) && t.list[i].line == line {
		return t.at(i)
	}
	return place{max(line, 1), 1}
}

// end is the place of the end of the source.
func (t *tokens) end() place {
	n := len(t.lines)
	for n > 1 && strings.TrimSpace(t.lines[n-1]) == "" {
		n--
	}
	return place{n, utf8.RuneCountInString(strings.TrimRight(t.lines[n-1], "\r")) + 1}
}

// variable is the place of a variable's name on a line.
func (t *tokens) variable(name string, line int) place {
	return t.take(t.findNew(line, func(i int) bool {
		return t.is(i, name) && !t.is(i-1, ".") && !t.is(i-1, ":")
	}), line)
}

// member is the token of a name behind a dot or a colon, or of the name as a string in brackets.
func (t *tokens) member(name string, line int) int {
	return t.findNew(line, func(i int) bool {
		return t.is(i, name) && (t.is(i-1, ".") || t.is(i-1, ":")) || t.isString(i, name) && t.is(i-1, "[")
	})
}

// field is the token of a field's name in a table: name = or ["name"] =. It is looked for from token i on.
func (t *tokens) field(name string, i int) int {
	return t.find(i, func(i int) bool {
		return !t.taken[i] && (t.is(i, name) && t.is(i+1, "=") || t.isString(i, name) && t.is(i-1, "[") && t.is(i+2, "="))
	})
}

// value is the token with which the value of the field at token i starts.
func (t *tokens) value(i int) int {
	if t.is(i+1, "]") {
		i++
	}
	return i + 2
}
