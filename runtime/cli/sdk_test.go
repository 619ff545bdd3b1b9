package cli_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// These tests let OpenIM's own client SDKs talk to the sandbox, unmodified. The SDKs are no part of this project: the
// tests run only where OPENIM_SDK_DIR names a folder, outside the tree, in which somebody has run
//
//	npm install @openim/wasm-client-sdk@3.8.5 @openim/client-sdk@0.0.14 ws playwright-core
//
// They need Node.js, and Chromium (on the PATH, or named by CHROMIUM). What drives the SDKs is in testdata/sdk.

// sdkTest is where the tests take place: a sandbox, imctl, and the folder with the SDKs.
type sdkTest struct {
	person
	dir     string // OPENIM_SDK_DIR
	browser *sdkDriver
}

// sdkOpener makes a user of one of the SDKs who is not logged in.
type sdkOpener func(t *testing.T, id string) *sdkUser

// TestSDK is an acceptance test of a server by its clients. That a login resolves proves nothing, so it is always
// events and lists that are looked at.
func TestSDK(t *testing.T) {
	dir := os.Getenv("OPENIM_SDK_DIR")
	if dir == "" {
		t.Skip("skipped: no SDK (OPENIM_SDK_DIR is not set)")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &sdkTest{person: newPerson(t, true), dir: dir}
	w.browser = w.newBrowser(t)
	quiet := []*sdkUser{w.wasm(t, "quiet_wasm"), w.js(t, "quiet_js")}
	w.register(t, quiet...)
	idle := w.idle(t, quiet)
	for _, sdk := range []struct {
		name string
		open sdkOpener
	}{{"wasm", w.wasm}, {"js", w.js}} {
		t.Run(sdk.name, func(t *testing.T) {
			t.Run("sync", func(t *testing.T) { w.sync(t, sdk.name, sdk.open) })
			t.Run("message", func(t *testing.T) { w.message(t, sdk.name, sdk.open) })
			t.Run("cut", func(t *testing.T) { w.cut(t, sdk.name, sdk.open) })
			t.Run("kick", func(t *testing.T) { w.kick(t, sdk.name, sdk.open) })
			t.Run("expired", func(t *testing.T) { w.expired(t, sdk.name, sdk.open) })
			t.Run("imctl", func(t *testing.T) { w.imctl(t, sdk.name, sdk.open) })
		})
	}
	t.Run("cross", w.cross)
	t.Run("idle", idle)
}

// sync logs users in who have friends, a group and messages, and compares what the SDK then lists with what the admin
// API says. The first of them has more than a page of each.
func (w *sdkTest) sync(t *testing.T, name string, open sdkOpener) {
	users := []*sdkUser{open(t, name+"_full"), open(t, name+"_half"), open(t, name+"_none")}
	w.register(t, users...)
	w.script(t, fmt.Sprintf(`
local a, b = %q, %q
local friends, all = {}, {}
for i = 1, 130 do
	friends[i] = a .. "_f" .. i
	all[i] = { userID = friends[i], nickname = "F" .. i }
end
user.register { users = all }
friend.import(a, friends)
friend.import(b, { a, friends[1] })
for i = 1, 105 do group.create { groupID = a .. "_g" .. i, groupName = "G" .. i, ownerUserID = a, memberUserIDs = { friends[i], b } } end
group.create { groupID = a .. "_big", groupName = "Big", ownerUserID = a, memberUserIDs = friends }
message.send { sendID = friends[1], recvID = a, text = "hi" }
message.wait { userID = a, conversationID = message.send { sendID = b, recvID = a, text = "hi" }.conversationID, text = "hi" }`,
		users[0].id, users[1].id))
	for _, u := range users {
		u.login(t, w.token(t, u.id))
		w.sameLists(t, u)
	}
}

// sameLists compares the SDK's friends, groups, members and conversations with the server's.
func (w *sdkTest) sameLists(t *testing.T, u *sdkUser) {
	t.Helper()
	compare := func(what, call string, args any, script string, fields ...string) {
		t.Helper()
		each := "row." + strings.Join(fields, ` .. " " .. row.`)
		want := strings.FieldsFunc(w.script(t, script+` do print(`+each+`) end`), func(r rune) bool { return r == '\n' })
		got := u.list(t, call, args, fields...)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %s: the SDK lists %d: %q\nthe server %d: %q", u.id, what, len(got), got, len(want), want)
			return
		}
		t.Logf("%s: %s: the SDK lists the same %d as the server: %.100q", u.id, what, len(got), got)
	}
	page := map[string]any{"offset": 0, "count": 1000}
	compare("friends", "getFriendListPage", page, fmt.Sprintf(`for row in friend.list(%q)`, u.id), "userID", "nickname")
	compare("groups", "getJoinedGroupListPage", page, fmt.Sprintf(`for row in group.list { userID = %q }`, u.id),
		"groupID", "groupName", "memberCount")
	compare("conversations", "getConversationListSplit", page, fmt.Sprintf(`
local seqs = api.call("/msg/get_conversations_has_read_and_max_seq", { userID = %[1]q }).seqs
local all = api.call("/conversation/get_all_conversations", { ownerUserID = %[1]q }).conversations
for _, row in ipairs(all == json.null and {} or all) do
	local seq = seqs[row.conversationID]
	row.unreadCount = seq.maxSeq - seq.hasReadSeq
end
for _, row in ipairs(all == json.null and {} or all)`, u.id), "conversationID", "unreadCount")
	groups := u.list(t, "getJoinedGroupListPage", page, "groupID")
	slices.Sort(groups)
	for _, id := range groups[:min(2, len(groups))] {
		compare("members of "+id, "getGroupMemberList", map[string]any{"groupID": id, "filter": 0, "offset": 0, "count": 1000},
			fmt.Sprintf(`for row in group.members(%q)`, id), "userID", "nickname", "roleLevel")
	}
}

