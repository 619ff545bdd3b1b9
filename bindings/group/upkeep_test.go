package group

import (
	"testing"

	"github.com/openimsdk/imctl/bindings/bindingtest"
	"github.com/openimsdk/imctl/bindings/fault"
)

func TestSetMember(t *testing.T) {
	bob := `{"groupID":"g1","userIDs":["u2"]}`
	set := func(change string) bindingtest.Call {
		return bindingtest.Call{"/group/set_group_member_info", `{"members":[{"groupID":"g1","userID":"u2",` + change + `}]}`, ""}
	}
	who := `{"groupID":"g1","userID":"u2",`
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "only what is named", Op: "set_member_info", Params: who + `"nickname":"N u2","role":"admin"}`,
			Calls: []bindingtest.Call{readG1(g1), in(bob, member("u2", 20)), set(`"nickname":"N u2","roleLevel":60`), in(bob, member("u2", 60))}, Want: `{"userID":"u2","roleLevel":60}`},
		{Name: "a blank name is the account's", Op: "set_member_info", Params: who + `"nickname":"","faceURL":"","ex":""}`,
			Calls: []bindingtest.Call{readG1(g1), in(bob, member("u2", 20)), set(`"nickname":"","faceURL":"","ex":""`), in(bob, `{"userID":"u2","nickname":"Bob","faceURL":"http://x","groupID":"g1"}`)}, Want: `{"nickname":"Bob"}`},
		{Name: "did not take", Op: "set_member_info", Params: who + `"ex":"e"}`,
			Calls: []bindingtest.Call{readG1(g1), in(bob, member("u2", 20)), set(`"ex":"e"`), in(bob, member("u2", 20))}, Kind: fault.Partial, Say: "did not take ex"},
		{Name: "the only owner", Op: "set_member_info", Params: who + `"role":"member"}`,
			Calls: []bindingtest.Call{readG1(g1), in(bob, member("u2", 100)), {"/group/get_group_member_list", "", `{"total":1,"members":[` + member("u2", 100) + `]}`}}, Kind: fault.Denied, Say: "only owner"},
		{Name: "no member", Op: "set_member_info", Params: who + `"ex":"e"}`, Calls: []bindingtest.Call{readG1(g1), in(bob)}, Kind: fault.NotFound, Say: "not in the group"},
		{Name: "dismissed", Op: "set_member_info", Params: who + `"ex":"e"}`, Calls: []bindingtest.Call{readG1(g1dead)}, Kind: fault.NotFound, Say: "dismissed"},
		{Name: "nothing", Op: "set_member_info", Params: `{"groupID":"g1","userID":"u2"}`, Kind: fault.Usage, Say: "nothing to change"},
		{Name: "owner by this", Op: "set_member_info", Params: who + `"role":"owner"}`, Kind: fault.Usage, Say: "admin, member"},
	})
}

