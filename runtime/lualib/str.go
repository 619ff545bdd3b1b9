package lualib

import (
	"slices"
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

func (k *kit) str() Module {
	s := Param{Name: "s", Type: "string", Doc: "the text"}
	part := Param{Name: "part", Type: "string", Doc: "what to look for, as it is: no pattern"}
	text, truth, list := []Return{{"", "string", ""}}, []Return{{"", "boolean", ""}}, []Return{{"", "string[]", ""}}
	cut := Param{Name: "chars", Type: "string", Optional: true, Doc: "the characters to take away, by default white space"}
	m := Module{
		Name: "str", Doc: "Text. Nothing here takes Lua patterns unless it says so, every function takes time in proportion to the text, and the length, parts and " +
			"width of a text are those of UTF-8 characters, not of bytes.",
		Funcs: []Func{
			{Name: "split", Doc: "Splits a text at a separator; empty parts are kept. Without a separator it gives the words.",
				Example: "print(str.join(str.split(\"a,b,,c\", \",\"), \"|\"))  --> a|b||c\nprint(#str.split(\" two  words \"))  --> 2\n" +
					"print(str.join(str.split(\"a1b22c\", \"%d+\", {plain = false}), \"|\"))  --> a|b|c",
				Params: []Param{s, {Name: "sep", Type: "string", Optional: true, Doc: "the separator"},
					{Name: "options", Type: "table", Optional: true, Doc: "how", Fields: []Param{
						{Name: "limit", Type: "integer", Optional: true, Doc: "at most this many parts; the last holds the rest"},
						{Name: "plain", Type: "boolean", Optional: true, Doc: "false makes the separator a Lua pattern"},
					}}}, Returns: list, Run: strSplit},
			{Name: "join", Doc: "Joins the values of a list; numbers, true and false are written out.",
				Example: "print(str.join({\"a\", 1, true}, \"-\"))  --> a-1-true",
				Params:  []Param{{Name: "list", Type: "any[]", Doc: "what to join"}, {Name: "sep", Type: "string", Optional: true, Doc: "what stands between, by default nothing"}},
				Returns: text, Run: strJoin},
			{Name: "lines", Doc: "Splits a text into its lines, however they end; a line break at the end makes no empty line.",
				Example: "print(#str.lines(\"a\\nb\\r\\nc\\n\"))  --> 3", Params: []Param{s}, Returns: list,
				Run: func(c *Call) (any, error) {
					out := []string{}
					for line := range strings.Lines(c.Text("s", "")) {
						out = append(out, strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"))
					}
					return out, nil
				}},
			{Name: "trim", Doc: "Takes white space, or the characters given, away from both ends.", Params: []Param{s, cut}, Returns: text,
				Example: "print(\"[\" .. str.trim(\"  a \") .. \"]\", str.trim(\"--a--\", \"-\"))  --> [a]\ta",
				Run:     func(c *Call) (any, error) { return trim(c, true, true), nil }},
			{Name: "ltrim", Doc: "Takes white space, or the characters given, away from the beginning.", Params: []Param{s, cut}, Returns: text,
				Example: "print(\"[\" .. str.ltrim(\"  a \") .. \"]\")  --> [a ]", Run: func(c *Call) (any, error) { return trim(c, true, false), nil }},
			{Name: "rtrim", Doc: "Takes white space, or the characters given, away from the end.", Params: []Param{s, cut}, Returns: text,
				Example: "print(\"[\" .. str.rtrim(\"  a \") .. \"]\")  --> [  a]", Run: func(c *Call) (any, error) { return trim(c, false, true), nil }},
			{Name: "starts_with", Doc: "Tells whether a text begins with another.", Params: []Param{s, part}, Returns: truth,
				Example: "print(str.starts_with(\"user_1\", \"user_\"))  --> true",
				Run:     func(c *Call) (any, error) { return strings.HasPrefix(c.Text("s", ""), c.Text("part", "")), nil }},
			{Name: "ends_with", Doc: "Tells whether a text ends with another.", Params: []Param{s, part}, Returns: truth,
				Example: "print(str.ends_with(\"a.csv\", \".csv\"))  --> true",
				Run:     func(c *Call) (any, error) { return strings.HasSuffix(c.Text("s", ""), c.Text("part", "")), nil }},
			{Name: "contains", Doc: "Tells whether a text holds another.", Params: []Param{s, part}, Returns: truth,
				Example: "print(str.contains(\"a.b\", \".\"), str.contains(\"ab\", \".\"))  --> true\tfalse",
				Run:     func(c *Call) (any, error) { return strings.Contains(c.Text("s", ""), c.Text("part", "")), nil }},
			{Name: "count", Doc: "Counts how often a text holds another.", Params: []Param{s, part}, Returns: []Return{{"", "integer", ""}},
				Example: "print(str.count(\"a.b.c\", \".\"))  --> 2",
				Run: func(c *Call) (any, error) {
					if c.Text("part", "") == "" {
						return nil, c.Wrong("part", "it is empty")
					}
					return strings.Count(c.Text("s", ""), c.Text("part", "")), nil
				}},
			{Name: "replace", Doc: "Replaces every occurrence of a text, or the first so many.",
				Example: "print(str.replace(\"1.2.3\", \".\", \"-\"), str.replace(\"1.2.3\", \".\", \"-\", 1))  --> 1-2-3\t1-2.3",
				Params:  []Param{s, {Name: "old", Type: "string", Doc: "what to replace, as it is"}, {Name: "new", Type: "string", Doc: "what to put there"}, {Name: "limit", Type: "integer", Optional: true, Doc: "at most this often"}},
				Returns: text, Run: func(c *Call) (any, error) {
					if c.Text("old", "") == "" {
						return nil, c.Wrong("old", "it is empty")
					}
					return strings.Replace(c.Text("s", ""), c.Text("old", ""), c.Text("new", ""), c.Int("limit", -1)), nil
				}},
			{Name: "escape_pattern", Doc: "Makes a Lua pattern that matches exactly this text.", Params: []Param{s}, Returns: text,
				Example: "print(str.escape_pattern(\"a.b*\"))  --> a%.b%*", Run: strEscape},
			{Name: "upper", Doc: "The text in capitals, of every alphabet.", Params: []Param{s}, Returns: text,
				Example: "print(str.upper(\"été\"))  --> ÉTÉ", Run: func(c *Call) (any, error) { return strings.ToUpper(c.Text("s", "")), nil }},
			{Name: "lower", Doc: "The text in small letters, of every alphabet.", Params: []Param{s}, Returns: text,
				Example: "print(str.lower(\"ÉTÉ\"))  --> été", Run: func(c *Call) (any, error) { return strings.ToLower(c.Text("s", "")), nil }},
			{Name: "random", Doc: "Makes a random text from the system's random source.",
				Example: "print(#str.random(12), (str.random(8, \"ab\"):gsub(\"[ab]\", \"\")))  --> 12\t",
				Params:  []Param{{Name: "length", Type: "integer", Doc: "how many characters"}, {Name: "alphabet", Type: "string", Optional: true, Doc: "of which, by default letters and digits"}},
				Returns: text, Run: k.strRandom},
		},
	}
	m.Funcs = append(m.Funcs, characterFuncs(s)...)
	return m
}

func trim(c *Call, left, right bool) string {
	s, chars := c.Text("s", ""), c.Text("chars", " \t\r\n\v\f\u00a0\u3000\u2003\u2002\u2009")
	if left {
		s = strings.TrimLeft(s, chars)
	}
	if right {
		s = strings.TrimRight(s, chars)
	}
	return s
}

func strSplit(c *Call) (any, error) {
	s, limit := c.Text("s", ""), c.Int("limit", -1)
	if c.Given("limit") && limit < 1 {
		return nil, c.Wrong("limit", "want at least 1, got %d", limit)
	}
	if !c.Given("sep") {
		words := strings.Fields(s)
		if limit > 0 && len(words) > limit {
			return nil, c.Wrong("limit", "there is no limit when a text is split into words")
		}
		return words, nil
	}
	sep := c.Text("sep", "")
	switch {
	case sep == "":
		return nil, c.Wrong("sep", "it is empty; str.chars gives the characters")
	case !c.Bool("plain", true):
		return splitPattern(c, s, sep, limit)
	}
	return strings.SplitN(s, sep, limit), nil
}

// splitPattern splits at a Lua pattern, by the VM's own string.find.
func splitPattern(c *Call, s, pattern string, limit int) (any, error) {
	find := c.L.GetField(c.L.GetGlobal("string"), "find")
	out := []string{}
	from := 1
	for limit < 0 || len(out) < limit-1 {
		c.L.Push(find)
		c.L.Push(lua.LString(s))
		c.L.Push(lua.LString(pattern))
		c.L.Push(lua.LNumber(from))
		c.L.Call(3, 2)
		start, end := c.L.Get(-2), c.L.Get(-1)
		c.L.Pop(2)
		if start == lua.LNil {
			break
		}
		i, j := int(start.(lua.LNumber)), int(end.(lua.LNumber))
		if j < i {
			return nil, c.Wrong("sep", "the pattern %q matches nothing at all, an empty text", pattern)
		}
		out = append(out, s[from-1:i-1])
		from = j + 1
	}
	return append(out, s[from-1:]), nil
}

func strJoin(c *Call) (any, error) {
	var b strings.Builder
	for i, v := range c.List("list") {
		if i > 0 {
			b.WriteString(c.Text("sep", ""))
		}
		switch v.(type) {
		case value.List, *value.Object, value.Null:
			return nil, c.Wrong("list", "entry %d: want a text or a number, got %s", i+1, value.Describe(v))
		}
		b.WriteString(value.Text(v))
	}
	return b.String(), nil
}

func strEscape(c *Call) (any, error) {
	var b strings.Builder
	for _, r := range []byte(c.Text("s", "")) {
		switch {
		case r == 0:
			b.WriteString("%z")
			continue
		case strings.IndexByte("^$()%.[]*+-?", r) >= 0:
			b.WriteByte('%')
		}
		b.WriteByte(r)
	}
	return b.String(), nil
}

func (k *kit) strRandom(c *Call) (any, error) {
	n := c.Int("length", 0)
	if n < 0 || n > 1<<20 {
		return nil, c.Wrong("length", "want 0 to %d, got %d", 1<<20, n)
	}
	alphabet := []rune(c.Text("alphabet", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"))
	if len(alphabet) == 0 || len(alphabet) > 256 {
		return nil, c.Wrong("alphabet", "want 1 to 256 characters, got %d", len(alphabet))
	}
	fair := 256 - 256%len(alphabet) // bytes from here on would favour the first letters
	out := make([]rune, 0, n)
	buf := make([]byte, n+16)
	for len(out) < n {
		if _, err := k.Rand.Read(buf); err != nil {
			return nil, fault.New(fault.Internal, "reading random bytes: %w", err)
		}
		for _, b := range buf {
			if int(b) < fair && len(out) < n {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out), nil
}

// characters are the characters of a text; a byte that is no UTF-8 counts as one.
func characters(s string) []string {
	out := make([]string, 0, len(s))
	for len(s) > 0 {
		_, n := utf8.DecodeRuneInString(s)
		out = append(out, s[:n])
		s = s[n:]
	}
	return slices.Clip(out)
}
