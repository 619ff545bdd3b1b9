package cli

import (
	"regexp"
	"strings"

	"github.com/openimsdk/imctl/runtime/lualib"
	"github.com/openimsdk/imctl/stdlib"
)

// testLibrary declares the globals of the test library. A test holds it against the library itself: the same names,
// the same parameters.
func testLibrary() []lualib.Func {
	name := lualib.Param{Name: "name", Type: "string", Doc: "what it is about"}
	options := lualib.Param{Name: "options", Type: "table<string, any>", Optional: true, Doc: "tags, timeout and retries of the test or of the block's tests; it may be left out"}
	body := func(doc string) lualib.Param { return lualib.Param{Name: "fn", Type: "fun()", Doc: doc} }
	hook := func(name, when string) lualib.Func {
		return lualib.Func{Name: name, Doc: "Runs a function " + when + ".", Params: []lualib.Param{body("what to run")}}
	}
	value := []lualib.Param{{Name: "value", Type: "any", Doc: "what is looked at; a function for fails and succeeds"}}
	expectation := []lualib.Return{{Name: "expectation", Type: "imctl.expectation"}}
	return []lualib.Func{
		{Name: "describe", Doc: "Groups tests. Its function runs at once and declares them; the tests run when the script has ended.",
			Params: []lualib.Param{name, options, body("declares hooks and tests")}},
		{Name: "it", Doc: "Declares a test. It fails by an expectation or by any error.", Params: []lualib.Param{name, options, body("the test")}},
		{Name: "each", Doc: "Declares a test for each case of a list: each{{1, 2}, {3, 4}}:it(\"adds %d and %d\", function(a, b) end). A case that is a list is " +
			"given as arguments, and %s in the name stands for them; another table is given whole, and its field name goes into the test's.",
			Params:  []lualib.Param{{Name: "cases", Type: "table", Doc: "the cases"}},
			Returns: []lualib.Return{{Name: "cases", Type: "table", Doc: "with it(name, options, fn)"}}},
		{Name: "pending", Doc: "Names a test that is still to be written.", Params: []lualib.Param{name}},
		hook("before_all", "before the first test of the block; what its fixtures made is removed behind the last"),
		hook("before_each", "before each test of the block and of the blocks in it"),
		hook("after_each", "behind each test, also behind one that failed"),
		hook("after_all", "behind the last test of the block"),
		{Name: "expect", Doc: "Looks at a value: expect(x):equals(y). What does not hold ends the test. expect(x).never:equals(y) is the opposite.",
			Params: value, Returns: expectation},
		{Name: "check", Doc: "Is expect that lets the test go on: it fails at its end, with all that did not hold.", Params: value, Returns: expectation},
		{Name: "expect_message", Doc: "Waits for a message at a connection and returns it; that it does not come is a failed expectation.",
			Params: []lualib.Param{{Name: "conn", Type: "client", Doc: "the connection, from client.connect"},
				{Name: "message", Type: "table", Doc: "what is waited for, as client.expect takes it: from, text, within and more"}},
			Returns: []lualib.Return{{Name: "event", Type: "table"}}},
		{Name: "eventually", Doc: "Calls a function again and again until it neither fails nor returns false, and returns what it returned.",
			Params: []lualib.Param{{Name: "fn", Type: "fun(): any", Doc: "what has to hold in the end"},
				{Name: "options", Type: "table", Optional: true, Doc: "how long", Fields: []lualib.Param{
					{Name: "within", Type: "string|number", Optional: true, Doc: "give up after this long (default \"5s\")"},
					{Name: "every", Type: "string|number", Optional: true, Doc: "the time between two tries (default \"100ms\")"},
				}}},
			Returns: []lualib.Return{{Name: "result", Type: "any"}}},
	}
}

// machineFunctions declares the globals that the VM adds to Lua 5.1's own.
func machineFunctions() []lualib.Func {
	return []lualib.Func{
		{Name: "cleanup", Doc: "Has a function run when the script ends: after an error, os.exit and Ctrl-C too. The last one given runs first.",
			Params: []lualib.Param{{Name: "fn", Type: "fun()", Doc: "what to run"}}},
		{Name: "sleep", Doc: "Waits. An interrupt or a time limit ends it.",
			Params: []lualib.Param{{Name: "time", Type: "string|number", Doc: `how long: "2s", or a number of seconds`}}},
		{Name: "threshold", Doc: "Says what must hold when a load has ended, as the option thresholds of scenario.options does; else the exit code is 9.",
			Params: []lualib.Param{{Name: "text", Type: "string", Doc: `MEASURE(METRIC) OP NUMBER: "p95(http) < 200ms", "rate(http_failed) < 1%", "lost == 0"`}}},
	}
}

// machineValues are the values that the VM adds: name, type, doc.
func machineValues() []lualib.Const {
	return []lualib.Const{
		{Name: "arg", Type: "string[]", Doc: "the script's arguments"},
		{Name: "args", Type: "table<string, any>", Doc: "the arguments that the script's header declares; nil in a script without a header"},
	}
}

// fixtures are the functions of the global fixture, read out of the library's source.
func fixtures() []luaFunction { return luaFunctions("fixture.lua", "M.api") }

// matchers are the functions of an expectation, read out of the library's source. What one expects is in the text that
// its failure shows: "to equal ".
func matchers() []luaFunction {
	text, err := stdlib.FS.ReadFile("expect.lua")
	if err != nil {
		return nil
	}
	list := luaFunctions("expect.lua", "matchers")
	says := regexp.MustCompile(`"(to [^"]*)"`)
	for i, m := range list {
		_, body, _ := strings.Cut(string(text), "function matchers."+m.Name+"(")
		body, _, _ = strings.Cut(body, "\nend\n")
		if found := says.FindStringSubmatch(body); found != nil {
			list[i].Doc = found[1]
		}
		_, list[i].Params, _ = strings.Cut(m.Params, ", ") // the first is the value itself
		if strings.HasSuffix(list[i].Doc, " ") {
			first, _, _ := strings.Cut(list[i].Params, ",")
			list[i].Doc += first
		}
	}
	return list
}
