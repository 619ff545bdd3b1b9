-- Removes messages that are older than so many days: the whole list first, and with --purge exactly that list.
--
--   imctl --context prod run scripts/maintenance/purge_messages.lua --days 365
--   imctl --context prod run scripts/maintenance/purge_messages.lua --days 365 --purge --backup before.tar.zst
--
--   --days N                how old a message has to be (default 365)
--   --conversations A,B     only of these conversations
--   --purge                 remove them. The run asks nothing; without it nothing is changed.
--   --backup FILE           a backup of this context, for --purge: it is verified first
--   --without-backup        purge although there is none
--
-- It does what the server's own nightly job does (retainChatRecords in openim-crontask.yml), at once and for a time of your
-- choice. Interrupted it stops between two conversations; the next run goes on. Exit code 5: some were not purged.

local USAGE = "usage: imctl run purge_messages.lua [--days N] [--conversations A,B] [--purge (--backup FILE | --without-backup)]"

local function options(args)
	local o = { days = 365 }
	local i = 1
	while args[i] do
		local name, given = args[i]:match("^%-%-([%w-]+)=?(.*)$")
		local has_value = args[i]:find("=", 1, true)
		local function value()
			if has_value then return given end
			i = i + 1
			return args[i] or error("--" .. name .. " needs a value\n" .. USAGE, 0)
		end
		if name == "days" then
			local text = value()
			o.days = tonumber(text)
			if not o.days or o.days <= 0 then error("--days: " .. text .. " is no number of days\n" .. USAGE, 0) end
		elseif name == "conversations" then
			o.conversations = {}
			for id in value():gmatch("[^,]+") do o.conversations[#o.conversations + 1] = id end
		elseif name == "backup" then o.backup = value()
		elseif name == "without-backup" and not has_value then o.without_backup = true
		elseif name == "purge" and not has_value then o.purge = true
		else error("unknown option " .. args[i] .. "\n" .. USAGE, 0) end
		i = i + 1
	end
	if o.purge and not o.backup and not o.without_backup then
		error("--purge needs --backup FILE, or --without-backup\n" .. USAGE, 0)
	end
	return o
end

local o = options(arg)
local age = string.format("%dms", math.floor(o.days * 86400 * 1000))
local call = { what = "messages", older_than = age, conversationID = o.conversations, backup = o.backup, without_backup = o.without_backup, list = not o.purge }

local conversations, messages, left = 0, 0, 0
local ok, why = pcall(function()
	for row in data.purge(call) do
		print(string.format("%-9s %8s up to %8s  %s%s", row.outcome, tostring(row.messages), tostring(row.upTo), row.id, row.error and ": " .. row.error or ""))
		if row.outcome == "purged" or row.outcome == "listed" then
			conversations, messages = conversations + 1, messages + row.messages
		else
			left = left + 1
		end
	end
end)
if not ok and (left == 0 or why.kind ~= "partial") then error(why, 0) end
print(string.format("%d messages of %d conversations %s", messages, conversations, o.purge and "purged" or "would go"))
if left > 0 then
	print(left .. " were left alone")
	os.exit(5)
end