// pair is two users who are logged in and know nothing of each other.
func (w *sdkTest) pair(t *testing.T, name string, open sdkOpener) (a, b *sdkUser) {
	t.Helper()
	a, b = open(t, name+"_a"), open(t, name+"_b")
	w.register(t, a, b)
	a.login(t, w.token(t, a.id))
	b.login(t, w.token(t, b.id))
	return a, b
}

// message sends a text to somebody who reads it.
func (w *sdkTest) message(t *testing.T, name string, open sdkOpener) {
	a, b := w.pair(t, name+"_message", open)
	w.delivers(t, a, b, 1)
	b.call(t, "markConversationMessageAsRead", conversationOf(a, b))
	receipt := a.wait(t, 10*time.Second, "OnRecvC2CReadReceipt", func(data json.RawMessage) bool {
		return strings.Contains(string(data), b.id)
	})
	t.Logf("%s: OnRecvC2CReadReceipt %s", a.id, receipt.Data)
	w.delivers(t, b, a, 2)
}

// delivers sends a text and checks what arrives of it.
func (w *sdkTest) delivers(t *testing.T, from, to *sdkUser, seq int) {
	t.Helper()
	text := fmt.Sprintf("%s says %d", from.id, seq)
	sent := from.send(t, to.id, text)
	got := to.receive(t, text)
	t.Logf("%s: OnRecvNewMessages %q from %s, seq %d, serverMsgID %s", to.id, got.TextElem.Content, got.SendID, got.Seq, got.ServerMsgID)
	if got.ServerMsgID == "" || got.ServerMsgID != sent.ServerMsgID || got.Seq != seq || got.SendID != from.id {
		t.Errorf("want the serverMsgID %q and the seq %d", sent.ServerMsgID, seq)
	}
}

// cut lets somebody miss three messages.
func (w *sdkTest) cut(t *testing.T, name string, open sdkOpener) {
	a, b := open(t, name+"_cut_a"), open(t, name+"_cut_b")
	w.register(t, a, b)
	way := newCutter(t, strings.TrimPrefix(b.gateway, "ws://"))
	b.gateway = "ws://" + way.Addr().String()
	a.login(t, w.token(t, a.id))
	b.login(t, w.token(t, b.id))
	w.delivers(t, a, b, 1)
	time.Sleep(6 * time.Second) // the SDK for browsers asks for nothing when it comes back soon after it has synced
	way.cut(true)
	for i := range 3 {
		a.send(t, b.id, fmt.Sprintf("missed %d", i+1))
	}
	time.Sleep(500 * time.Millisecond)
	way.up()
	b.wait(t, 30*time.Second, "OnConnectSuccess", nil)
	b.receive(t, "missed 3")
	history := b.history(t, conversationOf(a, b))
	t.Logf("%s: after the cut OnRecvNewMessages has the newest, and the history shows %q", b.id, history)
	if want := []string{a.id + " says 1", "missed 1", "missed 2", "missed 3"}; !slices.Equal(history, want) {
		t.Errorf("the history is %q, want %q", history, want)
	}
	w.delivers(t, a, b, 5)
}

