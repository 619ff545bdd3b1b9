package message

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/bindingtest"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

const sent = `{"serverMsgID":"s1","clientMsgID":"c1","sendTime":1767323045123}`

func send(body string) bindingtest.Call { return bindingtest.Call{"/msg/send_msg", body, sent} }

func TestDeclarations(t *testing.T) { bindingtest.CheckDeclarations(t, Area()) }

func TestConversation(t *testing.T) {
	for _, c := range []struct{ params, want, say string }{
		{`{"userID1":"bob","userID2":"alice"}`, "si_alice_bob", ""},
		{`{"userID1":"a_b","userID2":"a"}`, "si_a_a_b", ""},
		{`{"userID1":"B","userID2":"a"}`, "si_B_a", ""},
		{`{"userID1":"u1","userID2":"u1"}`, "si_u1_u1", ""},
		{`{"groupID":"g1"}`, "sg_g1", ""},
		{`{"userID1":"b","userID2":"a","kind":"oa"}`, "sn_a_b", ""},
		{`{"userID1":"u","userID2":"u","kind":"notification"}`, "n_u_u", ""},
		{`{"groupID":"g1","kind":"notification"}`, "n_g1", ""},
		{`{"groupID":"g1","kind":"oa"}`, "", "not to a group"},
		{`{"userID1":"a"}`, "", "userID2 is blank"},
		{`{"userID1":"a","groupID":"g"}`, "", "or groupID"},
		{`{}`, "", "or groupID"},
		{`{"groupID":"g","kind":"chta"}`, "", "did you mean chat?"},
	} {
		got, err := bindingtest.Invoke(t.Context(), t, Area(), bindingtest.Env(t, nil, nil), "conversation", c.params)
		switch {
		case c.say != "" && (err == nil || !strings.Contains(err.Error(), c.say)):
			t.Errorf("%s: %v, want %q", c.params, err, c.say)
		case c.say == "" && err != nil:
			t.Errorf("%s: %v", c.params, err)
		case c.say == "":
			if id, _ := got.(*value.Object).Get("conversationID"); id != c.want {
				t.Errorf("%s: %v, want %s", c.params, id, c.want)
			}
		}
	}
}

