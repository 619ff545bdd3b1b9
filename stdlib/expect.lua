-- Expectations: expect(x):equals(y) raises, check(x):equals(y) records and goes on; expect(x).never:equals(y) is the
-- opposite. Each may take a message as its last argument.
local host = require("imctl.host")

local M = {}

-- What an expectation is counted in belongs to the task that runs, and to those that it spawns: own().counter counts, and
-- own().soft collects what check finds; without it check fails as expect does.
local own = host.own
M.own = own

-- count notes that an expectation was looked at.
function M.count()
	local o = own()
	if o.counter then o.counter.n = o.counter.n + 1 end
end

local MAX_LINES, MAX_SHOWN = 12, 200

-- show is a value as text, short enough for a line.
local function show(v, depth)
	if type(v) == "string" then return string.format("%q", #v > 120 and v:sub(1, 117) .. "..." or v):gsub("\\\n", "\\n") .. "" end
	if type(v) ~= "table" then return tostring(v) end
	local mt = getmetatable(v)
	if mt and mt.__tostring then return tostring(v) end
	depth = depth or 0
	if depth > 3 then return "{...}" end
	local parts, n = {}, #v
	for i = 1, math.min(n, 10) do parts[#parts + 1] = show(v[i], depth + 1) end
	if n > 10 then parts[#parts + 1] = "... " .. n .. " in all" end
	local keys = {}
	for k in pairs(v) do
		if not (type(k) == "number" and k >= 1 and k <= n) then keys[#keys + 1] = k end
	end
	table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
	for i, k in ipairs(keys) do
		if i > 15 then parts[#parts + 1] = "..." break end
		local key = type(k) == "string" and k:match("^[%a_][%w_]*$") and k or "[" .. show(k) .. "]"
		parts[#parts + 1] = key .. "=" .. show(v[k], depth + 1)
	end
	return "{" .. table.concat(parts, ", ") .. "}"
end
M.show = show

-- differences lists, line by line, where got is not what want says. With partial, got may hold more fields.
local function differences(got, want, partial)
	local lines, seen = {}, {}
	local function add(path, text)
		lines[#lines + 1] = (path == "" and "" or "at " .. path .. ": ") .. text
	end
	local function walk(g, w, path)
		if #lines > MAX_LINES or rawequal(g, w) then return end
		if type(g) ~= "table" or type(w) ~= "table" then
			if g ~= w then add(path, "got " .. show(g) .. ", want " .. show(w)) end
			return
		end
		if seen[g] == w then return end
		seen[g] = w
		local keys = {}
		for k in pairs(w) do keys[#keys + 1] = k end
		if not partial or #w > 0 then
			for k in pairs(g) do
				if w[k] == nil and not (partial and type(k) == "string") then keys[#keys + 1] = k end
			end
		end
		table.sort(keys, function(a, b)
			if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then return a < b end
			return tostring(a) < tostring(b)
		end)
		for _, k in ipairs(keys) do
			local at = path .. (type(k) == "string" and (path == "" and "" or ".") .. k or "[" .. tostring(k) .. "]")
			if g[k] == nil then add(at, "missing, want " .. show(w[k]))
			elseif w[k] == nil then add(at, "unexpected " .. show(g[k]))
			else walk(g[k], w[k], at) end
		end
	end
	walk(got, want, "")
	if #lines > MAX_LINES then
		lines = { unpack(lines, 1, MAX_LINES) }
		lines[#lines + 1] = "... and more"
	end
	return lines
end
M.differences = differences

local failure = { __tostring = function(f) return f.message end }

-- position is the "file:line" of the script's code that calls the library.
local function position()
	for level = 2, 30 do
		local info = debug.getinfo(level, "Sl")
		if not info then return "" end
		local source = info.source or ""
		if info.what ~= "G" and not source:find("^stdlib/") and not source:find("^=") and info.currentline > 0 then
			return source .. ":" .. info.currentline
		end
	end
	return ""
end

M.position = position

-- fail raises a failed expectation; where is the line of the script that it is about, by default the one that runs.
function M.fail(message, lines, where)
	error(setmetatable({ failed = true, message = message, lines = lines or {}, where = where or position() }, failure), 0)
end

function M.is_failure(e) return type(e) == "table" and rawget(e, "failed") == true and getmetatable(e) == failure end

local function kind_of(e)
	if type(e) == "table" then return rawget(e, "kind") end
end

local function text_of(e)
	if type(e) == "table" and not (getmetatable(e) or {}).__tostring then return tostring(e.message or show(e)) end
	return tostring(e)
end
M.text_of = text_of

-- count says how many entries a table has.
local function count(t)
	local n = 0
	for _ in pairs(t) do n = n + 1 end
	if n == #t then return n .. (n == 1 and " entry" or " entries") end
	return n .. (n == 1 and " field" or " fields")
end

-- brief is show, or for what is too long for a line its size when the lines say what is wrong.
local function brief(v, lines)
	local text = show(v)
	if #text <= MAX_SHOWN or #lines == 0 then return text end
	return "a " .. type(v) .. (type(v) == "table" and text:sub(1, 1) == "{" and " of " .. count(v) or "")
end

-- Each matcher returns whether it holds, the text of the expectation, and lines of difference.
local matchers = {}

function matchers.equals(got, want)
	local lines = differences(got, want)
	return #lines == 0, "to equal " .. brief(want, lines), lines
end
function matchers.has(got, want)
	if type(got) ~= "table" then return false, "to have " .. show(want), { "got " .. show(got) } end
	local lines = differences(got, want, true)
	return #lines == 0, "to have " .. brief(want, lines), lines
end
function matchers.is(got, want) return rawequal(got, want), "to be " .. show(want) end
function matchers.is_true(got) return got == true, "to be true" end
function matchers.is_false(got) return got == false, "to be false" end
function matchers.is_nil(got) return got == nil, "to be nil" end
function matchers.exists(got) return got ~= nil and got ~= json.null, "to exist" end
function matchers.is_a(got, kind) return type(got) == kind, "to be a " .. tostring(kind) end
function matchers.is_empty(got) return next(got) == nil, "to be empty" end
function matchers.has_length(got, n) return #got == n, "to have length " .. tostring(n), { "its length is " .. #got } end
function matchers.greater_than(got, n) return got > n, "to be greater than " .. show(n) end
function matchers.less_than(got, n) return got < n, "to be less than " .. show(n) end
function matchers.at_least(got, n) return got >= n, "to be at least " .. show(n) end
function matchers.at_most(got, n) return got <= n, "to be at most " .. show(n) end
function matchers.near(got, want, tolerance)
	return math.abs(got - want) <= (tolerance or 1e-9), "to be within " .. tostring(tolerance or 1e-9) .. " of " .. show(want)
end
function matchers.matches(got, pattern) return tostring(got):find(pattern) ~= nil, "to match " .. show(pattern) end
function matchers.contains(got, what)
	if type(got) == "string" then return got:find(what, 1, true) ~= nil, "to contain " .. show(what) end
	for _, v in pairs(got) do
		if #differences(v, what, true) == 0 then return true, "to contain " .. show(what) end
	end
	return false, "to contain " .. show(what)
end
function matchers.same_items(got, want)
	local left, lines = { unpack(want) }, {}
	for _, g in ipairs(got) do
		local found
		for i, w in ipairs(left) do
			if #differences(g, w) == 0 then found = i break end
		end
		if found then table.remove(left, found) else lines[#lines + 1] = "unexpected " .. show(g) end
	end
	for _, w in ipairs(left) do lines[#lines + 1] = "missing " .. show(w) end
	return #lines == 0, "to have the same items as " .. brief(want, lines), lines
end
function matchers.fails(got, how)
	local ok, e = pcall(got)
	local text = "to fail" .. (how and " with " .. show(how) or "")
	if ok then return false, text, { "it succeeded" } end
	if M.is_failure(e) then error(e, 0) end
	if how == nil then return true, text end
	local holds = kind_of(e) == how or type(e) == "table" and e.code == how or text_of(e):find(tostring(how), 1, true) ~= nil
	return holds, text, { "it failed with " .. (kind_of(e) and kind_of(e) .. ": " or "") .. text_of(e) }
end
function matchers.succeeds(got)
	local ok, e = pcall(got)
	return ok, "to succeed", ok and {} or { "it failed with " .. text_of(e) }
end

local names = {}
for name in pairs(matchers) do names[#names + 1] = name end
table.sort(names)

local function subject(value, negated, soft)
	local s = {}
	return setmetatable(s, { __index = function(_, name)
		if name == "never" then return subject(value, not negated, soft) end
		local matcher = matchers[name]
		if not matcher then
			error("expect has no " .. tostring(name) .. "; it has " .. table.concat(names, ", ") .. ", and never", 2)
		end
		return function(_, want, ...)
			local message
			if select("#", ...) > 0 then message = select(select("#", ...), ...) end
			if name:find("^is_[^a]") or name == "exists" or name == "succeeds" then message = want end
			M.count()
			local ok, usable, holds, text, lines = true, pcall(matcher, value, want, ...)
			if not usable then
				if M.is_failure(holds) then error(holds, 0) end
				ok, text, lines = false, "to be something that " .. name .. " works on", { text_of(holds) }
			else
				ok = holds == not negated
			end
			if ok then return value end
			local shown = type(value) == "function" and "the function" or brief(value, lines or {})
			local what = "expected " .. shown .. (negated and " never " or " ") .. text
			if type(message) == "string" then what = message .. ": " .. what end
			local collected = own().soft
			if soft and collected then
				collected[#collected + 1] = setmetatable({ failed = true, message = what, lines = lines or {}, where = position() }, failure)
				return value
			end
			M.fail(what, not negated and lines or {})
		end
	end })
end

-- rows is a value with the rows of a stream in place of the stream.
local function rows(value)
	if type(value) ~= "userdata" then return value end
	local isStream, all = pcall(function() return value.all end)
	if not isStream or type(all) ~= "function" then return value end
	return value:all()
end

function M.expect(value) return subject(rows(value), false, false) end
function M.check(value) return subject(rows(value), false, true) end

return M
