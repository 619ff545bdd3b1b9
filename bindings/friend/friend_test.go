package friend

import (
	"fmt"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/bindingtest"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

func isFriend(a, b string, mine, theirs bool) bindingtest.Call {
	return bindingtest.Call{"/friend/is_friend", fmt.Sprintf(`{"userID1":%q,"userID2":%q}`, a, b),
		fmt.Sprintf(`{"inUser1Friends":%v,"inUser2Friends":%v}`, mine, theirs)}
}

func TestDeclarations(t *testing.T) { bindingtest.CheckDeclarations(t, Area()) }

func TestImport(t *testing.T) {
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "unknown ones and oneself are kept out", Op: "import", Params: `{"ownerUserID":"u1","friendUserIDs":["u2","nobody","u1","u3","u2"]}`,
			Calls: []bindingtest.Call{bindingtest.Accounts("u1", "u2", "u3"), {"/friend/import_friend", `{"ownerUserID":"u1","friendUserIDs":["u2","u3"]}`, ""}},
			Want:  `[{"userID":"u2","status":"friends"},{"userID":"nobody","status":"failed"},{"userID":"u1","status":"failed"},{"userID":"u3","status":"friends"}]`,
			Kind:  fault.Partial, Say: "2 of 4 not made friends"},
		{Name: "unknown owner", Op: "import", Params: `{"ownerUserID":"u1","friendUserIDs":["u2"]}`, Calls: []bindingtest.Call{bindingtest.Accounts("u2")}, Kind: fault.NotFound, Say: `no account "u1"`},
		{Name: "refused", Op: "import", Params: `{"ownerUserID":"u1","friendUserIDs":["u2","u3"]}`,
			Calls: []bindingtest.Call{bindingtest.Accounts("u1", "u2", "u3"), {"/friend/import_friend", "", "!500 ServerInternalError"}}, Kind: fault.Partial},
		{Name: "oneself alone", Op: "import", Params: `{"ownerUserID":"u1","friendUserIDs":["u1","u1"]}`, Kind: fault.Usage, Say: "friend of itself"},
		{Name: "empty", Op: "import", Params: `{"ownerUserID":"u1","friendUserIDs":[]}`, Kind: fault.Usage, Say: "empty list"},
		{Name: "blank", Op: "import", Params: `{"ownerUserID":"u1","friendUserIDs":["  "]}`, Kind: fault.Usage, Say: "friendUserIDs[1] is blank"},
	})
}

