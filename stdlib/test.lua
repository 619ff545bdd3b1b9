-- The test library: describe, it, hooks, expect, eventually, fixtures. A script declares tests; imctl runs them when
-- the script has ended, and its exit code says how they went.
local host = require("imctl.host")
local expects = require("imctl.expect")
local fixtures = require("imctl.fixture")
local runner = require("imctl.test_run")

local M = {}

local current = runner.root

-- OPTIONS are those of a test; those of a block hold for the tests in it.
local OPTIONS = { tags = true, timeout = true, retries = true }

-- seconds reads "5s", "100ms", "1m" or a number of seconds.
local function seconds(d, default, level)
	if d == nil then return default end
	if type(d) == "number" then return d end
	local n, unit = string.match(tostring(d), "^([%d.]+)(%a+)$")
	local scale = ({ ms = 0.001, s = 1, m = 60, h = 3600 })[unit]
	if not tonumber(n) or not scale then
		error("want a duration like \"5s\" or \"100ms\", got " .. expects.show(d), level or 3)
	end
	return tonumber(n) * scale
end

-- options_of checks the options of a test or block and puts them into one form. Tags may also stand in the name: #slow.
local function options_of(what, name, options)
	local o = { tags = {} }
	for k, v in pairs(options) do
		if not OPTIONS[k] then
			error(what .. " " .. string.format("%q", name) .. " has no option " .. tostring(k) .. "; it has retries, tags and timeout", 4)
		end
	end
	local tags = options.tags or {}
	if type(tags) == "string" then tags = { tags } end
	for _, tag in ipairs(tags) do o.tags[#o.tags + 1] = tag end
	for tag in string.gmatch(name, "#([%w_-]+)") do o.tags[#o.tags + 1] = tag end
	o.timeout = seconds(options.timeout, nil, 5)
	if options.retries ~= nil and type(options.retries) ~= "number" then
		error(what .. ": retries: want a number, got " .. expects.show(options.retries), 4)
	end
	o.retries = options.retries
	return o
end

local function body(what, name, options, fn)
	if type(options) == "function" and fn == nil then options, fn = {}, options end
	if type(name) ~= "string" then error(what .. " wants a name, got a " .. type(name), 3) end
	if type(fn) ~= "function" then error(what .. " " .. string.format("%q", name) .. " wants a function, got a " .. type(fn), 3) end
	if runner.running then error(what .. " can't be used inside a test", 3) end
	return options_of(what, name, options or {}), fn
end

-- line is the line of the script that declares something.
local function line()
	local _, n = string.match(expects.position(), "^(.*):(%d+)$")
	return tonumber(n) or 0
end

function describe(name, options, fn)
	options, fn = body("describe", name, options, fn)
	local block = runner.new_block(name, current, options)
	current.items[#current.items + 1] = block
	current = block
	local ok, e = pcall(fn)
	current = block.parent
	if not ok then error(e, 0) end
end

local function declare(name, options, fn)
	current.items[#current.items + 1] = { test = fn, name = name, options = options, line = line() }
end

function it(name, options, fn)
	options, fn = body("it", name, options, fn)
	declare(name, options, fn)
end

function pending(name)
	if type(name) ~= "string" then error("pending wants a name, got a " .. type(name), 2) end
	current.items[#current.items + 1] = { pending = true, name = name, options = options_of("pending", name, {}), line = line() }
end

-- case_name is the name of one case: the values in place of %s and the like, else the case's own name or its number.
local function case_name(name, case, values, i)
	if string.find(name, "%%[^%%]") then
		local shown = {}
		for k, v in ipairs(values) do shown[k] = type(v) == "table" and expects.show(v) or v end
		local ok, text = pcall(string.format, name, unpack(shown, 1, #values))
		if ok then return text end
		error("each: the name " .. string.format("%q", name) .. " does not fit case " .. i .. ": " .. tostring(text), 4)
	end
	if type(case) == "table" and type(case.name) == "string" then return name .. ": " .. case.name end
	return name .. " [" .. i .. "]"
end

-- each{…}:it(name, fn) is a test for each case. A case that is a list is given as arguments, anything else as one.
function each(cases)
	if type(cases) ~= "table" or #cases == 0 then error("each wants a list of cases, got " .. expects.show(cases), 2) end
	return { it = function(_, name, options, fn)
		options, fn = body("it", name, options, fn)
		for i, case in ipairs(cases) do
			local values = type(case) == "table" and #case > 0 and case or { case }
			declare(case_name(name, case, values, i), options, function() fn(unpack(values, 1, #values)) end)
		end
	end }
end

for _, hook in ipairs(runner.HOOKS) do
	_G[hook] = function(fn)
		if type(fn) ~= "function" then error(hook .. " wants a function, got a " .. type(fn), 2) end
		if runner.running then error(hook .. " can't be used inside a test", 2) end
		local list = current[hook]
		list[#list + 1] = fn
	end
end

expect, check, fixture = expects.expect, expects.check, fixtures.api

-- eventually calls fn until it neither fails nor returns false, and returns what it returned. In it check fails as
-- expect does, and only the expectations of the last try count.
function eventually(fn, options)
	options = options or {}
	local within, every = seconds(options.within, 5), seconds(options.every, 0.1)
	local own = expects.own()
	local start, tries, counter, soft = host.now(), 0, own.counter, own.soft
	while true do
		tries = tries + 1
		own.counter, own.soft = { n = 0 }, nil
		local results = { pcall(fn) }
		local seen = own.counter.n
		own.counter, own.soft = counter, soft
		if results[1] and results[2] ~= false then
			if counter then counter.n = counter.n + seen end
			return unpack(results, 2)
		end
		local last = results[1] and "it returned false" or expects.text_of(results[2])
		local inner = expects.is_failure(results[2]) and results[2]
		local left = within - (host.now() - start) / 1000
		if left <= every then
			if counter then counter.n = counter.n + seen end
			expects.fail(string.format("not within %s, %d %s, last: %s", tostring(options.within or "5s"), tries,
				tries == 1 and "try" or "tries", last), inner and inner.lines, inner and inner.where)
		end
		sleep(every)
	end
end

-- expect_message waits for a message at a connection of client.connect and returns it. What it waits for is said as for
-- c:expect; that it did not come is a failed expectation.
function expect_message(conn, message)
	expects.count()
	local ok, got = pcall(client.expect, conn, message)
	if ok then return got end
	if type(got) == "table" and got.kind ~= "timeout" and got.kind ~= "not_found" then error(got, 0) end
	expects.fail(expects.text_of(got))
end

M.run = runner.run

return M
