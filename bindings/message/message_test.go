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
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

const sent = `{"serverMsgID":"s1","clientMsgID":"c1","sendTime":1767323045123}`

func send(body string) call { return call{"/msg/send_msg", body, sent} }

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
		got, err := invoke(t, env(t, nil, nil), "conversation", c.params)
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
	runAll(t, []step{
		{name: "text", op: "send", params: `{"sendID":"u2","recvID":"u1","text":"hello, \"you\" <b>&"}`,
			calls: []call{send(`{"sendID":"u2","contentType":101,"sessionType":1,"content":{"content":"hello, \"you\" <b>&"},"recvID":"u1"}`)},
			want:  `{"serverMsgID":"s1","clientMsgID":"c1","sendTime":1767323045123,"conversationID":"si_u1_u2"}`},
		{name: "to a group", op: "send", params: `{"sendID":"u1","groupID":"g1","markdown":"**x**","isOnlineOnly":true,"sendTime":1700000000000,"offlinePushInfo":{"title":"t","desc":"d"}}`,
			calls: []call{send(`{"sendID":"u1","contentType":118,"sessionType":3,"content":{"content":"**x**"},"groupID":"g1","isOnlineOnly":true,"sendTime":1700000000000,"offlinePushInfo":{"title":"t","desc":"d"}}`)},
			want:  `{"conversationID":"sg_g1"}`},
		{name: "names members", op: "send", params: `{"sendID":"u1","groupID":"g1","text":"@u2","atUserList":["u2"]}`,
			calls: []call{send(`{"sendID":"u1","contentType":106,"sessionType":3,"content":{"text":"@u2","atUserList":["u2"]},"groupID":"g1"}`)}},
		{name: "image", op: "send", params: `{"sendID":"u1","recvID":"u2","image":"http://x/p.png?a=1"}`,
			calls: []call{send(`{"sendID":"u1","contentType":102,"sessionType":1,"recvID":"u2","content":{"sourcePath":"","sourcePicture":` + picture + `,"bigPicture":` + picture + `,"snapshotPicture":` + picture + `}}`)}},
		{name: "custom data", op: "send", params: `{"sendID":"u1","recvID":"u2","custom":{"n":9007199254740993,"l":[]},"description":"d"}`,
			calls: []call{send(`{"sendID":"u1","contentType":110,"sessionType":1,"recvID":"u2","content":{"data":"{\"n\":9007199254740993,\"l\":[]}","description":"d","extension":""}}`)}},
		{name: "custom text", op: "send", params: `{"sendID":"u1","recvID":"u2","custom":"plain"}`,
			calls: []call{send(`{"sendID":"u1","contentType":110,"sessionType":1,"recvID":"u2","content":{"data":"plain","description":"","extension":""}}`)}},
		{name: "OA notification", op: "send", params: `{"sendID":"n1","recvID":"u2","contentType":1400,"content":{"text":"T"}}`,
			calls: []call{send(`{"sendID":"n1","contentType":1400,"sessionType":4,"recvID":"u2","content":{"text":"T"}}`)}, want: `{"conversationID":"sn_n1_u2"}`},
		{name: "blocked", op: "send", params: `{"sendID":"u1","recvID":"u2","text":"x"}`, calls: []call{{"/msg/send_msg", "", "!1302 BlockedByPeer"}}, kind: fault.API, say: "BlockedByPeer"},
		{name: "two contents", op: "send", params: `{"sendID":"u1","recvID":"u2","text":"x","markdown":"y"}`, kind: fault.Usage, say: "text and markdown"},
		{name: "no content", op: "send", params: `{"sendID":"u1","recvID":"u2"}`, kind: fault.Usage, say: "no content"},
		{name: "empty text", op: "send", params: `{"sendID":"u1","recvID":"u2","text":""}`, kind: fault.Usage, say: "no content"},
		{name: "no receiver", op: "send", params: `{"sendID":"u1","text":"x"}`, kind: fault.Usage, say: "recvID or groupID"},
		{name: "two receivers", op: "send", params: `{"sendID":"u1","recvID":"u2","groupID":"g1","text":"x"}`, kind: fault.Usage, say: "both"},
		{name: "at in a single chat", op: "send", params: `{"sendID":"u1","recvID":"u2","text":"x","atUserList":["u2"]}`, kind: fault.Usage, say: "in a group"},
		{name: "type the server refuses", op: "send", params: `{"sendID":"u1","recvID":"u2","contentType":107,"content":{"a":1}}`, kind: fault.Usage, say: "107"},
		{name: "type without content", op: "send", params: `{"sendID":"u1","recvID":"u2","contentType":101,"text":"x"}`, kind: fault.Usage},
		{name: "seconds for ms", op: "send", params: `{"sendID":"u1","recvID":"u2","text":"x","sendTime":1700000000}`, kind: fault.Usage, say: "milliseconds"},
		{name: "typo in a nested field", op: "send", params: `{"sendID":"u1","recvID":"u2","text":"x","offlinePushInfo":{"titel":"t"}}`, kind: fault.Usage, say: "did you mean title?"},
		{name: "from", op: "send", params: `{"sendId":"u1","recvID":"u2","text":"x"}`, kind: fault.Usage, say: "did you mean sendID?"},
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
	e := env(t, nil, nil)
	e.API = openim.New(openim.Config{API: openim.Setting{Value: server.URL}, AdminUserID: "imAdmin", Retries: 3,
		Secret: openim.Secret{Get: anySecret}})
	_, err := invoke(t, e, "send", `{"sendID":"u1","recvID":"u2","text":"x"}`)
	if err == nil || sends != 1 || askID != sendID || !strings.Contains(err.Hint, "was sent") {
		t.Errorf("%d sends, asked for %q of %q: %v (%s)", sends, askID, sendID, err, err.Hint)
	}
	e.API.Close()
}

func TestBroadcast(t *testing.T) {
	base := `"sendID":"u1","contentType":101,"sessionType":1,"content":{"content":"x"},"recvIDs":`
	cast := func(ids, answer string) call { return call{"/msg/batch_send_msg", `{` + base + ids + `}`, answer} }
	ok := func(id string) string {
		return fmt.Sprintf(`{"recvID":%q,"serverMsgID":"s-%s","clientMsgID":"c","sendTime":5}`, id, id)
	}
	runAll(t, []step{
		{name: "a row for each receiver", op: "broadcast", params: `{"sendID":"u1","recvIDs":["u2","u3","u9","u4","u2"],"text":"x"}`,
			calls: []call{cast(`["u2","u3","u9","u4"]`, `{"results":[`+ok("u2")+`],"failedUserIDs":["u3","u9"]}`),
				{"/user/get_users_info", `{"userIDs":["u3","u9"]}`, `{"usersInfo":[{"userID":"u3"}]}`}},
			want: `[{"recvID":"u2","status":"sent","serverMsgID":"s-u2"},{"recvID":"u3","status":"failed"},{"recvID":"u9","status":"failed","error":"no account \"u9\""},{"recvID":"u4","status":"unknown"}]`,
			kind: fault.Partial, say: "3 of 4 receivers not reached"},
		{name: "the whole call refused", op: "broadcast", params: `{"sendID":"u1","recvIDs":["u2","u3"],"text":"x"}`,
			calls: []call{cast(`["u2","u3"]`, "!500 content rule")}, want: `[{"status":"failed"},{"status":"failed"}]`, kind: fault.API, say: "content rule"},
		{name: "all, without sender and admin", op: "broadcast", params: `{"sendID":"u1","all":true,"text":"x"}`,
			calls: []call{
				{"/user/get_users", `{"pagination":{"pageNumber":1,"showNumber":500}}`, `{"total":4,"users":[{"userID":"u1"},{"userID":"u2"},{"userID":"imAdmin"},{"userID":"u3"}]}`},
				{"/user/get_users", `{"pagination":{"pageNumber":1,"showNumber":500}}`, `{"total":4,"users":[{"userID":"u1"},{"userID":"u2"},{"userID":"imAdmin"},{"userID":"u3"}]}`},
				cast(`["u2","u3"]`, `{"results":[`+ok("u2")+`,`+ok("u3")+`],"failedUserIDs":null}`)},
			want: `[{"recvID":"u2","status":"sent"},{"recvID":"u3","status":"sent"}]`},
		{name: "nobody", op: "broadcast", params: `{"sendID":"u1","text":"x"}`, kind: fault.Usage, say: "all=true"},
		{name: "empty list", op: "broadcast", params: `{"sendID":"u1","recvIDs":[],"text":"x"}`, kind: fault.Usage},
		{name: "both", op: "broadcast", params: `{"sendID":"u1","recvIDs":["u2"],"all":true,"text":"x"}`, kind: fault.Usage, say: "both"},
		{name: "blank id", op: "broadcast", params: `{"sendID":"u1","recvIDs":["u2"," "],"text":"x"}`, kind: fault.Usage, say: "recvIDs[2]"},
	})
	op, _ := Area().Find("broadcast")
	p, err := op.Preview(t.Context(), env(t, []call{{"/user/get_users", "", `{"total":1,"users":[{"userID":"u2"}]}`}}, nil), &BroadcastParams{SendID: "u1", All: true})
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
	runAll(t, []step{
		{name: "server filters and ours", op: "search", params: `{"sendID":"u1","recvID":"u2","contentType":101,"sessionType":1,"sendTime":"2026-01-31","text":"HELLO"}`,
			calls: []call{{"/msg/search_msg", `{"pagination":{"pageNumber":1,"showNumber":200},"sendID":"u1","recvID":"u2","sendTime":"2026-01-31","contentType":101,"sessionType":1}`,
				answer(row(1, "bye"), row(2, "say hello"))}},
			want: `[{"seq":2,"text":"say hello","content":"{\"content\":\"say hello\"}","isRevoked":true,"conversationID":"si_u1_u2"}]`},
		{name: "limit", op: "search", params: `{"limit":1}`, calls: []call{{"/msg/search_msg", page(1), answer(row(1, "a"), row(2, "b"))}}, want: `[{"seq":1}]`},
		{name: "goes on past its count", op: "search", params: `{"text":"last"}`,
			calls: []call{{"/msg/search_msg", page(1), answer(full...)}, {"/msg/search_msg", page(2), answer(row(201, "last"))}}, want: `[{"seq":201}]`},
		{name: "repeats itself", op: "search", params: `{"text":"nothing"}`,
			calls: []call{{"/msg/search_msg", page(1), answer(full...)}, {"/msg/search_msg", page(2), answer(full...)}}, kind: fault.API, say: "repeats itself"},
		{name: "day", op: "search", params: `{"sendTime":"31.1.2026"}`, kind: fault.Usage, say: "want a day like"},
		{name: "session", op: "search", params: `{"sessionType":2}`, kind: fault.Usage},
		{name: "not a filter", op: "search", params: `{"content":"x"}`, kind: fault.Usage, say: "unknown field content"},
	})
}

func pulled(seq int, sendID, text string) string {
	content := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"content":%q}`, text))
	return fmt.Sprintf(`{"seq":%d,"sendID":%q,"recvID":"u2","sessionType":1,"contentType":101,"clientMsgID":"c%d","sendTime":%d,"content":%q}`,
		seq, sendID, seq, 1000+seq, content)
}

func newest(user string, max int) call {
	answer := `{}`
	if max > 0 {
		answer = fmt.Sprintf(`{"maxSeqs":{"si_u1_u2":%d,"n_u2":3}}`, max)
	}
	return call{"/msg/newest_seq", fmt.Sprintf(`{"userID":%q}`, user), answer}
}

func ranged(user string, from, to int, rows ...string) call {
	answer := `{}`
	if len(rows) > 0 {
		answer = `{"msgs":{"si_u1_u2":{"Msgs":[` + strings.Join(rows, ",") + `],"isEnd":true}}}`
	}
	return call{"/msg/pull_msg_by_seq", fmt.Sprintf(`{"userID":%q,"seqRanges":[{"conversationID":"si_u1_u2","begin":%d,"end":%d,"num":%d}],"order":0}`, user, from, to, to-from+1), answer}
}

func TestPullAndSeqs(t *testing.T) {
	both := `{"conversationID":"si_u1_u2","userID":"u2"`
	runAll(t, []step{
		{name: "num is the range, content is decoded", op: "pull", params: both + `}`,
			calls: []call{newest("u2", 2), ranged("u2", 1, 2, pulled(2, "u2", "two"), pulled(1, "u1", "one"))},
			want:  `[{"seq":1,"text":"one","content":"{\"content\":\"one\"}","conversationID":"si_u1_u2"},{"seq":2,"sendID":"u2"}]`},
		{name: "in batches, a silent one is said", op: "pull", params: both + `,"begin":5,"end":150}`,
			calls: []call{newest("u2", 130), ranged("u2", 5, 104), ranged("u2", 105, 130, pulled(105, "u1", "x"))}, want: `[{"seq":105}]`, warn: "none of the messages 5 to 104"},
		{name: "nothing new", op: "pull", params: both + `,"begin":9}`, calls: []call{newest("u2", 8)}, want: `[]`},
		{name: "not in it", op: "pull", params: `{"conversationID":"si_u1_u3","userID":"u2"}`, calls: []call{newest("u2", 8)}, kind: fault.NotFound, say: "did you mean si_u1_u2?"},
		{name: "end before begin", op: "pull", params: both + `,"begin":9,"end":3}`, kind: fault.Usage},
		{name: "begin 0", op: "pull", params: both + `,"begin":0}`, kind: fault.Usage},
		{name: "sorted, with read marks", op: "seqs", params: `{"userID":"u2"}`,
			calls: []call{newest("u2", 8), {"/msg/get_conversations_has_read_and_max_seq", `{"userID":"u2"}`, `{"seqs":{"si_u1_u2":{"maxSeq":7,"hasReadSeq":6,"maxSeqTime":9007199254740993}}}`}},
			want:  `[{"conversationID":"n_u2","maxSeq":3,"hasReadSeq":0},{"conversationID":"si_u1_u2","maxSeq":8,"hasReadSeq":6,"maxSeqTime":9007199254740993}]`},
		{name: "none", op: "seqs", params: `{"userID":"u2"}`, calls: []call{newest("u2", 0), {"/msg/get_conversations_has_read_and_max_seq", "", `{}`}}, want: `[]`},
	})
}

func TestWait(t *testing.T) {
	pair := `{"sendID":"u1","recvID":"u2"`
	runAll(t, []step{
		{name: "stored later, not in the other direction", op: "wait", params: pair + `,"text":"hi"}`,
			calls: []call{newest("u2", 0), newest("u2", 1), ranged("u2", 1, 1), // the seq is there before the message
				newest("u2", 1), ranged("u2", 1, 1, pulled(1, "u2", "hi")), newest("u2", 2), ranged("u2", 2, 2, pulled(2, "u1", "oh hi"))},
			want: `{"seq":2,"sendID":"u1","text":"oh hi"}`},
		{name: "there already", op: "wait", params: pair + `,"clientMsgID":"c150"}`, calls: []call{newest("u2", 150), ranged("u2", 51, 150, pulled(149, "u1", "x"), pulled(150, "u1", "x"))}, want: `{"seq":150}`},
		{name: "since and begin", op: "wait", params: pair + `,"since":1003,"begin":2}`, calls: []call{newest("u2", 3), ranged("u2", 2, 3, pulled(2, "u1", "x"), pulled(3, "u1", "x"))}, want: `{"seq":3}`},
		{name: "by conversation", op: "wait", params: `{"conversationID":"si_u1_u2","userID":"u1","contentType":101}`, calls: []call{newest("u1", 1), ranged("u1", 1, 1, pulled(1, "u2", "x"))}, want: `{"seq":1}`},
		{name: "group in its owner's view", op: "wait", params: `{"groupID":"g1","text":"x","within":"20ms"}`,
			calls: []call{{"/group/get_groups_info", `{"groupIDs":["g1"]}`, `{"groupInfos":[{"ownerUserID":"u7"}]}`}, {"*/msg/newest_seq", `{"userID":"u7"}`, `{}`}}, kind: fault.Timeout, say: "sg_g1 within 20ms"},
		{name: "no group", op: "wait", params: `{"groupID":"g1","text":"x"}`, calls: []call{{"/group/get_groups_info", "", `{}`}}, kind: fault.NotFound},
		{name: "no time", op: "wait", params: pair + `,"text":"x","within":0}`, kind: fault.Usage, say: "within"},
		{name: "what for", op: "wait", params: pair + `}`, kind: fault.Usage, say: "nothing to wait for"},
		{name: "where", op: "wait", params: `{"sendID":"u1","text":"x"}`, kind: fault.Usage, say: "name the conversation"},
		{name: "who looks", op: "wait", params: `{"conversationID":"si_u1_u2","text":"x"}`, kind: fault.Usage, say: "userID"},
		{name: "an error ends it", op: "wait", params: pair + `,"text":"x"}`, calls: []call{{"/msg/newest_seq", "", "!1002 NoPermissionError"}}, kind: fault.Denied},
	})
}

func TestWaitIsCanceled(t *testing.T) {
	e := env(t, []call{{"*/msg/newest_seq", "", `{}`}}, nil)
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
	revoke := func(answer string) call {
		return call{"/msg/revoke_msg", `{"conversationID":"si_u1_u2","seq":7,"userID":"u1"}`, answer}
	}
	by := func(rest string) string { return `{"conversationID":"si_u1_u2","userID":"u1",` + rest + `}` }
	revoked := strings.Replace(pulled(7, "u1", "x"), `"contentType":101`, `"contentType":2101`, 1)
	runAll(t, []step{
		{name: "by seq", op: "revoke", params: by(`"seq":7`), calls: []call{revoke("")}, want: `{"seq":7,"status":"revoked"}`},
		{name: "again", op: "revoke", params: by(`"seq":7`), calls: []call{revoke("!1404 MsgAlreadyRevoke")}, want: `{"status":"already"}`},
		{name: "by id, from the newest back", op: "revoke", params: by(`"clientMsgID":"c7"`),
			calls: []call{newest("u1", 120), ranged("u1", 21, 120, pulled(100, "u1", "x")), ranged("u1", 1, 20, pulled(7, "u1", "x")), revoke("")}, want: `{"seq":7,"status":"revoked"}`},
		{name: "by id, not stored yet", op: "revoke", params: by(`"clientMsgID":"c7"`),
			calls: []call{newest("u1", 6), ranged("u1", 1, 6, pulled(6, "u1", "x")), newest("u1", 7), ranged("u1", 1, 7, pulled(6, "u1", "x"), pulled(7, "u1", "x")), revoke("")}, want: `{"seq":7}`},
		{name: "by id, revoked before", op: "revoke", params: by(`"clientMsgID":"c7"`), calls: []call{newest("u1", 7), ranged("u1", 1, 7, revoked)}, want: `{"status":"already"}`},
		{name: "not the sender", op: "revoke", params: by(`"seq":7`), calls: []call{revoke("!1002 NoPermissionError")}, kind: fault.Denied},
		{name: "which", op: "revoke", params: `{"conversationID":"si_u1_u2","userID":"u1"}`, kind: fault.Usage, say: "clientMsgID or seq"},
	})
	op, _ := Area().Find("revoke")
	if op.Effect != bindings.Destroy {
		t.Error("a revoke can't be taken back")
	}
}
