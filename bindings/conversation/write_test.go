package conversation

import (
	"fmt"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings/bindingtest"
	"github.com/openimsdk/imctl/bindings/fault"
)

const seqs = "/msg/get_conversations_has_read_and_max_seq"

func position12(read, newest int) bindingtest.Call {
	return bindingtest.Call{seqs, `{"userID":"u2","returnPinned":true,"conversationIDs":["si_u1_u2"]}`,
		fmt.Sprintf(`{"seqs":{"si_u1_u2":{"maxSeq":%d,"hasReadSeq":%d,"maxSeqTime":5}}}`, newest, read)}
}

func TestUnread(t *testing.T) {
	all := bindingtest.Call{seqs, `{"userID":"u2","returnPinned":true}`,
		`{"seqs":{"b":{"maxSeq":5,"hasReadSeq":2,"maxSeqTime":9},"a":{"maxSeq":3,"hasReadSeq":50}},"pinnedConversationIDs":["b"]}`}
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "counts, never below 0", Op: "unread", Params: `{"ownerUserID":"u2"}`, Calls: []bindingtest.Call{all},
			Want: `[{"conversationID":"a","unread":0,"hasReadSeq":50,"isPinned":false},{"conversationID":"b","unread":3,"maxSeqTime":9,"isPinned":true}]`},
		{Name: "only unread", Op: "unread", Params: `{"ownerUserID":"u2","unread_only":true}`, Calls: []bindingtest.Call{all}, Want: `[{"conversationID":"b"}]`},
		{Name: "none", Op: "unread", Params: `{"ownerUserID":"u2"}`, Calls: []bindingtest.Call{{seqs, "", `{}`}, bindingtest.Accounts("u2")}, Want: `[]`},
		{Name: "nobody", Op: "unread", Params: `{"ownerUserID":"u2"}`, Calls: []bindingtest.Call{{seqs, "", `{}`}, bindingtest.Accounts()}, Kind: fault.NotFound},
		{Name: "chosen ones", Op: "unread", Params: `{"ownerUserID":"u2","conversationIDs":["si_u1_u2"]}`, Calls: []bindingtest.Call{position12(1, 3)}, Want: `[{"conversationID":"si_u1_u2","unread":2}]`},
		{Name: "empty list", Op: "unread", Params: `{"ownerUserID":"u2","conversationIDs":[]}`, Kind: fault.Usage, Say: "empty list"},
	})
}

func TestMark(t *testing.T) {
	which := `{"ownerUserID":"u2","userID":"u1"`
	read := func(path string, seq int) bindingtest.Call {
		return bindingtest.Call{path, fmt.Sprintf(`{"conversationID":"si_u1_u2","userID":"u2","hasReadSeq":%d}`, seq), ""}
	}
	var steps []bindingtest.Step
	for op, path := range map[string]string{"mark_read": "/msg/mark_conversation_as_read", "set_read_seq": "/msg/set_conversation_has_read_seq"} {
		steps = append(steps, []bindingtest.Step{
			{Name: "forward", Op: op, Params: which + `,"hasReadSeq":2}`, Calls: []bindingtest.Call{position12(1, 3), read(path, 2)}, Want: `{"status":"read","hasReadSeq":2,"unread":1}`},
			{Name: "same", Op: op, Params: which + `,"hasReadSeq":2}`, Calls: []bindingtest.Call{position12(2, 3)}, Want: `{"status":"already","hasReadSeq":2,"unread":1}`},
			{Name: "back", Op: op, Params: which + `,"hasReadSeq":1}`, Calls: []bindingtest.Call{position12(2, 3)}, Kind: fault.Unsupported, Say: "never goes back"},
			{Name: "beyond", Op: op, Params: which + `,"hasReadSeq":4}`, Calls: []bindingtest.Call{position12(2, 3)}, Kind: fault.Usage, Say: "newest message of si_u1_u2 is 3"},
			{Name: "no such conversation", Op: op, Params: which + `,"hasReadSeq":4}`, Calls: []bindingtest.Call{position12(0, 0), one12(none)}, Kind: fault.NotFound},
			{Name: "below 1", Op: op, Params: which + `,"hasReadSeq":-1}`, Kind: fault.Usage, Say: "1 or more"},
		}...)
	}
	bindingtest.RunAll(t, Area(), append(steps, []bindingtest.Step{
		{Name: "to the newest", Op: "mark_read", Params: which + `}`, Calls: []bindingtest.Call{position12(1, 3), read("/msg/mark_conversation_as_read", 3)}, Want: `{"status":"read","hasReadSeq":3,"unread":0}`},
		{Name: "nothing to read", Op: "mark_read", Params: which + `}`, Calls: []bindingtest.Call{position12(0, 0), one12(`{"conversation":` + entry("si_u1_u2", "") + `}`)}, Want: `{"status":"already","hasReadSeq":0}`},
		{Name: "marked beyond before", Op: "mark_read", Params: which + `}`, Calls: []bindingtest.Call{position12(50, 3)}, Want: `{"status":"already","hasReadSeq":50,"unread":0}`},
		{Name: "no seq", Op: "set_read_seq", Params: which + `}`, Kind: fault.Usage, Say: "missing field hasReadSeq"},
	}...))
}