func TestSend(t *testing.T) {
	picture := `{"uuid":"","type":"png","size":0,"width":480,"height":480,"url":"http://x/p.png?a=1"}`
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "text", Op: "send", Params: `{"sendID":"u2","recvID":"u1","text":"hello, \"you\" <b>&"}`,
			Calls: []bindingtest.Call{send(`{"sendID":"u2","contentType":101,"sessionType":1,"content":{"content":"hello, \"you\" <b>&"},"recvID":"u1"}`)},
			Want:  `{"serverMsgID":"s1","clientMsgID":"c1","sendTime":1767323045123,"conversationID":"si_u1_u2"}`},
		{Name: "to a group", Op: "send", Params: `{"sendID":"u1","groupID":"g1","markdown":"**x**","isOnlineOnly":true,"sendTime":1700000000000,"offlinePushInfo":{"title":"t","desc":"d"}}`,
			Calls: []bindingtest.Call{send(`{"sendID":"u1","contentType":118,"sessionType":3,"content":{"content":"**x**"},"groupID":"g1","isOnlineOnly":true,"sendTime":1700000000000,"offlinePushInfo":{"title":"t","desc":"d"}}`)},
			Want:  `{"conversationID":"sg_g1"}`},
		{Name: "names members", Op: "send", Params: `{"sendID":"u1","groupID":"g1","text":"@u2","atUserList":["u2"]}`,
			Calls: []bindingtest.Call{send(`{"sendID":"u1","contentType":106,"sessionType":3,"content":{"text":"@u2","atUserList":["u2"]},"groupID":"g1"}`)}},
		{Name: "image", Op: "send", Params: `{"sendID":"u1","recvID":"u2","image":"http://x/p.png?a=1"}`,
			Calls: []bindingtest.Call{send(`{"sendID":"u1","contentType":102,"sessionType":1,"recvID":"u2","content":{"sourcePath":"","sourcePicture":` + picture + `,"bigPicture":` + picture + `,"snapshotPicture":` + picture + `}}`)}},
		{Name: "custom data", Op: "send", Params: `{"sendID":"u1","recvID":"u2","custom":{"n":9007199254740993,"l":[]},"description":"d"}`,
			Calls: []bindingtest.Call{send(`{"sendID":"u1","contentType":110,"sessionType":1,"recvID":"u2","content":{"data":"{\"n\":9007199254740993,\"l\":[]}","description":"d","extension":""}}`)}},
		{Name: "custom text", Op: "send", Params: `{"sendID":"u1","recvID":"u2","custom":"plain"}`,
			Calls: []bindingtest.Call{send(`{"sendID":"u1","contentType":110,"sessionType":1,"recvID":"u2","content":{"data":"plain","description":"","extension":""}}`)}},
		{Name: "OA notification", Op: "send", Params: `{"sendID":"n1","recvID":"u2","contentType":1400,"content":{"text":"T"}}`,
			Calls: []bindingtest.Call{send(`{"sendID":"n1","contentType":1400,"sessionType":4,"recvID":"u2","content":{"text":"T"}}`)}, Want: `{"conversationID":"sn_n1_u2"}`},
		{Name: "blocked", Op: "send", Params: `{"sendID":"u1","recvID":"u2","text":"x"}`, Calls: []bindingtest.Call{{"/msg/send_msg", "", "!1302 BlockedByPeer"}}, Kind: fault.API, Say: "BlockedByPeer"},
		{Name: "two contents", Op: "send", Params: `{"sendID":"u1","recvID":"u2","text":"x","markdown":"y"}`, Kind: fault.Usage, Say: "text and markdown"},
		{Name: "no content", Op: "send", Params: `{"sendID":"u1","recvID":"u2"}`, Kind: fault.Usage, Say: "no content"},
		{Name: "empty text", Op: "send", Params: `{"sendID":"u1","recvID":"u2","text":""}`, Kind: fault.Usage, Say: "no content"},
		{Name: "no receiver", Op: "send", Params: `{"sendID":"u1","text":"x"}`, Kind: fault.Usage, Say: "recvID or groupID"},
		{Name: "two receivers", Op: "send", Params: `{"sendID":"u1","recvID":"u2","groupID":"g1","text":"x"}`, Kind: fault.Usage, Say: "both"},
		{Name: "at in a single chat", Op: "send", Params: `{"sendID":"u1","recvID":"u2","text":"x","atUserList":["u2"]}`, Kind: fault.Usage, Say: "in a group"},
		{Name: "type the server refuses", Op: "send", Params: `{"sendID":"u1","recvID":"u2","contentType":107,"content":{"a":1}}`, Kind: fault.Usage, Say: "107"},
		{Name: "type without content", Op: "send", Params: `{"sendID":"u1","recvID":"u2","contentType":101,"text":"x"}`, Kind: fault.Usage},
		{Name: "seconds for ms", Op: "send", Params: `{"sendID":"u1","recvID":"u2","text":"x","sendTime":1700000000}`, Kind: fault.Usage, Say: "milliseconds"},
		{Name: "typo in a nested field", Op: "send", Params: `{"sendID":"u1","recvID":"u2","text":"x","offlinePushInfo":{"titel":"t"}}`, Kind: fault.Usage, Say: "did you mean title?"},
		{Name: "from", Op: "send", Params: `{"sendId":"u1","recvID":"u2","text":"x"}`, Kind: fault.Usage, Say: "did you mean sendID?"},
	})
}

// TestSendOnce: a send whose answer is lost is sent once, and the error says what the server knows of it.
func TestSendOnce(t *testing.T) {
	var sends int
	var sendID, askID string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/msg/send_msg":
			sends++
			sendID = r.Header.Get("operationID")
			c, _, _ := http.NewResponseController(w).Hijack()
			c.(*net.TCPConn).SetLinger(0)
			c.Close()
		case "/msg/check_msg_is_send_success":
			askID = r.Header.Get("operationID")
			fmt.Fprint(w, `{"errCode":0,"data":{"status":2}}`)
		default:
			fmt.Fprint(w, `{"errCode":0,"data":{"token":"t"}}`)
		}
	}))
	defer server.Close()
	e := bindingtest.Env(t, nil, nil)
	e.API = openim.New(openim.Config{API: openim.Setting{Value: server.URL}, AdminUserID: "imAdmin", Retries: 3,
		Secret: openim.Secret{Get: anySecret}})
	_, err := bindingtest.Invoke(t.Context(), t, Area(), e, "send", `{"sendID":"u1","recvID":"u2","text":"x"}`)
	if err == nil || sends != 1 || askID != sendID || !strings.Contains(err.Hint, "was sent") {
		t.Errorf("%d sends, asked for %q of %q: %v (%s)", sends, askID, sendID, err, err.Hint)
	}
	e.API.Close()
}

