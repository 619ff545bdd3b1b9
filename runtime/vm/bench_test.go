package vm

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// Against stock gopher-lua under a context: 0.5 to 0.8 times the time over all programs but gsub (the meter's cheap Done
// pays for the libraries), gsub 1,900 times faster at 15,000 matches; against lua5.1 three to fifteen times slower.

// benchPrograms are programs in Lua alone; each defines what it does in one run.
var benchPrograms = []struct{ name, source string }{
	{"fib", `local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end fib(22)`},
	{"loop", `local acc = 0 for i = 1, 300000 do acc = acc + i % 3 end`},
	{"closures", `local t = {} for i = 1, 20000 do t[i] = function() return i end end local s = 0 for i = 1, #t do s = s + t[i]() end`},
	{"methods", `local C = {} C.__index = C function C:add(n) self.v = self.v + n end
		local o = setmetatable({v = 0}, C) for i = 1, 60000 do o:add(i) end`},
	{"table fill", `local t = {} for i = 1, 100000 do t[i] = i end local s = 0 for i, v in ipairs(t) do s = s + v end`},
	{"hash", `local t = {} for i = 1, 20000 do t["k" .. i] = i end local s = 0 for k, v in pairs(t) do s = s + v end`},
	{"insert", `local t = {} for i = 1, 50000 do table.insert(t, i) end`},
	{"sort", `local t, x = {}, 7 for i = 1, 20000 do x = (x * 16807) % 2147483647 t[i] = x end table.sort(t)`},
	{"sort by", `local t, x = {}, 7 for i = 1, 5000 do x = (x * 16807) % 2147483647 t[i] = x end
		table.sort(t, function(a, b) return a > b end)`},
	{"append ..", `local s = "" for i = 1, 5000 do s = s .. "x" end`},
	{"join ..", `local n = 0 for i = 1, 30000 do local s = "user" .. i .. "@" .. "host" n = n + #s end`},
	{"concat", `local t = {} for i = 1, 50000 do t[i] = "item" end local s = table.concat(t, ",")`},
	{"gmatch", `local s, n = ("word "):rep(10000), 0 for w in s:gmatch("%a+") do n = n + 1 end`},
	{"gsub", `local s = ("word "):rep(10000) local r = s:gsub("%a+", "<%0>")`},
	{"gsub fn", `local s = ("word "):rep(3000) local r = s:gsub("%a+", function(w) return w:upper() end)`},
	{"find", `local s = ("x"):rep(1000) .. "key=value" for i = 1, 1000 do s:find("(%w+)=(%w+)", 990) end`},
	{"format", `for i = 1, 20000 do local s = string.format("%d %s %5.2f", i, "name", i / 3) end`},
	{"sub byte", `local s, n = ("abc"):rep(100), 0 for i = 1, 30000 do n = n + s:byte(i % 300 + 1) + #s:sub(2, 5) end`},
}

func BenchmarkVM(b *testing.B) {
	for _, p := range benchPrograms {
		b.Run(p.name, func(b *testing.B) {
			v := New(context.Background(), Options{Stdout: io.Discard})
			defer v.Close(context.Background())
			for b.Loop() {
				if _, err := v.Run(p.source, "bench.lua"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// stockState is a stock gopher-lua under a context, as a script with a time limit needs it.
func stockState(ctx context.Context) *lua.LState {
	L := lua.NewState(lua.Options{RegistrySize: 1 << 16, RegistryGrowStep: 1 << 16, RegistryMaxSize: 1 << 23, CallStackSize: 16000})
	L.SetContext(ctx)
	return L
}

func BenchmarkStock(b *testing.B) {
	for _, p := range benchPrograms {
		b.Run(p.name, func(b *testing.B) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			L := stockState(ctx)
			defer L.Close()
			for b.Loop() {
				if err := L.DoString(p.source); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOracle(b *testing.B) {
	path, err := exec.LookPath("lua5.1")
	if err != nil {
		b.Skip("SKIPPED: no lua5.1 here")
	}
	for _, p := range benchPrograms {
		b.Run(p.name, func(b *testing.B) {
			source := fmt.Sprintf(`local c = os.clock() for i = 1, %d do %s end io.write(os.clock() - c)`, b.N, p.source)
			out, err := exec.Command(path, "-e", source).Output()
			var seconds float64
			if fmt.Sscan(string(out), &seconds); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(seconds*1e9/float64(b.N), "ns/op")
		})
	}
}

// TestStringWorkIsFast holds the gap to the stock library: 30,000 matches at least ten times faster.
func TestStringWorkIsFast(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds on the stock library")
	}
	source := `local s = ("word "):rep(15000) s:gsub("%a+", "<%0>")`
	best := func(run func() error) time.Duration {
		least := time.Hour
		for range 2 {
			start := time.Now()
			if err := run(); err != nil {
				t.Fatal(err)
			}
			least = min(least, time.Since(start))
		}
		return least
	}
	v := New(context.Background(), Options{})
	defer v.Close(context.Background())
	ours := best(func() error { _, err := v.Run(source, "x.lua"); return err })
	L := stockState(context.Background())
	defer L.Close()
	stock := best(func() error { return L.DoString(source) })
	if stock < 10*ours {
		t.Errorf("ours %v, stock %v", ours, stock)
	}
	t.Log(strings.TrimSpace(fmt.Sprintf("15,000 matches: ours %v, stock %v", ours, stock)))
}

// BenchmarkNew is what opening a VM adds to each start.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New(context.Background(), Options{}).Close(context.Background())
	}
}

// BenchmarkPcall is a protected call, which runs in a thread of its own.
func BenchmarkPcall(b *testing.B) {
	v := New(context.Background(), Options{})
	defer v.Close(context.Background())
	for b.Loop() {
		if _, err := v.Run(`local f = function() end for i = 1, 1000 do pcall(f) end`, "x.lua"); err != nil {
			b.Fatal(err)
		}
	}
}