func TestDelete(t *testing.T) {
	some := func(ids, rows string) bindingtest.Call {
		return bindingtest.Call{"/conversation/get_conversations", `{"ownerUserID":"u2","conversationIDs":` + ids + `}`, `{"conversations":[` + rows + `]}`}
	}
	remove := func(ids, answer string) bindingtest.Call {
		return bindingtest.Call{"/conversation/delete_conversations", `{"ownerUserID":"u2","conversationIDs":` + ids + `}`, answer}
	}
	ids := `["si_u1_u2","sg_g1","x"]`
	there := `{"conversationID":"si_u1_u2"},{"conversationID":"x"}`
	old := day(-8)
	silent := bindingtest.Call{seqs, `{"userID":"u2","returnPinned":true}`, fmt.Sprintf(`{"seqs":{"a":{"maxSeq":5,"maxSeqTime":%d},"b":{"maxSeq":5,"maxSeqTime":%d},"c":{"maxSeq":0},"d":{"maxSeq":1}}}`, old, day(-6))}
	every := bindingtest.Call{"/conversation/get_full_conversation_ids", `{"userID":"u2","idHash":0}`, `{"conversationIDs":["a"]}`}
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "of all kinds", Op: "delete", Params: `{"ownerUserID":"u2","userIDs":["u1"],"groupIDs":["g1"],"conversationIDs":["x","sg_g1"]}`,
			Calls: []bindingtest.Call{some(ids, there), remove(`["si_u1_u2","x"]`, "")},
			Want:  `[{"conversationID":"si_u1_u2","status":"deleted"},{"conversationID":"sg_g1","status":"absent"},{"conversationID":"x","status":"deleted"}]`},
		{Name: "silent ones", Op: "delete", Params: `{"ownerUserID":"u2","silent_days":7}`,
			Calls: []bindingtest.Call{silent, silent, some(`["a"]`, `{"conversationID":"a"}`), remove(`["a"]`, "")}, Want: `[{"conversationID":"a","status":"deleted"}]`},
		{Name: "all", Op: "delete", Params: `{"ownerUserID":"u2","all":true}`,
			Calls: []bindingtest.Call{every, every, some(`["a"]`, `{"conversationID":"a"}`), remove(`["a"]`, "")}, Want: `[{"conversationID":"a","status":"deleted"}]`},
		{Name: "names and all", Op: "delete", Params: `{"ownerUserID":"u2","userIDs":["u1"],"all":true}`, Kind: fault.Usage, Say: "all or silent_days alone"},
		{Name: "nothing to do", Op: "delete", Params: `{"ownerUserID":"u2","userIDs":["u1"]}`, Calls: []bindingtest.Call{some(`["si_u1_u2"]`, "")}, Want: `[{"status":"absent"}]`},
		{Name: "refused", Op: "delete", Params: `{"ownerUserID":"u2","conversationIDs":["si_u1_u2","x"]}`,
			Calls: []bindingtest.Call{some(`["si_u1_u2","x"]`, there), remove(`["si_u1_u2","x"]`, "!500 ServerInternalError")}, Kind: fault.Partial, Want: `[{"status":"failed"},{"status":"failed"}]`},
		{Name: "names and days", Op: "delete", Params: `{"ownerUserID":"u2","userIDs":["u1"],"silent_days":7}`, Kind: fault.Usage, Say: "silent_days alone"},
		{Name: "neither", Op: "delete", Params: `{"ownerUserID":"u2"}`, Kind: fault.Usage, Say: "silent_days alone"},
		{Name: "empty list is not all", Op: "delete", Params: `{"ownerUserID":"u2","userIDs":[]}`, Kind: fault.Usage, Say: "empty list"},
	})
}

// day is a moment so many days from the one that operations see, in ms.
func day(days int) int64 {
	return time.UnixMilli(bindingtest.Now).AddDate(0, 0, days).UnixMilli()
}

func TestForUser(t *testing.T) {
	set := bindingtest.Call{"/conversation/update_conversations_by_user", `{"userID":"u1","ex":""}`, ""}
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "blank", Op: "for_user", Params: `{"userID":"u1","ex":""}`, Calls: []bindingtest.Call{bindingtest.Accounts("u1"), set}, Want: `{"userID":"u1","ex":""}`},
		{Name: "nobody", Op: "for_user", Params: `{"userID":"u1","ex":"x"}`, Calls: []bindingtest.Call{bindingtest.Accounts()}, Kind: fault.NotFound},
		{Name: "nothing", Op: "for_user", Params: `{"userID":"u1"}`, Kind: fault.Usage, Say: "ex is missing"},
	})
}

// TestPreviews: what destroys, and what touches many, says so before it asks.
func TestPreviews(t *testing.T) {
	for _, c := range []struct {
		op   string
		p    any
		want int
		bulk bool
	}{
		{"delete", &DeleteParams{OwnerUserID: "u2", UserIDs: []string{"u1"}, GroupIDs: []string{"g1"}}, 2, false},
		{"for_user", &ForUserParams{UserID: "u1"}, -1, true},
	} {
		op, _ := Area().Find(c.op)
		if p, err := op.Preview(t.Context(), bindingtest.Env(t, nil, nil), c.p); err != nil || p.Count != c.want || p.Bulk != c.bulk || p.Text == "" {
			t.Errorf("%s: %+v %v", c.op, p, err)
		}
	}
}

// TestFingerprint: a plan is refused when a setting has changed since it was made.
func TestFingerprint(t *testing.T) {
	op, _ := Area().Find("set")
	var prints []string
	for _, more := range []string{"", "", `,"isPinned":true`} {
		env := bindingtest.Env(t, []bindingtest.Call{one12(`{"conversation":` + entry("si_u1_u2", more) + `}`)}, nil)
		sum, err := op.Fingerprint(t.Context(), env, &SetParams{OwnerUserID: "u2", Which: Which{UserID: "u1"}})
		if err != nil || sum == "" {
			t.Fatal(sum, err)
		}
		prints = append(prints, sum)
	}
	if prints[0] != prints[1] || prints[0] == prints[2] {
		t.Error(prints)
	}
}
