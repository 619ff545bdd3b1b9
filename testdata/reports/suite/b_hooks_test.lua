-- Deliberately failing: hooks and teardown.
describe("before_all", function()
	before_all(function() error("no ground to stand on") end)
	it("is not run", function() end)
	it("nor is this", function() end)
end)

describe("before_each", function()
	before_each(function() expect("ready"):equals("set") end)
	it("is not reached", function() error("not reached") end)
end)

describe("after_each", function()
	after_each(function() error("can't tidy up") end)
	it("passes by itself", function() end)
end)

describe("after_all", function()
	it("passes", function() end)
	after_all(function() error("the last word") end)
end)

describe("teardown", function()
	it("fails twice", function()
		fixture.defer(function() error("still in use") end)
		error("first")
	end)
end)
