-- Deliberately failing: what an expectation, a check and an error show.
local shared = require("shared")

describe("expectations", { tags = "fails" }, function()
	it("holds", function() expect(1):equals(1) end)

	it("differs in a nested table", function()
		expect({ name = "Team", members = { { id = "a", role = 20 }, { id = "b", role = 60 } }, ex = { color = "red", tags = { "x", "y" } } })
			:equals { name = "Team", members = { { id = "a", role = 20 }, { id = "b", role = 100 }, { id = "c" } }, ex = { color = "blue", tags = { "x" } } }
	end)

	it("has a message of its own", function() expect(#"abc"):equals(4, "the length of a name") end)

	it("goes on after soft checks", function()
		check(1):equals(2)
		check("text"):matches("^%d+$")
		expect({}):has_length(3)
	end)

	it("fails in a function of another file", function() shared.must_be_even(3) end)
end)

describe("errors", function()
	it("of the server, with the call", function() user.get("nobody_here") end)
	it("as text", function() error("plain text") end)
	it("as a table", function() error { kind = "exists", message = "it is there already", hint = "take another name" } end)
	it("of Lua", function()
		local nothing
		return nothing.field
	end)
	it("in a call of a call", function()
		local function inner() error("deep down") end
		local function outer() inner() end
		outer()
	end)
end)
