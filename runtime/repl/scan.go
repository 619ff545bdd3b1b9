package repl

import "strings"

// place is where in half-typed Lua the cursor stands.
type place struct {
	frames []frame  // the brackets that are open, outermost first
	path   []string // the names before the word: "user" in user.imp
	colon  bool     // a colon is between them: the word is a method
	word   string   // the beginning of the word, or of the text of a string
	quote  byte     // of the string that is open, 0 outside
	call   string   // of a string right behind a name: user.get "al, or c:send
	blocks int      // the blocks that are open: function, if, do, repeat
}

// frame is an open bracket.
type frame struct {
	open byte
	call string   // what is called: "user.import" before ( or {, or "c:send"
	key  string   // the field whose value is being written
	used []string // the fields that are written
	arg  int      // the commas so far
	in   string   // the field of the frame around that this is the value of
}

// scanner reads half-typed Lua. It needs no complete syntax.
type scanner struct {
	text  string
	at    int
	p     place
	name  []string // the path of names that ends here
	dot   bool     // a . or : came behind it
	colon bool     // the last of these was a :
	long  string   // the end of the long string or comment that is open
}

// scan finds the place at the end of text.
func scan(text string) place {
	s := &scanner{}
	s.feed(text)
	if s.p.quote != 0 {
		return s.p
	}
	switch last := len(s.name) - 1; {
	case s.dot:
		s.p.path, s.p.colon = s.name, s.colon
	case last >= 0 && s.text != "" && isWord(s.text[len(s.text)-1]):
		s.p.path, s.p.word, s.p.colon = s.name[:last], s.name[last], s.colon
	}
	return s.p
}

// feed reads on. A piece of text that is no end ends with a line.
func (s *scanner) feed(text string) {
	s.text, s.at = text, 0
	for s.at < len(text) {
		s.token()
	}
}

// open tells whether something is open that must be closed.
func (s *scanner) open() bool { return len(s.p.frames) > 0 || s.p.blocks > 0 || s.long != "" }

func isWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}

func (s *scanner) top() *frame {
	if len(s.p.frames) == 0 {
		return nil
	}
	return &s.p.frames[len(s.p.frames)-1]
}

func (s *scanner) token() {
	c := s.text[s.at]
	rest := s.text[s.at:]
	if s.long != "" {
		end := s.long
		s.long = ""
		s.skipTo(rest, end)
		return
	}
	switch {
	case isWord(c):
		s.word()
		return
	case c == ' ' || c == '\t' || c == '\n':
		s.at++
		return
	case strings.HasPrefix(rest, "--"):
		s.comment(rest)
		return
	case c == '"' || c == '\'':
		s.quoted(c)
		return
	case strings.HasPrefix(rest, "[["):
		s.skipTo(rest, "]]")
		s.name = nil
		return
	}
	s.at++
	switch c {
	case '.', ':':
		s.dot, s.colon = len(s.name) > 0 && !s.dot, c == ':'
		if !s.dot {
			s.name = nil // a range of dots
		}
		return
	case '(', '{', '[':
		s.push(c)
	case ')', '}', ']':
		if len(s.p.frames) > 0 {
			s.p.frames = s.p.frames[:len(s.p.frames)-1]
		}
	case ',', ';':
		if f := s.top(); f != nil {
			f.key = ""
			f.arg++
		}
	case '=':
		s.assign(rest)
	}
	s.name, s.dot = nil, false
}

func (s *scanner) word() {
	start := s.at
	for s.at < len(s.text) && isWord(s.text[s.at]) {
		s.at++
	}
	word := s.text[start:s.at]
	switch word {
	case "function", "if", "do", "repeat":
		s.p.blocks++
	case "end", "until":
		s.p.blocks--
	}
	if !s.dot {
		s.name, s.colon = nil, false
	}
	s.name, s.dot = append(s.name, word), false
}

func (s *scanner) comment(rest string) {
	if strings.HasPrefix(rest, "--[[") {
		s.skipTo(rest, "]]")
		return
	}
	s.skipTo(rest, "\n")
}

func (s *scanner) skipTo(rest, end string) {
	if i := strings.Index(rest, end); i >= 0 {
		s.at += i + len(end)
		return
	}
	if end != "\n" {
		s.long = end
	}
	s.at = len(s.text)
}

func (s *scanner) quoted(quote byte) {
	start := s.at + 1
	for s.at = start; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case '\\':
			s.at++
		case quote, '\n':
			s.at++
			s.name, s.dot = nil, false
			return
		}
	}
	s.at = len(s.text)
	s.p.quote, s.p.word = quote, s.text[start:]
	s.p.call = s.called()
}

// called is the name that ends here: "user.add", or "c:send" of a method.
func (s *scanner) called() string {
	name := strings.Join(s.name, ".")
	if dot := strings.LastIndexByte(name, '.'); s.colon && dot >= 0 {
		return name[:dot] + ":" + name[dot+1:]
	}
	return name
}

func (s *scanner) push(open byte) {
	f := frame{open: open}
	if open != '[' {
		f.call = s.called()
	}
	if around := s.top(); around != nil {
		if f.in = around.key; f.call == "" && open == '{' && around.open == '(' && around.key == "" {
			f.call = around.call // user.add({…
		}
	}
	s.p.frames = append(s.p.frames, f)
}

// assign notes the field that a single = in a table sets.
func (s *scanner) assign(rest string) {
	if strings.HasPrefix(rest, "==") {
		s.at++
		return
	}
	if f := s.top(); f != nil && f.open == '{' && len(s.name) == 1 && f.key == "" {
		f.key = s.name[0]
		f.used = append(f.used, f.key)
	}
}
