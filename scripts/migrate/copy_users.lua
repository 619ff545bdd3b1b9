-- Copies accounts from one deployment to another: userID, nickname, picture, ex and level. It can be repeated: accounts that
-- are there already stay as they are, or are brought up to date with --update.
--
--   imctl --context new run scripts/migrate/copy_users.lua --from old
--   imctl --context new run scripts/migrate/copy_users.lua --from old --update
--   imctl --context new run scripts/migrate/copy_users.lua --file users.jsonl      from an earlier `imctl user export`
--   imctl --context new --dry-run run scripts/migrate/copy_users.lua --file users.jsonl      checks each row, writes nothing
--
--   --from CONTEXT   the context to copy from; it is only read
--   --file FILE      or a file that `imctl user export` wrote: CSV, JSONL or XLSX
--   --update         also change accounts that are there already
--   --rejects FILE   write rows that were refused there, to be mended and copied again
--   --imctl PATH     the program to read --from with (default: imctl on the PATH)
--
-- At the end each account of the source is looked up in the target. Passwords can't be copied: nobody can read them. Friends,
-- groups and messages are not copied. With --from, the accounts go through a file in the temporary folder, which only this user
-- can read and which is removed; since it runs another program, --from does not go with --dry-run.

local USAGE = "usage: imctl --context TARGET run copy_users.lua --from CONTEXT | --file FILE [--update] [--rejects FILE] [--imctl PATH]"
local o = { imctl = "imctl" }
do
	local takes_value = { from = true, file = true, rejects = true, imctl = true }
	local i = 1
	while arg[i] do
		local name = arg[i]:match("^%-%-(%a+)$")
		if name == "update" then
			o.update = true
		elseif takes_value[name] then
			i = i + 1
			o[name] = arg[i] or error("--" .. name .. " needs a value\n" .. USAGE, 0)
		else
			error("unknown option " .. arg[i] .. "\n" .. USAGE, 0)
		end
		i = i + 1
	end
	if (o.from == nil) == (o.file == nil) then error(USAGE, 0) end
end

local path = o.file
if o.from then
	local folder = str.trim(shell.run({ "mktemp", "-d" }, { check = true }).stdout)
	cleanup(function() shell.run { "rm", "-rf", folder } end)
	path = folder .. "/users.jsonl"
	local r = shell.run { o.imctl, "--context", o.from, "--read-only", "--quiet", "user", "export", path }
	if r.code ~= 0 then error(("the accounts of %s can't be read:\n%s"):format(o.from, str.trim(r.stderr)), 0) end
end

local ok, result = pcall(user.import, {
	file = path, rejects = o.rejects, on_conflict = o.update and "update" or "skip", ignore_columns = true,
})
if not ok and result.kind == "partial" then
	print(tostring(result))
	result = result.result
elseif not ok then
	error(result, 0)
end
print(("%d rows: %d copied, %d brought up to date, %d there already, %d refused")
	:format(result.rows, result.created + (result.resumed or 0), result.updated, result.skipped, result.rejected))
if result.planned then
	print("a dry run: nothing was written")
	return
end

-- Is each of them there?
if path:match("%.jsonl$") then
	local missing, batch, seen = {}, {}, 0
	local function look()
		if #batch == 0 then return end
		for _, row in ipairs(user.exists(batch)) do
			seen = seen + 1
			if not row.exists then missing[#missing + 1] = row.userID end
		end
		batch = {}
	end
	for line in io.lines(path) do
		if line ~= "" then batch[#batch + 1] = json.decode(line).userID end
		if #batch == 100 then look() end
	end
	look()
	print(("%d of %d accounts are in the target"):format(seen - #missing, seen))
	if #missing > 0 then
		error("missing: " .. table.concat(missing, ", ", 1, math.min(#missing, 20)), 0)
	end
end
if result.rejected > 0 then os.exit(5) end
