-- The part of tbl that is about lists: sorting, grouping, cutting and joining.
local want = require("imctl.arguments")

local tbl = {}

-- by turns the name of a field into the function that reads it.
local function by(fn, n, key)
	if type(key) == "string" or type(key) == "number" then return function(v) return v[key] end end
	want("tbl." .. fn, n, "key", key, "function", 4)
	return key
end

--- Sorts a list by a field, or by what a function gives for each value; equal ones keep their order.
--- ```lua
--- local users = tbl.sort_by({{n = "b", age = 2}, {n = "a", age = 1}}, "age")
--- print(users[1].n)  --> a
--- print(tbl.sort_by({1, 3, 2}, function(n) return n end, true)[1])  --> 3
--- ```
---@param list any[]
---@param key string|fun(value: any): any
---@param descending? boolean
---@return any[]
function tbl.sort_by(list, key, descending)
	want("tbl.sort_by", 1, "list", list, "table")
	key = by("sort_by", 2, key)
	-- Equal ones share a bucket, so that only the different keys are sorted, and by the engine's own comparison.
	local buckets, keys, out, exact = {}, {}, {}, false
	local function id(k)
		return type(k) == "userdata" and tostring(k) or k -- int64 values are equal by their digits
	end
	for i, v in ipairs(list) do
		local k = key(v)
		if k == nil or k ~= k then error("tbl.sort_by: entry " .. i .. " has nothing to sort by", 2) end
		exact = exact or type(k) == "userdata"
		local bucket = buckets[id(k)]
		if not bucket then
			bucket = {}
			buckets[id(k)] = bucket
			keys[#keys + 1] = k
		end
		bucket[#bucket + 1] = v
	end
	if exact then
		table.sort(keys, function(a, b) return int64.compare(a, b) < 0 end)
	else
		table.sort(keys)
	end
	local from, to, step = 1, #keys, 1
	if descending then from, to, step = #keys, 1, -1 end
	for i = from, to, step do
		for _, v in ipairs(buckets[id(keys[i])]) do out[#out + 1] = v end
	end
	return out
end

--- Groups the values of a list by a field, or by what a function gives for each: a table of lists.
--- ```lua
--- local groups = tbl.group_by({{id = 1, city = "x"}, {id = 2, city = "y"}, {id = 3, city = "x"}}, "city")
--- print(#groups.x, #groups.y)  --> 2	1
--- ```
---@param list any[]
---@param key string|fun(value: any): any
---@return table<any, any[]>
function tbl.group_by(list, key)
	want("tbl.group_by", 1, "list", list, "table")
	key = by("group_by", 2, key)
	local out = {}
	for i, v in ipairs(list) do
		local k = key(v)
		if k == nil then error("tbl.group_by: entry " .. i .. " has nothing to group by", 2) end
		local group = out[k]
		if not group then
			group = {}
			out[k] = group
		end
		group[#group + 1] = v
	end
	return out
end

--- Makes a table of a list, with a field of each value, or what a function gives for it, as the name. The last one of a
--- name stays.
--- ```lua
--- print(tbl.index_by({{userID = "a", age = 1}, {userID = "b", age = 2}}, "userID").b.age)  --> 2
--- ```
---@param list any[]
---@param key string|fun(value: any): any
---@return table<any, any>
function tbl.index_by(list, key)
	want("tbl.index_by", 1, "list", list, "table")
	key = by("index_by", 2, key)
	local out = {}
	for i, v in ipairs(list) do
		local k = key(v)
		if k == nil then error("tbl.index_by: entry " .. i .. " has nothing to index by", 2) end
		out[k] = v
	end
	return out
end

--- Cuts a part out of a list; negative places count from the end.
--- ```lua
--- print(str.join(tbl.slice({1, 2, 3, 4}, 2, 3), " "), str.join(tbl.slice({1, 2, 3}, -2), " "))  --> 2 3	2 3
--- ```
---@param list any[]
---@param from integer
---@param to? integer
---@return any[]
function tbl.slice(list, from, to)
	want("tbl.slice", 1, "list", list, "table")
	want("tbl.slice", 2, "from", from, "number")
	if to ~= nil then want("tbl.slice", 3, "to", to, "number") end
	local n = #list
	to = to or n
	if from < 0 then from = from + n + 1 end
	if to < 0 then to = to + n + 1 end
	local out = {}
	for i = math.max(from, 1), math.min(to, n) do out[#out + 1] = list[i] end
	return out
end

--- Cuts a list into lists of so many values; the last one may be shorter.
--- ```lua
--- print(#tbl.chunk({1, 2, 3, 4, 5}, 2))  --> 3
--- ```
---@param list any[]
---@param size integer
---@return any[][]
function tbl.chunk(list, size)
	want("tbl.chunk", 1, "list", list, "table")
	want("tbl.chunk", 2, "size", size, "number")
	if size < 1 or size % 1 ~= 0 then error("tbl.chunk: argument 2 (size): want a whole number of 1 or more, got " .. size, 2) end
	local out = {}
	for i, v in ipairs(list) do
		if (i - 1) % size == 0 then out[#out + 1] = {} end
		local last = out[#out]
		last[#last + 1] = v
	end
	return out
end

--- Lists the numbers from one to another.
--- ```lua
--- print(str.join(tbl.range(1, 4), " "), str.join(tbl.range(10, 0, -5), " "))  --> 1 2 3 4	10 5 0
--- ```
---@param from number
---@param to number
---@param step? number
---@return number[]
function tbl.range(from, to, step)
	want("tbl.range", 1, "from", from, "number")
	want("tbl.range", 2, "to", to, "number")
	step = step or 1
	want("tbl.range", 3, "step", step, "number")
	if step == 0 then error("tbl.range: argument 3 (step): it is 0", 2) end
	local out = {}
	for n = from, to, step do out[#out + 1] = n end
	return out
end

--- Leaves out the values of a list that were there before, by a field, or by what a function gives for each, when one is
--- named. Values that are tables are told apart as such, unless a key is named.
--- ```lua
--- print(str.join(tbl.unique({1, 2, 1, 3, 2}), " "), #tbl.unique({{id = 1}, {id = 1}}, "id"))  --> 1 2 3	1
--- ```
---@param list any[]
---@param key? string|fun(value: any): any
---@return any[]
function tbl.unique(list, key)
	want("tbl.unique", 1, "list", list, "table")
	key = key == nil and function(v) return v end or by("unique", 2, key)
	local seen, out = {}, {}
	for i, v in ipairs(list) do
		local k = key(v)
		if k == nil then error("tbl.unique: entry " .. i .. " has no key", 2) end
		if type(k) == "userdata" then k = tostring(k) end -- int64 values are equal by their digits
		if not seen[k] then
			seen[k] = true
			out[#out + 1] = v
		end
	end
	return out
end

--- Joins lists into a new one.
--- ```lua
--- print(str.join(tbl.concat({1, 2}, {3}), " "))  --> 1 2 3
--- ```
---@param ... any[]
---@return any[]
function tbl.concat(...)
	local out = {}
	for i = 1, select("#", ...) do
		local list = select(i, ...)
		want("tbl.concat", i, "list " .. i, list, "table")
		for _, v in ipairs(list) do out[#out + 1] = v end
	end
	return out
end

--- Turns a list round.
--- ```lua
--- print(str.join(tbl.reverse({1, 2, 3}), " "))  --> 3 2 1
--- ```
---@param list any[]
---@return any[]
function tbl.reverse(list)
	want("tbl.reverse", 1, "list", list, "table")
	local out = {}
	for i = #list, 1, -1 do out[#out + 1] = list[i] end
	return out
end

return tbl
