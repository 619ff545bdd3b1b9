package data

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings/fault"
)

func outcomes(rows []Repair) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.Kind+" "+r.ID+" "+r.Outcome)
	}
	slices.Sort(out)
	return out
}

func TestRepairLeavesAloneWhatChangedMeanwhile(t *testing.T) {
	w := newDeployment(t, startMongod(t), "", 2)
	w.insert("group_member", memberDoc("gone", "u01", 20, 1), memberDoc("gone", "u02", 20, 1), memberDoc("gone", "u03", 20, 1), memberDoc("late", "u01", 20, 1))
	w.update("seq", by("conversation_id", "sg_g2"), set("max_seq", int64(7)))
	w.update("seq", by("conversation_id", "sg_g1"), set("max_seq", int64(1)))
	w.update("msg", by("doc_id", "sg_g2:0"), set("msgs.4.msg.seq", int64(77)))
	var between map[string][]string
	rows, err := w.repaired(RepairParams{Kinds: []string{"seq_behind", "orphan_member", "message_misplaced"}, BackupNeeded: BackupNeeded{WithoutBackup: true}}, func() {
		w.update("group_member", by("group_id", "gone", "user_id", "u01"), set("nickname", "somebody was here"))
		w.remove("group_member", by("group_id", "gone", "user_id", "u02"))
		w.insert("group", groupDoc("late", "u01", 1)) // the group is there after all
		w.update("seq", by("conversation_id", "sg_g2"), set("max_seq", int64(1000)))
		w.update("msg", by("doc_id", "sg_g2:0"), set("msgs.4.msg.seq", int64(5)))
		between = w.dump()
	})
	want := []string{"message_misplaced sg_g2 changed", "orphan_member gone/u01 changed", "orphan_member gone/u02 changed",
		"orphan_member gone/u03 done", "orphan_member late/u01 changed", "seq_behind sg_g1 done", "seq_behind sg_g2 changed"}
	if got := outcomes(rows); !slices.Equal(got, want) {
		t.Errorf("the rows are\n%q\nwant\n%q", got, want)
	}
	if !fault.Is(err, fault.Partial) || !strings.Contains(err.Error(), "5 of 7") {
		t.Errorf("the error is %v", err)
	}
	if got, want := differences(between, w.dump()), []string{"group_join_version u03", "group_member gone/u03", "seq sg_g1"}; !slices.Equal(got, want) {
		t.Errorf("the repair touched %q, want %q", got, want)
	}
}

