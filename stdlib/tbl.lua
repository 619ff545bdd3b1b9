--- Tables: lists and tables of fields. A function given here is called with a value and its place or name. Nothing changes
--- the table it is given; results are new tables. Fields come in the order in which they were set.
local differences = require("imctl.expect").differences
local want = require("imctl.arguments")

local tbl = {}
for name, fn in pairs(require("imctl.tbl_lists")) do tbl[name] = fn end

-- is_list tells lists from tables of fields; an empty table is a list unless it is marked as an object.
local function is_list(t)
	if next(t) == nil then return json.is_array(t) end
	return t[1] ~= nil
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
	want("tbl.map", 1, "t", t, "table")
	want("tbl.map", 2, "fn", fn, "function")
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
	want("tbl.filter", 1, "t", t, "table")
	want("tbl.filter", 2, "fn", fn, "function")
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
	want("tbl.reduce", 1, "t", t, "table")
	want("tbl.reduce", 2, "fn", fn, "function")
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
	want("tbl.keys", 1, "t", t, "table")
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
	want("tbl.values", 1, "t", t, "table")
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
	want("tbl.count", 1, "t", t, "table")
	if fn ~= nil then want("tbl.count", 2, "fn", fn, "function") end
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
	want("tbl.find", 1, "t", t, "table")
	want("tbl.find", 2, "fn", fn, "function")
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
	want("tbl.contains", 1, "t", t, "table")
	for _, v in pairs(t) do
		if rawequal(v, value) or #differences(v, value) == 0 then return true end
	end
	return false
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
	want("tbl.merge", 1, "first", first, "table")
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
		want("tbl.merge", i + 1, "table " .. (i + 1), from, "table")
		into(out, from)
	end
	return out
end

return tbl
