package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// faultEffects cause each targeted fault and look at what it does.
var faultEffects = map[string]struct {
	spec  string
	check func(*gatewayTest)
}{
	"rest-errcode": {"rest-errcode=/user/get_users_info:1506@1!a", func(g *gatewayTest) {
		g.restIs("a", 200, `{"errCode":1506,"errMsg":"TokenKickedError","errDlt":"fault injected"}`)
		g.restIs("a", 200, `"usersInfo":[`)
		g.restIs("b", 200, `"usersInfo":[`)
	}},
	"rest-status": {"rest-status=/user/get_users_info:404@1,rest-status=/user/get_users_info:500@2", func(g *gatewayTest) {
		g.restIs("a", 404, "404 page not found")
		g.restIs("a", 500, "")
		g.restIs("a", 200, `"usersInfo":[`)
	}},
	"rest-nodata": {"rest-nodata=/user/get_users_info", func(g *gatewayTest) {
		g.restIs("a", 200, `{"errCode":0,"errMsg":"","errDlt":""}`)
	}},
	"rest-drop": {"rest-drop=/user/get_users_info:usersInfo", func(g *gatewayTest) { g.restIs("a", 200, `"data":{}`) }},
	"rest-null": {"rest-null=/user/get_users_info:usersInfo", func(g *gatewayTest) { g.restIs("a", 200, `"data":{"usersInfo":null}`) }},
	"ws-refuse": {"ws-refuse=1501@2-3!a", func(g *gatewayTest) {
		g.connect("a", "1").close()
		g.refused("a", "", 200, `"errCode":1501`)
		g.refused("a", "true", 101, `"errCode":1501`)
		g.connect("a", "1")
		g.connect("b", "1")
	}},
	"ws-refuse-http": {"ws-refuse-http=1506", func(g *gatewayTest) { g.refused("a", "true", 200, "") }},
	"ws-status":      {"ws-status=401", func(g *gatewayTest) { g.refused("a", "true", 401, "") }},
	"ws-hangup": {"ws-hangup@1-2", func(g *gatewayTest) {
		for range 2 {
			if _, _, err := dialGateway(g.ready.Gateway, "/", g.handshake("a", "1")); err == nil {
				g.t.Error("an answer came")
			}
		}
		g.connect("a", "1")
	}},
	"ws-no-first-text": {"ws-no-first-text", func(g *gatewayTest) { g.texts("true", 0) }},
	"ws-first-text":    {"ws-first-text", func(g *gatewayTest) { g.texts("", 1) }},
	"ws-text-ping":     {"ws-text-ping=50ms", func(g *gatewayTest) { g.texts("", 1) }},
	"ws-ping": {"ws-ping=50ms", func(g *gatewayTest) {
		if _, err := next(g.connect("a", "1").pings, contractWait); err != nil {
			g.t.Error(err)
		}
	}},
	"ws-quiet": {"ws-quiet!a", func(g *gatewayTest) {
		a, b := g.connect("a", "5"), g.connect("b", "1")
		g.closes(b)
		time.Sleep(400 * time.Millisecond)
		g.do(a, wsNewestSeq, map[string]any{"userID": "a"})
		if len(a.pings) > 0 {
			g.t.Error("it pings")
		}
	}},
	"ws-no-pong": {"ws-no-pong", func(g *gatewayTest) {
		c := g.connect("a", "1")
		_ = c.write(9, nil)
		_ = c.write(1, []byte(`{"type":"ping"}`))
		g.do(c, wsNewestSeq, map[string]any{"userID": "a"})
		if len(c.pongs)+len(c.wsClient.texts) > 0 {
			g.t.Error("a pong came")
		}
	}},
	"ws-plain": {"ws-plain", func(g *gatewayTest) {
		c := g.connect("a", "1")
		if _, err := g.tryDo(c, wsNewestSeq, map[string]any{"userID": "a"}); err == nil || !strings.Contains(err.Error(), "gzip") {
			g.t.Errorf("%v", err)
		}
	}},
	"ws-wrong-encoding": {"ws-wrong-encoding", func(g *gatewayTest) {
		c := g.connect("a", "1")
		if err := c.request(GeneralWsReq{wsNewestSeq, "", "a", "op", "1", nil}); err != nil {
			g.t.Fatal(err)
		}
		c.js = true
		if _, err := c.find(func(a wsAnswer) error { return nil }); err != nil {
			g.t.Error(err)
		}
	}},
	"ws-cut": {"ws-cut=1003", func(g *gatewayTest) {
		c := g.connect("a", "1")
		g.do(c, wsNewestSeq, map[string]any{"userID": "a"})
		if _, err := g.tryDo(c, wsSend, map[string]any{}); err == nil {
			g.t.Error("an answer came")
		}
		g.closes(c)
	}},
	"ws-cut-after": {"ws-cut-after=2@1,ws-cut-after=100ms@2", func(g *gatewayTest) {
		c := g.connect("a", "1")
		g.do(c, wsNewestSeq, map[string]any{"userID": "a"})
		_ = c.write(1, []byte(`{"type":"pong"}`))
		g.closes(c)
		c = g.connect("a", "1")
		g.closes(c)
		g.do(g.connect("a", "1"), wsNewestSeq, map[string]any{"userID": "a"})
	}},
	"ws-silent": {"ws-silent=1001@1", func(g *gatewayTest) {
		c := g.connect("a", "1")
		if err := c.request(GeneralWsReq{wsNewestSeq, "", "a", "op", "dropped", nil}); err != nil {
			g.t.Fatal(err)
		}
		g.do(c, wsReadAndMax, map[string]any{"userID": "a"})
		if len(c.inbox) > 0 {
			g.t.Errorf("%+v", c.inbox)
		}
		g.do(c, wsNewestSeq, map[string]any{"userID": "a"})
	}},
	"ws-errcode": {"ws-errcode=1001:1302", func(g *gatewayTest) {
		if _, code := g.do(g.connect("a", "1"), wsNewestSeq, map[string]any{"userID": "a"}); code != 1302 {
			g.t.Errorf("errCode %d", code)
		}
	}},
	"ws-nodata": {"ws-nodata=1003", func(g *gatewayTest) {
		data, code := g.say(g.connect("a", "1"), "b", "x")
		if id, _ := dig(data, "serverMsgID"); id != "" || code != 0 {
			g.t.Errorf("%v %d", id, code)
		}
	}},
	"ws-drop": {"ws-drop=1003:serverMsgID", func(g *gatewayTest) {
		data, _ := g.say(g.connect("a", "1"), "b", "x")
		server, _ := dig(data, "serverMsgID")
		if client, _ := dig(data, "clientMsgID"); server != "" || client != "c-x" {
			g.t.Errorf("%s", brief(data))
		}
	}},
	"ws-kick-open": {"ws-kick-open", func(g *gatewayTest) {
		c := g.connect("a", "1")
		g.asAdmin("/auth/force_logout", map[string]any{"userID": "a", "platformID": 1})
		if a, err := c.find(func(wsAnswer) error { return nil }); err != nil || a.ReqIdentifier != wsKicked {
			g.t.Errorf("%+v %v", a, err)
		}
		g.do(c, wsNewestSeq, map[string]any{"userID": "a"})
	}},
	"push-lose": {"push-lose@2!b", func(g *gatewayTest) { // a gap, which a client fills by pulling
		a, b := g.connect("a", "1"), g.connect("b", "1")
		for _, text := range []string{"1", "2", "3"} {
			g.say(a, "b", text)
		}
		g.mustPush(b, "si_a_b", 101)
		if m := g.mustPush(b, "si_a_b", 101); m["seq"] != json.Number("3") {
			g.t.Errorf("pushed: %s", brief(m))
		}
		data, _ := g.do(b, wsPullRange, map[string]any{"userID": "b", "seqRanges": []any{
			map[string]any{"conversationID": "si_a_b", "begin": 2, "end": 3, "num": 10}}})
		if text, _ := dig(data, "msgs.si_a_b.Msgs.0.content"); text != `{"content":"2"}` {
			g.t.Errorf("pulled: %s", brief(data))
		}
	}},
	"push-not-sender": {"push-not-sender", func(g *gatewayTest) {
		a, b := g.connect("a", "1"), g.connect("b", "1")
		g.say(a, "b", "x")
		g.mustPush(b, "si_a_b", 101)
		g.silent(a, "a push", func(a wsAnswer) bool { return a.ReqIdentifier == wsPush })
	}},
	"push-drop": {"push-drop=seq,push-drop=content", func(g *gatewayTest) {
		a := g.connect("a", "1")
		g.say(a, "b", "x")
		if m := g.mustPush(a, "si_a_b", 101); m["seq"] != json.Number("0") || m["content"] != "" || m["sendID"] != "a" {
			g.t.Errorf("%s", brief(m))
		}
	}},
	"push-off": {"push-off=history", func(g *gatewayTest) {
		a := g.connect("a", "1")
		g.say(a, "b", "x")
		if m := g.mustPush(a, "si_a_b", 101); !isFalse(m, "options.history") {
			g.t.Errorf("%s", brief(m))
		}
	}},
}

