package message

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings/bindingtest"
	"github.com/openimsdk/imctl/bindings/fault"
)

// upTo130 says that u1 has the conversation c with 130 messages and n_u1_u1.
func upTo130() bindingtest.Call {
	return bindingtest.Call{"/msg/newest_seq", `{"userID":"u1"}`, `{"maxSeqs":{"c":130,"n_u1_u1":7}}`}
}

// seen is a look at a range of c, of which the seqs hold a message.
func seen(from, to int, seqs ...int) bindingtest.Call {
	rows := make([]string, len(seqs))
	for i, seq := range seqs {
		rows[i] = fmt.Sprintf(`{"seq":%d}`, seq)
	}
	return bindingtest.Call{"/msg/pull_msg_by_seq",
		fmt.Sprintf(`{"userID":"u1","seqRanges":[{"conversationID":"c","begin":%d,"end":%d,"num":%d}],"order":0}`, from, to, to-from+1),
		`{"msgs":{"c":{"Msgs":[` + strings.Join(rows, ",") + `]}}}`}
}

func TestMarkRead(t *testing.T) {
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "in order, without repeats", Op: "mark_read", Params: `{"conversationID":"c","userID":"u1","seqs":[7,5,7,120]}`,
			Calls: []bindingtest.Call{upTo130(), seen(5, 7, 7), seen(120, 120, 120), {"/msg/mark_msgs_as_read", `{"conversationID":"c","userID":"u1","seqs":[7,120]}`, ""}},
			Want:  `[{"seq":5,"status":"absent"},{"seq":7,"status":"read"},{"seq":120,"status":"read"}]`},
		{Name: "none there", Op: "mark_read", Params: `{"conversationID":"c","userID":"u1","seqs":[5]}`, Calls: []bindingtest.Call{upTo130(), seen(5, 5)}, Want: `[{"seq":5,"status":"absent"}]`},
		{Name: "the list that panics", Op: "mark_read", Params: `{"conversationID":"c","userID":"u1","seqs":[]}`, Kind: fault.Usage, Say: "empty list"},
		{Name: "zero", Op: "mark_read", Params: `{"conversationID":"c","userID":"u1","seqs":[0,1]}`, Kind: fault.Usage, Say: "1 or more"},
		{Name: "beyond", Op: "mark_read", Params: `{"conversationID":"c","userID":"u1","seqs":[131]}`, Calls: []bindingtest.Call{upTo130()}, Kind: fault.Usage, Say: "newest message of c is 130"},
		{Name: "other conversation", Op: "mark_read", Params: `{"conversationID":"d","userID":"u1","seqs":[1]}`, Calls: []bindingtest.Call{upTo130()}, Kind: fault.NotFound, Say: "did you mean c?"},
		{Name: "refused", Op: "mark_read", Params: `{"conversationID":"c","userID":"u1","seqs":[5]}`,
			Calls: []bindingtest.Call{upTo130(), seen(5, 5, 5), {"/msg/mark_msgs_as_read", "", "!500 ServerInternalError"}}, Kind: fault.API},
	})
}

func TestDelete(t *testing.T) {
	remove := func(seqs, other string) bindingtest.Call {
		return bindingtest.Call{"/msg/delete_msgs", `{"conversationID":"c","userID":"u1","seqs":` + seqs + `,"deleteSyncOpt":{"IsSyncSelf":true,"IsSyncOther":` + other + `}}`, ""}
	}
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "for oneself", Op: "delete", Params: `{"conversationID":"c","userID":"u1","seqs":[2,1]}`,
			Calls: []bindingtest.Call{upTo130(), seen(1, 2, 1), remove("[1]", "false")}, Want: `[{"seq":1,"status":"deleted"},{"seq":2,"status":"absent"}]`},
		{Name: "for everyone", Op: "delete", Params: `{"conversationID":"c","userID":"u1","seqs":[1],"for_all":true}`,
			Calls: []bindingtest.Call{upTo130(), seen(1, 1, 1), remove("[1]", "true")}, Want: `[{"seq":1,"status":"deleted"}]`},
		{Name: "again", Op: "delete", Params: `{"conversationID":"c","userID":"u1","seqs":[1]}`, Calls: []bindingtest.Call{upTo130(), seen(1, 1)}, Want: `[{"seq":1,"status":"absent"}]`},
		{Name: "the shell of a deleted one is no message", Op: "delete", Params: `{"conversationID":"c","userID":"u1","seqs":[1]}`,
			Calls: []bindingtest.Call{upTo130(), {"/msg/pull_msg_by_seq", "", `{"msgs":{"c":{"Msgs":[{"seq":1,"status":4,"content":null}]}}}`}}, Want: `[{"seq":1,"status":"absent"}]`},
		{Name: "unasked", Op: "erase", Params: `{"conversationID":"c","seqs":[3,1,3]}`,
			Calls: []bindingtest.Call{{"/msg/delete_msg_phsical_by_seq", `{"conversationID":"c","seqs":[1,3]}`, ""}}, Want: `{"conversationID":"c","seqs":[1,3]}`},
		{Name: "zero", Op: "erase", Params: `{"conversationID":"c","seqs":[0]}`, Kind: fault.Usage, Say: "1 or more"},
		{Name: "blank", Op: "erase", Params: `{"conversationID":" c","seqs":[1]}`, Kind: fault.Usage, Say: "white space"},
	})
}

