--- Tasks: functions that run beside one another in one script. They take turns: a task runs until it waits for something
--- (an operation, a sleep, a message), and then another goes on, so no two of them ever change a value at once. A task
--- belongs to the test, the task.scope, the task or the script in which it was spawned, which ends after it. Its error is
--- raised by its wait(), else at the end of that scope.
local host = require("imctl.host")
local want = require("imctl.arguments")

local task = {}

local handles = setmetatable({}, { __mode = "k" }) -- the engine's task by ours
local methods = {}
local meta = { __index = methods, __name = "task", __tostring = function(t) return "task (" .. t:status() .. ")" end }

local function handle_of(t, fn)
	local h = handles[t]
	if not h then error(fn .. ": want a task, as task.spawn returns it", 3) end
	return h
end

local function results(ok, ...)
	if not ok then error((...), 0) end
	return ...
end

-- wait waits for the end of the task and returns what its function returned; its error is raised.
function methods.wait(t) return results(host.wait(handle_of(t, "wait"))) end

-- cancel ends the task: the call in which it waits fails, and nothing in it can catch that.
function methods.cancel(t) host.cancel(handle_of(t, "cancel")) end

-- status is "running" or "done".
function methods.status(t) return host.is_done(handle_of(t, "status")) and "done" or "running" end

--- Starts fn with these arguments as a task. It first runs when the code that spawned it waits for something. The task
--- has wait(), which returns what fn returned, cancel() and status().
--- ```lua
--- local t = task.spawn(function(n) sleep("1ms") return n * 2 end, 21)
--- print(t:wait())  --> 42
--- ```
---@param fn fun(...): any
---@param ... any
---@return table
function task.spawn(fn, ...)
	want("task.spawn", 1, "fn", fn, "function")
	local t = setmetatable({}, meta)
	handles[t] = host.spawn(fn, ...)
	return t
end

--- Runs fn and returns what it returned; the tasks that it spawned have ended when it is over. When fn fails they are
--- cancelled.
--- ```lua
--- local n = 0
--- task.scope(function() for i = 1, 3 do task.spawn(function() sleep("1ms") n = n + i end) end end)
--- print(n)  --> 6
--- ```
---@param fn fun(): any
---@return any
function task.scope(fn)
	want("task.scope", 1, "fn", fn, "function")
	return results(host.within(0, fn))
end

-- functions checks a list of functions.
local function functions(name, fns)
	want(name, 1, "fns", fns, "table", 4)
	for i, fn in ipairs(fns) do
		if type(fn) ~= "function" then error(name .. ": entry " .. i .. ": want a function, got a " .. type(fn), 3) end
	end
end

local function started(fns)
	local tasks = {}
	for i, fn in ipairs(fns) do tasks[i] = host.spawn(fn) end
	return tasks
end

-- gather waits for tasks in the order in which they end. The first error cancels the others.
local function gather(tasks, each)
	local left, places = { unpack(tasks) }, {}
	for i = 1, #tasks do places[i] = i end
	while #left > 0 do
		local k = host.first(left)
		local ended = table.remove(left, k)
		local stop = each(table.remove(places, k), results(host.wait(ended)))
		if stop then
			for _, t in ipairs(left) do host.cancel(t) end
			return
		end
	end
end

--- Runs the functions beside one another and returns their results as a list. The first error cancels the others and is
--- raised.
--- ```lua
--- local r = task.all { function() sleep("2ms") return "a" end, function() return "b" end }
--- print(r[1], r[2])  --> a	b
--- ```
---@param fns table
---@return table
function task.all(fns)
	functions("task.all", fns)
	local out = {}
	task.scope(function()
		gather(started(fns), function(i, result) out[i] = result end)
	end)
	return out
end

--- Runs the functions beside one another, returns what the first one to end returned and its place in the list, and
--- cancels the others.
--- ```lua
--- print(task.race { function() sleep("5s") return "slow" end, function() sleep("1ms") return "fast" end })  --> fast	2
--- ```
---@param fns table
---@return any
---@return integer
function task.race(fns)
	functions("task.race", fns)
	local result, place
	task.scope(function()
		gather(started(fns), function(i, r)
			result, place = r, i
			return true
		end)
	end)
	return result, place
end

--- Calls fn for each item of a list, concurrency of them at a time (default 16), and returns the results in the order of
--- the list. The first error cancels the others and is raised.
--- ```lua
--- print(str.join(task.map({1, 2, 3}, function(n) sleep("1ms") return n * n end, {concurrency = 2}), " "))  --> 1 4 9
--- ```
---@param list table
---@param fn fun(item: any): any
---@param options? table
---@return table
function task.map(list, fn, options)
	want("task.map", 1, "list", list, "table")
	want("task.map", 2, "fn", fn, "function")
	local at_once = (options or {}).concurrency or 16
	if type(at_once) ~= "number" or at_once < 1 then error("task.map: concurrency: want a number from 1, got " .. tostring(at_once), 2) end
	local out, next_item, n = {}, 1, #list
	local function worker()
		while next_item <= n do
			local i = next_item
			next_item = i + 1
			out[i] = fn(list[i])
		end
	end
	local workers = {}
	for i = 1, math.min(at_once, n) do workers[i] = worker end
	task.all(workers)
	return out
end

--- Waits while other tasks go on, as the global sleep does.
--- ```lua
--- task.sleep("1ms")
--- ```
---@param time string|number
function task.sleep(time) sleep(time) end

local channel = {}
local channel_meta = { __index = channel, __name = "channel" }

-- send puts a value in, and waits while the channel is full. It returns false when the channel is closed.
function channel.send(c, value)
	if value == nil then error("channel:send wants a value; nil is what recv returns when the channel is closed", 2) end
	return host.send(handles[c], value)
end

-- recv takes the next value out, and waits while there is none. It returns nil when the channel is closed and empty.
function channel.recv(c)
	local ok, value = host.recv(handles[c])
	if ok then return value end
end

-- close ends the channel: what is in it can still be taken.
function channel.close(c) host.close(handles[c]) end

-- each is an iterator over the values until the channel is closed: for value in c:each() do.
function channel.each(c) return function() return channel.recv(c) end end

--- Makes a channel, which hands values from task to task and holds up to size of them (default 0: send waits until its
--- value is taken). It has send(value), recv(), close(), and each() for a loop until it is closed.
--- ```lua
--- local c = task.channel()
--- task.spawn(function() for i = 1, 3 do c:send(i) end c:close() end)
--- local sum = 0
--- for v in c:each() do sum = sum + v end
--- print(sum)  --> 6
--- ```
---@param size? integer
---@return table
function task.channel(size)
	size = size or 0
	if type(size) ~= "number" or size < 0 then error("task.channel: want a number of values from 0, got " .. tostring(size), 2) end
	local c = setmetatable({}, channel_meta)
	handles[c] = host.channel(size)
	return c
end

return task
