package lualib

import (
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// characterFuncs are the functions of str that work on UTF-8 characters.
func characterFuncs(s Param) []Func {
	text := []Return{{"", "string", ""}}
	return []Func{
		{Name: "len", Doc: "The number of characters.", Example: "print(str.len(\"héllo\"), str.len(\"你好\"))  --> 5\t2",
			Params: []Param{s}, Returns: []Return{{"", "integer", ""}},
			Run: func(c *Call) (any, error) { return utf8.RuneCountInString(c.Text("s", "")), nil }},
		{Name: "sub", Doc: "The characters from one place to another, as string.sub does with bytes: negative places count from the end.",
			Example: "print(str.sub(\"你好吗\", 2), str.sub(\"hello\", -3, -2))  --> 好吗\tll",
			Params:  []Param{s, {Name: "from", Type: "integer", Doc: "the first character"}, {Name: "to", Type: "integer", Optional: true, Doc: "the last one, by default the text's last"}},
			Returns: text, Run: strSub},
		{Name: "chars", Doc: "The characters as a list.", Example: "print(#str.chars(\"你好\"), str.chars(\"ab\")[2])  --> 2\tb",
			Params: []Param{s}, Returns: []Return{{"", "string[]", ""}}, Run: func(c *Call) (any, error) { return characters(c.Text("s", "")), nil }},
		{Name: "valid", Doc: "Tells whether the text is UTF-8.", Example: "print(str.valid(\"é\"), str.valid(\"\\255\"))  --> true\tfalse",
			Params: []Param{s}, Returns: []Return{{"", "boolean", ""}}, Run: func(c *Call) (any, error) { return utf8.ValidString(c.Text("s", "")), nil }},
		{Name: "width", Doc: "The columns that the text takes on a terminal: Chinese letters and emoji take two.",
			Example: "print(str.width(\"ab\"), str.width(\"你好\"))  --> 2\t4",
			Params:  []Param{s}, Returns: []Return{{"", "integer", ""}}, Run: func(c *Call) (any, error) { return measure().StringWidth(c.Text("s", "")), nil }},
		{Name: "pad", Doc: "Fills a text up to a width on a terminal; a wider one stays as it is.",
			Example: "print(str.pad(\"你\", 4) .. \"|\", str.pad(\"7\", 3, {side = \"left\", with = \"0\"}))  --> 你  |\t007",
			Params: []Param{s, {Name: "width", Type: "integer", Doc: "the columns"}, {Name: "options", Type: "table", Optional: true, Doc: "how", Fields: []Param{
				{Name: "side", Type: "string", Optional: true, Doc: "where to fill: right (the default), left or both"},
				{Name: "with", Type: "string", Optional: true, Doc: "the character to fill with, by default a space"},
			}}}, Returns: text, Run: strPad},
		{Name: "truncate", Doc: "Cuts a text to a width on a terminal and marks the cut.",
			Example: "print(str.truncate(\"hello world\", 8))  --> hello w…",
			Params:  []Param{s, {Name: "width", Type: "integer", Doc: "the columns"}, {Name: "mark", Type: "string", Optional: true, Doc: "what stands for the rest, by default …"}},
			Returns: text, Run: func(c *Call) (any, error) {
				mark := c.Text("mark", "…")
				if c.Int("width", 0) < measure().StringWidth(mark) {
					return nil, c.Wrong("width", "want at least the width of the mark %q, got %d", mark, c.Int("width", 0))
				}
				return measure().Truncate(c.Text("s", ""), c.Int("width", 0), mark), nil
			}},
	}
}

// measure is the rule for the width of text: it does not look at the locale.
func measure() *runewidth.Condition { return &runewidth.Condition{StrictEmojiNeutral: true} }

func strSub(c *Call) (any, error) {
	chars := characters(c.Text("s", ""))
	n := len(chars)
	from, to := c.Int("from", 1), c.Int("to", -1)
	if from < 0 {
		from += n + 1
	}
	if to < 0 {
		to += n + 1
	}
	from, to = max(from, 1), min(to, n)
	if from > to {
		return "", nil
	}
	return strings.Join(chars[from-1:to], ""), nil
}

func strPad(c *Call) (any, error) {
	s, with := c.Text("s", ""), c.Text("with", " ")
	if measure().StringWidth(with) != 1 {
		return nil, c.Wrong("with", "want one character of width 1, got %q", with)
	}
	width := c.Int("width", 0)
	if width > 1<<20 {
		return nil, c.Wrong("width", "%d columns are too many", width)
	}
	fill := max(0, width-measure().StringWidth(s))
	switch side := c.Text("side", "right"); side {
	case "right":
		return s + strings.Repeat(with, fill), nil
	case "left":
		return strings.Repeat(with, fill) + s, nil
	case "both":
		return strings.Repeat(with, fill/2) + s + strings.Repeat(with, fill-fill/2), nil
	default:
		return nil, c.Wrong("side", "want left, right or both, got %q", side)
	}
}