func TestTargetedFaults(t *testing.T) {
	t.Parallel()
	for name := range faultForms {
		f, ok := faultEffects[name]
		if !ok {
			t.Errorf("%s is not tested", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := Config{Fault: f.spec}
			if name == "ws-quiet" {
				cfg.idleLimit = 200 * time.Millisecond
			}
			f.check(startGatewayTest(t, cfg))
		})
	}
}

func TestBadTargetedFaults(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{
		"ws-refuse", "ws-refuse=x", "ws-refuse=0", "ws-hangup=1", "ws-hangup@0", "ws-hangup@x", "ws-hangup@3-2", "ws-status=99", "ws-ping=5",
		"ws-ping=-1s", "ws-cut-after=", "rest-nodata=user", "rest-errcode=/a", "ws-errcode=1001", "push-drop=", "ws-unknown=1",
	} {
		if _, err := parseFaults(spec, 0); err == nil {
			t.Errorf("%q is taken", spec)
		}
	}
	for name := range faultForms {
		if !strings.Contains(FaultList(), name) {
			t.Errorf("the list lacks %s", name)
		}
	}
}

// restIs asks for a user's info as that user.
func (g *gatewayTest) restIs(user string, status int, contains string) {
	g.t.Helper()
	g.admin.tokens["user:"+user] = g.token(user, "2")
	got, err := g.admin.call(g.t.Context(), contractStep{
		Path: "/user/get_users_info", As: "user:" + user, Request: json.RawMessage(fmt.Sprintf(`{"userIDs":[%q]}`, user)),
	})
	if err != nil {
		g.t.Fatal(err)
	}
	if got.status != status || !strings.Contains(string(got.body), contains) || contains == "" && len(got.body) > 0 {
		g.t.Errorf("%d %s, want %d %s", got.status, got.body, status, contains)
	}
}

