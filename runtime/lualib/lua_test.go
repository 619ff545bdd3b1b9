package lualib

import (
	"strings"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

// TestResults runs snippets and compares what they print.
func TestResults(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"json keeps what it was", `local s = '{"b":[],"a":{},"n":null,"i":123456789012345678901234567890,"f":1.5}' print(json.encode(json.decode(s)) == s)`, "true\n"},
		{"json indent", `print(json.encode({a = {1}}, {indent = 1}))`, "{\n \"a\": [\n  1\n ]\n}\n"},
		{"json indent true", `print(json.encode(json.object(), {indent = true}), json.encode(json.array()))`, "{}\t[]\n"},
		{"json of nil", `print(json.encode(nil), json.encode(json.null))`, "null\tnull\n"},
		{"json of a misshapen table", `print((pcall(json.array, {a = 1})), (pcall(json.object, {1})))`, "false\tfalse\n"},
		{"json query", `print(json.query('{"a":[{"n":9007199254740993}]}', "a.0.n"), json.query("{}", "a"))`, "9007199254740993\tnil\n"},

		{"int64 mixed", `local b = json.decode("9007199254740993")
			print(int64.compare(5, b), int64.compare(b, "9007199254740993"), b > int64(5), b == int64("9007199254740993"))
			print(b - b, b * 2, -b, int64.div(-7, 2), int64.div(b, 2))`,
			"-1\t0\ttrue\ttrue\n0\t18014398509481986\t-9007199254740993\t-4\t4503599627370496\n"},
		{"int64 small", `local five = int64(5) print(five, five + 1, json.encode({n = five}), int64.is(five))`, "5\t6\t{\"n\":5}\ttrue\n"},
		{"int64 in tables", `local b = json.decode("[9007199254740993,9007199254740993]") print(#tbl.unique(b), tbl.equal(b[1], b[2]))`, "1\ttrue\n"},

		{"time forms", `for _, s in ipairs{"2026-11-25T08:30:00Z", "2026-11-25T16:30:00+08:00", "20261125T083000Z", "2026-11-25 08:30", "Wed, 25 Nov 2026 08:30:00 GMT", "2026-11-25T08:30:00.000+0000"} do
			print(time.parse(s) == 1795595400000) end`, strings.Repeat("true\n", 6)},
		{"time with milliseconds", `print(time.parse("2026-11-25T08:30:00.123Z") % 1000, time.format(1795595400123, "%S.%L %s %% %j"))`, "123\t00.123 1795595400 % 329\n"},
		{"time by layout", `print(time.parse("Nov 25 2026 08:30:00.250", {layout = "%b %d %Y %H:%M:%S.%L"}))`, "1795595400250\n"},
		{"time in a zone", `print(time.format(time.parse("2026-07-01 12:00", {zone = "Europe/Berlin"}), "rfc3339", "Europe/Berlin"))`, "2026-07-01T12:00:00.000+02:00\n"},
		{"time zone offsets", `print(time.parts(0, "-0330").hour, time.parts(0, "+08").offset, time.parts(0).zone)`, "20\t28800\tUTC\n"},
		{"time http", `print(time.format(0, "http", "+08:00"))`, "Thu, 01 Jan 1970 00:00:00 GMT\n"},
		{"time before 1970", `print(time.format(-1, "rfc3339"), time.parse("1969-12-31T23:59:59.999Z"))`, "1969-12-31T23:59:59.999+00:00\t-1\n"},
		{"time add", `local t = time.parse("2024-02-29T10:00:00Z")
			print(time.format(time.add(t, {years = 1}), "date"), time.format(time.add(t, {months = -1, days = 1}), "date"), time.format(time.add(t, "-1d"), "datetime"))`,
			"2025-02-28\t2024-01-30\t2024-02-28 10:00:00\n"},
		{"time add over a change of clocks", `local z = "Europe/Berlin" local t = time.parse("2026-03-28 12:00", {zone = z})
			print(time.format(time.add(t, {days = 1}, z), "datetime", z), time.format(time.add(t, "24h"), "datetime", z))`, "2026-03-29 12:00:00\t2026-03-29 13:00:00\n"},
		{"time start of", `local t = time.parse("2026-11-25T08:31:29.5Z")
			for _, u in ipairs{"second", "minute", "hour", "day", "month", "year"} do io.write(time.format(time.start_of(t, u), "datetime"), ";") end`,
			"2026-11-25 08:31:29;2026-11-25 08:31:00;2026-11-25 08:00:00;2026-11-25 00:00:00;2026-11-01 00:00:00;2026-01-01 00:00:00;"},
		{"durations", `print(time.duration("1.5h"), time.duration("-2m"), time.duration("1w2d"), time.duration("P1DT2H"), time.duration(3))
			print(time.format_duration("36h"), time.format_duration(0.25), time.format_duration(0), time.format_duration(-90))`,
			"5400\t-120\t777600\t93600\t3\n1d12h\t250ms\t0s\t-1m30s\n"},

		{"str split", `local j = function(t) return "[" .. str.join(t, "|") .. "]" end
			print(j(str.split("a.b.c", ".", {limit = 2})), j(str.split("", ",")), j(str.split("a,", ",")), j(str.split("a, b ,c", "%s*,%s*", {plain = false, limit = 2})))`,
			"[a|b.c]\t[]\t[a|]\t[a|b ,c]\n"},
		{"str lines", `print(#str.lines(""), #str.lines("\n"), #str.lines("a\n\nb"), str.lines("a\r\n")[1])`, "0\t1\t3\ta\n"},
		{"str replace is linear", `print(#str.replace(("x"):rep(1000000), "x", "yy"))`, "2000000\n"},
		{"str of bytes", `print(str.len("\255a"), #str.chars("\255a"), str.sub("\255ab", 2), str.valid("a\255"))`, "2\t2\tab\tfalse\n"},
		{"str sub", `print(str.sub("abc", 0), str.sub("abc", 2, 10), str.sub("abc", 3, 2) == "", str.sub("日本語", -1))`, "abc\tbc\ttrue\t語\n"},
		{"str pad", `print("[" .. str.pad("ab", 5, {side = "both", with = "*"}) .. "]", str.pad("long", 2))`, "[*ab**]\tlong\n"},
		{"str truncate wide", `print(str.truncate("你好世界", 5), str.truncate("ok", 5))`, "你好…\tok\n"},
		{"str escape", `print(("a.b"):find(str.escape_pattern(".")), ("x%y"):gsub(str.escape_pattern("%"), "-"))`, "2\tx-y\t1\n"},
		{"str join", `print(str.join({1.5, json.decode("9007199254740993")}, ","), str.join({}))`, "1.5,9007199254740993\t\n"},

		{"tbl of objects", `local t = tbl.map({a = 1, b = 2}, function(v, k) return k .. v end) print(t.a, t.b, tbl.filter({a = 1, b = 2}, function(v) return v > 1 end).a)`, "a1\tb2\tnil\n"},
		{"tbl sort is stable", `local l = tbl.sort_by({{k = 1, n = "a"}, {k = 0, n = "b"}, {k = 1, n = "c"}}, "k") print(l[1].n .. l[2].n .. l[3].n)
			l = tbl.sort_by({{k = 1, n = "a"}, {k = 0, n = "b"}, {k = 1, n = "c"}}, "k", true) print(l[1].n .. l[2].n .. l[3].n)`, "bac\nacb\n"},
		{"tbl sort of int64", `local l = tbl.sort_by({{k = 9}, {k = int64("9007199254740995")}, {k = int64("9007199254740993")}, {k = 1}}, "k") print(l[1].k, l[2].k, l[3].k, l[4].k)`, "1\t9\t9007199254740993\t9007199254740995\n"},
		{"json shapes", `print(json.is_array({}), json.is_object(json.object({})), json.is_array("x"), json.is_object(json.null), json.is_array(json.decode("[1]")))`, "true\ttrue\tfalse\tfalse\ttrue\n"},
		{"tbl copy of a cycle", `local a = {} a.self = a local b = tbl.copy(a) print(b.self == b, b ~= a)`, "true\ttrue\n"},
		{"tbl copy keeps marks", `print(json.encode(tbl.copy(json.decode('{"a":{},"b":[]}'))))`, `{"a":{},"b":[]}` + "\n"},
		{"tbl merge", `local a, b = {l = {1, 2}, o = {x = 1}}, {l = {3}, o = {y = 2}} local m = tbl.merge(a, b) print(#m.l, m.o.x, m.o.y, a.o.y)`, "1\t1\t2\tnil\n"},
		{"tbl equal", `print(tbl.equal(json.null, json.null), tbl.equal({}, json.decode("[]")), tbl.equal(1, "1"), tbl.equal({a = {b = 1}}, {a = {b = 2}}))`, "true\ttrue\tfalse\tfalse\n"},
		{"tbl diff", `local d = tbl.diff({users = {{id = 1}}, x = 1}, {users = {{id = 2}}}) print(#d, d[1], d[2])`, "2\tat users[1].id: got 1, want 2\tat x: unexpected 1\n"},

		{"csv quoting", `local t = csv.encode({{a = 'x"y', b = "l1\nl2"}, {a = json.null, b = true}}) print(t) local r = csv.decode(t) print(r[1].a, r[1].b, r[2].a == "", r[2].b)`,
			"a,b\n\"x\"\"y\",\"l1\nl2\"\n,true\n\nx\"y\tl1\nl2\ttrue\ttrue\n"},
		{"csv columns of all rows", `io.write(csv.encode({{a = 1}, {b = 2}}))`, "a,b\n1,\n,2\n"},
		{"csv without a header", `io.write(csv.encode({{a = 1}}, {header = false}), #csv.decode("a,b\nc,d", {header = false}), csv.decode("1,2", {header = {"x", "y"}})[1].y)`, "1\n22"},
		{"csv byte order mark", `print(csv.decode("\239\187\191userID\na")[1].userID)`, "a\n"},
		{"csv byte order mark without a header", `file.write("m.csv", "\239\187\191a,b\n") for r in csv.rows("m.csv", {header = false}) do print(r[1] == "a") end`, "true\n"},
		{"csv byte order mark in a value", `local m = "\239\187\191" print(csv.decode(csv.encode({{m .. "x", 1}}, {header = false}), {header = false})[1][1] == m .. "x")`, "true\n"},
		{"csv empty", `print(#csv.decode(""), csv.encode({}) == "", #csv.decode("a,b\n"))`, "0\ttrue\t0\n"},
		{"csv empty single column", `local t = csv.encode({{a = ""}, {a = "x"}}) print(#csv.decode(t))`, "2\n"},

		{"yaml numbers", `local d = yaml.decode("a: 9007199254740993\nb: 0x10\nc: 1e3\nh: '1e3'\nd: -5\ne: 18446744073709551615\nf: 123456789012345678901234567890\ng: 0o17") 
			print(d.a, d.b, d.c, d.d, d.e, d.f, d.g, d.h)`, "9007199254740993\t16\t1000\t-5\t18446744073709551615\t123456789012345678901234567890\t15\t1e3\n"},
		{"yaml words", `local d = yaml.decode("a: yes\nb: ~\nc: \"5\"\nd: 2026-11-25\ne:\nf: !!str 12") print(d.a, d.b, type(d.c), d.d, d.e, type(d.f))`, "yes\tnull\tstring\t2026-11-25\tnull\tstring\n"},
		{"yaml anchors", `local d = yaml.decode("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\nlist: [*b, *b]") print(d.use.x, d.use.y, #d.list, d.list[2].y)`, "1\t3\t2\t2\n"},
		{"yaml text", `local d = yaml.decode("a: |\n  one\n  two\nb: >-\n  one\n  two\n") print(d.a .. ";" .. d.b)`, "one\ntwo\n;one two\n"},
		{"yaml order", `local d = yaml.decode("z: 1\na: 2\n1: three\n") print(str.join(tbl.keys(d), " "), json.encode(d))`, "z a 1\t{\"z\":1,\"a\":2,\"1\":\"three\"}\n"},
		{"yaml back", `print(tbl.equal(yaml.decode(yaml.encode({a = {"x: y", "no", 1.5, true}, b = json.null})), {a = {"x: y", "no", 1.5, true}, b = json.null}))`, "true\n"},
		{"yaml empty", `print(yaml.decode(""), #yaml.decode_all(""), yaml.encode(json.array()))`, "nil\t0\t[]\n\n"},

		{"base64", `print(base64.encode("\0\255"), base64.decode("AP8") == "\0\255", base64.decode("YQ\n==") , base64.encode("a", {pad = false}), base64.encode("a", {url = true, pad = true}))`, "AP8=\ttrue\ta\tYQ\tYQ==\n"},
		{"hash", `print(hash.sha1("abc"), hash.hmac("md5", "k", "v"))`, "a9993e364706816aba3e25717850c26c9cd0d89d\t03b6c9582f223fddef02baad0cd5a270\n"},
		{"uuid", `local a, b = uuid.v7(), uuid.v7() print(a ~= b, uuid.v4():sub(15, 15), uuid.v4():match("^%x+%-%x+%-4%x+%-[89ab]%x+%-%x+$") ~= nil)`, "true\t4\ttrue\n"},
		{"env default", `print(env.get("X", nil), env.get("X", 5), env.get("HOST_X"))`, "nil\t5\tvalue\n"},
		{"file", `file.write("d.txt", "1\r\n2\n3") local n = 0 for l in file.lines("d.txt") do n = n + tonumber(l) end print(n, file.stat("d.txt").size, file.stat("d.txt").name)
			file.mkdir("x/y") file.write("x/y/z", "") file.remove("x", {recursive = true}) print(file.exists("x"), #file.list())`, "6\t6\td.txt\nfalse\t1\n"},
		{"file long line", `file.write("l", ("x"):rep(200000)) for l in file.lines("l") do print(#l) end`, "200000\n"},
		{"require", `print(require("time") == time, require("imctl.json") == json, str == package.loaded["imctl.str"])`, "true\ttrue\ttrue\n"},
		{"methods chain", `local r = str.trim(("  x  "):gsub("x", "y")) print(r)`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := runLua(t, Options{Getenv: getenv, Now: time.Now}, c.source)
			if c.want == "" {
				return
			}
			if err != nil || got != c.want {
				t.Errorf("got %q, want %q (%v)", got, c.want, err)
			}
		})
	}
}

