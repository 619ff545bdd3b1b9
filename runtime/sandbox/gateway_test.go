package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestIdleConnectionsEnd(t *testing.T) {
	t.Parallel()
	g := startGatewayTest(t, Config{idleLimit: 3 * time.Second})
	web, silent := g.connect("a", "5"), g.connect("a", "1")
	pinging := g.connect("a", "2") // last: its time begins here
	began := time.Now()
	for range 16 {
		time.Sleep(200 * time.Millisecond)
		if err := pinging.write(websocket.PingMessage, []byte("x")); err != nil {
			t.Fatalf("a pinging client is closed after %v: %v", time.Since(began), err)
		}
	}
	g.closes(silent)
	if len(pinging.pongs) == 0 || len(web.pings) == 0 || len(pinging.pings) > 0 {
		t.Errorf("%d pongs, %d pings to a browser, %d to another", len(pinging.pongs), len(web.pings), len(pinging.pings))
	}
	g.do(pinging, wsNewestSeq, map[string]any{"userID": "a"})
	g.do(web, wsNewestSeq, map[string]any{"userID": "a"})
}

func TestFrameLimit(t *testing.T) {
	t.Parallel()
	g := startGatewayTest(t, Config{})
	query := g.handshake("a", "1")
	query.Set("sdkType", "js")
	c := g.connectAs("a", query)
	frame, err := c.encode(GeneralWsReq{wsBackground, "", "a", "op", "1", []byte{}})
	if err != nil {
		t.Fatal(err)
	}
	exact := append(frame[:len(frame)-1], make([]byte, maxFrame-len(frame)+1)...)
	for i := len(frame) - 1; i < len(exact); i++ {
		exact[i] = ' '
	}
	if err := c.write(websocket.BinaryMessage, exact); err != nil {
		t.Fatal(err)
	}
	if _, err := c.find(func(wsAnswer) error { return nil }); err != nil {
		t.Fatalf("%d bytes: %v", len(exact), err)
	}
	_ = c.write(websocket.BinaryMessage, append(exact, ' ')) // it may be closed while we write
	g.closes(c)
}

