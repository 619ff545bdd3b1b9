-- Small programs out of a generator: what the compiler makes of locals, constants, conditions and calls.
budget = 3000
local function show(v) local t = type(v) if t == "function" or t == "table" then return t end if v == 0 then v = 0 + 0 end return tostring(v) end
local function out(...) budget = budget - 1 if budget < 0 then error("budget", 0) end
 local t = {} for i = 1, select("#", ...) do t[i] = show((select(i, ...))) end print(table.concat(t, " ")) end
local function num(v) budget = budget - 1 if budget < 0 then error("budget", 0) end if type(v) == "number" then if v ~= v or v > 1e9 or v < -1e9 then return 3 end return v end if v == nil or v == false then return 0 end return 2 end
local function str(v) budget = budget - 1 if budget < 0 then error("budget", 0) end v = show(v) return #v > 40 and "long" or v end
local function id(...) budget = budget - 1 if budget < 0 then error("budget", 0) end return ... end
local function key(v) return str(v) end
local function iter(n) local i = 0 return function() i = i + 1 if i <= n then return i, i * 2 end end end
fns = {}
local function push(f) fns[#fns + 1] = f end
G1, G2, G3 = 1, nil, "g"
local T = {x = 1, y = false}
local O = {f = 5} function O:m(a, ...) return self.f, a, select("#", ...) end

do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
b = G3 and (3 ~= -1)
local r1 = 0
repeat r1 = r1 + 1
T.y = ({x = (not 2), (id(1.5, nil)), y = -1}).y
local h = (str(3) .. "k"), b
until r1 > 2 or (G1)
if (not #{-1, true}) then
local r2 = 0
repeat r2 = r2 + 1
b = (function(p, r1) do
r1 = 0
local f2, f2 = (num((num(nil) - num(0))) - num((nil ~= "s"))), (num((nil ~= "")) > num((1+2))), 1.5 or nil or O:m("7", false, (1+2))
end
return 0, nil end)(2, -1)
local b2, e2, d2 = true
until r2 > 2 or ((1 == true) or false)
local f2
else
a, c = b, (-1 ~= ({true, -1, ""})[1]), id((function(a) do
b = a
T[key("s")] = id()
end
return nil, 3, "" end)(-1, 0, (1+2)), O:m())
a = false and (false and (1+2))
end
local c, a, d2 = (num(a) < num(true))
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
a = (num(1.5) - num(false))
local w1 = 0
while w1 < 3 and (id()) do w1 = w1 + 1
G3 = a
if (num(0) > num(b)) then
G1 = 1
b = (num((str("") .. 1)) >= num((num(0) + num(2))))
elseif (str(nil) .. str(c) .. str(select("#", ...))) then
a = (num(-1) - num((1+2))) and #{true, nil, (1+2)}
elseif b then
out(1 and 1, id(-1, "s"))
end
end
if c then
for i = 0, 1, 0.5 do
c = ({x = b, (function(...) do
local c, h2, f = true, (num((not (1+2))) - num((num("7") + num(-1)))), (num(T.z) <= num((num((1+2)) * num(""))))
f = (num(id(nil, -1, true)) <= num(h2))
end
return 3 end)("7"), y = -1}).x
b = true
end
elseif ((num(2) - num(1.5)) ~= ({x = nil, 2, y = true}).x) then
G3 = b
local b, a2, g = id(select("#", ...)), (not (3 == "7"))
elseif (str(...) .. "k") then
for i = 1, 0 do
local a2, f, a = (num(false) <= num(""))
out(a, "7")
end
end
out()
do
local function g() do
a = "7"
g, G2, c = 1.5
end
return (1+2), 0 end
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
a, a = b, (not (str(nil) .. "k")), b
T[key((1+2))] = b
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
for i = 1, 0 do
b = (num(3) >= num(""))
out((num((1+2)) % num(3)), #{""}, (num(3) > num(1.5)))
do return 2 end
end
for k, v in pairs({1, 2}) do
if c then
local f
out(a, b, (not 1.5))
elseif (str((true and -1)) .. str(c) .. str(({x = 2, "", y = 3}).x)) then
k = (num(v) * num((1+2)))
end
end
if b then
local w1 = 0
while w1 < 3 and ((num((not 1)) > num(a))) do w1 = w1 + 1
local g, d2
local a = 1, ((str(true) .. "k") and (num(1) + num(-1)))
do return  end
end
else
G2 = nil
local a, f, b2 = (str((num(1) <= num(0))) .. str(-1) .. str(c)), nil, true
end
a = (b and ({})[1])
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
local function f(r, a1) do
for k, v in ipairs({4, 5}) do
out()
local h2 = k
do break end
end
for k, v in ipairs({4, 5}) do
out(v)
out()
end
do return "", (1+2) end
end
return  end
out()
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
for k, v in ipairs({4, 5}) do
c, G1 = b
do break end
end
do
for k, v in pairs({1, 2}) do
k = v
end
for k, v in iter(2) do
local h = b, (num("" or 1.5) > num((num(1) * num(3))))
out(id(), 1.5)
do break end
end
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
push(function(r, ...) do
out((not 3))
local d2
end
return 1.5, nil end)
local c2, c, a2 = (not 1.5), ({2, c})[1]
G1 = id((true and 0), ((1+2) ~= 1))
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
local b2, a2 = (a == (num("s") >= num(1.5))), O:m(true, (1 and -1)), true
if b then
local w1 = 0
while w1 < 3 and ((num("") - num(-1))) do w1 = w1 + 1
out()
end
G3 = (num(T.x) * num(b))
end
local a = (not (num(0) < num(nil))), (num((true or "s")) <= num((false == -1))), c
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
push(function(b, c1, c) do
b, c1, T.y = false, (not G2), (str(G1) .. 1)
G3 = ({c, (id("s", ""))})[1]
end
return nil end)
push(function() do
for k, v in next, {9} do
local g = v, (num(1) * num(true)) and (not false), 1.5
local e, f2 = g, (num(T.z) > num(1.5))
end
for i = 1, 3 do
i = ({(not 1.5), true, (not 3)})[1]
a = (1+2)
end
end
return  end)
G3 = -1
push(function(a1) do
for k, v in iter(2) do
out((not -1), v)
a = (#{1.5, nil} == (not 1))
end
local h = (num(#{1, "s", nil}) >= num((num(1.5) % num(0)))), -1, (b and -1)
end
return  end)
do
do
local g2, g2, b2 = (not ((1+2) or -1)), O:m()
end
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
local d, f, f = (num((id("", -1, -1))) % num(c)), ((num((1+2)) - num(0)) ~= -1 or 3)
local c2, f2
out(a)
out(({true, true})[1], c, (-1 == 2))
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
push(function(b) do
local b2, d2
local w1 = 0
while w1 < 3 and ("") do w1 = w1 + 1
out()
end
end
return (1+2), 1 end)
local function g(b, ...) do
b, b, c = (not (num(1) * num(""))), (num(true) % num(nil)) or -1
if nil then
G2 = ("" == (num(true) - num(false)))
local h2, c = "7", ...
elseif "" then
b = 1
g = a
elseif true then
out(-1, true)
end
end
return 3 end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
out(b)
b = (function(p, r1, q1) do
G2 = (num((num(-1) < num(0))) - num(nil))
if 0 then
r1 = (not (true ~= 2))
else
q1 = 2
end
do return 0, 3 end
end
return  end)(id(3), a)
local w1 = 0
while w1 < 3 and (({})[1]) do w1 = w1 + 1
a, G3 = (not (str("7") .. 1))
a = (num(2) - num(#{"s", (1+2), nil}))
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
local w1 = 0
while w1 < 3 and ((num("7") * num((1+2)))) do w1 = w1 + 1
b = (false == a)
do break end
end
c = "7"
for k, v in ipairs({4, 5}) do
out(1.5 or 0, (3 == nil), (not ""))
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
local w1 = 0
while w1 < 3 and ((0 ~= a)) do w1 = w1 + 1
G1 = T.y
for k, v in next, {9} do
out(select("#", ...))
k = ({x = id(nil), (true and nil), y = v}).x
end
end
push(function(a, ...) do
b = G1
push(1)
end
return  end)
do
do
out(3, (num(false) + num(false)), G3)
c = id((function(p, b1) local b2, h = ((-1 == 0) == (2 == 0)), false, T.z
out() end)((1+2), 3, 2), 3, ({x = nil, true, y = "s"}).y)
end
end
do
b = (str((num(1) - num(3))) .. "k")
local r2 = 0
repeat r2 = r2 + 1
push(function(...) do
G3 = (...)
b = T.y
end
return 3 end)
for k, v in pairs({1, 2}) do
local f2, e, e
G3 = 1.5
end
until r2 > 2 or (#{(1 == ""), a, (not false)})
end
local c, d = ""
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
G2 = id(("s" == "7"), nil, (not 0))
if b then
for k, v in ipairs({4, 5}) do
b = c
end
elseif ((-1 == 1.5) ~= -1) then
out()
end
local b, h2
for k, v in pairs({1, 2}) do
h2, b, b = "7", (num(k) <= num(v))
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
a = G3
a, b = false, (not ({x = 0, "s", y = nil}).x)
b = (str((not false)) .. 1)
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
a, a = T.x, c, c
for i = 3, 1, -1 do
if id(T.y, (id("s"))) then
local e
elseif (num((num(3) < num(3))) % num(true)) then
G1 = nil
T.x = ""
else
c, b, c = ((num(1.5) <= num(1.5)) ~= 3)
end
for k, v in ipairs({4, 5}) do
c = a
G3 = ((...) ~= (true ~= "s"))
end
end
for i = 0, 1, 0.5 do
if c then
out((0 and ""), ..., 2 and "7")
local a2, f2, e
do break end
elseif "" then
local g2 = i, (1+2), 0
elseif c then
local f2, f = nil
else
i, G3 = c
end
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
if (c and (1+2)) then
local b
out()
elseif ("s" ~= 0) and b then
local w1 = 0
while w1 < 3 and (((num((1+2)) <= num(2)) == false)) do w1 = w1 + 1
a = #{(str(false) .. "k"), "" and false}
end
else
local b, b2, c2 = (a and id(2, true)), c, ...
end
a = (O:m("7", 1) ~= b)
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
for k, v in iter(2) do
T.x = c
end
push(function(q, p, b1, ...) do
G1 = (str(0) .. "k")
if q then
local f2
elseif (1.5 ~= ("7" ~= 3)) then
out()
else
local e, a
end
end
return  end)
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
local r1 = 0
repeat r1 = r1 + 1
T.x = b
T["z"] = ((num("s") >= num(nil)) == (1.5 and "s"))
until r1 > 2 or ("")
if ((num((1+2)) >= num("")) == c) then
a = "7"
local function f(...) out((not 3), "")
G1, a, c = (str(id()) .. 1) end
elseif (not a) then
push(function(q, c, ...) do
local c2, f2 = true, (not (true == "")), 1.5
f2 = (str(a) .. 1)
end
return (1+2), "7" end)
local w2 = 0
while w2 < 3 and (b) do w2 = w2 + 1
b = true
G3 = ...
end
else
local r3 = 0
repeat r3 = r3 + 1
out("7" and true, T.z, (1.5 ~= (1+2)))
for i = 3, 1, -1 do
G3 = (num("7") * num((num(1.5) < num("7"))))
end
until r3 > 2 or (("" or -1 ~= c))
out()
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
do
if "7" then
out()
elseif 0 then
a = c
out((num("7") - num(3)), select("#", ...))
elseif (id() or id(1, 3)) then
G2, a, T[key(false)] = a, b
else
c = 2
end
end
local r1 = 0
repeat r1 = r1 + 1
push(function(r) do
a = b
a = (O:m("7", "") ~= (num("s") < num(true)))
end
return false end)
out((num(-1) - num(1)))
until r1 > 2 or (({(function(a) do
local g
c, T.x, G3 = a, (num(c) < num(b))
end
return 2 end)()})[1])
for k, v in pairs({1, 2}) do
k = k
local w2 = 0
while w2 < 3 and (1) do w2 = w2 + 1
local h2, b2 = ((1 == false) or (true and nil))
c = (str(3 and "7") .. 1)
end
end
b = (function(p, c, b1) do
local h2, f2, h = (nil ~= (not "")), T.z, (num(a) % num((str(2) .. 1)))
out((1 ~= ""), id(nil), c)
end
return 0 end)((not ""))
if (str(-1) .. 1) then
for i = 3, 1, -1 do
i, c = (not (id("s", -1, nil)))
out(id(), ("7" == 2), ({(1+2), 0})[1])
end
for i = 1, num((1+2)) % 4 do
a, T[key("")], b = 3, (num(0 or 0) < num(G3)), (not (not nil))
end
elseif (num((0 or "")) - num("s")) then
a = c
T.x, a, G2 = b
else
for i = 1, 3 do
a = G1
a = (id())
end
do return nil, 1.5 end
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
T.x = G1
do
local r1 = 0
repeat r1 = r1 + 1
local w2 = 0
while w2 < 3 and (nil) do w2 = w2 + 1
local a2, f, h2
end
if nil then
b, G3 = (num(3) - num(0))
else
local a2, a2, b2 = a
local h, c2
end
until r1 > 2 or (nil)
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
local function h(c1) local r1 = 0
repeat r1 = r1 + 1
for i = 1, num("") % 4 do
a = ""
end
for i = 3, 1, -1 do
out((not 1.5), c, 1.5)
do break end
end
until r1 > 2 or (a)
local w2 = 0
while w2 < 3 and (1.5) do w2 = w2 + 1
out()
c1 = (-1 and (id(false, -1)))
end end
out(1, c, 0)
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
if a then
if (num(b) * num("s")) then
c = c
out("s", ({x = 0, 2, y = nil}).x, T.z)
elseif (b == (str(0) .. 1)) then
b = ({a, id("", 1, true)})[1]
elseif (num((id(1, true))) % num((3 == 3))) then
a, c, G3 = ...
b = G3
else
G2 = (num(({1.5, -1})[1]) * num((not 2)))
end
else
for i = 1, 0 do
local e2
local h2, a = c and 0, i, ((1+2) or "" or -1)
end
a = (num(b) + num((num(false) > num("s"))))
end
c, b = c, (num(select("#", ...)) - num((num(3) * num(nil))))
local w1 = 0
while w1 < 3 and ((num((num((1+2)) - num(3))) >= num((num("") * num(1.5))))) do w1 = w1 + 1
a, G2, G1 = b, (not (num(2) % num(nil))), (not O:m("7"))
out((num(1) + num(3)))
do return "7" end
end
a = (num((function(...) do
local w2 = 0
while w2 < 3 and ((c and (true or -1))) do w2 = w2 + 1
local d, d2, f2 = ..., (true or nil == "")
do return 1, "" end
end
if #{(not "7"), T.x} then
out((str("") .. str(2) .. str(-1)), 1.5, select("#", ...))
else
G3, b = G2, ({x = (true ~= 1.5), 0, y = c}).y, ({(1+2)})[1] and (num(nil) - num(2))
end
end
return false end)(false)) - num(a))
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
a = a
T.x = (num(c) % num(b))
a = (num(0) * num((num(-1) <= num((1+2)))))
local e, d2, b = c
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
c = 2
out(0)
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
if b then
local w1 = 0
while w1 < 3 and (2) do w1 = w1 + 1
b = b or b
end
elseif (not (num("") - num(-1))) then
if true then
c = "s"
local f, f = (str(a) .. 1), (num((0 or true)) * num(2)), (num((function() c = ((not 1.5) or 1)
local d2, f, f = T.x, O:m((num(2) < num((1+2))), #{nil, "", -1}) end)(0, "s")) * num((3 or (1+2))))
elseif (b or (num(-1) * num(0))) then
local f = (str(a) .. 1), (id())
elseif (num(a) + num(#{0, 2})) then
out(true, false and 1)
end
if (num(2) < num(false)) or (-1 == "s") then
T.y = -1
T["z"] = (b == T.z)
elseif (G1 == select("#", ...)) then
a = true
elseif (num(c) % num((not "s"))) then
c = ((num((1+2)) <= num((1+2))) or c)
c, T.x = (...), ((num(3) + num(-1)) == c)
end
elseif id((num("7") + num(1))) then
T.x = ({O:m(1.5, "", 1.5), (num("s") % num(false)), "s"})[1]
local r2 = 0
repeat r2 = r2 + 1
local g2 = (b or (num("") > num(false))), c, "7"
g2 = G3
until r2 > 2 or (g2)
do return 3, true end
end
for i = 1, 0 do
do
b = (num(nil or 3) % num(1.5))
out(c)
end
G2, G1 = (str(i) .. 1)
do break end
end
local d, a2 = 0
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
b = id()
local w1 = 0
while w1 < 3 and ((num(3) < num(0)) and ("7" or 2)) do w1 = w1 + 1
local w2 = 0
while w2 < 3 and ((b == (3 ~= ""))) do w2 = w2 + 1
out()
do return true, false end
end
end
for i = 1, num("s") % 4 do
c = "7"
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
for k, v in ipairs({4, 5}) do
local r1 = 0
repeat r1 = r1 + 1
out(k)
for k, v in next, {false}, nil do
v = ("" == -1) or 1.5 or "s"
end
until r1 > 2 or (v)
do break end
end
out((id(2, "")), (str(true) .. "k"), ("s" ~= true))
local r2 = 0
repeat r2 = r2 + 1
local r3 = 0
repeat r3 = r3 + 1
out((num(0) - num(0)), (num(nil) % num("7")), 3)
if (num(c) > num(id(-1))) then
for k, v in next, {9} do
local c, c2, h = ((str("s") .. "k") ~= (id(false))), (not (num("s") >= num(""))), v
out((num(2) * num(3)), ("7" ~= 3))
end
local r4 = 0
repeat r4 = r4 + 1
b = (num(a) + num(b))
for k, v in pairs({1, 2}) do
a = (not (not 2))
k = (num(#{true, false}) <= num(a))
do break end
end
until r4 > 2 or (b)
elseif a then
do
b = ((id()) or 0)
do return 2 end
end
end
until r3 > 2 or (0)
local g, c = (num((not 1)) - num((1.5 ~= 0))), id(G1)
until r2 > 2 or (b)
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
T.y = (function(a, b) do
local a2 = ((num(1) * num((1+2))) == ({})[1])
b = b
end
return 0 end)()
local b2, g
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
G2, T.y, a = (num((nil and "s")) < num((1 == 1.5))), (({x = false, 1.5, y = 3}).y and nil or 0)
b = (not "")
if ((num(true) + num("7")) == "") then
out(a, (not false))
else
local r1 = 0
repeat r1 = r1 + 1
if (str(nil and true) .. str(id(1.5, "7")) .. str(b)) then
local a, a2
elseif a then
c, T.x, b = id(a)
do break end
elseif id() then
out("s", (num(1.5) - num(false)))
out()
else
b, T["z"], T.y = G3, (...)
b = ((-1 == 1) or b)
end
b, c, b = (num((1 and (1+2))) - num(#{3})), (num(0) - num(({x = 0, "7", y = 2}).x)), (num(id()) % num(b))
until r1 > 2 or ((str(b) .. "k"))
end
G2 = (not 1)
local b2, b
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
out()
c = nil
local r1 = 0
repeat r1 = r1 + 1
if false then
do
local f, a2 = (str(2) .. str("7") .. str((nil or 1.5))), (str(T.z) .. str("") .. str((id((1+2))))), T.x
do return  end
end
else
G2 = b
c = 1
end
if (not (num(0) >= num(1))) then
local w2 = 0
while w2 < 3 and (true) do w2 = w2 + 1
local g = (not (num(-1) - num("s"))), (G3 or ((1+2) == 1.5)), (num((not (1+2))) * num((not 2)))
g = (num(G2) * num(""))
end
local h = (num((str(3) .. "k")) <= num(c))
elseif (c and c) then
b = 1.5
for k, v in next, {""}, nil do
local g2, b, d2
b = a
end
elseif 1 then
local f
end
until r1 > 2 or (0)
a = (num(#{1}) * num((not true)))
a = false
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
if (not "7") then
for i = 1, num(2) % 4 do
local b
end
local e
elseif ("7" == b) then
a, a, b = b, (not (str(true) .. str(nil) .. str(-1))), (id((function(a1, a) do
c, a1, b = G2, c, 2
T.y = (not nil and "")
end
return 1, 1, 1 end)(true), id()))
elseif T.y then
a = (str(b) .. str((not "s")) .. str((num(nil) % num(1.5))))
do return "", 1 end
end
c = T.z
if false then
for k, v in next, {3}, nil do
out((num(false) < num("")), ("s" and -1), (1+2))
out()
end
for i = 3, 1, -1 do
local f, f = i, (num((num(-1) >= num("s"))) % num(0)), (not G2)
c, a = (num((num("7") + num(false))) + num((num(2) + num(0)))), 1
end
else
T[key(true)] = (num((1.5 or -1)) + num(#{1}))
end
for i = 1, 3 do
for k, v in ipairs({4, 5}) do
a, k = c
v = b
end
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
for k, v in pairs({1, 2}) do
if 1.5 then
out(0, (2 ~= false), (true == nil))
local b2, a, c = ((num(0) < num("s")) ~= -1), (c == select("#", ...)), ((num(false) % num(1.5)) ~= (not 0))
elseif c then
v, a, b = (num(("" and "")) * num(false and -1)), (num((str(3) .. str("s") .. str(-1))) + num((function(a1) do
local a = b, id(), #{1.5}
out((false or "s"), id(2, 1, "s"))
end
return false, "7" end)(false, "7"))), (k or ("s" and false))
do return -1 end
elseif (not id(0, "")) then
k = v
out(b, nil)
end
end
local d2, e, b2
out((num("7") <= num(3)), false, b)
do
local w1 = 0
while w1 < 3 and (O:m((num(nil) + num(0)))) do w1 = w1 + 1
out((num(true) - num(1.5)))
G2 = G2
do return 1.5 end
end
for k, v in next, {nil}, nil do
b, d2 = (num((str(3) .. 1)) >= num("s")), (function(c1, q1, b) T[key("s")] = nil
out() end)(), #{(num(1) > num(false)), #{nil, (1+2), 1.5}}
end
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
do
G3 = G2
end
G3 = a
a = #{(num(2) > num(0)), (nil or true)}
for i = 1, num(2) % 4 do
for k, v in next, {1.5}, nil do
out()
a = (k == id(true))
end
out(false, (function() do
i = G1
local c, d = (1+2), 1
end
return 0 end)(2, "7"))
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
local c = (id(({true})[1], (str("") .. "k"), G2))
out()
if 1.5 then
local h2, d2, b = (num(O:m()) >= num(a))
G3 = (not (num(true) < num(false)))
end
local r1 = 0
repeat r1 = r1 + 1
out((2 ~= 1.5))
out(select("#", ...))
until r1 > 2 or ((true == b))
local r2 = 0
repeat r2 = r2 + 1
c = ({c, a})[1]
for k, v in pairs({1, 2}) do
local function h(c, q, a1) do
local d = c
out(("7" or "7"), ({})[1], a1)
end
return "7", 2, 1 end
end
until r2 > 2 or (0)
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
local a2, b, b2 = (O:m(0) and (function(p, r1, p1) do
out(1, p1)
local h = (false ~= "7") or 1.5, #{1} or (not -1)
end
return "7", "7", 1 end)()), 0, (-1 or G3)
for k, v in next, {9} do
local r1 = 0
repeat r1 = r1 + 1
a, T.x = (not (function(...) do
out(1, c, b2)
T.x = ((num(0) < num(2)) ~= k)
end
return 1, "" end)(-1, 3)), (not (false == 0)), (...)
push(function(r1, q1) a2 = (1+2) and (num(3) % num(3))
k = (2 and 1) and 2 end)
until r1 > 2 or ((not 2))
end
do
local r2 = 0
repeat r2 = r2 + 1
if G1 and ({x = 2, 1.5, y = 1.5}).y then
out("7" and -1, (1+2) or 3, ({-1})[1])
else
G3 = ...
G3, T.y, a2 = ((num(2) * num("7")) and (num(true) * num(false)))
end
if "" then
G1 = a
end
until r2 > 2 or (nil)
local w3 = 0
while w3 < 3 and (0) do w3 = w3 + 1
local a2 = G3, (num((str(2) .. str(1.5) .. str("s"))) > num((num(1.5) - num(-1))))
out((true ~= "s"), (nil and 3), (num((1+2)) > num(0)))
end
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
c, b, a = #{(num("") > num(nil)), (id(3, 1)), (num(nil) % num("7"))}, (1+2) or T.y, a
local function g(r, b1) do
local f, e2, e = g, ((3 or "") ~= g), (num((1.5 or true)) - num((not 1)))
if #{r, "7" and 1.5, b} then
out()
f = r
elseif (id(false, (str(3) .. "k"))) then
T["z"], g, f = 1, (nil or "s" and "7")
elseif -1 then
local a
a, e = (num("7") % num((0 or nil))), id(a, -1, (num("7") <= num(1.5))), 0
else
local h, d = (num(id(nil)) > num(id(1.5, "")))
local h2, a2, d = a, (num(d) < num(id(1.5, 0, false)))
end
end
return true, 1 end
local g = ((num((1+2)) < num(false)) == (3 ~= 3)), -1, G2
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
a = -1
b = (1+2)
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
local function g(r1) do
for i = 1, num(true) % 4 do
out(3, "s", ({x = 2, true, y = -1}).y)
local b = (num((not 3)) >= num(((1+2) and "s")))
end
local w1 = 0
while w1 < 3 and ((r1 or (not false))) do w1 = w1 + 1
b = g
local b, e = id(c), nil or -1 and 1
end
end
return  end
do
if (not (num("s") * num(false))) then
out((function(a1, r, ...) T["z"] = (num("s") <= num((1+2)))
G2, a = (2 ~= #{}), false, true end)("", -1), -1)
elseif ((num(0) * num(1.5)) == (num(3) <= num(1.5))) then
g = G2
out()
end
end
if (not 0) then
local w2 = 0
while w2 < 3 and ((id(2, 3) and id(3, true, false))) do w2 = w2 + 1
G2 = T.y
local d2 = 3, 3, (not "s") and (num(1) >= num(""))
end
elseif (not b) then
local g2 = (id(2, -1 or (1+2))), g
if b then
T.x = (not (num((1+2)) % num("")))
do return  end
elseif id(g2, "7") then
local b2, g, d = (id((1+2), (3 ~= 0)))
end
end
out()
b, T.y, G1 = (num(g) >= num((not -1))), true, (num(2) > num((num(true) - num(nil))))
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
for k, v in ipairs({4, 5}) do
do
local d, b = "", G2
out()
do return 1.5 end
end
end
for k, v in next, {"7"}, nil do
local g = (num(2) <= num(2))
push(function() do
local g, f, c = 1.5, G1, #{true, "s"} or ({nil, ""})[1]
out((not "s"), (num(true) >= num(1)), 2)
end
return -1, 2 end)
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
for i = 1, 0 do
if c then
i = i
local f2 = (num("7") - num(2)) or ({false, (1+2), 1})[1], i
end
local w1 = 0
while w1 < 3 and (0) do w1 = w1 + 1
local g2 = c, b, i
local e2, f2, a2 = (not -1), (str(3) .. 1)
end
end
out((not 1.5), 0 and (1+2), (nil == 1))
G3, G3 = a
local a = ((num(1) + num(1)) == -1 or true)
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
a = (nil == nil) or 1
local w1 = 0
while w1 < 3 and ((({})[1] == (0 and 2))) do w1 = w1 + 1
push(function(p, r1, ...) do
c, G3, p = p, (str((not (1+2))) .. "k"), ((not false) and 1.5)
G2 = b
end
return 3, -1 end)
end
b = nil
out((-1 and 1.5), ("7" == (1+2)))
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
push(function() c = (not (false ~= 1.5))
local r1 = 0
repeat r1 = r1 + 1
out()
if G1 then
out(((1+2) == false), (1+2))
do return  end
elseif #{id(1.5), (not 2), (not 0)} then
local a, g, c
elseif (num((num(0) > num(""))) < num(#{3})) then
local c2, e = b, (num(T.z) <= num((num(nil) > num("7")))), -1
end
until r1 > 2 or ((str(G1) .. str(G2) .. str(T.z))) end)
out((num(2) % num(2)))
do
local function h(p1, p, c1, ...) local g, c2 = (str(-1) .. str(c) .. str(b))
local g2 = a, (num((num(1.5) * num(nil))) % num(b)) end
end
local g
b, a, b = ({(num(-1) < num(2)), (1 == false), a})[1], nil
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
if (num(a) * num((num(1) - num(1.5)))) then
local r1 = 0
repeat r1 = r1 + 1
if (str(id(false, 1.5)) .. str((id(0, 1, ""))) .. str((num(0) * num(false)))) then
a = 1
out(("s" and 0))
elseif 3 then
b = (num((num(1) * num(nil))) + num((num(1) % num("7"))))
T.x = 2
else
c = 1
out((function(a) do
local e, e2
b, b = 1, (num(2) % num(id("", false))), ("" ~= a)
end
return true, "7", 1 end)(1, false, 1), 3, true)
end
out()
until r1 > 2 or (T.y)
do return -1, nil end
else
if (1+2) then
local e2, g
elseif b then
local h2
local b2, e, h
else
out()
G2 = (not -1) and (0 ~= 0)
end
end
b = (num((num((1+2)) >= num(1.5))) * num(3))
for i = 3, 1, -1 do
local w2 = 0
while w2 < 3 and (nil) do w2 = w2 + 1
local d, a, e = (not -1 and (1+2))
a = d
end
end
b = (not b)
b = a
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
out(c, (num(nil) % num(2)), (str(false) .. str("") .. str(0)))
local r1 = 0
repeat r1 = r1 + 1
for k, v in ipairs({4, 5}) do
for k, v in pairs({1, 2}) do
G3 = (O:m() ~= id())
end
end
G1, G3, G2 = (id((str(nil) .. str(3) .. str(3)), id(2), (num("7") <= num(true)))), (c ~= "7")
until r1 > 2 or (true)
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
local w1 = 0
while w1 < 3 and (1.5) do w1 = w1 + 1
for k, v in iter(2) do
out(({x = "7", -1, y = false}).x, (-1 or true))
T["z"] = a
do break end
end
end
local f2 = nil, (num(3) < num(b)), c
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
local e = a
e = (num(3) - num((not true)))
if (num(T.y) >= num(2)) then
do
b = (c and T.z)
out(({x = true, 1, y = 2}).x, id(3, false), (num("") + num(false)))
end
a, e, b = (not T.x), (num(1) <= num((not 1.5))), (id((not 1.5), (str(0) .. str(-1) .. str(0))))
else
out((str(2) .. "k"), ({x = "", "s", y = true}).y, b)
c = b
end
do
local w1 = 0
while w1 < 3 and (a) do w1 = w1 + 1
a, c = (not (id(2)))
T.x = (c ~= "7" and nil)
end
G1 = (1 ~= (num(1.5) % num("7")))
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
for k, v in ipairs({4, 5}) do
k = (num("7") < num((1+2) or (1+2)))
if O:m(v, 3, id(1, "s", "7")) then
k = 0
G2 = (num("7") % num("s")) or (str((1+2)) .. str(1.5) .. str(""))
end
end
local r1 = 0
repeat r1 = r1 + 1
for k, v in iter(2) do
do
out((str(-1) .. 1))
T.x = 0
end
end
for k, v in next, {1.5}, nil do
b = (not (num((1+2)) <= num("7")))
if b and (num(2) % num(0)) then
G3, a, a = (num(G3) <= num("")), "s"
elseif b then
local f2 = 1, (num((-1 ~= "7")) % num(b)), a
out((false ~= false))
end
end
until r1 > 2 or ((3 or 1.5 and #{"7", "7", "s"}))
out()
if T.y then
local f = (id(G1, 0)), (not -1)
local c
else
if "s" then
b = 1.5
elseif c and (not "s") then
local f2, f, h = true, O:m(G1), (function(p1, c, r1) do
out()
p1 = (num((not (1+2))) + num(p1))
end
return (1+2), (1+2) end)(false, (str(-1) .. "k"))
local a
elseif c or (false == nil) then
local e, h = T.x
out()
end
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
local a, b, a2 = b, (str((not "s")) .. str(G1) .. str(a))
do
a, G2, b = false, b and (str(false) .. 1)
end
for i = 1, 0 do
out(O:m("", false, "7"), false)
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
if (not "7") then
do
out(3)
end
out(1.5, id(), (true ~= "s"))
elseif (1+2) then
if a then
c, c = (function(q, ...) do
q = ({0 and 3, -1 or (1+2), (2 or true)})[1]
q = (not (num(1) % num(false)))
end
return  end)(), (num(nil) <= num((1+2))) and "7"
local b
elseif 1 then
c = "" and true
elseif b then
T.x = select("#", ...)
out(id(), a, 1)
do return  end
else
c = (-1 ~= (1 or true))
end
end
local w1 = 0
while w1 < 3 and (false) do w1 = w1 + 1
a = G1
do return 1.5 end
end
for i = 0, 1, 0.5 do
local function g(c1, a1, q) do
T["z"] = "s"
local d2, e2 = O:m(T.z), 3
end
return "7", "s" end
do return true, 0 end
end
local e, b2, b2 = (not (true == ""))
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
local r1 = 0
repeat r1 = r1 + 1
out()
a = (num((1 or "")) % num((2 ~= true)))
until r1 > 2 or (1)
a = ((id()) ~= 0 or 3)
b = (1+2)
local a2, c2
for k, v in next, {9} do
local a, d2, e
local e, c, c2 = "s" or 2, (1+2), (not v)
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
local w1 = 0
while w1 < 3 and ((num(#{"7"}) > num((true == (1+2))))) do w1 = w1 + 1
T[key("")] = id()
end
c = (num(id(false, nil, false)) % num(b))
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
if "s" then
local w1 = 0
while w1 < 3 and (b) do w1 = w1 + 1
out()
end
elseif "" then
do
a = (function(q1, b1, r1) do
local h, b, a2
a2 = (T.y and ({2, "", "s"})[1])
end
return true, 0, nil end)(3, id((1+2)), (num("7") + num(false)))
end
T["z"] = id((false and (1+2)), b)
else
c = (num((num(false) < num((1+2)))) - num((num(true) + num(true))))
end
for k, v in next, {""}, nil do
c = ({})[1]
local e, a2 = #{1}, c, ((num(3) % num(2)) == id((1+2), false, "s"))
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
G1, c, G3 = ({x = 1 and "7", (nil or "7"), y = G1}).y, 1.5
out(id(true), id())
G2 = id(b, (str("") .. str(nil) .. str(true)), -1)
if ((0 == 1.5) == a) then
local h, h2 = "s", id(true, (num(nil) - num("7"))), 1
elseif #{true, (1+2)} and b then
local function g(c, ...) do
b, a, b = (num((num(3) * num(0))) <= num(({})[1])), "s", ""
out(..., true, "s")
end
return -1 end
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
local r1 = 0
repeat r1 = r1 + 1
push(function(p, b1, c1, ...) do
out("s", #{nil, 1.5, false}, b1)
local h, g2 = 3 and true, true
end
return true, "s" end)
local c, f = (str("s") .. str(2) .. str(true)), (str((1+2)) .. 1)
until r1 > 2 or (c)
T.y, a, T[key(nil)] = c, ((true == 2) ~= ("7" == "s"))
out(b, 2 and 0, #{})
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
for k, v in next, {9} do
local f2
out(G3)
do break end
end
a = (num((num(true) % num((1+2)))) > num((false == false)))
c = (...)
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
out((not "7"))
if a then
do
out((1.5 == true), ("" and "s"), (num(nil) % num("s")))
end
elseif a then
local r1 = 0
repeat r1 = r1 + 1
out((2 and "7"), T.y)
a = ((-1 or 3) or nil)
until r1 > 2 or (2)
push(function(c1) a = b
c1 = (num((nil == false)) % num((num(3) < num(nil)))) end)
do return (1+2), "7" end
else
a = (id(#{(1+2), (1+2)}, (id("7")), ({x = 1, "s", y = 2}).y))
end
push(function(p1, q) do
for i = 0, 1, 0.5 do
out()
do break end
end
for i = 1, 0 do
local g, e = (id() == (num(nil) < num(1.5))), -1, "7"
end
do return "", nil end
end
return 1.5 end)
b = true
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
b = "s"
c = (num("s") - num(nil))
do
out()
end
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
do
budget, fns = 3000, {}
G1, G2, G3, T.x, T.y, T.z = 1, nil, "g", 1, false, nil
local function main(...)
local a, b, c = 1, "b"
c = (not (1+2) and false)
b = c
out("7" or (1+2), a, 3)
local d = G2, c, (num(#{"s", 3}) <= num(({x = 1.5, 1, y = -1}).x))
out(a, b, c)
end
local function run(f, ...) local r = {pcall(f, ...)} r[2] = type(r[2]) == "string" and r[2]:gsub("^.-:%d+: .*", "ERR") or r[2] out("res", unpack(r, 1, 6)) end
run(main, 5, nil, 6)
for i = 1, math.min(#fns, 10) do if type(fns[i]) == "function" then run(fns[i], 1, "two") run(fns[i]) end end
out(G1, G2, G3, T.x, T.y, T.z)
end
