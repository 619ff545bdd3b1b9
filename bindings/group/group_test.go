package group

import (
	"fmt"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/bindingtest"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

const (
	g1     = `{"groupInfos":[{"groupID":"g1","groupName":"One","ownerUserID":"u1","memberCount":3,"status":0,"groupType":2,"odd":9007199254740993}]}`
	g1dead = `{"groupInfos":[{"groupID":"g1","groupName":"One","ownerUserID":"u1","memberCount":3,"status":2}]}`
	none   = `{"groupInfos":null}`
)

func readG1(answer string) bindingtest.Call {
	return bindingtest.Call{"/group/get_groups_info", `{"groupIDs":["g1"]}`, answer}
}

func in(body string, members ...string) bindingtest.Call {
	return bindingtest.Call{"/group/get_group_members_info", body, `{"members":[` + strings.Join(members, ",") + `]}`}
}

func member(id string, role int) string {
	return fmt.Sprintf(`{"groupID":"g1","userID":%q,"nickname":"N %s","roleLevel":%d,"muteEndTime":0}`, id, id, role)
}

func TestDeclarations(t *testing.T) { bindingtest.CheckDeclarations(t, Area()) }

func TestCreate(t *testing.T) {
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{
			Name: "reads back the count that is one too high", Op: "create",
			Params: `{"groupName":"One","ownerUserID":"u1","memberUserIDs":["u2"],"groupID":"g1","needVerification":0,"sendMessage":false}`,
			Calls: []bindingtest.Call{
				{"/group/create_group", `{"groupInfo":{"groupName":"One","groupType":2,"groupID":"g1","needVerification":0},"ownerUserID":"u1","memberUserIDs":["u2"],"sendMessage":false}`,
					`{"groupInfo":{"groupID":"g1","memberCount":4}}`},
				readG1(g1),
			},
			Want: `{"groupID":"g1","memberCount":3,"odd":9007199254740993}`,
		},
		{
			Name: "made but not readable", Op: "create", Params: `{"ownerUserID":"u1"}`,
			Calls: []bindingtest.Call{{"/group/create_group", `{"groupInfo":{"groupName":"","groupType":2},"ownerUserID":"u1"}`, `{"groupInfo":{"groupID":"g1","memberCount":2}}`}, readG1(none)},
			Want:  `{"groupID":"g1","memberCount":2}`, Warn: "can't be read back",
		},
		{
			Name: "texts arrive unchanged", Op: "create", Params: `{"ownerUserID":"u1","groupName":"Li, \"Wei\" -x <&>","ex":"{\"a\":1,\"b\":[2]}"}`,
			Calls: []bindingtest.Call{{"/group/create_group", `{"groupInfo":{"groupName":"Li, \"Wei\" -x <&>","groupType":2,"ex":"{\"a\":1,\"b\":[2]}"},"ownerUserID":"u1"}`,
				`{"groupInfo":{"groupID":"g1"}}`}, readG1(g1)},
		},
		{Name: "a taken id", Op: "create", Params: `{"ownerUserID":"u1","groupID":"g1"}`,
			Calls: []bindingtest.Call{{"/group/create_group", "", "!1202 GroupIDExisted"}}, Kind: fault.Exists},
		{Name: "no owner", Op: "create", Params: `{"groupName":"x"}`, Kind: fault.Usage, Say: "ownerUserID"},
		{Name: "blank owner", Op: "create", Params: `{"ownerUserID":" "}`, Kind: fault.Usage, Say: "blank"},
		{Name: "white space", Op: "create", Params: `{"ownerUserID":"u1 "}`, Kind: fault.Usage, Say: `did you mean "u1"`},
		{Name: "owner among members", Op: "create", Params: `{"ownerUserID":"u1","memberUserIDs":["u2","u1"]}`, Kind: fault.Usage, Say: `memberUserIDs[2]: "u1" is ownerUserID already`},
		{Name: "member twice", Op: "create", Params: `{"ownerUserID":"u1","memberUserIDs":["u2"],"adminUserIDs":["u2"]}`, Kind: fault.Usage, Say: "adminUserIDs[1] already"},
		{Name: "setting out of range", Op: "create", Params: `{"ownerUserID":"u1","needVerification":3}`, Kind: fault.Usage, Say: "want 0 to 2, got 3"},
		{Name: "typo", Op: "create", Params: `{"ownerUserId":"u1"}`, Kind: fault.Usage, Say: "did you mean ownerUserID?"},
	})
}