func getenv(name string) string {
	switch name {
	case "HOST_X":
		return "value"
	case "API_TOKEN":
		return "s3cr3t-value"
	}
	return ""
}

// TestErrors shows that a wrong call names the function, the argument and the value.
func TestErrors(t *testing.T) {
	for _, c := range []struct {
		source string
		kind   fault.Kind
		want   string
	}{
		{`str.trim(5)`, fault.Usage, "str.trim: argument 1 (s): want a string, got the number 5"},
		{`str.trim()`, fault.Usage, "str.trim: argument 1 (s) is missing: want a string"},
		{`str:trim("a")`, fault.Usage, "str.trim: call it with a dot, not with a colon"},
		{`str.pad("a", 5, {sied = "left"})`, fault.Usage, "str.pad: no option sied; did you mean side?"},
		{`str.pad("a", 5, {side = 5})`, fault.Usage, "str.pad: option side: want a string, got the number 5"},
		{`str.pad("a", 5.5)`, fault.Usage, "argument 2 (width): want a whole number, got the number 5.5"},
		{`str.replace("a", "", "b")`, fault.Usage, "argument 2 (old): it is empty"},
		{`str.split("a,b", "x*", {plain = false})`, fault.Usage, "matches nothing at all"},
		{`str.split("a,b", "")`, fault.Usage, "str.chars"},
		{`str.join({{}})`, fault.Usage, "entry 1"},
		{`json.encode(print)`, fault.Usage, "json.encode: argument 1 (value): a function is no data"},
		{`json.encode({a = {f = print}})`, fault.Usage, "argument 1 (value): a.f: a function is no data"},
		{`json.encode(0/0)`, fault.Usage, "json.encode: NaN can't be written as JSON"},
		{`json.decode("[1,\n2,,3]")`, fault.Usage, "json.decode: line 2, column 3"},
		{`json.decode("  ")`, fault.Usage, "the text is empty"},
		{`json.decode("[1")`, fault.Usage, "unexpected end of JSON input"},
		{`return json.decode("9007199254740993") < 5`, fault.Script, "attempt to compare"},
		{`int64("x")`, fault.Usage, "int64.new: argument 1 (value): want a whole number, got the string \"x\""},
		{`int64(1.5)`, fault.Usage, "want a whole number"},
		{`int64("99999999999999999999")`, fault.Usage, "beyond 64 bits"},
		{`int64.div(1, 0)`, fault.Usage, "division by zero"},
		{`time.parse("tomorrow")`, fault.Usage, `"tomorrow" is no time`},
		{`time.format(0, "%Q")`, fault.Usage, "no directive %Q"},
		{`time.format(0, "YYYY")`, fault.Usage, `no layout "YYYY"`},
		{`time.format(0, "date", "Mars/Base")`, fault.Usage, `argument 3 (zone): no time zone "Mars/Base" on this system`},
		{`time.format(1e300)`, fault.Usage, "outside of the years"},
		{`time.duration("5 parsecs")`, fault.Usage, `want a duration like 5s, 1h30m, 2d or PT90S, got "5 parsecs"`},
		{`time.duration("99999999999w")`, fault.Usage, "longer than"},
		{`time.add(0, {week = 1})`, fault.Usage, "no unit week; did you mean weeks?"},
		{`time.start_of(0, "dya")`, fault.Usage, `did you mean day?`},
		{`time.sleep(-1)`, fault.Usage, "it is negative"},
		{`time.parse("1 x", {layout = "%d Jan"})`, fault.Usage, "can't be told from a date"},
		{`csv.decode("a,b\n1")`, fault.Usage, "csv.decode: line 2: a row with another number of fields"},
		{`csv.decode("a,a\n1,2")`, fault.Usage, `the header names "a" twice`},
		{`csv.decode('a\n"x')`, fault.Usage, "line 2"},
		{`csv.encode({{a = 1}, {1}})`, fault.Usage, "some rows are tables of fields and some are lists"},
		{`csv.encode({{a = 1}}, {header = {"b"}})`, fault.Usage, "row 1: no column a"},
		{`csv.encode({{1}}, {sep = "ab"})`, fault.Usage, "option sep: want one character"},
		{`for r in csv.rows("none.csv") do end`, fault.NotFound, "csv.rows: can't open none.csv"},
		{`file.write("bad.csv", "a\n1,2\n") for r in csv.rows("bad.csv") do end`, fault.Usage, "csv.rows: bad.csv: line 2"},
		{`yaml.decode("a: [1")`, fault.Usage, "yaml.decode: line 1"},
		{`yaml.decode("a: 1\na: 2")`, fault.Usage, "a"},
		{`yaml.decode("a: 1\n---\nb: 2")`, fault.Usage, "2 documents; use yaml.decode_all"},
		{`yaml.decode("a: *none")`, fault.Usage, "none"},
		{`yaml.decode(("a"):rep(5000000))`, fault.Usage, "larger than 4 MiB"},
		{`yaml.decode(("["):rep(1000) .. ("]"):rep(1000))`, fault.Usage, "too large or too deep"},
		{`base64.decode("a*b")`, fault.Usage, "base64.decode: not base64: at input byte 1"},
		{`hash.hmac("sha3", "k", "v")`, fault.Usage, "no algorithm \"sha3\"; there are md5, sha1, sha256, sha512"},
		{`env.need("NOT_SET")`, fault.Usage, "env.need: the environment variable NOT_SET is not set"},
		{`file.read("none.txt")`, fault.NotFound, "file.read: can't open none.txt: no such file or directory"},
		{`file.read("../x")`, fault.Denied, "path escapes from parent"},
		{`file.write("/etc/x", "")`, fault.Denied, "path escapes from parent"},
		{`file.read("")`, fault.Usage, "file.read: the name of the file is empty"},
		{`file.lines("none")`, fault.NotFound, "file.lines: can't open none"},
		{`log.info("x", {1})`, fault.Usage, "argument 2 (fields): want a table of fields, got a list of 1"},
		{`log.enabled("loud")`, fault.Usage, "want debug, info, warn or error"},
		{`shell.run({})`, fault.Usage, "it names no program"},
		{`shell.run("ls -l")`, fault.Usage, "argument 1 (argv): want a list of strings, got the string \"ls -l\""},
		{`shell.run({"no-such-program-here"})`, fault.NotFound, "shell.run: no program no-such-program-here"},
		{`shell.sh("echo broken >&2; exit 4", {check = true})`, fault.Script, "ended with code 4: broken"},
		{`shell.sh("sleep 9", {timeout = "50ms"})`, fault.Timeout, "/bin/sh ran longer than 50ms"},
		{`http.get("ftp://x/")`, fault.Usage, "want an address like"},
		{`http.request{method = "GET"}`, fault.Usage, "option url is missing"},
		{`http.request{url = "http://127.0.0.1:1", body = "x", json = {}}`, fault.Usage, "only one body"},
		{`http.get("http://127.0.0.1:1/x?token=abc")`, fault.Unreachable, "connection refused"},
		{`http.get("http://no-such-host.invalid")`, fault.Unreachable, "no such host"},
		{`tbl.map({}, 5)`, fault.Script, "tbl.map: argument 2 (fn): want a function, got 5"},
		{`tbl.sort_by({}, {})`, fault.Script, "test.lua:1: tbl.sort_by: argument 2 (key): want a function, got a table"},
		{"\n\ntbl.map(5)", fault.Script, "test.lua:3: tbl.map: argument 1 (t): want a table, got 5"},
		{`tbl.sort_by({{a = 1}, {}}, "a")`, fault.Script, "entry 2 has nothing to sort by"},
		{`tbl.chunk({}, 0)`, fault.Script, "want a whole number of 1 or more, got 0"},
	} {
		_, err := runLua(t, Options{Getenv: getenv}, c.source)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.source, err, c.want)
		} else if !fault.Is(err, c.kind) {
			t.Errorf("%s: kind %s, want %s", c.source, fault.From(err).Kind, c.kind)
		}
	}
}

// TestMixedComparison: what Lua 5.1 rules out is an error that says what to do.
func TestMixedComparison(t *testing.T) {
	for _, source := range []string{`return int64("9007199254740993") < 5`, `return 5 >= int64(7)`} {
		_, err := runLua(t, Options{}, source)
		if e := fault.From(err); err == nil || !strings.Contains(e.Hint, "int64.compare(a, b)") {
			t.Errorf("%s: %v, hint %q", source, err, e.Hint)
		}
	}
}
