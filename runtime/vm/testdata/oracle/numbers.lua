-- Numbers: reading, printing, arithmetic, math.
local function try(f, ...)
	local r = {pcall(f, ...)}
	for i = 1, #r do r[i] = tostring(r[i]):gsub("^[^:]*:%d+: ", ""):gsub("to '[^']*' %(", "to F (") end
	print(table.concat(r, "|"))
end
for _, s in ipairs{"10", " 10 ", "1e3", "0x10", "0xA", "-0x10", "1e", "e1", "", " ", "0x", "1 2", "1.", ".5", ".", "5.e1", "+5", "- 5", "--5", "1e+5", "1e5.5",
	"010", "1_000", "0b1", "0o7", "\t7\n", "1e400", "-1e400", "0x1p4", "1,5", "a", "0xg"} do io.write(s, "=", tostring(tonumber(s)), " ") end
print()
print(tonumber("ff", 16), tonumber("0xff", 16), tonumber("zz", 36), tonumber("8", 8), tonumber("777", 8), tonumber("1e1", 10), tonumber("7", 2), tonumber(" 11 ", 2), tonumber("", 10))
try(tonumber) try(tonumber, "10", 1) try(tonumber, "10", 37) try(tonumber, {}, 10) try(tonumber, {}, 16) try(tostring)
print(0.1, 1/3, 1e100, 2^0.5, -1.5, 100, 1e13, 123456.789, 5e-324, 1.7976931348623157e308, 1/0, -1/0, 3.0, 1e-5, 123e-7)
print("10" + 5, "0x10" + 0, "010" + 1, " 3 " * "2", -"2", "10" / "4", "2" ^ "3", "7" % "4", 10 .. "", 0.5 .. "x", 1e100 .. "")
try(function() return "a" + 1 end) try(function() return 1 < "2" end)
try(function() return 1 .. {} end) try(function() return nil .. "x" end) try(function() return "x" .. nil end)
print(5 % 3, -5 % 3, 5 % -3, -5 % -3, 5.5 % 2, 2 ^ 10, 7 / 2, 1e15 % 7)
print(math.floor(-3.5), math.ceil(-3.5), math.abs(-2), math.max(1, 5, 3), math.min(4, 2, 8), math.sqrt(16), math.pi, math.fmod(-5, 3), math.modf(3.7))
print(math.fmod(5, 3), math.pow(2, 8), math.ldexp(1, 10), math.frexp(8), math.deg(math.pi), math.rad(180), math.huge, -math.huge, math.log10(1000), math.exp(0))
try(math.random, 0) try(math.random, 2, 1) try(math.random, 1, 2, 3) try(math.max) try(math.floor) try(math.floor, "x") try(math.sqrt, {})
math.randomseed(1) for i = 1, 100 do local r = math.random(3) assert(r >= 1 and r <= 3 and r % 1 == 0) r = math.random() assert(r >= 0 and r < 1) end
for i = "1", "3" do io.write(i, " ") end for i = 3, 1, -1 do io.write(i, " ") end for i = 1, 2, 0.5 do io.write(i, " ") end print()
print(0xff, 1e2, .5, 3., 0x7fffffff, 010)
print(-2 ^ 2, not nil == true, 1 .. 2 .. 3, 2 ^ 3 ^ 2, "a" < "b", "Z" < "a", "a" < "aa", "" < "a", "10" < "9")
