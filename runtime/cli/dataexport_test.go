package cli_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// dataWorld makes 100 accounts, 10 groups, friends, and 3,000 messages, with texts of all kinds, and some of what an export
// meets: revoked and deleted messages, muted groups and members, accounts that receive nothing, one-sided friendships.
const dataWorld = `
local function text(i)
	local odd = { "plain", "表情 😀👩‍👩‍👧", "two\r\nlines\rand\nmore", "tab\tand \1 \27[31m \127", 'quote " and, comma', "  spaces  ", "<b>&amp;</b>\\u0041",
		"\239\187\191mark", "007", "1e400", "=1+1", string.rep("long ", 400), "null", "\226\128\168 \226\128\174" }
	return odd[i % #odd + 1]
end
local users = {}
for i = 1, 100 do users[i] = { userID = "u" .. i, nickname = text(i) .. i, ex = text(i + 3), faceURL = "http://x/" .. i } end
users[7].nickname = string.rep("名", 2000)
user.register { users = users }
for i = 1, 60 do
	friend.import { ownerUserID = "u" .. i, friendUserIDs = { "u" .. i + 1, "u" .. i + 20 } }
	if i % 3 == 0 then friend.update { ownerUserID = "u" .. i, friendUserIDs = { "u" .. i + 1 }, remark = text(i), isPinned = i % 2 == 0, ex = text(i + 1) } end
end
friend.delete { ownerUserID = "u5", friendUserIDs = { "u25" }, one_way = true }
for g = 1, 10 do
	local members = {}
	for i = g + 1, g + 30 do members[#members + 1] = "u" .. i end
	group.create { groupID = "g" .. g, groupName = text(g), ownerUserID = "u" .. g, memberUserIDs = members, introduction = text(g + 1), ex = text(g + 2) }
	group.set_role { groupID = "g" .. g, userIDs = { "u" .. g + 1 }, role = "admin" }
	group.set_member_info { groupID = "g" .. g, userID = "u" .. g + 2, nickname = text(g + 5), ex = "m" }
end
task.map({ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, function(part)
	for i = part * 300 + 1, part * 300 + 300 do
		local from = i % 40 + 1
		local m = { sendID = "u" .. from, ex = i % 5 == 0 and text(i) or nil, senderNickname = "N", senderPlatformID = i % 12 + 1 }
		if i % 3 == 0 then
			m.groupID = "g" .. math.max(1, math.min(10, from - 5))
			m.sendID = "u" .. math.max(1, math.min(10, from - 5)) + i % 7
		else m.recvID = "u" .. from + i % 7 + 1 end
		if i % 50 == 0 then m.contentType, m.content = 114, { text = "", quoteMessage = { n = int64("12345678901234567") } }
		elseif i % 11 == 0 then m.markdown = text(i) elseif i % 13 == 0 then m.custom = { n = i, s = text(i) }
		elseif i % 17 == 0 then m.image = "http://x/p.png" else m.text = text(i) .. " " .. i end
		message.send(m)
	end
end, { concurrency = 10 })
message.send { sendID = "imAdmin", recvID = "u1", contentType = 1400, content = { notificationName = "n", notificationType = 1, text = "hello", mixType = 0 } }
for _ = 1, 3 do message.send { sendID = "u1", recvID = "u2", text = "the same", sendTime = 1700000000000 } end
group.create { groupID = "g11", groupName = "Gone", ownerUserID = "u1", memberUserIDs = { "u2" } }
message.send { sendID = "u1", groupID = "g11", text = "the last" }
message.wait { sendID = "u1", groupID = "g11", text = "the last" }
group.dismiss("g11")
local wrong = message.send { sendID = "u1", recvID = "u3", text = "wrong" }
message.wait { conversationID = wrong.conversationID, userID = "u1", clientMsgID = wrong.clientMsgID }
message.revoke { conversationID = wrong.conversationID, userID = "u1", clientMsgID = wrong.clientMsgID }
message.delete { conversationID = "si_u1_u2", userID = "u1", seqs = { 2, 3 } }
message.delete { conversationID = "si_u2_u3", userID = "u2", seqs = { 2 }, for_all = true }
message.erase { conversationID = "sg_g1", seqs = { 4, 5 } }
group.mute("g3")
group.mute { groupID = "g4", userIDs = { "u6" }, mutedSeconds = "1000h" }
user.update { userID = "u9", globalRecvMsgOpt = 1 }
user.update { userID = "u10", globalRecvMsgOpt = 2 }
conversation.set { ownerUserID = "u2", userID = "u3", isPinned = true, recvMsgOpt = 1, ex = text(3) }
conversation.mark_read { ownerUserID = "u3", userID = "u2" }
conversation.set { ownerUserID = "u3", groupID = "g2", recvMsgOpt = 2, attachedInfo = text(2) }`

func newWorld(t *testing.T) person {
	t.Helper()
	p := newPerson(t, true)
	p.wants(t, 0, "run", "-e", dataWorld)
	return p
}

