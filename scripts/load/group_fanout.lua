--[[ imctl
name: group-fanout
help: "Load: messages to groups, which every member has to receive."
effect: write
args:
  - {name: members, type: int, default: 10, help: "members of a group, the one who writes included"}
  - {name: pace, type: duration, default: 200ms, help: the time from one message in a group to its next}
  - {name: within, type: duration, default: 10s, help: a message that has not arrived by then is lost}
  - {name: encoding, default: js, enum: [go, js], help: "how frames are written: go as the apps do, js as the JavaScript client does"}
  - {name: keep, type: bool, help: leave accounts and groups as they are; else they are disabled and dismissed at the end}
]]
-- Load: each VU is a group of its own with all its members connected. The members write in turns, and each message has to arrive at all
-- the others. fanout is the time until the last one has it, delivery the time of each.
--
--   imctl run scripts/load/group_fanout.lua
--   imctl --context staging run --vus 20 --duration 5m scripts/load/group_fanout.lua --members 100 --pace 1s
scenario.options {
	vus = 3, duration = "5s",
	thresholds = { "lost == 0", "iterations_failed == 0", "vus_failed == 0", "p95(fanout) < 2s" },
}

local fanout, delivery = scenario.trend("fanout"), scenario.trend("delivery")
local delivered, lost = scenario.counter("delivered"), scenario.counter("lost")
local pace = time.duration(args.pace)
if args.members < 2 then error("--members: want 2 or more", 0) end

scenario.setup(function() return { prefix = "fan_" .. require("imctl.host").unique() } end)

scenario.start(function(data)
	local g = { id = data.prefix .. "_" .. scenario.vu, users = {}, conns = {} }
	local accounts = {}
	for i = 1, args.members do
		g.users[i] = g.id .. "_" .. i
		accounts[i] = { userID = g.users[i], nickname = "Member " .. i }
	end
	user.register { users = accounts }
	group.create { groupID = g.id, groupName = "Load", ownerUserID = g.users[1], memberUserIDs = { unpack(g.users, 2) } }
	for i, id in ipairs(g.users) do
		g.conns[i] = client.connect { userID = id, platform = "linux", encoding = args.encoding, keep = 100 }
	end
	return g
end)

scenario.iterate(function(_, g)
	local from = scenario.iteration % #g.users + 1
	local text = ("message %d of %s"):format(scenario.iteration, g.users[from])
	local start = time.monotonic()
	g.conns[from]:send { groupID = g.id, text = text }
	local all = true
	for i, c in ipairs(g.conns) do
		if i ~= from then
			local ok, got = pcall(function() return c:expect { groupID = g.id, text = text, within = args.within } end)
			if ok then
				delivered:add()
				delivery:add(got.latency)
			elseif type(got) == "table" and got.kind == "timeout" then
				all = false
				lost:add()
			else
				error(got, 0)
			end
		end
	end
	if all then fanout:add((time.monotonic() - start) * 1000) end
	local left = pace - (time.monotonic() - start)
	if left > 0 then sleep(left) end
end)

scenario.stop(function(_, g)
	if not args.keep then group.dismiss { groupID = g.id } end
end)

scenario.teardown(function(data)
	if args.keep or not data then return end
	local ids = {}
	for vu = scenario.shard, scenario.vus, scenario.shards do
		for i = 1, args.members do ids[#ids + 1] = ("%s_%d_%d"):format(data.prefix, vu, i) end
	end
	for from = 1, #ids, 500 do
		local made = {}
		for _, row in ipairs(user.exists { unpack(ids, from, math.min(from + 499, #ids)) }) do
			if row.exists then made[#made + 1] = row.userID end
		end
		if #made > 0 then user.disable { userIDs = made, kick = false, reason = "made for a load test" } end
	end
end)
