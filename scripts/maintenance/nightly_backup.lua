-- Makes a backup, proves it, and keeps the newest ones. For the night: it says what it did, and ends with an error when the
-- backup can't be trusted; then nothing older is removed.
--
--   imctl --context prod run scripts/maintenance/nightly_backup.lua --to /backups
--   imctl --context prod run scripts/maintenance/nightly_backup.lua --to /backups --keep 30 --recipient age1… --redis --deep
--   imctl --context prod run scripts/maintenance/nightly_backup.lua --to /backups --sender ops --notify alice
--
--   --to FOLDER       where backups are kept (needed); it is made when it isn't there
--   --keep N          how many to keep (default 14); only files of this script's own naming are ever removed
--   --recipient KEY   public key of age that can open it; may be given again
--   --identity FILE   private keys of age, to prove an encrypted backup with
--   --redis           with the keys that live only in Redis
--   --objects FOLDER  mirror the files of the object store into this folder
--   --deep            prove it by restoring it into a database of its own
--   --notify ID       account that is told the outcome by a message; may be given again
--   --sender ID       account that the message comes from (needed with --notify)
--   --failures        tell failures only

local USAGE = "usage: imctl run nightly_backup.lua --to FOLDER [--keep N] [--recipient KEY]... [--identity FILE] [--redis] [--objects FOLDER] [--deep] [--notify ID]... [--sender ID] [--failures]"
local o = { keep = "14", recipient = {}, notify = {} }
do
	local takes_value = { to = true, keep = true, recipient = true, identity = true, objects = true, notify = true, sender = true }
	local flags = { redis = true, deep = true, failures = true }
	local i = 1
	while arg[i] do
		local name = arg[i]:match("^%-%-(%a+)$")
		if flags[name] then
			o[name] = true
		elseif takes_value[name] then
			i = i + 1
			local v = arg[i] or error("--" .. name .. " needs a value\n" .. USAGE, 0)
			if type(o[name]) == "table" then table.insert(o[name], v) else o[name] = v end
		else
			error("unknown option " .. arg[i] .. "\n" .. USAGE, 0)
		end
		i = i + 1
	end
end
local keep = tonumber(o.keep)
if not o.to then error("--to is missing\n" .. USAGE, 0) end
if not keep or keep < 1 or keep % 1 ~= 0 then error("--keep: " .. o.keep .. " is no number of backups\n" .. USAGE, 0) end
if #o.notify > 0 and not o.sender then error("--notify needs --sender\n" .. USAGE, 0) end
if #o.recipient > 0 and not o.identity then
	print("without --identity an encrypted backup can't be proved; it is only written")
end

-- tell sends the outcome to those who want it. Whom it can't reach, it says.
local function tell(text)
	for _, id in ipairs(o.notify) do
		local ok, why = pcall(message.send, { sendID = o.sender, recvID = id, text = text })
		if not ok then print("could not tell " .. id .. ": " .. tostring(why)) end
	end
end

-- older lists the backups of this context in the folder, newest first; names sort by their time.
local function older(newest)
	local before, after = newest:match("^(.*%-)%d+T%d+Z(%.tar%.zst.*)$")
	local found = {}
	for _, name in ipairs(file.list(o.to)) do
		local rest = name:sub(1, #before) == before and name:sub(#before + 1)
		if rest and rest:match("^%d%d%d%d%d%d%d%dT%d%d%d%d%d%dZ%.tar%.zst") and rest:match("Z(%.tar%.zst.*)$") == after then
			found[#found + 1] = name
		end
	end
	table.sort(found, function(a, b) return a > b end)
	return found
end

local function nightly()
	file.mkdir(o.to)
	local b = data.backup {
		to = o.to .. "/", redis = o.redis, objects = o.objects, recipients = #o.recipient > 0 and o.recipient or nil,
	}
	print(("%s: %d documents in %d collections, %d bytes"):format(b.file, b.documents, b.collections, b.size))
	if #o.recipient == 0 or o.identity then
		data.verify { from = b.file, deep = o.deep, identity = o.identity }
		print(o.deep and "proved by restoring it" or "proved")
	end
	local removed = 0
	for i, name in ipairs(older(b.file:match("[^/]*$"))) do
		if i > keep then
			file.remove(o.to .. "/" .. name)
			print("removed " .. name)
			removed = removed + 1
		end
	end
	return ("backup %s: %d documents, %d bytes, proved; %d older removed"):format(b.file, b.documents, b.size, removed)
end

local ok, outcome = pcall(nightly)
if not ok then
	tell("the nightly backup FAILED: " .. tostring(outcome))
	error(outcome, 0)
end
if not o.failures then tell(outcome) end