func TestBroadcast(t *testing.T) {
	base := `"sendID":"u1","contentType":101,"sessionType":1,"content":{"content":"x"},"recvIDs":`
	cast := func(ids, answer string) bindingtest.Call {
		return bindingtest.Call{"/msg/batch_send_msg", `{` + base + ids + `}`, answer}
	}
	ok := func(id string) string {
		return fmt.Sprintf(`{"recvID":%q,"serverMsgID":"s-%s","clientMsgID":"c","sendTime":5}`, id, id)
	}
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "a row for each receiver", Op: "broadcast", Params: `{"sendID":"u1","recvIDs":["u2","u3","u9","u4","u2"],"text":"x"}`,
			Calls: []bindingtest.Call{cast(`["u2","u3","u9","u4"]`, `{"results":[`+ok("u2")+`],"failedUserIDs":["u3","u9"]}`),
				{"/user/get_users_info", `{"userIDs":["u3","u9"]}`, `{"usersInfo":[{"userID":"u3"}]}`}},
			Want: `[{"recvID":"u2","status":"sent","serverMsgID":"s-u2"},{"recvID":"u3","status":"failed"},{"recvID":"u9","status":"failed","error":"no account \"u9\""},{"recvID":"u4","status":"unknown"}]`,
			Kind: fault.Partial, Say: "3 of 4 receivers not reached"},
		{Name: "the whole call refused", Op: "broadcast", Params: `{"sendID":"u1","recvIDs":["u2","u3"],"text":"x"}`,
			Calls: []bindingtest.Call{cast(`["u2","u3"]`, "!500 content rule")}, Want: `[{"status":"failed"},{"status":"failed"}]`, Kind: fault.API, Say: "content rule"},
		{Name: "all, without sender and admin", Op: "broadcast", Params: `{"sendID":"u1","all":true,"text":"x"}`,
			Calls: []bindingtest.Call{
				{"/user/get_users", `{"pagination":{"pageNumber":1,"showNumber":500}}`, `{"total":4,"users":[{"userID":"u1"},{"userID":"u2"},{"userID":"imAdmin"},{"userID":"u3"}]}`},
				{"/user/get_users", `{"pagination":{"pageNumber":1,"showNumber":500}}`, `{"total":4,"users":[{"userID":"u1"},{"userID":"u2"},{"userID":"imAdmin"},{"userID":"u3"}]}`},
				cast(`["u2","u3"]`, `{"results":[`+ok("u2")+`,`+ok("u3")+`],"failedUserIDs":null}`)},
			Want: `[{"recvID":"u2","status":"sent"},{"recvID":"u3","status":"sent"}]`},
		{Name: "nobody", Op: "broadcast", Params: `{"sendID":"u1","text":"x"}`, Kind: fault.Usage, Say: "all=true"},
		{Name: "empty list", Op: "broadcast", Params: `{"sendID":"u1","recvIDs":[],"text":"x"}`, Kind: fault.Usage},
		{Name: "both", Op: "broadcast", Params: `{"sendID":"u1","recvIDs":["u2"],"all":true,"text":"x"}`, Kind: fault.Usage, Say: "both"},
		{Name: "blank id", Op: "broadcast", Params: `{"sendID":"u1","recvIDs":["u2"," "],"text":"x"}`, Kind: fault.Usage, Say: "recvIDs[2]"},
	})
	op, _ := Area().Find("broadcast")
	p, err := op.Preview(t.Context(), bindingtest.Env(t, []bindingtest.Call{{"/user/get_users", "", `{"total":1,"users":[{"userID":"u2"}]}`}}, nil), &BroadcastParams{SendID: "u1", All: true})
	if err != nil || !p.Bulk || p.Count != 1 {
		t.Errorf("preview %+v, %v", p, err)
	}
}