func TestClear(t *testing.T) {
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "those that are there", Op: "clear", Params: `{"userID":"u1","conversationIDs":["x","c"],"for_all":true}`,
			Calls: []bindingtest.Call{upTo130(), {"/msg/clear_conversation_msg", `{"userID":"u1","conversationIDs":["c"],"deleteSyncOpt":{"IsSyncSelf":true,"IsSyncOther":true}}`, ""}},
			Want:  `[{"conversationID":"x","status":"absent"},{"conversationID":"c","status":"cleared","maxSeq":130}]`},
		{Name: "nothing to do", Op: "clear", Params: `{"userID":"u1","conversationIDs":["x"]}`, Calls: []bindingtest.Call{upTo130(), bindingtest.Accounts("u1")}, Want: `[{"status":"absent"}]`},
		{Name: "nobody", Op: "clear", Params: `{"userID":"u1","conversationIDs":["x"]}`, Calls: []bindingtest.Call{{"/msg/newest_seq", "", "{}"}, bindingtest.Accounts()}, Kind: fault.NotFound},
		{Name: "empty list is not all", Op: "clear", Params: `{"userID":"u1","conversationIDs":[]}`, Kind: fault.Usage, Say: "empty list"},
		{Name: "all but notifications", Op: "clear_all", Params: `{"userID":"u1"}`,
			Calls: []bindingtest.Call{upTo130(), upTo130(), {"/msg/user_clear_all_msg", `{"userID":"u1","deleteSyncOpt":{"IsSyncSelf":true,"IsSyncOther":false}}`, ""}}, Want: `[{"conversationID":"c","status":"cleared","maxSeq":130}]`},
		{Name: "none", Op: "clear_all", Params: `{"userID":"u1"}`, Calls: []bindingtest.Call{{"/msg/newest_seq", "", "{}"}, {"/msg/newest_seq", "", "{}"}, bindingtest.Accounts("u1")}, Want: `[]`},
		{Name: "nobody", Op: "clear_all", Params: `{"userID":"u1"}`, Calls: []bindingtest.Call{{"/msg/newest_seq", "", "{}"}, {"/msg/newest_seq", "", "{}"}, bindingtest.Accounts()}, Kind: fault.NotFound},
	})
}

func TestPreviews(t *testing.T) {
	for _, c := range []struct {
		op    string
		p     any
		calls []bindingtest.Call
		count int
		text  string
	}{
		{"delete", &DeleteParams{ConversationID: "c", UserID: "u1", Seqs: []int64{2, 1, 2}}, nil, 2, "delete 2 messages of c for u1"},
		{"delete", &DeleteParams{ConversationID: "c", UserID: "u1", Seqs: []int64{1}, ForAll: true}, nil, 1, "for everyone"},
		{"erase", &EraseParams{ConversationID: "c", Seqs: []int64{1, 2, 3, 4, 5, 6}}, nil, 6, "erase 6 messages of c for everyone"},
		{"clear", &ClearParams{UserID: "u1", ConversationIDs: []string{"c"}}, nil, 1, "empty 1 conversations of u1 for u1"},
		{"clear_all", &ClearAllParams{UserID: "u1", ForAll: true}, []bindingtest.Call{upTo130()}, 1, "for everyone"},
	} {
		op, _ := Area().Find(c.op)
		p, err := op.Preview(t.Context(), bindingtest.Env(t, c.calls, nil), c.p)
		if err != nil || p.Count != c.count || !strings.Contains(p.Text, c.text) || len(p.Sample) == 0 || len(p.Sample) > 5 {
			t.Errorf("%s: %+v %v", c.op, p, err)
		}
	}
}

