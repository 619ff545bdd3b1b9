--[[ imctl
name: login-storm
help: "Load: users log in, connect and leave, again and again."
effect: write
args:
  - {name: platform, default: ios, help: where they connect from}
  - {name: encoding, default: go, enum: [go, js], help: "how frames are written: go as the apps do, js as the JavaScript client does"}
  - {name: stay, type: duration, default: 0s, help: how long a user stays connected}
  - {name: keep, type: bool, help: leave the accounts as they are; else they are disabled at the end}
]]
-- Load: each VU is a user who gets a token, connects to the gateway, asks for what was missed, and leaves. The group "login" is all of it
-- without the stay.
--
--   imctl run scripts/load/login_storm.lua
--   imctl --context staging run --rate 50/s --duration 5m --max-vus 500 scripts/load/login_storm.lua --stay 5s
scenario.options {
	vus = 8, duration = "3s",
	thresholds = { "iterations_failed == 0", "vus_failed == 0", "p95(client.connect) < 2s", "p95(group:login) < 3s" },
}

scenario.setup(function() return { prefix = "login_" .. require("imctl.host").unique() } end)

scenario.start(function(data)
	local id = data.prefix .. "_" .. scenario.vu
	user.register { users = { { userID = id, nickname = "Storm" } } }
	return id
end)

scenario.iterate(function(_, id)
	local c = scenario.group("login", function()
		local token = user.token { userID = id, platform = args.platform, show = true }.token
		local c = client.connect { userID = id, platform = args.platform, encoding = args.encoding, token = token, noReconnect = true, keep = 1 }
		c:seqs()
		return c
	end)
	sleep(args.stay)
	c:close()
end)

scenario.teardown(function(data)
	if args.keep or not data then return end
	local ids = {}
	for vu = scenario.shard, scenario.vus, scenario.shards do
		ids[#ids + 1] = data.prefix .. "_" .. vu
	end
	for from = 1, #ids, 500 do
		local made = {}
		for _, row in ipairs(user.exists { unpack(ids, from, math.min(from + 499, #ids)) }) do
			if row.exists then made[#made + 1] = row.userID end
		end
		if #made > 0 then user.disable { userIDs = made, kick = false, reason = "made for a load test" } end
	end
end)
