-- Deliberately failing: what takes too long, what passes at the second try, what is not there yet.
local tries = 0

it("never ends", { timeout = "200ms" }, function() while true do end end)

it("passes at the second try", { retries = 2, tags = { "slow", "net" } }, function()
	tries = tries + 1
	expect(tries):equals(2)
end)

it("fails at every try", { retries = 2 }, function()
	tries = tries + 1
	error("try " .. tries - 2)
end)

pending("is written tomorrow")

each { 1, 2, 3 }:it("square of %d", function(n) expect(n * n):equals(n) end)
