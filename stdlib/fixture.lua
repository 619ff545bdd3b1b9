-- Fixtures: accounts and groups for a test, with names that no other run has, removed when the test or the block that
-- made them ends - also after a failure or an interrupt.
local host = require("imctl.host")
local expects = require("imctl.expect")

local M = { api = {} }
local scopes = {}
local registered = false

-- drain undoes what a scope made, the last thing first, and returns the failures. An interrupt passes through pcall and
-- leaves what is not undone yet in the scope, for the cleanup at the end of the script.
local function drain(scope)
	local failures = {}
	while #scope > 0 do
		local ok, e = pcall(scope[#scope])
		scope[#scope] = nil
		if not ok then failures[#failures + 1] = { error = e, trace = host.trace() } end
	end
	return failures
end

-- enter opens a scope: what is made from now on is removed when it is left.
function M.enter() scopes[#scopes + 1] = {} end
function M.leave()
	local failures = drain(scopes[#scopes])
	scopes[#scopes] = nil
	return failures
end

-- remember keeps an undo in the innermost scope; outside of any test, until the script ends.
local function remember(undo)
	if not registered then
		registered = true
		scopes[1] = scopes[1] or {}
		cleanup(function()
			local first
			for i = #scopes, 1, -1 do
				for _, f in ipairs(drain(scopes[i])) do
					first = first or f
					print("not removed: " .. expects.text_of(f.error))
				end
			end
			if first then error(first.error, 0) end
		end)
	end
	local scope = scopes[#scopes]
	scope[#scope + 1] = undo
end

-- tolerate runs fn and forgives errors of these kinds or codes: what is gone already needs no removal.
local function tolerate(fn, ...)
	local ok, e = pcall(fn)
	if ok then return end
	for _, allowed in ipairs({ ... }) do
		if type(e) == "table" and (e.kind == allowed or e.code == allowed) then return end
	end
	error(e, 0)
end

-- users(n) registers n accounts and returns them as a list of {userID=, nickname=}.
function M.api.users(n, options)
	options = options or {}
	if type(n) ~= "number" or n < 1 then error("fixture.users wants a number of accounts, got " .. expects.show(n), 2) end
	local made, base = {}, (options.prefix or "fx") .. "_" .. host.unique()
	for i = 1, n do
		made[i] = { userID = base .. "_" .. i, nickname = (options.nickname or "Fixture") .. " " .. i }
	end
	for _, u in ipairs(made) do
		remember(function() tolerate(function() user.delete { userID = u.userID, mode = "retire" } end, "not_found") end)
	end
	if not user.register { users = made }.registered then error("fixture.users: a dry run makes no accounts", 2) end
	return made
end

-- user() registers one account.
function M.api.user(options) return M.api.users(1, options)[1] end

local function id(who)
	return type(who) == "table" and who.userID or who
end

-- friends(a, b) makes two accounts friends.
function M.api.friends(a, b)
	remember(function() tolerate(function() friend.delete { ownerUserID = id(a), friendUserIDs = { id(b) } } end, "not_found") end)
	friend.import { ownerUserID = id(a), friendUserIDs = { id(b) } }
end

-- group{owner=, members=, name=} makes a group and returns it.
function M.api.group(options)
	local members = {}
	for i, m in ipairs(options.members or {}) do members[i] = id(m) end
	local group_id = "fx_" .. host.unique()
	remember(function() tolerate(function() group.dismiss { groupID = group_id } end, "not_found", 1204) end)
	local g = group.create {
		groupID = group_id, groupName = options.name or "Fixture group", ownerUserID = id(options.owner), memberUserIDs = members,
	}
	if not g.groupID then error("fixture.group: a dry run makes no group", 2) end
	return g
end

-- defer(fn) runs fn when the test or block ends.
function M.api.defer(fn) remember(fn) end

setmetatable(M.api, { __index = function(_, name)
	error("fixture has no " .. tostring(name) .. "; it has users, user, friends, group and defer", 2)
end })

return M
