package repl

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/runtime/vm"
)

const (
	maxItems = 100                    // more than that nobody reads, and the editor would ask first
	idWait   = 400 * time.Millisecond // ids are offered when they come so fast
)

// item is what a word can become. If it is the only one, more follows it: a bracket, a quote.
type item struct{ text, more string }

// complete is called by the line editor when Tab is pressed.
func (t *terminal) complete(line string, pos int) (head string, items []string, tail string) {
	runes := []rune(line)
	before := string(runes[:pos])
	text := typedForm.Replace(before)
	if t.before != "" {
		text = t.before + "\n" + text
	}
	word, found := t.s.candidates(text)
	if !strings.HasSuffix(before, word) {
		return before, nil, string(runes[pos:])
	}
	var fitting []item
	for _, i := range found {
		if strings.HasPrefix(i.text, word) && !slices.ContainsFunc(fitting, func(o item) bool { return o.text == i.text }) {
			fitting = append(fitting, i)
		}
	}
	if len(fitting) == 1 {
		items = []string{fitting[0].text + fitting[0].more}
	} else {
		for _, i := range fitting[:min(len(fitting), maxItems)] {
			items = append(items, i.text)
		}
	}
	return strings.TrimSuffix(before, word), items, string(runes[pos:])
}

// candidates are the word that ends text and what it could become; the caller keeps those that begin so.
func (s *session) candidates(text string) (word string, found []item) {
	if rest, ok := strings.CutPrefix(text, ":"); ok && !strings.Contains(text, "\n") {
		return s.commandItems(rest)
	}
	if word, ok := strings.CutPrefix(text, "help "); ok {
		return word, s.topics(word)
	}
	p := scan(text)
	if p.quote != 0 {
		return p.word, s.stringItems(p)
	}
	fields, key := s.fieldsAt(p)
	if len(p.path) == 0 && key == nil && fields != nil {
		if found := fieldItems(fields, p); slices.ContainsFunc(found, func(i item) bool { return strings.HasPrefix(i.text, p.word) }) {
			return p.word, found
		}
	}
	if len(p.path) == 0 && key != nil {
		found = valueItems(*key)
	}
	if len(p.path) > 0 || p.word != "" {
		return p.word, append(found, s.names(p)...)
	}
	if len(found) == 0 && strings.TrimSpace(text) == "" {
		for _, a := range s.Areas {
			found = append(found, item{a.Name, "."})
		}
	}
	return p.word, found
}

func (s *session) commandItems(rest string) (word string, found []item) {
	name, arg, hasArg := strings.Cut(rest, " ")
	if !hasArg {
		for _, c := range s.commands() {
			more := ""
			if strings.Contains(c.usage, " ") {
				more = " "
			}
			found = append(found, item{c.name, more})
		}
		return name, found
	}
	switch name {
	case "as":
		found = plainItems(s.forms())
	case "time":
		found = plainItems([]string{"on", "off"})
	case "context":
		found = plainItems(s.Host.Contexts())
	case "load", "save", "save!":
		found = s.files(arg, "")
	case "help":
		found = s.topics(arg)
	}
	return arg, found
}

func plainItems(names []string) []item {
	var out []item
	for _, n := range names {
		out = append(out, item{n, ""})
	}
	return out
}

// topics are what help explains: areas, operations, and the methods of a handle once a colon is behind it.
func (s *session) topics(word string) []item {
	var out []item
	if name, _, colon := strings.Cut(word, ":"); colon {
		area, _ := vm.HandleArea(s.lua.Value(strings.Split(name, ".")))
		for _, op := range area.Methods() {
			out = append(out, item{name + ":" + op.Name, ""})
		}
		return out
	}
	for _, a := range s.Areas {
		out = append(out, item{a.Name, ""})
		for _, op := range a.All() {
			out = append(out, item{op.FullName(), ""})
		}
	}
	return out
}

// names are the variables, or the members of what a path names; behind a colon only what can be called.
func (s *session) names(p place) []item {
	path, before := p.path, strings.Join(p.path, ".")
	if p.colon {
		before += ":"
	} else {
		before += "."
	}
	var out []item
	for _, n := range s.lua.Names(path) {
		if p.colon && !n.Call {
			continue
		}
		more := ""
		if n.Call {
			more = "("
		}
		if params, ok := s.paramsOf(before + n.Text); ok {
			more = "{"
			if len(params) == 0 {
				more = "()"
			}
		}
		if len(path) == 0 && slices.ContainsFunc(s.Areas, func(a bindings.Area) bool { return a.Name == n.Text }) {
			more = "."
		}
		out = append(out, item{n.Text, more})
	}
	if len(path) == 0 {
		for _, k := range []string{"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local",
			"nil", "not", "or", "repeat", "return", "then", "true", "until", "while"} {
			out = append(out, item{k, ""})
		}
	}
	return out
}

