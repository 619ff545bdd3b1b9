package check

import (
	"errors"
	"fmt"
	"strings"

	"github.com/yuin/gopher-lua/parse"
)

// explainSyntax says where a file can't be parsed and what was expected there. The parser itself only says near which
// word it stopped.
func (c *checker) explainSyntax(p *parse.Error) (place, string) {
	t := c.tokens
	if e, ok := t.err.(*parse.Error); ok && p.Message == e.Message { // not even a word: "unterminated string"
		return c.afterLast(), lower(e.Message)
	}
	bad := t.failing(p)
	if p.Message == "parse error" && len(t.list) > 0 {
		if bad < 0 {
			bad = len(t.list)
		}
		return t.at(max(bad-1, 0)), "an expression alone is no statement: a call or an assignment is expected"
	}
	if bad < 0 {
		message := "unexpected end of the file"
		if open, closer := t.open(len(t.list)); closer != "" {
			message += fmt.Sprintf(": '%s' is expected (to close '%s' in line %d)", closer, open.text, open.line)
		}
		return t.end(), message
	}
	message := "unexpected " + shown(t.list[bad])
	if strings.HasPrefix(p.Message, "ambiguous") {
		return t.at(bad), "a line that starts with ( after a call: put a ; before it, or join the lines"
	}
	_, closer := t.open(bad)
	alone := isClosing(t.list[bad]) && closer == ""
	switch expected := c.expected(bad, alone); {
	case expected != "":
		message += ": " + expected + " is expected before it"
	case alone:
		message += ": nothing that it could close is open"
	}
	return t.at(bad), message
}

// failing is the token at which the parser stopped, -1 at the end. The error has the position behind the token.
func (t *tokens) failing(p *parse.Error) int {
	if p.Pos.Line <= 0 {
		return -1
	}
	for i := len(t.list) - 1; i >= 0; i-- {
		at := t.list[i]
		if at.line < p.Pos.Line || at.line == p.Pos.Line && at.column <= p.Pos.Column {
			return i
		}
	}
	return -1
}

// expected finds, by trying, a word that lets the parser get past the token bad. A closing word with nothing
// to close can only lack a value before it.
func (c *checker) expected(bad int, alone bool) string {
	t := c.tokens
	words := []string{"then", "do", "end", ")", "}", "]", ",", "=", "in", "until true", "x", "= x", "x =", ", x"}
	switch {
	case alone && bad > 0 && operator(t.list[bad-1]):
		return "a value"
	case alone:
		return ""
	case bad > 0 && t.list[bad-1].line == t.list[bad].line:
		words = append([]string{","}, words...) // more likely than the end of the list
	}
	start := 0
	if bad > 1000 { // trying on all of a long file would take too long
		start = t.statementBefore(bad)
	}
	head, rest := text(t.list[start:bad]), text(t.list[bad:bad+1])
	for _, word := range words {
		_, err := parse.Parse(strings.NewReader(head+" "+word+" "+rest), "")
		var p *parse.Error
		if err != nil && (!errors.As(err, &p) || p.Pos.Line != parse.EOF) {
			continue
		}
		switch word {
		case "x", "x =":
			return "a name or a value"
		case "until true":
			word = "until"
		case "= x", ", x":
			word = word[:1]
		}
		if open, closer := t.open(bad); closer == word {
			return fmt.Sprintf("'%s' (to close '%s' in line %d)", word, open.text, open.line)
		}
		return "'" + word + "'"
	}
	return ""
}

// statementBefore is the start of a statement of the file itself that stands before token i, as far as that can be seen:
// a keyword in the first column.
func (t *tokens) statementBefore(i int) int {
	for i--; i > 0; i-- {
		if t.list[i].column == 1 && (t.is(i, "local") || t.is(i, "function") || t.is(i, "for") || t.is(i, "if")) {
			return i
		}
	}
	return 0
}

// open is the innermost word before token i that is still open, and the word that closes it; "" when there is none.
func (t *tokens) open(before int) (word token, closer string) {
	var open []token
	loop := false // the next do belongs to a for or while that is open already
	for _, tok := range t.list[:before] {
		if tok.kind == parse.TString {
			continue
		}
		switch tok.text {
		case "do":
			if !loop {
				open = append(open, tok)
			}
			loop = false
		case "for", "while":
			loop = true
			open = append(open, tok)
		case "function", "if", "repeat", "(", "{", "[":
			open = append(open, tok)
		case "end", "until", ")", "}", "]":
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
	}
	if len(open) == 0 {
		return token{}, ""
	}
	word = open[len(open)-1]
	switch word.text {
	case "repeat":
		return word, "until"
	case "(":
		return word, ")"
	case "{":
		return word, "}"
	case "[":
		return word, "]"
	}
	return word, "end"
}

func isClosing(tok token) bool {
	switch tok.text {
	case "end", "until", ")", "}", "]", "else", "elseif":
		return tok.kind != parse.TString
	}
	return false
}

// operator tells whether a token wants a value behind it.
func operator(tok token) bool {
	switch tok.text {
	case "=", "==", "~=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "^", "..", ",", "and", "or", "not", "return":
		return tok.kind != parse.TString
	}
	return false
}

// text is tokens as source again.
func text(list []token) string {
	var b strings.Builder
	for i, tok := range list {
		if i > 0 {
			b.WriteByte(" \n"[btoi(tok.line > list[i-1].line)])
		}
		if tok.kind == parse.TString {
			b.WriteString(`""`)
		} else {
			b.WriteString(tok.text)
		}
	}
	return b.String()
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func shown(tok token) string {
	if tok.kind == parse.TString {
		return "a string"
	}
	return "'" + tok.text + "'"
}

func lower(message string) string {
	if message == "" {
		return message
	}
	return strings.ToLower(message[:1]) + message[1:]
}