// kick lets the admin end somebody's session, whose token is then worth nothing.
func (w *sdkTest) kick(t *testing.T, name string, open sdkOpener) {
	u := open(t, name+"_kicked")
	w.register(t, u)
	token := w.token(t, u.id)
	u.login(t, token)
	w.wants(t, 0, "user", "logout", u.id, "--yes")
	u.wait(t, 10*time.Second, "OnKickedOffline", nil)
	t.Logf("%s: OnKickedOffline after the admin ended the session", u.id)

	late := open(t, u.id)
	_ = late.tryLogin(t, token)
	late.wait(t, 10*time.Second, "OnKickedOffline", nil)
	t.Logf("%s: OnKickedOffline at a login with the token of that session", u.id)
	open(t, u.id).login(t, w.token(t, u.id))
}

// expired logs in with a token whose time is over, and with one that is none.
func (w *sdkTest) expired(t *testing.T, name string, open sdkOpener) {
	first := open(t, name+"_late")
	w.register(t, first)
	old, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"UserID": first.id, "PlatformID": 5, "exp": time.Now().Add(-time.Minute).Unix(), "iat": time.Now().Add(-time.Hour).Unix(),
	}).SignedString([]byte(w.server.Secret))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ token, event string }{
		{old, "OnUserTokenExpired"}, {old[:len(old)-6] + "AAAAAA", "OnUserTokenInvalid"},
	} {
		u := open(t, first.id)
		_ = u.tryLogin(t, c.token)
		u.wait(t, 10*time.Second, c.event, nil)
		t.Logf("%s: %s", u.id, c.event)
	}
}

