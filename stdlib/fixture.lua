-- Fixtures: accounts and groups for a test, with names that no other run has. Whatever a test or hook makes, by these
-- functions or by operations, is taken back when the test or the block ends: imctl writes it to its journal before it
-- asks for it, and knows for each operation what takes it back.
local host = require("imctl.host")
local expects = require("imctl.expect")

local M = { api = {} }
local scopes = {} -- the open ones, each a list of deferred functions and, as mark, what was made before it began

local function pass(ok, ...)
	if not ok then error((...), 0) end
	return ...
end

-- taking_back calls fn: what it makes is taken back at the end of the scope, or with on=false stays.
function M.taking_back(on, fn) return pass(host.taking_back(on, fn)) end

-- drain takes back what was made in a scope, the last thing first, and returns the failures. A deferred function has its
-- place among what was made. An interrupt passes through pcall and leaves the rest in the scope, for the end of the script.
local function drain(scope)
	local failures = {}
	local function take_back(since)
		for _, e in ipairs(host.take_back(since)) do failures[#failures + 1] = { error = e, trace = {} } end
	end
	while #scope > 0 do
		local deferred = scope[#scope]
		take_back(deferred.mark)
		local ok, e = pcall(deferred.fn)
		scope[#scope] = nil
		if not ok then failures[#failures + 1] = { error = e, trace = host.trace() } end
	end
	take_back(scope.mark)
	return failures
end

-- enter opens a scope: what is made from now on is taken back when it is left.
function M.enter() scopes[#scopes + 1] = { mark = host.made_count() } end
function M.leave()
	local failures = drain(scopes[#scopes])
	scopes[#scopes] = nil
	return failures
end

-- outermost opens the scope of the script for what is deferred outside of any test. What it made itself, imctl takes back.
local registered = false
local function outermost()
	if #scopes == 0 then M.enter() end
	if registered then return end
	registered = true
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

-- users(n) registers n accounts and returns them as a list of {userID=, nickname=}.
function M.api.users(n, options)
	options = options or {}
	if type(n) ~= "number" or n < 1 then error("fixture.users wants a number of accounts, got " .. expects.show(n), 2) end
	local made, base = {}, M.api.id(options.prefix)
	for i = 1, n do
		made[i] = { userID = base .. "_" .. i, nickname = (options.nickname or "Fixture") .. " " .. i }
	end
	local done = M.taking_back(true, function() return user.register { users = made } end)
	if not done.registered then error("fixture.users: a dry run makes no accounts", 2) end
	return made
end

-- user() registers one account.
function M.api.user(options) return M.api.users(1, options)[1] end

local function id(who)
	return type(who) == "table" and who.userID or who
end

-- friends(a, b) makes two accounts friends.
function M.api.friends(a, b)
	M.taking_back(true, function() friend.import { ownerUserID = id(a), friendUserIDs = { id(b) } } end)
end

-- group{owner=, members=, name=} makes a group and returns it.
function M.api.group(options)
	local members = {}
	for i, m in ipairs(options.members or {}) do members[i] = id(m) end
	local g = M.taking_back(true, function()
		return group.create {
			groupID = M.api.id(), groupName = options.name or "Fixture group", ownerUserID = id(options.owner), memberUserIDs = members,
		}
	end)
	if not g.groupID then error("fixture.group: a dry run makes no group", 2) end
	return g
end

-- id(prefix) is an id for an account or a group that no other run has, on this machine or another.
function M.api.id(prefix) return (prefix or "fx") .. "_" .. host.unique() end

-- defer(fn) runs fn when the test or block ends, in its turn among what is taken back.
function M.api.defer(fn)
	outermost()
	local scope = scopes[#scopes]
	scope[#scope + 1] = { fn = fn, mark = host.made_count() }
end

-- keep(fn) runs fn and returns what it returns: what fn makes stays when the test ends.
function M.api.keep(fn) return M.taking_back(false, fn) end

local names = {}
for name in pairs(M.api) do names[#names + 1] = name end
table.sort(names)
setmetatable(M.api, { __index = function(_, name)
	error("fixture has no " .. tostring(name) .. "; it has " .. table.concat(names, ", "), 2)
end })

return M
