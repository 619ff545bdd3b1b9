package vm

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// tryPattern is a Lua function that both engines run: what find, match, gmatch and gsub give, or their error.
const tryPattern = `
local function show(...)
	local t = {}
	for i = 1, select("#", ...) do
		local v = select(i, ...)
		t[i] = type(v) == "string" and string.format("%q", v) or tostring(v)
	end
	return table.concat(t, ",")
end
local function try(f, ...)
	local t = {pcall(f, ...)}
	if t[1] then return show(unpack(t, 2, 40)) end
	return "ERR " .. tostring(t[2]):gsub("^[^:]*:%d+: ", "")
end
local function all(s, p)
	local out, n = {}, 0
	for a, b in string.gmatch(s, p) do
		n = n + 1
		out[n] = tostring(a) .. ":" .. tostring(b)
		if n > 50 then break end
	end
	return table.concat(out, ";")
end
function attempt(s, p, r, i)
	return (table.concat({try(string.find, s, p, i), try(string.match, s, p, i), try(all, s, p), try(string.gsub, s, p, r),
		try(string.gsub, s, p, "<%0>", 2), try(string.gsub, s, p, function(a, b) return b and a end)}, " | "):gsub("[\n\r]", "~"))
end
`

// randomPattern makes a pattern, often a faulty one, of the characters that its subjects have.
func randomPattern(r *rand.Rand) string {
	pieces := []string{"a", "b", "c", ".", "%a", "%d", "%s", "%w", "%S", "%A", "%.", "%%", "[ab]", "[^a]", "[a-c]", "[%a_]", "[]]",
		"[^%s]", "(", ")", "()", "(a)", "(.-)", "%1", "%2", "%bab", "%b()", "%f[a]", "%f[%w]", "%f[^a]", "x", "1", " ",
		"$", "^", "]", "[a", "%", "%b", "%f", "[%", "[a-]", "[^]", "(a*)", "((a)b)", "%u", "%p", "%x", "%l", "%c", "%D"}
	suffixes := []string{"", "", "", "*", "+", "-", "?"}
	var b strings.Builder
	if r.IntN(6) == 0 {
		b.WriteByte('^')
	}
	for range 1 + r.IntN(5) {
		b.WriteString(pieces[r.IntN(len(pieces))])
		b.WriteString(suffixes[r.IntN(len(suffixes))])
	}
	if r.IntN(6) == 0 {
		b.WriteByte('$')
	}
	return b.String()
}

func randomSubject(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(14) {
		b.WriteByte("aaabbc1 x().%A_\n-]"[r.IntN(18)])
	}
	return b.String()
}

// attempts runs n random cases on a VM of ours and hands each to check.
func attempts(t *testing.T, seed uint64, n int, check func(call, got string)) {
	var out bytes.Buffer
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	v := New(ctx, Options{Stdout: &out, Stderr: &out})
	defer v.Close(context.Background())
	if _, err := v.Run(tryPattern, "=try"); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(seed, 1))
	replacements := []string{"x", "<%0>", "%1", "%2%1", "", "%%", "[%1]"}
	for range n {
		call := fmt.Sprintf("return attempt(%s, %s, %s, %d)", luaQuote(randomSubject(r)), luaQuote(randomPattern(r)),
			luaQuote(replacements[r.IntN(len(replacements))]), r.IntN(8)-3)
		got, err := v.Run(call, "=case")
		if err != nil {
			t.Fatalf("%s: %v", call, err)
		}
		check(call, got[0].String())
	}
}

func luaQuote(s string) string { return strings.ReplaceAll(string(quote(nil, s)), "\\\n", "\\n") }

// TestPatternsAgainstOracle compares random patterns with a lua5.1 that runs all along.
func TestPatternsAgainstOracle(t *testing.T) {
	path, err := exec.LookPath("lua5.1")
	if err != nil {
		t.Skip("SKIPPED: no lua5.1 here; random patterns were compared with nothing")
	}
	cmd := exec.Command(path, "-e", tryPattern+`
		io.stdout:setvbuf("line")
		for line in io.lines() do print(assert(loadstring(line))()) end`)
	in, _ := cmd.StdinPipe()
	stdout, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { in.Close(); cmd.Wait() }()
	answers := bufio.NewReader(stdout)
	bad := 0
	attempts(t, 7, 3000, func(call, got string) {
		if bad > 10 {
			return
		}
		fmt.Fprintln(in, call)
		want, err := answers.ReadString('\n')
		if err != nil {
			t.Fatalf("lua5.1 ended at %s: %v", call, err)
		}
		if want = strings.TrimSuffix(want, "\n"); got != want {
			bad++
			t.Errorf("%s\n got %s\nwant %s", call, got, want)
		}
	})
}

func FuzzPattern(f *testing.F) {
	f.Add("aab", "a*b", "%0")
	f.Add("(x(y))", "%b()", "%1")
	f.Add("THE (quick) fox", "%f[%a]%a+", "<%0>")
	f.Fuzz(func(t *testing.T, subject, pattern, replacement string) {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		v := New(ctx, Options{})
		defer v.Close(context.Background())
		source := fmt.Sprintf("local s, p, r = %s, %s, %s string.find(s, p) string.gsub(s, p, r) for _ in s:gmatch(p) do end",
			luaQuote(subject), luaQuote(pattern), luaQuote(replacement))
		start := time.Now()
		_, err := v.Run(source, "fuzz.lua")
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("took %v", took)
		}
		if err != nil && strings.Contains(err.Error(), "runtime error") {
			t.Error(err)
		}
	})
}
