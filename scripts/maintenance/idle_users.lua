-- Lists accounts that nobody seems to use: registered more than --days ago, offline now, and no message sent since then.
--
--   imctl --context prod run scripts/maintenance/idle_users.lua
--   imctl --context prod run scripts/maintenance/idle_users.lua --days 90 --limit 1000 --csv idle.csv
--   imctl --context prod --dry-run run scripts/maintenance/idle_users.lua --days 365 --disable
--
--   --days N      how long an account has to be idle (default 30; 0.5 is half a day)
--   --limit N     stop after so many (default 100; 0: no limit)
--   --csv FILE    write them to FILE too: userID, nickname, registered
--   --disable     disable each of them. The run asks nothing; with --dry-run it only says what it would disable.
--                 `imctl user enable ID` takes one back. Without --disable nothing is changed.
--
-- What OpenIM can't tell, so that the list can't know it:
--   · when somebody last logged in or was online: the API has only who is online at this moment. Who only reads is idle here.
--   · messages that the server has deleted since (its retention, or a clearing of history) count as never sent.
--   · a message that an administrator or a program sent in somebody's name counts as sent by that account.
-- So take the list as candidates, not as a verdict. Admins, notification accounts, robots and accounts that are disabled
-- already are never in it.
--
-- Who sent messages comes from the statistics of the server, which go through all stored messages: on a big
-- deployment that takes its time, so run it when little is going on (and give --request-timeout).

local USAGE = "usage: imctl run idle_users.lua [--days N] [--limit N] [--csv FILE] [--disable]"

local function options(args)
	local o = { days = 30, limit = 100 }
	local i = 1
	while args[i] do
		local name, given = args[i]:match("^%-%-(%w+)=?(.*)$")
		local has_value = args[i]:find("=", 1, true)
		local function text()
			if has_value then return given end
			i = i + 1
			return args[i] or error("--" .. name .. " needs a value\n" .. USAGE, 0)
		end
		local function number()
			local t = text()
			local n = tonumber(t)
			if not n or n < 0 then error("--" .. name .. ": " .. t .. " is no number of that kind\n" .. USAGE, 0) end
			return n
		end
		if name == "days" then o.days = number()
		elseif name == "limit" then o.limit = number()
		elseif name == "csv" then o.csv = text()
		elseif name == "disable" and not has_value then o.disable = true
		else error("unknown option " .. args[i] .. "\n" .. USAGE, 0) end
		i = i + 1
	end
	return o
end

local function day(ms) return os.date("!%Y-%m-%d", math.floor(ms / 1000)) end

-- quoted is a field of a CSV line. A text that a spreadsheet would run as a formula gets a ' in front.
local function quoted(text)
	if text:find("^[=+@-]") then text = "'" .. text end
	if text:find('[",\r\n]') then text = '"' .. text:gsub('"', '""') .. '"' end
	return text
end

-- senders_since returns the set of accounts that sent a message after a time, in single chats or groups.
local function senders_since(start, now)
	-- The pages of this call overlap (its offset counts rows, not pages), so one page has to hold everybody.
	local everybody = user.count { system = true }.count + 1
	local got = api.call("/statistics/user/active", {
		start = start, ["end"] = now, group = true, pagination = { pageNumber = 1, showNumber = everybody },
	})
	local set, n = {}, 0
	if got.users and got.users ~= json.null then
		for _, row in ipairs(got.users) do
			if row.user and row.user ~= json.null and not set[row.user.userID] then
				set[row.user.userID] = true
				n = n + 1
			end
		end
	end
	if n < got.userCount then
		error("the server counts " .. tostring(got.userCount) .. " senders and names only " .. n ..
			" of them: the list would hold active accounts", 0)
	end
	return set
end

-- idle yields the accounts that fit, in the order of the server's list. Presence is asked for by the hundred.
local function idle(before, busy)
	local disabled = {}
	for row in user.disabled() do disabled[row.userID] = true end
	return coroutine.wrap(function()
		local batch = {}
		local function flush()
			if #batch == 0 then return end
			local ids = {}
			for i, u in ipairs(batch) do ids[i] = u.userID end
			for i, presence in ipairs(user.online { userIDs = ids }) do
				-- unknown is not offline: a gateway that does not answer makes nobody idle
				if presence.state == "offline" then coroutine.yield(batch[i]) end
			end
			batch = {}
		end
		for u in user.list() do
			if u.createTime < before and not busy[u.userID] and not disabled[u.userID] then
				batch[#batch + 1] = u
				if #batch == 100 then flush() end
			end
		end
		flush()
	end)
end

local o = options(arg)
local now = tonumber(tostring(api.call("/msg/get_server_time").serverTime)) -- the server's clock, not this machine's
local before = math.floor(now - o.days * 86400 * 1000)

local found = {}
for u in idle(before, senders_since(before, now)) do
	found[#found + 1] = u
	print(string.format("%-32s  registered %s  %s", u.userID, day(u.createTime), u.nickname))
	if #found == o.limit then break end
end

print(string.format("%d idle %s: registered before %s UTC, offline now, nothing sent since%s", #found,
	#found == 1 and "account" or "accounts", os.date("!%Y-%m-%d %H:%M:%S", math.floor(before / 1000)),
	#found == o.limit and o.limit > 0 and " (stopped at --limit, there may be more)" or ""))

if o.csv then
	local file, why = io.open(o.csv, "w")
	if not file then error("can't write " .. o.csv .. ": " .. tostring(why), 0) end
	file:write("userID,nickname,registered\n")
	for _, u in ipairs(found) do
		file:write(quoted(u.userID), ",", quoted(u.nickname), ",", day(u.createTime), "\n")
	end
	file:close()
	print("written to " .. o.csv)
end

if o.disable then
	local reason = "idle for " .. tostring(o.days) .. " days"
	local done, failed, planned = 0, 0, 0
	for _, u in ipairs(found) do
		local ok, result = pcall(user.disable, { userID = u.userID, reason = reason })
		if ok and result.disabled then
			done = done + 1
		elseif ok then -- a dry run
			print("would disable " .. u.userID)
			planned = planned + 1
		elseif result.kind == "denied" and not result.operationID then
			print("left alone: " .. tostring(result)) -- the account that imctl runs as
		else
			print("not disabled: " .. u.userID .. ": " .. tostring(result))
			failed = failed + 1
		end
	end
	if planned > 0 then
		print(planned .. (planned == 1 and " account" or " accounts") .. " would be disabled")
	else
		print(done .. " disabled, " .. failed .. " failed")
	end
	if failed > 0 then os.exit(5) end
end
