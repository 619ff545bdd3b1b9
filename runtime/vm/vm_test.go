package vm

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

// run runs source in a fresh VM and returns what it printed, with the error's text behind it.
func run(t *testing.T, source string) (string, error) {
	t.Helper()
	return runWithin(t, time.Minute, source)
}

func runWithin(t *testing.T, limit time.Duration, source string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var out bytes.Buffer
	v := New(ctx, Options{Stdout: &out, Stderr: &out, MaxMemory: 1 << 30})
	_, err := v.Run(source, "test.lua")
	if cerr := v.Close(context.Background()); err == nil {
		err = cerr
	}
	return out.String(), err
}

func TestScripts(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"caught error keeps locals", `
			local n = 0
			local function add() n = n + 1 end
			pcall(function() add() error("x") end)
			add() n = n + 10 add()
			print(n)`, "13\n"},
		{"handler leaves closures alive", `
			local keep
			xpcall(function() local z = 42; keep = function() return z end; error("y") end, function(e) return e end)
			print(keep())`, "42\n"},
		{"join and unpack 20000", `
			local t = {}
			for i = 1, 20000 do t[i] = "u" .. i end
			print(#table.concat(t, ","))
			print(select("#", unpack(t)))`, "128893\n20000\n"},
		{"pcall results", `print(pcall(function(a, b) return a, b, nil end, 1, 2))`, "true\t1\t2\tnil\n"},
		{"pcall of a Go function", `print(pcall(string.rep, "x", 3))`, "true\txxx\n"},
		{"pcall of a callable table", `print(pcall(setmetatable({}, {__call = function(_, x) return x end}), 7))`, "true\t7\n"},
		{"pcall of a non function", `print((pcall(nil)))`, "false\n"},
		{"error with a position", `print(pcall(function() error("bad") end))`, "false\ttest.lua:1: bad\n"},
		{"error with a table", `local ok, e = pcall(error, {a = 1}) print(ok, e.a)`, "false\t1\n"},
		{"nested pcall", `print(pcall(pcall, error, "e"))`, "true\tfalse\te\n"},
		{"yield across pcall", `
			local co = coroutine.create(function()
				print(pcall(function() print(coroutine.yield(1)); error("after", 0) end))
				return "end"
			end)
			print(coroutine.resume(co)) print(coroutine.resume(co, "in")) print(coroutine.status(co))`,
			"true\t1\nin\nfalse\tafter\ntrue\tend\ndead\n"},
		{"wrap", `local f = coroutine.wrap(function() for i = 1, 2 do coroutine.yield(i) end end) print(f(), f())`, "1\t2\n"},
		{"error in wrap keeps its text", `print(pcall(coroutine.wrap(function() error("w") end)))`, "false\ttest.lua:1: w\n"},
		{"xpcall traceback", `
			local function inner() error("deep") end
			print((select(2, xpcall(inner, function(e) return "H:" .. e end))))`, "H:test.lua:2: deep\n"},
		{"runtime error text", `print(pcall(function() local t; return t.x end))`,
			"false\ttest.lua:1: attempt to index a nil value with key 'x'\n"},
		{"json keeps what it was", `
			local d = json.decode('{"a":[],"b":{},"c":null,"d":["u1",null,"u3"],"e":9007199254740993}')
			print(json.encode(d), #d.a, #d.d, d.c == json.null, d.e, d.e == d.e)
			print(json.encode({}), json.encode({x = {}}))
			print(d.e + 1, d.e - 9007199254740990, d.e < d.e + 1)`,
			`{"a":[],"b":{},"c":null,"d":["u1",null,"u3"],"e":9007199254740993}` + "\t0\t3\ttrue\t9007199254740993\ttrue\n" +
				"[]\t{\"x\":[]}\n9007199254740994\t3\ttrue\n"},
		{"byte order mark and shebang", "\uFEFF#!/usr/bin/env imctl\nprint(1)", "1\n"},
		{"cleanup order", `cleanup(function() print("first") end) cleanup(function() print("second") end)`, "second\nfirst\n"},
		{"exit runs cleanup", `cleanup(function() print("cleaned") end) io.write("no newline;") pcall(os.exit, 3) print("never")`,
			"no newline;cleaned\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := run(t, c.source)
			if err != nil {
				t.Fatalf("error: %v", err)
			}
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	for _, c := range []struct {
		name, source, text string
		line               int
	}{
		{"error", "local x = 1\nerror('boom')", "boom", 2},
		{"error table", "\n\nerror({message = 'tab'})", "tab", 3},
		{"nil index", "local t\nprint(t.x)", "attempt to index", 2},
		{"nil call", "\nregster()", "attempt to call global 'regster' (a nil value)", 2},
		{"index a local", "local t\nt.x = 1", "attempt to index a nil value with key 'x'", 2},
		{"method of nil", "local t\nt:x()", "attempt to index a nil value with key 'x'", 2},
		{"arithmetic", "local t = {}\nprint(1 + t.x)", "attempt to perform arithmetic on a nil value", 2},
		{"arithmetic with the other", "local t = {}\nprint(t ^ 2)", "attempt to perform arithmetic on a table value", 2},
		{"minus", "local t = {}\nprint(-t)", "attempt to perform arithmetic on a table value", 2},
		{"length", "local t\nprint(#t)", "attempt to get length of a nil value", 2},
		{"a message of the script's own", "\nerror('__len undefined')", "__len undefined", 2},
		{"syntax", "print(1)\nlocal = 3", "syntax error", 2},
		{"unfinished", "if true then", "syntax error", 1},
		{"in a function", "local function f()\n error('in f')\nend\nf()", "in f", 2},
		{"rethrown", "local ok, e = pcall(error, {message='r'})\n\nerror(e)", "r", 3},
		{"bad json", "\njson.decode('{')", "json.decode", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := run(t, c.source)
			var e *ScriptError
			if !errors.As(err, &e) {
				t.Fatalf("got %T %v", err, err)
			}
			if e.Line != c.line || e.File != "test.lua" || !strings.Contains(e.Fault.Message, c.text) {
				t.Errorf("got %s:%d %q (trace %v)", e.File, e.Line, e.Fault.Message, e.Trace)
			}
			for _, f := range e.Trace {
				if strings.Contains(f, "[G]") || strings.Contains(f, ".go") {
					t.Errorf("Go frame in the trace: %s", f)
				}
			}
		})
	}
}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		name, source string
		kind         fault.Kind
	}{
		{"endless loop", `while true do end`, fault.Timeout},
		{"loop in pcall", `while true do pcall(function() while true do end end) end`, fault.Timeout},
		{"sleep", `sleep(60)`, fault.Timeout},
		{"sleep in pcall", `pcall(sleep, 60) while true do end`, fault.Timeout},
		{"loop in coroutine", `coroutine.wrap(function() while true do end end)()`, fault.Timeout},
		{"loop in a handler", `xpcall(error, function() while true do end end)`, fault.Timeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			out, err := runWithin(t, 200*time.Millisecond, c.source)
			if took := time.Since(start); took > 700*time.Millisecond {
				t.Errorf("took %v", took)
			}
			if !fault.Is(err, c.kind) {
				t.Errorf("got %v %q", err, out)
			}
		})
	}
	t.Run("memory", func(t *testing.T) {
		_, err := run(t, `local t = {} for i = 1, 1e9 do t[i] = {i} end`)
		if err == nil || !strings.Contains(err.Error(), "memory limit") {
			t.Errorf("got %v", err)
		}
	})
	for name, source := range map[string]string{
		"recursion":        `local function f() return 1 + f() end f()`,
		"pcall recursion":  `local function f() local ok, e = pcall(f) if not ok then error(e, 0) end end f()`,
		"string.gsub deep": `local function f() return (("a"):gsub("a", f)) end f()`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := run(t, source)
			if err == nil || !strings.Contains(err.Error(), "stack overflow") {
				t.Errorf("got %v", err)
			}
		})
	}
}
