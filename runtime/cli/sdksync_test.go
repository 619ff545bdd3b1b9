package cli_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

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
