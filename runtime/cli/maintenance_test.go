package cli_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// The faults of the real server that make damage through its API: an admin transfers a group with a wrong old owner, takes
// the role of an owner away, and marks as read what was never sent (SERVER-BEHAVIOUR §6).
const damageThroughTheAPI = `
user.register { users = { { userID = "alice", nickname = "A" }, { userID = "bob", nickname = "B" }, { userID = "carol", nickname = "C" } } }
friend.import { ownerUserID = "alice", friendUserIDs = { "bob" } }
group.create { groupID = "g1", groupName = "g", ownerUserID = "alice", memberUserIDs = { "bob", "carol" } }
group.create { groupID = "g2", groupName = "g", ownerUserID = "alice", memberUserIDs = { "bob" } }
for i = 1, 110 do message.send { sendID = "alice", recvID = "bob", text = "text " .. i } end
message.wait { groupID = "g1", text = "hi", clientMsgID = message.send { sendID = "alice", groupID = "g1", text = "hi" }.clientMsgID }
api.call("/group/transfer_group", { groupID = "g1", oldOwnerUserID = "bob", newOwnerUserID = "carol" })
api.call("/group/set_group_member_info", { members = { { groupID = "g2", userID = "alice", roleLevel = 20 } } })
api.call("/msg/mark_conversation_as_read", { userID = "bob", conversationID = "si_alice_bob", hasReadSeq = 5000, seqs = {} })`

// withSandbox is a person with a sandbox that is left running, so that its MongoDB and Redis can be used.
func withSandbox(t *testing.T) person {
	t.Helper()
	p := newPerson(t, false)
	p.wants(t, 0, "sandbox", "start")
	t.Cleanup(func() { p.wants(t, 0, "sandbox", "stop") })
	return p
}

func TestCheckIntegrityScript(t *testing.T) {
	t.Parallel()
	p := withSandbox(t)
	script := shipped(t, "maintenance/check_integrity.lua")
	if r := p.wants(t, 0, "run", script); r.stdout != "no damage\n" {
		t.Errorf("a new deployment:\n%s", r.stdout)
	}
	p.wants(t, 0, "run", "-e", damageThroughTheAPI)
	r := p.wants(t, 5, "run", script)
	for _, want := range []string{"group_two_owners      group         g1: its owners are alice, carol; alice stays",
		"group_without_owner   group         g2: none of its 2 members is the owner; alice is next",
		"read_ahead            seq_user      si_alice_bob/bob: read_seq is 5000", "damage: 3\n"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("the script says not %q:\n%s", want, r.stdout)
		}
	}
	if r := p.wants(t, 5, "run", script, "--kinds", "read_ahead,orphan_friend"); !strings.Contains(r.stdout, "damage: 1\n") {
		t.Errorf("one kind:\n%s", r.stdout)
	}
	backup := filepath.Join(t.TempDir(), "before.tar.zst")
	p.wants(t, 0, "data", "backup", backup)
	if r := p.wants(t, 5, "--dry-run", "run", script, "--repair", "--backup", backup); strings.Count(r.stdout, "planned") != 3 {
		t.Errorf("a dry run:\n%s", r.stdout)
	}
	if r := p.wants(t, 0, "run", script, "--repair", "--backup", backup); strings.Count(r.stdout, "done ") != 3 || !strings.Contains(r.stdout, "all mended") {
		t.Errorf("the repair:\n%s", r.stdout)
	}
	if r := p.wants(t, 0, "run", script); r.stdout != "no damage\n" {
		t.Errorf("after the repair:\n%s", r.stdout)
	}
	// The services show what was mended: their caches were dropped.
	r = p.wants(t, 0, "run", "-e", `
for _, g in ipairs { "g1", "g2" } do
	local owners = {}
	for m in group.members { groupID = g } do if m.roleLevel == 100 then owners[#owners + 1] = m.userID end end
	print(g, table.concat(owners, " "))
end
local read = api.call("/msg/get_conversations_has_read_and_max_seq", { userID = "bob", conversationIDs = { "si_alice_bob" } }).seqs["si_alice_bob"]
print(read.hasReadSeq == read.maxSeq)`)
	if r.stdout != "g1\talice\ng2\talice\ntrue\n" {
		t.Errorf("the API says\n%s", r.stdout)
	}
	p.wants(t, 1, "run", script, "--repair")
	p.wants(t, 1, "run", script, "--kind", "x")
	p.wants(t, 1, "run", script, "--kinds", "x")
}

func TestPurgeMessagesScript(t *testing.T) {
	t.Parallel()
	p := withSandbox(t)
	script := shipped(t, "maintenance/purge_messages.lua")
	p.wants(t, 0, "run", "-e", damageThroughTheAPI)
	const now = "0.0000001"
	if r := p.wants(t, 0, "run", script); r.stdout != "0 messages of 0 conversations would go\n" {
		t.Errorf("a year:\n%s", r.stdout)
	}
	if r := p.wants(t, 0, "run", script, "--days", now, "--conversations", "si_alice_bob"); !strings.Contains(r.stdout, "of 1 conversations would go") {
		t.Errorf("a list:\n%s", r.stdout)
	}
	pull := `local n = 0 for m in message.pull { userID = "alice", conversationID = "si_alice_bob" } do n = n + 1 end print(n)`
	if r := p.wants(t, 0, "run", "-e", pull); r.stdout == "0\n" {
		t.Error("a list removed the messages")
	}
	if r := p.wants(t, 0, "run", script, "--days", now, "--conversations", "si_alice_bob", "--purge", "--without-backup"); !strings.Contains(r.stdout, "of 1 conversations purged") {
		t.Errorf("a purge:\n%s", r.stdout)
	}
	if r := p.wants(t, 0, "run", "-e", pull); r.stdout != "0\n" {
		t.Errorf("after the purge alice pulls %s messages", r.stdout)
	}
	if r := p.wants(t, 0, "run", "-e", `for m in message.pull { userID = "alice", conversationID = "sg_g1" } do if tostring(m.text):find("hi") or tostring(m.content):find("hi") then print("hi") end end`); !strings.Contains(r.stdout, "hi") {
		t.Errorf("another conversation lost its messages: %s", r.stdout)
	}
	// What is sent then is seen, under a new number.
	r := p.wants(t, 0, "run", "-e", `
local sent = message.send { sendID = "alice", recvID = "bob", text = "new" }
print(message.wait { conversationID = sent.conversationID, userID = "bob", clientMsgID = sent.clientMsgID }.seq > 110)`)
	if r.stdout != "true\n" {
		t.Errorf("a message after the purge: %s", r.stdout)
	}
	p.wants(t, 1, "run", script, "--purge")
	p.wants(t, 1, "run", script, "--days", "soon")
}