// refused dials; a text is the refusal that comes after an upgrade.
func (g *gatewayTest) refused(user, isMsgResp string, status int, contains string) {
	g.t.Helper()
	query := g.handshake(user, "1")
	query.Set("isMsgResp", isMsgResp)
	c, resp, err := dialGateway(g.ready.Gateway, "/", query)
	if err != nil {
		g.t.Fatal(err)
	}
	if resp.StatusCode != status || (c != nil) != (status == http.StatusSwitchingProtocols) {
		g.t.Fatalf("HTTP %d, want %d", resp.StatusCode, status)
	}
	var text string
	if c != nil {
		text, err = next(c.texts, contractWait)
		<-c.closed
	} else if contains != "" {
		body := make([]byte, 1000)
		n, _ := resp.Body.Read(body)
		text = string(body[:n])
	}
	if err != nil || !strings.Contains(text, contains) {
		g.t.Errorf("%s %v, want %s", text, err, contains)
	}
}

// texts counts the TEXT frames of the first moments of a connection.
func (g *gatewayTest) texts(isMsgResp string, want int) {
	g.t.Helper()
	query := g.handshake("a", "1")
	query.Set("isMsgResp", isMsgResp)
	c := g.connectAs("a", query)
	g.do(c, wsNewestSeq, map[string]any{"userID": "a"})
	time.Sleep(150 * time.Millisecond)
	if got := len(c.wsClient.texts); got != want {
		g.t.Error(errors.New("other TEXT frames than wanted"), got)
	}
}
