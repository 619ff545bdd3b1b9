-- string.format.
local function try(...)
	local r = {pcall(string.format, ...)}
	for i = 1, #r do r[i] = tostring(r[i]):gsub("^[^:]*:%d+: ", ""):gsub("to '%?' %(", "to 'format' (") end
	print(table.concat(r, "|"))
end
for _, f in ipairs{"%d", "%5d", "%-5d|", "%05d", "%+d", "% d", "%.3d", "%8.3d", "%i", "%u", "%x", "%X", "%#x", "%o", "%#o", "%c", "%5c", "%-5c|"} do
	io.write(f, ": ", string.format(f, 65), " ", string.format(f, 0x7f), "\n")
end
for _, f in ipairs{"%f", "%.0f", "%.2f", "%10.3f", "%-10.1f|", "%010.2f", "%+.1f", "%e", "%.2e", "%E", "%g", "%.3g", "%G", "%#.0f", "%#.3g", "%5.1f", "%.14g", "%20.10g"} do
	for _, x in ipairs{0, 1, -1.5, 3.14159265, 1e20, 1e-10, 123456789, 2.25, 100000, 1e6, 1/3} do io.write(string.format(f, x), " ") end
	print(f)
end
print(string.format("%f %e %g %5.1f|%-8g|%08g", 1/0, -1/0, 1/0, 1/0, -1/0, 1/0))
print(string.format("%s %5s %-5s| %.2s %5.1s|%%", "a", "b", "c", "xyz", "xyz"), string.format("%s %s", 1, 1.5), string.format("%10s|", "x"))
print(string.format("%q", 'a "b" \\ \n c \r d \0 e'), string.format("%q", ""))
print(string.format("%d %s", "10", 10), string.format("%x", -1), string.format("%d", -3.7), string.format("%d", 3.99), string.format("%5.2s|", "abc"))
print(string.format("%s", ("x"):rep(200)):len(), string.format("%-99d|", 1):len(), string.format("%%"))
try("%d") try("%d", "x") try("%s") try("%s-%s", "a") try("%d", {}) try("%z", 1) try("%", 1) try("%123d", 1) try("%.123d", 1) try("%-+ #0-d", 1)
try("%s", nil) try("%s", {}) try("%y") try("%c", "x") try("%q") try("%q", {}) try("%0.5d|% 5d|%+5d", 1, 2, 3) try("%5%") try("%-5") try("x%")