// rowsOf are the rows of a file of an export.
func rowsOf(t *testing.T, folder, kind string) []map[string]any {
	t.Helper()
	f, err := os.Open(filepath.Join(folder, kind+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []map[string]any
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row map[string]any
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		out = append(out, row)
	}
	return out
}

// content is an export without what a server makes itself: by kind, and of messages by conversation, the rows as texts.
// What an import can't bring over is left out.
func content(t *testing.T, folder string) map[string][]string {
	t.Helper()
	own := map[string][]string{
		"users":         {"createTime"},
		"friends":       {"createTime", "addSource", "operatorUserID"},
		"groups":        {"createTime"},
		"members":       {"joinTime", "joinSource", "inviterUserID", "operatorUserID", "muteEndTime"},
		"conversations": {"unread", "minSeq", "maxSeq", "latestMsgDestructTime"},
		"messages":      {"seq", "clientMsgID", "serverMsgID", "msgFrom", "createTime", "status", "isRead", "options"},
	}
	out := map[string][]string{}
	for kind, drop := range own {
		for _, row := range rowsOf(t, folder, kind) {
			if row["groupID"] == "g11" { // dismissed: it is in the export alone
				continue
			}
			at := kind
			if kind == "messages" {
				if n := row["contentType"].(float64); n >= 1000 && n <= 5000 && n != 1400 || row["status"] == 4.0 {
					continue
				}
				at += " " + row["conversationID"].(string)
				var plain any
				if err := json.Unmarshal([]byte(row["content"].(string)), &plain); err != nil {
					t.Fatal(err)
				}
				row["content"] = plain
			}
			if kind == "members" {
				row["muted"] = row["muteEndTime"].(float64) > float64(time.Now().UnixMilli())
			}
			for _, field := range drop {
				delete(row, field)
			}
			text, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			out[at] = append(out[at], string(text))
		}
	}
	for at, rows := range out {
		if !strings.HasPrefix(at, "messages") {
			slices.Sort(rows)
		}
	}
	return out
}

// sameContent fails where two exports differ.
func sameContent(t *testing.T, what string, want, got map[string][]string) {
	t.Helper()
	keys := slices.Sorted(maps.Keys(want))
	if other := slices.Sorted(maps.Keys(got)); !slices.Equal(keys, other) {
		t.Errorf("%s: has %v, want %v", what, other, keys)
	}
	for _, k := range keys {
		if reflect.DeepEqual(want[k], got[k]) {
			continue
		}
		for i := range max(len(want[k]), len(got[k])) {
			var a, b string
			if i < len(want[k]) {
				a = want[k][i]
			}
			if i < len(got[k]) {
				b = got[k][i]
			}
			if a != b {
				t.Errorf("%s: %s has %d rows, want %d; the first that differs is %d:\n%.600s\nwant\n%.600s", what, k, len(got[k]), len(want[k]), i+1, b, a)
				break
			}
		}
	}
}

// folder is where the person's server is exported to.
func (p person) folder(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "export")
	p.wants(t, 0, "data", "export", folder)
	return folder
}

func (p person) exported(t *testing.T) map[string][]string {
	t.Helper()
	return content(t, p.folder(t))
}

// imported are the counts of an import, by kind.
func imported(t *testing.T, r result) map[string]string {
	t.Helper()
	var rows []struct {
		Kind                        string
		Rows, Done, Skipped, Failed int
	}
	if err := json.Unmarshal([]byte(r.stdout), &rows); err != nil {
		t.Fatalf("%v in %s", err, r.stdout)
	}
	out := map[string]string{}
	for _, row := range rows {
		out[row.Kind] = fmt.Sprintf("%d done, %d skipped, %d failed", row.Done, row.Skipped, row.Failed)
		if row.Rows != row.Done+row.Skipped+row.Failed {
			t.Errorf("%+v does not add up", row)
		}
	}
	return out
}

