-- Checks of the arguments of our own functions: want("tbl.map", 2, "fn", fn, "function") is an error at the line of the
-- caller's caller that names the function, the argument and its value.
return function(fn, n, name, value, kind, level)
	if type(value) == kind then return end
	local got = type(value) == "string" and string.format("the string %q", value) or type(value) == "table" and "a table" or tostring(value)
	error(fn .. ": argument " .. n .. " (" .. name .. "): want a " .. kind .. ", got " .. got, level or 3)
end
