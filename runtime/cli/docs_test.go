package cli

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/lualib"
	"github.com/openimsdk/imctl/runtime/vm"
	"github.com/openimsdk/imctl/stdlib"
)

// TestReferenceIsCurrent holds the repository's copies against the declarations.
func TestReferenceIsCurrent(t *testing.T) {
	for _, f := range markdown(Areas()) {
		got, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(f.name)))
		if err != nil {
			t.Error(err)
			continue
		}
		if string(got) != f.text {
			t.Errorf("%s is stale: run make docs", f.name)
		}
	}
}

func TestReferenceIsWhole(t *testing.T) {
	files := markdown(Areas())
	for _, area := range Areas() {
		for _, op := range area.All() {
			_, section, found := strings.Cut(files[0].text, "\n### "+op.FullName()+"\n")
			if !found {
				t.Errorf("no section %s", op.FullName())
				continue
			}
			section, _, _ = strings.Cut(section, "\n### ")
			for _, want := range []string{op.Doc, op.Notes, op.Example} {
				if !strings.Contains(section, want) {
					t.Errorf("%s lacks %q", op.FullName(), want)
				}
			}
			for _, p := range append(op.Params(), op.Result()...) {
				if !strings.Contains(section, "| `"+p.Name+"`") {
					t.Errorf("%s lacks the field %s", op.FullName(), p.Name)
				}
			}
		}
	}
	for _, m := range libraries() {
		for _, f := range m.Funcs {
			if !strings.Contains(files[1].text, "\n### "+m.Name+"."+f.Name+"\n") {
				t.Errorf("no section %s.%s", m.Name, f.Name)
			}
		}
	}
	for _, link := range regexp.MustCompile(`\]\(#([^)]*)\)`).FindAllStringSubmatch(files[0].text+files[1].text, -1) {
		if !slices.ContainsFunc(headings(files), func(h string) bool { return anchor(h) == link[1] }) {
			t.Errorf("the link #%s leads nowhere", link[1])
		}
	}
}

func headings(files []docFile) []string {
	var out []string
	for _, f := range files {
		for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(f.text, -1) {
			out = append(out, m[1])
		}
	}
	return out
}

// TestDefinitions proves that the definitions for editors are Lua, and hold every operation and field with its type.
func TestDefinitions(t *testing.T) {
	texts, classes := map[string]string{}, map[string]map[string]string{}
	class := regexp.MustCompile(`^---@class ([\w.]+)(?:: ([\w.]+))?`)
	field := regexp.MustCompile(`^---@field (\w+\??) (\S+)`)
	for _, f := range luacats(Areas()) {
		if _, err := parse.Parse(strings.NewReader(f.text), f.name); err != nil {
			t.Errorf("%s is no Lua: %v", f.name, err)
		}
		if !strings.HasPrefix(f.text, "---@meta\n") {
			t.Errorf("%s does not say that it is a definition", f.name)
		}
		if texts[f.name] != "" {
			t.Errorf("%s is written twice", f.name)
		}
		texts[f.name] = f.text
		current := ""
		for line := range strings.Lines(f.text) {
			if m := class.FindStringSubmatch(line); m != nil {
				current = m[1]
				if classes[current] == nil { // the methods of a handle come under its class once more
					classes[current] = map[string]string{}
				}
				maps.Copy(classes[current], classes[m[2]])
			} else if m := field.FindStringSubmatch(line); m != nil {
				classes[current][m[1]] = m[2]
			}
		}
	}
	for _, area := range Areas() {
		for _, op := range area.All() {
			if !strings.Contains(texts[area.Name+".lua"], "function "+op.FullName()+"(") {
				t.Errorf("no function %s", op.FullName())
			}
			if slices.ContainsFunc(area.Methods(), func(m bindings.Op) bool { return m.Name == op.Name }) {
				checkClass(t, classes, "imctl."+op.FullName()+".all", op.Params(), true)
				checkClass(t, classes, "imctl."+op.FullName()+".params", op.MethodParams(), true)
			} else {
				checkClass(t, classes, "imctl."+op.FullName()+".params", op.Params(), true)
			}
			checkClass(t, classes, "imctl."+op.FullName()+".result", op.Result(), false)
		}
		checkHandles(t, texts[area.Name+".lua"], classes, area)
	}
	undefinedTypes(t, texts, classes)
}

// checkHandles holds the methods of what operations give, a handle or a stream, against those that the VM's values have.
func checkHandles(t *testing.T, text string, classes map[string]map[string]string, area bindings.Area) {
	for _, op := range area.All() {
		class := "imctl." + op.FullName() + "."
		switch value := given(t, area, op); {
		case op.Run.Stream:
			for _, m := range value.Names([]string{"value"}) {
				if !strings.HasPrefix(classes[class+"rows"][m.Text], "fun(self:") {
					t.Errorf("%srows lacks the method %s", class, m.Text)
				}
			}
		case op.GivesHandle():
			methods := map[string]bool{}
			for _, m := range regexp.MustCompile(`(?m)^function `+op.Name+`:(\w+)\(`).FindAllStringSubmatch(text, -1) {
				methods[m[1]] = true
			}
			for _, m := range area.All() {
				got, err := value.Run("type(value."+m.Name+")", "test")
				if has := err == nil && got[0] == lua.LString("function"); has != methods[m.Name] {
					t.Errorf("%sresult: the method %s is defined: %v, and is there: %v", class, m.Name, methods[m.Name], has)
				}
			}
			if len(methods) == 0 {
				t.Errorf("%sresult has no methods", class)
			}
		}
	}
}

