-- Looks for damage in the stores of a deployment, and mends it when asked to.
--
--   imctl --context prod run scripts/maintenance/check_integrity.lua
--   imctl --context prod run scripts/maintenance/check_integrity.lua --kinds seq_behind,orphan_member
--   imctl --context prod run scripts/maintenance/check_integrity.lua --repair --backup before.tar.zst
--
--   --kinds A,B        only these kinds of damage (imctl data check --help explains them)
--   --repair           mend what can be mended. The run asks nothing; with --dry-run it only says what it would mend.
--   --backup FILE      a backup of this context, for --repair: it is verified first
--   --without-backup   repair although there is none
--
-- Exit code: 0 when there is no damage, or all of it was mended; 5 when some is left. Notices, such as friends who are
-- friends in one direction only, are shown and are no damage.

local USAGE = "usage: imctl run check_integrity.lua [--kinds A,B] [--repair (--backup FILE | --without-backup)]"

local function options(args)
	local o = {}
	local i = 1
	while args[i] do
		local name, given = args[i]:match("^%-%-([%w-]+)=?(.*)$")
		local has_value = args[i]:find("=", 1, true)
		local function value()
			if has_value then return given end
			i = i + 1
			return args[i] or error("--" .. name .. " needs a value\n" .. USAGE, 0)
		end
		if name == "kinds" then
			o.kinds = {}
			for kind in value():gmatch("[^,]+") do o.kinds[#o.kinds + 1] = kind end
		elseif name == "backup" then o.backup = value()
		elseif name == "without-backup" and not has_value then o.without_backup = true
		elseif name == "repair" and not has_value then o.repair = true
		else error("unknown option " .. args[i] .. "\n" .. USAGE, 0) end
		i = i + 1
	end
	if o.repair and not o.backup and not o.without_backup then
		error("--repair needs --backup FILE, or --without-backup\n" .. USAGE, 0)
	end
	return o
end

local o = options(arg)

-- look prints what data.check finds, and returns the kinds of damage that can be mended, and how much damage there is.
local function look()
	local kinds, seen, damage = {}, {}, 0
	for f in data.check { kinds = o.kinds } do
		print(string.format("%-21s %-13s %s%s: %s%s", f.kind, f.collection, f.id, f.seq and " " .. tostring(f.seq) or "", f.detail,
			f.repairable and "" or " (not repairable)"))
		if f.severity == "damage" then damage = damage + 1 end
		if f.repairable and not seen[f.kind] then
			seen[f.kind] = true
			kinds[#kinds + 1] = f.kind
		end
	end
	return kinds, damage
end

local kinds, damage = look()
print(damage == 0 and "no damage" or "damage: " .. damage)
if o.repair and #kinds > 0 then
	local planned = false
	-- What cannot be done to one document is in its row, and its error ends the rows.
	local ok, why = pcall(function()
		for r in data.repair { kinds = kinds, backup = o.backup, without_backup = o.without_backup } do
			planned = planned or r.outcome == "planned"
			print(string.format("%-8s %s %s%s", r.outcome, r.kind, r.id, r.error and ": " .. r.error or ""))
		end
	end)
	if not ok and why.kind ~= "partial" then error(why, 0) end
	if not planned then
		_, damage = look()
		print(damage == 0 and "all mended" or "damage left: " .. damage)
	end
end
if damage > 0 then os.exit(5) end
