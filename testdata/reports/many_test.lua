-- Deliberately failing: 256 times, which as an exit code would be 0.
for i = 1, 256 do
	it("failure " .. i, function() expect(i):equals(0) end)
end
