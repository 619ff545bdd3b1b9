--- Tables: lists and tables of fields. A function given here is called with a value and its place or name. Nothing changes
--- the table it is given; results are new tables. Fields come in the order in which they were set.
local differences = require("imctl.expect").differences

local tbl = {}

-- want checks argument n of a function of this module.
local function want(fn, n, name, value, kind)
	if type(value) ~= kind then
		local got = type(value) == "string" and string.format("the string %q", value) or type(value) == "table" and "a table" or tostring(value)
		error("tbl." .. fn .. ": argument " .. n .. " (" .. name .. "): want a " .. kind .. ", got " .. got, 3)
	end
end

-- is_list tells lists from tables of fields; an empty table is a list unless it is marked as an object.
local function is_list(t)
	if next(t) == nil then return json.is_array(t) end
	return t[1] ~= nil
end

-- by turns the name of a field into the function that reads it.
local function by(fn, n, key)
	if type(key) == "string" or type(key) == "number" then return function(v) return v[key] end end
	want(fn, n, "key", key, "function")
	return key
end

--- Calls a function with every value and gives what it returned: a list for a list, the same fields for fields. A list
--- leaves out what became nil.
--- ```lua
--- print(str.join(tbl.map({1, 2, 3}, function(n) return n * n end), " "))  --> 1 4 9
--- ```
---@param t table
---@param fn fun(value: any, key: any): any
---@return table
function tbl.map(t, fn)
	want("map", 1, "t", t, "table")
	want("map", 2, "fn", fn, "function")
	local out = {}
	if is_list(t) then
		for i, v in ipairs(t) do out[#out + 1] = fn(v, i) end
	else
		for k, v in pairs(t) do out[k] = fn(v, k) end
	end
	return out
end

--- Keeps the values for which a function gives true.
--- ```lua
--- print(str.join(tbl.filter({1, 2, 3, 4}, function(n) return n % 2 == 0 end), " "))  --> 2 4
--- ```
---@param t table
---@param fn fun(value: any, key: any): boolean
---@return table
function tbl.filter(t, fn)
	want("filter", 1, "t", t, "table")
	want("filter", 2, "fn", fn, "function")
	local out = {}
	if is_list(t) then
		for i, v in ipairs(t) do
			if fn(v, i) then out[#out + 1] = v end
		end
	else
		for k, v in pairs(t) do
			if fn(v, k) then out[k] = v end
		end
	end
	return out
end

--- Folds all values into one: the function gets what there is so far and the next value.
--- ```lua
--- print(tbl.reduce({1, 2, 3}, function(sum, n) return sum + n end, 0))  --> 6
--- ```
---@param t table
---@param fn fun(sofar: any, value: any, key: any): any
---@param initial any
---@return any
function tbl.reduce(t, fn, initial)
	want("reduce", 1, "t", t, "table")
	want("reduce", 2, "fn", fn, "function")
	for k, v in pairs(t) do initial = fn(initial, v, k) end
	return initial
end

--- Lists the names of the fields, or the places of a list.
--- ```lua
--- print(str.join(tbl.keys({b = 1, a = 2}), " "))  --> b a
--- ```
---@param t table
---@return any[]
function tbl.keys(t)
	want("keys", 1, "t", t, "table")
	local out = {}
	for k in pairs(t) do out[#out + 1] = k end
	return out
end

--- Lists the values.
--- ```lua
--- print(str.join(tbl.values({b = 1, a = 2}), " "))  --> 1 2
--- ```
---@param t table
---@return any[]
function tbl.values(t)
	want("values", 1, "t", t, "table")
	local out = {}
	for _, v in pairs(t) do out[#out + 1] = v end
	return out
end

--- Counts the entries of any table, or those for which a function gives true.
--- ```lua
--- print(tbl.count({a = 1, b = 2}), tbl.count({1, 2, 3}, function(n) return n > 1 end))  --> 2	2
--- ```
---@param t table
---@param fn? fun(value: any, key: any): boolean
---@return integer
function tbl.count(t, fn)
	want("count", 1, "t", t, "table")
	if fn ~= nil then want("count", 2, "fn", fn, "function") end
	local n = 0
	for k, v in pairs(t) do
		if fn == nil or fn(v, k) then n = n + 1 end
	end
	return n
end

--- Finds the first value for which a function gives true, and its place or name; nil when there is none.
--- ```lua
--- print(tbl.find({"a", "bb", "cc"}, function(s) return #s == 2 end))  --> bb	2
--- ```
---@param t table
---@param fn fun(value: any, key: any): boolean
---@return any value
---@return any key
function tbl.find(t, fn)
	want("find", 1, "t", t, "table")
	want("find", 2, "fn", fn, "function")
	for k, v in pairs(t) do
		if fn(v, k) then return v, k end
	end
end

--- Tells whether a table holds a value, compared in depth.
--- ```lua
--- print(tbl.contains({{id = 1}, {id = 2}}, {id = 2}))  --> true
--- ```
---@param t table
---@param value any
---@return boolean
function tbl.contains(t, value)
	want("contains", 1, "t", t, "table")
	for _, v in pairs(t) do
		if rawequal(v, value) or #differences(v, value) == 0 then return true end
	end
	return false
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
	want("sort_by", 1, "list", list, "table")
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
	want("group_by", 1, "list", list, "table")
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
	want("index_by", 1, "list", list, "table")
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
	want("slice", 1, "list", list, "table")
	want("slice", 2, "from", from, "number")
	if to ~= nil then want("slice", 3, "to", to, "number") end
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
	want("chunk", 1, "list", list, "table")
	want("chunk", 2, "size", size, "number")
	if size < 1 or size % 1 ~= 0 then error("tbl.chunk: argument 2 (size): want a whole number of 1 or more, got " .. size, 2) end
	local out = {}
	for i, v in ipairs(list) do
		if (i - 1) % size == 0 then out[#out + 1] = {} end
		local last = out[#out]
		last[#last + 1] = v
	end
	return out
end

--- Copies a table in depth; a table that is there twice, or holds itself, is so in the copy too.
--- ```lua
--- local a = {list = {1}}
--- local b = tbl.copy(a)
--- b.list[1] = 2
--- print(a.list[1])  --> 1
--- ```
---@param t any
---@return any
function tbl.copy(t)
	local seen = {}
	local function copy(v)
		if type(v) ~= "table" then return v end
		if seen[v] then return seen[v] end
		local out = {}
		seen[v] = out
		for k, e in pairs(v) do out[copy(k)] = copy(e) end
		return setmetatable(out, getmetatable(v))
	end
	return copy(t)
end

--- Tells whether two values are equal in depth.
--- ```lua
--- print(tbl.equal({a = {1, 2}}, {a = {1, 2}}), tbl.equal({1}, {1, 2}))  --> true	false
--- ```
---@param a any
---@param b any
---@return boolean
function tbl.equal(a, b) return #differences(a, b) == 0 end

--- Lists in words where a value differs from what it should be, the first dozen differences; none is an empty list.
--- ```lua
--- print(tbl.diff({a = 1, b = 2}, {a = 1, b = 3})[1])  --> at b: got 2, want 3
--- ```
---@param got any
---@param want any
---@return string[]
function tbl.diff(got, want) return differences(got, want) end

--- Merges tables of fields into a new one, in depth; of two values the later one stays. Lists are not merged but replaced.
--- ```lua
--- local t = tbl.merge({a = 1, b = {c = 1}}, {b = {d = 2}})
--- print(t.a, t.b.c, t.b.d)  --> 1	1	2
--- ```
---@param first table
---@param ... table
---@return table
function tbl.merge(first, ...)
	want("merge", 1, "first", first, "table")
	local function fields(v) return type(v) == "table" and not is_list(v) end
	local function into(out, from)
		for k, v in pairs(from) do
			if fields(v) and fields(out[k]) then into(out[k], v) else out[k] = tbl.copy(v) end
		end
		return out
	end
	local out = tbl.copy(first)
	for i = 1, select("#", ...) do
		local from = select(i, ...)
		want("merge", i + 1, "table " .. (i + 1), from, "table")
		into(out, from)
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
	want("range", 1, "from", from, "number")
	want("range", 2, "to", to, "number")
	step = step or 1
	want("range", 3, "step", step, "number")
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
	want("unique", 1, "list", list, "table")
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
		want("concat", i, "list " .. i, list, "table")
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
	want("reverse", 1, "list", list, "table")
	local out = {}
	for i = #list, 1, -1 do out[#out + 1] = list[i] end
	return out
end

return tbl
