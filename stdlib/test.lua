-- The test library: describe, it, hooks, expect, eventually, fixtures. A script declares tests; imctl runs them when
-- the script has ended, and its exit code says how they went.
local host = require("imctl.host")
local expects = require("imctl.expect")
local fixtures = require("imctl.fixture")

local M = {}

local HOOKS = { "before_all", "before_each", "after_each", "after_all" }

local function new_block(name, parent)
	local b = { name = name, parent = parent, items = {} }
	for _, h in ipairs(HOOKS) do b[h] = {} end
	return b
end

local root = new_block("")
local current = root
local running = false

local function body(what, name, options, fn)
	if type(options) == "function" and fn == nil then options, fn = {}, options end
	if type(name) ~= "string" then error(what .. " wants a name, got a " .. type(name), 3) end
	if type(fn) ~= "function" then error(what .. " " .. string.format("%q", name) .. " wants a function, got a " .. type(fn), 3) end
	if running then error(what .. " can't be used inside a test", 3) end
	return options, fn
end

function describe(name, options, fn)
	options, fn = body("describe", name, options, fn)
	local block = new_block(name, current)
	current.items[#current.items + 1] = block
	current = block
	local ok, e = pcall(fn)
	current = block.parent
	if not ok then error(e, 0) end
end

function it(name, options, fn)
	options, fn = body("it", name, options, fn)
	current.items[#current.items + 1] = { test = fn, name = name, options = options }
end

function pending(name)
	current.items[#current.items + 1] = { pending = true, name = name }
end

for _, hook in ipairs(HOOKS) do
	_G[hook] = function(fn)
		if type(fn) ~= "function" then error(hook .. " wants a function, got a " .. type(fn), 2) end
		if running then error(hook .. " can't be used inside a test", 2) end
		local list = current[hook]
		list[#list + 1] = fn
	end
end

expect, check, fixture = expects.expect, expects.check, fixtures.api

-- seconds reads "5s", "100ms", "1m" or a number of seconds.
local function seconds(d, default)
	if d == nil then return default end
	if type(d) == "number" then return d end
	local n, unit = tostring(d):match("^([%d.]+)(%a+)$")
	local scale = ({ ms = 0.001, s = 1, m = 60, h = 3600 })[unit]
	if not tonumber(n) or not scale then error("want a duration like \"5s\" or \"100ms\", got " .. expects.show(d), 3) end
	return tonumber(n) * scale
end

-- eventually calls fn until it neither fails nor returns false, and returns what it returned. In it check fails as
-- expect does, and only the expectations of the last try count.
function eventually(fn, options)
	options = options or {}
	local within, every = seconds(options.within, 5), seconds(options.every, 0.1)
	local start, tries, checks, soft = host.now(), 0, expects.checks, expects.soft
	while true do
		tries = tries + 1
		expects.checks, expects.soft = checks, nil
		local results = { pcall(fn) }
		expects.soft = soft
		if results[1] and results[2] ~= false then return unpack(results, 2) end
		local last = results[1] and "it returned false" or expects.text_of(results[2])
		local inner = expects.is_failure(results[2]) and results[2]
		local left = within - (host.now() - start) / 1000
		if left <= every then
			expects.fail(string.format("not within %s, %d %s, last: %s", tostring(options.within or "5s"), tries,
				tries == 1 and "try" or "tries", last), inner and inner.lines, inner and inner.where)
		end
		sleep(every)
	end
end

-- The run.

local color = host.color()
local function paint(code, text)
	if not color then return text end
	return "\27[" .. code .. "m" .. text .. "\27[0m"
end

local counts, depth

local function say(text) print(string.rep("  ", depth) .. text) end

local function took(start)
	local ms = host.now() - start
	if ms < 1000 then return string.format("%d ms", ms) end
	return string.format("%.1f s", ms / 1000)
end

-- explain prints why a test failed: the expectation and its difference, the script's line, the last calls.
local function explain(problem)
	local e, trace, calls = problem.error, problem.trace, problem.calls or {}
	depth = depth + 2
	if problem.during then say(problem.during) end
	local where = type(e) == "table" and rawget(e, "where") or ""
	local text = expects.text_of(e)
	if where == "" then
		local at, rest = text:match("^([^:\n]+:%d+): (.*)$")
		if at then where, text = at, rest end
	end
	for line in (text .. "\n"):gmatch("(.-)\n") do say(paint("31", line)) end
	if expects.is_failure(e) then
		for _, line in ipairs(e.lines) do say("  " .. line) end
	elseif type(e) == "table" and e.hint then
		say("hint: " .. e.hint)
	end
	-- What the library called for the script happened at the script's line.
	while trace[1] and (where == "" or where:find("^stdlib/")) do
		where = table.remove(trace, 1):match("^(.-:%d+)") or ""
	end
	local file, line = where:match("^(.*):(%d+)")
	if file then
		say(paint("2", "at " .. file .. ":" .. line .. ": " .. (host.source_line(file, tonumber(line)) or "")))
	end
	for _, frame in ipairs(trace) do
		if not frame:find("^stdlib/") and not (frame .. " "):find(where .. " ", 1, true) then say(paint("2", "from " .. frame)) end
	end
	if #calls > 0 then
		say("the last calls:")
		for i = math.max(1, #calls - 5), #calls do
			local c = calls[i]
			say(string.format("  %s %s  HTTP %d, errCode %d, %.1f ms, operationID %s", c.method, c.path, c.status, c.code, c.ms, c.operationID))
		end
	end
	depth = depth - 2
end

-- calls_since are the calls made since a time: those up to now, before removing fixtures adds its own.
local function calls_since(start) return host.calls(host.now() - start) end

-- attempt runs fn and returns nil, or the error with the script's frames and the calls since start.
local function attempt(fn, start)
	local ok, e = pcall(fn)
	if ok then return nil end
	return { error = e, trace = host.trace(), calls = calls_since(start) }
end

local function hooks_of(block, name, outward)
	local list = {}
	while block do
		for i = #block[name], 1, -1 do table.insert(list, outward and #list + 1 or 1, block[name][i]) end
		block = block.parent
	end
	return list
end

local function run_test(block, test)
	counts.ran = counts.ran + 1
	local start = host.now()
	fixtures.enter()
	expects.soft = {}
	local problems = {}
	local function step(fn)
		local failed = attempt(fn, start)
		if failed then problems[#problems + 1] = failed end
		return not failed
	end
	local ready = true
	for _, fn in ipairs(hooks_of(block, "before_each")) do ready = ready and step(fn) end
	if ready then step(test.test) end
	for i, f in ipairs(expects.soft) do
		problems[#problems + 1] = { error = f, trace = {}, calls = i == #expects.soft and calls_since(start) or nil }
	end
	for _, fn in ipairs(hooks_of(block, "after_each", true)) do step(fn) end
	local leaving = host.now()
	for _, f in ipairs(fixtures.leave()) do
		f.during, f.calls = "removing fixtures:", calls_since(leaving)
		problems[#problems + 1] = f
	end
	expects.soft = nil
	if #problems == 0 then
		counts.passed = counts.passed + 1
		say(paint("32", "✓ ") .. test.name .. paint("2", " (" .. took(start) .. ")"))
		return
	end
	counts.failed = counts.failed + 1
	say(paint("31", "✗ " .. test.name) .. paint("2", " (" .. took(start) .. ")"))
	for _, p in ipairs(problems) do explain(p) end
end

local function count_tests(block)
	local n = 0
	for _, item in ipairs(block.items) do
		if item.test then n = n + 1 elseif item.items then n = n + count_tests(item) end
	end
	return n
end

local function problem(what, failed)
	counts.errors = counts.errors + 1
	say(paint("31", "✗ " .. what))
	explain(failed)
end

local function run_block(block)
	if block.parent then
		say(paint("1", block.name))
		depth = depth + 1
	end
	local start = host.now()
	fixtures.enter()
	local ready = true
	for _, fn in ipairs(block.before_all) do
		local failed = ready and attempt(fn, start)
		if failed then
			ready = false
			problem("before_all", failed)
		end
	end
	if ready then
		for _, item in ipairs(block.items) do
			if item.items then run_block(item)
			elseif item.pending then
				counts.pending = counts.pending + 1
				say(paint("33", "- " .. item.name .. " (pending)"))
			else run_test(block, item) end
		end
	else
		local n = count_tests(block)
		counts.not_run = counts.not_run + n
		say(paint("33", "- " .. n .. (n == 1 and " test" or " tests") .. " not run"))
	end
	start = host.now()
	for _, fn in ipairs(block.after_all) do
		local failed = attempt(fn, start)
		if failed then problem("after_all", failed) end
	end
	for _, failed in ipairs(fixtures.leave()) do
		failed.calls = calls_since(start)
		problem("removing fixtures", failed)
	end
	if block.parent then depth = depth - 1 end
end

-- run runs what was declared and returns the counts. imctl calls it when the script has ended.
function M.run()
	counts = { declared = count_tests(root), ran = 0, passed = 0, failed = 0, errors = 0, pending = 0, not_run = 0 }
	depth, running = 0, true
	if counts.declared == 0 and #root.items == 0 then return counts end
	local start = host.now()
	run_block(root)
	running = false
	local parts = { counts.passed .. " passed", counts.failed .. " failed" }
	if counts.errors > 0 then parts[#parts + 1] = counts.errors .. (counts.errors == 1 and " error" or " errors") end
	if counts.not_run > 0 then parts[#parts + 1] = counts.not_run .. " not run" end
	if counts.pending > 0 then parts[#parts + 1] = counts.pending .. " pending" end
	local bad = counts.failed + counts.errors > 0
	print(paint(bad and "31" or "32", string.format("%d %s, %d checks: %s", counts.ran, counts.ran == 1 and "test" or "tests",
		expects.checks, table.concat(parts, ", "))) .. " (" .. took(start) .. ")")
	return counts
end

return M