func TestGetAndList(t *testing.T) {
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "one", Op: "get", Params: `{"groupID":"g1"}`, Calls: []bindingtest.Call{readG1(g1)}, Want: `{"groupID":"g1","ownerUserID":"u1"}`},
		{Name: "dismissed", Op: "get", Params: `{"groupID":"g1"}`, Calls: []bindingtest.Call{readG1(g1dead)}, Want: `{"status":2}`},
		{Name: "none", Op: "get", Params: `{"groupID":"g1"}`, Calls: []bindingtest.Call{readG1(none)}, Kind: fault.NotFound, Say: `no group "g1"`},
		{Name: "name is no regular expression", Op: "list", Params: `{"groupName":"a.b"}`,
			Calls: []bindingtest.Call{{"/group/get_groups", `{"pagination":{"pageNumber":1,"showNumber":500},"groupName":"a\\.b"}`,
				`{"total":1,"groups":[{"groupInfo":{"groupID":"g1","groupName":"a.b"},"groupOwnerUserID":"u1"}]}`}},
			Want: `[{"groupID":"g1","ownerUserID":"u1"}]`},
		{Name: "count differs", Op: "list", Params: `{}`,
			Calls: []bindingtest.Call{{"/group/get_groups", "", `{"total":3,"groups":[{"groupInfo":{"groupID":"g1"}}]}`},
				{"/group/get_groups", `{"pagination":{"pageNumber":2,"showNumber":500}}`, `{"total":3,"groups":[]}`}}, // a page cut short need not be the last
			Want: `[{"groupID":"g1"}]`, Warn: "counts 3 groups, and 1 were listed"},
		{Name: "of an account, by name", Op: "list", Params: `{"userID":"u2","groupName":"B"}`,
			Calls: []bindingtest.Call{{"/group/get_joined_group_list", `{"fromUserID":"u2","pagination":{"pageNumber":1,"showNumber":500}}`,
				`{"total":2,"groups":[{"groupID":"ga","groupName":"A"},{"groupID":"gb","groupName":"B"}]}`}},
			Want: `[{"groupID":"gb"}]`},
		{Name: "of nobody", Op: "list", Params: `{"userID":"u2"}`,
			Calls: []bindingtest.Call{{"/group/get_joined_group_list", "", `{"total":0,"groups":null}`}, bindingtest.Accounts()}, Kind: fault.NotFound, Say: `no account "u2"`},
	})
}

func TestListPages(t *testing.T) {
	full := func(from int) string {
		var rows []string
		for i := range bindings.PageSize {
			rows = append(rows, fmt.Sprintf(`{"groupInfo":{"groupID":"g%d"}}`, from+i))
		}
		return strings.Join(rows, ",")
	}
	page := func(n int) string { return fmt.Sprintf(`{"pagination":{"pageNumber":%d,"showNumber":500}}`, n) }
	answer := func(rows string) string { return `{"total":1000,"groups":[` + rows + `]}` }
	t.Run("a row that a shift repeats comes once", func(t *testing.T) {
		e := bindingtest.Env(t, []bindingtest.Call{
			{"/group/get_groups", page(1), answer(full(0))}, {"/group/get_groups", page(2), answer(full(499))},
			{"/group/get_groups", page(3), `{"total":999,"groups":[]}`},
		}, nil)
		rows, err := bindingtest.Invoke(t.Context(), t, Area(), e, "list", `{}`)
		if err != nil || len(rows.(value.List)) != 999 {
			t.Errorf("%d rows, %v", len(rows.(value.List)), err)
		}
	})
	t.Run("a server that repeats itself", func(t *testing.T) {
		e := bindingtest.Env(t, []bindingtest.Call{{"/group/get_groups", page(1), answer(full(0))}, {"/group/get_groups", page(2), answer(full(0))}}, nil)
		if _, err := bindingtest.Invoke(t.Context(), t, Area(), e, "list", `{}`); err == nil || !strings.Contains(err.Message, "repeats itself") {
			t.Error(err)
		}
	})
}

