package cli_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// sdkUser is a user of an SDK.
type sdkUser struct {
	id           string
	api, gateway string
	driver       *sdkDriver
	events       []sdkLine      // all so far, under the driver's lock
	seen         map[string]int // by the event's name: how many of all events were looked at for it
}

// wait waits for an event by its name, the first that matches after those that were looked at. Events of other names stay
// for those who wait for them: the SDKs tell of frames in an order of their own. The one in JavaScript first looks up the
// messages that a receipt is about, and tells of a message that came after the receipt meanwhile.
func (u *sdkUser) wait(t *testing.T, within time.Duration, name string, match func(data json.RawMessage) bool) sdkLine {
	t.Helper()
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		u.driver.mu.Lock()
		for i := u.seen[name]; i < len(u.events); i++ {
			if e := u.events[i]; e.Event == name && (match == nil || match(e.Data)) {
				u.seen[name] = i + 1
				u.driver.mu.Unlock()
				return e
			}
		}
		u.driver.mu.Unlock()
	}
	t.Fatalf("%s got no %s within %v; its events: %s", u.id, name, within, u.story())
	return sdkLine{}
}

// story is the events of a user in order.
func (u *sdkUser) story() string {
	u.driver.mu.Lock()
	defer u.driver.mu.Unlock()
	var names []string
	for _, e := range u.events {
		name := e.Event
		if strings.HasSuffix(name, "Failed") {
			name += " " + strconv.Itoa(e.ErrCode)
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// tryLogin logs in; what it returns says little.
func (u *sdkUser) tryLogin(t *testing.T, token string) error {
	t.Helper()
	_, err := u.try(t, "login", map[string]any{
		"userID": u.id, "token": token, "platformID": 5, "apiAddr": u.api, "wsAddr": u.gateway,
		"logLevel": 1, "isLogStandardOutput": false,
	})
	return err
}

// login logs in and waits until the SDK has synced.
func (u *sdkUser) login(t *testing.T, token string) {
	t.Helper()
	begun := time.Now()
	if err := u.tryLogin(t, token); err != nil {
		t.Fatalf("the login of %s: %v", u.id, err)
	}
	u.wait(t, 30*time.Second, "OnConnectSuccess", nil)
	u.wait(t, 90*time.Second, "OnSyncServerFinish", nil)
	t.Logf("%s: OnConnectSuccess and OnSyncServerFinish after %v", u.id, time.Since(begun).Round(10*time.Millisecond))
}

// list calls a method that returns a list, and picks fields of its rows.
func (u *sdkUser) list(t *testing.T, method string, args any, fields ...string) []string {
	t.Helper()
	var rows []map[string]any
	data := u.call(t, method, args)
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatalf("%s of %s: %v in %s", method, u.id, err, discreetly(data))
	}
	lines := []string{}
	for _, row := range rows {
		var values []string
		for _, field := range fields {
			values = append(values, fmt.Sprint(row[field]))
		}
		lines = append(lines, strings.Join(values, " "))
	}
	return lines
}

// history is the texts of a conversation, oldest first.
func (u *sdkUser) history(t *testing.T, conversationID string) (texts []string) {
	t.Helper()
	var page struct {
		MessageList []sdkMessage `json:"messageList"`
	}
	data := u.call(t, "getAdvancedHistoryMessageList", map[string]any{
		"conversationID": conversationID, "count": 20, "startClientMsgID": "", "viewType": 0,
	})
	if err := json.Unmarshal(data, &page); err != nil {
		t.Fatalf("the history of %s: %v in %s", u.id, err, data)
	}
	for _, m := range page.MessageList {
		texts = append(texts, m.TextElem.Content)
	}
	return texts
}

// sdkMessage is a message as the SDKs show it.
type sdkMessage struct {
	ClientMsgID string `json:"clientMsgID"`
	ServerMsgID string `json:"serverMsgID"`
	SendID      string `json:"sendID"`
	Seq         int    `json:"seq"`
	TextElem    struct {
		Content string `json:"content"`
	} `json:"textElem"`
}

// send sends a text and returns what the SDK makes of the server's answer.
func (u *sdkUser) send(t *testing.T, to, text string) sdkMessage {
	t.Helper()
	made := u.call(t, "createTextMessage", text)
	var sent sdkMessage
	data := u.call(t, "sendMessage", map[string]any{"recvID": to, "groupID": "", "message": made})
	if err := json.Unmarshal(data, &sent); err != nil {
		t.Fatalf("sendMessage of %s: %v in %s", u.id, err, data)
	}
	return sent
}

// receive waits for a text.
func (u *sdkUser) receive(t *testing.T, text string) (found sdkMessage) {
	t.Helper()
	u.wait(t, 15*time.Second, "OnRecvNewMessages", func(data json.RawMessage) bool {
		var list []sdkMessage
		if err := json.Unmarshal(data, &list); err != nil {
			t.Errorf("OnRecvNewMessages of %s: %v in %s", u.id, err, data)
		}
		for _, found = range list {
			if found.TextElem.Content == text {
				return true
			}
		}
		return false
	})
	return found
}
