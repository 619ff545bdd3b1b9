package check

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings"
)

type person struct {
	UserID   string `required:"true" help:"the account"`
	Nickname string `help:"the name shown"`
	Level    int    `min:"1" help:"the level"`
}

type addParams struct {
	UserID   string        `arg:"1,required" help:"the account"`
	Nickname string        `arg:"2" help:"the name shown"`
	FaceURL  string        `help:"the picture"`
	Level    int           `min:"1" help:"the level"`
	Admin    bool          `help:"an administrator"`
	Within   time.Duration `help:"how long"`
	Role     string        `enum:"owner,admin,member" help:"the role"`
}

type registerParams struct {
	Users []person `required:"true" help:"the accounts"`
}

type getParams struct {
	UserIDs []string `arg:"1...,required" help:"the accounts"`
}

type callParams struct {
	Path string `arg:"1,required" help:"the path"`
	Body any    `arg:"2" help:"the body"`
}

type openParams struct {
	UserID string `arg:"1,required" help:"whose line"`
}

// openLine is a handle.
type openLine struct {
	UserID string `json:"userID" help:"whose line"`
}

func (openLine) Handle() (area, id string) { return "line", "" }

type sayParams struct {
	Line string `json:"line" arg:"1,required" help:"the line"`
	Text string `json:"text" arg:"2,required" help:"what is said"`
	Loud bool   `json:"loud" help:"in a loud voice"`
}

type shutParams struct {
	Line string `json:"line" arg:"1,required" help:"the line"`
}

type nothing struct{}

func run[P any](context.Context, *bindings.Env, P) (nothing, error) { return nothing{}, nil }
func list(context.Context, *bindings.Env, nothing) iter.Seq2[nothing, error] {
	return func(func(nothing, error) bool) {}
}

func declarations() Declarations {
	return Declarations{
		Areas: []bindings.Area{
			{Name: "user", Ops: []bindings.Op{
				{Name: "add", Run: bindings.Func(run[addParams])},
				{Name: "register", Run: bindings.Func(run[registerParams])},
				{Name: "get", Run: bindings.Func(run[getParams])},
				{Name: "list", Run: bindings.Stream(list)},
			}},
			{Name: "line", Ops: []bindings.Op{
				{Name: "open", Run: bindings.Func(func(context.Context, *bindings.Env, openParams) (openLine, error) { return openLine{}, nil })},
				{Name: "say", Run: bindings.Func(run[sayParams])},
				{Name: "shut", Run: bindings.Func(run[shutParams])},
			}},
			{Name: "api", Ops: []bindings.Op{{Name: "call", Run: bindings.Func(run[callParams])}}},
		},
		Globals: strings.Fields(`_G _VERSION assert error getfenv getmetatable ipairs load loadstring next pairs pcall print
			rawget rawset require select setfenv setmetatable tonumber tostring type unpack xpcall string table math os io arg
			describe it before_all after_all expect check fixture sleep cleanup json int64`),
		Members: map[string][]string{
			"string": {"format", "rep", "sub"}, "table": {"insert", "concat"}, "os": {"exit", "time"}, "io": {"open"},
			"fixture": {"users", "user", "group"}, "json": {"encode", "decode", "null"},
		},
		Matchers: []string{"equals", "has", "is_true", "fails"},
		Modules:  []string{"test", "json"},
	}
}

// line is a finding in one line.
func line(f Finding) string {
	return fmt.Sprintf("%d:%d %s %s: %s", f.Line, f.Column, f.Severity, f.Code, f.Text())
}