// imctl lets a user of the SDK talk to one of imctl's.
func (w *sdkTest) imctl(t *testing.T, name string, open sdkOpener) {
	needsGateway(t, w.person)
	u, other := open(t, name+"_sdk"), &sdkUser{id: name + "_imctl"}
	w.register(t, u, other)
	u.login(t, w.token(t, u.id))
	cmd := w.command(t.Context(), t, append(w.gateway(), "run", "-e", fmt.Sprintf(`
local sdk, me = %q, %q
local c = client.connect { userID = me, platform = "linux" }
print "connected"
local got = c:expect { from = sdk, text = "from the SDK", within = "20s" }
print("message seq " .. got.seq .. " " .. got.clientMsgID)
c:read { from = sdk }
c:send { to = sdk, text = "from imctl" }
c:expect { type = "read", from = sdk, within = "20s" }
print "read"`, u.id, other.id))...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	lines := bufio.NewScanner(stdout)
	next := func(want string) {
		t.Helper()
		if !lines.Scan() || lines.Text() != want {
			_, _ = io.Copy(io.Discard, stdout)
			_ = cmd.Wait()
			t.Fatalf("imctl says %q, want %q\n%s", lines.Text(), want, discreetly(stderr.Bytes()))
		}
		t.Logf("%s: %s", other.id, lines.Text())
	}
	next("connected")
	sent := u.send(t, other.id, "from the SDK")
	next("message seq 1 " + sent.ClientMsgID)
	u.wait(t, 10*time.Second, "OnRecvC2CReadReceipt", nil)
	got := u.receive(t, "from imctl")
	t.Logf("%s: OnRecvC2CReadReceipt, and OnRecvNewMessages %q, seq %d", u.id, got.TextElem.Content, got.Seq)
	if got.Seq != 2 || got.SendID != other.id {
		t.Errorf("got %+v", got)
	}
	u.call(t, "markConversationMessageAsRead", conversationOf(u, other))
	next("read")
}

// cross lets the two SDKs talk to each other.
func (w *sdkTest) cross(t *testing.T) {
	a, b := w.js(t, "cross_js"), w.wasm(t, "cross_wasm")
	w.register(t, a, b)
	a.login(t, w.token(t, a.id))
	b.login(t, w.token(t, b.id))
	w.delivers(t, a, b, 1)
	w.delivers(t, b, a, 2)
}

// idle logs users in and returns the test that looks, when more than two of the server's limits of 30 s have passed,
// whether they are still there. Nothing keeps them but pings: the server's to the browser, the SDK's own in Node.
func (w *sdkTest) idle(t *testing.T, users []*sdkUser) func(*testing.T) {
	t.Helper()
	for _, u := range users {
		u.login(t, w.token(t, u.id))
	}
	begun, before := time.Now(), []string{users[0].story(), users[1].story()}
	return func(t *testing.T) {
		time.Sleep(time.Until(begun.Add(65 * time.Second)))
		for i, u := range users {
			if after := u.story(); after != before[i] {
				t.Errorf("%s: more events: %s", u.id, strings.TrimPrefix(after, before[i]+", "))
				continue
			}
			t.Logf("%s: no event in %v, so no OnConnecting", u.id, time.Since(begun).Round(time.Second))
		}
		w.delivers(t, users[0], users[1], 1)
		w.delivers(t, users[1], users[0], 2)
	}
}

// register makes the users' accounts.
func (w *sdkTest) register(t *testing.T, users ...*sdkUser) {
	t.Helper()
	var rows strings.Builder
	for _, u := range users {
		fmt.Fprintf(&rows, "{ userID = %q, nickname = %q },", u.id, "nick of "+u.id)
	}
	w.script(t, `user.register { users = { `+rows.String()+` } }`)
}

// conversationOf is the id of the conversation of two users.
func conversationOf(a, b *sdkUser) string {
	return "si_" + min(a.id, b.id) + "_" + max(a.id, b.id)
}

// token is a token of the user for the platform web, which ends the one before.
func (w *sdkTest) token(t *testing.T, id string) string {
	t.Helper()
	out, err := w.command(t.Context(), t, "user", "token", id, "web", "--show", "-o", "json", "--query", "token").Output()
	if err != nil {
		t.Fatalf("no token for %s: %v", id, err)
	}
	return strings.Trim(strings.TrimSpace(string(out)), `"`)
}

// script runs Lua and returns what it printed.
func (w *sdkTest) script(t *testing.T, lua string) string {
	t.Helper()
	return w.wants(t, 0, "run", "-e", lua).stdout
}

// sdkDriver is a process that drives an SDK, by lines of JSON.
type sdkDriver struct {
	mu      sync.Mutex
	in      io.Writer
	calls   int
	answers map[int]chan sdkLine
	users   map[string]*sdkUser
}

// sdkLine is what a driver says: the answer to a call, or an event of a user.
type sdkLine struct {
	ID      int             `json:"id"`
	OK      json.RawMessage `json:"ok"`
	Failed  json.RawMessage `json:"failed"`
	User    string          `json:"user"`
	Event   string          `json:"event"`
	Data    json.RawMessage `json:"data"`
	ErrCode int             `json:"errCode"`
}

var tokenLike = regexp.MustCompile(`eyJ[\w-]*(\.[\w-]+)*`)

// discreetly is a text without its tokens.
func discreetly(text []byte) string { return tokenLike.ReplaceAllString(string(text), "<token>") }

// startDriver runs a script of testdata/sdk in Node until the test ends.
func (w *sdkTest) startDriver(t *testing.T, script string, env ...string) *sdkDriver {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "testdata", "sdk", script))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", path)
	cmd.Env = append(os.Environ(), append(env, "OPENIM_SDK_DIR="+w.dir)...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	d := &sdkDriver{in: stdin, answers: map[int]chan sdkLine{}, users: map[string]*sdkUser{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.read(stdout)
	}()
	t.Cleanup(func() {
		_ = stdin.Close()
		stop := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		defer stop.Stop()
		<-done
		_ = cmd.Wait()
		if t.Failed() && stderr.Len() > 0 {
			t.Logf("%s said: %s", script, discreetly(stderr.Bytes()))
		}
	})
	return d
}

// read hands out the driver's lines until it ends; whoever then still waits for an answer is told.
func (d *sdkDriver) read(r io.Reader) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var line sdkLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			continue // not a driver's line
		}
		d.mu.Lock()
		if line.Event != "" {
			if u := d.users[line.User]; u != nil {
				u.events = append(u.events, line)
			}
		} else if answer := d.answers[line.ID]; answer != nil {
			answer <- line
			delete(d.answers, line.ID)
		}
		d.mu.Unlock()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, answer := range d.answers {
		close(answer)
	}
	d.answers = nil
}