func TestRequestLookups(t *testing.T) {
	row := `{"userInfo":{"userID":"u4","nickname":"D"},"groupInfo":{"groupID":"g1"},"handleResult":0,"reqMsg":"please"}`
	blind := `{"userInfo":null,"groupInfo":{"groupID":"g1"},"reqMsg":"please"}`
	answer := func(rows string) string { return `{"total":1,"groupRequests":[` + rows + `]}` }
	by := "/group/get_user_req_group_applicationList"
	one := "/group/get_specified_user_group_request_info"
	of := "/group/get_group_users_req_application_list"
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "filtered by the server", Op: "requests_by", Params: `{"userID":"u4","groupIDs":["g1"],"handled":"refused"}`,
			Calls: []bindingtest.Call{{by, `{"userID":"u4","groupIDs":["g1"],"handleResults":[-1],"pagination":{"pageNumber":1,"showNumber":500}}`, answer(row)}}, Want: `[{"userID":"u4","nickname":"D","groupID":"g1","reqMsg":"please"}]`},
		{Name: "nobody", Op: "requests_by", Params: `{"userID":"u4"}`, Calls: []bindingtest.Call{{by, "", "!1004 RecordNotFoundError"}}, Kind: fault.NotFound},
		{Name: "empty list", Op: "requests_by", Params: `{"userID":"u4","groupIDs":[]}`, Kind: fault.Usage, Say: "empty list"},
		{Name: "one", Op: "request", Params: `{"groupID":"g1","userID":"u4"}`, Calls: []bindingtest.Call{readG1(g1), {one, `{"groupID":"g1","userID":"u4"}`, answer(row)}}, Want: `{"userID":"u4","groupID":"g1"}`},
		{Name: "none", Op: "request", Params: `{"groupID":"g1","userID":"u4"}`, Calls: []bindingtest.Call{readG1(g1), {one, "", `{"total":0,"groupRequests":null}`}}, Kind: fault.NotFound, Say: "no request"},
		{Name: "the group that panics", Op: "request", Params: `{"groupID":"g1","userID":"u4"}`, Calls: []bindingtest.Call{readG1(none)}, Kind: fault.NotFound, Say: `no group "g1"`},
		{Name: "without an owner", Op: "request", Params: `{"groupID":"g1","userID":"u4"}`, Calls: []bindingtest.Call{readG1(`{"groupInfos":[{"groupID":"g1"}]}`)}, Kind: fault.API, Say: "no owner"},
		{Name: "who asked, call by call", Op: "requests_of", Params: `{"groupID":"g1","userIDs":["u4","u5","u6"]}`,
			Calls: []bindingtest.Call{readG1(g1), {of, `{"groupID":"g1","userIDs":["u4"]}`, answer(blind)}, {of, `{"groupID":"g1","userIDs":["u5"]}`, `{"total":0,"groupRequests":null}`}, {of, `{"groupID":"g1","userIDs":["u6"]}`, answer(blind)}},
			Want:  `[{"userID":"u4","reqMsg":"please"},{"userID":"u6"}]`},
		{Name: "unknown group", Op: "requests_of", Params: `{"groupID":"g1","userIDs":["u4"]}`, Calls: []bindingtest.Call{readG1(none)}, Kind: fault.NotFound},
	})
}

func TestCounts(t *testing.T) {
	count := "/group/get_group_application_unhandled_count"
	abstract := bindingtest.Call{"/group/get_group_abstract_info", `{"groupIDs":["g2","g1"]}`,
		`{"groupAbstractInfos":[{"groupID":"g1","groupMemberNumber":3,"groupMemberListHash":18446744073709551615},{"groupID":"g2","groupMemberNumber":1,"groupMemberListHash":9007199254740993}]}`}
	two := `{"groupIDs":["g2","g1"]}`
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "counts", Op: "unhandled_count", Params: `{"userID":"u1","since":1700000000000}`, Calls: []bindingtest.Call{{count, `{"userID":"u1","time":1700000000000}`, `{"count":2}`}}, Want: `{"userID":"u1","count":2}`},
		{Name: "nobody", Op: "unhandled_count", Params: `{"userID":"u1"}`, Calls: []bindingtest.Call{{count, "", `{"count":0}`}, bindingtest.Accounts()}, Kind: fault.NotFound},
		{Name: "rows", Op: "member_ids", Params: `{"groupID":"g1"}`, Calls: []bindingtest.Call{{"/group/get_group_member_user_id", `{"groupID":"g1"}`, `{"userIDs":["u1","u2"]}`}}, Want: `[{"userID":"u1"},{"userID":"u2"}]`},
		{Name: "unknown group", Op: "member_ids", Params: `{"groupID":"g1"}`, Calls: []bindingtest.Call{{"/group/get_group_member_user_id", "", `{"userIDs":null}`}, readG1(none)}, Kind: fault.NotFound},
		{Name: "every digit of the hash", Op: "abstract", Params: two, Calls: []bindingtest.Call{abstract},
			Want: `[{"groupID":"g2","groupMemberListHash":9007199254740993},{"groupID":"g1","groupMemberNumber":3,"groupMemberListHash":18446744073709551615}]`},
		{Name: "names the unknown one", Op: "abstract", Params: two, Calls: []bindingtest.Call{{abstract.Path(), "", "!1201 GroupIDNotFoundError"}, {"/group/get_groups_info", two, g1}}, Kind: fault.NotFound, Say: "no group g2"},
		{Name: "refused and not explained", Op: "abstract", Params: two, Calls: []bindingtest.Call{{abstract.Path(), "", "!1201 GroupIDNotFoundError"}, {"/group/get_groups_info", two, "!500 x"}}, Kind: fault.NotFound, Say: "GroupIDNotFoundError"},
	})
}