func TestBusiness(t *testing.T) {
	path := "/msg/send_business_notification"
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "to an account", Op: "business_notification", Params: `{"sendUserID":"u2","recvUserID":"u1","key":"k","data":"{\"n\":9007199254740993}"}`,
			Calls: []bindingtest.Call{bindingtest.Accounts("u1"), {path, `{"sendUserID":"u2","recvUserID":"u1","key":"k","data":"{\"n\":9007199254740993}","sendMsg":false,"reliabilityLevel":1}`, sent}},
			Want:  `{"clientMsgID":"c1","conversationID":"n_u1_u2"}`},
		{Name: "to a group, shown", Op: "business_notification", Params: `{"sendUserID":"u2","recvGroupID":"g1","key":"k","sendMsg":true,"reliabilityLevel":2}`,
			Calls: []bindingtest.Call{{path, `{"sendUserID":"u2","recvGroupID":"g1","key":"k","data":"","sendMsg":true,"reliabilityLevel":2}`, sent}}, Want: `{"conversationID":"sg_g1"}`},
		{Name: "nobody", Op: "business_notification", Params: `{"sendUserID":"u2","recvUserID":"u1","key":"k"}`, Calls: []bindingtest.Call{bindingtest.Accounts()}, Kind: fault.NotFound},
		{Name: "both", Op: "business_notification", Params: `{"sendUserID":"u2","recvUserID":"u1","recvGroupID":"g1","key":"k"}`, Kind: fault.Usage, Say: "one of them"},
		{Name: "level", Op: "business_notification", Params: `{"sendUserID":"u2","recvUserID":"u1","key":"k","reliabilityLevel":3}`, Kind: fault.Usage, Say: "1 or 2"},
		{Name: "no key", Op: "business_notification", Params: `{"sendUserID":"u2","recvUserID":"u1"}`, Kind: fault.Usage, Say: "missing field key"},
	})
}

// TestSimple: who sends and who receives are the wrong way round in the key, and only there.
func TestSimple(t *testing.T) {
	for _, c := range []struct{ params, key, body, want string }{
		{`{"sendID":"u2","recvID":"u1","markdown":"**x**"}`, `{"sendID":"u1","recvID":"u2"}`, `{"content":"**x**"}`, "si_u1_u2"},
		{`{"sendID":"u2","groupID":"g1","markdown":"x","ex":"e"}`, `{"sendID":"u2","groupID":"g1"}`, `{"content":"x","sendID":"u2","ex":"e"}`, "sg_g1"},
	} {
		var key, body string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/msg/send_simple_msg" {
				fmt.Fprint(w, `{"errCode":0,"data":{"token":"t"}}`)
				return
			}
			key, body = decoded(t, r.URL.Query().Get("key")), read(t, r.Body)
			fmt.Fprint(w, `{"errCode":0,"data":`+sent+`}`)
		}))
		env := bindingtest.Env(t, nil, nil)
		env.API = bindingtest.Client(t, server.URL)
		got, err := bindingtest.Invoke(t.Context(), t, Area(), env, "send_simple", c.params)
		server.Close()
		if err != nil || !bindingtest.SameJSON(key, c.key) || !bindingtest.SameJSON(body, c.body) || !strings.Contains(fmt.Sprint(got), c.want) {
			t.Errorf("key %s, body %s: %v %v", key, body, got, err)
		}
	}
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "both", Op: "send_simple", Params: `{"sendID":"u2","recvID":"u1","groupID":"g1","markdown":"x"}`, Kind: fault.Usage, Say: "one of them"},
		{Name: "no content", Op: "send_simple", Params: `{"sendID":"u2","recvID":"u1"}`, Kind: fault.Usage, Say: "missing field markdown"},
	})
}

func TestServer(t *testing.T) {
	ask := "/msg/check_msg_is_send_success"
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "sent", Op: "check_sent", Params: `{"operationID":"o1"}`, Calls: []bindingtest.Call{{ask, "", `{"status":2}`}}, Want: `{"operationID":"o1","sent":true,"status":2}`},
		{Name: "unknown", Op: "check_sent", Params: `{"operationID":"o1"}`, Calls: []bindingtest.Call{{ask, "", `{"status":0}`}}, Want: `{"sent":false,"status":0}`},
		{Name: "blank", Op: "check_sent", Params: `{"operationID":" "}`, Kind: fault.Usage, Say: "blank"},
		{Name: "ahead", Op: "server_time", Params: `{}`, Calls: []bindingtest.Call{{"/msg/get_server_time", "", fmt.Sprintf(`{"serverTime":%d}`, bindingtest.Now+1500)}},
			Want: fmt.Sprintf(`{"serverTime":%d,"ahead":1500}`, bindingtest.Now+1500)},
	})
}
