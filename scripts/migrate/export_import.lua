-- Moves accounts, friends, groups, members, conversations and messages from one deployment to another through their APIs
-- alone, and looks whether they have arrived. It can be repeated, and goes on where it was interrupted.
--
--   imctl --context old run scripts/migrate/export_import.lua --export folder
--   imctl --context new run scripts/migrate/export_import.lua --import folder --rejects failed
--   imctl --context new run scripts/migrate/export_import.lua --from old              both in one
--   imctl --context new --dry-run run scripts/migrate/export_import.lua --import folder      checks all of it, writes nothing
--
--   --export FOLDER   write an export of the context
--   --import FOLDER   put an export into the context
--   --from CONTEXT    copy from another context, which is only read
--   --user ID         only this account, with those it has to do with; may be given again (export, from)
--   --since TIME      only messages since a day like 2026-01-31 or an age like 720h (export, from)
--   --csv             write CSV in place of JSON lines (export)
--   --update          change what is there already, in place of leaving it alone (import, from)
--   --edited          take files that were edited since they were exported (import)
--   --rejects FOLDER  keep the rows that failed there, to be imported again (import, from)
--
-- What can't be moved so, passwords first of all, is said at the end of an export. For a backup that restores everything,
-- use `imctl data backup`.

local USAGE = "usage: imctl --context NAME run export_import.lua --export FOLDER | --import FOLDER | --from CONTEXT [--user ID]... [--since TIME] [--csv] [--update] [--edited] [--rejects FOLDER]"
local o, users = {}, nil
do
	local takes_value = { export = true, import = true, from = true, user = true, since = true, rejects = true }
	local flags = { csv = true, update = true, edited = true }
	local i = 1
	while arg[i] do
		local name = arg[i]:match("^%-%-(%a+)$")
		if flags[name] then
			o[name] = true
		elseif takes_value[name] then
			i = i + 1
			local v = arg[i] or error("--" .. name .. " needs a value\n" .. USAGE, 0)
			if name == "user" then
				users = users or {}
				users[#users + 1] = v
			else
				o[name] = v
			end
		else
			error("unknown option " .. arg[i] .. "\n" .. USAGE, 0)
		end
		i = i + 1
	end
	local ways = 0
	for _, way in ipairs { "export", "import", "from" } do
		if o[way] then ways = ways + 1 end
	end
	if ways ~= 1 then error(USAGE, 0) end
end

if o.export then
	local r = data.export { to = o.export, users = users, since = o.since, format = o.csv and "csv" or "jsonl" }
	for _, f in ipairs(r.files) do print(("%-14s %d"):format(f.kind, f.rows)) end
	print("not in it:")
	for _, what in ipairs(r.left_out) do print("  " .. what) end
	return
end

-- run puts the rows in, and gives what became of them also when some failed.
local function run(kinds)
	local p = { kinds = kinds, on_conflict = o.update and "update" or "skip", rejects = not kinds and o.rejects or nil }
	local ok, result
	if o.from then
		p.from_context, p.users, p.since = o.from, users, o.since
		ok, result = pcall(data.copy, p)
	else
		p.from, p.edited = o.import, o.edited
		ok, result = pcall(data.import, p)
	end
	if ok then return result end
	if result.kind ~= "partial" then error(result, 0) end
	print(tostring(result))
	return result.result
end

local failed, planned = 0, false
for _, row in ipairs(run()) do
	print(("%-14s %d rows: %d done, %d skipped, %d failed"):format(row.kind, row.rows, row.done, row.skipped, row.failed))
	for _, note in ipairs(row.notes) do print("  " .. note) end
	failed, planned = failed + row.failed, planned or row.planned
end
if planned then
	print("a dry run: nothing was written")
	return
end

-- Have the messages arrived? Those that can be sent are all found a second time, and none is sent.
for _, row in ipairs(run { "messages" }) do
	if row.kind == "messages" then
		if row.done > 0 then error(("%d messages had not arrived, and were sent a second time"):format(row.done), 0) end
		print(("all messages are there, but for %d that failed"):format(row.failed))
	end
end
if failed > 0 then os.exit(5) end
