package group

import (
	"fmt"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

const (
	g1     = `{"groupInfos":[{"groupID":"g1","groupName":"One","ownerUserID":"u1","memberCount":3,"status":0,"groupType":2,"odd":9007199254740993}]}`
	g1dead = `{"groupInfos":[{"groupID":"g1","groupName":"One","ownerUserID":"u1","memberCount":3,"status":2}]}`
	none   = `{"groupInfos":null}`
)

func readG1(answer string) call {
	return call{"/group/get_groups_info", `{"groupIDs":["g1"]}`, answer}
}

func in(body string, members ...string) call {
	return call{"/group/get_group_members_info", body, `{"members":[` + strings.Join(members, ",") + `]}`}
}

func member(id string, role int) string {
	return fmt.Sprintf(`{"groupID":"g1","userID":%q,"nickname":"N %s","roleLevel":%d,"muteEndTime":0}`, id, id, role)
}

func accounts(ids ...string) call {
	quoted := make([]string, len(ids))
	for i, id := range ids {
		quoted[i] = fmt.Sprintf(`{"userID":%q}`, id)
	}
	return call{"/user/get_users_info", "", `{"usersInfo":[` + strings.Join(quoted, ",") + `]}`}
}

func TestCreate(t *testing.T) {
	runAll(t, []step{
		{
			name: "reads back the count that is one too high", op: "create",
			params: `{"groupName":"One","ownerUserID":"u1","memberUserIDs":["u2"],"groupID":"g1","needVerification":0,"sendMessage":false}`,
			calls: []call{
				{"/group/create_group", `{"groupInfo":{"groupName":"One","groupType":2,"groupID":"g1","needVerification":0},"ownerUserID":"u1","memberUserIDs":["u2"],"sendMessage":false}`,
					`{"groupInfo":{"groupID":"g1","memberCount":4}}`},
				readG1(g1),
			},
			want: `{"groupID":"g1","memberCount":3,"odd":9007199254740993}`,
		},
		{
			name: "made but not readable", op: "create", params: `{"ownerUserID":"u1"}`,
			calls: []call{{"/group/create_group", `{"groupInfo":{"groupName":"","groupType":2},"ownerUserID":"u1"}`, `{"groupInfo":{"groupID":"g1","memberCount":2}}`}, readG1(none)},
			want:  `{"groupID":"g1","memberCount":2}`, warn: "can't be read back",
		},
		{
			name: "texts arrive unchanged", op: "create", params: `{"ownerUserID":"u1","groupName":"Li, \"Wei\" -x <&>","ex":"{\"a\":1,\"b\":[2]}"}`,
			calls: []call{{"/group/create_group", `{"groupInfo":{"groupName":"Li, \"Wei\" -x <&>","groupType":2,"ex":"{\"a\":1,\"b\":[2]}"},"ownerUserID":"u1"}`,
				`{"groupInfo":{"groupID":"g1"}}`}, readG1(g1)},
		},
		{name: "a taken id", op: "create", params: `{"ownerUserID":"u1","groupID":"g1"}`,
			calls: []call{{"/group/create_group", "", "!1202 GroupIDExisted"}}, kind: fault.Exists},
		{name: "no owner", op: "create", params: `{"groupName":"x"}`, kind: fault.Usage, say: "ownerUserID"},
		{name: "blank owner", op: "create", params: `{"ownerUserID":" "}`, kind: fault.Usage, say: "blank"},
		{name: "white space", op: "create", params: `{"ownerUserID":"u1 "}`, kind: fault.Usage, say: `did you mean "u1"`},
		{name: "owner among members", op: "create", params: `{"ownerUserID":"u1","memberUserIDs":["u2","u1"]}`, kind: fault.Usage, say: `memberUserIDs[2]: "u1" is ownerUserID already`},
		{name: "member twice", op: "create", params: `{"ownerUserID":"u1","memberUserIDs":["u2"],"adminUserIDs":["u2"]}`, kind: fault.Usage, say: "adminUserIDs[1] already"},
		{name: "setting out of range", op: "create", params: `{"ownerUserID":"u1","needVerification":3}`, kind: fault.Usage, say: "want 0 to 2, got 3"},
		{name: "typo", op: "create", params: `{"ownerUserId":"u1"}`, kind: fault.Usage, say: "did you mean ownerUserID?"},
	})
}

func TestGetAndList(t *testing.T) {
	runAll(t, []step{
		{name: "one", op: "get", params: `{"groupID":"g1"}`, calls: []call{readG1(g1)}, want: `{"groupID":"g1","ownerUserID":"u1"}`},
		{name: "dismissed", op: "get", params: `{"groupID":"g1"}`, calls: []call{readG1(g1dead)}, want: `{"status":2}`},
		{name: "none", op: "get", params: `{"groupID":"g1"}`, calls: []call{readG1(none)}, kind: fault.NotFound, say: `no group "g1"`},
		{name: "name is no regular expression", op: "list", params: `{"groupName":"a.b"}`,
			calls: []call{{"/group/get_groups", `{"pagination":{"pageNumber":1,"showNumber":500},"groupName":"a\\.b"}`,
				`{"total":1,"groups":[{"groupInfo":{"groupID":"g1","groupName":"a.b"},"groupOwnerUserID":"u1"}]}`}},
			want: `[{"groupID":"g1","ownerUserID":"u1"}]`},
		{name: "count differs", op: "list", params: `{}`,
			calls: []call{{"/group/get_groups", "", `{"total":3,"groups":[{"groupInfo":{"groupID":"g1"}}]}`}},
			want:  `[{"groupID":"g1"}]`, warn: "counts 3 groups, and 1 were listed"},
		{name: "of an account, by name", op: "list", params: `{"userID":"u2","groupName":"B"}`,
			calls: []call{{"/group/get_joined_group_list", `{"fromUserID":"u2","pagination":{"pageNumber":1,"showNumber":500}}`,
				`{"total":2,"groups":[{"groupID":"ga","groupName":"A"},{"groupID":"gb","groupName":"B"}]}`}},
			want: `[{"groupID":"gb"}]`},
		{name: "of nobody", op: "list", params: `{"userID":"u2"}`,
			calls: []call{{"/group/get_joined_group_list", "", `{"total":0,"groups":null}`}, accounts()}, kind: fault.NotFound, say: `no account "u2"`},
	})
}

func TestListPages(t *testing.T) {
	full := func(from int) string {
		var rows []string
		for i := range pageSize {
			rows = append(rows, fmt.Sprintf(`{"groupInfo":{"groupID":"g%d"}}`, from+i))
		}
		return strings.Join(rows, ",")
	}
	page := func(n int) string { return fmt.Sprintf(`{"pagination":{"pageNumber":%d,"showNumber":500}}`, n) }
	answer := func(rows string) string { return `{"total":1000,"groups":[` + rows + `]}` }
	t.Run("a row that a shift repeats comes once", func(t *testing.T) {
		e := env(t, []call{
			{"/group/get_groups", page(1), answer(full(0))}, {"/group/get_groups", page(2), answer(full(499))},
			{"/group/get_groups", page(3), `{"total":999,"groups":[]}`},
		}, nil)
		rows, err := invoke(t, e, "list", `{}`)
		if err != nil || len(rows.(value.List)) != 999 {
			t.Errorf("%d rows, %v", len(rows.(value.List)), err)
		}
	})
	t.Run("a server that repeats itself", func(t *testing.T) {
		e := env(t, []call{{"/group/get_groups", page(1), answer(full(0))}, {"/group/get_groups", page(2), answer(full(0))}}, nil)
		if _, err := invoke(t, e, "list", `{}`); err == nil || !strings.Contains(err.Message, "repeats itself") {
			t.Error(err)
		}
	})
}

func TestMembers(t *testing.T) {
	list := call{"/group/get_group_member_list", `{"groupID":"g1","pagination":{"pageNumber":1,"showNumber":500}}`,
		`{"total":3,"members":[` + member("u1", 100) + `,` + member("u2", 60) + `,{"userID":"u3","nickname":"Carol","roleLevel":20,"muteEndTime":1767323046000}]}`}
	runAll(t, []step{
		{name: "all", op: "members", params: `{"groupID":"g1"}`, calls: []call{list}, want: `[{"userID":"u1"},{"userID":"u2"},{"userID":"u3"}]`},
		{name: "role", op: "members", params: `{"groupID":"g1","role":"admin"}`, calls: []call{list}, want: `[{"userID":"u2"}]`},
		{name: "keyword", op: "members", params: `{"groupID":"g1","keyword":"caro"}`, calls: []call{list}, want: `[{"userID":"u3"}]`},
		{name: "muted", op: "members", params: `{"groupID":"g1","muted":true}`, calls: []call{list}, want: `[{"userID":"u3"}]`},
		{name: "bad role", op: "members", params: `{"groupID":"g1","role":"boss"}`, kind: fault.Usage, say: "owner, admin, member"},
		{name: "no such group", op: "members", params: `{"groupID":"g1"}`,
			calls: []call{{"/group/get_group_member_list", "", `{"total":0,"members":null}`}, readG1(none)}, kind: fault.NotFound},
	})
}

func TestUpdate(t *testing.T) {
	set := func(body string) call { return call{"/group/set_group_info_ex", body, ""} }
	runAll(t, []step{
		{name: "named fields only", op: "update", params: `{"groupID":"g1","groupName":"One","introduction":""}`,
			calls: []call{readG1(g1), set(`{"groupID":"g1","groupName":"One","introduction":""}`), readG1(g1)}, want: `{"groupName":"One"}`},
		{name: "what did not take", op: "update", params: `{"groupID":"g1","groupName":"Two","needVerification":2}`,
			calls: []call{readG1(g1), set(""), readG1(g1)}, want: `{"groupName":"One"}`, kind: fault.Partial, say: "did not take groupName, needVerification"},
		{name: "blank name", op: "update", params: `{"groupID":"g1","groupName":" ","ex":"x"}`, kind: fault.Usage, say: "drop the whole change"},
		{name: "nothing", op: "update", params: `{"groupID":"g1"}`, kind: fault.Usage, say: "nothing to change"},
		{name: "dismissed", op: "update", params: `{"groupID":"g1","ex":"x"}`, calls: []call{readG1(g1dead)}, kind: fault.NotFound, say: "dismissed"},
	})
}

func TestInvite(t *testing.T) {
	runAll(t, []step{
		{name: "members and unknown ones are kept out", op: "invite", params: `{"groupID":"g1","userIDs":["u2","u4","nobody","u4"],"reason":"r"}`,
			calls: []call{readG1(g1), in(`{"groupID":"g1","userIDs":["u2","u4","nobody"]}`, member("u2", 20)), accounts("u2", "u4"),
				{"/group/invite_user_to_group", `{"groupID":"g1","invitedUserIDs":["u4"],"reason":"r"}`, ""}},
			want: `[{"userID":"u2","status":"already"},{"userID":"u4","status":"invited"},{"userID":"nobody","status":"failed"}]`,
			kind: fault.Partial, say: `1 of 3 not invited: nobody: no account "nobody"`},
		{name: "one alone has its own error", op: "invite", params: `{"groupID":"g1","userIDs":["nobody"]}`,
			calls: []call{readG1(g1), in(""), accounts()}, want: `[{"status":"failed"}]`, kind: fault.NotFound},
		{name: "a failed batch is looked at again", op: "invite", params: `{"groupID":"g1","userIDs":["u4","u5"]}`,
			calls: []call{readG1(g1), in(""), accounts("u4", "u5"), {"/group/invite_user_to_group", "", "!500 E11000 duplicate key"}, in("", member("u4", 20))},
			want:  `[{"userID":"u4","status":"invited"},{"userID":"u5","status":"failed"}]`, kind: fault.Partial},
		{name: "empty list", op: "invite", params: `{"groupID":"g1","userIDs":[]}`, kind: fault.Usage, say: "empty list"},
		{name: "blank id", op: "invite", params: `{"groupID":"g1","userIDs":["u2",""]}`, kind: fault.Usage, say: "userIDs[2] is blank"},
		{name: "dismissed", op: "invite", params: `{"groupID":"g1","userIDs":["u2"]}`, calls: []call{readG1(g1dead)}, kind: fault.NotFound},
	})
}

func TestKick(t *testing.T) {
	runAll(t, []step{
		{name: "owner, stranger, unknown and admin are kept out", op: "kick", params: `{"groupID":"g1","userIDs":["u1","u2","u4","nobody","imAdmin"],"sendMessage":false}`,
			calls: []call{readG1(g1), in("", member("u1", 100), member("u2", 20), member("imAdmin", 20)), accounts("u4"),
				{"/group/kick_group", `{"groupID":"g1","kickedUserIDs":["u2"],"reason":"","sendMessage":false}`, ""}},
			want: `[{"userID":"u1","status":"failed"},{"userID":"u2","status":"kicked"},{"userID":"u4","status":"not_member"},{"userID":"nobody","status":"failed"},{"userID":"imAdmin","status":"skipped"}]`,
			kind: fault.Partial, say: "2 of 5 not kicked"},
		{name: "again", op: "kick", params: `{"groupID":"g1","userIDs":["u2"]}`, calls: []call{readG1(g1), in(""), accounts("u2")}, want: `[{"status":"not_member"}]`},
		{name: "oneself", op: "kick", params: `{"groupID":"g1","userIDs":["imAdmin"]}`, kind: fault.Usage, say: "runs as"},
		{name: "the server refuses", op: "kick", params: `{"groupID":"g1","userIDs":["u2","u3"]}`,
			calls: []call{readG1(g1), in("", member("u2", 20), member("u3", 20)), {"/group/kick_group", "", "!500 ServerInternalError"}},
			want:  `[{"status":"failed"},{"status":"failed"}]`, kind: fault.Partial},
	})
}

func TestRolesAndOwner(t *testing.T) {
	page := func(members ...string) call {
		return call{"/group/get_group_member_list", `{"groupID":"g1","pagination":{"pageNumber":1,"showNumber":10}}`, `{"total":3,"members":[` + strings.Join(members, ",") + `]}`}
	}
	runAll(t, []step{
		{name: "reads the owner", op: "transfer", params: `{"groupID":"g1","newOwnerUserID":"u2"}`,
			calls: []call{readG1(g1), page(member("u3", 100), member("u2", 20)), in(`{"groupID":"g1","userIDs":["u2"]}`, member("u2", 20)),
				{"/group/transfer_group", `{"groupID":"g1","oldOwnerUserID":"u3","newOwnerUserID":"u2"}`, ""}},
			want: `{"oldOwnerUserID":"u3","newOwnerUserID":"u2","status":"transferred"}`},
		{name: "owner already", op: "transfer", params: `{"groupID":"g1","newOwnerUserID":"u1"}`, calls: []call{readG1(g1), page(member("u1", 100))}, want: `{"status":"already"}`},
		{name: "two owners", op: "transfer", params: `{"groupID":"g1","newOwnerUserID":"u2"}`,
			calls: []call{readG1(g1), page(member("u1", 100), member("u2", 100))}, kind: fault.API, say: "2 owners: u1, u2"},
		{name: "no owner", op: "transfer", params: `{"groupID":"g1","newOwnerUserID":"u2"}`, calls: []call{readG1(g1), page(member("u2", 20))}, kind: fault.API, say: "no owner"},
		{name: "to an outsider", op: "transfer", params: `{"groupID":"g1","newOwnerUserID":"u4"}`,
			calls: []call{readG1(g1), page(member("u1", 100)), in("")}, kind: fault.NotFound, say: "group.invite"},
		{name: "admin", op: "set_role", params: `{"groupID":"g1","userIDs":["u2","u3","u4"],"role":"admin"}`,
			calls: []call{readG1(g1), in("", member("u2", 60), member("u3", 20)),
				{"/group/set_group_member_info", `{"members":[{"groupID":"g1","userID":"u3","roleLevel":60}]}`, ""}},
			want: `[{"status":"already"},{"status":"set"},{"status":"failed"}]`, kind: fault.Partial, say: "not in the group"},
		{name: "the only owner", op: "set_role", params: `{"groupID":"g1","userIDs":["u1"],"role":"member"}`,
			calls: []call{readG1(g1), in("", member("u1", 100)), page(member("u1", 100))}, kind: fault.Denied, say: "group.transfer"},
		{name: "one of two owners", op: "set_role", params: `{"groupID":"g1","userIDs":["u2"],"role":"member"}`,
			calls: []call{readG1(g1), in("", member("u2", 100)), page(member("u1", 100), member("u2", 100)),
				{"/group/set_group_member_info", `{"members":[{"groupID":"g1","userID":"u2","roleLevel":20}]}`, ""}},
			want: `[{"status":"set"}]`},
		{name: "owner is no role to set", op: "set_role", params: `{"groupID":"g1","userIDs":["u2"],"role":"owner"}`, kind: fault.Usage},
	})
}

func TestMute(t *testing.T) {
	muted := `{"groupInfos":[{"groupID":"g1","status":3}]}`
	runAll(t, []step{
		{name: "members", op: "mute", params: `{"groupID":"g1","userIDs":["u1","u2","u4"],"mutedSeconds":"10m"}`,
			calls: []call{readG1(g1), in("", member("u1", 100), member("u2", 20)),
				{"/group/mute_group_member", `{"groupID":"g1","userID":"u2","mutedSeconds":600}`, ""},
				in("", member("u1", 100), `{"userID":"u2","roleLevel":20,"muteEndTime":1767323645000}`)},
			want: `[{"userID":"u1","status":"failed"},{"userID":"u2","status":"muted","muteEndTime":1767323645000},{"userID":"u4","status":"failed"}]`,
			kind: fault.Partial, say: "can't be silenced"},
		{name: "the group", op: "mute", params: `{"groupID":"g1"}`, calls: []call{readG1(g1), {"/group/mute_group", `{"groupID":"g1"}`, ""}}, want: `[{"userID":"","status":"muted"}]`},
		{name: "the group again", op: "mute", params: `{"groupID":"g1"}`, calls: []call{readG1(muted)}, want: `[{"status":"already"}]`},
		{name: "an empty list is not the group", op: "mute", params: `{"groupID":"g1","userIDs":[],"mutedSeconds":60}`, kind: fault.Usage, say: "empty list"},
		{name: "a group has no end", op: "mute", params: `{"groupID":"g1","mutedSeconds":60}`, kind: fault.Usage},
		{name: "a member needs an end", op: "mute", params: `{"groupID":"g1","userIDs":["u2"]}`, kind: fault.Usage, say: "mutedSeconds"},
		{name: "too short", op: "mute", params: `{"groupID":"g1","userIDs":["u2"],"mutedSeconds":0.5}`, kind: fault.Usage},
		{name: "negative", op: "mute", params: `{"groupID":"g1","userIDs":["u2"],"mutedSeconds":-5}`, kind: fault.Usage},
		{name: "dismissed", op: "mute", params: `{"groupID":"g1"}`, calls: []call{readG1(g1dead)}, kind: fault.NotFound},
		{name: "the group", op: "unmute", params: `{"groupID":"g1"}`, calls: []call{readG1(muted), {"/group/cancel_mute_group", `{"groupID":"g1"}`, ""}}, want: `[{"status":"unmuted"}]`},
		{name: "a dismissed group stays dead", op: "unmute", params: `{"groupID":"g1"}`, calls: []call{readG1(g1dead)}, kind: fault.NotFound, say: "dismissed"},
		{name: "members", op: "unmute", params: `{"groupID":"g1","userIDs":["u2","u3"]}`,
			calls: []call{readG1(g1), in("", member("u2", 20), `{"userID":"u3","muteEndTime":1767323645000}`),
				{"/group/cancel_mute_group_member", `{"groupID":"g1","userID":"u3"}`, ""}, in("", member("u2", 20), member("u3", 20))},
			want: `[{"userID":"u2","status":"already"},{"userID":"u3","status":"unmuted","muteEndTime":0}]`},
	})
}

func TestDismiss(t *testing.T) {
	empty := `{"groupInfos":[{"groupID":"g1","status":2,"memberCount":0}]}`
	runAll(t, []step{
		{name: "ends", op: "dismiss", params: `{"groupID":"g1"}`,
			calls: []call{readG1(g1), readG1(g1), {"/group/dismiss_group", `{"groupID":"g1","deleteMember":false}`, ""}}, want: `{"status":"dismissed","memberCount":3}`},
		{name: "again", op: "dismiss", params: `{"groupID":"g1"}`, calls: []call{readG1(g1dead), readG1(g1dead)}, want: `{"status":"already"}`},
		{name: "again, members too", op: "dismiss", params: `{"groupID":"g1","deleteMember":true}`,
			calls: []call{readG1(g1dead), readG1(g1dead), {"/group/dismiss_group", `{"groupID":"g1","deleteMember":true}`, ""}}, want: `{"status":"dismissed"}`},
		{name: "nobody left", op: "dismiss", params: `{"groupID":"g1","deleteMember":true}`, calls: []call{readG1(empty), readG1(empty)}, want: `{"status":"already"}`},
		{name: "none", op: "dismiss", params: `{"groupID":"g1"}`, calls: []call{readG1(none)}, kind: fault.NotFound},
	})
	op, _ := Area().Find("dismiss")
	p, err := op.Preview(t.Context(), env(t, []call{readG1(g1)}, nil), &DismissParams{GroupID: "g1"})
	if want := "dismiss the group g1 (One) with 3 members"; err != nil || p.Text != want || p.Count != 1 || op.Effect != bindings.Destroy {
		t.Errorf("preview %+v, %v", p, err)
	}
}

func TestJoinAndRequests(t *testing.T) {
	open := `{"groupInfos":[{"groupID":"g1","needVerification":2}]}`
	join := call{"/group/join_group", `{"groupID":"g1","joinSource":3,"inviterUserID":"u4","reqMessage":"please"}`, ""}
	answer := call{"/group/group_application_response", `{"groupID":"g1","fromUserID":"u4","handleResult":1,"handledMsg":""}`, ""}
	requests := `{"total":1,"groupRequests":[{"userInfo":{"userID":"u4","nickname":"Dave"},"groupInfo":{"groupID":"g1"},"handleResult":0,"reqMsg":"please","reqTime":5}]}`
	runAll(t, []step{
		{name: "asks", op: "join", params: `{"groupID":"g1","userID":"u4","reqMessage":"please"}`, calls: []call{readG1(g1), in(""), join}, want: `{"status":"requested"}`},
		{name: "open", op: "join", params: `{"groupID":"g1","userID":"u4","reqMessage":"please"}`, calls: []call{readG1(open), in(""), join}, want: `{"status":"joined"}`},
		{name: "member", op: "join", params: `{"groupID":"g1","userID":"u2"}`, calls: []call{readG1(g1), in("", member("u2", 20))}, want: `{"status":"already"}`},
		{name: "bad source", op: "join", params: `{"groupID":"g1","userID":"u2","joinSource":2}`, kind: fault.Usage, say: "group.invite"},
		{name: "leaves", op: "quit", params: `{"groupID":"g1","userID":"u2"}`, calls: []call{readG1(g1), in("", member("u2", 20)), {"/group/quit_group", `{"groupID":"g1","userID":"u2"}`, ""}}, want: `{"status":"left"}`},
		{name: "not in", op: "quit", params: `{"groupID":"g1","userID":"u4"}`, calls: []call{readG1(g1), in("")}, want: `{"status":"not_member"}`},
		{name: "in the owner's name", op: "requests", params: `{"groupID":"g1","handled":"pending"}`,
			calls: []call{readG1(g1), {"/group/get_recv_group_applicationList", `{"fromUserID":"u1","groupIDs":["g1"],"pagination":{"pageNumber":1,"showNumber":500},"handleResults":[0]}`, requests}},
			want:  `[{"userID":"u4","nickname":"Dave","groupID":"g1","reqMsg":"please","userInfo":{"userID":"u4"}}]`},
		{name: "lets in", op: "accept", params: `{"groupID":"g1","userID":"u4"}`, calls: []call{readG1(g1), in(""), answer}, want: `{"status":"accepted"}`},
		{name: "no request", op: "accept", params: `{"groupID":"g1","userID":"u4"}`, calls: []call{readG1(g1), in(""), {answer.path, "", "!1004 RecordNotFoundError"}}, kind: fault.NotFound, say: "group.requests"},
		{name: "in already", op: "accept", params: `{"groupID":"g1","userID":"u2"}`, calls: []call{readG1(g1), in("", member("u2", 20))}, want: `{"status":"already"}`},
		{name: "turns away", op: "refuse", params: `{"groupID":"g1","userID":"u4","handledMsg":"no"}`,
			calls: []call{readG1(g1), in(""), {answer.path, `{"groupID":"g1","fromUserID":"u4","handleResult":-1,"handledMsg":"no"}`, ""}}, want: `{"status":"refused"}`},
		{name: "in already", op: "refuse", params: `{"groupID":"g1","userID":"u2"}`, calls: []call{readG1(g1), in("", member("u2", 20))}, kind: fault.Usage, say: "group.kick"},
	})
}
