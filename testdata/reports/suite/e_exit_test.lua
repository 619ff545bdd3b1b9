-- Deliberately failing: a test that leaves.
it("passes before", function() end)
it("leaves by os.exit", function() os.exit(0) end)
it("comes after", function() end)
