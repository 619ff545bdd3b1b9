package friend

import (
	"fmt"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

func accounts(ids ...string) call {
	quoted := make([]string, len(ids))
	for i, id := range ids {
		quoted[i] = fmt.Sprintf(`{"userID":%q}`, id)
	}
	return call{"/user/get_users_info", "", `{"usersInfo":[` + strings.Join(quoted, ",") + `]}`}
}

func isFriend(a, b string, mine, theirs bool) call {
	return call{"/friend/is_friend", fmt.Sprintf(`{"userID1":%q,"userID2":%q}`, a, b),
		fmt.Sprintf(`{"inUser1Friends":%v,"inUser2Friends":%v}`, mine, theirs)}
}

func TestImport(t *testing.T) {
	runAll(t, []step{
		{name: "unknown ones and oneself are kept out", op: "import", params: `{"ownerUserID":"u1","friendUserIDs":["u2","nobody","u1","u3","u2"]}`,
			calls: []call{accounts("u1", "u2", "u3"), {"/friend/import_friend", `{"ownerUserID":"u1","friendUserIDs":["u2","u3"]}`, ""}},
			want:  `[{"userID":"u2","status":"friends"},{"userID":"nobody","status":"failed"},{"userID":"u1","status":"failed"},{"userID":"u3","status":"friends"}]`,
			kind:  fault.Partial, say: "2 of 4 not made friends"},
		{name: "unknown owner", op: "import", params: `{"ownerUserID":"u1","friendUserIDs":["u2"]}`, calls: []call{accounts("u2")}, kind: fault.NotFound, say: `no account "u1"`},
		{name: "refused", op: "import", params: `{"ownerUserID":"u1","friendUserIDs":["u2","u3"]}`,
			calls: []call{accounts("u1", "u2", "u3"), {"/friend/import_friend", "", "!500 ServerInternalError"}}, kind: fault.Partial},
		{name: "empty", op: "import", params: `{"ownerUserID":"u1","friendUserIDs":[]}`, kind: fault.Usage, say: "empty list"},
		{name: "blank", op: "import", params: `{"ownerUserID":"u1","friendUserIDs":["  "]}`, kind: fault.Usage, say: "friendUserIDs[1] is blank"},
	})
}

func TestAddAndAnswer(t *testing.T) {
	ask := call{"/friend/add_friend", `{"fromUserID":"u1","toUserID":"u2","reqMsg":"hi"}`, ""}
	agree := call{"/friend/add_friend_response", `{"fromUserID":"u1","toUserID":"u2","handleResult":1,"handleMsg":""}`, ""}
	apply := func(rows string) call {
		return call{"/friend/get_designated_friend_apply", `{"fromUserID":"u1","toUserID":"u2"}`, `{"friendRequests":[` + rows + `]}`}
	}
	request := func(from, to string, result int) string {
		return fmt.Sprintf(`{"fromUserID":%q,"toUserID":%q,"handleResult":%d}`, from, to, result)
	}
	pair := `{"fromUserID":"u1","toUserID":"u2"}`
	runAll(t, []step{
		{name: "asks and accepts", op: "add", params: `{"fromUserID":"u1","toUserID":"u2","reqMsg":"hi"}`, calls: []call{isFriend("u1", "u2", true, false), ask, agree}, want: `{"status":"friends"}`},
		{name: "only asks", op: "add", params: `{"fromUserID":"u1","toUserID":"u2","reqMsg":"hi","accept":false}`, calls: []call{isFriend("u1", "u2", false, false), ask}, want: `{"status":"requested"}`},
		{name: "friends already", op: "add", params: pair, calls: []call{isFriend("u1", "u2", true, true)}, want: `{"status":"already"}`},
		{name: "not accepted", op: "add", params: `{"fromUserID":"u1","toUserID":"u2","reqMsg":"hi"}`,
			calls: []call{isFriend("u1", "u2", false, false), ask, {agree.path, "", "!1302 BlockedByPeer"}}, want: `{"status":"requested"}`, kind: fault.Partial, say: "made, but not accepted"},
		{name: "oneself", op: "add", params: `{"fromUserID":"u1","toUserID":"u1"}`, kind: fault.Usage, say: "are both"},
		{name: "pending", op: "accept", params: pair, calls: []call{apply(request("u2", "u1", 0) + "," + request("u1", "u2", 0)), agree}, want: `{"status":"friends"}`},
		{name: "accepted before", op: "accept", params: pair, calls: []call{apply(request("u1", "u2", 1))}, want: `{"status":"already"}`},
		{name: "refused before", op: "accept", params: pair, calls: []call{apply(request("u1", "u2", -1))}, kind: fault.API, say: "was refused before"},
		{name: "the other way", op: "accept", params: pair, calls: []call{apply(request("u2", "u1", 0))}, kind: fault.NotFound, say: `there is one of "u2" to "u1"`},
		{name: "none", op: "refuse", params: pair, calls: []call{apply("")}, kind: fault.NotFound, say: "no request"},
		{name: "pending", op: "refuse", params: `{"fromUserID":"u1","toUserID":"u2","handleMsg":"no"}`,
			calls: []call{apply(request("u1", "u2", 0)), {agree.path, `{"fromUserID":"u1","toUserID":"u2","handleResult":-1,"handleMsg":"no"}`, ""}}, want: `{"status":"refused"}`},
	})
}

func TestLists(t *testing.T) {
	friends := call{"/friend/get_friend_list", `{"userID":"u1","pagination":{"pageNumber":1,"showNumber":500}}`,
		`{"total":2,"friendsInfo":[{"ownerUserID":"u1","createTime":1700000000,"remark":"Bob","friendUser":{"userID":"u2","nickname":"B","ex":"e"},"odd":1},{"createTime":1700000000123,"friendUser":{"userID":"u3"}}]}`}
	runAll(t, []step{
		{name: "times in ms", op: "list", params: `{"userID":"u1"}`, calls: []call{friends},
			want: `[{"userID":"u2","nickname":"B","createTime":1700000000000,"odd":1,"friendUser":{"ex":"e"}},{"userID":"u3","createTime":1700000000123}]`},
		{name: "keyword", op: "list", params: `{"userID":"u1","keyword":"bOb"}`, calls: []call{friends}, want: `[{"userID":"u2"}]`},
		{name: "nobody", op: "list", params: `{"userID":"u1"}`, calls: []call{{"/friend/get_friend_list", "", `{"total":0}`}, accounts()}, kind: fault.NotFound},
		{name: "no friends", op: "list", params: `{"userID":"u1"}`, calls: []call{{"/friend/get_friend_list", "", `{"total":0}`}, accounts("u1")}, want: `[]`},
		{name: "blocked ones, times in ms", op: "blocked", params: `{"userID":"u1"}`,
			calls: []call{{"/friend/get_black_list", `{"userID":"u1","pagination":{"pageNumber":1,"showNumber":500}}`,
				`{"total":1,"blacks":[{"createTime":1700000000,"blackUserInfo":{"userID":"u2","nickname":"B"}}]}`}},
			want: `[{"userID":"u2","nickname":"B","createTime":1700000000000}]`},
		{name: "got", op: "requests", params: `{"userID":"u2","handled":"refused"}`,
			calls: []call{{"/friend/get_friend_apply_list", `{"userID":"u2","pagination":{"pageNumber":1,"showNumber":500},"handleResults":[-1]}`,
				`{"total":1,"FriendRequests":[{"fromUserID":"u1","toUserID":"u2","handleResult":-1,"createTime":1700000000123}]}`}},
			want: `[{"fromUserID":"u1","handleResult":-1,"createTime":1700000000123}]`},
		{name: "sent", op: "requests", params: `{"userID":"u1","sent":true}`,
			calls: []call{{"/friend/get_self_friend_apply_list", `{"userID":"u1","pagination":{"pageNumber":1,"showNumber":500}}`,
				`{"total":1,"friendRequests":[{"fromUserID":"u1","toUserID":"u2"}]}`}},
			want: `[{"toUserID":"u2"}]`},
	})
}

func TestRepeatingList(t *testing.T) {
	rows := make([]string, pageSize)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"friendUser":{"userID":"f%d"}}`, i)
	}
	answer := `{"total":5000,"friendsInfo":[` + strings.Join(rows, ",") + `]}`
	e := env(t, []call{{"/friend/get_friend_list", "", answer}, {"/friend/get_friend_list", "", answer}}, nil)
	got, err := invoke(t, e, "list", `{"userID":"u1"}`)
	if err == nil || !strings.Contains(err.Message, "repeats itself") || len(got.(value.List)) != pageSize {
		t.Errorf("%d rows, %v", len(got.(value.List)), err)
	}
}

func TestCheckAndDelete(t *testing.T) {
	remove := func(owner, friend string) call {
		return call{"/friend/delete_friend", fmt.Sprintf(`{"ownerUserID":%q,"friendUserID":%q}`, owner, friend), ""}
	}
	one := `{"ownerUserID":"u1","friendUserIDs":["u2"]}`
	runAll(t, []step{
		{name: "half", op: "check", params: `{"userID1":"u1","userID2":"u2"}`, calls: []call{isFriend("u1", "u2", true, false)}, want: `{"friends":false,"inUser1Friends":true,"inUser2Friends":false}`},
		{name: "both", op: "check", params: `{"userID1":"u1","userID2":"u2"}`, calls: []call{isFriend("u1", "u2", true, true)}, want: `{"friends":true}`},
		{name: "strangers", op: "check", params: `{"userID1":"u1","userID2":"u2"}`, calls: []call{isFriend("u1", "u2", false, false), accounts("u1", "u2")}, want: `{"friends":false}`},
		{name: "unknown", op: "check", params: `{"userID1":"u1","userID2":"u9"}`, calls: []call{isFriend("u1", "u9", false, false), accounts("u1")}, kind: fault.NotFound, say: `"u9"`},
		{name: "both ways", op: "delete", params: one, calls: []call{isFriend("u1", "u2", true, true), remove("u1", "u2"), remove("u2", "u1")}, want: `[{"status":"deleted"}]`},
		{name: "the half that is left", op: "delete", params: one, calls: []call{isFriend("u1", "u2", false, true), remove("u2", "u1")}, want: `[{"status":"deleted"}]`},
		{name: "one way", op: "delete", params: `{"ownerUserID":"u1","friendUserIDs":["u2"],"one_way":true}`, calls: []call{isFriend("u1", "u2", true, true), remove("u1", "u2")}, want: `[{"status":"deleted"}]`},
		{name: "strangers", op: "delete", params: one, calls: []call{isFriend("u1", "u2", false, false), accounts("u1", "u2")}, want: `[{"status":"not_friends"}]`},
		{name: "half done", op: "delete", params: one, calls: []call{isFriend("u1", "u2", true, true), remove("u1", "u2"), {"/friend/delete_friend", "", "!500 ServerInternalError"}},
			want: `[{"status":"failed"}]`, kind: fault.Partial, say: "still in the list of u2"},
		{name: "some", op: "delete", params: `{"ownerUserID":"u1","friendUserIDs":["u2","u9"]}`,
			calls: []call{isFriend("u1", "u2", true, false), remove("u1", "u2"), isFriend("u1", "u9", false, false), accounts("u1")},
			want:  `[{"status":"deleted"},{"userID":"u9","status":"failed"}]`, kind: fault.Partial},
	})
}

func TestBlock(t *testing.T) {
	black := func(ids string, found string) call {
		return call{"/friend/get_specified_blacks", `{"ownerUserID":"u1","userIDList":[` + ids + `]}`, `{"blacks":[` + found + `]}`}
	}
	add := func(id string) call {
		return call{"/friend/add_black", fmt.Sprintf(`{"ownerUserID":"u1","blackUserID":%q}`, id), ""}
	}
	runAll(t, []step{
		{name: "each kind", op: "block", params: `{"ownerUserID":"u1","blackUserIDs":["u2","u3","u9","u1","imAdmin"]}`,
			calls: []call{black(`"u2","u3","u9","u1","imAdmin"`, `{"blackUserInfo":{"userID":"u3"}}`), accounts("u1", "u2", "u3", "imAdmin"), add("u2")},
			want:  `[{"status":"blocked"},{"status":"already"},{"status":"failed"},{"status":"failed"},{"userID":"imAdmin","status":"skipped"}]`, kind: fault.Partial, say: "2 of 5 not blocked"},
		{name: "the admin by name", op: "block", params: `{"ownerUserID":"u1","blackUserIDs":["imAdmin"]}`,
			calls: []call{black(`"imAdmin"`, ""), accounts("u1", "imAdmin"), add("imAdmin")}, want: `[{"status":"blocked"}]`},
		{name: "unknown owner", op: "block", params: `{"ownerUserID":"u1","blackUserIDs":["u2"]}`, calls: []call{black(`"u2"`, ""), accounts("u2")}, kind: fault.NotFound},
		{name: "off", op: "unblock", params: `{"ownerUserID":"u1","blackUserIDs":["u2","u3"]}`,
			calls: []call{black(`"u2","u3"`, `{"blackUserInfo":{"userID":"u3"}}`), {"/friend/remove_black", `{"ownerUserID":"u1","blackUserID":"u3"}`, ""}},
			want:  `[{"status":"not_blocked"},{"status":"unblocked"}]`},
		{name: "empty", op: "unblock", params: `{"ownerUserID":"u1","blackUserIDs":[]}`, kind: fault.Usage},
		{name: "a refused token ends it", op: "block", params: `{"ownerUserID":"u1","blackUserIDs":["u2","u3"]}`,
			calls: []call{black(`"u2","u3"`, ""), accounts("u1", "u2", "u3"), {"/friend/add_black", "", "!1002 NoPermissionError"}},
			want:  `[{"status":"failed"},{"status":"failed"}]`, kind: fault.Partial},
	})
}
