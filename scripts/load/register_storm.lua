--[[ imctl
name: register-storm
help: "Load: accounts are registered as fast as the server takes them, and looked up."
effect: write
args:
  - {name: batch, type: int, default: 1, help: accounts of one request}
  - {name: prefix, help: "how the userIDs begin (default: a name that no other run has)"}
]]
-- Load: each VU registers accounts and looks the last one up, again and again. The accounts stay: OpenIM can't delete any. Their userIDs
-- begin with what the run says at its beginning.
--
--   imctl run scripts/load/register_storm.lua
--   imctl --context staging run --vus 16 --duration 1m scripts/load/register_storm.lua --batch 100
--   imctl --context staging run --rate 200/s --duration 1m scripts/load/register_storm.lua
scenario.options {
	vus = 8, duration = "3s",
	thresholds = { "iterations_failed == 0", "missing == 0", "rate(http_failed) < 1%", "p95(user.register) < 1s" },
}

local registered, missing = scenario.counter("registered"), scenario.counter("missing")
if args.batch < 1 then error("--batch: want 1 or more", 0) end

scenario.setup(function()
	local prefix = args.prefix or "reg_" .. require("imctl.host").unique()
	print("the userIDs begin with " .. prefix)
	return { prefix = prefix }
end)

scenario.iterate(function(data)
	local batch = {}
	for i = 1, args.batch do
		local id = ("%s_%d_%d_%d"):format(data.prefix, scenario.vu, scenario.iteration, i)
		batch[i] = { userID = id, nickname = "Storm " .. i }
	end
	user.register { users = batch }
	registered:add(#batch)
	local last = batch[#batch].userID
	if not user.exists(last)[1].exists then missing:add() end
end)
