package friend

import (
	"fmt"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings/bindingtest"
	"github.com/openimsdk/imctl/bindings/fault"
)

// entriesOf is the look at entries of the list of u1.
func entriesOf(ids string, rows ...string) bindingtest.Call {
	return bindingtest.Call{"/friend/get_designated_friends", `{"ownerUserID":"u1","friendUserIDs":` + ids + `}`,
		`{"friendsInfo":[` + strings.Join(rows, ",") + `]}`}
}

func friendRow(id, more string) string {
	return fmt.Sprintf(`{"ownerUserID":"u1","createTime":1700000000,"friendUser":{"userID":%q,"nickname":"N %s"}%s}`, id, id, more)
}

func TestUpdate(t *testing.T) {
	update := func(body string) bindingtest.Call {
		return bindingtest.Call{"/friend/update_friends", `{"ownerUserID":"u1",` + body + `}`, ""}
	}
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "only what is named; strangers fail", Op: "update", Params: `{"ownerUserID":"u1","friendUserIDs":["u9","u2","u2"],"isPinned":false,"remark":""}`,
			Calls: []bindingtest.Call{entriesOf(`["u9","u2"]`, friendRow("u2", "")), update(`"friendUserIDs":["u2"],"isPinned":false,"remark":""`), entriesOf(`["u2"]`, friendRow("u2", ""))},
			Want:  `[{"userID":"u9","status":"failed"},{"userID":"u2","status":"updated"}]`, Kind: fault.Partial, Say: "1 of 2 not updated"},
		{Name: "did not take", Op: "update", Params: `{"ownerUserID":"u1","friendUserIDs":["u2"],"ex":"e"}`,
			Calls: []bindingtest.Call{entriesOf(`["u2"]`, friendRow("u2", "")), update(`"friendUserIDs":["u2"],"ex":"e"`), entriesOf(`["u2"]`, friendRow("u2", ""))}, Kind: fault.Partial, Say: "did not take"},
		{Name: "stranger", Op: "update", Params: `{"ownerUserID":"u1","friendUserIDs":["u2"],"ex":"e"}`, Calls: []bindingtest.Call{entriesOf(`["u2"]`)}, Kind: fault.NotFound, Say: "not in the friend list"},
		{Name: "can't be read back", Op: "update", Params: `{"ownerUserID":"u1","friendUserIDs":["u2"],"isPinned":true}`,
			Calls: []bindingtest.Call{entriesOf(`["u2"]`, friendRow("u2", "")), update(`"friendUserIDs":["u2"],"isPinned":true`), {"/friend/get_designated_friends", "", "!500 ServerInternalError"}},
			Want:  `[{"userID":"u2","status":"updated"}]`, Warn: "can't be read back"},
		{Name: "refused", Op: "update", Params: `{"ownerUserID":"u1","friendUserIDs":["u2"],"isPinned":true}`,
			Calls: []bindingtest.Call{entriesOf(`["u2"]`, friendRow("u2", "")), {"/friend/update_friends", "", "!500 ServerInternalError"}, entriesOf(`["u2"]`, friendRow("u2", ""))}, Kind: fault.API},
		{Name: "nothing", Op: "update", Params: `{"ownerUserID":"u1","friendUserIDs":["u2"]}`, Kind: fault.Usage, Say: "nothing to change"},
		{Name: "empty", Op: "update", Params: `{"ownerUserID":"u1","friendUserIDs":[],"ex":"e"}`, Kind: fault.Usage, Say: "empty list"},
		{Name: "blank", Op: "set_remark", Params: `{"ownerUserID":"u1","friendUserID":"u2"}`,
			Calls: []bindingtest.Call{{"/friend/set_friend_remark", `{"ownerUserID":"u1","friendUserID":"u2","remark":""}`, ""}}, Want: `{"userID":"u2","status":"updated"}`},
		{Name: "stranger", Op: "set_remark", Params: `{"ownerUserID":"u1","friendUserID":"u2","remark":"x"}`,
			Calls: []bindingtest.Call{{"/friend/set_friend_remark", "", "!500 mongo: no documents in result"}}, Kind: fault.NotFound, Say: `"u2" is not in the friend list of "u1"`},
		{Name: "oneself", Op: "set_remark", Params: `{"ownerUserID":"u1","friendUserID":"u1","remark":"x"}`, Kind: fault.Usage, Say: "are both"},
	})
}

