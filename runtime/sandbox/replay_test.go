package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// replay is a recording at work against a sandbox.
type replay struct {
	t        *testing.T
	enc      encoding
	ready    Ready
	admin    *contractRun
	conns    map[int]*replayConn
	tokens   map[string]string // by user and platform
	platform map[string]string // by user
	versions map[string]any    // by user and path: what a sync answered, to ask with later
	injected map[string]bool   // messages that the stub made up, by clientMsgID

	asked, called, pushed, preflights int
}

type replayConn struct {
	*wsClient
	user, platform string
	inbox          []wsAnswer // received and not yet expected
}

func newReplay(t *testing.T, file string) *replay {
	s := startTest(t, Config{})
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	r := &replay{
		t: t, enc: encodingOf(file), ready: s.Ready(), admin: newContractRun(s.Ready(), client),
		conns: map[int]*replayConn{}, tokens: map[string]string{}, platform: map[string]string{}, versions: map[string]any{}, injected: map[string]bool{},
	}
	users := []map[string]any{}
	for _, id := range []string{"a", "b", "c", "u25", "u29", "u40"} {
		users = append(users, map[string]any{"userID": id, "nickname": "nick_" + id})
	}
	r.asAdmin("/user/user_register", map[string]any{"users": users})
	group := func(id, owner string, members ...string) {
		r.asAdmin("/group/create_group", map[string]any{
			"groupInfo": map[string]any{"groupID": id, "groupName": id, "groupType": 2}, "ownerUserID": owner, "memberUserIDs": members,
			"sendMessage": false,
		})
	}
	group("g1", "a", "b")
	group("g2", "c", "u25", "u29", "u40")
	for _, id := range []string{"a", "u25", "u29", "u40"} {
		r.asAdmin("/friend/import_friend", map[string]any{"ownerUserID": id, "friendUserIDs": []string{"c"}})
	}
	return r
}

// asAdmin makes a call that must succeed.
func (r *replay) asAdmin(path string, body any) any {
	r.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		r.t.Fatal(err)
	}
	got, err := r.admin.call(r.t.Context(), contractStep{Path: path, As: "admin", Request: text})
	if err != nil {
		r.t.Fatal(err)
	}
	var env struct {
		ErrCode int
		ErrMsg  string
		Data    any
	}
	if err := decodeExact(got.body, &env); err != nil || env.ErrCode != 0 {
		r.t.Fatalf("%s: %s %v", path, got.body, err)
	}
	return env.Data
}

func (r *replay) token(user, platform string) string {
	key := user + " " + platform
	if r.tokens[key] == "" {
		data := r.asAdmin("/auth/get_user_token", map[string]any{"userID": user, "platformID": json.Number(platform)})
		token, _ := dig(data, "token")
		r.tokens[key], _ = token.(string)
	}
	return r.tokens[key]
}

func (r *replay) dial(rec record) error {
	query := url.Values{}
	for k, v := range rec.Params {
		query.Set(k, v)
	}
	platform := rec.Params["platformID"]
	r.platform[rec.User] = platform
	query.Set("token", r.token(rec.User, platform))
	c, resp, err := dialGateway(r.ready.Gateway, "/", query)
	if err != nil {
		return err
	}
	if c == nil {
		return fmt.Errorf("refused: %d", resp.StatusCode)
	}
	if resp.Header.Get("Sec-WebSocket-Extensions") != "" {
		return errors.New("the frames are compressed by the WebSocket")
	}
	r.conns[rec.Conn] = &replayConn{wsClient: c, user: rec.User, platform: platform}
	if rec.Params["isMsgResp"] != "true" {
		return nil
	}
	text, err := next(c.texts, contractWait)
	if err == nil && text != `{"errCode":0,"errMsg":"","errDlt":""}` {
		err = fmt.Errorf("first frame %s", text)
	}
	return err
}