// given is a VM in which value is what the operation would give: no rows, or a handle that is not filled.
func given(t *testing.T, area bindings.Area, op bindings.Op) *vm.Inputs {
	run := bindings.Stream(func(context.Context, *bindings.Env, struct{}) iter.Seq2[struct{}, error] {
		return func(func(struct{}, error) bool) {}
	})
	if handle, ok := reflect.Zero(op.Run.Result).Interface().(bindings.Handle); ok {
		run = bindings.Func(func(context.Context, *bindings.Env, struct{}) (bindings.Handle, error) { return handle, nil })
	}
	ops := append([]bindings.Op{{Name: "given", Run: run}}, area.Ops...)
	v := vm.New(context.Background(), vm.Options{Areas: []bindings.Area{{Name: area.Name, Ops: ops}},
		OpenEnv: func() (*bindings.Env, error) { return &bindings.Env{}, nil }})
	t.Cleanup(func() { _ = v.Close(context.Background()) })
	in := v.NewInputs(nil)
	if _, err := in.Run("local value = "+area.Name+".given()", "test"); err != nil {
		t.Fatal(err)
	}
	return in
}

// checkClass holds a class against the fields of a declaration, those of nested objects included.
func checkClass(t *testing.T, classes map[string]map[string]string, name string, fields []bindings.Param, params bool) {
	if len(fields) != len(classes[name]) {
		t.Errorf("%s has %d fields, want %d", name, len(classes[name]), len(fields))
	}
	for _, f := range fields {
		key := f.Name + optional(params && !(f.Required && f.Default == ""))
		typ := classes[name][key]
		if typ == "" {
			t.Errorf("%s has no field %s", name, key)
		}
		for _, e := range f.Enum {
			if !strings.Contains(typ, fmt.Sprintf("%q", e)) {
				t.Errorf("%s.%s: the type %s lacks %s", name, f.Name, typ, e)
			}
		}
		if len(f.Fields) > 0 {
			checkClass(t, classes, name+"."+f.Name, f.Fields, params)
		}
	}
}

// undefinedTypes finds class names that are used and not defined.
func undefinedTypes(t *testing.T, texts map[string]string, classes map[string]map[string]string) {
	for file, text := range texts {
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "---@") {
				continue
			}
			for _, name := range regexp.MustCompile(`\b(imctl\.[\w.]*\w|[a-z]+\.[A-Z]\w+)\b`).FindAllString(line, -1) {
				if classes[name] == nil {
					t.Errorf("%s: the type %s is not defined", file, name)
				}
			}
		}
	}
}

// TestTestLibrary holds the declared test library against the real one: its globals and their parameters.
func TestTestLibrary(t *testing.T) {
	declared := map[string]lualib.Func{}
	for _, f := range testLibrary() {
		declared[f.Name] = f
	}
	for name, module := range stdlib.Globals() {
		if _, ok := declared[name]; !ok && module == "imctl.test" && name != "fixture" {
			t.Errorf("%s is not declared", name)
		}
	}
	for name := range declared {
		if stdlib.Globals()[name] == "" {
			t.Errorf("%s is declared and no global", name)
		}
	}
	for _, real := range append(luaFunctions("test.lua", ""), luaFunctions("expect.lua", "M")...) {
		f, ok := declared[real.Name]
		if !ok {
			continue
		}
		var params []string
		for _, p := range f.Params {
			params = append(params, p.Name)
		}
		if got := strings.Join(params, ", "); got != real.Params {
			t.Errorf("%s takes %s, declared is %s", real.Name, real.Params, got)
		}
	}
	if len(matchers()) < 15 || len(fixtures()) < 5 {
		t.Errorf("%d matchers and %d fixtures were read", len(matchers()), len(fixtures()))
	}
	for _, m := range append(matchers(), fixtures()...) {
		if m.Doc == "" {
			t.Errorf("%s has no text", m.Name)
		}
	}
}

// TestGlobalsAreDocumented: what a script finds beside Lua's own is an area, or in the reference.
func TestGlobalsAreDocumented(t *testing.T) {
	standard := strings.Fields(`_G _VERSION assert collectgarbage coroutine debug error gcinfo getfenv getmetatable io ipairs load loadstring math next os
		package pairs pcall print rawequal rawget rawset require select setfenv setmetatable string table tonumber tostring type unpack xpcall`)
	text := libraryMarkdown()
	for _, name := range scriptNames(nil).Globals {
		documented := strings.Contains(text, "\n## "+name+"\n") || strings.Contains(text, "\n### "+name+"\n") || strings.Contains(text, "- `"+name+"`")
		if !slices.Contains(standard, name) && !documented && name != "fixture" && !strings.HasPrefix(name, "_") {
			t.Errorf("the global %s is nowhere in the reference", name)
		}
	}
}

// TestKindsAreExplained reads the kinds out of the source of package fault.
func TestKindsAreExplained(t *testing.T) {
	source, err := os.ReadFile("../../bindings/fault/fault.go")
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]bool{}
	for _, e := range errorKinds() {
		explained[e.Name] = true
	}
	found := regexp.MustCompile(`Kind += "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	if len(found) < 10 {
		t.Fatalf("only %d kinds were found", len(found))
	}
	for _, m := range found {
		if !explained[m[1]] {
			t.Errorf("the kind %s is not explained", m[1])
		}
	}
	for _, e := range fault.ExitCodes() {
		if _, ok := explainCode(e.Code); !ok {
			t.Errorf("the exit code %d is not explained", e.Code)
		}
	}
}
