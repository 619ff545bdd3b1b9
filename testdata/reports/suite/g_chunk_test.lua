-- Deliberately failing: the file itself fails after it declared a test.
it("is not run", function() end)
error("in the file")
