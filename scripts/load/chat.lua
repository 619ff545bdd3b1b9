-- Load: many users at once, in pairs that write to one another, and each message is looked for on the other side: none may be
-- lost, doubled or out of order. Ends with code 1 when one is.
--
--   imctl run scripts/load/chat.lua
--   imctl --context staging run scripts/load/chat.lua --pairs 500 --messages 100 --encoding js
--
--   --pairs N        pairs of users (default 50)
--   --messages N     messages that each pair exchanges, half of them in each direction (default 100)
--   --encoding E     go, as the apps, or js, as the JavaScript client (default go; js costs half the work here)
--   --platform P     where they connect from (default linux)
--   --prefix TEXT    how the accounts are named (default: a name that no other run has). Accounts that are there are used.
--   --keep           leave the accounts as they are; else they are disabled at the end
--   --within D       how long the last message may take to arrive (default 60s)
--
-- It is one script in one process: what it can't reach is more than one machine can. Latency is from the send call to the
-- arrival, so it holds the time that a message waits in imctl as well when the machine is short of processors.

local USAGE = "usage: imctl run chat.lua [--pairs N] [--messages N] [--encoding go|js] [--platform P] [--prefix TEXT] [--keep] [--within D]"
local o = { pairs = 50, messages = 100, encoding = "go", platform = "linux", within = "60s" }
do
	local i = 1
	while arg[i] do
		local name = arg[i]:match("^%-%-(%a+)$")
		if name == "keep" then
			o.keep = true
		elseif name == "prefix" or name and o[name] ~= nil then
			i = i + 1
			if type(o[name]) == "number" then
				o[name] = tonumber(arg[i])
				if not o[name] or o[name] < 1 then error("--" .. name .. " needs a number above 0\n" .. USAGE, 0) end
			else
				o[name] = arg[i] or error("--" .. name .. " needs a value\n" .. USAGE, 0)
			end
		else
			error("unknown option " .. arg[i] .. "\n" .. USAGE, 0)
		end
		i = i + 1
	end
end
local prefix = o.prefix or "load" .. require("imctl.host").unique()

-- The accounts.
local ids = {}
for i = 1, 2 * o.pairs do ids[i] = ("%s_%d"):format(prefix, i) end
local function in_batches(list, size, fn)
	for from = 1, #list, size do
		local batch = {}
		for i = from, math.min(from + size - 1, #list) do batch[#batch + 1] = list[i] end
		fn(batch)
	end
end
in_batches(ids, 500, function(batch)
	local known, new = {}, {}
	for _, row in ipairs(user.exists(batch)) do known[row.userID] = row.exists end
	for _, id in ipairs(batch) do
		if not known[id] then new[#new + 1] = { userID = id, nickname = id } end
	end
	if #new > 0 then user.register { users = new } end
end)
if not o.keep then
	cleanup(function()
		in_batches(ids, 500, function(batch) user.disable { userIDs = batch, kick = false, reason = "made for a load test" } end)
	end)
end

-- The connections.
local started = os.time()
local conns = {}
for i, id in ipairs(ids) do
	conns[i] = client.connect { userID = id, platform = o.platform, encoding = o.encoding, keep = 4 * o.messages + 100 }
end
print(("%d users are connected"):format(#conns))

-- peer is who writes to whom: 1 and 2, 3 and 4, …
local function peer(i) return i % 2 == 1 and i + 1 or i - 1 end
local each = math.ceil(o.messages / 2)
local function text(i, n) return ("%s says %d"):format(ids[i], n) end

-- All pairs at once: one message of each user, then the next one of each. Nobody waits for an answer.
for n = 1, each do
	for i, c in ipairs(conns) do c:send { to = ids[peer(i)], text = text(i, n), noWait = true } end
end
local wrong = 0
local function fault(format, ...)
	wrong = wrong + 1
	if wrong <= 20 then print(format:format(...)) end
end
for i, c in ipairs(conns) do
	local failed = c:flush().failed
	if failed > 0 then fault("%d sends of %s failed", failed, ids[i]) end
end

-- What arrived, by its content.
for i, c in ipairs(conns) do
	local from = peer(i)
	local ok, e = pcall(function() c:expect { from = ids[from], text = text(from, each), within = o.within } end)
	if not ok then fault("%s: %s", ids[i], tostring(e)) end
	local got = c:events { type = "message", from = ids[from] }
	if #got ~= each then fault("%s got %d messages of %d", ids[i], #got, each) end
	for n, event in ipairs(got) do
		if event.text ~= text(from, n) then
			fault("%s: message %d is %q, want %q", ids[i], n, event.text, text(from, n))
			break
		end
	end
end

local s = client.stats()
print(("%d messages sent, %d arrived on the other side, %d doubled, %d out of order, %d gaps, %d reconnects, in %d s")
	:format(s.sent, s.received - s.sent, s.duplicates, s.outOfOrder, s.gaps, s.reconnects, os.time() - started))
print(("latency in ms: half %.1f, 95%% %.1f, 99%% %.1f, longest %.1f (%s)")
	:format(s.latency.p50, s.latency.p95, s.latency.p99, s.latency.max, s.latency.from or "not measured"))
if s.duplicates + s.outOfOrder > 0 then fault("messages were doubled or out of order") end
if wrong > 0 then error(("%d things are wrong"):format(wrong), 0) end
