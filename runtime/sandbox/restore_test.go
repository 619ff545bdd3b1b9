package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestJournalOfContract runs every contract case with a data folder. What a start makes of
// the journal must be what the sandbox had in memory, to the last byte.
func TestJournalOfContract(t *testing.T) {
	pool := newServerPool(t, true)
	client := &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 4},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(client.CloseIdleConnections)
	for area, cases := range readContract(t) {
		for _, c := range cases {
			t.Run(area+"/"+c.Name, func(t *testing.T) {
				t.Parallel()
				s := pool.take(c.Generation)
				defer pool.giveBack(s)
				if err := newContractRun(s.Ready(), client).run(t.Context(), c); err != nil {
					t.Error(err)
				}
				compareReplay(t, s)
			})
		}
	}
}

// TestJournalOfACrowd is about what goes over many rows: its order must not be a map's.
func TestJournalOfACrowd(t *testing.T) {
	t.Parallel()
	s := startTest(t, Config{Data: t.TempDir(), Seed: 7})
	c := newTestClient(t, s)
	var ids []string
	settings := map[string]string{}
	for i := range 20 {
		ids = append(ids, fmt.Sprintf("u%d", i))
		settings[fmt.Sprintf("key%d", i)] = "x"
	}
	c.register(ids...)
	c.call("/user/set_user_client_config", map[string]any{"userID": "u1", "configs": settings}, nil)
	c.call("/group/create_group", map[string]any{
		"groupInfo": map[string]any{"groupID": "g", "groupType": 2}, "ownerUserID": "u0", "memberUserIDs": ids[1:],
	}, nil)
	text := map[string]any{"content": "hi", "text": "hi", "atUserList": []string{atAllTag, "u3", "u4", "u5"}}
	send := map[string]any{"sendID": "u0", "contentType": contentAtText, "content": text, "sessionType": groupChat, "groupID": "g"}
	c.call("/msg/send_msg", send, nil)
	send["contentType"], send["sessionType"], send["recvIDs"], send["isSendAll"] = 101, singleChat, []string{}, true
	c.call("/msg/batch_send_msg", send, nil)
	for _, id := range ids[1:] {
		c.newest(id, singleConversation("u0", id), 1)
	}
	c.call("/conversation/update_conversations_by_user", map[string]any{"userID": "u0", "ex": "e"}, nil)
	c.call("/friend/import_friend", map[string]any{"ownerUserID": "u0", "friendUserIDs": ids[1:]}, nil)
	for range 3 { // what is stored by now, and what isn't yet
		compareReplay(t, s)
		time.Sleep(transferDelay)
	}
}

// TestKilled: what was answered is there after a kill -9, and all goes on from there.
func TestKilled(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "new", "data")
	start := func(args ...string) (*child, *Server) {
		p := startChild(t, append([]string{"--data", folder}, args...)...)
		ready, _ := p.ready(t)
		return p, &Server{ready: ready}
	}
	kill := func(p *child) {
		if err := p.cmd.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		p.wait(t)
	}

	p, s := start("--seed", "3")
	c := newTestClient(t, s)
	c.register("a", "b")
	phone := c.userToken("a", 2)
	time.Sleep(time.Second) // the next token is another one
	ws := *c
	ws.token = c.userToken("a", 2) // ends the one before
	c.send("a", "b", "one")
	c.newest("b", "si_a_b", 1)
	if code := Run(t.Context(), nil, []string{"--data", folder}, nil, os.Stdout, &p.stderr); code != exitUsage || !strings.Contains(p.stderr.String(), "in use by another sandbox") {
		t.Errorf("a second sandbox on the folder: exit %d, %s", code, p.stderr.String())
	}
	if code := Run(t.Context(), nil, []string{"--data", folder, "--generation", Generation383}, nil, os.Stdout, &p.stderr); code != exitUsage {
		t.Errorf("exit %d", code)
	}
	c.send("a", "b", "two") // answered, and not stored
	kill(p)

	p, s = start()
	c.base = s.ready.API
	ws.base = s.ready.API
	if got := c.codeOf(phone); got != codeTokenKicked {
		t.Errorf("a token that was ended: errCode %d", got)
	}
	if got := c.codeOf(ws.token); got != 0 {
		t.Errorf("a token: errCode %d", got)
	}
	c.newest("b", "si_a_b", 2)
	c.send("b", "a", "three")
	c.newest("b", "si_a_b", 3)
	c.wantPull("b", "si_a_b", 1, 9, text(1, "one"), text(2, "two"), text(3, "three"))
	kill(p)

	p, s = start()
	c.base = s.ready.API
	c.wantPull("b", "si_a_b", 1, 9, text(1, "one"), text(2, "two"), text(3, "three"))
	if _, code, err := c.try("/user/user_register", map[string]any{"users": []any{map[string]any{"userID": "a", "nickname": "a"}}}, nil); code != codeRegisteredAlready || err != nil {
		t.Errorf("errCode %d %v", code, err)
	}
	if err := p.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	kill(p)
}

// compareReplay starts another sandbox on a copy of the journal, as it is at this moment.
func compareReplay(t *testing.T, s *Server) {
	t.Helper()
	st := s.state.Load()
	st.mu.Lock()
	want := dump(st, s.redis)
	text, err := os.ReadFile(s.journal.path)
	st.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "journal"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := s.cfg
	cfg.Data = folder
	again, err := newServer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := dump(again.state.Load(), again.redis); got != want {
		t.Errorf("after the replay (- had, + has): %s", cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
	}
	if err := again.journal.close(); err != nil {
		t.Error(err)
	}
}

// TestOldJournal: keys of Redis lapse at their time, also when the sandbox was off then.
func TestOldJournal(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	j, err := openJournal(t.Context(), Config{Data: folder, Generation: GenerationMain, AdminUserID: "imAdmin"})
	if err != nil {
		t.Fatal(err)
	}
	ago := func(days int) int64 { return time.Now().AddDate(0, 0, -days).UnixNano() }
	add := func(days int, path, body string) {
		if err := j.append(&entry{Kind: callEntry, API: imAPI, Time: ago(days), Path: path, UserID: "imAdmin", Admin: true, Body: []byte(body)}); err != nil {
			t.Fatal(err)
		}
	}
	add(100, "/user/user_register", `{"users":[{"userID":"old","nickname":"o"},{"userID":"new","nickname":"n"}]}`)
	add(95, "/auth/get_user_token", `{"userID":"old","platformID":2}`)
	add(80, "/auth/get_user_token", `{"userID":"new","platformID":2}`)
	add(80, "/third/fcm_update_token", `{"platformID":2,"account":"new","fcmToken":"t","expireTime":60}`)
	add(79, "/third/fcm_update_token", `{"platformID":2,"account":"new","fcmToken":"t2"}`)
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	s, err := loaded(t, Config{Data: folder})
	if err != nil {
		t.Fatal(err)
	}
	if s.redis.Exists(tokenKey("old", 2)) {
		t.Error("a token list that lapsed is there")
	}
	if left := s.redis.TTL(tokenKey("new", 2)); left < 9*24*time.Hour || left > 11*24*time.Hour {
		t.Errorf("a token list of 80 days lives %v on", left)
	}
	for token := range maps.Keys(s.tokens.states("new", 2)) {
		if _, err := s.tokens.check(token); err != nil {
			t.Error(err)
		}
	}
	if got, err := s.redis.Get(fcmKey("new", 2)); got != "t2" || err != nil || s.redis.TTL(fcmKey("new", 2)) != 0 {
		t.Errorf("%q %v, %v left", got, err, s.redis.TTL(fcmKey("new", 2)))
	}
}
