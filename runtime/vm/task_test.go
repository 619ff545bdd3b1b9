package vm

import (
	"bytes"
	"context"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/stdlib"
)

// slowArea has operations that take their time, and counts how many run at once.
type slowArea struct{ now, most atomic.Int64 }

type slowParams struct {
	N int `json:"n" arg:"1"`
}

func (s *slowArea) area() bindings.Area {
	return bindings.Area{Name: "slow", Ops: []bindings.Op{
		{Name: "double", Run: bindings.Func(func(ctx context.Context, _ *bindings.Env, p slowParams) (int, error) {
			n := s.now.Add(1)
			defer s.now.Add(-1)
			for {
				most := s.most.Load()
				if n <= most || s.most.CompareAndSwap(most, n) {
					break
				}
			}
			return 2 * p.N, bindings.Wait(ctx, 3*time.Millisecond)
		})},
		{Name: "rows", Run: bindings.Stream(func(ctx context.Context, _ *bindings.Env, p slowParams) iter.Seq2[int, error] {
			return func(yield func(int, error) bool) {
				for i := range p.N {
					if err := bindings.Wait(ctx, time.Millisecond); !yield(i, err) {
						return
					}
				}
			}
		})},
	}}
}

// runTasks runs source with the library and the slow area and returns what it printed, with the error's text behind it.
func runTasks(t *testing.T, limit time.Duration, source string) (string, *slowArea) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var slow slowArea
	var out bytes.Buffer
	v := New(ctx, Options{
		Stdout: &out, Stderr: &out, MaxMemory: 1 << 30, Stdlib: stdlib.FS, Globals: stdlib.Globals(), Areas: []bindings.Area{slow.area()},
		OpenEnv: func() (*bindings.Env, error) { return &bindings.Env{Now: time.Now}, nil },
	})
	_, err := v.Run(source, "test.lua")
	if cerr := v.Close(context.Background()); err == nil {
		err = cerr
	}
	if err != nil {
		out.WriteString("error: " + err.Error())
	}
	return out.String(), &slow
}

