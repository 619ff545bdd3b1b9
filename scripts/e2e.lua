-- An end-to-end test of an OpenIM deployment: accounts, friends, messages, groups, mutes, bans. Each effect is looked
-- at from the other side: through a call of its own, or with the token that another user's app would have.
--
--   imctl run scripts/e2e.lua                        on the sandbox
--   imctl --context staging run scripts/e2e.lua      on a deployment
--   imctl --trace run scripts/e2e.lua                with every call on stderr
--
-- It makes its own accounts and groups, under names that no other run has, and removes them at the end, after a
-- failure, and after Ctrl-C. OpenIM has no call that deletes an account: they end up retired (disabled, with no group,
-- no friend and a blank profile). Don't point it at a production deployment without need.
--
-- How it is built, for a test of your own:
--   before_all and fixture   make what the tests need; what a fixture made is removed when its block or test ends
--   it                       one test. None relies on another one: each undoes what it did, or makes its own group
--   expect(...)              one check; the first that fails ends the test
--   eventually(fn)           tries again until fn no longer fails: the server stores messages, and drops its caches,
--                            a moment after it has answered

-- The codes with which the server refuses (errCode).
local DENIED, UNKNOWN, REGISTERED = 1002, 1004, 1102
local NOT_IN_GROUP, DISMISSED = 1203, 1204
local BLOCKED, MUTED, GROUP_MUTED = 1302, 1402, 1403

local OWNER, ADMIN, MEMBER = 100, 60, 20 -- roleLevel in a group
local REVOKED = 2101 -- contentType of a message that was taken back

-- token_of is a token as an app of that account would hold it. The server keeps one for each platform, and a fresh one
-- ends the one before, so each is asked for once.
local tokens = {}
local function token_of(account)
	if not tokens[account.userID] then
		tokens[account.userID] = user.token { userID = account.userID, platform = "linux", show = true }.token
	end
	return tokens[account.userID]
end

-- as(alice)(path, body) calls the API as alice's app does: with her token and her rights, not the admin's.
local function as(account)
	return function(path, body) return api.call { path = path, body = body, as = token_of(account) } end
end

-- each_of lists one field of all rows. A server may write an empty list as null.
local function each_of(rows, field)
	local out = {}
	if rows ~= nil and rows ~= json.null then
		for i, row in ipairs(rows) do out[i] = row[field] end
	end
	return out
end

-- groups_of lists the groups that an account's own app shows.
local function groups_of(account)
	local got = as(account)("/group/get_joined_group_list",
		{ fromUserID = account.userID, pagination = { pageNumber = 1, showNumber = 100 } })
	return each_of(got.groups, "groupID")
end

local function friends_of(account) return each_of(friend.list(account.userID):all(), "userID") end
local function members_of(group_id) return each_of(group.members(group_id):all(), "userID") end

-- say sends a text to an account or to a group, and returns what the server answered.
local function say(from, to, text)
	if to.groupID then return message.send { sendID = from.userID, groupID = to.groupID, text = text } end
	return message.send { sendID = from.userID, recvID = to.userID, text = text }
end

-- refused checks that a text is refused with this code.
local function refused(from, to, code)
	expect(function() say(from, to, "this must not arrive") end):fails(code)
end

-- received waits until the message is stored and returns it as the reader sees it.
local function received(reader, sent)
	return message.wait {
		conversationID = sent.conversationID, userID = reader.userID, clientMsgID = sent.clientMsgID, within = "10s",
	}
end

