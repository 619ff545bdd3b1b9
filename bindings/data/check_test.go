package data

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/openimsdk/imctl/bindings/fault"
)

func TestCheckFindsNothingInACleanStore(t *testing.T) {
	m := startMongod(t)
	for seed := range int64(2) {
		w := newDeployment(t, m, fmt.Sprint("clean", seed), seed)
		if got := w.check(); len(got) > 0 || len(w.warnings) > 0 {
			t.Errorf("seed %d: a clean store has %q, warnings %q", seed, got, w.warnings)
		}
	}
}

// planted is a damage, what data.check says of it, and which documents its repair may touch.
type planted struct {
	name    string
	plant   func(*deployment)
	found   []string
	touches []string
	stays   []string // what a check finds after the repair
}

var damages = []planted{
	{"seq behind", func(w *deployment) { w.update("seq", by("conversation_id", "sg_g2"), set("max_seq", int64(7))) },
		[]string{"seq_behind seq sg_g2 HIGHEST"}, []string{"seq sg_g2"}, nil},
	{"seq missing", func(w *deployment) { w.remove("seq", by("conversation_id", "sg_g2")) },
		[]string{"seq_behind seq sg_g2 HIGHEST"}, []string{"seq sg_g2"}, nil},
	{"live counter behind", func(w *deployment) { w.counter("sg_g2", 3, w.number("seq", by("conversation_id", "sg_g2"), "max_seq")) },
		[]string{"live_seq_behind seq sg_g2 HIGHEST"}, nil, nil},
	{"live counter of another deployment", func(w *deployment) { w.counter("sg_g2", 9000, 9050) },
		[]string{"live_seq_behind seq sg_g2 HIGHEST"}, []string{"seq sg_g2"}, nil},
	{"read ahead", func(w *deployment) {
		w.update("seq_user", by("user_id", "u06", "conversation_id", "sg_g2"), set("read_seq", int64(5000)))
	}, []string{"read_ahead seq_user sg_g2/u06"}, []string{"seq_user sg_g2/u06"}, nil},
	{"min above max", func(w *deployment) { w.update("seq", by("conversation_id", "sg_g2"), set("min_seq", int64(5000))) },
		[]string{"min_above_max seq sg_g2"}, []string{"seq sg_g2"}, nil},
	{"a user's min above max", func(w *deployment) {
		w.update("seq_user", by("user_id", "u06", "conversation_id", "sg_g2"), set("min_seq", int64(5000)))
	}, []string{"min_above_max seq_user sg_g2/u06"}, []string{"seq_user sg_g2/u06"}, nil},
	{"two seq rows", func(w *deployment) { w.insert("seq", seqDoc("sg_g2", 3, 2)) },
		[]string{"duplicate_seq_row seq sg_g2"}, []string{"seq sg_g2"}, nil},
	{"three seq_user rows", func(w *deployment) {
		w.insert("seq_user", userSeqDoc("u06", "sg_g2", 1, 0, 1), userSeqDoc("u06", "sg_g2", 0, 0, 0))
	}, []string{"duplicate_seq_row seq_user sg_g2/u06"}, []string{"seq_user sg_g2/u06"}, nil},
	{"a member of no group", func(w *deployment) { w.insert("group_member", memberDoc("gone", "u01", 20, 1)) },
		[]string{"orphan_member group_member gone/u01"}, []string{"group_join_version u01", "group_member gone/u01"}, nil},
	{"a member that is no user", func(w *deployment) { w.insert("group_member", memberDoc("g1", "ghost", 20, 1)) },
		[]string{"orphan_member group_member g1/ghost"}, []string{"group_member g1/ghost", "group_member_version g1"}, nil},
	{"a friend that is no user", func(w *deployment) { w.insert("friend", friendDoc("u01", "ghost", 1)) },
		[]string{"orphan_friend friend u01/ghost"}, []string{"friend u01/ghost", "friend_version u01"}, nil},
	{"a block of no user", func(w *deployment) {
		w.insert("black", by("owner_user_id", "u01", "block_user_id", "ghost", "operator_user_id", "", "ex", "", "add_source", int32(0), "create_time", date(1)))
	}, []string{"orphan_friend black u01/ghost"}, []string{"black u01/ghost"}, nil},
	{"one-sided friends", func(w *deployment) { w.remove("friend", by("owner_user_id", "u01", "friend_user_id", "u00")) },
		[]string{"one_sided_friend friend u00/u01 not repairable"}, nil, []string{"one_sided_friend friend u00/u01 not repairable"}},
	{"no owner", func(w *deployment) {
		w.update("group_member", by("group_id", "g1", "user_id", "u03"), set("role_level", int32(20)))
	}, []string{"group_without_owner group g1"}, []string{"group_join_version u03", "group_member g1/u03", "group_member_version g1"}, nil},
	{"no owner and no creator", func(w *deployment) { w.remove("group_member", by("group_id", "g1", "user_id", "u03")) },
		[]string{"group_without_owner group g1"}, []string{"group_join_version u04", "group_member g1/u04", "group_member_version g1"}, nil},
	{"no owner and no member", func(w *deployment) { w.insert("group", groupDoc("empty", "u01", 1)) },
		[]string{"group_without_owner group empty not repairable"}, nil, []string{"group_without_owner group empty not repairable"}},
	{"two owners", func(w *deployment) {
		w.update("group_member", by("group_id", "g1", "user_id", "u05"), set("role_level", int32(100)))
	}, []string{"group_two_owners group g1"}, []string{"group_join_version u05", "group_member g1/u05", "group_member_version g1"}, nil},
	{"an owner that is no user", func(w *deployment) {
		w.update("group_member", by("group_id", "g1", "user_id", "u03"), set("user_id", "ghost"))
	}, []string{"group_without_owner group g1", "orphan_member group_member g1/ghost"},
		[]string{"group_join_version u04", "group_member g1/ghost", "group_member g1/u04", "group_member_version g1"}, nil},
	{"a message in the wrong place", func(w *deployment) { w.update("msg", by("doc_id", "sg_g2:0"), set("msgs.4.msg.seq", int64(77))) },
		[]string{"message_misplaced msg sg_g2 5"}, []string{"msg sg_g2:0"}, nil},
	{"a message without a number", func(w *deployment) {
		w.update("msg", by("doc_id", "sg_g2:0"), bson.D{{Key: "$unset", Value: by("msgs.4.msg.seq", "")}})
	}, []string{"message_misplaced msg sg_g2 5"}, []string{"msg sg_g2:0"}, nil},
	{"a short document", func(w *deployment) {
		w.insert("msg", by("doc_id", "sg_g2:7", "msgs", bson.A{element(nil), element(nil)}))
	},
		[]string{"message_misplaced msg sg_g2:7"}, []string{"msg sg_g2:7"}, nil},
	{"a malformed doc_id", func(w *deployment) { w.insert("msg", by("doc_id", "sg_g2", "msgs", bson.A{element(nil)})) },
		[]string{"message_misplaced msg sg_g2 not repairable"}, nil, []string{"message_misplaced msg sg_g2 not repairable"}},
	{"a message twice", func(w *deployment) {
		copyOf := messageOf("sg_g2", "g2", []string{"u06"}, 2, w.now.UnixMilli())
		copyOf[12].Value = int64(6)
		w.update("msg", by("doc_id", "sg_g2:0"), set("msgs.5.msg", copyOf))
		w.update("msg", by("doc_id", "sg_g2:0"), set("msgs.1.msg.send_id", "u06"))
	}, []string{"duplicate_client_msg msg sg_g2 6"}, []string{"msg sg_g2:0"}, nil},
	{"a clientMsgID twice", func(w *deployment) {
		w.update("msg", by("doc_id", "sg_g2:0"), set("msgs.5.msg.client_msg_id", "csg_g2-2"))
		w.update("msg", by("doc_id", "sg_g2:0"), set("msgs.5.msg.send_id", "x"))
		w.update("msg", by("doc_id", "sg_g2:0"), set("msgs.1.msg.send_id", "x"))
	}, []string{"duplicate_client_msg msg sg_g2 6 not repairable"}, nil, []string{"duplicate_client_msg msg sg_g2 6 not repairable"}},
	{"a conversation of no user", func(w *deployment) { w.insert("conversation", conversationDoc("ghost", "sg_g2", "g2", 1)) },
		[]string{"orphan_conversation conversation sg_g2/ghost"}, []string{"conversation sg_g2/ghost"}, nil},
	{"digits for a number", func(w *deployment) {
		n := w.number("seq", by("conversation_id", "sg_g2"), "max_seq")
		w.update("seq", by("conversation_id", "sg_g2"), set("max_seq", fmt.Sprint(n)))
	}, []string{"bad_type seq sg_g2"}, []string{"seq sg_g2"}, nil},
	{"a text for a date", func(w *deployment) {
		w.update("user", by("user_id", "u01"), set("create_time", "2026-01-02T03:04:05Z"))
	},
		[]string{"bad_type user u01"}, []string{"user u01"}, nil},
	{"an object for a name", func(w *deployment) { w.update("user", by("user_id", "u01"), set("nickname", bson.D{})) },
		[]string{"bad_type user u01 not repairable"}, nil, []string{"bad_type user u01 not repairable"}},
	{"two wrong types in one document", func(w *deployment) {
		w.update("friend", by("owner_user_id", "u01", "friend_user_id", "u00"), set("is_pinned", int32(1)))
		w.update("friend", by("owner_user_id", "u01", "friend_user_id", "u00"), set("add_source", "1"))
	}, []string{"bad_type friend u01/u00", "bad_type friend u01/u00"}, []string{"friend u01/u00", "friend_version u01"}, nil},
	{"a wrong type in a message", func(w *deployment) { w.update("msg", by("doc_id", "sg_g2:0"), set("msgs.4.msg.status", "2")) },
		[]string{"bad_type msg sg_g2:0 5"}, []string{"msg sg_g2:0"}, nil},
	{"a seq that is behind, twice, and ahead", func(w *deployment) {
		w.update("seq", by("conversation_id", "sg_g2"), set("max_seq", int64(1)))
		w.insert("seq", seqDoc("sg_g2", 2, 5000))
	}, []string{"duplicate_seq_row seq sg_g2", "min_above_max seq sg_g2", "seq_behind seq sg_g2 HIGHEST"}, []string{"seq sg_g2"}, nil},
}