func TestAddAndAnswer(t *testing.T) {
	ask := bindingtest.Call{"/friend/add_friend", `{"fromUserID":"u1","toUserID":"u2","reqMsg":"hi"}`, ""}
	agree := bindingtest.Call{"/friend/add_friend_response", `{"fromUserID":"u1","toUserID":"u2","handleResult":1,"handleMsg":""}`, ""}
	apply := func(rows string) bindingtest.Call {
		return bindingtest.Call{"/friend/get_designated_friend_apply", `{"fromUserID":"u1","toUserID":"u2"}`, `{"friendRequests":[` + rows + `]}`}
	}
	request := func(from, to string, result int) string {
		return fmt.Sprintf(`{"fromUserID":%q,"toUserID":%q,"handleResult":%d}`, from, to, result)
	}
	pair := `{"fromUserID":"u1","toUserID":"u2"}`
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "asks and accepts", Op: "add", Params: `{"fromUserID":"u1","toUserID":"u2","reqMsg":"hi"}`, Calls: []bindingtest.Call{isFriend("u1", "u2", true, false), ask, agree}, Want: `{"status":"friends"}`},
		{Name: "only asks", Op: "add", Params: `{"fromUserID":"u1","toUserID":"u2","reqMsg":"hi","accept":false}`, Calls: []bindingtest.Call{isFriend("u1", "u2", false, false), ask}, Want: `{"status":"requested"}`},
		{Name: "friends already", Op: "add", Params: pair, Calls: []bindingtest.Call{isFriend("u1", "u2", true, true)}, Want: `{"status":"already"}`},
		{Name: "not accepted", Op: "add", Params: `{"fromUserID":"u1","toUserID":"u2","reqMsg":"hi"}`,
			Calls: []bindingtest.Call{isFriend("u1", "u2", false, false), ask, {agree.Path(), "", "!1302 BlockedByPeer"}}, Want: `{"status":"requested"}`, Kind: fault.Partial, Say: "made, but not accepted"},
		{Name: "oneself", Op: "add", Params: `{"fromUserID":"u1","toUserID":"u1"}`, Kind: fault.Usage, Say: "are both"},
		{Name: "pending", Op: "accept", Params: pair, Calls: []bindingtest.Call{apply(request("u2", "u1", 0) + "," + request("u1", "u2", 0)), agree}, Want: `{"status":"friends"}`},
		{Name: "accepted before", Op: "accept", Params: pair, Calls: []bindingtest.Call{apply(request("u1", "u2", 1))}, Want: `{"status":"already"}`},
		{Name: "refused before", Op: "accept", Params: pair, Calls: []bindingtest.Call{apply(request("u1", "u2", -1))}, Kind: fault.API, Say: "was refused before"},
		{Name: "the other way", Op: "accept", Params: pair, Calls: []bindingtest.Call{apply(request("u2", "u1", 0))}, Kind: fault.NotFound, Say: `there is one of "u2" to "u1"`},
		{Name: "none", Op: "refuse", Params: pair, Calls: []bindingtest.Call{apply("")}, Kind: fault.NotFound, Say: "no request"},
		{Name: "pending", Op: "refuse", Params: `{"fromUserID":"u1","toUserID":"u2","handleMsg":"no"}`,
			Calls: []bindingtest.Call{apply(request("u1", "u2", 0)), {agree.Path(), `{"fromUserID":"u1","toUserID":"u2","handleResult":-1,"handleMsg":"no"}`, ""}}, Want: `{"status":"refused"}`},
	})
}

func TestLists(t *testing.T) {
	friends := bindingtest.Call{"/friend/get_friend_list", `{"userID":"u1","pagination":{"pageNumber":1,"showNumber":500}}`,
		`{"total":2,"friendsInfo":[{"ownerUserID":"u1","createTime":1700000000,"remark":"Bob","friendUser":{"userID":"u2","nickname":"B","ex":"e"},"odd":1},{"createTime":1700000000123,"friendUser":{"userID":"u3"}}]}`}
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "times in ms", Op: "list", Params: `{"userID":"u1"}`, Calls: []bindingtest.Call{friends},
			Want: `[{"userID":"u2","nickname":"B","createTime":1700000000000,"odd":1,"friendUser":{"ex":"e"}},{"userID":"u3","createTime":1700000000123}]`},
		{Name: "keyword", Op: "list", Params: `{"userID":"u1","keyword":"bOb"}`, Calls: []bindingtest.Call{friends}, Want: `[{"userID":"u2"}]`},
		{Name: "nobody", Op: "list", Params: `{"userID":"u1"}`, Calls: []bindingtest.Call{{"/friend/get_friend_list", "", `{"total":0}`}, bindingtest.Accounts()}, Kind: fault.NotFound},
		{Name: "no friends", Op: "list", Params: `{"userID":"u1"}`, Calls: []bindingtest.Call{{"/friend/get_friend_list", "", `{"total":0}`}, bindingtest.Accounts("u1")}, Want: `[]`},
		{Name: "blocked ones, times in ms", Op: "blocked", Params: `{"userID":"u1"}`,
			Calls: []bindingtest.Call{{"/friend/get_black_list", `{"userID":"u1","pagination":{"pageNumber":1,"showNumber":500}}`,
				`{"total":1,"blacks":[{"createTime":1700000000,"blackUserInfo":{"userID":"u2","nickname":"B"}}]}`}},
			Want: `[{"userID":"u2","nickname":"B","createTime":1700000000000}]`},
		{Name: "got", Op: "requests", Params: `{"userID":"u2","handled":"refused"}`,
			Calls: []bindingtest.Call{{"/friend/get_friend_apply_list", `{"userID":"u2","pagination":{"pageNumber":1,"showNumber":500},"handleResults":[-1]}`,
				`{"total":1,"FriendRequests":[{"fromUserID":"u1","toUserID":"u2","handleResult":-1,"createTime":1700000000123}]}`}},
			Want: `[{"fromUserID":"u1","handleResult":-1,"createTime":1700000000123}]`},
		{Name: "sent", Op: "requests", Params: `{"userID":"u1","sent":true}`,
			Calls: []bindingtest.Call{{"/friend/get_self_friend_apply_list", `{"userID":"u1","pagination":{"pageNumber":1,"showNumber":500}}`,
				`{"total":1,"friendRequests":[{"fromUserID":"u1","toUserID":"u2"}]}`}},
			Want: `[{"toUserID":"u2"}]`},
	})
}