func TestSlowReaderIsClosed(t *testing.T) {
	t.Parallel()
	g := startGatewayTest(t, Config{})
	conn, _, err := websocket.DefaultDialer.Dial(g.ready.Gateway+"/?"+g.handshake("a", "1").Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	var c *session
	eventually(t, "the connection is there", func() bool {
		if all := g.server.gateway.all(); len(all) == 1 {
			c = all[0]
		}
		return c != nil
	})
	frame := outFrame{websocket.BinaryMessage, make([]byte, 1<<20)}
	for range 4 * queueLimit { // nobody reads: buffers fill, then the queue
		c.send(frame)
	}
	eventually(t, "it is closed", func() bool { return len(g.server.gateway.all()) == 0 })
}

func TestPresence(t *testing.T) {
	t.Parallel()
	g := startGatewayTest(t, Config{})
	watcher := g.connect("a", "1")
	online := func(data any) string {
		list, _ := dig(data, "subscribers")
		return brief(list)
	}
	data, _ := g.do(watcher, wsSubscribe, map[string]any{"subscribeUserID": []any{"b", "a"}})
	if got := online(data); got != `[{"onlinePlatformIDs":[],"userID":"b"},{"onlinePlatformIDs":[1],"userID":"a"}]` {
		t.Errorf("first state %s", got)
	}
	change := func(want string) {
		t.Helper()
		a, err := watcher.find(func(a wsAnswer) error {
			if a.ReqIdentifier != wsSubscribe {
				return fmt.Errorf("request %d", a.ReqIdentifier)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		data, err := decodeMessage("sdkws.SubUserOnlineStatusTips", a.Data)
		if got := online(data); err != nil || got != want || a.MsgIncr != "" {
			t.Errorf("%s %q %v, want %s", got, a.MsgIncr, err, want)
		}
	}
	keys := func() []string {
		list, err := g.server.redis.ZMembers("ONLINE:b")
		if err != nil {
			return nil
		}
		return list
	}
	phone := g.connect("b", "2")
	change(`[{"onlinePlatformIDs":[2],"userID":"b"}]`)
	pad := g.connect("b", "8")
	change(`[{"onlinePlatformIDs":[2,8],"userID":"b"}]`)
	if got := keys(); !slices.Equal(got, []string{"2", "8"}) {
		t.Errorf("ONLINE:b holds %v", got)
	}
	if ttl := g.server.redis.TTL("ONLINE:b"); ttl < 29*time.Minute || ttl > 30*time.Minute {
		t.Errorf("ONLINE:b lives %v", ttl)
	}
	second := g.connect("b", "2") // with the same token: no change
	phone.close()
	pad.close()
	change(`[{"onlinePlatformIDs":[2],"userID":"b"}]`)
	g.do(watcher, wsSubscribe, map[string]any{"unsubscribeUserID": []any{"b"}})
	second.close()
	eventually(t, "b is offline in Redis", func() bool { return len(keys()) == 0 })
	g.silent(watcher, "a change", func(a wsAnswer) bool { return a.ReqIdentifier == wsSubscribe })
}

func TestKickedTokens(t *testing.T) {
	t.Parallel()
	g := startGatewayTest(t, Config{})
	first := g.connect("a", "1")
	other := g.connect("a", "2")
	time.Sleep(1100 * time.Millisecond) // a token of the same second is the same
	query := g.handshake("a", "1")
	delete(g.tokens, "a 1")
	second := g.connect("a", "1")
	if a, err := first.find(func(a wsAnswer) error { return nil }); err != nil || a.ReqIdentifier != wsKicked {
		t.Errorf("the first got %+v %v", a, err)
	}
	g.closes(first)
	for _, text := range []string{"", "true"} {
		query.Set("isMsgResp", text)
		c, resp, err := dialGateway(g.ready.Gateway, "/", query)
		switch {
		case err != nil:
			t.Fatal(err)
		case text == "" && (c != nil || resp.StatusCode != 200):
			t.Errorf("a kicked token: %d", resp.StatusCode)
		case text != "":
			refusal, err := next(c.texts, contractWait)
			if err != nil || !strings.Contains(refusal, `"errCode":1506`) {
				t.Errorf("refusal %s %v", refusal, err)
			}
			<-c.closed
		}
	}
	g.do(second, wsNewestSeq, map[string]any{"userID": "a"})
	g.do(other, wsNewestSeq, map[string]any{"userID": "a"})
	g.server.Reset()
	g.closes(second)
	g.closes(other)
	if n := len(g.server.redis.Keys()); n != 0 {
		t.Errorf("%d keys after a reset", n)
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	g := startGatewayTest(t, Config{})
	a, a2, b := g.connect("a", "1"), g.connect("a", "5"), g.connect("b", "2")
	sent, code := g.say(a, "b", "one")
	if code != 0 {
		t.Fatal(code)
	}
	serverID, _ := dig(sent, "serverMsgID")
	for _, c := range []*replayConn{a, a2, b} {
		m := g.mustPush(c, "si_a_b", 101)
		if m["serverMsgID"] != serverID || m["seq"] != json.Number("1") || m["content"] != `{"content":"one"}` || m["clientMsgID"] != "c-one" {
			t.Errorf("%s: %s", c.user, brief(m))
		}
	}
	t.Run("typing", func(t *testing.T) {
		g.say(a, "b", "typing", "contentType", contentTyping)
		if m := g.mustPush(b, "si_a_b", contentTyping); m["seq"] != json.Number("0") {
			t.Errorf("typing has a seq: %s", brief(m))
		}
		g.silent(a2, "typing", func(a wsAnswer) bool { return a.ReqIdentifier == wsPush })
		seqs, _ := g.do(b, wsNewestSeq, map[string]any{"userID": "b"})
		if n, _ := dig(seqs, "maxSeqs.si_a_b"); n != json.Number("1") {
			t.Errorf("newest seq %v: typing is stored", n)
		}
	})
	t.Run("read receipt", func(t *testing.T) {
		g.asAdmin("/msg/mark_conversation_as_read", map[string]any{"userID": "b", "conversationID": "si_a_b", "hasReadSeq": 1, "seqs": []int{1}})
		m := g.mustPush(a, "n_a_b", noteRead)
		var content, tips map[string]any
		if err := json.Unmarshal([]byte(m["content"].(string)), &content); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(content["detail"].(string)), &tips); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(tips) != "map[conversationID:si_a_b hasReadSeq:1 markAsReadUserID:b seqs:[1]]" || m["seq"] != json.Number("1") {
			t.Errorf("%s", brief(m))
		}
		seqs, _ := g.do(b, wsReadAndMax, map[string]any{"userID": "b"})
		if n, _ := dig(seqs, "seqs.si_a_b.hasReadSeq"); n != json.Number("1") {
			t.Errorf("read %v", brief(seqs))
		}
	})
	t.Run("without sender sync", func(t *testing.T) {
		g.say(a, "b", "quiet", "options", map[string]any{"senderSync": false})
		g.mustPush(b, "si_a_b", 101)
		g.silent(a2, "its own message", func(a wsAnswer) bool { return a.ReqIdentifier == wsPush && strings.Contains(string(a.Data), "quiet") })
	})
	t.Run("iOS in the background", func(t *testing.T) {
		g.do(a, wsBackground, map[string]any{"userID": "a", "isBackground": true})
		g.say(b, "a", "hush")
		g.mustPush(a2, "si_a_b", 101)
		g.silent(a, "a push", func(a wsAnswer) bool { return strings.Contains(string(a.Data), "hush") })
		g.do(a, wsBackground, map[string]any{"userID": "a"})
	})
	t.Run("of another sender", func(t *testing.T) {
		if _, code := g.say(a, "b", "forged", "sendID", "b"); code != codeNoPermission {
			t.Errorf("errCode %d", code)
		}
	})
	t.Run("signal", func(t *testing.T) {
		if err := a.request(GeneralWsReq{wsSignal, "", "a", "op", "sig", nil}); err != nil {
			t.Fatal(err)
		}
		answer, err := a.find(func(a wsAnswer) error {
			if a.MsgIncr != "sig" {
				return fmt.Errorf("another")
			}
			return nil
		})
		if err != nil || answer.ErrCode == 0 {
			t.Errorf("%+v %v", answer, err)
		}
	})
}

func TestNotificationsArePushed(t *testing.T) {
	t.Parallel()
	g := startGatewayTest(t, Config{})
	a, b := g.connect("a", "1"), g.connect("b", "1")
	user := func(path string, body any) { t.Helper(); g.asAdmin(path, body) }
	type fields = map[string]any
	steps := []struct {
		path         string
		body         fields
		to           *replayConn
		conversation string
		contentType  int
	}{
		{"/friend/add_friend", fields{"fromUserID": "a", "toUserID": "b", "reqMsg": "hi"}, b, "n_a_b", noteFriendApplied},
		{"/friend/add_friend_response", fields{"fromUserID": "a", "toUserID": "b", "handleResult": 1}, a, "n_a_b", noteFriendApproved},
		{"/friend/set_friend_remark", fields{"ownerUserID": "a", "friendUserID": "b", "remark": "x"}, a, "n_a_b", noteFriendRemark},
		{"/friend/update_friends", fields{"ownerUserID": "a", "friendUserIDs": []string{"b"}, "isPinned": true}, a, "n_a_a", noteFriendsUpdated},
		{"/user/update_user_info", fields{"userInfo": fields{"userID": "a", "nickname": "AA"}}, a, "n_a_imAdmin", noteUserInfo},
		{"/user/update_user_info", fields{"userInfo": fields{"userID": "a", "nickname": "AAA"}}, b, "n_b_imAdmin", noteFriendInfo},
		{"/friend/delete_friend", fields{"ownerUserID": "a", "friendUserID": "b"}, a, "n_a_b", noteFriendDeleted},
		{"/friend/add_black", fields{"ownerUserID": "a", "blackUserID": "b"}, a, "n_a_b", noteBlackAdded},
		{"/friend/remove_black", fields{"ownerUserID": "a", "blackUserID": "b"}, a, "n_a_b", noteBlackRemoved},
		{"/group/create_group", fields{"groupInfo": fields{"groupID": "g", "groupName": "G", "groupType": 2}, "ownerUserID": "a"}, a, "n_g", noteGroupCreated},
		{"/group/join_group", fields{"groupID": "g", "joinSource": 3, "inviterUserID": "b", "reqMessage": "me"}, a, "n_a_imAdmin", noteJoinApplied},
		{"/group/group_application_response", fields{"groupID": "g", "fromUserID": "b", "handleResult": 1}, b, "n_b_imAdmin", noteJoinAccepted},
		{"/group/set_group_info", fields{"groupInfoForSet": fields{"groupID": "g", "faceURL": "u"}}, b, "n_g", noteGroupInfo},
		{"/group/set_group_info", fields{"groupInfoForSet": fields{"groupID": "g", "groupName": "H"}}, b, "sg_g", noteGroupName},
		{"/group/set_group_info", fields{"groupInfoForSet": fields{"groupID": "g", "notification": "N"}}, b, "sg_g", noteAnnouncement},
		{"/group/set_group_member_info", fields{"members": []any{fields{"groupID": "g", "userID": "b", "roleLevel": 60}}}, a, "n_g", noteMemberAdmin},
		{"/group/set_group_member_info", fields{"members": []any{fields{"groupID": "g", "userID": "b", "nickname": "bb"}}}, a, "n_g", noteMemberInfo},
		{"/group/mute_group_member", fields{"groupID": "g", "userID": "b", "mutedSeconds": 60}, b, "n_g", noteMemberMuted},
		{"/group/kick_group", fields{"groupID": "g", "kickedUserIDs": []string{"b"}}, b, "n_g", noteMemberKicked},
		{"/conversation/set_conversations", fields{"userIDs": []string{"a"}, "conversation": fields{
			"conversationID": "sg_g", "conversationType": 3, "groupID": "g", "recvMsgOpt": 2}}, a, "n_a_a", noteConversations},
		{"/msg/user_clear_all_msg", fields{"userID": "a", "deleteSyncOpt": fields{"isSyncSelf": true}}, a, "n_a_a", noteCleared},
		{"/group/dismiss_group", fields{"groupID": "g"}, a, "n_g", noteGroupDismissed},
	}
	for _, s := range steps {
		user(s.path, s.body)
		m := g.mustPush(s.to, s.conversation, s.contentType)
		var content struct{ Detail string }
		var tips map[string]any
		if err := json.Unmarshal([]byte(m["content"].(string)), &content); err != nil {
			t.Errorf("%d: %v", s.contentType, err)
		}
		if err := json.Unmarshal([]byte(content.Detail), &tips); err != nil || len(tips) == 0 {
			t.Errorf("%d: tips %q %v", s.contentType, content.Detail, err)
		}
	}
}

func TestOldGenerationHasNoNewRequests(t *testing.T) {
	t.Parallel()
	g := startGatewayTest(t, Config{Generation: Generation383})
	c := g.connect("a", "1")
	if err := c.request(GeneralWsReq{wsLastMessage, "", "a", "op", "1", nil}); err != nil {
		t.Fatal(err)
	}
	g.closes(c)
	if c, resp, err := dialGateway(g.ready.Gateway, "/", url.Values{"v": {"e30"}}); err != nil || c != nil || resp.StatusCode != 200 {
		t.Errorf("the v form: %v %v", c, err)
	}
}

func TestCloseEndsConnections(t *testing.T) {
	t.Parallel()
	g := startGatewayTest(t, Config{})
	a, b := g.connect("a", "1"), g.connect("b", "5")
	if err := g.server.Close(); err != nil {
		t.Fatal(err)
	}
	g.closes(a)
	g.closes(b)
}

// TestFullGateway: one connection too many is refused by an envelope, whatever its
// arguments are and however it wants its answer; when one has gone there is room.
func TestFullGateway(t *testing.T) {
	t.Parallel()
	g := startGatewayTest(t, Config{connectionLimit: 2})
	first, second := g.connect("a", "1"), g.connect("b", "1")
	for _, c := range []*replayConn{first, second} {
		g.do(c, wsNewestSeq, map[string]any{"userID": c.user}) // they are known now
	}
	asText := g.handshake("a", "2")
	asText.Set("isMsgResp", "true")
	for _, query := range []url.Values{g.handshake("a", "2"), asText, {}} {
		c, resp, err := dialGateway(g.ready.Gateway, "/", query)
		if err != nil || c != nil {
			t.Fatalf("not refused: %v", err)
		}
		var e envelope
		if err := json.NewDecoder(resp.Body).Decode(&e); err != nil || resp.StatusCode != http.StatusOK || e.ErrCode != codeConnTooMany || e.ErrMsg != "ConnOverMaxNumLimit" {
			t.Errorf("HTTP %d, %+v, %v", resp.StatusCode, e, err)
		}
	}
	g.do(second, wsNewestSeq, map[string]any{"userID": "b"})
	first.close()
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		c, _, err := dialGateway(g.ready.Gateway, "/", g.handshake("a", "2"))
		if err != nil || time.Now().After(end) {
			t.Fatalf("no room after one has gone: %v", err)
		}
		if c != nil {
			c.close()
			return
		}
	}
}