func TestSearch(t *testing.T) {
	row := func(n int, text string) string {
		return fmt.Sprintf(`{"chatLog":{"serverMsgID":"s%d","clientMsgID":"c%d","seq":%d,"sendID":"u1","recvID":"u2","sessionType":1,"contentType":101,"content":%q},"isRevoked":%v}`,
			n, n, n, fmt.Sprintf(`{"content":%q}`, text), n == 2)
	}
	page := func(n int) string { return fmt.Sprintf(`{"pagination":{"pageNumber":%d,"showNumber":200}}`, n) }
	answer := func(rows ...string) string {
		return fmt.Sprintf(`{"chatLogsNum":%d,"chatLogs":[%s]}`, len(rows), strings.Join(rows, ","))
	}
	var full []string
	for i := range searchPage {
		full = append(full, row(i+1, "x"))
	}
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "server filters and ours", Op: "search", Params: `{"sendID":"u1","recvID":"u2","contentType":101,"sessionType":1,"sendTime":"2026-01-31","text":"HELLO"}`,
			Calls: []bindingtest.Call{{"/msg/search_msg", `{"pagination":{"pageNumber":1,"showNumber":200},"sendID":"u1","recvID":"u2","sendTime":"2026-01-31","contentType":101,"sessionType":1}`,
				answer(row(1, "bye"), row(2, "say hello"))}},
			Want: `[{"seq":2,"text":"say hello","content":"{\"content\":\"say hello\"}","isRevoked":true,"conversationID":"si_u1_u2"}]`},
		{Name: "limit", Op: "search", Params: `{"limit":1}`, Calls: []bindingtest.Call{{"/msg/search_msg", page(1), answer(row(1, "a"), row(2, "b"))}}, Want: `[{"seq":1}]`},
		{Name: "goes on past its count", Op: "search", Params: `{"text":"last"}`,
			Calls: []bindingtest.Call{{"/msg/search_msg", page(1), answer(full...)}, {"/msg/search_msg", page(2), answer(row(201, "last"))}}, Want: `[{"seq":201}]`},
		{Name: "repeats itself", Op: "search", Params: `{"text":"nothing"}`,
			Calls: []bindingtest.Call{{"/msg/search_msg", page(1), answer(full...)}, {"/msg/search_msg", page(2), answer(full...)}}, Kind: fault.API, Say: "repeats itself"},
		{Name: "day", Op: "search", Params: `{"sendTime":"31.1.2026"}`, Kind: fault.Usage, Say: "want a day like"},
		{Name: "session", Op: "search", Params: `{"sessionType":2}`, Kind: fault.Usage},
		{Name: "not a filter", Op: "search", Params: `{"content":"x"}`, Kind: fault.Usage, Say: "unknown field content"},
	})
}