// TestDataRoundTrip: a world is exported, imported elsewhere, and exported again; the same by CSV, by copy, and after kills.
func TestDataRoundTrip(t *testing.T) {
	t.Parallel()
	from := newWorld(t)
	folder := from.folder(t)
	want := content(t, folder)
	messages := 0
	for at, rows := range want {
		if strings.HasPrefix(at, "messages ") {
			messages += len(rows)
		}
	}
	if messages < 2990 || messages > 3004 {
		t.Errorf("%d messages in the export", messages)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	draw := rand.New(rand.NewPCG(seed, 0))
	var took time.Duration // of an import; kills come within a part of it, since those before them leave less to do
	t.Run("jsonl", func(t *testing.T) {
		to := newPerson(t, true)
		planned := imported(t, to.wants(t, 0, "--dry-run", "data", "import", folder, "-o", "json"))
		if rows := to.exported(t)["users"]; len(rows) != 1 {
			t.Errorf("after a dry run there are %d accounts", len(rows))
		}
		r := to.wants(t, 0, "data", "import", folder, "-o", "json")
		took = r.took
		done := imported(t, r)
		delete(done, "conversations") // most of them come with their messages, which a dry run does not send
		delete(planned, "conversations")
		if !reflect.DeepEqual(done, planned) {
			t.Errorf("done\n%v\nplanned\n%v", done, planned)
		}
		sameContent(t, "import", want, to.exported(t))
		for _, row := range rowsOf(t, to.folder(t), "conversations") {
			if row["ownerUserID"] == "u3" && row["conversationID"] == "si_u2_u3" && row["unread"] != 0.0 {
				t.Errorf("read messages are unread: %v", row["unread"])
			}
		}
		again := imported(t, to.wants(t, 0, "data", "import", folder, "-o", "json"))
		if got := again["messages"]; !strings.HasPrefix(got, "0 done") {
			t.Errorf("the second time, of the messages: %s", got)
		}
		sameContent(t, "import, twice", want, to.exported(t))
	})
	t.Run("csv", func(t *testing.T) {
		csv := filepath.Join(t.TempDir(), "csv")
		from.wants(t, 0, "data", "export", csv, "--format", "csv")
		to := newPerson(t, true)
		to.wants(t, 0, "data", "import", csv)
		sameContent(t, "import of CSV", want, to.exported(t))
	})
	t.Run("copy", func(t *testing.T) {
		to := newPerson(t, true)
		person{home: to.home}.wants(t, 0, "context", "add", "old", "--api", from.server.API, "--secret-file", write(t, "secret", from.server.Secret))
		for range 3 {
			cmd := to.command(context.Background(), t, "data", "copy", "old")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(draw.Int64N(int64(took))))
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
		to.wants(t, 0, "data", "copy", "old")
		sameContent(t, "copy", want, to.exported(t))
		left, err := filepath.Glob(filepath.Join(to.home, ".local/state/imctl/contexts/*/copies/*"))
		if err != nil || len(left) > 0 {
			t.Errorf("left in the state folder: %v %v", left, err)
		}
	})
	t.Run("killed", func(t *testing.T) {
		to := newPerson(t, true)
		killed := 0
		for range 10 {
			cmd := to.command(context.Background(), t, "data", "import", folder)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(draw.Int64N(int64(took) / 3)))
			_ = cmd.Process.Kill()
			if err := cmd.Wait(); err != nil {
				killed++
			}
		}
		if killed == 0 {
			t.Error("every import ended before it was killed")
		}
		t.Logf("%d of 10 killed, in an import of %s", killed, took)
		to.wants(t, 0, "data", "import", folder)
		sameContent(t, "import after kills", want, to.exported(t))
	})
}

// TestExportImportScript: the shipped script moves what a server has to another, by a folder and by a context.
func TestExportImportScript(t *testing.T) {
	t.Parallel()
	from, to := newPerson(t, true), newPerson(t, true)
	from.wants(t, 0, "run", "-e", `
user.register { users = { { userID = "ann", nickname = "Ann" }, { userID = "ben", nickname = "Ben" }, { userID = "cid", nickname = "Cid" } } }
group.create { groupID = "g1", groupName = "G", ownerUserID = "ann", memberUserIDs = { "ben" } }
for i = 1, 20 do message.send { sendID = "ben", groupID = "g1", text = "m" .. i } end
message.wait { sendID = "ben", groupID = "g1", text = "m20" }`)
	script := shipped(t, "migrate/export_import.lua")
	folder := filepath.Join(t.TempDir(), "folder")
	if r := from.wants(t, 0, "run", script, "--export", folder, "--csv"); !strings.Contains(r.stdout, "passwords") || !strings.Contains(r.stdout, "users          4") {
		t.Error(r.stdout)
	}
	if r := to.wants(t, 0, "--dry-run", "run", script, "--import", folder); !strings.Contains(r.stdout, "nothing was written") {
		t.Error(r.stdout)
	}
	for i, want := range []string{"20 done", "0 done"} {
		if r := to.wants(t, 0, "run", script, "--import", folder); !strings.Contains(r.stdout, "messages       21 rows: "+want) || !strings.Contains(r.stdout, "all messages are there") {
			t.Errorf("import %d:\n%s%s", i+1, r.stdout, r.stderr)
		}
	}
	third := newPerson(t, true)
	person{home: third.home}.wants(t, 0, "context", "add", "old", "--api", from.server.API, "--secret-file", write(t, "secret", from.server.Secret))
	if r := third.wants(t, 0, "run", script, "--from", "old", "--user", "ben"); !strings.Contains(r.stdout, "users          3 rows: 2 done, 1 skipped, 0 failed") {
		t.Error(r.stdout)
	}
	third.wants(t, 1, "run", script)
	third.wants(t, 1, "run", script, "--import", folder, "--from", "old")
}
