-- Deliberately failing: names and messages that a report must not take at their word.
describe("names ]]> <b>&amp;</b> ‮中文", function()
	it("a # TODO that is none, \\ 100% of %0A ::error::", function() error("::error file=x::%0A ]]> </failure>") end)
	it("<script>alert(1)</script>", function() error("<script>document.title = \"taken over\"</script>\n</pre><h1>not a heading</h1>") end)
	it("rings \7, turns \27[31mred\27[0m,\nbreaks \r\n and \0 ends", function() error("clears \27[2J\27[H the \0 screen") end)
	it("is no UTF-8: \255\254", function() error("nor is this: \192\175") end)
	it("emoji 👩‍💻 and 'quotes' \"both\"", function() expect("👩‍💻"):equals("中文") end)
	it("a name that is far too long " .. string.rep("and goes on ", 30), function() error(string.rep("long ", 100)) end)
	it("keeps a secret", function()
		local password = "hunter2-hunter2"
		check({ userID = "u", token = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VySUQiOiJhIn0.c2lnbmF0dXJl" }):equals { userID = "v", token = "other-secret-value" }
		error("refused: " .. json.encode { password = password })
	end)
end)