func TestMembers(t *testing.T) {
	list := bindingtest.Call{"/group/get_group_member_list", `{"groupID":"g1","pagination":{"pageNumber":1,"showNumber":500}}`,
		`{"total":3,"members":[` + member("u1", 100) + `,` + member("u2", 60) + `,{"userID":"u3","nickname":"Carol","roleLevel":20,"muteEndTime":1767323046000}]}`}
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "all", Op: "members", Params: `{"groupID":"g1"}`, Calls: []bindingtest.Call{list}, Want: `[{"userID":"u1"},{"userID":"u2"},{"userID":"u3"}]`},
		{Name: "role", Op: "members", Params: `{"groupID":"g1","role":"admin"}`, Calls: []bindingtest.Call{list}, Want: `[{"userID":"u2"}]`},
		{Name: "keyword", Op: "members", Params: `{"groupID":"g1","keyword":"caro"}`, Calls: []bindingtest.Call{list}, Want: `[{"userID":"u3"}]`},
		{Name: "muted", Op: "members", Params: `{"groupID":"g1","muted":true}`, Calls: []bindingtest.Call{list}, Want: `[{"userID":"u3"}]`},
		{Name: "bad role", Op: "members", Params: `{"groupID":"g1","role":"boss"}`, Kind: fault.Usage, Say: "owner, admin, member"},
		{Name: "no such group", Op: "members", Params: `{"groupID":"g1"}`,
			Calls: []bindingtest.Call{{"/group/get_group_member_list", "", `{"total":0,"members":null}`}, readG1(none)}, Kind: fault.NotFound},
	})
}

func TestUpdate(t *testing.T) {
	set := func(body string) bindingtest.Call { return bindingtest.Call{"/group/set_group_info_ex", body, ""} }
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "named fields only", Op: "update", Params: `{"groupID":"g1","groupName":"One","introduction":""}`,
			Calls: []bindingtest.Call{readG1(g1), set(`{"groupID":"g1","groupName":"One","introduction":""}`), readG1(g1)}, Want: `{"groupName":"One"}`},
		{Name: "what did not take", Op: "update", Params: `{"groupID":"g1","groupName":"Two","needVerification":2}`,
			Calls: []bindingtest.Call{readG1(g1), set(""), readG1(g1)}, Want: `{"groupName":"One"}`, Kind: fault.Partial, Say: "did not take groupName, needVerification"},
		{Name: "blank name", Op: "update", Params: `{"groupID":"g1","groupName":" ","ex":"x"}`, Kind: fault.Usage, Say: "drop the whole change"},
		{Name: "nothing", Op: "update", Params: `{"groupID":"g1"}`, Kind: fault.Usage, Say: "nothing to change"},
		{Name: "dismissed", Op: "update", Params: `{"groupID":"g1","ex":"x"}`, Calls: []bindingtest.Call{readG1(g1dead)}, Kind: fault.NotFound, Say: "dismissed"},
	})
}

