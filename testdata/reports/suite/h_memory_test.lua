-- Deliberately failing: a test that takes its VM with it.
it("passes before", function() end)
it("eats memory", function() local t = {} while true do t[#t + 1] = string.rep("x", 1000000) .. #t end end)
it("comes after", function() end)
