package conversation

import (
	"testing"

	"github.com/openimsdk/imctl/bindings/bindingtest"
	"github.com/openimsdk/imctl/bindings/fault"
)

func TestDeclarations(t *testing.T) { bindingtest.CheckDeclarations(t, Area()) }

const none = "!1004 RecordNotFoundError"

func one12(answer string) bindingtest.Call {
	return bindingtest.Call{"/conversation/get_conversation", `{"ownerUserID":"u2","conversationID":"si_u1_u2"}`, answer}
}

func entry(id, more string) string {
	return `{"conversationID":"` + id + `","conversationType":1,"userID":"u1","ownerUserID":"u2"` + more + `}`
}

func TestWhich(t *testing.T) {
	get := func(name, params, id string) bindingtest.Step {
		return bindingtest.Step{Name: name, Op: "get", Params: params, Calls: []bindingtest.Call{
			{"/conversation/get_conversation", `{"ownerUserID":"b","conversationID":"` + id + `"}`, `{"conversation":{"conversationID":"` + id + `","odd":9007199254740993}}`},
		}, Want: `{"conversationID":"` + id + `","odd":9007199254740993}`}
	}
	wrong := func(name, params, say string) bindingtest.Step {
		return bindingtest.Step{Name: name, Op: "get", Params: params, Kind: fault.Usage, Say: say}
	}
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		get("ids in order", `{"ownerUserID":"b","userID":"a_x"}`, "si_a_x_b"),
		get("oneself", `{"ownerUserID":"b","userID":"b"}`, "si_b_b"),
		get("group", `{"ownerUserID":"b","groupID":"g"}`, "sg_g"),
		get("OA notifications", `{"ownerUserID":"b","userID":"n","kind":"oa"}`, "sn_b_n"),
		get("by id", `{"ownerUserID":"b","conversationID":"sn_b_n"}`, "sn_b_n"),
		wrong("two", `{"ownerUserID":"b","userID":"a","groupID":"g"}`, "one of them"),
		wrong("nothing", `{"ownerUserID":"b"}`, "one of them"),
		wrong("kind of a group", `{"ownerUserID":"b","groupID":"g","kind":"oa"}`, "goes with userID"),
		wrong("white space", `{"ownerUserID":"b","userID":" a"}`, "white space"),
		wrong("typo", `{"ownerUserID":"b","userId":"a"}`, "did you mean userID?"),
		{Name: "missing", Op: "get", Params: `{"ownerUserID":"u2","userID":"u1"}`, Calls: []bindingtest.Call{one12(none)}, Kind: fault.NotFound, Say: "no conversation si_u1_u2 of u2"},
		{Name: "missing in the single process", Op: "get", Params: `{"ownerUserID":"u2","userID":"u1"}`,
			Calls: []bindingtest.Call{{"/conversation/get_conversation", "", "!500 mongo: no documents in result"}}, Kind: fault.NotFound},
	})
}

