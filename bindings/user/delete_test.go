package user

import (
	"context"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

func relations(s *stub) {
	s.gives("/group/get_joined_group_list", value.NewObject("total", int64(3), "groups", value.List{
		value.NewObject("groupID", "mine", "ownerUserID", "u1", "status", int64(0)),
		value.NewObject("groupID", "theirs", "ownerUserID", "u2", "status", int64(0)),
		value.NewObject("groupID", "over", "ownerUserID", "u1", "status", int64(2)),
	}))
	s.on("/group/get_group_members_info", func(body *value.Object) (any, error) {
		members := value.List{}
		if texts(member(body, "userIDs"))[0] == "u2" {
			members = value.List{value.NewObject("userID", "u2")}
		}
		return value.NewObject("members", members), nil
	})
	s.gives("/friend/get_friend_id", value.NewObject("friendIDs", value.List{"f1"}))
	for _, path := range []string{"/group/transfer_group", "/group/quit_group", "/friend/delete_friend"} {
		s.gives(path, nil)
	}
}

func TestDeleteRetires(t *testing.T) {
	s := newStub(t)
	a := newAccounts(s, "u1", "u2")
	newGateway(s)
	relations(s)
	w := newWorld(t, s, false)
	w.DryRun = true
	res, err := w.run("delete", `{"userID":"u1","transfer_to":"u2"}`)
	if err != nil || len(s.writes()) != 0 || !strings.Contains(text(res), `"outcome":"planned"`) {
		t.Errorf("dry run: %s, %v, writes %v", text(res), err, s.writes())
	}
	w.DryRun = false
	res, err = w.run("delete", `{"userID":"u1","transfer_to":"u2"}`)
	got := text(res)
	if err != nil || !strings.Contains(got, `"outcome":"retired"`) || strings.Contains(got, `"outcome":"deleted"`) || !strings.Contains(got, `"steps":[{"step":"disable","outcome":"done"},`+
		`{"step":"transfer group","target":"mine","outcome":"done"},{"step":"leave group","target":"mine","outcome":"done"},`+
		`{"step":"leave group","target":"theirs","outcome":"done"},{"step":"leave group","target":"over","outcome":"skipped","detail":"the group was dismissed"},`+
		`{"step":"unfriend","target":"f1","outcome":"done"},{"step":"blank profile","outcome":"done"}]`) {
		t.Errorf("got %s, %v", got, err)
	}
	sameJSON(t, text(s.sent("/group/transfer_group")[0]), `{"groupID":"mine","oldOwnerUserID":"u1","newOwnerUserID":"u2"}`)
	if n := len(s.sent("/friend/delete_friend")); n != 2 {
		t.Errorf("%d directions of the friendship ended, want 2", n)
	}
	if member(a.byID["u1"], "nickname") != "" {
		t.Errorf("got %s", text(a.byID["u1"]))
	}
}

func TestDeleteRefusesBeforeItChangesAnything(t *testing.T) {
	s := newStub(t)
	newAccounts(s, "u1", "u2")
	relations(s)
	w := newWorld(t, s, false)
	w.refused("delete", `{"userID":"u1"}`, fault.Denied, "owns 1 groups", "mine", "transfer_to")
	w.refused("delete", `{"userID":"u1","transfer_to":"stranger"}`, fault.Denied, "no member of mine")
	w.refused("delete", `{"userID":"u1","transfer_to":"u1"}`, fault.Usage, "itself")
	w.refused("delete", `{"userID":"u1","mode":"erase"}`, fault.Unsupported, "MongoDB and Redis", "no call that deletes", "user.disable")
	w.refused("delete", `{"userID":"nobody"}`, fault.NotFound, "nobody")
	if len(s.writes()) != 0 {
		t.Errorf("writes %v", s.writes())
	}
}

// Case 024: without a confirmation nothing is sent, and the question says what the server lacks and what there is.
func TestDeleteAsksHonestly(t *testing.T) {
	s := newStub(t)
	w := newWorld(t, s, false)
	var asked bindings.Question
	w.Ask = func(_ context.Context, q bindings.Question) (bool, error) {
		asked = q
		return false, nil
	}
	if err := w.refused("delete", `{"userID":"u1"}`, fault.Denied, "not confirmed"); fault.ExitCode(err) != fault.ExitDenied {
		t.Errorf("exit code %d", fault.ExitCode(err))
	}
	for _, part := range []string{"retire u1", "no call that deletes an account", "user.disable"} {
		if !strings.Contains(asked.Preview.Text, part) {
			t.Errorf("%q is missing in %q", part, asked.Preview.Text)
		}
	}
	if s.total() != 0 {
		t.Errorf("%d calls were sent", s.total())
	}
}

func TestDeleteReportsFailedSteps(t *testing.T) {
	s := newStub(t)
	newAccounts(s, "u1", "u2")
	newGateway(s)
	relations(s)
	s.on("/group/quit_group", func(*value.Object) (any, error) { return nil, refusal{1203, "NotInGroupYetError", ""} })
	w := newWorld(t, s, false)
	res, err := w.run("delete", `{"userID":"u1","transfer_to":"u2"}`)
	if err == nil || err.Kind != fault.Partial || !strings.Contains(text(res), `"outcome":"partly retired"`) || !strings.Contains(text(res), "NotInGroupYet") {
		t.Errorf("got %s, %v", text(res), err)
	}
}

func TestDeleteClears(t *testing.T) {
	s := newStub(t)
	newAccounts(s, "u1", "u2")
	newGateway(s)
	s.gives("/group/get_joined_group_list", value.NewObject("total", int64(0), "groups", value.List{}))
	s.gives("/friend/get_friend_id", value.NewObject("friendIDs", value.List{}))
	s.gives("/friend/get_black_list", value.NewObject("total", int64(1), "blacks", value.List{value.NewObject("blackUserInfo", value.NewObject("userID", "b1"))}))
	s.gives("/friend/remove_black", nil)
	s.gives("/msg/user_clear_all_msg", nil)
	s.gives("/conversation/get_full_conversation_ids", value.NewObject("conversationIDs", value.List{"si_b1_u1"}))
	s.gives("/conversation/delete_conversations", nil)
	w := newWorld(t, s, false)
	res, err := w.run("delete", `{"userID":"u1","clear":true}`)
	if got := text(res); err != nil || !strings.Contains(got, `{"step":"unblock","target":"b1","outcome":"done"},{"step":"clear messages","outcome":"done"},`+
		`{"step":"delete conversations","outcome":"done"},{"step":"blank profile","outcome":"done"}`) {
		t.Errorf("got %s, %v", got, err)
	}
	sameJSON(t, text(s.sent("/friend/remove_black")[0]), `{"ownerUserID":"u1","blackUserID":"b1"}`)
	sameJSON(t, text(s.sent("/msg/user_clear_all_msg")[0]), `{"userID":"u1","deleteSyncOpt":{"IsSyncSelf":true,"IsSyncOther":false}}`)
	sameJSON(t, text(s.sent("/conversation/delete_conversations")[0]), `{"ownerUserID":"u1","conversationIDs":["si_b1_u1"]}`)

	// A server of the older generation has no such call: the conversations stay, empty.
	s.on("/conversation/delete_conversations", func(*value.Object) (any, error) { return nil, notThere })
	res, err = w.run("delete", `{"userID":"u1","clear":true}`)
	if got := text(res); err != nil || !strings.Contains(got, `"outcome":"retired"`) || !strings.Contains(got, "its empty conversations, which this server can't delete") {
		t.Errorf("got %s, %v", got, err)
	}
}
