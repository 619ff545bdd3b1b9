-- An end-to-end test of messages as apps see them: virtual users on the WebSocket gateway send, and what arrives on the
-- other side is looked at there. The first test is the shortest one that is of use: two users, one message, five lines.
--
--   imctl run scripts/e2e_messages.lua                        on the sandbox
--   imctl --context staging run scripts/e2e_messages.lua      on a deployment
--   imctl --trace run scripts/e2e_messages.lua                with every request and push on stderr
--
-- It makes its own accounts and groups, under names that no other run has, and removes them at the end (the accounts are
-- retired: OpenIM can't delete them). An expect that fails tells the last events of its connection.
--
-- Where a test connects the same account twice, it is on two platforms: the shipped policy of the server keeps one session a
-- platform, and the test of kicks is about just that.

local BLOCKED, NOT_IN_GROUP = 1302, 1203 -- the server's refusals (errCode)

-- online connects an account; the rest of the file speaks of people rather than of connections.
local function online(account, platform, how)
	local options = how or {}
	options.userID, options.platform = account.userID, platform or "web"
	return client.connect(options)
end

describe("two users", function()
	it("exchange a message", function()
		local people = fixture.users(2)
		local alice, bob = online(people[1]), online(people[2])
		alice:send { to = bob.userID, text = "hi" }
		local got = bob:expect { from = alice.userID, text = "hi", within = "5s" }
		expect(got.latency):less_than(5000)
	end)

	it("exchange messages in both encodings, packed or plain, from every kind of device", function()
		local people = fixture.users(2)
		local ways = {
			{ platform = "web",     encoding = "go" },
			{ platform = "web",     encoding = "js" },
			{ platform = "ios",     encoding = "go", compression = false },
			{ platform = "android", encoding = "go", form = "v" },
			{ platform = "linux",   encoding = "js", compression = true },
		}
		for i, way in ipairs(ways) do
			local alice, bob = online(people[1], way.platform, way), online(people[2], way.platform, way)
			local text = "by way " .. i
			local sent = alice:send { to = bob.userID, text = text }
			expect(bob:expect { from = alice.userID, text = text }.serverMsgID):equals(sent.serverMsgID)
			alice:close()
			bob:close()
		end
	end)

	it("see their messages in order, each once", function()
		local people = fixture.users(2)
		local alice, bob = online(people[1]), online(people[2])
		for i = 1, 100 do alice:send { to = bob.userID, text = "number " .. i, noWait = true } end
		expect(alice:flush().failed):equals(0)
		bob:expect { text = "number 100", within = "10s" }
		local texts = {}
		for i, e in ipairs(bob:events { type = "message", from = alice.userID }) do texts[i] = e.text end
		expect(#texts):equals(100)
		for i, text in ipairs(texts) do
			if text ~= "number " .. i then error(("message %d is %q"):format(i, text)) end
		end
		local seen = bob:stats()
		expect(seen.duplicates + seen.outOfOrder):equals(0)
	end)

	it("see each other type and read", function()
		local people = fixture.users(2)
		local alice, bob = online(people[1]), online(people[2])
		alice:typing { to = bob.userID }
		bob:expect { type = "typing", from = alice.userID }
		alice:send { to = bob.userID, text = "read me" }
		bob:expect { text = "read me" }
		eventually(function() bob:read { from = alice.userID } end, { within = "5s" }) -- it is stored a moment later
		expect(alice:expect { type = "read", within = "10s" }.detail.markAsReadUserID):equals(bob.userID)
	end)

	it("miss nothing while the network is away", function()
		local people = fixture.users(2)
		local alice, bob = online(people[1]), online(people[2])
		alice:send { to = bob.userID, text = "before" }
		bob:expect { text = "before" }
		bob:drop()
		for i = 1, 20 do alice:send { to = bob.userID, text = "missed " .. i } end
		alice:expect { from = alice.userID, text = "missed 20" } -- its own push: by now it is stored
		bob:reconnect()
		alice:send { to = bob.userID, text = "after" }
		bob:expect { text = "after" }
		local texts = {}
		for i, e in ipairs(bob:events { type = "message", from = alice.userID }) do texts[i] = e.text end
		expect(#texts):equals(22)
		for i = 1, 20 do expect(texts[i + 1]):equals("missed " .. i) end
	end)

	it("do not hear from whom they have blocked", function()
		local people = fixture.users(2)
		local alice, bob = online(people[1]), online(people[2])
		friend.block(bob.userID, alice.userID)
		expect(function() alice:send { to = bob.userID, text = "let me in" } end):fails(BLOCKED)
		bob:expect_none { from = alice.userID }
	end)

	it("see each other come and go", function()
		local people = fixture.users(2)
		local bob = online(people[2])
		bob:subscribe { people[1].userID }
		local alice = online(people[1], "ios")
		expect(bob:expect { type = "presence", userID = alice.userID, within = "10s" }.platforms[1]):equals("ios")
		alice:close()
		eventually(function()
			local last
			for _, e in ipairs(bob:events { type = "presence", userID = people[1].userID }) do last = e end
			expect(#(last.platforms or {})):equals(0)
		end, { within = "20s" })
	end)
end)

describe("a group", function()
	it("is heard by its members and by nobody else", function()
		local people = fixture.users(4)
		local group_id = fixture.group { owner = people[1].userID, members = { people[2].userID, people[3].userID } }.groupID
		local inside = { online(people[1]), online(people[2]), online(people[3]) }
		local outsider = online(people[4])
		inside[2]:send { groupID = group_id, text = "to all" }
		for _, member in ipairs(inside) do
			expect(member:expect { groupID = group_id, text = "to all" }.sendID):equals(people[2].userID)
		end
		outsider:expect_none { groupID = group_id, within = "500ms" }
		expect(function() outsider:send { groupID = group_id, text = "me too" } end):fails(NOT_IN_GROUP)
	end)
end)

describe("a session", function()
	it("is shared by the devices of an account", function()
		local people = fixture.users(2)
		local alice, phone, desk = online(people[1]), online(people[2], "ios"), online(people[2], "windows")
		alice:send { to = people[2].userID, text = "everywhere" }
		phone:expect { text = "everywhere" }
		desk:expect { text = "everywhere" }
		phone:send { to = people[1].userID, text = "from the phone" }
		desk:expect { from = people[2].userID, text = "from the phone" } -- what one device sends, the others show
	end)

	it("ends when the account logs in again on the same platform", function()
		local account = fixture.users(1)[1]
		local first = online(account, "ios")
		time.sleep("1.1s") -- two tokens of one second are the same text, and with the same token both sessions stay
		local second = online(account, "ios")
		first:expect { type = "kicked" }
		expect(first:kicked()):equals(true)
		expect(second:closed()):equals(false)
	end)

	it("ends when an admin ends it", function()
		local account = fixture.users(1)[1]
		local c = online(account, "web")
		user.logout { userID = account.userID, platform = "web" }
		c:expect { type = "kicked" }
		expect(function() c:reconnect() end):fails("auth")
	end)

	it("goes to the background and comes back", function()
		local people = fixture.users(2)
		local alice, bob = online(people[1], "ios"), online(people[2])
		alice:background(true)
		alice:background(false)
		bob:send { to = alice.userID, text = "still there?" }
		alice:expect { text = "still there?" }
		expect(alice:logout().state):equals("logged out")
	end)
end)