func TestLists(t *testing.T) {
	page := bindingtest.Call{"/conversation/get_owner_conversation", `{"userID":"u2","pagination":{"pageNumber":1,"showNumber":500}}`,
		`{"total":2,"conversations":[` + entry("si_u1_u2", "") + `,{"conversationID":"sg_g1"}]}`}
	several := `{"ownerUserID":"u2","conversationIDs":["sg_g1","si_x","si_u1_u2"]}`
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "pages", Op: "list", Params: `{"ownerUserID":"u2"}`, Calls: []bindingtest.Call{page}, Want: `[{"conversationID":"si_u1_u2"},{"conversationID":"sg_g1"}]`},
		{Name: "at once", Op: "list", Params: `{"ownerUserID":"u2","at_once":true}`,
			Calls: []bindingtest.Call{{"/conversation/get_all_conversations", `{"ownerUserID":"u2"}`, `{"conversations":[{"conversationID":"sg_g1"}]}`}}, Want: `[{"conversationID":"sg_g1"}]`},
		{Name: "nobody", Op: "list", Params: `{"ownerUserID":"u2"}`, Calls: []bindingtest.Call{{page.Path(), "", `{"total":0,"conversations":null}`}, bindingtest.Accounts()}, Kind: fault.NotFound},
		{Name: "nobody at once", Op: "list", Params: `{"ownerUserID":"u2","at_once":true}`,
			Calls: []bindingtest.Call{{"/conversation/get_all_conversations", "", `{"conversations":null}`}, bindingtest.Accounts("u2")}, Want: `[]`},
		{Name: "in order, with a warning", Op: "find", Params: several,
			Calls: []bindingtest.Call{{"/conversation/get_conversations", several, `{"conversations":[{"conversationID":"si_u1_u2"},{"conversationID":"sg_g1"}]}`}},
			Want:  `[{"conversationID":"sg_g1"},{"conversationID":"si_u1_u2"}]`, Warn: "u2 has no conversation si_x"},
		{Name: "empty list", Op: "find", Params: `{"ownerUserID":"u2","conversationIDs":[]}`, Kind: fault.Usage, Say: "empty list"},
		{Name: "of nobody", Op: "find", Params: `{"ownerUserID":"u2","conversationIDs":["a"]}`,
			Calls: []bindingtest.Call{{"/conversation/get_conversations", "", `{"conversations":null}`}, bindingtest.Accounts()}, Kind: fault.NotFound, Say: `no account "u2"`},
		{Name: "odd spellings", Op: "sorted", Params: `{"ownerUserID":"u2"}`,
			Calls: []bindingtest.Call{{"/conversation/get_sorted_conversation_list", `{"userID":"u2","pagination":{"pageNumber":1,"showNumber":500}}`,
				`{"conversationTotal":1,"unreadTotal":3,"conversationElems":[{"conversationID":"a","unreadCount":3,"IsPinned":true,"msgInfo":{"LatestMsgRecvTime":1700000000123}},{"conversationID":"b","msgInfo":null}]}`}},
			Want: `[{"conversationID":"a","unreadCount":3,"isPinned":true,"latestMsgRecvTime":1700000000123},{"conversationID":"b","isPinned":false,"latestMsgRecvTime":0,"msgInfo":null}]`},
		{Name: "none is no error", Op: "sorted", Params: `{"ownerUserID":"u2"}`, Calls: []bindingtest.Call{{"/conversation/get_sorted_conversation_list", "", none}, bindingtest.Accounts("u2")}, Want: `[]`},
		{Name: "chosen ones", Op: "sorted", Params: `{"ownerUserID":"u2","conversationIDs":["a","a"]}`,
			Calls: []bindingtest.Call{{"/conversation/get_sorted_conversation_list", `{"userID":"u2","conversationIDs":["a"],"pagination":{"pageNumber":1,"showNumber":500}}`, `{"conversationElems":[{"conversationID":"a"}]}`}}, Want: `[{"conversationID":"a"}]`},
		{Name: "rows", Op: "pinned", Params: `{"ownerUserID":"u2"}`, Calls: []bindingtest.Call{{"/conversation/get_pinned_conversation_ids", `{"userID":"u2"}`, `{"conversationIDs":["a"]}`}}, Want: `[{"conversationID":"a"}]`},
		{Name: "nobody", Op: "pinned", Params: `{"ownerUserID":"u2"}`, Calls: []bindingtest.Call{{"/conversation/get_pinned_conversation_ids", "", `{"conversationIDs":null}`}, bindingtest.Accounts()}, Kind: fault.NotFound},
		{Name: "rows", Op: "not_notify", Params: `{"ownerUserID":"u2"}`, Calls: []bindingtest.Call{{"/conversation/get_not_notify_conversation_ids", `{"userID":"u2"}`, `{"conversationIDs":["a","b"]}`}}, Want: `[{"conversationID":"a"},{"conversationID":"b"}]`},
		{Name: "a whole uint64", Op: "ids", Params: `{"ownerUserID":"u2","idHash":18446744073709551615}`,
			Calls: []bindingtest.Call{{"/conversation/get_full_conversation_ids", `{"userID":"u2","idHash":18446744073709551615}`, `{"version":18446744073709551614,"versionID":"f","equal":true,"conversationIDs":null}`}},
			Want:  `{"version":18446744073709551614,"versionID":"f","equal":true,"conversationIDs":[]}`},
	})
}

func TestSync(t *testing.T) {
	changes := "/conversation/get_incremental_conversations"
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "since a version", Op: "sync", Params: `{"ownerUserID":"u2","versionID":"f","version":3}`,
			Calls: []bindingtest.Call{{changes, `{"userID":"u2","versionID":"f","version":3}`, `{"version":5,"versionID":"f","full":false,"delete":["a"],"insert":null,"update":[{"conversationID":"b"}]}`}},
			Want:  `{"version":5,"full":false,"delete":["a"],"insert":[],"update":[{"conversationID":"b"}]}`},
		{Name: "in full", Op: "sync", Params: `{"ownerUserID":"u2"}`,
			Calls: []bindingtest.Call{{changes, `{"userID":"u2","versionID":"","version":0}`, `{"version":5,"versionID":"f","full":true}`},
				{"/conversation/get_full_conversation_ids", `{"userID":"u2","idHash":0}`, `{"version":6,"versionID":"f","conversationIDs":["a","b"]}`},
				{"/conversation/get_conversations", `{"ownerUserID":"u2","conversationIDs":["a","b"]}`, `{"conversations":[{"conversationID":"a"},{"conversationID":"b"}]}`}},
			Want: `{"version":5,"versionID":"f","full":true,"insert":[{"conversationID":"a"},{"conversationID":"b"}],"delete":[]}`},
		{Name: "half a version", Op: "sync", Params: `{"ownerUserID":"u2","version":3}`, Kind: fault.Usage, Say: "go together"},
	})
}

