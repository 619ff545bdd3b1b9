package vm

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestStringLibrary tests what the oracle can't tell: values beyond Lua 5.1, and where this library departs from it.
func TestStringLibrary(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"int64", `
			local id = json.decode("9223372036854775807")
			print(string.format("%d %s %x %21d|", id, id, id, id), "id" .. id, tostring(id), string.len(id))`,
			"9223372036854775807 9223372036854775807 7fffffffffffffff   9223372036854775807|\tid9223372036854775807\t9223372036854775807\t19"},
		{"uint64", `print(string.format("%d %u", json.decode("18446744073709551615"), json.decode("18446744073709551615")))`,
			"18446744073709551615 18446744073709551615"},
		{"negative int64", `print(string.format("%d", json.decode("-9223372036854775808")))`, "-9223372036854775808"},
		{"integers keep their digits", `print(1e15, 2^53, 2^53 .. "", 1234567890123456)`,
			"1000000000000000\t9007199254740992\t9007199254740992\t1234567890123456"},
		{"%d beyond 64 bits", `print(pcall(string.format, "%d", 1e20))`,
			"false\tbad argument #2 to 'format' (number has no integer representation)"},
		{"%s of a table", `print(pcall(string.format, "%s", {}))`, "false\tbad argument #2 to 'format' (string expected, got table)"},
		{"NUL in texts", `print(#string.format("%s", "a\0b"), #string.format("%c", 0), #("a\0b"):upper(), ("a\0b"):find("\0", 1, true))`, "3\t1\t3\t2\t2"},
		{"NUL in patterns", `print(("a\0b"):find("\0b"), (("a\0b"):gsub("%z", "0")))`, "2\ta0b"},
		{"trailing % in a replacement", `print(pcall(string.gsub, "a", "a", "%"))`, "false\tinvalid use of '%' in replacement string"},
		{"negative number in a base", `print(tonumber("-ff", 16))`, "-255"},
		{"words that are no numbers", `print(tonumber("inf"), tonumber("nan"), tonumber("infinity"))`, "nil\tnil\tnil"},
		{"callback that breaks the matcher", `
			print((("abc"):gsub(".", function(c) return (c:gsub(".", function(x) return x:match("(.)"):upper() end)) end)))`, "ABC"},
		{"error in a callback", `print(pcall(string.gsub, "abc", "b", function() error("cb", 0) end)) print((("abc"):gsub("b", "x")))`, "false\tcb\naxc"},
		{"yield in a callback", `print(coroutine.resume(coroutine.create(function() ("a"):gsub("a", coroutine.yield) end)))`,
			"false\tattempt to yield across metamethod/C-call boundary"},
		{"a long run with an end that is not there", `print((("a"):rep(100000)):find("a*b"), ((" "):rep(100000) .. "x"):find("%s+$"))`, "nil\tnil"},
		{"a lone large key", `local t = {} t[60000000] = 1 print(next(t))`, "60000000\t1"},
		{"join and unpack 200,000", `
			local t = {} for i = 1, 200000 do t[i] = i end
			print(#table.concat(t, ","), select("#", unpack(t)))`, "1288894\t200000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := run(t, c.source)
			if err != nil || strings.TrimSpace(got) != c.want {
				t.Errorf("got %q %v, want %q", got, err, c.want)
			}
		})
	}
}

// TestOneCallStops is case 003: a single call that takes half a minute ends at the limit, and pcall doesn't eat that.
func TestOneCallStops(t *testing.T) {
	for _, source := range []string{
		`print(pcall(string.find, string.rep("a", 100000), "a*a*a*b")) print("never")`,
		`print(pcall(string.find, string.rep("a", 100), string.rep("a-", 26) .. "b")) print("never")`,
		`print(pcall(string.gsub, string.rep("a", 100000), ".-.-b", "")) print("never")`,
	} {
		start := time.Now()
		out, err := runWithin(t, 100*time.Millisecond, source)
		if err == nil || !strings.Contains(err.Error(), "test.lua:1") || out != "" {
			t.Errorf("%s: %q %v", source, out, err)
		}
		if took := time.Since(start); took > 600*time.Millisecond {
			t.Errorf("%s: took %v", source, took)
		}
	}
}

// TestLoneKeyIsCheap holds that a large key costs no more than any other.
func TestLoneKeyIsCheap(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := run(t, `for i = 1, 10 do local t = {} t[60000000 + i] = 1 end`); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 16<<20 {
		t.Errorf("%d MiB were allocated", got>>20)
	}
}
