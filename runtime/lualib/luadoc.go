package lualib

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/openimsdk/imctl/stdlib"
)

// Shipped reads the declaration of a module that is written in Lua, such as tbl, out of its comments, those of its
// parts (tbl_lists.lua) included: the first lines are the module's, and before each function its own, with an example
// in a ```lua block and LuaCATS annotations; before a value what it is and its @type.
func Shipped(name string) (Module, error) {
	text, err := fs.ReadFile(stdlib.FS, name+".lua")
	if err != nil {
		return Module{}, err
	}
	parts, err := fs.Glob(stdlib.FS, name+"_*.lua")
	if err != nil {
		return Module{}, err
	}
	for _, part := range parts {
		more, err := fs.ReadFile(stdlib.FS, part)
		if err != nil {
			return Module{}, err
		}
		text = append(append(text, '\n'), more...)
	}
	return parseDoc(name, string(text)), nil
}

// parseDoc reads the declarations out of a module's source.
func parseDoc(name, text string) Module {
	function := regexp.MustCompile(`^function ` + regexp.QuoteMeta(name) + `\.(\w+)\(([^)]*)\)`)
	constant := regexp.MustCompile(`^` + regexp.QuoteMeta(name) + `\.(\w+) = `)
	m := Module{Name: name}
	var block []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "---") {
			block = append(block, strings.TrimPrefix(line, "---"))
			continue
		}
		if f := function.FindStringSubmatch(line); f != nil {
			m.Funcs = append(m.Funcs, docFunc(f[1], block))
		} else if c := constant.FindStringSubmatch(line); c != nil && len(block) > 0 {
			m.Consts = append(m.Consts, docConst(c[1], block))
		} else if m.Doc == "" && len(block) > 0 {
			m.Doc = docFunc("", block).Doc
		}
		block = nil
	}
	slices.SortFunc(m.Funcs, func(a, b Func) int { return strings.Compare(a.Name, b.Name) })
	return m
}

// docFunc reads the comment of one function.
func docFunc(name string, block []string) Func {
	f := Func{Name: name}
	var doc, example []string
	fenced := false
	for _, line := range block {
		annotation, isAnnotation := strings.CutPrefix(line, "@")
		text := strings.TrimPrefix(line, " ")
		switch {
		case isAnnotation:
			f.annotate(annotation)
		case strings.HasPrefix(text, "```"):
			fenced = !fenced
		case fenced:
			example = append(example, text)
		default:
			doc = append(doc, strings.TrimSpace(text))
		}
	}
	f.Doc, f.Example = strings.Join(doc, " "), strings.Join(example, "\n")
	return f
}

// docConst reads the comment of a value: what it is, and "@type type".
func docConst(name string, block []string) Const {
	c := Const{Name: name, Type: "any"}
	var doc []string
	for _, line := range block {
		if typ, ok := strings.CutPrefix(line, "@type "); ok {
			c.Type = typ
		} else {
			doc = append(doc, strings.TrimSpace(line))
		}
	}
	c.Doc = strings.Join(doc, " ")
	return c
}

// annotate reads one LuaCATS annotation: "param name? type words", "return type name".
func (f *Func) annotate(text string) {
	kind, rest, _ := strings.Cut(text, " ")
	switch kind {
	case "param":
		name, rest, _ := strings.Cut(rest, " ")
		typ, doc := cutType(rest)
		bare, optional := strings.CutSuffix(name, "?")
		f.Params = append(f.Params, Param{Name: bare, Type: typ, Optional: optional || bare == "...", Doc: doc, Raw: true})
	case "return":
		typ, name := cutType(rest)
		f.Returns = append(f.Returns, Return{Type: typ, Name: name})
	}
}

// cutType splits a type from the words behind it; spaces inside brackets belong to the type, as does a function's result.
func cutType(text string) (typ, rest string) {
	depth := 0
	for i, r := range text {
		switch r {
		case '(', '<', '{', '[':
			depth++
		case ')', '>', '}', ']':
			depth--
		case ' ':
			if depth == 0 && !strings.HasSuffix(text[:i], ":") {
				return text[:i], strings.TrimSpace(text[i:])
			}
		}
	}
	return text, ""
}
