package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// gatewayTest is a sandbox with the users a and b, for tests of the gateway.
type gatewayTest struct {
	*replay
	server *Server
}

func startGatewayTest(t *testing.T, cfg Config) *gatewayTest {
	t.Helper()
	s := startTest(t, cfg)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	g := &gatewayTest{&replay{t: t, ready: s.Ready(), admin: newContractRun(s.Ready(), client), tokens: map[string]string{}}, s}
	g.asAdmin("/user/user_register", map[string]any{"users": []any{
		map[string]any{"userID": "a", "nickname": "A"}, map[string]any{"userID": "b", "nickname": "B"},
	}})
	return g
}

func (g *gatewayTest) handshake(user, platform string) url.Values {
	return url.Values{
		"token": {g.token(user, platform)}, "sendID": {user}, "platformID": {platform}, "operationID": {"op"}, "isBackground": {"false"},
	}
}

// connect opens a connection in the go encoding with gzip, as most clients do.
func (g *gatewayTest) connect(user, platform string) *replayConn {
	g.t.Helper()
	query := g.handshake(user, platform)
	query.Set("compression", "gzip")
	return g.connectAs(user, query)
}

func (g *gatewayTest) connectAs(user string, query url.Values) *replayConn {
	g.t.Helper()
	c, resp, err := dialGateway(g.ready.Gateway, "/", query)
	if err != nil {
		g.t.Fatal(err)
	}
	if c == nil {
		g.t.Fatalf("refused: %d", resp.StatusCode)
	}
	g.t.Cleanup(c.close)
	return &replayConn{wsClient: c, user: user, platform: query.Get("platformID")}
}

// do sends a request and gives back the decoded answer, or its errCode.
func (g *gatewayTest) do(c *replayConn, id int, fields map[string]any) (any, int) {
	g.t.Helper()
	a, err := g.tryDo(c, id, fields)
	if err != nil {
		g.t.Fatal(err)
	}
	if answerTypes[id] == "" || a.ErrCode != 0 {
		return nil, a.ErrCode
	}
	data, err := decodeMessage(answerTypes[id], a.Data)
	if err != nil {
		g.t.Fatal(err)
	}
	return data, 0
}

func (g *gatewayTest) tryDo(c *replayConn, id int, fields map[string]any) (wsAnswer, error) {
	g.t.Helper()
	data, err := encodeMessage(requestTypes[id], fields)
	if err != nil {
		g.t.Fatal(err)
	}
	g.asked++
	incr := fmt.Sprint(g.asked)
	if err := c.request(GeneralWsReq{id, "", c.user, "op", incr, data}); err != nil {
		return wsAnswer{}, err
	}
	return c.find(func(a wsAnswer) error {
		if a.MsgIncr != incr {
			return errors.New("another")
		}
		return nil
	})
}

func (g *gatewayTest) say(c *replayConn, to, text string, more ...any) (any, int) {
	g.t.Helper()
	fields := map[string]any{
		"sendID": c.user, "recvID": to, "clientMsgID": "c-" + text, "sessionType": 1, "msgFrom": 100, "contentType": 101,
		"content": map[string]any{"$utf8": `{"content":"` + text + `"}`}, "createTime": json.Number(fmt.Sprint(time.Now().UnixMilli())),
	}
	for i := 0; i < len(more); i += 2 {
		fields[more[i].(string)] = more[i+1]
	}
	return g.do(c, wsSend, fields)
}

// pushOf waits for a push with a message of a type in a conversation.
func (g *gatewayTest) pushOf(c *replayConn, conversationID string, contentType int) (map[string]any, error) {
	var found map[string]any
	_, err := c.find(func(a wsAnswer) error {
		if a.ReqIdentifier != wsPush {
			return errors.New("no push")
		}
		data, err := decodeMessage("sdkws.PushMessages", a.Data)
		if err != nil {
			return err
		}
		for _, part := range []string{"msgs", "notificationMsgs"} {
			m, ok := dig(data, part+"."+conversationID+".Msgs.0")
			if !ok {
				continue
			}
			found = m.(map[string]any)
			if found["contentType"] == json.Number(fmt.Sprint(contentType)) {
				return nil
			}
			return fmt.Errorf("type %v", found["contentType"])
		}
		return errors.New("another conversation")
	})
	return found, err
}

func (g *gatewayTest) mustPush(c *replayConn, conversationID string, contentType int) map[string]any {
	g.t.Helper()
	m, err := g.pushOf(c, conversationID, contentType)
	if err != nil {
		g.t.Fatalf("%s: no %d in %s: %v", c.user, contentType, conversationID, err)
	}
	return m
}

// silent tells whether nothing comes for a while that is as described.
func (g *gatewayTest) silent(c *replayConn, what string, is func(wsAnswer) bool) {
	g.t.Helper()
	_, err := c.receive(4*transferDelay, func(a wsAnswer) error {
		if is(a) {
			return nil
		}
		c.inbox = append(c.inbox, a)
		return errors.New("another")
	})
	if err == nil {
		g.t.Errorf("%s: %s came", c.user, what)
	}
}

func (g *gatewayTest) closes(c *replayConn) {
	g.t.Helper()
	if _, err := next(c.closed, contractWait); err != nil {
		g.t.Error("it is not closed")
	}
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 200 {
		if is() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("not in time: %s", what)
}