func TestInvite(t *testing.T) {
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "members and unknown ones are kept out", Op: "invite", Params: `{"groupID":"g1","userIDs":["u2","u4","nobody","u4"],"reason":"r"}`,
			Calls: []bindingtest.Call{readG1(g1), in(`{"groupID":"g1","userIDs":["u2","u4","nobody"]}`, member("u2", 20)), bindingtest.Accounts("u2", "u4"),
				{"/group/invite_user_to_group", `{"groupID":"g1","invitedUserIDs":["u4"],"reason":"r"}`, ""}},
			Want: `[{"userID":"u2","status":"already"},{"userID":"u4","status":"invited"},{"userID":"nobody","status":"failed"}]`,
			Kind: fault.Partial, Say: `1 of 3 not invited: nobody: no account "nobody"`},
		{Name: "one alone has its own error", Op: "invite", Params: `{"groupID":"g1","userIDs":["nobody"]}`,
			Calls: []bindingtest.Call{readG1(g1), in(""), bindingtest.Accounts()}, Want: `[{"status":"failed"}]`, Kind: fault.NotFound},
		{Name: "a failed batch is looked at again", Op: "invite", Params: `{"groupID":"g1","userIDs":["u4","u5"]}`,
			Calls: []bindingtest.Call{readG1(g1), in(""), bindingtest.Accounts("u4", "u5"), {"/group/invite_user_to_group", "", "!500 E11000 duplicate key"}, in("", member("u4", 20))},
			Want:  `[{"userID":"u4","status":"invited"},{"userID":"u5","status":"failed"}]`, Kind: fault.Partial},
		{Name: "empty list", Op: "invite", Params: `{"groupID":"g1","userIDs":[]}`, Kind: fault.Usage, Say: "empty list"},
		{Name: "blank id", Op: "invite", Params: `{"groupID":"g1","userIDs":["u2",""]}`, Kind: fault.Usage, Say: "userIDs[2] is blank"},
		{Name: "dismissed", Op: "invite", Params: `{"groupID":"g1","userIDs":["u2"]}`, Calls: []bindingtest.Call{readG1(g1dead)}, Kind: fault.NotFound},
	})
}

func TestKick(t *testing.T) {
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "owner, stranger, unknown and admin are kept out", Op: "kick", Params: `{"groupID":"g1","userIDs":["u1","u2","u4","nobody","imAdmin"],"sendMessage":false}`,
			Calls: []bindingtest.Call{readG1(g1), in("", member("u1", 100), member("u2", 20), member("imAdmin", 20)), bindingtest.Accounts("u4"),
				{"/group/kick_group", `{"groupID":"g1","kickedUserIDs":["u2"],"reason":"","sendMessage":false}`, ""}},
			Want: `[{"userID":"u1","status":"failed"},{"userID":"u2","status":"kicked"},{"userID":"u4","status":"not_member"},{"userID":"nobody","status":"failed"},{"userID":"imAdmin","status":"skipped"}]`,
			Kind: fault.Partial, Say: "2 of 5 not kicked"},
		{Name: "again", Op: "kick", Params: `{"groupID":"g1","userIDs":["u2"]}`, Calls: []bindingtest.Call{readG1(g1), in(""), bindingtest.Accounts("u2")}, Want: `[{"status":"not_member"}]`},
		{Name: "oneself", Op: "kick", Params: `{"groupID":"g1","userIDs":["imAdmin"]}`, Kind: fault.Usage, Say: "runs as"},
		{Name: "the server refuses", Op: "kick", Params: `{"groupID":"g1","userIDs":["u2","u3"]}`,
			Calls: []bindingtest.Call{readG1(g1), in("", member("u2", 20), member("u3", 20)), {"/group/kick_group", "", "!500 ServerInternalError"}},
			Want:  `[{"status":"failed"},{"status":"failed"}]`, Kind: fault.Partial},
	})
}