func TestTasks(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, c := range []struct{ name, source, want string }{
		{"they take turns where they wait", `
			local log = {}
			local function step(name) return function() for i = 1, 2 do log[#log + 1] = name .. i; slow.double(i) end end end
			task.all { step "a", step "b" }
			print(#log, log[1], log[2])`, "4\ta1\tb1\n"},
		{"results and errors of wait", `
			local good = task.spawn(function(a, b) slow.double(1) return a, b end, 1, 2)
			local bad = task.spawn(function() slow.double(1) error({code = 7}) end)
			print(good:wait())
			local ok, e = pcall(bad.wait, bad)
			print(ok, e.code, good:status())`, "1\t2\nfalse\t7\tdone\n"},
		{"an error that nobody waited for ends the scope", `
			print(pcall(task.scope, function() task.spawn(function() error("unseen", 0) end) slow.double(1) end))`, "false\tunseen\n"},
		{"an error that was seen does not", `
			task.scope(function() local t = task.spawn(function() error("seen", 0) end) print(pcall(t.wait, t)) end)
			print("on")`, "false\tseen\non\n"},
		{"the script waits for its tasks", `task.spawn(function() slow.double(1) print("late") end) print("early")`, "early\nlate\n"},
		{"the error of a task is the script's", `task.spawn(function() slow.double(1) error("of a task") end)`, "error: test.lua:1: of a task"},
		{"a task waits for its own", `
			local t = task.spawn(function() task.spawn(function() slow.double(1) print("inner") end) end)
			t:wait() print("outer")`, "inner\nouter\n"},
		{"the first error cancels the others", `
			local reached = false
			print(pcall(task.all, { function() sleep(60) reached = true end, function() slow.double(1) error("first", 0) end }))
			print(reached)`, "false\tfirst\nfalse\n"},
		{"race", `print(task.race { function() sleep(60) end, function() slow.double(1) return "won" end })`, "won\t2\n"},
		{"map keeps the order and the bound", `
			print(table.concat(task.map({1, 2, 3, 4, 5, 6, 7}, slow.double, {concurrency = 3}), " "))`, "2 4 6 8 10 12 14\n"},
		{"a cancel can't be caught", `
			local n = 0
			local t = task.spawn(function() while true do n = n + 1 pcall(function() sleep(60) end) end end)
			slow.double(1) t:cancel()
			local ok, e = pcall(t.wait, t)
			print(ok, e.kind, n)`, "false\tcanceled\t1\n"},
		{"cancel before it ran", `local t = task.spawn(function() print("never") end) t:cancel() print(pcall(t.wait, t) == false)`, "true\n"},
		{"channel without room", `
			local c, log = task.channel(), {}
			task.scope(function()
				task.spawn(function() for i = 1, 3 do log[#log + 1] = "s" .. i; c:send(i) end c:close() end)
				for v in c:each() do log[#log + 1] = "r" .. v end
			end)
			print(table.concat(log, " "), c:recv(), c:send(9))`, "s1 r1 s2 r2 s3 r3\tnil\tfalse\n"},
		{"channel with room, several takers", `
			local c, sum = task.channel(2), 0
			task.scope(function()
				for i = 1, 3 do task.spawn(function() for v in c:each() do slow.double(1) sum = sum + v end end) end
				for i = 1, 20 do c:send(i) end
				c:close()
			end)
			print(sum)`, "210\n"},
		{"inside pcall, sort, gsub, an iterator, a coroutine, a metamethod", `
			print(table.concat(task.all {
				function() local ok, e = pcall(function() slow.double(1) error("in", 0) end) return e end,
				function() local t = {3, 1, 2} table.sort(t, function(a, b) slow.double(1) return a < b end) return table.concat(t) end,
				function() return (("abc"):gsub(".", function(c) slow.double(1) return c:upper() end)) end,
				function() local n = 0 for row in slow.rows(4) do n = n + row end return n end,
				function() local co = coroutine.wrap(function() for i = 1, 3 do slow.double(1) coroutine.yield(i) end end) return co() + co() + co() end,
				function() return setmetatable({}, {__index = function(_, k) slow.double(1) return k .. "!" end}).x end,
			}, " "))`, "in 123 ABC 6 6 x!\n"},
		{"a coroutine that another task is in", `
			local c = task.channel(1)
			local co = coroutine.create(function() return c:recv() end)
			local t = task.spawn(function() return coroutine.resume(co) end)
			sleep(0)
			print(coroutine.resume(co))
			c:send("end")
			print(t:wait())`,
			"false\tcannot resume normal coroutine\ntrue\tend\n"},
		{"rows that another task reads", `
			local rows = slow.rows(50)
			local t = task.spawn(function() return #rows:all() end)
			sleep("2ms")
			local ok, e = pcall(rows.all, rows)
			print(ok, e.message, t:wait())`, "false\tanother task reads these rows\t50\n"},
		{"captured locals", `
			local sum, adders = 0, {}
			for i = 1, 50 do adders[i] = function() local mine = i slow.double(1) pcall(function() sum = sum + mine error() end) end end
			task.all(adders)
			print(sum)`, "1275\n"},
		{"os.exit in a task", `task.scope(function() task.spawn(function() os.exit(0) end) slow.double(1) end) print("not here")`, ""},
		{"wrong arguments", `
			print(pcall(function() return task.map({1}, 5), 1 end))
			print(pcall(function() return task.all({1}), 1 end))
			print(pcall(function() return task.channel(-1), 1 end))
			print(pcall(function() return task.spwan end))`,
			"false\ttest.lua:2: task.map: argument 2 (fn): want a function, got 5\nfalse\ttest.lua:3: task.all: entry 1: want a function, got a number\n" +
				"false\ttest.lua:4: task.channel: want a number of values from 0, got -1\n" +
				"false\tno function task.spwan; did you mean task.spawn?\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, _ := runTasks(t, time.Minute, c.source); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

// TestTasksRunAtOnce: what tasks wait for happens at the same time, up to the bound.
func TestTasksRunAtOnce(t *testing.T) {
	_, slow := runTasks(t, time.Minute, `local l = {} for i = 1, 40 do l[i] = i end task.map(l, slow.double, {concurrency = 8})`)
	if most := slow.most.Load(); most < 2 || most > 8 {
		t.Errorf("%d at once, want up to 8", most)
	}
}

// TestTasksEnd: the end of the script ends every task, wherever it is.
func TestTasksEnd(t *testing.T) {
	defer goleak.VerifyNone(t)
	for name, body := range map[string]string{
		"asleep": `sleep(60)`, "in a loop": `while true do end`, "in an operation": `while true do slow.double(1) end`,
		"in rows": `for _ in slow.rows(1000000) do end`, "at a channel": `task.channel():recv()`, "at a task": `task.spawn(function() sleep(60) end):wait()`,
		"catching": `while true do pcall(sleep, 60) end`, "spawning": `while true do task.spawn(function() sleep(60) end) slow.double(1) end`,
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			out, _ := runTasks(t, 100*time.Millisecond, "for i = 1, 20 do task.spawn(function() "+body+" end) end")
			if !strings.Contains(out, "error: ") || time.Since(start) > 20*time.Second {
				t.Errorf("after %v: %q", time.Since(start), out)
			}
		})
	}
}

// TestWithin: a time limit of a part ends that part and what it spawned, and nothing else.
func TestWithin(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, c := range []struct{ name, source, want string }{
		{"in time", `print(within(60, function() return 1, 2 end))`, "true\t1\t2\n"},
		{"a loop", `local ok, e = within(0.05, function() while true do pcall(function() while true do end end) end end) print(ok, e.kind, e.message) print("on")`,
			"false\ttimeout\ttime limit of 50ms reached\non\n"},
		{"an operation", `local ok, e = within(0.05, function() while true do slow.double(1) end end) print(ok, e.kind) print(slow.double(4))`, "false\ttimeout\n8\n"},
		{"a coroutine from outside", `
			local co = coroutine.wrap(function() while true do coroutine.yield() while true do end end end)
			co()
			local ok, e = within(0.05, co) print(ok, e.kind)`, "false\ttimeout\n"},
		{"a coroutine from inside goes on outside", `
			local co
			within(60, function() co = coroutine.wrap(function() coroutine.yield(1) return 2 end) co() end)
			print(co())`, "2\n"},
		{"tasks", `local ok, e = within(0.05, function() task.spawn(function() sleep(60) end) end) print(ok, e.kind)`, "false\ttimeout\n"},
		{"an error", `print(within(60, function() error("bad", 0) end))`, "false\tbad\n"},
		{"nested", `print(within(60, function() local ok = within(0.02, function() sleep(60) end) return ok, "outer" end))`, "true\tfalse\touter\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, _ := runTasks(t, time.Minute, "local within = require('imctl.host').within "+c.source); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}