// fieldsAt are the fields of the table of parameters that the place is in, and the one whose value is being written.
func (s *session) fieldsAt(p place) (fields []bindings.Param, key *bindings.Param) {
	for _, f := range p.frames {
		switch params, ok := s.paramsOf(f.call); {
		case ok && f.open == '{':
			fields = params
		case ok && f.open == '(':
			fields = nil
			key = paramAt(params, f.arg+1)
			continue
		case f.open == '{' && key != nil && f.in == key.Name:
			fields = key.Fields
		case f.open == '{' && key != nil && f.in == "": // an object in a list of objects, or a list
			continue
		default:
			fields = nil
		}
		key = nil
		for i := range fields {
			if fields[i].Name == f.key {
				key = &fields[i]
			}
		}
	}
	return fields, key
}

// paramsOf are the parameters of what is called: "user.add", or "c:send" of a handle.
func (s *session) paramsOf(call string) ([]bindings.Param, bool) {
	if name, method, colon := strings.Cut(call, ":"); colon {
		area, _ := vm.HandleArea(s.lua.Value(strings.Split(name, ".")))
		for _, op := range area.Methods() {
			if op.Name == method {
				return op.MethodParams(), true
			}
		}
		return nil, false
	}
	for _, area := range s.Areas {
		if name, ok := strings.CutPrefix(call, area.Name+"."); ok {
			op, ok := area.Find(name)
			if !ok {
				return nil, false
			}
			return op.Params(), true
		}
	}
	return nil, false
}

func paramAt(params []bindings.Param, n int) *bindings.Param {
	var last *bindings.Param
	for _, p := range params {
		if p.Arg == n || p.Variadic && p.Arg < n {
			last = &p
		}
	}
	return last
}

func fieldItems(fields []bindings.Param, p place) []item {
	used := p.frames[len(p.frames)-1].used
	var out []item
	for _, f := range fields {
		if !slices.Contains(used, f.Name) {
			out = append(out, item{f.Name, "="})
		}
	}
	return out
}

// valueItems are the values of a field that is a choice.
func valueItems(f bindings.Param) []item {
	if f.Type == bindings.Bool {
		return plainItems([]string{"true", "false"})
	}
	var out []item
	for _, e := range f.Enum {
		out = append(out, item{`"` + e + `"`, ""})
	}
	return out
}

// stringItems are what the text of a string could be: a choice, an id, a file.
func (s *session) stringItems(p place) []item {
	quote := string(p.quote)
	_, key := s.fieldsAt(p)
	call := p.call
	if f := len(p.frames) - 1; call == "" && f >= 0 && p.frames[f].open == '(' {
		call = p.frames[f].call
	} else if params, ok := s.paramsOf(call); ok {
		key = paramAt(params, 1)
	}
	switch {
	case key != nil && len(key.Enum) > 0:
		var out []item
		for _, e := range key.Enum {
			out = append(out, item{e, quote})
		}
		return out
	case key != nil && IDsOf(*key) != "":
		ctx, cancel := context.WithTimeout(s.root, idWait)
		defer cancel()
		var out []item
		for _, id := range s.Host.IDs(ctx, IDsOf(*key)) {
			out = append(out, item{id, quote})
		}
		return out
	case key != nil && strings.Contains(key.Help, "file"),
		slices.Contains([]string{"dofile", "loadfile", "io.open", "io.lines", "io.input", "io.output"}, call),
		strings.HasPrefix(p.word, "./"), strings.HasPrefix(p.word, "../"), strings.HasPrefix(p.word, "/"):
		return s.files(p.word, quote)
	}
	return nil
}

// IDsOf is the area whose ids a field holds, by its name: ownerUserID, groupIDs, userID1, sendID; "" when it holds none.
func IDsOf(p bindings.Param) string {
	if p.Type != bindings.String && p.Type != bindings.Strings || len(p.Enum) > 0 {
		return ""
	}
	name := strings.TrimRight(strings.ToLower(p.Name), "0123456789")
	name = strings.TrimSuffix(strings.TrimSuffix(name, "list"), "s")
	switch {
	case strings.HasSuffix(name, "userid"), name == "sendid", name == "recvid", name == "friendid", name == "blackid":
		return "user"
	case strings.HasSuffix(name, "groupid"):
		return "group"
	}
	return ""
}

// files are the files that a path could become; a folder is not the end of one.
func (s *session) files(path, quote string) []item {
	dir, name := filepath.Split(path)
	look := home(dir, s.Getenv)
	if look == "" {
		look = "."
	}
	entries, err := os.ReadDir(look)
	if err != nil {
		return nil
	}
	var out []item
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(name, ".") {
			continue
		}
		info, err := os.Stat(filepath.Join(look, e.Name()))
		if err == nil && info.IsDir() {
			out = append(out, item{dir + e.Name() + "/", ""})
			continue
		}
		out = append(out, item{dir + e.Name(), quote})
	}
	return out
}