func TestRolesAndOwner(t *testing.T) {
	page := func(members ...string) bindingtest.Call {
		return bindingtest.Call{"/group/get_group_member_list", `{"groupID":"g1","pagination":{"pageNumber":1,"showNumber":10}}`, `{"total":3,"members":[` + strings.Join(members, ",") + `]}`}
	}
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "reads the owner", Op: "transfer", Params: `{"groupID":"g1","newOwnerUserID":"u2"}`,
			Calls: []bindingtest.Call{readG1(g1), page(member("u3", 100), member("u2", 20)), in(`{"groupID":"g1","userIDs":["u2"]}`, member("u2", 20)),
				{"/group/transfer_group", `{"groupID":"g1","oldOwnerUserID":"u3","newOwnerUserID":"u2"}`, ""}},
			Want: `{"oldOwnerUserID":"u3","newOwnerUserID":"u2","status":"transferred"}`},
		{Name: "owner already", Op: "transfer", Params: `{"groupID":"g1","newOwnerUserID":"u1"}`, Calls: []bindingtest.Call{readG1(g1), page(member("u1", 100))}, Want: `{"status":"already"}`},
		{Name: "two owners", Op: "transfer", Params: `{"groupID":"g1","newOwnerUserID":"u2"}`,
			Calls: []bindingtest.Call{readG1(g1), page(member("u1", 100), member("u2", 100))}, Kind: fault.API, Say: "2 owners: u1, u2"},
		{Name: "no owner", Op: "transfer", Params: `{"groupID":"g1","newOwnerUserID":"u2"}`, Calls: []bindingtest.Call{readG1(g1), page(member("u2", 20))}, Kind: fault.API, Say: "no owner"},
		{Name: "to an outsider", Op: "transfer", Params: `{"groupID":"g1","newOwnerUserID":"u4"}`,
			Calls: []bindingtest.Call{readG1(g1), page(member("u1", 100)), in("")}, Kind: fault.NotFound, Say: "group.invite"},
		{Name: "admin", Op: "set_role", Params: `{"groupID":"g1","userIDs":["u2","u3","u4"],"role":"admin"}`,
			Calls: []bindingtest.Call{readG1(g1), in("", member("u2", 60), member("u3", 20)),
				{"/group/set_group_member_info", `{"members":[{"groupID":"g1","userID":"u3","roleLevel":60}]}`, ""}},
			Want: `[{"status":"already"},{"status":"set"},{"status":"failed"}]`, Kind: fault.Partial, Say: "not in the group"},
		{Name: "the only owner", Op: "set_role", Params: `{"groupID":"g1","userIDs":["u1"],"role":"member"}`,
			Calls: []bindingtest.Call{readG1(g1), in("", member("u1", 100)), page(member("u1", 100))}, Kind: fault.Denied, Say: "group.transfer"},
		{Name: "one of two owners", Op: "set_role", Params: `{"groupID":"g1","userIDs":["u2"],"role":"member"}`,
			Calls: []bindingtest.Call{readG1(g1), in("", member("u2", 100)), page(member("u1", 100), member("u2", 100)),
				{"/group/set_group_member_info", `{"members":[{"groupID":"g1","userID":"u2","roleLevel":20}]}`, ""}},
			Want: `[{"status":"set"}]`},
		{Name: "owner is no role to set", Op: "set_role", Params: `{"groupID":"g1","userIDs":["u2"],"role":"owner"}`, Kind: fault.Usage},
	})
}