describe("OpenIM", function()
	local alice, bob, carol, dave

	before_all(function()
		alice, bob, carol, dave = unpack(fixture.users(4, { prefix = "e2e", nickname = "Tester" }))
	end)

	describe("accounts", function()
		it("are there for others once they are registered", function()
			for _, row in ipairs(user.exists { userIDs = { alice.userID, bob.userID, carol.userID, dave.userID } }) do
				expect(row.exists):is_true(row.userID)
			end
			local seen = as(bob)("/user/get_users_info", { userIDs = { alice.userID } }).usersInfo
			expect(seen):has_length(1)
			expect(seen[1]):has { userID = alice.userID, nickname = alice.nickname }
		end)

		it("can't be registered twice", function()
			local again = { userID = alice.userID, nickname = "Somebody else" }
			expect(function() user.register { users = { again } } end):fails(REGISTERED)
			expect(user.get(alice.userID)[1].nickname):equals(alice.nickname)
		end)

		it("are found by a part of their id", function()
			expect(each_of(user.find(carol.userID):all(), "userID")):equals { carol.userID }
		end)

		it("show a new name to others", function()
			user.update { userID = dave.userID, nickname = "Dave the renamed 大伟" }
			eventually(function()
				local seen = as(alice)("/user/get_users_info", { userIDs = { dave.userID } }).usersInfo
				expect(seen[1].nickname):equals("Dave the renamed 大伟")
			end)
		end)

		it("can't change each other", function()
			local theft = { userInfo = { userID = alice.userID, nickname = "Mallory" } }
			expect(function() as(bob)("/user/update_user_info_ex", theft) end):fails(DENIED)
			expect(user.get(alice.userID)[1].nickname):equals(alice.nickname)
		end)

		it("are offline while no app is connected", function()
			expect(user.online(alice.userID)[1].state):equals("offline")
			expect(user.sessions(alice.userID)):is_empty()
		end)
	end)

	describe("friends", function()
		it("become so by a request and its acceptance", function()
			fixture.defer(function() friend.delete { ownerUserID = alice.userID, friendUserIDs = { bob.userID } } end)
			friend.add { fromUserID = alice.userID, toUserID = bob.userID, reqMsg = "hello from e2e", accept = false }

			eventually(function() -- bob sees the request
				local waiting = friend.requests { userID = bob.userID, handled = "pending" }:all()
				expect(each_of(waiting, "fromUserID")):contains(alice.userID)
			end)
			expect(friends_of(alice)).never:contains(bob.userID)

			friend.accept { fromUserID = alice.userID, toUserID = bob.userID }
			eventually(function()
				expect(friends_of(alice)):contains(bob.userID)
				expect(friends_of(bob)):contains(alice.userID)
			end)
			expect(as(bob)("/friend/is_friend", { userID1 = alice.userID, userID2 = bob.userID }))
				:has { inUser1Friends = true, inUser2Friends = true }
		end)

		it("stay strangers when the request is refused", function()
			friend.add { fromUserID = alice.userID, toUserID = carol.userID, accept = false }
			friend.refuse { fromUserID = alice.userID, toUserID = carol.userID, handleMsg = "no, thanks" }
			eventually(function()
				local answered = friend.requests { userID = alice.userID, sent = true, handled = "refused" }:all()
				expect(each_of(answered, "toUserID")):contains(carol.userID)
			end)
			expect(friend.check(alice.userID, carol.userID).friends):is_false()
		end)

		it("part in both directions", function()
			fixture.friends(bob, carol)
			eventually(function() expect(friend.check(bob.userID, carol.userID).friends):is_true() end)
			friend.delete { ownerUserID = bob.userID, friendUserIDs = { carol.userID } }
			eventually(function()
				expect(friends_of(bob)).never:contains(carol.userID)
				expect(friends_of(carol)).never:contains(bob.userID)
			end)
		end)

		it("can block one another, in one direction", function()
			fixture.defer(function() friend.unblock { ownerUserID = bob.userID, blackUserIDs = { carol.userID } } end)
			friend.block { ownerUserID = bob.userID, blackUserIDs = { carol.userID } }
			eventually(function() refused(carol, bob, BLOCKED) end)
			local back = say(bob, carol, "I may still write to you")
			expect(received(carol, back).text):equals("I may still write to you")

			friend.unblock { ownerUserID = bob.userID, blackUserIDs = { carol.userID } }
			local sent = eventually(function() return say(carol, bob, "and now I may as well") end)
			expect(received(bob, sent).sendID):equals(carol.userID)
		end)
	end)

	describe("messages", function()
		it("arrive, once, with what was written", function()
			local text = "Grüße, 你好 👋 \"quoted\" \\ and\na second line"
			local sent = say(alice, bob, text)
			local got = received(bob, sent)
			expect(got):has { sendID = alice.userID, recvID = bob.userID, clientMsgID = sent.clientMsgID, text = text }
			expect(got.seq):at_least(1)

			-- bob's own app pulls it
			local range = { conversationID = sent.conversationID, begin = got.seq, ["end"] = got.seq, num = 1 }
			local pulled = as(bob)("/msg/pull_msg_by_seq", { userID = bob.userID, seqRanges = { range }, order = 0 })
			expect(pulled.msgs[sent.conversationID].Msgs[1].clientMsgID):equals(sent.clientMsgID)

			-- and a search finds it exactly once
			eventually(function()
				local found = message.search { sendID = alice.userID, recvID = bob.userID, text = text }:all()
				expect(each_of(found, "clientMsgID")):equals { sent.clientMsgID }
			end)
		end)

		it("keep the order in which they were sent", function()
			local sent
			for i = 1, 5 do sent = say(alice, carol, "number " .. i) end
			local last = received(carol, sent)
			local texts, before = {}, 0
			for m in message.pull { conversationID = sent.conversationID, userID = carol.userID } do
				expect(m.seq):greater_than(before)
				before = m.seq
				if m.sendID == alice.userID and m.text:find("^number ") then texts[#texts + 1] = m.text end
			end
			expect(texts):equals { "number 1", "number 2", "number 3", "number 4", "number 5" }
			expect(before):at_least(last.seq)
		end)

		it("count as read when the receiver has read them", function()
			local sent = say(alice, dave, "read me")
			local got = received(dave, sent)
			local function read_by_dave() return message.seqs { userID = dave.userID, conversationID = sent.conversationID }[1] end
			expect(read_by_dave().hasReadSeq):less_than(got.seq)
			as(dave)("/msg/mark_conversation_as_read",
				{ conversationID = sent.conversationID, userID = dave.userID, hasReadSeq = got.seq, seqs = { got.seq } })
			eventually(function() expect(read_by_dave().hasReadSeq):at_least(got.seq) end)
		end)

		it("can be taken back by who wrote them, and by nobody else", function()
			local sent = say(alice, bob, "better unsaid")
			local got = received(bob, sent)
			local theirs = { conversationID = sent.conversationID, seq = got.seq, userID = bob.userID }
			expect(function() as(bob)("/msg/revoke_msg", theirs) end):fails(DENIED)

			message.revoke { conversationID = sent.conversationID, userID = alice.userID, clientMsgID = sent.clientMsgID }
			eventually(function()
				local seen = message.pull { conversationID = sent.conversationID, userID = bob.userID, begin = got.seq, ["end"] = got.seq }:all()
				expect(seen[1]):has { contentType = REVOKED, isRevoked = true }
				expect(seen[1].content).never:contains("better unsaid")
			end)
		end)

		it("to nobody are refused", function()
			expect(function() message.send { sendID = alice.userID, recvID = alice.userID .. "_nobody", text = "hello?" } end):fails(UNKNOWN)
		end)

		it("can't be sent in another's name", function()
			local forged = { sendID = alice.userID, recvID = carol.userID, contentType = 101, sessionType = 1, content = { content = "forged" } }
			expect(function() as(bob)("/msg/send_msg", forged) end):fails(DENIED)
		end)
	end)

	describe("a group", function()
		local team

		before_all(function()
			team = fixture.group { owner = alice, members = { bob, carol }, name = "E2E team" }
		end)

		it("has its members, and they have it", function()
			expect(members_of(team.groupID)):same_items { alice.userID, bob.userID, carol.userID }
			expect(group.get(team.groupID)):has { groupName = "E2E team", ownerUserID = alice.userID, memberCount = 3, status = 0 }
			eventually(function() expect(groups_of(bob)):contains(team.groupID) end)
			expect(groups_of(dave)).never:contains(team.groupID)
		end)

		it("carries what a member says to the others, and nothing of strangers", function()
			local sent = say(bob, team, "good morning")
			for _, reader in ipairs { alice, carol } do
				expect(received(reader, sent)):has { sendID = bob.userID, groupID = team.groupID, text = "good morning" }
			end
			refused(dave, team, NOT_IN_GROUP)
			eventually(function()
				local found = message.search { recvID = team.groupID, text = "good morning" }:all()
				expect(each_of(found, "clientMsgID")):equals { sent.clientMsgID }
			end)
		end)

		it("silences one member, until it no longer does", function()
			fixture.defer(function() group.unmute { groupID = team.groupID, userIDs = { bob.userID } } end)
			group.mute { groupID = team.groupID, userIDs = { bob.userID }, mutedSeconds = "10m" }
			eventually(function() refused(bob, team, MUTED) end)
			expect(each_of(group.members { groupID = team.groupID, muted = true }:all(), "userID")):equals { bob.userID }
			expect(received(alice, say(carol, team, "bob is so quiet")).sendID):equals(carol.userID)

			group.unmute { groupID = team.groupID, userIDs = { bob.userID } }
			local sent = eventually(function() return say(bob, team, "I am back") end)
			expect(received(carol, sent).text):equals("I am back")
		end)

		it("silences all but its owner", function()
			fixture.defer(function() group.unmute { groupID = team.groupID } end)
			group.mute { groupID = team.groupID }
			eventually(function() refused(carol, team, GROUP_MUTED) end)
			expect(received(bob, say(alice, team, "quiet, please")).text):equals("quiet, please")

			group.unmute { groupID = team.groupID }
			local sent = eventually(function() return say(carol, team, "thanks") end)
			expect(received(alice, sent).sendID):equals(carol.userID)
		end)

		it("lets an admin of it put members out, and an ordinary member not", function()
			local own = fixture.group { owner = alice, members = { bob, carol, dave } }
			local out = { groupID = own.groupID, kickedUserIDs = { dave.userID }, reason = "e2e" }
			expect(function() as(bob)("/group/kick_group", out) end):fails(DENIED)
			expect(members_of(own.groupID)):contains(dave.userID)

			group.set_role { groupID = own.groupID, userIDs = { bob.userID }, role = "admin" }
			expect(each_of(group.members { groupID = own.groupID, role = "admin" }:all(), "userID")):equals { bob.userID }
			eventually(function() as(bob)("/group/kick_group", out) end)
			eventually(function() expect(members_of(own.groupID)).never:contains(dave.userID) end)
		end)

		it("takes in who is invited, and shuts out who is kicked", function()
			fixture.defer(function() group.kick { groupID = team.groupID, userIDs = { dave.userID } } end)
			expect(group.invite { groupID = team.groupID, userIDs = { dave.userID } }[1].status):equals("invited")
			eventually(function() expect(groups_of(dave)):contains(team.groupID) end)
			local sent = eventually(function() return say(dave, team, "glad to be here") end)
			expect(received(bob, sent).sendID):equals(dave.userID)

			expect(group.kick { groupID = team.groupID, userIDs = { dave.userID }, reason = "e2e" }[1].status):equals("kicked")
			eventually(function()
				expect(members_of(team.groupID)).never:contains(dave.userID)
				expect(groups_of(dave)).never:contains(team.groupID)
				refused(dave, team, NOT_IN_GROUP)
			end)
		end)

		it("takes in who asks, once the owner says yes", function()
			fixture.defer(function() group.kick { groupID = team.groupID, userIDs = { dave.userID } } end)
			group.join { groupID = team.groupID, userID = dave.userID, reqMessage = "may I?" }
			eventually(function()
				expect(each_of(group.requests { groupID = team.groupID, handled = "pending" }:all(), "userID")):contains(dave.userID)
			end)
			expect(members_of(team.groupID)).never:contains(dave.userID)
			group.accept { groupID = team.groupID, userID = dave.userID }
			eventually(function() expect(members_of(team.groupID)):contains(dave.userID) end)
		end)

		it("passes to another owner", function()
			local own = fixture.group { owner = alice, members = { bob } }
			group.transfer { groupID = own.groupID, newOwnerUserID = bob.userID }
			eventually(function()
				expect(group.get(own.groupID).ownerUserID):equals(bob.userID)
				local roles = {}
				for m in group.members(own.groupID) do roles[m.userID] = m.roleLevel end
				expect(roles):equals { [alice.userID] = MEMBER, [bob.userID] = OWNER }
			end)
			expect(function() as(alice)("/group/dismiss_group", { groupID = own.groupID }) end):fails(DENIED)
		end)

		it("is closed for good when it is dismissed", function()
			local own = fixture.group { owner = alice, members = { bob, carol } }
			expect(received(bob, say(carol, own, "last words")).text):equals("last words")
			group.dismiss(own.groupID)
			eventually(function()
				refused(alice, own, DISMISSED)
				refused(bob, own, DISMISSED)
				expect(groups_of(bob)).never:contains(own.groupID)
			end)
			expect(group.get(own.groupID).status):equals(2)
			expect(function() group.invite { groupID = own.groupID, userIDs = { dave.userID } } end):fails("is dismissed")
		end)
	end)

	describe("keeping people out", function()
		it("ends the session of one platform and leaves the others", function()
			local erin = fixture.user { prefix = "e2e", nickname = "Erin" }
			local on = {}
			for _, platform in ipairs { "ios", "web" } do
				on[platform] = user.token { userID = erin.userID, platform = platform, show = true }.token
			end
			local function whoami(platform)
				return api.call { path = "/user/get_users_info", body = { userIDs = { erin.userID } }, as = on[platform] }.usersInfo[1].userID
			end
			expect(whoami("ios")):equals(erin.userID)
			expect(whoami("web")):equals(erin.userID)

			user.logout { userID = erin.userID, platform = "ios" }
			eventually(function() expect(function() whoami("ios") end):fails("auth") end)
			expect(whoami("web")):equals(erin.userID)
		end)

		it("disables an account and lets it in again", function()
			local frank = fixture.user { prefix = "e2e", nickname = "Frank" }
			local function whoami() return as(frank)("/user/get_users_info", { userIDs = { frank.userID } }).usersInfo[1].userID end
			local function disabled() return each_of(user.disabled():all(), "userID") end
			expect(whoami()):equals(frank.userID)
			expect(disabled()).never:contains(frank.userID)

			local done = user.disable { userID = frank.userID, reason = "e2e" }
			expect(done):has { disabled = true, already = false }
			eventually(function() expect(whoami):fails("auth") end) -- the token that the app holds is dead
			expect(user.sessions(frank.userID)):is_empty()
			expect(disabled()):contains(frank.userID)
			expect(user.disable(frank.userID).already):is_true()

			expect(user.enable(frank.userID)):has { enabled = true, already = false }
			expect(disabled()).never:contains(frank.userID)
			expect(whoami):fails("auth") -- old tokens stay dead: the person logs in anew
			tokens[frank.userID] = nil
			expect(whoami()):equals(frank.userID)
			expect(received(frank, say(alice, frank, "welcome back")).text):equals("welcome back")
		end)

		it("retires an account: no friend, no group and no name is left of it", function()
			local grace = fixture.user { prefix = "e2e", nickname = "Grace" }
			fixture.friends(alice, grace)
			local own = fixture.group { owner = alice, members = { bob, grace } }
			as(grace)("/user/get_users_info", { userIDs = { alice.userID } })

			expect(user.delete(grace.userID).outcome):equals("retired")
			eventually(function()
				expect(friends_of(alice)).never:contains(grace.userID)
				expect(members_of(own.groupID)):same_items { alice.userID, bob.userID }
				expect(user.get(grace.userID)[1].nickname):equals("")
			end)
			expect(function() as(grace)("/user/get_users_info", { userIDs = { alice.userID } }) end):fails("auth")
		end)
	end)
end)
