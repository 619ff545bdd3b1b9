--- Load: a script that declares what a virtual user (VU) does again and again. `imctl run --vus 50 --duration 30s SCRIPT` runs it with
--- many VUs, each in a VM of its own, in which the whole script runs first; without a number of VUs or a rate it runs one iteration of
--- one VU. What a VU prints goes to standard error. README, "Load", tells the rest.
--- ```lua
--- scenario.options {vus = 10, duration = "30s", thresholds = {"p95(user.get) < 200ms", "checks_failed == 0"}}
--- scenario.iterate(function() expect(user.count().count):at_least(0) end)
--- ```
local host = require("imctl.host")
local expects = require("imctl.expect")

local scenario = {}
local steps, metrics = {}, {}
local data, state

local self = host.load_self and host.load_self() or { vu = 0, shard = 1, shards = 1 }

--- the VU's number, from 1, over all shards; 0 in setup and teardown
---@type integer
scenario.vu = self.vu
--- how many iterations the VU has begun
---@type integer
scenario.iteration = 0
--- the shard's number, from 1
---@type integer
scenario.shard = self.shard
--- how many shards there are
---@type integer
scenario.shards = self.shards
--- in teardown: the number of the last VU of this shard that ran; the shard's others are shard, shard + shards, and so on
---@type integer
scenario.vus = 0

-- tell tells the load; outside of one nothing is kept.
local function tell(what, ...)
	local fn = host["load_" .. what]
	if fn then return fn(...) end
end

local function step(name, fn)
	if type(fn) ~= "function" then error("scenario." .. name .. " wants a function, got a " .. type(fn), 3) end
	if steps[name] then error("scenario." .. name .. " is called twice", 3) end
	steps[name] = fn
end

--- Says how much load to make, for how long, and what must hold. Flags of `imctl run` win. Closed model: vus (a number) with duration or
--- iterations (of all VUs together), or stages, a list of {duration, vus}. Open model: rate ("100/s"), with duration or iterations, and at
--- most max_vus. grace is how long an iteration that runs at the end may take (30s), thresholds a list of texts.
--- ```lua
--- scenario.options {rate = "100/s", duration = "1m", max_vus = 50, thresholds = {"p99(iteration_duration) < 1s"}}
--- ```
---@param options table
function scenario.options(options)
	if type(options) ~= "table" then error("scenario.options wants a table, got a " .. type(options), 2) end
	tell("options", options)
end

--- Declares what runs once, before any VU. What it returns, plain data, every VU gets a copy of. An error ends the run.
---@param fn fun(): any
function scenario.setup(fn) step("setup", fn) end

--- Declares what each VU does first: its account, its connection. What it returns is handed to iterate and stop. A VU that fails here is
--- counted (vus_failed) and left out.
---@param fn fun(data: any): any
function scenario.start(fn) step("start", fn) end

--- Declares what each VU does again and again. An error or a failed expectation ends the iteration and is counted (iterations_failed), not
--- the run.
--- ```lua
--- scenario.iterate(function(data, state) user.get("alice") end)
--- ```
---@param fn fun(data: any, state: any)
function scenario.iterate(fn) step("iterate", fn) end

--- Declares what each VU does at its end, after an interrupt too.
---@param fn fun(data: any, state: any)
function scenario.stop(fn) step("stop", fn) end

--- Declares what runs once when all VUs have ended: after a failure or an interrupt too.
---@param fn fun(data: any)
function scenario.teardown(fn) step("teardown", fn) end

local function left(id, ...)
	tell("end", id)
	return ...
end

--- Runs a function at once and adds how long it took to the trend group:NAME. Returns what the function returned.
--- ```lua
--- local n = scenario.group("counting", function() return 42 end)
--- print(n)  --> 42
--- ```
---@param name string
---@param fn fun(): any
---@return any
function scenario.group(name, fn)
	if type(fn) ~= "function" then error("scenario.group wants a name and a function, got a " .. type(fn), 2) end
	return left(tell("begin", name), fn())
end

local metric = {}
metric.__index = metric
function metric:add(value)
	if getmetatable(self) ~= metric then error("call it with a colon: metric:add(value)", 2) end
	if value == nil then value = self.kind == "counter" and 1 or value end
	tell("add", self.name, value)
end

local function declare(kind, name, unit)
	if type(name) ~= "string" then error("want the name of a metric, got a " .. type(name), 3) end
	local known = metrics[name]
	if known and known.kind == kind and (unit == nil or unit == known.unit) then return known end
	tell("declare", name, kind, unit)
	metrics[name] = setmetatable({ name = name, kind = kind, unit = unit }, metric)
	return metrics[name]
end

--- A metric of the script whose percentiles are reported: scenario.trend("sync"):add(12.5). Its values are milliseconds unless a unit is given.
---@param name string
---@param unit? string
---@return {add: fun(self: table, value: number)}
function scenario.trend(name, unit) return declare("trend", name, unit) end

--- A metric of the script that adds up: scenario.counter("lost"):add(1). One that nothing was added to is 0.
---@param name string
---@return {add: fun(self: table, value?: number)}
function scenario.counter(name) return declare("counter", name) end

--- A metric of the script that says how often something was so: scenario.rate("delivered"):add(true).
---@param name string
---@return {add: fun(self: table, value: boolean)}
function scenario.rate(name) return declare("rate", name) end

--- A metric of the script that keeps the last, smallest and largest value: scenario.gauge("queue"):add(7).
---@param name string
---@return {add: fun(self: table, value: number)}
function scenario.gauge(name) return declare("gauge", name) end

function threshold(text)
	if type(text) ~= "string" then error("threshold wants a text like \"p95(http) < 200ms\", got a " .. type(text), 2) end
	tell("threshold", text)
end

-- What the program calls.
local driver = { steps = steps, scenario = scenario }
local loaded = package.loaded
local counter, soft = { n = 0 }, {} -- what the library expect counts and collects in this iteration

-- settle tells of the checks of an iteration: how many there were, and those that did not hold.
function driver.settle()
	if #soft == 0 then return counter.n end
	local told = {}
	for i, f in ipairs(soft) do
		told[i] = { message = table.concat({ f.message, unpack(f.lines) }, "\n"), where = f.where }
	end
	soft = {}
	return counter.n, told
end

function driver.start(shared)
	data = shared
	if steps.start then state = steps.start(data) end
end

-- Tasks that an iteration has spawned end with it.
local function joined(fn)
	local ok, e = host.within(0, fn)
	if not ok then error(e, 0) end
end

function driver.loop()
	local turn, iterate, own = host.load_turn, steps.iterate or require("imctl.test").run, expects.own()
	local n = turn()
	while n do
		scenario.iteration = n
		counter.n, own.counter, own.soft = 0, counter, soft
		if loaded["imctl.task"] then
			joined(function() iterate(data, state) end)
		else
			iterate(data, state)
		end
		n = turn(driver.settle())
	end
	own.counter, own.soft = nil, nil
end

function driver.stop()
	if steps.stop then steps.stop(data, state) end
end

loaded["imctl.scenario_driver"] = driver

return scenario
