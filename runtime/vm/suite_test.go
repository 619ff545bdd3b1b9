package vm

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// suiteFolder is where the official test suite of Lua 5.1 lies: in the folder that the variable names, else with the
// sources of gopher-lua.
func suiteFolder(t *testing.T) string {
	if dir := os.Getenv("LUA51_TESTS"); dir != "" {
		return dir
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yuin/gopher-lua").Output()
	dir := filepath.Join(strings.TrimSpace(string(out)), "_lua5.1-tests")
	if _, statErr := os.Stat(dir); err != nil || statErr != nil {
		t.Skip("SKIPPED: the official test suite of Lua 5.1 isn't here; name its folder in LUA51_TESTS")
	}
	return dir
}

// leftOut are the files of the suite that can't apply, with the reason.
var leftOut = map[string]string{
	"all.lua":        "only runs the other files",
	"api.lua":        "tests the C API by a module that only a debug build of lua has",
	"attrib.lua":     "tests package.path, package.loaders, module and C modules; require here looks in other places",
	"checktable.lua": "needs the module of the debug build",
	"code.lua":       "tests the instructions of the C compiler by the module of the debug build",
	"db.lua":         "tests debug hooks and the fields of debug.getinfo, which the engine has not",
	"files.lua":      "tests io on files; the files of scripts are tested with their library",
	"main.lua":       "tests the command line of the program lua",
}

// cut is a piece of a file that can't apply: from the first text to the second one, which is kept.
type cut struct{ from, to, why string }

// cuts are the pieces left out of the files that run.
var cuts = map[string][]cut{
	"big.lua": {
		{"rep129 = catter(129)", `require "checktable"`, "the message names the limit by other words"},
	},
	"calls.lua": {{`assert(debug.getinfo(a).source == "modname")`, "\n", "a loaded chunk is known by its shown name only"}},
	"errors.lua": {
		{`checksyntax("break label"`, "assert(doit\"assert(false)\")", "the words of the C compiler; empty statements are fine, as in Lua 5.2"},
		{`assert(doit"a=math.sin\n`, `assert(doit("function a (...`, "a call on the next line is a call, as in Lua 5.2"},
		{"checksyntax([[\n  local a = {4", "print'+'\n\n\n-- testing line error", "names of variables in messages"},
		{`assert(lineerror"\n local a \n for`, `assert(lineerror"function`, "the line of a broken for over several lines"},
		{"C = 0\nlocal l = ", "-- error in error handling", "the engine's stack trace is of another form"},
		{`checksyntax("syntax error"`, "doit('I = load", "the words of the C compiler"},
		{"-- testing syntax limits", "print('OK')", "limits here are higher, or of another kind"},
	},
	"gc.lua": {
		{"local function dosteps", "lim = 15", "collection is Go's, not steered by the script"},
		{"print('weak tables')", `if not rawget(_G, "_soft") then` + "\n  print(\"deep", "no weak tables, no __gc, no newproxy"},
		{"-- create a userdata to be", "print('OK')", "no __gc, no newproxy"},
	},
}

// suitePrelude stands in for what scripts here don't have.
const suitePrelude = `
os.setlocale = function(name) if name == nil or name == "C" or name == "" then return "C" end end
gcinfo = function() return collectgarbage("count") end
package.loaded.checktable = true -- the module of the debug build
stat = function() end
do -- verybig.lua writes a program to a file and runs it
	local text, write = {}, io.write
	os.tmpname = function() return "program" end
	os.remove = function() return true end
	io.output = function() io.write = function(...) for _, s in ipairs{...} do text[#text + 1] = s end end end
	io.close = function() io.write = write end
	dofile = function() return assert(loadstring(table.concat(text)))() end
end
`

func TestSuite(t *testing.T) {
	dir := suiteFolder(t)
	files, err := filepath.Glob(filepath.Join(dir, "*.lua"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s", dir)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			if why := leftOut[name]; why != "" {
				t.Skip(why)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			source := string(text)
			for _, c := range cuts[name] {
				before, rest, found := strings.Cut(source, c.from)
				i := strings.Index(rest, c.to)
				if !found || i < 0 {
					t.Fatalf("%q to %q is not in the file", c.from, c.to)
				}
				lines := strings.Repeat("\n", strings.Count(c.from+rest[:i], "\n"))
				source = before + lines + rest[i:]
			}
			if name == "big.lua" { // it runs as a coroutine
				source = "local f = coroutine.wrap(function(...) " + source + "\nend) assert(f() == 'b') assert(f() == 'a')"
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			var out bytes.Buffer
			v := New(ctx, Options{Stdout: &out, Stderr: &out, MaxMemory: 2 << 30})
			defer v.Close(context.Background())
			if _, err := v.Run(suitePrelude, "=prelude"); err != nil {
				t.Fatal(err)
			}
			if _, err := v.Run(source, name); err != nil {
				t.Errorf("%v\n%s", err, tail(out.String()))
			}
		})
	}
}

func tail(s string) string { return s[max(0, len(s)-300):] }