// sdkUser is a user of an SDK.
type sdkUser struct {
	id           string
	api, gateway string
	driver       *sdkDriver
	events       []sdkLine // all so far, under the driver's lock
	seen         int       // how many of them were looked at
}

// open gives the driver a user.
func (w *sdkTest) open(t *testing.T, d *sdkDriver, id string) *sdkUser {
	t.Helper()
	u := &sdkUser{id: id, api: w.server.API, gateway: w.server.Gateway, driver: d}
	d.mu.Lock()
	d.users[id] = u
	d.mu.Unlock()
	u.call(t, "open")
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the events of %s: %s", id, u.story())
		}
	})
	return u
}

// wasm is a user of the SDK for browsers, with a page and a store of its own.
func (w *sdkTest) wasm(t *testing.T, id string) *sdkUser {
	t.Helper()
	return w.open(t, w.browser, id)
}

// js is a user of the SDK in JavaScript, in a process of its own.
func (w *sdkTest) js(t *testing.T, id string) *sdkUser {
	t.Helper()
	return w.open(t, w.startDriver(t, "node.cjs"), id)
}

// newBrowser starts a browser on a page with the SDK.
func (w *sdkTest) newBrowser(t *testing.T) *sdkDriver {
	t.Helper()
	chromium, err := exec.LookPath(cmp.Or(os.Getenv("CHROMIUM"), "chromium"))
	if err != nil {
		t.Fatalf("no Chromium: %v", err)
	}
	sdk := filepath.Join(w.dir, "node_modules", "@openim", "wasm-client-sdk")
	mux := http.NewServeMux()
	mux.Handle("/lib/", http.FileServer(http.Dir(sdk)))
	mux.Handle("/", http.FileServer(http.Dir(filepath.Join(sdk, "assets"))))
	mux.HandleFunc("/{$}", func(rw http.ResponseWriter, r *http.Request) {
		http.ServeFile(rw, r, filepath.Join("..", "..", "testdata", "sdk", "page.html"))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return w.startDriver(t, "browser.mjs", "CHROMIUM="+chromium, "PAGE="+server.URL+"/")
}

// try calls a method of the SDK, and returns its result or what it failed with.
func (u *sdkUser) try(t *testing.T, method string, args ...any) (json.RawMessage, error) {
	t.Helper()
	d := u.driver
	d.mu.Lock()
	d.calls++
	id, answer := d.calls, make(chan sdkLine, 1)
	if d.answers == nil {
		d.mu.Unlock()
		return nil, errors.New("the driver has ended")
	}
	d.answers[id] = answer
	if args == nil {
		args = []any{}
	}
	err := json.NewEncoder(d.in).Encode(map[string]any{"id": id, "user": u.id, "call": method, "args": args})
	d.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case line, ok := <-answer:
		if !ok {
			return nil, errors.New("the driver has ended")
		}
		if line.Failed != nil {
			return nil, errors.New(discreetly(line.Failed))
		}
		return line.OK, nil
	case <-time.After(time.Minute):
		return nil, errors.New("no answer within a minute")
	}
}

// call is a try that must succeed; it returns the result's data.
func (u *sdkUser) call(t *testing.T, method string, args ...any) json.RawMessage {
	t.Helper()
	got, err := u.try(t, method, args...)
	if err != nil {
		t.Fatalf("%s of %s: %v", method, u.id, err)
	}
	var result struct {
		Data json.RawMessage `json:"data"`
	}
	if len(got) > 0 {
		if err := json.Unmarshal(got, &result); err != nil {
			t.Fatalf("%s of %s: %v in %s", method, u.id, err, discreetly(got))
		}
	}
	return result.Data
}

// wait waits for an event by its name, the first that matches after those that were looked at.
func (u *sdkUser) wait(t *testing.T, within time.Duration, name string, match func(data json.RawMessage) bool) sdkLine {
	t.Helper()
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		u.driver.mu.Lock()
		for i := u.seen; i < len(u.events); i++ {
			if e := u.events[i]; e.Event == name && (match == nil || match(e.Data)) {
				u.seen = i + 1
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