func TestMute(t *testing.T) {
	muted := `{"groupInfos":[{"groupID":"g1","status":3}]}`
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "members", Op: "mute", Params: `{"groupID":"g1","userIDs":["u1","u2","u4"],"mutedSeconds":"10m"}`,
			Calls: []bindingtest.Call{readG1(g1), in("", member("u1", 100), member("u2", 20)),
				{"/group/mute_group_member", `{"groupID":"g1","userID":"u2","mutedSeconds":600}`, ""},
				in("", member("u1", 100), `{"userID":"u2","roleLevel":20,"muteEndTime":1767323645000}`)},
			Want: `[{"userID":"u1","status":"failed"},{"userID":"u2","status":"muted","muteEndTime":1767323645000},{"userID":"u4","status":"failed"}]`,
			Kind: fault.Partial, Say: "can't be silenced"},
		{Name: "the group", Op: "mute", Params: `{"groupID":"g1"}`, Calls: []bindingtest.Call{readG1(g1), {"/group/mute_group", `{"groupID":"g1"}`, ""}}, Want: `[{"userID":"","status":"muted"}]`},
		{Name: "the group again", Op: "mute", Params: `{"groupID":"g1"}`, Calls: []bindingtest.Call{readG1(muted)}, Want: `[{"status":"already"}]`},
		{Name: "an empty list is not the group", Op: "mute", Params: `{"groupID":"g1","userIDs":[],"mutedSeconds":60}`, Kind: fault.Usage, Say: "empty list"},
		{Name: "a group has no end", Op: "mute", Params: `{"groupID":"g1","mutedSeconds":60}`, Kind: fault.Usage},
		{Name: "a member needs an end", Op: "mute", Params: `{"groupID":"g1","userIDs":["u2"]}`, Kind: fault.Usage, Say: "mutedSeconds"},
		{Name: "too short", Op: "mute", Params: `{"groupID":"g1","userIDs":["u2"],"mutedSeconds":0.5}`, Kind: fault.Usage},
		{Name: "negative", Op: "mute", Params: `{"groupID":"g1","userIDs":["u2"],"mutedSeconds":-5}`, Kind: fault.Usage},
		{Name: "dismissed", Op: "mute", Params: `{"groupID":"g1"}`, Calls: []bindingtest.Call{readG1(g1dead)}, Kind: fault.NotFound},
		{Name: "the group", Op: "unmute", Params: `{"groupID":"g1"}`, Calls: []bindingtest.Call{readG1(muted), {"/group/cancel_mute_group", `{"groupID":"g1"}`, ""}}, Want: `[{"status":"unmuted"}]`},
		{Name: "a dismissed group stays dead", Op: "unmute", Params: `{"groupID":"g1"}`, Calls: []bindingtest.Call{readG1(g1dead)}, Kind: fault.NotFound, Say: "dismissed"},
		{Name: "members", Op: "unmute", Params: `{"groupID":"g1","userIDs":["u2","u3"]}`,
			Calls: []bindingtest.Call{readG1(g1), in("", member("u2", 20), `{"userID":"u3","muteEndTime":1767323645000}`),
				{"/group/cancel_mute_group_member", `{"groupID":"g1","userID":"u3"}`, ""}, in("", member("u2", 20), member("u3", 20))},
			Want: `[{"userID":"u2","status":"already"},{"userID":"u3","status":"unmuted","muteEndTime":0}]`},
	})
}

func TestDismiss(t *testing.T) {
	empty := `{"groupInfos":[{"groupID":"g1","status":2,"memberCount":0}]}`
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "ends", Op: "dismiss", Params: `{"groupID":"g1"}`,
			Calls: []bindingtest.Call{readG1(g1), readG1(g1), {"/group/dismiss_group", `{"groupID":"g1","deleteMember":false}`, ""}}, Want: `{"status":"dismissed","memberCount":3}`},
		{Name: "again", Op: "dismiss", Params: `{"groupID":"g1"}`, Calls: []bindingtest.Call{readG1(g1dead), readG1(g1dead)}, Want: `{"status":"already"}`},
		{Name: "again, members too", Op: "dismiss", Params: `{"groupID":"g1","deleteMember":true}`,
			Calls: []bindingtest.Call{readG1(g1dead), readG1(g1dead), {"/group/dismiss_group", `{"groupID":"g1","deleteMember":true}`, ""}}, Want: `{"status":"dismissed"}`},
		{Name: "nobody left", Op: "dismiss", Params: `{"groupID":"g1","deleteMember":true}`, Calls: []bindingtest.Call{readG1(empty), readG1(empty)}, Want: `{"status":"already"}`},
		{Name: "none", Op: "dismiss", Params: `{"groupID":"g1"}`, Calls: []bindingtest.Call{readG1(none)}, Kind: fault.NotFound},
	})
	op, _ := Area().Find("dismiss")
	p, err := op.Preview(t.Context(), bindingtest.Env(t, []bindingtest.Call{readG1(g1)}, nil), &DismissParams{GroupID: "g1"})
	if want := "dismiss the group g1 (One) with 3 members"; err != nil || p.Text != want || p.Count != 1 || op.Effect != bindings.Destroy {
		t.Errorf("preview %+v, %v", p, err)
	}
}