func TestRepairDropsCaches(t *testing.T) {
	w := newDeployment(t, startMongod(t), "", 3)
	ctx := t.Context()
	gone := []string{"GROUP_MEMBER_IDS:g1", "GROUP_MEMBERS_HASH2:g1", "GROUP_MEMBER_INFO:g1-ghost", "JOIN_GROUPS_KEY:ghost", "GROUP_MEMBER_NUM_CACHE:g1",
		"GROUP_ROLE_LEVEL_MEMBER_IDS:g1-20", "GROUP_ROLE_LEVEL_MEMBER_IDS:g1-100", "GROUP_MEMBER_MAX_VERSION:g1", "GROUP_JOIN_MAX_VERSION:ghost",
		"SEQ_USER_READ:sg_g2:u06", "SEQ_USER_MAX:sg_g2:u06", "SEQ_USER_MIN:sg_g2:u06", "MALLOC_SEQ:sg_g3", "MALLOC_MIN_SEQ:sg_g3", "MSG_CACHE:sg_g2:5"}
	stays := []string{"GROUP_MEMBER_IDS:g2", "GROUP_MEMBER_INFO:g1-u03", "GROUP_ROLE_LEVEL_MEMBER_IDS:g10-20", "JOIN_GROUPS_KEY:u03", "GROUP_INFO:g1",
		"SEQ_USER_READ:sg_g2:u07", "MSG_CACHE:sg_g2:6", "UID_PID_TOKEN_STATUS:ghost:IOS", "FCM_TOKEN:ghost:1", "MALLOC_SEQ:sg_g2"}
	for _, key := range slices.Concat(gone, stays) {
		if !strings.HasPrefix(key, counterPrefix) {
			if err := w.rdb.Set(ctx, key, "x", 0).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.insert("group_member", memberDoc("g1", "ghost", 20, 1))
	w.update("seq_user", by("user_id", "u06", "conversation_id", "sg_g2"), set("read_seq", int64(5000)))
	w.update("seq", by("conversation_id", "sg_g3"), set("max_seq", int64(1)))
	w.update("msg", by("doc_id", "sg_g2:0"), set("msgs.4.msg.seq", int64(77)))
	sub := w.rdb.Subscribe(ctx, "DELETE_CACHE_GROUP", "DELETE_CACHE_USER", "DELETE_CACHE_FRIEND", "DELETE_CACHE_CONVERSATION")
	defer func() { _ = sub.Close() }()
	for range 4 { // one confirmation a topic
		if _, err := sub.Receive(ctx); err != nil {
			t.Fatal(err)
		}
	}
	w.repair(RepairParams{Kinds: []string{"orphan_member", "read_ahead", "seq_behind", "message_misplaced"}, BackupNeeded: BackupNeeded{WithoutBackup: true}})
	if err := w.rdb.Publish(ctx, "DELETE_CACHE_USER", `["end"]`).Err(); err != nil {
		t.Fatal(err)
	}
	var heard []string
	for {
		m, err := sub.ReceiveMessage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		if err := json.Unmarshal([]byte(m.Payload), &keys); err != nil {
			t.Fatalf("%s heard %q", m.Channel, m.Payload)
		}
		if keys[0] == "end" {
			break
		}
		if m.Channel != "DELETE_CACHE_GROUP" {
			t.Errorf("%s heard %q", m.Channel, keys)
		}
		heard = append(heard, keys...)
	}
	for _, key := range gone {
		if n, err := w.rdb.Exists(ctx, key).Result(); n != 0 || err != nil {
			t.Errorf("%s is still there: %v", key, err)
		}
		if strings.Contains(key, "GROUP") && !slices.Contains(heard, key) {
			t.Errorf("the services were not told of %s", key)
		}
	}
	for _, key := range stays {
		if n, err := w.rdb.Exists(ctx, key).Result(); n != 1 || err != nil {
			t.Errorf("%s is gone: %v", key, err)
		}
		if slices.Contains(heard, key) {
			t.Errorf("the services were told of %s", key)
		}
	}
}

func TestInvalidateCollections(t *testing.T) {
	w := newDeployment(t, startMongod(t), "", 3)
	ctx := t.Context()
	for i := range 2500 {
		if err := w.rdb.Set(ctx, "USER_INFO:u"+strings.Repeat("x", i%7)+string(rune('a'+i%26))+strings.Repeat("y", i), "x", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	before, _ := w.rdb.DBSize(ctx).Result()
	n, err := invalidate(ctx, w.rdb, cachesOf("user", "seq"))
	if err != nil || n < 2500 {
		t.Errorf("%d keys deleted, %v", n, err)
	}
	if after, _ := w.rdb.DBSize(ctx).Result(); after != before-n {
		t.Errorf("%d keys before and %d after %d were deleted", before, after, n)
	}
	if keys, err := w.rdb.Keys(ctx, "*").Result(); err != nil || len(keys) != 0 {
		t.Errorf("left: %q, %v", keys, err)
	}
}

func TestGlobQuoted(t *testing.T) {
	w := newDeployment(t, startMongod(t), "", 3)
	ctx := t.Context()
	for _, key := range []string{"GROUP_ROLE_LEVEL_MEMBER_IDS:[ab]*-20", "GROUP_ROLE_LEVEL_MEMBER_IDS:ax-20"} {
		if err := w.rdb.Set(ctx, key, "x", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := invalidate(ctx, w.rdb, []caches{cachesOfRow("group_member", fieldsOf("group_id", "[ab]*"))}); err != nil {
		t.Fatal(err)
	}
	left, err := w.rdb.Keys(ctx, "GROUP*").Result()
	if err != nil || !slices.Equal(left, []string{"GROUP_ROLE_LEVEL_MEMBER_IDS:ax-20"}) {
		t.Errorf("left: %q, %v", left, err)
	}
}

func TestRepairAsksForABackup(t *testing.T) {
	w := newDeployment(t, startMongod(t), "", 3)
	w.update("seq", by("conversation_id", "sg_g2"), set("max_seq", int64(7)))
	before := w.dump()
	for name, c := range map[string]struct {
		p    RepairParams
		kind fault.Kind
		says string
	}{
		"no kinds":       {RepairParams{BackupNeeded: BackupNeeded{WithoutBackup: true}}, fault.Usage, "kinds"},
		"unknown kind":   {RepairParams{Kinds: []string{"seq_behin"}, BackupNeeded: BackupNeeded{WithoutBackup: true}}, fault.Usage, "did you mean seq_behind"},
		"no backup":      {RepairParams{Kinds: []string{"seq_behind"}}, fault.Denied, "no backup is named"},
		"both":           {RepairParams{Kinds: []string{"seq_behind"}, BackupNeeded: BackupNeeded{Backup: "x", WithoutBackup: true}}, fault.Usage, "exclude"},
		"missing backup": {RepairParams{Kinds: []string{"seq_behind"}, BackupNeeded: BackupNeeded{Backup: "nowhere.tar.zst"}}, "", "nowhere.tar.zst"},
	} {
		_, err := w.repaired(c.p, func() {})
		if err == nil || c.kind != "" && !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.env.DryRun = true
	rows, err := w.repaired(RepairParams{Kinds: []string{"seq_behind"}}, func() {})
	if got := outcomes(rows); err != nil || !slices.Equal(got, []string{"seq_behind sg_g2 planned"}) {
		t.Errorf("a dry run: %q, %v", got, err)
	}
	if got := differences(before, w.dump()); len(got) > 0 {
		t.Errorf("touched: %q", got)
	}
}

func TestRepairWithABackup(t *testing.T) {
	d := newDeployment(t, startMongod(t), "", 3)
	d.update("seq", by("conversation_id", "sg_g2"), set("max_seq", int64(7)))
	file := filepath.Join(t.TempDir(), "before.tar.zst")
	if _, err := runBackup(t.Context(), d.env, BackupParams{To: file, Parallel: 2, Consistency: "auto"}); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := RepairParams{Kinds: []string{"seq_behind"}, BackupNeeded: BackupNeeded{Backup: file}}
	if err := os.WriteFile(file, whole[:len(whole)-100], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.repaired(p, func() {}); err == nil {
		t.Error("a cut backup was taken for one")
	}
	if err := os.WriteFile(file, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	d.env.Target.Name = "another"
	if _, err := d.repaired(p, func() {}); !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), `"test"`) {
		t.Errorf("a backup of another context: %v", err)
	}
	if n := d.number("seq", by("conversation_id", "sg_g2"), "max_seq"); n != 7 {
		t.Errorf("repaired without a good backup: max_seq is %d", n)
	}
	d.env.Target.Name = "test"
	if rows, err := d.repaired(p, func() {}); err != nil || len(rows) != 1 || rows[0].Outcome != "done" {
		t.Errorf("with a backup: %+v, %v", rows, err)
	}
}