func TestSet(t *testing.T) {
	set := func(conversation string) bindingtest.Call {
		return bindingtest.Call{"/conversation/set_conversations", `{"userIDs":["u2"],"conversation":` + conversation + `}`, ""}
	}
	there := `{"conversation":` + entry("si_u1_u2", "") + `}`
	group := bindingtest.Call{"/conversation/get_conversation", `{"ownerUserID":"u2","conversationID":"sg_g1"}`, none}
	groups := bindingtest.Call{"/group/get_groups_info", `{"groupIDs":["g1"]}`, `{"groupInfos":[{"groupID":"g1"}]}`}
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "only what is named, blank and zero too", Op: "set", Params: `{"ownerUserID":"u2","userID":"u1","isPinned":false,"recvMsgOpt":0,"ex":"","burnDuration":30}`,
			Calls: []bindingtest.Call{one12(there), set(`{"conversationID":"si_u1_u2","conversationType":1,"userID":"u1","groupID":"","isPinned":false,"recvMsgOpt":0,"burnDuration":30,"ex":""}`),
				one12(`{"conversation":` + entry("si_u1_u2", `,"burnDuration":30`) + `}`)}, Want: `{"burnDuration":30,"isPinned":false}`},
		{Name: "by id, the rest from the server", Op: "set", Params: `{"ownerUserID":"u2","conversationID":"si_u1_u2","isPinned":true}`,
			Calls: []bindingtest.Call{one12(there), set(`{"conversationID":"si_u1_u2","conversationType":1,"userID":"u1","groupID":"","isPinned":true}`),
				one12(`{"conversation":` + entry("si_u1_u2", `,"isPinned":true`) + `}`)}, Want: `{"isPinned":true}`},
		{Name: "an id that is not there can't be made", Op: "set", Params: `{"ownerUserID":"u2","conversationID":"si_u1_u2","isPinned":true}`, Calls: []bindingtest.Call{one12(none)}, Kind: fault.NotFound, Say: "can't be taken apart"},
		{Name: "makes one, not readable yet", Op: "set", Params: `{"ownerUserID":"u2","userID":"u1","isPinned":true}`,
			Calls: []bindingtest.Call{one12(none), bindingtest.Accounts("u1", "u2"), set(`{"conversationID":"si_u1_u2","conversationType":1,"userID":"u1","groupID":"","isPinned":true}`), one12(none)},
			Want:  `{"conversationID":"si_u1_u2","conversationType":1}`, Warn: "up to 60 seconds"},
		{Name: "unknown account", Op: "set", Params: `{"ownerUserID":"u2","userID":"u1","isPinned":true}`, Calls: []bindingtest.Call{one12(none), bindingtest.Accounts("u2")}, Kind: fault.NotFound, Say: `no account "u1"`},
		{Name: "of a group", Op: "set", Params: `{"ownerUserID":"u2","groupID":"g1","recvMsgOpt":2}`,
			Calls: []bindingtest.Call{group, groups, bindingtest.Accounts("u2"), set(`{"conversationID":"sg_g1","conversationType":3,"userID":"","groupID":"g1","recvMsgOpt":2}`),
				{group.Path(), "", `{"conversation":{"conversationID":"sg_g1","recvMsgOpt":2}}`}}, Want: `{"conversationID":"sg_g1"}`},
		{Name: "unknown group", Op: "set", Params: `{"ownerUserID":"u2","groupID":"g1","recvMsgOpt":2}`, Calls: []bindingtest.Call{group, {groups.Path(), "", `{"groupInfos":null}`}}, Kind: fault.NotFound, Say: `no group "g1"`},
		{Name: "private in a group", Op: "set", Params: `{"ownerUserID":"u2","groupID":"g1","isPrivateChat":true}`, Calls: []bindingtest.Call{group, groups, bindingtest.Accounts("u2")}, Kind: fault.Usage, Say: "chats of two"},
		{Name: "did not take", Op: "set", Params: `{"ownerUserID":"u2","userID":"u1","isPinned":true,"ex":""}`,
			Calls: []bindingtest.Call{one12(there), {"/conversation/set_conversations", "", ""}, one12(there)}, Kind: fault.Partial, Say: "did not take isPinned"},
		{Name: "nothing", Op: "set", Params: `{"ownerUserID":"u2","userID":"u1"}`, Kind: fault.Usage, Say: "nothing to change"},
		{Name: "out of range", Op: "set", Params: `{"ownerUserID":"u2","userID":"u1","recvMsgOpt":3}`, Kind: fault.Usage, Say: "want 0 to 2"},
		{Name: "wrong type", Op: "set", Params: `{"ownerUserID":"u2","userID":"u1","isPinned":"yes"}`, Kind: fault.Usage, Say: "isPinned"},
	})
}
