package sandbox

import (
	"fmt"
	"testing"
	"time"
)

type testPulled struct {
	Msgs []struct {
		Seq     int64
		Content []byte
		Status  int32
	}
	IsEnd bool
}

// pull reads a range as a user sees it.
func (c *testClient) pull(userID, conversationID string, begin, end int64) []string {
	c.t.Helper()
	var got struct{ Msgs, NotificationMsgs map[string]testPulled }
	c.call("/msg/pull_msg_by_seq", map[string]any{"userID": userID, "seqRanges": []any{map[string]any{
		"conversationID": conversationID, "begin": begin, "end": end, "num": end - begin + 1,
	}}}, &got)
	var out []string
	for _, m := range append(got.Msgs[conversationID].Msgs, got.NotificationMsgs[conversationID].Msgs...) {
		out = append(out, fmt.Sprintf("%d:%s", m.Seq, m.Content))
	}
	return out
}

func (c *testClient) send(from, to, text string) {
	c.t.Helper()
	c.call("/msg/send_msg", map[string]any{
		"sendID": from, "recvID": to, "contentType": 101, "sessionType": 1, "content": map[string]any{"content": text},
	}, nil)
}

func (c *testClient) sendGroup(from, groupID, text string) {
	c.t.Helper()
	c.call("/msg/send_msg", map[string]any{
		"sendID": from, "groupID": groupID, "contentType": 101, "sessionType": 3, "content": map[string]any{"content": text},
	}, nil)
}

// newest waits until a user's conversation has a seq.
func (c *testClient) newest(userID, conversationID string, want int64) {
	c.t.Helper()
	var got struct{ MaxSeqs map[string]int64 }
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		c.call("/msg/newest_seq", map[string]any{"userID": userID}, &got)
		if got.MaxSeqs[conversationID] == want {
			return
		}
	}
	c.t.Fatalf("newest seqs of %s: %v, want %d in %s", userID, got.MaxSeqs, want, conversationID)
}

func (c *testClient) wantPull(userID, conversationID string, begin, end int64, want ...string) {
	c.t.Helper()
	if got := c.pull(userID, conversationID, begin, end); fmt.Sprint(got) != fmt.Sprint(want) {
		c.t.Fatalf("%s sees %q, want %q", userID, got, want)
	}
}

func text(seq int, s string) string { return fmt.Sprintf(`%d:{"content":"%s"}`, seq, s) }

func TestOldCounterOverwritesMessages(t *testing.T) {
	t.Parallel()
	s := startTest(t, Config{})
	c := newTestClient(t, s)
	c.register("a", "b")
	for i, m := range []string{"one", "two", "three"} {
		c.send("a", "b", m)
		c.newest("b", "si_a_b", int64(i+1))
	}
	s.redis.HSet("MALLOC_SEQ:si_a_b", "CURR", "1") // as a restore of Redis alone would
	c.send("a", "b", "four")
	c.newest("b", "si_a_b", 2)
	c.wantPull("b", "si_a_b", 1, 9, text(1, "one"), text(2, "four"))
	s.redis.Del("MALLOC_SEQ:si_a_b")
	c.send("a", "b", "five")
	c.newest("b", "si_a_b", 52) // a harmless gap
	c.wantPull("b", "si_a_b", 2, 4, text(2, "four"), text(3, "three"), "4:")
}

func TestMembersSeeTheirTimeOnly(t *testing.T) {
	t.Parallel()
	c := newTestClient(t, startTest(t, Config{}))
	c.register("a", "b", "c")
	no := false
	c.call("/group/create_group", map[string]any{
		"groupInfo": map[string]any{"groupID": "g", "groupType": 2}, "ownerUserID": "a", "memberUserIDs": []string{"b"}, "sendMessage": no,
	}, nil)
	c.sendGroup("a", "g", "one")
	c.newest("b", "sg_g", 1)
	c.call("/group/kick_group", map[string]any{"groupID": "g", "kickedUserIDs": []string{"b"}, "sendMessage": no}, nil)
	c.sendGroup("a", "g", "two")
	c.newest("a", "sg_g", 2)
	c.wantPull("b", "sg_g", 1, 9, text(1, "one"))
	c.call("/group/invite_user_to_group", map[string]any{"groupID": "g", "invitedUserIDs": []string{"b", "c"}, "sendMessage": no}, nil)
	c.wantPull("b", "sg_g", 1, 9, text(1, "one"), text(2, "two"))
	c.wantPull("c", "sg_g", 2, 9, text(2, "two")) // newcomers see the history
}

