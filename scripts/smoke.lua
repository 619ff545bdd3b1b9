-- A smoke test of a deployment: is every part of it there, and does it answer as it should? It only reads.
--
--   imctl --context prod --read-only run scripts/smoke.lua
--   imctl --context prod --read-only run scripts/smoke.lua --max-skew 2     seconds that the clocks may differ
--
-- Exit codes: 0 all well · 1 something is wrong · 3 the credentials are refused · 4 nothing answers at the address.
--
-- The server has no health endpoint; each check here is the cheapest call that needs the part it is about. What can't be
-- seen through the API is not checked: Kafka and the push services (scripts/e2e.lua sends messages through them), the
-- object store, and whether an app can connect to the gateways.

local max_skew = 5
do
	local i = 1
	while arg[i] do
		max_skew = arg[i] == "--max-skew" and tonumber(arg[i + 1])
		if not max_skew then error("usage: imctl run smoke.lua [--max-skew SECONDS]", 0) end
		i = i + 2
	end
end

-- Without the API or with refused credentials no check makes sense: the run ends here, with the exit code of the cause.
user.count()

-- server_time is the time of the server in seconds.
local function server_time() return tonumber(tostring(api.call("/msg/get_server_time").serverTime)) / 1000 end

-- one is an account to ask about: there is always at least the admin that imctl runs as.
local function one()
	for u in user.list { system = true, limit = 1 } do return u.userID end
	error("the server lists no account at all, not even its admins: is it connected to the right database?", 0)
end

-- What the checks came across, said at the end.
local facts = {}
local function fact(format, ...) facts[#facts + 1] = string.format(format, ...) end
after_all(function() print("seen: " .. table.concat(facts, ", ")) end)

local function first_page(rows) return { pagination = { pageNumber = 1, showNumber = rows } } end

describe("the API", function()
	it("answers, and so does the auth service", function()
		-- a token that is none has to be refused as one (1503), by the service that knows
		expect(function() api.call("/auth/parse_token", { token = "no token" }) end):fails(1503)
	end)

	it("turns away who has no valid token", function()
		expect(function() api.call { path = "/user/get_users", body = first_page(1), as = "no token" } end)
			:fails("auth", "the API must not answer to a made-up token")
	end)

	it("has the same time as this machine, within " .. max_skew .. " s", function()
		local before = os.time()
		local theirs = server_time()
		local after = os.time() + 1 -- os.time counts whole seconds
		expect(theirs):at_least(before - max_skew, "the server's clock is behind: tokens and message times go wrong")
		expect(theirs):at_most(after + max_skew, "the server's clock is ahead: tokens and message times go wrong")
	end)

	it("is of a known generation", function()
		local ok, e = pcall(api.call, "/config/get_config_list")
		if ok then
			fact("generation main, version %s", tostring(e.version or "unknown"))
			return
		end
		-- 3.8.3 and its patches have no such endpoint (HTTP 404); anything else is a fault
		expect(e.status):equals(404, "the config endpoint fails: " .. tostring(e))
		fact("generation 3.8.3")
	end)
end)

describe("the services", function()
	it("user: accounts can be read", function()
		local listed, total = 0, user.count { system = true }.count
		for _ in user.list { system = true, limit = 10 } do listed = listed + 1 end
		expect(total):at_least(1, "the server counts no account, not even its admins")
		expect(listed):equals(math.min(10, total), "the list of accounts and its total differ")
		fact("%d %s, those of the system included", total, total == 1 and "account" or "accounts")
	end)

	it("user: presence is known", function()
		local presence = user.online(one())[1]
		expect(presence.state).never:equals("unknown", "the server can't tell who is online: " .. tostring(presence.reason))
	end)

	it("msggateway: connections can be asked for", function()
		local id = one()
		expect(function() user.sessions(id) end):succeeds("no gateway answers")
	end)

	it("group: groups can be read", function()
		local got = api.call("/group/get_groups", first_page(1))
		expect(got.total):at_least(0)
		fact("%d %s", got.total, got.total == 1 and "group" or "groups")
	end)

	it("friend: a friend list can be read", function()
		local id = one()
		expect(function() for _ in friend.list(id) do break end end):succeeds("the friend service fails")
	end)

	it("conversation: the conversations of an account can be read", function()
		local id = one()
		expect(function() api.call("/conversation/get_full_conversation_ids", { userID = id }) end)
			:succeeds("the conversation service fails")
	end)

	it("msg: the newest messages of an account can be read", function()
		local id = one()
		expect(function() message.seqs(id) end):succeeds("the msg service fails")
	end)

	it("third: the logs of apps can be searched", function()
		expect(function() api.call("/third/logs/search", first_page(1)) end):succeeds("the third service fails")
	end)
end)
