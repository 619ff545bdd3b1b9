-- Coroutines, protected calls, errors.
local function strip(...)
	local r = {...}
	for i = 1, select("#", ...) do r[i] = tostring(r[i]):gsub("^[^:]*:%d+: ", ""):gsub("to '[^']*' %(", "to F (") end
	print(table.concat(r, "|"))
end
local co = coroutine.create(function(a, b)
	strip("start", a, b)
	local c = coroutine.yield(a + b)
	strip("got", c)
	local d, e = coroutine.yield(c * 2)
	return d + e
end)
strip(coroutine.resume(co, 1, 2)) strip(coroutine.status(co)) strip(coroutine.resume(co, 10)) strip(coroutine.resume(co, 3, 4)) strip(coroutine.status(co)) strip(coroutine.resume(co))
local gen = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) strip(gen(), gen(), gen()) strip(gen()) strip(pcall(gen))
strip(coroutine.resume(coroutine.create(function() error("oops") end))) strip(coroutine.resume(coroutine.create(function() error({}) end)) == false)
strip(coroutine.running() == nil, type(coroutine.wrap(function() return coroutine.running() end)()))
local outer outer = coroutine.create(function() strip(coroutine.status(outer)) local inner = coroutine.create(function() strip(coroutine.status(outer), coroutine.resume(outer)) end) coroutine.resume(inner) end) coroutine.resume(outer)
strip(coroutine.wrap(function() return coroutine.yield(1) end)()) local f = coroutine.wrap(function() return coroutine.yield(1) end) strip(f(), f(2))
strip(pcall(error)) strip(pcall(error, "x", 0)) strip(pcall(error, nil)) strip(select("#", pcall(error))) strip(pcall(pcall, error, "e"))
strip(pcall(function() return 1, nil, 3 end)) strip(xpcall(function() error("a", 0) end, function(m) return "H" .. m end)) strip(xpcall(function() return 1, 2 end, print))
strip(pcall(assert, false)) strip(pcall(assert, nil, "msg")) strip(pcall(assert, 1, 2, 3)) strip(pcall(assert))
local function level1() error("lvl1", 1) end local function level2() error("lvl2", 2) end
print(pcall(level1)) local ok, m = pcall(function() level2() end) print(m)
strip(pcall(function() local t t.x = 1 end) == false, pcall(function() undefinedfn() end) == false)
local n = 0 local function add() n = n + 1 end pcall(function() add() error("x") end) add() n = n + 10 add() print(n)
local fns = {} for i = 1, 3 do fns[i] = function() i = i + 1 return i end end strip(fns[1](), fns[1](), fns[2](), fns[3]())
local function va(...) return select("#", ...), ... end strip(va()) strip(va(nil, nil)) strip((va(1, 2)))
strip(loadstring("return 1 + 1")()) strip(loadstring("syntax error here") == nil) strip(pcall(loadstring, nil)) local i = 0 strip(load(function() i = i + 1 return ({"return ", "7", nil})[i] end)())
local t = setmetatable({}, {__index = function(t, k) return k .. "!" end, __newindex = function(t, k, v) rawset(t, k, v * 2) end, __call = function(self, a) return a + 1 end,
	__tostring = function() return "T" end, __concat = function(a, b) return "C" end, __unm = function() return "U" end, __add = function(a, b) return "A" end, __eq = function() return true end,
	__lt = function() return true end, __le = function() return false end}) t.x = 5
strip(t.y, t.x, t(1), tostring(t), t .. 1, 1 .. t, "a" .. t, -t, t + 1, 1 + t, "1" + t, t < t, t <= t, t == setmetatable({}, getmetatable(t)))
strip(getmetatable("").__index == string, ("x").rep == string.rep, #arg >= 0)