func TestSync(t *testing.T) {
	joins, full := "/group/get_incremental_join_groups", "/group/get_full_join_group_ids"
	members, ids := "/group/get_incremental_group_members", "/group/get_full_group_member_user_ids"
	batch := "/group/get_incremental_group_members_batch"
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "since a version", Op: "sync", Params: `{"userID":"u1","versionID":"f","version":3}`,
			Calls: []bindingtest.Call{{joins, `{"userID":"u1","versionID":"f","version":3}`, `{"version":4,"versionID":"f","full":false,"delete":["g9"],"insert":[{"groupID":"g2"}],"update":null,"sortVersion":1}`}},
			Want:  `{"version":4,"versionID":"f","full":false,"delete":["g9"],"insert":[{"groupID":"g2"}],"update":[],"sortVersion":1}`},
		{Name: "in full", Op: "sync", Params: `{"userID":"u1"}`,
			Calls: []bindingtest.Call{{joins, `{"userID":"u1","versionID":"","version":0}`, `{"version":4,"versionID":"f","full":true}`}, {full, `{"userID":"u1","idHash":0}`, `{"groupIDs":["g1"]}`}, readG1(g1)},
			Want:  `{"version":4,"full":true,"insert":[{"groupID":"g1","groupName":"One"}]}`},
		{Name: "half a version", Op: "sync", Params: `{"userID":"u1","version":3}`, Kind: fault.Usage, Say: "go together"},
		{Name: "since a version", Op: "sync_members", Params: `{"groupID":"g1","versionID":"f","version":3}`,
			Calls: []bindingtest.Call{{members, `{"groupID":"g1","versionID":"f","version":3}`, `{"version":4,"full":false,"delete":["u3"],"insert":[` + member("u4", 20) + `],"group":{"groupID":"g1"}}`}},
			Want:  `{"version":4,"delete":["u3"],"insert":[{"userID":"u4"}],"group":{"groupID":"g1"}}`},
		{Name: "in full, in order", Op: "sync_members", Params: `{"groupID":"g1"}`,
			Calls: []bindingtest.Call{{members, "", `{"version":4,"versionID":"f","full":true,"group":null}`}, {ids, `{"groupID":"g1","idHash":0}`, `{"userIDs":["u1","u2"]}`},
				in(`{"groupID":"g1","userIDs":["u1","u2"]}`, member("u2", 20), member("u1", 100))},
			Want: `{"version":4,"full":true,"group":null,"insert":[{"userID":"u1"},{"userID":"u2"}]}`},
		{Name: "dismissed", Op: "sync_members", Params: `{"groupID":"g1"}`, Calls: []bindingtest.Call{{members, "", "!1204 DismissedAlreadyError"}}, Kind: fault.API, Say: "Dismissed"},
		{Name: "each with its state", Op: "sync_many", Params: `{"userID":"u1","groups":[{"groupID":"g1","versionID":"f","version":3},{"groupID":"g2"},{"groupID":"g3"}]}`,
			Calls: []bindingtest.Call{{batch, `{"userID":"u1","reqList":[{"groupID":"g1","versionID":"f","version":3},{"groupID":"g2","versionID":"","version":0},{"groupID":"g3","versionID":"","version":0}]}`,
				`{"respList":{"g2":{"version":9,"full":true},"g1":{"version":4,"insert":[` + member("u4", 20) + `]}}}`}},
			Want: `[{"groupID":"g1","status":"changes","version":4,"insert":[{"userID":"u4"}]},{"groupID":"g2","status":"full","version":9},{"groupID":"g3","status":"skipped","version":0}]`},
		{Name: "no answer at all", Op: "sync_many", Params: `{"userID":"u1","groups":[{"groupID":"g1"}]}`, Calls: []bindingtest.Call{{batch, "", `{}`}}, Want: `[{"status":"skipped"}]`},
		{Name: "twice", Op: "sync_many", Params: `{"userID":"u1","groups":[{"groupID":"g1"},{"groupID":"g1"}]}`, Kind: fault.Usage, Say: "twice"},
		{Name: "without a group", Op: "sync_many", Params: `{"userID":"u1","groups":[{"version":1}]}`, Kind: fault.Usage, Say: "groups[1].groupID"},
	})
}