func TestJoinAndRequests(t *testing.T) {
	open := `{"groupInfos":[{"groupID":"g1","needVerification":2}]}`
	join := bindingtest.Call{"/group/join_group", `{"groupID":"g1","joinSource":3,"inviterUserID":"u4","reqMessage":"please"}`, ""}
	answer := bindingtest.Call{"/group/group_application_response", `{"groupID":"g1","fromUserID":"u4","handleResult":1,"handledMsg":""}`, ""}
	requests := `{"total":1,"groupRequests":[{"userInfo":{"userID":"u4","nickname":"Dave"},"groupInfo":{"groupID":"g1"},"handleResult":0,"reqMsg":"please","reqTime":5}]}`
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "asks", Op: "join", Params: `{"groupID":"g1","userID":"u4","reqMessage":"please"}`, Calls: []bindingtest.Call{readG1(g1), in(""), join}, Want: `{"status":"requested"}`},
		{Name: "open", Op: "join", Params: `{"groupID":"g1","userID":"u4","reqMessage":"please"}`, Calls: []bindingtest.Call{readG1(open), in(""), join}, Want: `{"status":"joined"}`},
		{Name: "member", Op: "join", Params: `{"groupID":"g1","userID":"u2"}`, Calls: []bindingtest.Call{readG1(g1), in("", member("u2", 20))}, Want: `{"status":"already"}`},
		{Name: "bad source", Op: "join", Params: `{"groupID":"g1","userID":"u2","joinSource":2}`, Kind: fault.Usage, Say: "group.invite"},
		{Name: "leaves", Op: "quit", Params: `{"groupID":"g1","userID":"u2"}`, Calls: []bindingtest.Call{readG1(g1), in("", member("u2", 20)), {"/group/quit_group", `{"groupID":"g1","userID":"u2"}`, ""}}, Want: `{"status":"left"}`},
		{Name: "not in", Op: "quit", Params: `{"groupID":"g1","userID":"u4"}`, Calls: []bindingtest.Call{readG1(g1), in("")}, Want: `{"status":"not_member"}`},
		{Name: "in the owner's name", Op: "requests", Params: `{"groupID":"g1","handled":"pending"}`,
			Calls: []bindingtest.Call{readG1(g1), {"/group/get_recv_group_applicationList", `{"fromUserID":"u1","groupIDs":["g1"],"pagination":{"pageNumber":1,"showNumber":500},"handleResults":[0]}`, requests}},
			Want:  `[{"userID":"u4","nickname":"Dave","groupID":"g1","reqMsg":"please","userInfo":{"userID":"u4"}}]`},
		{Name: "lets in", Op: "accept", Params: `{"groupID":"g1","userID":"u4"}`, Calls: []bindingtest.Call{readG1(g1), in(""), answer}, Want: `{"status":"accepted"}`},
		{Name: "no request", Op: "accept", Params: `{"groupID":"g1","userID":"u4"}`, Calls: []bindingtest.Call{readG1(g1), in(""), {answer.Path(), "", "!1004 RecordNotFoundError"}}, Kind: fault.NotFound, Say: "group.requests"},
		{Name: "in already", Op: "accept", Params: `{"groupID":"g1","userID":"u2"}`, Calls: []bindingtest.Call{readG1(g1), in("", member("u2", 20))}, Want: `{"status":"already"}`},
		{Name: "turns away", Op: "refuse", Params: `{"groupID":"g1","userID":"u4","handledMsg":"no"}`,
			Calls: []bindingtest.Call{readG1(g1), in(""), {answer.Path(), `{"groupID":"g1","fromUserID":"u4","handleResult":-1,"handledMsg":"no"}`, ""}}, Want: `{"status":"refused"}`},
		{Name: "in already", Op: "refuse", Params: `{"groupID":"g1","userID":"u2"}`, Calls: []bindingtest.Call{readG1(g1), in("", member("u2", 20))}, Kind: fault.Usage, Say: "group.kick"},
	})
}
