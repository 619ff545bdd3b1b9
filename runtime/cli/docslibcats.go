package cli

import (
	"fmt"
	"strings"

	"github.com/openimsdk/imctl/runtime/lualib"
)

// libraryDefinitions are the LuaCATS definitions of the modules and of the test library.
func libraryDefinitions() []docFile {
	files := []docFile{{"test.lua", testDefinitions()}}
	for _, m := range libraries() {
		files = append(files, docFile{m.Name + ".lua", moduleDefinitions(m)})
	}
	return files
}

func moduleDefinitions(m lualib.Module) string {
	var b strings.Builder
	b.WriteString(luacatsHead)
	for _, c := range m.Classes {
		comment(&b, "", c.Doc)
		fmt.Fprintf(&b, "---@class %s\n", c.Name)
		for _, f := range c.Fields {
			fmt.Fprintf(&b, "---@field %s%s %s %s\n", f.Name, optional(f.Optional), libraryType(f), f.Doc)
		}
		b.WriteString("\n")
	}
	if m.Call != "" { // its values are of a type with the module's name
		fmt.Fprintf(&b, "---What %s makes.\n---@class %s: userdata\n\n", m.Name, m.Name)
	}
	comment(&b, "", m.Doc)
	fmt.Fprintf(&b, "---@class imctl.%s\n", m.Name)
	for _, c := range m.Consts {
		fmt.Fprintf(&b, "---@field %s %s %s\n", c.Name, c.Type, c.Doc)
	}
	for _, f := range m.Funcs {
		if m.Call == f.Name {
			fmt.Fprintf(&b, "---@overload %s\n", funType(f))
		}
	}
	fmt.Fprintf(&b, "%s = {}\n", m.Name)
	for _, f := range m.Funcs {
		functionDefinition(&b, m.Name+".", f)
	}
	return b.String()
}

// functionDefinition is a function with its comment.
func functionDefinition(b *strings.Builder, prefix string, f lualib.Func) {
	b.WriteString("\n")
	comment(b, "", f.Doc)
	if f.Example != "" {
		b.WriteString("---```lua\n")
		comment(b, "", f.Example)
		b.WriteString("---```\n")
	}
	var names []string
	for _, p := range f.Params {
		name := p.Name
		if name == "..." {
			fmt.Fprintf(b, "---@param ... %s %s\n", libraryType(p), p.Doc)
		} else {
			fmt.Fprintf(b, "---@param %s%s %s %s\n", name, optional(p.Optional), libraryType(p), p.Doc)
		}
		names = append(names, name)
	}
	for _, r := range f.Returns {
		b.WriteString(strings.TrimRight(fmt.Sprintf("---@return %s %s %s", duration(r.Type), r.Name, r.Doc), " ") + "\n")
	}
	fmt.Fprintf(b, "function %s%s(%s) end\n", prefix, f.Name, strings.Join(names, ", "))
}

// libraryType is a parameter's type, a table of options written out.
func libraryType(p lualib.Param) string {
	if len(p.Fields) == 0 {
		return duration(p.Type)
	}
	var fields []string
	for _, f := range p.Fields {
		fields = append(fields, f.Name+optional(f.Optional)+": "+libraryType(f))
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

// duration replaces the name "duration", which declarations use, by what it stands for.
func duration(t string) string { return strings.ReplaceAll(t, "duration", "string|number") }

// funType is a function's type.
func funType(f lualib.Func) string {
	var params, results []string
	for _, p := range f.Params {
		params = append(params, p.Name+optional(p.Optional)+": "+libraryType(p))
	}
	for _, r := range f.Returns {
		results = append(results, duration(r.Type))
	}
	text := "fun(" + strings.Join(params, ", ") + ")"
	if len(results) > 0 {
		text += ": " + strings.Join(results, ", ")
	}
	return text
}

// testDefinitions are those of the test library and of what the VM adds to Lua.
func testDefinitions() string {
	var b strings.Builder
	b.WriteString(luacatsHead)
	b.WriteString("---What expect and check give: call one of its matchers with a colon.\n---@class imctl.expectation\n")
	b.WriteString("---@field never imctl.expectation the opposite\n")
	for _, m := range matchers() {
		params := "self: imctl.expectation"
		for p := range strings.SplitSeq(m.Params, ", ") {
			if p != "" {
				params += ", " + p + "?: any"
			}
		}
		fmt.Fprintf(&b, "---@field %s fun(%s, message?: string): any expects it %s\n", m.Name, params, m.Doc)
	}
	b.WriteString("\n---Accounts and groups for a test, with names that no other run has; removed when the test or block ends.\n")
	b.WriteString("---@class imctl.fixture\nfixture = {}\n")
	for _, f := range fixtures() {
		b.WriteString("\n")
		comment(&b, "", f.Doc)
		for p := range strings.SplitSeq(f.Params, ", ") {
			if p != "" {
				fmt.Fprintf(&b, "---@param %s%s any\n", p, optional(p == "options"))
			}
		}
		fmt.Fprintf(&b, "---@return any\nfunction fixture.%s(%s) end\n", f.Name, f.Params)
	}
	for _, f := range append(testLibrary(), machineFunctions()...) {
		functionDefinition(&b, "", f)
	}
	for _, c := range machineValues() {
		fmt.Fprintf(&b, "\n---%s\n---@type %s\n%s = {}\n", c.Doc, c.Type, c.Name)
	}
	return b.String()
}
