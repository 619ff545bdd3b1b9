-- The walk over the declared tests: hooks, time limits, retries, fixtures. What became of each is told to the program,
-- which knows what is wanted and writes the reports.
local host = require("imctl.host")
local expects = require("imctl.expect")
local fixtures = require("imctl.fixture")

local M = { running = false }

M.HOOKS = { "before_all", "before_each", "after_each", "after_all" }

function M.new_block(name, parent, options)
	local b = { name = name, parent = parent, items = {}, options = options or {} }
	for _, h in ipairs(M.HOOKS) do b[h] = {} end
	return b
end

M.root = M.new_block("")

local defaults -- the options of the run

-- inherited is an option of a test, of the nearest block that sets it, or of the run.
local function inherited(block, item, name)
	local own = item.options and item.options[name]
	if own ~= nil then return own end
	while block do
		if block.options[name] ~= nil then return block.options[name] end
		block = block.parent
	end
	return defaults[name]
end

local function path_of(block)
	local list = {}
	while block.parent do
		table.insert(list, 1, block.name)
		block = block.parent
	end
	return list
end

-- calls_since are the calls made since a time: those up to now, before removing fixtures adds its own.
local function calls_since(start) return host.calls(host.now() - start) end

-- problem is an error as the reports show it: its text without the position, the script's line, the frames around it.
local function problem(e, trace, calls, during)
	local p = { during = during, message = expects.text_of(e), at = type(e) == "table" and rawget(e, "where") or "", calls = calls, trace = {} }
	if p.at == "" then
		local at, rest = string.match(p.message, "^([^:\n]+:%d+): (.*)$")
		if at then p.at, p.message = at, rest end
	end
	if expects.is_failure(e) then
		p.kind, p.diff = "expectation", e.lines
	elseif type(e) == "table" then
		p.kind = type(e.kind) == "string" and e.kind or nil
		p.hint = type(e.hint) == "string" and e.hint or nil
	end
	-- What the library called for the script happened at the script's line.
	trace = { unpack(trace) }
	while trace[1] and (p.at == "" or string.find(p.at, "^stdlib/")) do
		p.at = string.match(table.remove(trace, 1), "^(.-:%d+)") or ""
	end
	local file, line = string.match(p.at, "^(.*):(%d+)")
	if file then
		p.at, p.source = file .. ":" .. line, host.source_line(file, tonumber(line))
	end
	for _, frame in ipairs(trace) do
		if not string.find(frame, "^stdlib/") and not string.find(frame .. " ", p.at .. " ", 1, true) then p.trace[#p.trace + 1] = frame end
	end
	return p
end

-- attempt runs fn within its time limit and returns nil, or the problem with the calls since start.
local function attempt(fn, limit, start, during)
	local ok, e = host.within(limit, fn)
	if ok then return nil end
	return problem(e, host.trace(), calls_since(start), during)
end

local function hooks_of(block, name, outward)
	local list = {}
	while block do
		for i = #block[name], 1, -1 do table.insert(list, outward and #list + 1 or 1, block[name][i]) end
		block = block.parent
	end
	return list
end

-- try runs a test once, with its hooks, and returns its problems.
local function try(block, test)
	local limit = inherited(block, test, "timeout")
	local start = host.now()
	fixtures.enter()
	local soft = {}
	expects.own().soft = soft
	local problems = {}
	local function step(fn, during)
		local failed = attempt(fn, limit, start, during)
		if failed then problems[#problems + 1] = failed end
		return not failed
	end
	local ready = true
	for _, fn in ipairs(hooks_of(block, "before_each")) do ready = ready and step(fn, "before_each") end
	if ready then step(test.test) end
	local told = 0
	local function tell_soft(during) -- what check has found since it was last told
		while told < #soft do
			told = told + 1
			problems[#problems + 1] = problem(soft[told], {}, told == #soft and calls_since(start) or nil, during)
		end
	end
	tell_soft()
	for _, fn in ipairs(hooks_of(block, "after_each", true)) do step(fn, "after_each") end
	tell_soft("after_each")
	local leaving = host.now()
	for _, f in ipairs(fixtures.leave()) do
		problems[#problems + 1] = problem(f.error, f.trace, calls_since(leaving), "removing fixtures")
	end
	tell_soft("removing fixtures")
	expects.own().soft = nil
	return problems
end

local function run_test(block, test)
	host.test_start(test.id)
	local retries, counter, start = inherited(block, test, "retries") or 0, { n = 0 }, host.now()
	expects.own().counter = counter
	local failed, tries, passed = {}, 0, false -- failed: the problems of each try that failed
	repeat
		tries = tries + 1
		local problems = try(block, test)
		passed = #problems == 0
		if not passed then failed[#failed + 1] = problems end
	until passed or tries > retries
	-- In full the last try is told; of a flaky test, which passed in the last, the first.
	local problems, earlier = table.remove(failed, passed and 1 or nil), {}
	for i, list in ipairs(failed) do earlier[i] = list[1] end
	host.test_done {
		id = test.id, tries = tries, checks = counter.n, ms = host.now() - start,
		flaky = passed and tries > 1, problems = problems or {}, earlier = earlier,
	}
end

local function trouble(block, p) host.test_trouble { blocks = path_of(block), problem = p } end

local function each_test(block, fn)
	for _, item in ipairs(block.items) do
		if item.items then each_test(item, fn) else fn(block, item) end
	end
end

-- in_order are the items of a block in the order in which they run.
local function in_order(items)
	local order, list = host.test_order(#items), {}
	if not order then return items end
	for i, k in ipairs(order) do list[i] = items[k] end
	return list
end

local function wants(block)
	local any = false
	each_test(block, function(_, item) any = any or item.wanted end)
	return any
end

local function not_run(block, reason)
	each_test(block, function(_, item)
		if item.wanted then host.test_not_run(item.id, reason) end
	end)
end

local BAILED = "the run was ended by --bail"
local run_block

local function run_item(block, item)
	if item.items then
		if host.test_bailed() then not_run(item, BAILED) elseif wants(item) then run_block(item) end
	elseif not item.wanted then
		return
	elseif item.pending then
		host.test_done { id = item.id, tries = 0, checks = 0, ms = 0, problems = {} }
	elseif host.test_bailed() then
		host.test_not_run(item.id, BAILED)
	else
		run_test(block, item)
	end
end

run_block = function(block)
	local start, limit = host.now(), inherited(block, {}, "timeout")
	fixtures.enter()
	local failed
	for _, fn in ipairs(block.before_all) do
		failed = failed or attempt(fn, limit, start, "before_all")
	end
	if failed then
		trouble(block, failed)
		not_run(block, "before_all failed")
	else
		for _, item in ipairs(in_order(block.items)) do run_item(block, item) end
	end
	start = host.now()
	for _, fn in ipairs(block.after_all) do
		local wrong = attempt(fn, limit, start, "after_all")
		if wrong then trouble(block, wrong) end
	end
	for _, f in ipairs(fixtures.leave()) do
		trouble(block, problem(f.error, f.trace, calls_since(start), "removing fixtures"))
	end
end

-- run runs what was declared. imctl calls it when the script has ended.
function M.run()
	local list = {}
	each_test(M.root, function(block, item)
		item.id = #list + 1
		local tags = { unpack(item.options.tags or {}) }
		local b = block
		while b do
			for _, tag in ipairs(b.options.tags or {}) do tags[#tags + 1] = tag end
			b = b.parent
		end
		list[item.id] = { id = item.id, blocks = path_of(block), name = item.name, line = item.line, tags = tags, pending = item.pending }
	end)
	if #list == 0 and #M.root.items == 0 then return end
	defaults = host.test_options()
	local wanted = host.test_plan(list)
	each_test(M.root, function(_, item) item.wanted = wanted[item.id] end)
	M.running = true
	if wants(M.root) then fixtures.taking_back(true, function() run_block(M.root) end) end
	M.running = false
end

return M