func TestFind(t *testing.T) {
	info := bindingtest.Call{"/friend/get_specified_friends_info", `{"ownerUserID":"u1","userIDList":["u3","u2","u9"]}`,
		`{"infos":[{"userInfo":{"userID":"u2","nickname":"B"},"friendInfo":{"remark":"Bob","createTime":1700000000123},"blackInfo":null},
		{"userInfo":{"userID":"u3"},"friendInfo":null,"blackInfo":{"createTime":1700000000456}}]}`}
	three := `{"ownerUserID":"u1","userIDs":["u3","u2","u9"]}`
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "in order, times in ms", Op: "find", Params: `{"ownerUserID":"u1","userIDs":["u3","u2"]}`,
			Calls: []bindingtest.Call{entriesOf(`["u3","u2"]`, friendRow("u2", ""), friendRow("u3", `,"odd":1`))},
			Want:  `[{"userID":"u3","odd":1,"createTime":1700000000000},{"userID":"u2","nickname":"N u2"}]`},
		{Name: "strangers", Op: "find", Params: `{"ownerUserID":"u1","userIDs":["u3","u2"]}`, Calls: []bindingtest.Call{entriesOf(`["u3","u2"]`, friendRow("u2", ""))}, Want: `[{"userID":"u2"}]`, Warn: "u1 has no friend u3"},
		{Name: "of nobody", Op: "find", Params: `{"ownerUserID":"u1","userIDs":["u2"]}`, Calls: []bindingtest.Call{entriesOf(`["u2"]`), bindingtest.Accounts()}, Kind: fault.NotFound},
		{Name: "friend and blocked", Op: "relations", Params: three, Calls: []bindingtest.Call{info, bindingtest.Accounts("u1")}, Warn: "no account u9",
			Want: `[{"userID":"u3","isFriend":false,"isBlocked":true,"blockTime":1700000000456,"friendTime":0},{"userID":"u2","nickname":"B","isFriend":true,"remark":"Bob","friendTime":1700000000123,"isBlocked":false,"blackInfo":null}]`},
		{Name: "of nobody", Op: "relations", Params: three, Calls: []bindingtest.Call{info, bindingtest.Accounts()}, Kind: fault.NotFound, Say: `no account "u1"`},
		{Name: "rows", Op: "ids", Params: `{"userID":"u1"}`, Calls: []bindingtest.Call{{"/friend/get_friend_id", `{"userID":"u1"}`, `{"friendIDs":["u2","u3"]}`}}, Want: `[{"userID":"u2"},{"userID":"u3"}]`},
		{Name: "nobody", Op: "ids", Params: `{"userID":"u1"}`, Calls: []bindingtest.Call{{"/friend/get_friend_id", "", `{"friendIDs":null}`}, bindingtest.Accounts()}, Kind: fault.NotFound},
		{Name: "both ways", Op: "requests_between", Params: `{"userID1":"u1","userID2":"u2"}`,
			Calls: []bindingtest.Call{{"/friend/get_designated_friend_apply", `{"fromUserID":"u1","toUserID":"u2"}`, `{"friendRequests":[{"fromUserID":"u2","toUserID":"u1","handleResult":-1}]}`}}, Want: `[{"fromUserID":"u2","handleResult":-1}]`},
		{Name: "none", Op: "requests_between", Params: `{"userID1":"u1","userID2":"u2"}`, Calls: []bindingtest.Call{{"/friend/get_designated_friend_apply", "", `{"friendRequests":null}`}, bindingtest.Accounts("u1", "u2")}, Want: `[]`},
		{Name: "counts", Op: "unhandled_count", Params: `{"userID":"u1","since":1700000000000}`,
			Calls: []bindingtest.Call{{"/friend/get_self_unhandled_apply_count", `{"userID":"u1","time":1700000000000}`, `{"count":2}`}}, Want: `{"userID":"u1","count":2}`},
		{Name: "nobody", Op: "unhandled_count", Params: `{"userID":"u1"}`, Calls: []bindingtest.Call{{"/friend/get_self_unhandled_apply_count", `{"userID":"u1","time":0}`, `{"count":0}`}, bindingtest.Accounts()}, Kind: fault.NotFound},
	})
}

func TestSync(t *testing.T) {
	changes := "/friend/get_incremental_friends"
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "since a version, times in ms", Op: "sync", Params: `{"userID":"u1","versionID":"f","version":3}`,
			Calls: []bindingtest.Call{{changes, `{"userID":"u1","versionID":"f","version":3}`, `{"version":5,"versionID":"f","full":false,"delete":["u4"],"insert":[` + friendRow("u2", "") + `],"update":null,"sortVersion":4}`}},
			Want:  `{"version":5,"delete":["u4"],"insert":[{"userID":"u2","createTime":1700000000000}],"update":[],"sortVersion":4}`},
		{Name: "in full", Op: "sync", Params: `{"userID":"u1"}`,
			Calls: []bindingtest.Call{{changes, `{"userID":"u1","versionID":"","version":0}`, `{"version":5,"versionID":"f","full":true}`},
				{"/friend/get_full_friend_user_ids", `{"userID":"u1","idHash":0}`, `{"version":6,"userIDs":["u2"]}`}, entriesOf(`["u2"]`, friendRow("u2", ""))},
			Want: `{"version":5,"full":true,"insert":[{"userID":"u2","nickname":"N u2"}]}`},
		{Name: "in full, none", Op: "sync", Params: `{"userID":"u1"}`,
			Calls: []bindingtest.Call{{changes, "", `{"version":1,"versionID":"f","full":true}`}, {"/friend/get_full_friend_user_ids", "", `{"equal":true,"userIDs":null}`}}, Want: `{"full":true,"insert":[]}`},
		{Name: "half a version", Op: "sync", Params: `{"userID":"u1","versionID":"f"}`, Kind: fault.Usage, Say: "go together"},
	})
}