// find waits for a frame, and keeps the others for later.
func (c *replayConn) find(want func(wsAnswer) error) (wsAnswer, error) {
	for i, a := range c.inbox {
		if want(a) == nil {
			c.inbox = slices.Delete(c.inbox, i, i+1)
			return a, nil
		}
	}
	return c.receive(contractWait, func(a wsAnswer) error {
		err := want(a)
		if err != nil {
			c.inbox = append(c.inbox, a)
		}
		return err
	})
}

// fill sends filler messages until a chat of two users has so many.
func (r *replay) fill(conversationID string, n int64) {
	parts := strings.Split(conversationID, "_")
	if parts[0] != "si" {
		return
	}
	for range 100 {
		data := r.asAdmin("/msg/newest_seq", map[string]any{"userID": parts[1]})
		seq, _ := dig(data, "maxSeqs."+conversationID)
		number, _ := seq.(json.Number)
		have, _ := number.Int64()
		if have >= n {
			return
		}
		for range n - have {
			r.send(parts[1], parts[2], `{"content":"filler"}`)
		}
		time.Sleep(transferDelay * 3 / 2)
	}
}

func (r *replay) send(from, to, content any) {
	r.asAdmin("/msg/send_msg", map[string]any{
		"sendID": from, "recvID": to, "sessionType": 1, "contentType": 101, "content": json.RawMessage(fmt.Sprint(content)),
	})
}