func TestRepeatingList(t *testing.T) {
	rows := make([]string, bindings.PageSize)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"friendUser":{"userID":"f%d"}}`, i)
	}
	answer := `{"total":5000,"friendsInfo":[` + strings.Join(rows, ",") + `]}`
	e := bindingtest.Env(t, []bindingtest.Call{{"/friend/get_friend_list", "", answer}, {"/friend/get_friend_list", "", answer}}, nil)
	got, err := bindingtest.Invoke(t.Context(), t, Area(), e, "list", `{"userID":"u1"}`)
	if err == nil || !strings.Contains(err.Message, "repeats itself") || len(got.(value.List)) != bindings.PageSize {
		t.Errorf("%d rows, %v", len(got.(value.List)), err)
	}
}

func TestCheckAndDelete(t *testing.T) {
	remove := func(owner, friend string) bindingtest.Call {
		return bindingtest.Call{"/friend/delete_friend", fmt.Sprintf(`{"ownerUserID":%q,"friendUserID":%q}`, owner, friend), ""}
	}
	one := `{"ownerUserID":"u1","friendUserIDs":["u2"]}`
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "half", Op: "check", Params: `{"userID1":"u1","userID2":"u2"}`, Calls: []bindingtest.Call{isFriend("u1", "u2", true, false)}, Want: `{"friends":false,"inUser1Friends":true,"inUser2Friends":false}`},
		{Name: "both", Op: "check", Params: `{"userID1":"u1","userID2":"u2"}`, Calls: []bindingtest.Call{isFriend("u1", "u2", true, true)}, Want: `{"friends":true}`},
		{Name: "strangers", Op: "check", Params: `{"userID1":"u1","userID2":"u2"}`, Calls: []bindingtest.Call{isFriend("u1", "u2", false, false), bindingtest.Accounts("u1", "u2")}, Want: `{"friends":false}`},
		{Name: "unknown", Op: "check", Params: `{"userID1":"u1","userID2":"u9"}`, Calls: []bindingtest.Call{isFriend("u1", "u9", false, false), bindingtest.Accounts("u1")}, Kind: fault.NotFound, Say: `"u9"`},
		{Name: "both ways", Op: "delete", Params: one, Calls: []bindingtest.Call{isFriend("u1", "u2", true, true), remove("u1", "u2"), remove("u2", "u1")}, Want: `[{"status":"deleted"}]`},
		{Name: "the half that is left", Op: "delete", Params: one, Calls: []bindingtest.Call{isFriend("u1", "u2", false, true), remove("u2", "u1")}, Want: `[{"status":"deleted"}]`},
		{Name: "one way", Op: "delete", Params: `{"ownerUserID":"u1","friendUserIDs":["u2"],"one_way":true}`, Calls: []bindingtest.Call{isFriend("u1", "u2", true, true), remove("u1", "u2")}, Want: `[{"status":"deleted"}]`},
		{Name: "strangers", Op: "delete", Params: one, Calls: []bindingtest.Call{isFriend("u1", "u2", false, false), bindingtest.Accounts("u1", "u2")}, Want: `[{"status":"not_friends"}]`},
		{Name: "half done", Op: "delete", Params: one, Calls: []bindingtest.Call{isFriend("u1", "u2", true, true), remove("u1", "u2"), {"/friend/delete_friend", "", "!500 ServerInternalError"}},
			Want: `[{"status":"failed"}]`, Kind: fault.Partial, Say: "still in the list of u2"},
		{Name: "some", Op: "delete", Params: `{"ownerUserID":"u1","friendUserIDs":["u2","u9"]}`,
			Calls: []bindingtest.Call{isFriend("u1", "u2", true, false), remove("u1", "u2"), isFriend("u1", "u9", false, false), bindingtest.Accounts("u1")},
			Want:  `[{"status":"deleted"},{"userID":"u9","status":"failed"}]`, Kind: fault.Partial},
	})
}

func TestBlock(t *testing.T) {
	black := func(ids string, found string) bindingtest.Call {
		return bindingtest.Call{"/friend/get_specified_blacks", `{"ownerUserID":"u1","userIDList":[` + ids + `]}`, `{"blacks":[` + found + `]}`}
	}
	add := func(id string) bindingtest.Call {
		return bindingtest.Call{"/friend/add_black", fmt.Sprintf(`{"ownerUserID":"u1","blackUserID":%q}`, id), ""}
	}
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "each kind", Op: "block", Params: `{"ownerUserID":"u1","blackUserIDs":["u2","u3","u9","u1","imAdmin"]}`,
			Calls: []bindingtest.Call{black(`"u2","u3","u9","u1","imAdmin"`, `{"blackUserInfo":{"userID":"u3"}}`), bindingtest.Accounts("u1", "u2", "u3", "imAdmin"), add("u2")},
			Want:  `[{"status":"blocked"},{"status":"already"},{"status":"failed"},{"status":"failed"},{"userID":"imAdmin","status":"skipped"}]`, Kind: fault.Partial, Say: "2 of 5 not blocked"},
		{Name: "the admin by name", Op: "block", Params: `{"ownerUserID":"u1","blackUserIDs":["imAdmin"]}`,
			Calls: []bindingtest.Call{black(`"imAdmin"`, ""), bindingtest.Accounts("u1", "imAdmin"), add("imAdmin")}, Want: `[{"status":"blocked"}]`},
		{Name: "unknown owner", Op: "block", Params: `{"ownerUserID":"u1","blackUserIDs":["u2"]}`, Calls: []bindingtest.Call{black(`"u2"`, ""), bindingtest.Accounts("u2")}, Kind: fault.NotFound},
		{Name: "off", Op: "unblock", Params: `{"ownerUserID":"u1","blackUserIDs":["u2","u3"]}`,
			Calls: []bindingtest.Call{black(`"u2","u3"`, `{"blackUserInfo":{"userID":"u3"}}`), {"/friend/remove_black", `{"ownerUserID":"u1","blackUserID":"u3"}`, ""}},
			Want:  `[{"status":"not_blocked"},{"status":"unblocked"}]`},
		{Name: "empty", Op: "unblock", Params: `{"ownerUserID":"u1","blackUserIDs":[]}`, Kind: fault.Usage},
		{Name: "a refused token ends it", Op: "block", Params: `{"ownerUserID":"u1","blackUserIDs":["u2","u3"]}`,
			Calls: []bindingtest.Call{black(`"u2","u3"`, ""), bindingtest.Accounts("u1", "u2", "u3"), {"/friend/add_black", "", "!1002 NoPermissionError"}},
			Want:  `[{"status":"failed"},{"status":"failed"}]`, Kind: fault.Partial},
	})
}
