--[[ imctl
name: steady-chat
help: "Load: pairs of users chat at a steady pace; no message may be lost."
effect: write
args:
  - {name: pace, type: duration, default: 100ms, help: the time from one message of a pair to its next}
  - {name: within, type: duration, default: 10s, help: a message that has not arrived by then is lost}
  - {name: encoding, default: go, enum: [go, js], help: "how frames are written: go as the apps do, js as the JavaScript client does"}
  - {name: platform, default: linux, help: where they connect from}
  - {name: keep, type: bool, help: leave the accounts as they are; else they are disabled at the end}
  - {name: timestamps, help: write when each message was sent and received to this file}
]]
-- Load: each VU is a pair of users of its own, who write to one another in turns. A message has to arrive once and in order.
--
--   imctl run scripts/load/steady_chat.lua
--   imctl run --vus 50 --duration 20s scripts/load/steady_chat.lua
--   imctl --context staging run --vus 500 --duration 10m --report html=chat.html scripts/load/steady_chat.lua --pace 1s --encoding js
--
-- message_latency is the time from the send to the moment at which the other side has the message, as the script sees it. The file of
-- --timestamps holds a line for each message: when it was sent and received, in seconds, by another clock than that of message_latency.
scenario.options {
	vus = 10, duration = "5s",
	thresholds = { "lost == 0", "doubled == 0", "out_of_order == 0", "iterations_failed == 0", "vus_failed == 0", "p95(message_latency) < 1s" },
}

local latency = scenario.trend("message_latency")
local lost, doubled, out_of_order = scenario.counter("lost"), scenario.counter("doubled"), scenario.counter("out_of_order")
local pace = time.duration(args.pace)

scenario.setup(function()
	if args.timestamps then file.write(args.timestamps, "") end
	return { prefix = "chat_" .. require("imctl.host").unique() }
end)

scenario.start(function(data)
	local pair = { users = {}, conns = {}, stamps = {} }
	for i = 1, 2 do pair.users[i] = ("%s_%d_%d"):format(data.prefix, scenario.vu, i) end
	user.register { users = { { userID = pair.users[1], nickname = "Left" }, { userID = pair.users[2], nickname = "Right" } } }
	for i, id in ipairs(pair.users) do
		pair.conns[i] = client.connect { userID = id, platform = args.platform, encoding = args.encoding, keep = 100 }
	end
	return pair
end)

scenario.iterate(function(_, pair)
	local from = scenario.iteration % 2 + 1
	local to = 3 - from
	local text = ("message %d of %s"):format(scenario.iteration, pair.users[from])
	local start, sent_at = time.monotonic(), time.now()
	pair.conns[from]:send { to = pair.users[to], text = text }
	local ok, e = pcall(function() pair.conns[to]:expect { from = pair.users[from], text = text, within = args.within } end)
	local took, received_at = time.monotonic() - start, time.now()
	if ok then
		latency:add(took * 1000)
		if args.timestamps then pair.stamps[#pair.stamps + 1] = ("%.6f %.6f"):format(sent_at, received_at) end
	elseif type(e) == "table" and e.kind == "timeout" then
		lost:add()
	else
		error(e, 0)
	end
	local left = pace - (time.monotonic() - start)
	if left > 0 then sleep(left) end
end)

scenario.stop(function(_, pair)
	local s = client.stats()
	doubled:add(s.duplicates)
	out_of_order:add(s.outOfOrder)
	if #pair.stamps > 0 then file.append(args.timestamps, table.concat(pair.stamps, "\n") .. "\n") end
end)

scenario.teardown(function(data)
	if args.keep or not data then return end
	local ids = {}
	for vu = scenario.shard, scenario.vus, scenario.shards do
		for i = 1, 2 do ids[#ids + 1] = ("%s_%d_%d"):format(data.prefix, vu, i) end
	end
	for from = 1, #ids, 500 do
		local made = {}
		for _, row in ipairs(user.exists { unpack(ids, from, math.min(from + 499, #ids)) }) do
			if row.exists then made[#made + 1] = row.userID end
		end
		if #made > 0 then user.disable { userIDs = made, kick = false, reason = "made for a load test" } end
	end
end)