func TestDamageIsFoundExactlyAndMended(t *testing.T) {
	t.Parallel()
	m := startMongod(t)
	w := newDeployment(t, m, "", 4)
	clean, counters := w.dump(), w.counters()
	for _, d := range damages {
		t.Run(d.name, func(t *testing.T) {
			w.t = t
			defer w.restore(clean, counters)
			d.plant(w)
			high := fmt.Sprint(highestStored(w, "sg_g2"))
			found := slices.Clone(d.found)
			for i := range found {
				found[i] = strings.ReplaceAll(found[i], "HIGHEST", high)
			}
			slices.Sort(found)
			if got := w.check(); !slices.Equal(got, found) {
				t.Fatalf("data.check finds\n%q\nwant\n%q", got, found)
			}
			var kinds []string
			for _, line := range found {
				kind, _, _ := strings.Cut(line, " ")
				kinds = append(kinds, kind)
			}
			before := w.dump()
			for _, row := range w.repair(RepairParams{Kinds: kinds, BackupNeeded: BackupNeeded{WithoutBackup: true}}) {
				if row.Outcome != "done" && (row.Outcome != "left" || d.stays == nil) {
					t.Errorf("not mended: %+v", row)
				}
			}
			if got := w.check(); !slices.Equal(got, d.stays) {
				t.Errorf("after the repair data.check finds %q, want %q", got, d.stays)
			}
			if got := differences(before, w.dump()); !slices.Equal(got, d.touches) {
				t.Errorf("the repair touched\n%q\nand not\n%q", got, d.touches)
			}
		})
	}
}

