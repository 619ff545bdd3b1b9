package cli_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openimsdk/imctl/runtime/cli"
)

// snapshotLua prints all that a server shows of its accounts and groups, in order. A retired account and a dismissed
// group can't be removed from an OpenIM server; nothing else may be left of them. An account that was there before keeps
// the conversations that it was brought into: those with a retired account, and with a group that it has left, are not
// told.
const snapshotLua = `
local function snapshot()
	local lines, disabled, retired, member = {}, {}, {}, {}
	local function say(...) lines[#lines + 1] = table.concat(tbl.map({ ... }, tostring), " ") end
	for row in user.disabled() do disabled[row.userID] = true end
	for g in group.list() do
		say("group", g.groupID, g.groupName, g.ownerUserID, g.status)
		for m in group.members(g.groupID) do
			member[g.groupID .. " " .. m.userID] = true
			say("member", g.groupID, m.userID, m.roleLevel)
		end
	end
	local all = user.list():all()
	for _, u in ipairs(all) do
		retired[u.userID] = disabled[u.userID] and u.nickname == "" and u.faceURL == "" and u.ex == ""
	end
	for _, u in ipairs(all) do
		local me = u.userID
		if not retired[me] then say("account", me, u.nickname, u.faceURL, u.ex, disabled[me]) end
		for f in friend.list(me) do say("friend", me, f.userID) end
		for b in friend.blocked(me) do say("block", me, b.userID) end
		for g in group.list { userID = me } do
			if g.status ~= 2 then say("joined", me, g.groupID) end
		end
		for c in conversation.list(me) do
			local living = c.groupID ~= "" and member[c.groupID .. " " .. me] or c.userID ~= "" and not retired[c.userID]
			if retired[me] or living then say("conversation", me, c.conversationID, c.isPinned, c.recvMsgOpt, c.ex) end
		end
	end
	table.sort(lines)
	return table.concat(lines, "\n")
end
`

// before is what a server holds before the tests of these files.
const before = `
user.register { users = {
	{ userID = "ann", nickname = "Ann" }, { userID = "ben", nickname = "Ben" }, { userID = "cid", nickname = "Cid" },
	{ userID = "dan", nickname = "Dan" }, { userID = "eve", nickname = "Eve" },
} }
group.create { groupID = "club", groupName = "Club", ownerUserID = "ann", memberUserIDs = { "ben" } }
group.create { groupID = "open", groupName = "Open", ownerUserID = "ben", needVerification = 2 }
friend.import { ownerUserID = "ann", friendUserIDs = { "ben" } }
friend.import { ownerUserID = "ann", friendUserIDs = { "cid" } }
friend.delete { ownerUserID = "cid", friendUserIDs = { "ann" }, one_way = true }
friend.block { ownerUserID = "ann", blackUserIDs = { "eve" } }
conversation.set { ownerUserID = "ann", userID = "ben", isPinned = true }
user.disable { userID = "eve" }
friend.add { fromUserID = "dan", toUserID = "ben", accept = false }
group.join { groupID = "club", userID = "dan" }
-- All have talked: the message that the server sends to new friends opens no conversation.
local people = { "ann", "ben", "cid", "dan" }
for i, a in ipairs(people) do
	for j = i + 1, #people do message.send { sendID = a, recvID = people[j], text = "hi" } end
end
eventually(function() -- what a server stores a moment later
	for who, n in pairs { ann = 4, ben = 5, cid = 3, dan = 3 } do expect(conversation.list(who):all()):has_length(n) end
end)
`

// snapshot is what the person's server holds.
func (p person) snapshot(t *testing.T) string {
	t.Helper()
	return p.wants(t, 0, "run", "-e", snapshotLua+"print(snapshot())").stdout
}

// asBefore waits until the server holds what it held before. It stores some things a moment after it has answered.
func (p person) asBefore(t *testing.T, was, after string) {
	t.Helper()
	is := p.snapshot(t)
	for range 20 {
		if is == was {
			return
		}
		time.Sleep(200 * time.Millisecond)
		is = p.snapshot(t)
	}
	t.Fatalf("after %s the server holds more:\n%s\nand less:\n%s", after, beyond(is, was), beyond(was, is))
}

// beyond are the lines of one text that another has not.
func beyond(a, b string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(a, "\n"), func(line string) bool {
		return slices.Contains(strings.Split(b, "\n"), line)
	}), "\n")
}

// TestTakenBack makes things by each operation that is taken back, among things that were there before: a test that has
// ended leaves the server as it was.
func TestTakenBack(t *testing.T) {
	made := map[string]string{ // by operation, what a test does with it
		"user.add":      `user.add { userID = "new_one" }`,
		"user.register": `user.register { users = { { userID = "new_two", nickname = "N" }, { userID = "new_three", nickname = "N" } } }`,
		"user.import":   `user.import { file = "` + write(t, "new.csv", "userID,nickname\nann,Ann\nnew_four,N\nnew_five,N\n") + `", on_conflict = "skip" }`,
		"user.disable":  `user.disable { userIDs = { "dan", "eve" } }`,
		"group.create": `local g = group.create { ownerUserID = "ann", groupName = "G", memberUserIDs = { "cid" } }
			expect(group.create { groupID = "of_mine", ownerUserID = "ann", groupName = "H" }.groupID):equals("of_mine")`,
		"group.invite":     `pcall(group.invite, { groupID = "club", userIDs = { "ben", "cid", "nobody_of_that_name" } })`,
		"group.join":       `expect(group.join { groupID = "open", userID = "cid" }.status):equals("joined")`,
		"group.accept":     `group.accept { groupID = "club", userID = "dan" }`,
		"group.transfer":   `group.transfer { groupID = "club", newOwnerUserID = "ben" }`,
		"friend.import":    `pcall(friend.import, { ownerUserID = "ann", friendUserIDs = { "ben", "cid", "dan", "nobody_of_that_name" } })`,
		"friend.add":       `friend.add { fromUserID = "cid", toUserID = "dan" }`,
		"friend.accept":    `friend.accept { fromUserID = "dan", toUserID = "ben" }`,
		"friend.block":     `friend.block { ownerUserID = "ann", blackUserIDs = { "dan", "eve" } }`,
		"conversation.set": `conversation.set { ownerUserID = "ann", userID = "ben", isPinned = false, ex = "x" }`,
	}
	p := newPerson(t, true)
	p.wants(t, 0, "run", "-e", before)
	was := p.snapshot(t)
	for _, area := range cli.Areas() {
		for _, op := range area.All() {
			if !op.TakenBack() {
				continue
			}
			body, ok := made[op.FullName()]
			if !ok {
				t.Errorf("%s is taken back, and this test does not try it", op.FullName())
				continue
			}
			script := write(t, op.Name+".lua", snapshotLua+"it(\"makes\", function()\n"+body+"\nprint(\"[\" .. snapshot() .. \"]\")\nend)")
			r := p.wants(t, 0, "test", script)
			_, seen, _ := strings.Cut(r.stdout, "[")
			seen, _, _ = strings.Cut(seen, "]")
			if seen+"\n" == was {
				t.Errorf("%s made nothing:\n%s", op.FullName(), r.stdout)
			}
			p.asBefore(t, was, op.FullName())
			delete(made, op.FullName())
		}
	}
	for name := range made {
		t.Errorf("%s is not taken back", name)
	}
}
