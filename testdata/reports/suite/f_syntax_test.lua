-- Deliberately failing: this is no Lua.
it("is never declared", function(