func TestKindsAreFoundAlone(t *testing.T) {
	w := newDeployment(t, startMongod(t), "", 5)
	for _, d := range damages {
		if d.name == "no owner" || d.name == "two seq rows" || d.name == "a message twice" || d.name == "digits for a number" || d.name == "a member of no group" {
			d.plant(w)
		}
	}
	var all []string
	for _, k := range kinds {
		all = append(all, w.check(k.name)...)
	}
	slices.Sort(all)
	want := []string{"bad_type seq sg_g2", "duplicate_client_msg msg sg_g2 6", "duplicate_seq_row seq sg_g2", "group_without_owner group g1", "orphan_member group_member gone/u01"}
	if !slices.Equal(all, want) {
		t.Errorf("asked for one kind after the other data.check finds\n%q\nwant\n%q", all, want)
	}
}

func highestStored(w *deployment, conversation string) int64 {
	w.t.Helper()
	var n int64
	err := read(w.t.Context(), w.db.Collection("msg"), by("doc_id", bson.D{{Key: "$gte", Value: conversation + ":"}, {Key: "$lt", Value: conversation + ";"}}), nil, nil,
		func(doc bson.Raw) error {
			elements, err := messageElements(doc)
			for _, e := range elements {
				if m, ok := message(e); ok {
					n = max(n, num(m, "seq"))
				}
			}
			return err
		})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// repair runs data.repair as Invoke does: the preview first, and then what it listed.
func (w *deployment) repair(p RepairParams) []Repair {
	w.t.Helper()
	rows, err := w.repaired(p, func() {})
	if err != nil {
		w.t.Fatal(err)
	}
	return rows
}

func (w *deployment) repaired(p RepairParams, between func()) ([]Repair, error) {
	if p.Limit == 0 {
		p.Limit = 100
	}
	if _, err := previewRepair(w.t.Context(), w.env, &p); err != nil {
		return nil, err
	}
	between()
	var out []Repair
	for row, err := range runRepair(w.t.Context(), w.env, p) {
		if err != nil {
			return out, err
		}
		out = append(out, row)
	}
	return out, nil
}

func TestCheckBadInput(t *testing.T) {
	w := newDeployment(t, startMongod(t), "", 1)
	for _, err := range runCheck(t.Context(), w.env, CheckParams{Kinds: []string{"seq_behind", "orphan_membr"}}) {
		if !fault.Is(err, fault.Usage) || !strings.Contains(err.Error(), `kinds[2]: no kind "orphan_membr"; did you mean`) || !strings.Contains(err.Error(), "orphan_member") {
			t.Errorf("an unknown kind: %v", err)
		}
	}
	w.update("seq", by("conversation_id", "sg_g2"), set("max_seq", int64(0)))
	var last error
	rows := 0
	for _, err := range runCheck(t.Context(), w.env, CheckParams{Fail: true}) {
		if last = err; err == nil {
			rows++
		}
	}
	if rows != 1 || !fault.Is(last, fault.Partial) || fault.ExitCode(last) != fault.ExitPartial {
		t.Errorf("fail=true gave %d rows and %v", rows, last)
	}
}

// What does not fit into memory is read again, some at a time, and nothing is found twice or missed.
func TestCheckRemembersOnlySoMuch(t *testing.T) {
	twiceWas, pairsWas := twiceLimit, pairLimit
	defer func() { twiceLimit, pairLimit = twiceWas, pairsWas }()
	twiceLimit, pairLimit = 100, 1
	w := newDeployment(t, startMongod(t), "", 6)
	const n = 520
	w.insert("msg", messageDocs("si_u07_u08", "", []string{"u07", "u08"}, n, 1)...)
	w.insert("seq", seqDoc("si_u07_u08", n, 0))
	for _, again := range []struct{ seq, of int }{{410, 2}, {304, 2}, {518, 316}} { // the same sender: even numbers are u07's
		doc, at := docID("si_u07_u08", int64(again.seq)), fmt.Sprintf("msgs.%d.msg", (again.seq-1)%docMessages)
		first := messageOf("si_u07_u08", "", []string{"u07", "u08"}, int64(again.of), 1)
		first[12].Value = int64(again.seq)
		w.update("msg", by("doc_id", doc), set(at, first))
	}
	w.remove("friend", by("owner_user_id", "u04", "friend_user_id", "u03"))
	want := []string{"duplicate_client_msg msg si_u07_u08 304", "duplicate_client_msg msg si_u07_u08 410", "duplicate_client_msg msg si_u07_u08 518",
		"one_sided_friend friend u03/u04 not repairable"}
	if got := w.check(); !slices.Equal(got, want) {
		t.Errorf("data.check finds\n%q\nwant\n%q", got, want)
	}
}