func (r *replay) ask(c *replayConn, rec record) error {
	r.asked++
	if ranges, ok := dig(rec.Data, "seqRanges"); ok {
		for _, one := range ranges.([]any) {
			id, _ := dig(one, "conversationID")
			end, _ := dig(one, "end")
			n, _ := end.(json.Number).Int64()
			r.fill(fmt.Sprint(id), n)
		}
	}
	frame := rec.RawFrame
	if frame == nil {
		data, err := encodeMessage(requestTypes[rec.ReqIdentifier], contentAsBytes(rec.Data))
		if err != nil {
			return err
		}
		err = c.request(GeneralWsReq{rec.ReqIdentifier, "", rec.SendID, rec.OperationID, rec.MsgIncr, data})
		if err != nil {
			return err
		}
	} else if err := c.write(2, frame); err != nil {
		return err
	}
	a, err := c.find(func(a wsAnswer) error {
		if a.MsgIncr != rec.MsgIncr {
			return fmt.Errorf("msgIncr %q", a.MsgIncr)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if a.ReqIdentifier != rec.ReqIdentifier || a.OperationID != rec.OperationID || a.ErrCode != 0 {
		return fmt.Errorf("answer %+v", a)
	}
	if rec.ReqIdentifier == wsLogout {
		_, err := next(c.closed, contractWait)
		return err
	}
	name := answerTypes[rec.ReqIdentifier]
	if name == "" {
		return nil
	}
	data, err := decodeMessage(name, a.Data)
	if err != nil {
		return err
	}
	return r.needed(rec, data.(map[string]any))
}

// contentAsBytes is the record of a message with its content as protobuf has it.
func contentAsBytes(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	if text, ok := m["content"].(string); ok {
		m["content"] = map[string]any{"$utf8": text}
	}
	return m
}

// needed checks that an answer has what the client needs (REAL-CLIENTS §6 and §7).
func (r *replay) needed(rec record, data map[string]any) error {
	switch rec.ReqIdentifier {
	case wsSend:
		for _, k := range []string{"serverMsgID", "clientMsgID", "sendTime"} {
			if data[k] == "" || data[k] == json.Number("0") {
				return fmt.Errorf("no %s", k)
			}
		}
		sent, _ := dig(rec.Data, "clientMsgID")
		return alike(data["clientMsgID"], sent)
	case wsPullRange:
		ranges, _ := dig(rec.Data, "seqRanges")
		for _, one := range ranges.([]any) {
			id, _ := dig(one, "conversationID")
			num, _ := dig(one, "num")
			n, _ := num.(json.Number).Int64()
			msgs, _ := dig(data, fmt.Sprintf("msgs.%v.Msgs", id))
			list, _ := msgs.([]any)
			if strings.HasPrefix(fmt.Sprint(id), "n_") {
				continue // the stub stored other notifications than the server does
			}
			if len(list) == 0 || int64(len(list)) > n {
				return fmt.Errorf("%d messages of %v", len(list), id)
			}
			last := json.Number("0")
			for _, m := range list {
				seq, _ := dig(m, "seq")
				content, _ := dig(m, "content")
				if content == "" || len(seq.(json.Number)) < len(last) {
					return fmt.Errorf("message %s", brief(m))
				}
				last = seq.(json.Number)
			}
		}
	case wsReadAndMax:
		for id, s := range data["seqs"].(map[string]any) {
			if m, _ := dig(s, "maxSeq"); m == json.Number("0") && strings.HasPrefix(id, "si_") {
				return fmt.Errorf("%s: %s", id, brief(s))
			}
		}
	case wsSubscribe:
		recorded, _ := dig(rec.Data, "subscribeUserID")
		if got, want := len(data["subscribers"].([]any)), len(recorded.([]any)); got != want {
			return fmt.Errorf("%d subscribers, want %d", got, want)
		}
	}
	return nil
}

// push expects what the stub pushed. Messages that the stub made up are sent first.
func (r *replay) push(c *replayConn, rec record) error {
	for _, part := range []string{"msgs", "notificationMsgs"} {
		list, _ := dig(rec.Data, part)
		conversations, _ := list.(map[string]any)
		for id := range conversations {
			msgs, _ := dig(conversations, id+".Msgs")
			for _, m := range msgs.([]any) {
				if err := r.pushOne(c, part, id, m.(map[string]any)); err != nil {
					return fmt.Errorf("%s %s: %w", part, id, err)
				}
			}
		}
	}
	return nil
}

func (r *replay) pushOne(c *replayConn, part, id string, m map[string]any) error {
	clientMsgID := fmt.Sprint(m["clientMsgID"])
	key := "clientMsgID"
	switch {
	case m["sendID"] == c.user && isFalse(m, "options.senderSync"):
		return nil // the stub's mistake
	case strings.HasPrefix(clientMsgID, "inj"):
		key = "content"
		if !r.injected[clientMsgID] {
			r.injected[clientMsgID] = true
			seq, _ := m["seq"].(json.Number)
			n, _ := seq.Int64()
			r.fill(id, n-1)
			r.send(m["sendID"], m["recvID"], m["content"])
		}
	case part == "notificationMsgs":
		key = "contentType"
		if t := m["contentType"]; t != json.Number("2200") && t != json.Number("1203") && t != json.Number("1201") {
			return nil // the stub made it up
		}
	}
	_, err := c.find(func(a wsAnswer) error {
		if a.ReqIdentifier != wsPush || a.MsgIncr != "" || a.ErrCode != 0 {
			return errors.New("no push")
		}
		data, err := decodeMessage("sdkws.PushMessages", a.Data)
		if err != nil {
			return err
		}
		msgs, _ := dig(data, part+"."+id+".Msgs")
		list, _ := msgs.([]any)
		if len(list) != 1 {
			return fmt.Errorf("%d messages", len(list))
		}
		got := list[0].(map[string]any)
		if got[key] != m[key] {
			return fmt.Errorf("%s %v, want %v", key, got[key], m[key])
		}
		stored, _ := dig(got, "options.history")
		if got["content"] == "" || stored != false && got["seq"] == json.Number("0") {
			return fmt.Errorf("message %s", brief(got))
		}
		return nil
	})
	r.pushed++
	return err
}

func isFalse(v any, path string) bool {
	b, ok := dig(v, path)
	return ok && b == false
}

func (r *replay) kick(c *replayConn, rec record) error {
	r.asAdmin("/auth/force_logout", map[string]any{"userID": c.user, "platformID": json.Number(c.platform)})
	delete(r.tokens, c.user+" "+c.platform)
	a, err := c.find(func(a wsAnswer) error {
		if a.ReqIdentifier != wsKicked {
			return errors.New("no kick")
		}
		return nil
	})
	if err == nil && (len(a.Data) > 0 || a.ErrCode != 0) {
		err = fmt.Errorf("kick %+v", a)
	}
	return err
}