func TestFindings(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"clean", "local a = user.add{userID = 'a', nickname = 'A'}\nprint(a.userID, user.get('a', 'b'), user.list())", ""},
		{"misspelt op", "print(1)\n  user.regster{}", "2:8 error unknown-op: no operation user.regster; did you mean user.register?"},
		{"op as a string", "user['regster'] {}", "1:6 error unknown-op: no operation user.regster; did you mean user.register?"},
		{"op as a value", "local f = user.ad", "1:16 error unknown-op: no operation user.ad; did you mean user.add?"},
		{"op through an alias", "local u = user\nu.ad{}", "2:3 error unknown-op: no operation user.ad; did you mean user.add?"},
		{"op through pcall", "pcall(user.add, {userId = 'a'})",
			"1:12 error missing-field: user.add: missing field userID: the account\n" +
				"1:18 error unknown-field: user.add has no field userId; did you mean userID?"},
		{"a name of the script's own", "local user = {}\nuser.anything{}", ""},
		{"a global of the script's own", "user = {}\nuser.anything{}", "1:1 warning hides-area: the area user is overwritten: its operations can't be reached from here on; did you mean local user?"},
		{"colon", "user:add{userID = 'a'}", "1:6 error colon-call: operations are called with a dot, not with a colon; did you mean user.add?"},

		{"method", "local l = line.open('a')\nl:say('hi')\nl:say{text = 'hi', loud = true}\nl:say('hi', {})\nl:shut()\nl.say(l, 'hi')\nprint(l.userID)\nline.say(l, 'hi')", ""},
		{"misspelt method", "local l = line.open('a')\nl:sya('hi')", "2:3 error unknown-method: a line has no method sya; did you mean say?"},
		{"no method", "local a, l = 1, line.open('a')\nl:open('b')", "2:3 error unknown-method: a line has no method open"},
		{"method of another name", "local l = line.open('a')\nlocal m = l\nlocal function f() m:sya('hi') end", "3:22 error unknown-method: a line has no method sya; did you mean say?"},
		{"method of what is given", "line.open('a'):sya('hi')", "1:16 error unknown-method: a line has no method sya; did you mean say?"},
		{"method's field", "local l = line.open('a')\nl:say{txet = 'hi'}",
			"2:3 error missing-field: line.say: missing field text: what is said\n2:7 error unknown-field: line.say has no field txet; did you mean text?"},
		{"method's handle twice", "local l = line.open('a')\nl:say{line = l, text = 'hi'}", "2:7 error unknown-field: line.say has no field line"},
		{"method's argument", "local l = line.open('a')\nl:say('hi', 'ho')", "2:13 error too-many-arguments: line.say takes text and a table of fields, not an argument 2"},
		{"misspelt field of a handle", "local l = line.open('a')\nprint(l.userId)", "2:9 error unknown-member: a line has no userId; did you mean userID?"},
		{"another value", "local l = line.open('a')\nl = {}\nl:sya()", ""},
		{"another value later", "local l = line.open('a')\nfor i = 1, 2 do l:sya() l = {} end", ""},
		{"another local of the name", "local l = line.open('a')\ndo local l = {} l:sya() end\nl:say('hi')", ""},

		{"misspelt field", "user.add{\n\tuserID = 'a', -- nickName\n\tnickName = 'A',\n}", "3:2 error unknown-field: user.add has no field nickName; did you mean nickname?"},
		{"field as a string", "user.add{['userID'] = 'a', ['nickName'] = 'A'}", "1:29 error unknown-field: user.add has no field nickName; did you mean nickname?"},
		{"field behind text", "user.add{userID = 'level = ', lvl = 1}", "1:31 error unknown-field: user.add has no field lvl; did you mean level?"},
		{"field behind wide text", "user.add{userID = '用户', lvl = 1}", "1:25 error unknown-field: user.add has no field lvl; did you mean level?"},
		{"takes none", "user.list{limit = 1}", "1:11 error unknown-field: user.list has no field limit: it takes none"},
		{"nested field", "user.register{users = {{userID = 'a', nickname = 'x'}, {userID = 'b', nicknam = 'y'}}}",
			"1:71 error unknown-field: user.register has no field nicknam in users[2]; did you mean nickname?"},
		{"nested missing field", "user.register{users = {\n  {userID = 'a'},\n  {nickname = 'y'},\n}}", "3:3 error missing-field: user.register: missing field users[2].userID: the account"},
		{"nested wrong type", "user.register{users = {{userID = 1}}}", "1:34 error wrong-type: user.register: users[1].userID: want a string, got the number 1"},
		{"nested entry", "user.register{users = {'a'}}", "1:24 error wrong-type: user.register: users[1]: want a table of fields, got the string \"a\""},
		{"nested entries and calls", "user.register{users = {make(), {userID = 'a'}}}\nfunction make() end", ""},
		{"missing field", "print(user.add{nickname = 'A'})", "1:12 error missing-field: user.add: missing field userID: the account"},
		{"missing all", "user.add()", "1:6 error missing-field: user.add: missing field userID: the account"},
		{"missing is not known", "local t = {}\nuser.add(t) user.add(f()) user.add{[t] = 1}\nfunction f(...) user.add(...) end", ""},
		{"nil is missing", "user.add{userID = nil}", "1:6 error missing-field: user.add: missing field userID: the account"},
		{"empty", "user.add{userID = ''}", "1:19 error bad-value: user.add: userID is blank: the account"},
		{"empty list", "user.get{userIDs = {}}", "1:20 error bad-value: user.get: userIDs is an empty list: the accounts"},

		{"number for a string", "user.add{userID = 17}", "1:19 error wrong-type: user.add: userID: want a string, got the number 17"},
		{"string for a number", "user.add{userID = 'a', level = '3'}", "1:32 error wrong-type: user.add: level: want a whole number, got the string \"3\""},
		{"fraction", "user.add{userID = 'a', level = 1.5}", "1:32 error wrong-type: user.add: level: want a whole number, got the number 1.5"},
		{"too small", "user.add{userID = 'a', level = -1}", "1:32 error bad-value: user.add: level: want 1 or more, got -1"},
		{"text for a bool", "user.add{userID = 'a', admin = 'yes'}", "1:32 error wrong-type: user.add: admin: want true or false, got the string \"yes\""},
		{"joined text", "user.add{userID = 'a' .. 1, admin = 'x' .. 1}", "1:37 error wrong-type: user.add: admin: want true or false, got a string"},
		{"function", "user.add{userID = function() end}", "1:19 error wrong-type: user.add: userID: want a string, got a function"},
		{"table for a string", "user.add{userID = {}}", "1:19 error wrong-type: user.add: userID: want a string, got a list"},
		{"duration", "user.add{userID = 'a', within = '5 seconds'}", "1:33 error wrong-type: user.add: within: want a duration like \"5s\" or \"1m30s\", or a number of seconds, got the string \"5 seconds\""},
		{"good duration", "user.add{userID = 'a', within = '5s'} user.add{userID = 'a', within = 2}", ""},
		{"enum", "user.add{userID = 'a', role = 'amdin'}", "1:31 error bad-value: user.add: role: \"amdin\" is not one of owner, admin, member; did you mean \"admin\"?"},
		{"text for a list", "user.get{userIDs = 'a'}", "1:20 error wrong-type: user.get: userIDs: want a list of strings, got the string \"a\""},
		{"number in a list", "user.get{userIDs = {'a', 2}}", "1:20 error wrong-type: user.get: userIDs: want a string at [2], got the number 2"},
		{"variadic", "user.get('a', 2)", "1:15 error wrong-type: user.get: userIDs: want a string, got the number 2"},
		{"any", "api.call('/a', {b = {1, 'x'}}) api.call('/a', 3)", ""},

		{"too many", "user.add('a', 'b', 'c')", "1:20 error too-many-arguments: user.add takes userID, nickname and a table of fields, not an argument 3"},
		{"takes only fields", "user.list('a')", "1:11 error too-many-arguments: user.list takes only a table of fields, not an argument 1"},
		{"twice", "user.add('a', {userID = 'b'})", "1:10 error given-twice: userID is given twice"},
		{"twice in a table", "user.add{userID = 'a', userID = 'b'}", "1:24 error given-twice: userID is given twice"},
		{"entry", "user.add{'a', nickname = 'b'}", "1:10 error entry-among-fields: user.add: an entry without a name among the fields"},

		{"undefined global", "local x = 1\nprnt(x)", "2:1 error undefined-global: undefined global prnt; did you mean print?"},
		{"misspelt area", "usr.add{}", "1:1 error undefined-global: undefined global usr; did you mean user?"},
		{"misspelt local", "local counter = 1\nprint(countr)", "2:7 error undefined-global: undefined global countr; did you mean counter?"},
		{"column behind a string", "print('xyzw', xyzw)", "1:15 error undefined-global: undefined global xyzw"},
		{"column behind a comment", "--[[ xyzw ]] print(xyzw)", "1:20 error undefined-global: undefined global xyzw"},
		{"two on a line", "print(xyzw, xyzw)", "1:7 error undefined-global: undefined global xyzw\n1:13 error undefined-global: undefined global xyzw"},
		{"asked whether it is there", "if xyzw then end", "1:4 warning undefined-global: undefined global xyzw"},
		{"assigned later", "function f() return g() end\nfunction g() return f() end", ""},
		{"assigned in a function", "local function f()\n  n = 1\nend\nf()\nprint(n)", "2:3 warning assigns-global: a function assigns the global n, which nothing declares; did you mean local n?"},
		{"declared at the top", "n = 0\nlocal function f() n = n + 1 end\nf()", ""},
		{"through _G", "_G.made = 1\nprint(made)", ""},
		{"_G at large", "for k, v in pairs(_G) do _G[k] = v end\nprint(whatever)", ""},
		{"other code", "require('helpers')\nhelp()", "2:1 warning undefined-global: undefined global help"},
		{"shipped code", "local t = require('imctl.test')\nhelp(t)", "2:1 error undefined-global: undefined global help"},
		{"not here", "dofile('x.lua')", "1:1 error undefined-global: no dofile here: use require"},
		{"scope of a local", "do local a = 1 end\nprint(a)", "2:7 error undefined-global: undefined global a"},
		{"scope of repeat", "repeat local done = true until done", ""},
		{"scope of loops", "for i = 1, 2 do print(i) end for k, v in pairs({}) do print(k, v) end", ""},
		{"scope of parameters", "local function f(a, ...) return a, ... end\nlocal t = {}\nfunction t:m() return self, f end\nfunction t.n(b) return b end", ""},
		{"recursive", "local function f(n) return n == 0 or f(n - 1) end", ""},

		{"member", "print(string.fomat('x'))", "1:14 error unknown-member: no string.fomat; did you mean string.format?"},
		{"member read", "local f = json.encod", "1:16 warning unknown-member: no json.encod; did you mean json.encode?"},
		{"member asked for", "local split = string.split or function() end", ""},
		{"member defined", "function string.split() end\nstring.split()", ""},
		{"member not here", "io.popen('ls')", "1:4 error unknown-member: no io.popen here: scripts start no programs by io"},

		{"matcher", "expect(1):equls(1)", "1:11 error unknown-matcher: expect has no equls; did you mean equals?"},
		{"matcher after never", "expect(1).never:equls(1)", "1:17 error unknown-matcher: expect has no equls; did you mean equals?"},
		{"soft matcher", "check(1):equls(1)", "1:10 error unknown-matcher: expect has no equls; did you mean equals?"},
		{"matcher with a dot", "expect(1).equals(1)", "1:11 error dot-matcher: expectations are called with a colon, not with a dot; did you mean :equals?"},
		{"no matcher", "expect(1)", "1:1 warning no-matcher: expect(x) alone expects nothing; did you mean expect(x):is_true()?"},

		{"fixture in describe", "describe('x', function()\n  local u = fixture.user()\n  it('y', function() fixture.user() end)\nend)",
			"2:13 warning fixture-in-describe: fixture.user runs while the tests are declared and is removed only when the script ends; did you mean before_all or it around it?"},
		{"fixture in a helper", "local function make() return fixture.users(2) end\ndescribe('x', function() before_all(function() make() end) end)", ""},
		{"fixture after error", "error('stop')\nlocal u = fixture.user()\nprint(u)", "2:1 warning unreachable: this fixture is never made: the statement before it ends the block"},
		{"after return", "do return end\nprint(1)", "2:1 warning unreachable: this never runs: the statement before it ends the block"},
		{"after exit", "local ok = 1\nif ok then os.exit(1) else error('x') end\n\tprint(1)", "3:2 warning unreachable: this never runs: the statement before it ends the block"},
		{"test in a test", "it('a', function()\n  it('b', function() end)\nend)", "2:3 error test-in-test: it can't be used inside a test or a hook"},

		{"big number", "print(9007199254740993)", "1:7 warning inexact-number: a Lua number can't hold 9007199254740993: it becomes 9007199254740992; did you mean int64(\"9007199254740993\")?"},
		{"break", "break", "1:1 error syntax: break outside of a loop"},
		{"break in a function in a loop", "while true do print(function() break end) end", "1:32 error syntax: break outside of a loop"},
		{"goto", "goto done\ndo ::other:: end", "1:6 error syntax: goto done: no such label here"},
		{"good goto", "for i = 1, 2 do if i then goto next end ::next:: end", ""},
		{"rest", "local function f() return ... end", "1:27 error syntax: ... outside of a function that takes it"},
		{"bom and shebang", "\uFEFF#!/usr/bin/env imctl\nprnt()", "2:1 error undefined-global: undefined global prnt; did you mean print?"},
		{"several at once", "user.ad{}\nuser.add{usrID = 1, level = 'x'}\nprnt(1)",
			"1:6 error unknown-op: no operation user.ad; did you mean user.add?\n" +
				"2:6 error missing-field: user.add: missing field userID: the account\n" +
				"2:10 error unknown-field: user.add has no field usrID; did you mean userID?\n" +
				"2:29 error wrong-type: user.add: level: want a whole number, got the string \"x\"\n" +
				"3:1 error undefined-global: undefined global prnt; did you mean print?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, f := range Source(c.source, "x.lua", declarations()) {
				if f.File != "x.lua" {
					t.Errorf("file %q", f.File)
				}
				got = append(got, line(f))
			}
			if text := strings.Join(got, "\n"); text != c.want {
				t.Errorf("%s\ngot  %s\nwant %s", c.source, text, c.want)
			}
		})
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"no then", "if x\n  print(1)\nend", "2:3 unexpected 'print': 'then' is expected before it"},
		{"no do", "for i = 1, 2\n  print(1)\nend", "2:3 unexpected 'print': 'do' is expected before it"},
		{"no end", "function f()\n  if x then\n", "2:12 unexpected end of the file: 'end' is expected (to close 'if' in line 2)"},
		{"no end of a loop", "for i = 1, 2 do print(i)", "1:25 unexpected end of the file: 'end' is expected (to close 'for' in line 1)"},
		{"no parenthesis", "print(1\nlocal x = 2", "2:1 unexpected 'local': ')' (to close '(' in line 1) is expected before it"},
		{"no brace", "local t = {1, 2\nprint(t)", "2:1 unexpected 'print': '}' (to close '{' in line 1) is expected before it"},
		{"no comma", "local t = {a = 1 b = 2}", "1:18 unexpected 'b': ',' is expected before it"},
		{"one end too many", "print(1)\nend", "2:1 unexpected 'end': nothing that it could close is open"},
		{"expression", "local x = 1\nx\nprint(x)", "2:1 an expression alone is no statement: a call or an assignment is expected"},
		{"string", "print('abc\nprint(1)", "1:7 unterminated string"},
		{"not Lua", "local x = 1 !", "1:13 invalid token"},
		{"operator", "local x = 1 +\nprint(x) = 2", ""},
		{"no value", "local x = \nend", "2:1 unexpected 'end': a value is expected before it"},
		{"not equal", "if x != 1 then end", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			findings := Source(c.source, "x.lua", declarations())
			if len(findings) != 1 || findings[0].Code != "syntax" || findings[0].Severity != Error {
				t.Fatalf("%+v", findings)
			}
			f := findings[0]
			if got := fmt.Sprintf("%d:%d %s", f.Line, f.Column, f.Message); got != c.want && c.want != "" {
				t.Errorf("got  %s\nwant %s", got, c.want)
			} else if c.want == "" {
				t.Log(got)
			}
		})
	}
}
