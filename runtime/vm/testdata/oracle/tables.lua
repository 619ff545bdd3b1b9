-- The table library and the basic functions on tables.
local function try(f, ...)
	local r = {pcall(f, ...)}
	for i = 1, #r do r[i] = tostring(r[i]):gsub("^[^:]*:%d+: ", ""):gsub("to '[^']*' %(", "to F (") end
	print(table.concat(r, "|"))
end
local t = {1, 2, 3}
table.insert(t, 4) table.insert(t, 1, 0) table.insert(t, 3, "x") print(unpack(t))
print(table.remove(t), table.remove(t, 1), table.remove(t, 2), #t, unpack(t)) print(table.remove({}), #t, select("#", table.remove({})), select("#", table.remove(t, 9)))
print(table.concat({1, 2, 3}, ", "), table.concat({}, "x"), table.concat({1, 2, 3}, "-", 2), table.concat({1, 2, 3}, "-", 2, 2), table.concat({"a", 1.5}))
try(table.concat, {1, {}, 3}) try(table.concat, {1, 2}, ",", 1, 3) try(table.concat) try(table.concat, {1}, {}) try(table.insert, {}, 1, 2, 3) try(table.insert, {})
try(table.insert, nil, 1) try(table.insert, {}, "x", 1) try(table.remove, nil) try(table.sort, {3, "x", 1}) try(table.sort, {1, 2}, 5) try(table.getn, 5) try(table.setn, {}, 1)
local s = {5, 2, 8, 1, 9, 3} table.sort(s) print(unpack(s)) table.sort(s, function(a, b) return a > b end) print(unpack(s))
local w = {"pear", "apple", "fig"} table.sort(w) print(unpack(w)) table.sort(w, function(a, b) return #a < #b end) print(unpack(w))
try(table.sort, {1, 2, 3}, function() error("in cmp", 0) end)
print(table.maxn({1, 2, [10] = 3, [2.5] = 1}), table.getn({1, 2}), #"abc", #{}, #{1, 2, nil}, #{nil})
table.foreach({7}, print) table.foreachi({7, 8}, print) print(table.foreach({1, 2}, function(i, v) if v == 2 then return "found" end end))
print(unpack({1, 2, 3}, 2), unpack({1, 2}, 1, 3)) print(select("#", unpack({}, 1, 3)), select(2, "a", "b", "c"), select(-1, "a", "b"), select("#"))
try(select, 0) try(select, -5, 1) try(select) try(select, "x") try(unpack) try(unpack, {}, 1, 1e9) try(next) try(pairs) try(ipairs) try(ipairs, 5)
print(next({}), next({5}), rawget({7}, 1), rawequal(t, t), rawequal(1, "1"), rawset({}, 1, 2)[1], type(next), type(nil)) try(type) try(rawset, {}, nil, 1) try(rawget, 5, 1)
try(setmetatable, 1, {}) try(setmetatable, {}) try(setmetatable, {}, 5) try(setmetatable, setmetatable({}, {__metatable = 1}), {}) try(function() local x = {} x[nil] = 1 end)
local n = 0 for k, v in next, {1, 2, a = 3} do n = n + v end print(n)
local keys = {} for k in pairs({x = 1, y = 2, 3}) do keys[#keys + 1] = tostring(k) end table.sort(keys) print(unpack(keys))
local big = {} for i = 1, 20000 do big[i] = "u" .. i end print(#table.concat(big, ","), select("#", unpack(big, 1, 5000)))
local p = {} p[1] = 1 p[2] = 2 p[4] = 4 p[1e10] = 5 p[-1] = 6 p[0.5] = 7 p[2^53] = 8 print(p[1e10], p[-1], p[0.5], p[2^53], p[4])
t = {} for i = 1, 10 do t[i] = i end for k in pairs(t) do t[k] = nil end print(next(t))
t = {n = 1, [1] = "a", "b", [2] = "c"} print(t[1], t[2], t.n)
