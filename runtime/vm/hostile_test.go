package vm

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"runtime"
	"testing"
	"time"
)

// bombs are statements that never end, or that ask for more than there is. N and M are replaced by random numbers.
var bombs = []string{
	`while true do end`,
	`repeat local x = {} until false`,
	`for i = 1, math.huge do local s = "x" .. i end`,
	`local function f() return 1 + f() end f()`,
	`local function f(...) return f(1, ...) end f()`,
	`local function f() local t = setmetatable({}, {__index = function() return f() end}) return t.x end f()`,
	`local s = "xN" while true do s = s .. s end`,
	`local s = "x" while true do s = s:rep(N) end`,
	`local s = "ab" while true do s = s:gsub(".", "%0%0%0") end`,
	`local s = "a" while true do s = string.format("%s%s%M.3d", s, s, N) end`,
	`local t = {} while true do t[#t + 1] = {N} end`,
	`local t = {} while true do t = {t, t} t[{}] = t end`,
	`local t, i = {}, 0 while true do i = i + 1 t["k" .. i] = i end`,
	`local t = {} for i = 1, 1e9 do t[i * 1000003] = i end`,
	`local t = {} while true do table.insert(t, 1, #t) end`,
	`local t = {} for i = 1, N * 100 do t[i] = ("x"):rep(M * 1000) end while true do t[#t + 1] = table.concat(t) end`,
	`(("a"):rep(N + 40)):find(("a-"):rep(26) .. "b")`,
	`(("a"):rep(N + 100000)):find("a*a*a*b")`,
	`(("a"):rep(N + 50)):gsub(("a?"):rep(30) .. ("a"):rep(30) .. "b", "")`,
	`for w in (("ab"):rep(N + 60)):gmatch("(.-)(.-)(.-)(.-)(.-)(.-)(.-)c") do end`,
	`(("("):rep(100000)):gsub("%b()", "")  while true do (("x "):rep(N)):gsub("%s+$", "") end`,
	`local function f() coroutine.wrap(f)() end f()`,
	`local all = {} while true do all[#all + 1] = coroutine.create(function() coroutine.yield() end) coroutine.resume(all[#all]) end`,
	`local co = coroutine.wrap(function() while true do coroutine.yield(N) end end) while true do co() end`,
	`while true do pcall(error, {}) end`,
	`local function f() pcall(f) f() end f()`,
	`while true do xpcall(function() error("x") end, function() while true do end end) end`,
	`xpcall(error, function() while true do pcall(error) end end)`,
	`local t = setmetatable({}, {__newindex = function(t, k, v) t[k .. "x"] = v end}) t.x = N`,
	`local t = setmetatable({}, {}) getmetatable(t).__call = function(self) return self() + 1 end t()`,
	`local t = setmetatable({}, {__concat = function(a, b) return a .. b end}) local s = t .. N`,
	`local m = {__eq = function(a, b) return a == b end} local x = setmetatable({}, m) == setmetatable({}, m)`,
	`local m = {__lt = function(a, b) return a < b end} local x = setmetatable({}, m) < setmetatable({}, m)`,
	`tostring(setmetatable({}, {__tostring = function(t) return tostring(t) end}))`,
	`local t = {} for i = 1, 1000 do t[i] = i % M end table.sort(t, function(a, b) while true do end end)`,
	`while true do local t = {} for i = 1, 3000 do t[i] = i * N % 1001 end table.sort(t, function() return true end) end`,
	`string.rep("x", 1e9 + N)`,
	`unpack({}, 1, 1e8 + N)`,
	`local t = {} for i = 1, 1000 do t[i] = i end table.concat(t, ("x"):rep(1e6))`,
	`local t = {} for i = 1, 4e6 do t[i] = "xxxxxxxxxxxxxxxxxxxxxxxxxN" end while true do local s = table.concat(t, ",") end`,
	`local f = assert(loadstring("return " .. ("{"):rep(6000) .. ("}"):rep(6000)))`,
	`local f = assert(loadstring(("do "):rep(6000) .. ("end "):rep(6000)))`,
	`while true do loadstring("local a = {" .. ("1,"):rep(N) .. "}")() end`,
	`load(function() return "x" end)`,
	`local t = setmetatable({}, {__index = function(t, i) return t end}) while true do t = t[N] end`,
	`sleep(100)`,
	`local x = {} for i = 1, 150 do x = setmetatable({}, {__index = x}) end while true do x.y = x.z end`,
	`for k in function() return N end do end`,
	`local t = {} for i = 1, 1e7 do t[i] = i end while true do t[#t] = nil end`,
	`collectgarbage() while true do collectgarbage("count") end`,
}

// wraps run a function in a place where a limit could get lost.
var wraps = []string{
	`(%s)()`,
	`pcall(%s) while true do end`,
	`assert(pcall(%s)) while true do end`,
	`while true do local ok, err = pcall(%s) if not ok and type(err) == "string" then error(err, 0) end end`,
	`local ok, err = xpcall(%s, function(e) return e end) if not ok then error(err, 0) end while true do end`,
	`coroutine.wrap(%s)() while true do end`,
	`local co = coroutine.create(%s) local ok, err = coroutine.resume(co) if not ok then error(err, 0) end while true do end`,
	`(("x"):gsub("x", %s)) while true do end`,
	`table.sort({3, 2, 1}, %s) while true do end`,
	`local t = setmetatable({}, {__index = %s}) local x = t.x while true do end`,
	`local s = setmetatable({}, {__tostring = function() (%s)() return "" end}) print(s) while true do end`,
	`for x in (%s) do end while true do end`,
	`cleanup(%s)`,
	`local function f(n) if n == 0 then (%s)() else return pcall(f, n - 1) end end f(20) while true do end`,
}

var limitNames = regexp.MustCompile(`time limit|memory limit|stack overflow|too large|too many|syntax levels|too long|` +
	`loop in|not enough memory`)

// TestHostileScripts runs generated scripts that never end by themselves. Each has to end within the limits, with an
// error that names one, and the process lives on.
func TestHostileScripts(t *testing.T) {
	n := 500
	if testing.Short() {
		n = 60
	}
	r := rand.New(rand.NewPCG(5, 1))
	number := regexp.MustCompile(`\b[NM]\b|N`)
	for i := range n {
		bomb := number.ReplaceAllStringFunc(bombs[i%len(bombs)], func(string) string { return fmt.Sprint(2 + r.IntN(90)) })
		source := fmt.Sprintf(wraps[r.IntN(len(wraps))], "function() "+bomb+" end")
		const limit = 60 * time.Millisecond
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		v := New(ctx, Options{Stdout: io.Discard, Stderr: io.Discard, MaxMemory: 256 << 20})
		start := time.Now()
		_, err := v.Run(source, "hostile.lua")
		if err == nil { // what is registered as cleanup runs under a limit of its own
			ctx, cancel := context.WithTimeout(context.Background(), limit)
			err = v.Cleanup(ctx)
			cancel()
		}
		took := time.Since(start)
		v.Close(context.Background())
		cancel()
		if err == nil || !limitNames.MatchString(err.Error()) {
			t.Errorf("%s\nended with %v", source, err)
		}
		if took > 2*limit+1500*time.Millisecond { // half a second, and a machine that does other work
			t.Errorf("%s\ntook %v", source, took)
		}
		if i%50 == 0 {
			runtime.GC()
		}
	}
}