func pulled(seq int, sendID, text string) string {
	content := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"content":%q}`, text))
	return fmt.Sprintf(`{"seq":%d,"sendID":%q,"recvID":"u2","sessionType":1,"contentType":101,"clientMsgID":"c%d","sendTime":%d,"content":%q}`,
		seq, sendID, seq, 1000+seq, content)
}

func newest(user string, max int) bindingtest.Call {
	answer := `{}`
	if max > 0 {
		answer = fmt.Sprintf(`{"maxSeqs":{"si_u1_u2":%d,"n_u2":3}}`, max)
	}
	return bindingtest.Call{"/msg/newest_seq", fmt.Sprintf(`{"userID":%q}`, user), answer}
}

func ranged(user string, from, to int, rows ...string) bindingtest.Call {
	answer := `{}`
	if len(rows) > 0 {
		answer = `{"msgs":{"si_u1_u2":{"Msgs":[` + strings.Join(rows, ",") + `],"isEnd":true}}}`
	}
	return bindingtest.Call{"/msg/pull_msg_by_seq", fmt.Sprintf(`{"userID":%q,"seqRanges":[{"conversationID":"si_u1_u2","begin":%d,"end":%d,"num":%d}],"order":0}`, user, from, to, to-from+1), answer}
}

func TestPullAndSeqs(t *testing.T) {
	both := `{"conversationID":"si_u1_u2","userID":"u2"`
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "num is the range, content is decoded", Op: "pull", Params: both + `}`,
			Calls: []bindingtest.Call{newest("u2", 2), ranged("u2", 1, 2, pulled(2, "u2", "two"), pulled(1, "u1", "one"))},
			Want:  `[{"seq":1,"text":"one","content":"{\"content\":\"one\"}","conversationID":"si_u1_u2"},{"seq":2,"sendID":"u2"}]`},
		{Name: "in batches, a silent one is said", Op: "pull", Params: both + `,"begin":5,"end":150}`,
			Calls: []bindingtest.Call{newest("u2", 130), ranged("u2", 5, 104), ranged("u2", 105, 130, pulled(105, "u1", "x"))}, Want: `[{"seq":105}]`, Warn: "none of the messages 5 to 104"},
		{Name: "nothing new", Op: "pull", Params: both + `,"begin":9}`, Calls: []bindingtest.Call{newest("u2", 8)}, Want: `[]`},
		{Name: "not in it", Op: "pull", Params: `{"conversationID":"si_u1_u3","userID":"u2"}`, Calls: []bindingtest.Call{newest("u2", 8)}, Kind: fault.NotFound, Say: "did you mean si_u1_u2?"},
		{Name: "end before begin", Op: "pull", Params: both + `,"begin":9,"end":3}`, Kind: fault.Usage},
		{Name: "begin 0", Op: "pull", Params: both + `,"begin":0}`, Kind: fault.Usage},
		{Name: "sorted, with read marks", Op: "seqs", Params: `{"userID":"u2"}`,
			Calls: []bindingtest.Call{newest("u2", 8), {"/msg/get_conversations_has_read_and_max_seq", `{"userID":"u2"}`, `{"seqs":{"si_u1_u2":{"maxSeq":7,"hasReadSeq":6,"maxSeqTime":9007199254740993}}}`}},
			Want:  `[{"conversationID":"n_u2","maxSeq":3,"hasReadSeq":0},{"conversationID":"si_u1_u2","maxSeq":8,"hasReadSeq":6,"maxSeqTime":9007199254740993}]`},
		{Name: "none", Op: "seqs", Params: `{"userID":"u2"}`, Calls: []bindingtest.Call{newest("u2", 0), {"/msg/get_conversations_has_read_and_max_seq", "", `{}`}}, Want: `[]`},
	})
}

func TestWait(t *testing.T) {
	pair := `{"sendID":"u1","recvID":"u2"`
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "stored later, not in the other direction", Op: "wait", Params: pair + `,"text":"hi"}`,
			Calls: []bindingtest.Call{newest("u2", 0), newest("u2", 1), ranged("u2", 1, 1), // the seq is there before the message
				newest("u2", 1), ranged("u2", 1, 1, pulled(1, "u2", "hi")), newest("u2", 2), ranged("u2", 2, 2, pulled(2, "u1", "oh hi"))},
			Want: `{"seq":2,"sendID":"u1","text":"oh hi"}`},
		{Name: "there already", Op: "wait", Params: pair + `,"clientMsgID":"c150"}`, Calls: []bindingtest.Call{newest("u2", 150), ranged("u2", 51, 150, pulled(149, "u1", "x"), pulled(150, "u1", "x"))}, Want: `{"seq":150}`},
		{Name: "since and begin", Op: "wait", Params: pair + `,"since":1003,"begin":2}`, Calls: []bindingtest.Call{newest("u2", 3), ranged("u2", 2, 3, pulled(2, "u1", "x"), pulled(3, "u1", "x"))}, Want: `{"seq":3}`},
		{Name: "by conversation", Op: "wait", Params: `{"conversationID":"si_u1_u2","userID":"u1","contentType":101}`, Calls: []bindingtest.Call{newest("u1", 1), ranged("u1", 1, 1, pulled(1, "u2", "x"))}, Want: `{"seq":1}`},
		{Name: "group in its owner's view", Op: "wait", Params: `{"groupID":"g1","text":"x","within":"20ms"}`,
			Calls: []bindingtest.Call{{"/group/get_groups_info", `{"groupIDs":["g1"]}`, `{"groupInfos":[{"ownerUserID":"u7"}]}`}, {"*/msg/newest_seq", `{"userID":"u7"}`, `{}`}}, Kind: fault.Timeout, Say: "sg_g1 within 20ms"},
		{Name: "no group", Op: "wait", Params: `{"groupID":"g1","text":"x"}`, Calls: []bindingtest.Call{{"/group/get_groups_info", "", `{}`}}, Kind: fault.NotFound},
		{Name: "no time", Op: "wait", Params: pair + `,"text":"x","within":0}`, Kind: fault.Usage, Say: "within"},
		{Name: "what for", Op: "wait", Params: pair + `}`, Kind: fault.Usage, Say: "nothing to wait for"},
		{Name: "where", Op: "wait", Params: `{"sendID":"u1","text":"x"}`, Kind: fault.Usage, Say: "name the conversation"},
		{Name: "who looks", Op: "wait", Params: `{"conversationID":"si_u1_u2","text":"x"}`, Kind: fault.Usage, Say: "userID"},
		{Name: "an error ends it", Op: "wait", Params: pair + `,"text":"x"}`, Calls: []bindingtest.Call{{"/msg/newest_seq", "", "!1002 NoPermissionError"}}, Kind: fault.Denied},
	})
}

func TestWaitIsCanceled(t *testing.T) {
	e := bindingtest.Env(t, []bindingtest.Call{{"*/msg/newest_seq", "", `{}`}}, nil)
	op, _ := Area().Find("wait")
	ctx, cancel := contextWithCancel(t, 20*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := op.Invoke(ctx, e, &WaitParams{SendID: "u1", RecvID: "u2", Text: "x", Within: time.Minute})
	if !fault.Is(err, fault.Canceled) || time.Since(start) > time.Second {
		t.Errorf("%v after %s", err, time.Since(start))
	}
}

func TestRevoke(t *testing.T) {
	revoke := func(answer string) bindingtest.Call {
		return bindingtest.Call{"/msg/revoke_msg", `{"conversationID":"si_u1_u2","seq":7,"userID":"u1"}`, answer}
	}
	by := func(rest string) string { return `{"conversationID":"si_u1_u2","userID":"u1",` + rest + `}` }
	revoked := strings.Replace(pulled(7, "u1", "x"), `"contentType":101`, `"contentType":2101`, 1)
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "by seq", Op: "revoke", Params: by(`"seq":7`), Calls: []bindingtest.Call{revoke("")}, Want: `{"seq":7,"status":"revoked"}`},
		{Name: "again", Op: "revoke", Params: by(`"seq":7`), Calls: []bindingtest.Call{revoke("!1404 MsgAlreadyRevoke")}, Want: `{"status":"already"}`},
		{Name: "by id, from the newest back", Op: "revoke", Params: by(`"clientMsgID":"c7"`),
			Calls: []bindingtest.Call{newest("u1", 120), ranged("u1", 21, 120, pulled(100, "u1", "x")), ranged("u1", 1, 20, pulled(7, "u1", "x")), revoke("")}, Want: `{"seq":7,"status":"revoked"}`},
		{Name: "by id, not stored yet", Op: "revoke", Params: by(`"clientMsgID":"c7"`),
			Calls: []bindingtest.Call{newest("u1", 6), ranged("u1", 1, 6, pulled(6, "u1", "x")), newest("u1", 7), ranged("u1", 1, 7, pulled(6, "u1", "x"), pulled(7, "u1", "x")), revoke("")}, Want: `{"seq":7}`},
		{Name: "by id, revoked before", Op: "revoke", Params: by(`"clientMsgID":"c7"`), Calls: []bindingtest.Call{newest("u1", 7), ranged("u1", 1, 7, revoked)}, Want: `{"status":"already"}`},
		{Name: "not the sender", Op: "revoke", Params: by(`"seq":7`), Calls: []bindingtest.Call{revoke("!1002 NoPermissionError")}, Kind: fault.Denied},
		{Name: "which", Op: "revoke", Params: `{"conversationID":"si_u1_u2","userID":"u1"}`, Kind: fault.Usage, Say: "clientMsgID or seq"},
	})
	op, _ := Area().Find("revoke")
	if op.Effect != bindings.Destroy {
		t.Error("a revoke can't be taken back")
	}
}
