package data

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/bindingtest"
	"github.com/openimsdk/imctl/bindings/fault"
)

// purged runs data.purge as Invoke does: the preview first, and then what it listed.
func (w *deployment) purged(p PurgeParams, between func()) (bindings.Preview, []Purge, error) {
	w.t.Helper()
	if p.Limit == 0 {
		p.Limit = 100
	}
	p.WithoutBackup = !p.List
	preview, err := previewPurge(w.t.Context(), w.env, &p)
	if err != nil {
		return preview, nil, err
	}
	between()
	var out []Purge
	for row, err := range runPurge(w.t.Context(), w.env, p) {
		if err != nil {
			return preview, out, err
		}
		out = append(out, row)
	}
	return preview, out, nil
}

func nothing() {}

// messageAt is when a message of the deployment was sent: one an hour from 400 days ago.
func (w *deployment) messageAt(seq int64) string {
	return w.now.Add(-400*24*time.Hour + time.Duration(seq)*time.Hour).Format(time.RFC3339)
}

// stored are the seqs of a conversation that have a message.
func (w *deployment) stored(conversation string) []int64 {
	w.t.Helper()
	var out []int64
	err := read(w.t.Context(), w.db.Collection("msg"), ofConversation(conversation), nil, nil, func(doc bson.Raw) error {
		_, n, _ := parseDocID(text(doc, "doc_id"))
		elements, err := messageElements(doc)
		for i, e := range elements {
			if _, ok := message(e); ok {
				out = append(out, n*docMessages+int64(i)+1)
			}
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func TestPurgeMessages(t *testing.T) {
	t.Parallel()
	w := newDeployment(t, startMongod(t), "", 6)
	ctx := t.Context()
	for _, key := range []string{"MSG_CACHE:sg_g2:3", "MALLOC_MIN_SEQ:sg_g2", "MSG_CACHE:sg_g2:105"} {
		if err := w.rdb.Set(ctx, key, "x", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	high := highestStored(w, "sg_g2")
	clean := w.dump()

	// Nothing is old enough; a bad time is refused; without a backup nothing goes.
	if p, rows, err := w.purged(PurgeParams{What: "messages", OlderThan: "401d"}, nothing); err != nil || p.Count != 0 || len(rows) != 0 {
		t.Errorf("older than all: %+v %v %v", p, rows, err)
	}
	for _, p := range []PurgeParams{{What: "messages"}, {What: "messages", OlderThan: "3 years"}, {What: "messages", Before: "yesterday"},
		{What: "messages", Before: "2099-01-01"}, {What: "messages", Before: "2025-01-01", OlderThan: "1d"}, {What: "groups", OlderThan: "1d", ConversationID: []string{"x"}}} {
		if _, _, err := w.purged(p, nothing); !fault.Is(err, fault.Usage) {
			t.Errorf("%+v: %v", p, err)
		}
	}
	if _, err := previewPurge(ctx, w.env, &PurgeParams{What: "messages", OlderThan: "1d"}); !fault.Is(err, fault.Denied) {
		t.Errorf("without a backup: %v", err)
	}

	// Of sg_g2 the first document goes, and two places of the second.
	p := PurgeParams{What: "messages", Before: w.messageAt(103), ConversationID: []string{"sg_g2"}, List: true}
	_, rows, err := w.purged(p, nothing)
	if err != nil || len(rows) != 1 || rows[0].Messages != 102 || rows[0].UpTo != 102 || rows[0].Outcome != "listed" {
		t.Fatalf("the list is %+v, %v", rows, err)
	}
	if d := differences(clean, w.dump()); len(d) > 0 {
		t.Fatalf("a list touched %q", d)
	}
	p.List = false
	_, rows, err = w.purged(p, nothing)
	if err != nil || len(rows) != 1 || rows[0].Outcome != "purged" {
		t.Fatalf("the purge gave %+v, %v", rows, err)
	}
	if got := w.stored("sg_g2"); got[0] != 103 || got[len(got)-1] != high || int64(len(got)) != high-102 {
		t.Errorf("left are %v", got)
	}
	if n := w.number("seq", by("conversation_id", "sg_g2"), "min_seq"); n != 103 {
		t.Errorf("min_seq is %d", n)
	}
	if got, want := differences(clean, w.dump()), []string{"msg sg_g2:0", "msg sg_g2:1", "seq sg_g2"}; !slices.Equal(got, want) {
		t.Errorf("touched %q, want %q", got, want)
	}
	if keys := w.rdb.Keys(ctx, "M*:sg_g2*").Val(); !slices.Contains(keys, "MSG_CACHE:sg_g2:105") || len(keys) != 2 { // and the live counter
		t.Errorf("the keys are %q", keys)
	}
	if got := w.check(); len(got) > 0 {
		t.Errorf("data.check finds %q", got)
	}
	if _, rows, err := w.purged(p, nothing); err != nil || len(rows) != 0 {
		t.Errorf("again: %+v %v", rows, err)
	}
}

func TestPurgeMessagesThatChangedMeanwhile(t *testing.T) {
	w := newDeployment(t, startMongod(t), "", 7)
	high := highestStored(w, "sg_g1") // all in one document, and all old
	_, rows, err := w.purged(PurgeParams{What: "messages", OlderThan: "1d"}, func() {
		now := w.now.UnixMilli()
		w.update("msg", by("doc_id", "sg_g1:0"), set(fmt.Sprintf("msgs.%d.msg", high), messageOf("sg_g1", "g1", []string{"u03"}, high+1, now)))
		w.update("seq", by("conversation_id", "sg_g3"), set("max_seq", int64(1)))
		w.insert("msg", messageDocs("si_u10_u11", "", []string{"u10", "u11"}, 3, now-2*24*3600_000)...) // old, and not listed
	})
	if !fault.Is(err, fault.Partial) || !strings.Contains(err.Error(), "1 of 8") {
		t.Errorf("the error is %v", err)
	}
	for _, row := range rows {
		if want := map[bool]string{true: "changed", false: "purged"}[row.ID == "sg_g3"]; row.Outcome != want {
			t.Errorf("%+v", row)
		}
	}
	if got := w.stored("sg_g1"); !slices.Equal(got, []int64{high + 1}) {
		t.Errorf("of sg_g1 are left %v", got)
	}
	if got := w.stored("sg_g0"); len(got) > 0 {
		t.Errorf("of sg_g0 are left %v", got)
	}
	if got := w.stored("si_u10_u11"); len(got) != 3 {
		t.Errorf("of what was not listed are left %v", got)
	}
	if got := w.stored("sg_g3"); len(got) == 0 {
		t.Error("sg_g3 was purged though its seq is behind")
	}
}

func TestPurgeIsInterruptedAndGoesOn(t *testing.T) {
	w := newDeployment(t, startMongod(t), "", 8)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	p := PurgeParams{What: "messages", OlderThan: "1d", BackupNeeded: BackupNeeded{WithoutBackup: true}, Limit: 100}
	if _, err := previewPurge(ctx, w.env, &p); err != nil {
		t.Fatal(err)
	}
	var last error
	rows := 0
	for _, err := range runPurge(ctx, w.env, p) {
		if last = err; err == nil {
			if rows++; rows == 3 {
				cancel(context.Canceled)
			}
		}
	}
	if rows != 3 || !fault.Is(fault.From(last), fault.Canceled) {
		t.Fatalf("interrupted after %d rows with %v", rows, last)
	}
	preview, again, err := w.purged(p, nothing)
	if err != nil || len(again) != 5 || preview.Count != 5 {
		t.Errorf("then %d rows, %v", len(again), err)
	}
	if n, err := w.db.Collection("msg").CountDocuments(t.Context(), bson.D{}); n != 0 || err != nil {
		t.Errorf("%d documents are left, %v", n, err)
	}
}

func TestPurgeGroups(t *testing.T) {
	t.Parallel()
	w := newDeployment(t, startMongod(t), "", 9)
	var warnings []string
	w.env.API = bindingtest.Env(t, []bindingtest.Call{{"/group/dismiss_group", `{"groupID":"g1","deleteMember":true}`, ""}}, &warnings).API
	now := w.now.UnixMilli()
	old := now - 390*24*3600_000
	w.insert("group", groupDoc("empty", "u01", old), groupDoc("fresh", "u01", now))
	w.update("group", by("group_id", "g0"), set("status", int32(2)))
	w.insert("group_request", by("group_id", "g0", "user_id", "u07"), by("group_id", "g2", "user_id", "u07"))
	w.update("msg", by("doc_id", "sg_g2:0"), set("msgs.3.msg.send_time", now)) // in use
	w.update("group_member", by("group_id", "g3", "user_id", "u10"), set("join_time", date(now)))
	clean := w.dump()
	preview, rows, err := w.purged(PurgeParams{What: "groups", OlderThan: "200d"}, nothing)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		why, _, _ := strings.Cut(r.Why, ";")
		got = append(got, r.ID+" "+why+" "+r.Outcome)
	}
	if want := []string{"empty no members purged", "g0 dismissed purged", "g1 4 members, silent purged"}; !slices.Equal(got, want) || preview.Count != 3 {
		t.Errorf("purged are %q, want %q", got, want)
	}
	left := differences(clean, w.dump())
	want := []string{"group empty", "group g0", "group g1", "group_join_version u00", "group_join_version u01", "group_join_version u02",
		"group_join_version u03", "group_join_version u04", "group_join_version u05", "group_join_version u06",
		"group_member g0/u00", "group_member g0/u01", "group_member g0/u02", "group_member g1/u03", "group_member g1/u04", "group_member g1/u05", "group_member g1/u06",
		"group_member_version g0", "group_member_version g1", "group_request g0/u07"}
	if !slices.Equal(left, want) {
		t.Errorf("touched\n%q\nwant\n%q", left, want)
	}
	if got := w.check("orphan_member"); len(got) > 0 {
		t.Errorf("data.check finds %q", got)
	}
}

func TestPurgeAccounts(t *testing.T) {
	t.Parallel()
	w := newDeployment(t, startMongod(t), "", 10)
	ctx := t.Context()
	now := w.now.UnixMilli()
	old := now - 390*24*3600_000
	w.insert("user", userDoc("idle1", 1, old), userDoc("idle2", 1, old), userDoc("online", 1, old), userDoc("logged_in", 1, old), userDoc("fresh", 1, now),
		userDoc("news", 3, old), userDoc("robot", 4, old), userDoc("appadmin", 2, old))
	w.insert("friend", friendDoc("idle1", "u00", old), friendDoc("u00", "idle1", old))
	w.insert("group_member", memberDoc("g2", "idle1", 20, old))
	w.insert("conversation", conversationDoc("idle1", "sg_g2", "g2", old), conversationDoc("u00", "si_idle1_u00", "", old))
	w.insert("account", by("user_id", "idle1", "password", "x"), by("user_id", "u00", "password", "x"))
	w.insert("user_login_record", by("user_id", "logged_in", "login_time", date(now)))
	if err := w.rdb.Do(ctx, "ZADD", "ONLINE:online", now/1000+60, "1").Err(); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"UID_PID_TOKEN_STATUS:idle1:IOS", "USER_INFO:idle1", "FRIEND_IDS:u00", "FCM_TOKEN:idle1:1", "USER_INFO:u00", "UID_PID_TOKEN_STATUS:idle10:IOS"} {
		if err := w.rdb.Set(ctx, key, "x", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 12 { // the others are in use
		w.update("user", by("user_id", fmt.Sprintf("u%02d", i)), set("create_time", date(now)))
	}
	var warnings []string
	w.env.API = bindingtest.Env(t, []bindingtest.Call{{"*/auth/force_logout", "", ""}}, &warnings).API
	clean := w.dump()
	_, rows, err := w.purged(PurgeParams{What: "accounts", OlderThan: "200d", List: true}, nothing)
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	if err != nil || !slices.Equal(ids, []string{"idle1", "idle2"}) {
		t.Fatalf("listed are %q, %v", ids, err)
	}
	if d := differences(clean, w.dump()); len(d) > 0 {
		t.Errorf("a list touched %q", d)
	}
	var calls []bindingtest.Call
	for platform := range lastPlatform {
		calls = append(calls, bindingtest.Call{"/auth/force_logout", fmt.Sprintf(`{"userID":"idle1","platformID":%d}`, platform+1), ""})
	}
	calls = append(calls, bindingtest.Call{"/group/quit_group", `{"groupID":"g2","userID":"idle1"}`, ""},
		bindingtest.Call{"/friend/delete_friend", `{"ownerUserID":"idle1","friendUserID":"u00"}`, ""},
		bindingtest.Call{"/friend/delete_friend", `{"ownerUserID":"u00","friendUserID":"idle1"}`, ""})
	w.env.API = bindingtest.Env(t, calls, &warnings).API
	_, rows, err = w.purged(PurgeParams{What: "accounts", OlderThan: "200d"}, func() {
		w.update("user", by("user_id", "idle2"), set("app_manger_level", int32(2)))
		clean = w.dump()
	})
	if !fault.Is(err, fault.Partial) || len(rows) != 2 || rows[0].Outcome != "purged" || rows[1].Outcome != "changed" || rows[0].Left == "" {
		t.Errorf("%+v, %v", rows, err)
	}
	want := []string{"account idle1", "conversation sg_g2/idle1", "friend idle1/u00", "friend u00/idle1", "friend_version u00", "group_member g2/idle1", "group_member_version g2", "user idle1"}
	if got := differences(clean, w.dump()); !slices.Equal(got, want) {
		t.Errorf("touched\n%q\nwant\n%q", got, want)
	}
	keys := w.rdb.Keys(ctx, "*").Val()
	for _, key := range []string{"UID_PID_TOKEN_STATUS:idle1:IOS", "USER_INFO:idle1", "FRIEND_IDS:u00", "FCM_TOKEN:idle1:1"} {
		if slices.Contains(keys, key) {
			t.Errorf("%s is still there", key)
		}
	}
	for _, key := range []string{"USER_INFO:u00", "UID_PID_TOKEN_STATUS:idle10:IOS"} {
		if !slices.Contains(keys, key) {
			t.Errorf("%s is gone", key)
		}
	}
}