func TestReliableNotificationIsStored(t *testing.T) {
	t.Parallel()
	c := newTestClient(t, startTest(t, Config{}))
	c.register("a")
	c.send("imAdmin", "a", "hello")
	c.call("/msg/send_business_notification", map[string]any{
		"sendUserID": "imAdmin", "recvUserID": "a", "key": "k", "data": "d", "reliabilityLevel": 2,
	}, nil)
	c.newest("a", "n_a_imAdmin", 1)
	c.newest("a", "si_a_imAdmin", 1)
	c.wantPull("a", "n_a_imAdmin", 1, 9, `1:{"detail":"{\"key\":\"k\",\"data\":\"d\"}"}`)
}

func TestResetDropsWhatIsOnItsWay(t *testing.T) {
	t.Parallel()
	s := startTest(t, Config{})
	c := newTestClient(t, s)
	c.register("a", "b")
	c.send("a", "b", "lost")
	s.Reset()
	time.Sleep(2 * transferDelay)
	if s.redis.Exists("MALLOC_SEQ:si_a_b") {
		t.Error("a message of the time before the reset was stored")
	}
}

func TestSearchNumberIsNoFullCount(t *testing.T) {
	t.Parallel()
	s := startTest(t, Config{})
	st := s.state.Load()
	const docs = 1000
	for i := range docs {
		log := st.conversationLog(fmt.Sprintf("si_a_%d", i))
		log.put(&message{msgData: msgData{Seq: 1, SendID: "a"}})
		st.docs = append(st.docs, doc{log, 0})
	}
	all := func(*message) bool { return true }
	page := func(n, show int32) *pagination { return &pagination{PageNumber: n, ShowNumber: show} }
	if found, n := st.search(all, page(1, docs)); len(found) != docs || n != docs {
		t.Errorf("one large page: %d, %d", len(found), n)
	}
	if found, n := st.search(all, page(1, 10)); len(found) != 10 || n >= docs {
		t.Errorf("a small page: %d, %d", len(found), n)
	}
	if found, _ := st.search(all, page(1<<30, 8)); len(found) != 8 {
		t.Errorf("a page number that wraps: %d", len(found))
	}
}

func TestManyMembersAndMessages(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes a second or two")
	}
	const users, batch, rounds = 10_000, 1000, 10
	c := newTestClient(t, startTest(t, Config{}))
	ids := make([]string, users)
	for i := range ids {
		ids[i] = fmt.Sprintf("u%d", i)
	}
	c.register(ids...)
	c.call("/group/create_group", map[string]any{
		"groupInfo": map[string]any{"groupID": "g", "groupType": 2}, "ownerUserID": ids[0], "memberUserIDs": ids[1:batch],
	}, nil)
	for i := batch; i < users; i += batch {
		c.call("/group/invite_user_to_group", map[string]any{"groupID": "g", "invitedUserIDs": ids[i : i+batch]}, nil)
	}
	var list struct{ Total int }
	c.call("/group/get_group_member_list", map[string]any{
		"groupID": "g", "pagination": map[string]any{"pageNumber": 100, "showNumber": 100},
	}, &list)
	if list.Total != users {
		t.Fatalf("%d members", list.Total)
	}
	for range rounds {
		c.call("/msg/batch_send_msg", map[string]any{
			"sendID": "imAdmin", "contentType": 101, "sessionType": 1, "content": map[string]any{"content": "x"}, "recvIDs": ids,
		}, nil)
	}
	c.newest(ids[users-1], singleConversation("imAdmin", ids[users-1]), rounds)
}
