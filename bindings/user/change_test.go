package user

import (
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

func TestUpdate(t *testing.T) {
	s := newStub(t)
	a := newAccounts(s, "u1")
	w := newWorld(t, s, false)
	w.want("update", `{"userID":"u1","nickname":"Li, \"Wei\"","ex":"{\"a\":1,\"b\":[2]}"}`, `{"userID":"u1","changed":["nickname","ex"],"notTaken":[]}`)
	sameJSON(t, text(s.sent("/user/update_user_info_ex")[0]),
		`{"userInfo":{"userID":"u1","nickname":"Li, \"Wei\"","ex":"{\"a\":1,\"b\":[2]}"}}`)
	w.want("update", `{"userID":"u1","ex":"","globalRecvMsgOpt":0}`, `{"userID":"u1","changed":["ex","globalRecvMsgOpt"],"notTaken":[]}`)
	if member(a.byID["u1"], "ex") != "" {
		t.Errorf("got %s", text(a.byID["u1"]))
	}
	w.refused("update", `{"userID":"u1"}`, fault.Usage, "nothing to change")
	w.refused("update", `{"userID":"u1","nickName":"x"}`, fault.Usage, "did you mean nickname?")
	w.refused("update", `{"userID":"u1","globalRecvMsgOpt":3}`, fault.Usage, "want 0, 1 or 2")
	w.refused("update", `{"userID":"nobody","ex":"x"}`, fault.NotFound, "nobody")
	w.refused("update", `{"userID":"u1","email":"x"}`, fault.Unsupported, "no chat server")
}

func TestUpdateReportsWhatDidNotTake(t *testing.T) {
	s := newStub(t)
	newAccounts(s, "u1")
	s.gives("/user/update_user_info_ex", nil) // success, and nothing changes
	w := newWorld(t, s, false)
	w.want("update", `{"userID":"u1","nickname":"New"}`, `{"userID":"u1","changed":[],"notTaken":["nickname"]}`)
	if len(w.warnings) != 1 {
		t.Errorf("warnings %q", w.warnings)
	}
}

func TestUpdateDryRunShowsTheValuesUnchanged(t *testing.T) { // case 038
	s := newStub(t)
	w := newWorld(t, s, false)
	w.DryRun = true
	w.want("update", `{"userID":"u1","nickname":"Li, \"Wei\""}`, `{"op":"user.update","params":{"userID":"u1","nickname":"Li, \"Wei\""}}`)
	if s.total() != 0 {
		t.Errorf("%d calls were sent", s.total())
	}
}

func TestUpdateThroughTheChatServer(t *testing.T) {
	s := newStub(t)
	newAccounts(s, "u1")
	record := value.NewObject("userID", "u1", "email", "old@x")
	s.gives("/chatapi/user/find/full", value.NewObject("users", value.List{record}))
	s.on("/chatapi/user/update", func(body *value.Object) (any, error) {
		record.Set("email", member(body, "email"))
		return nil, nil
	})
	w := newWorld(t, s, true)
	w.want("update", `{"userID":"u1","email":"new@x"}`, `{"userID":"u1","changed":["email"],"notTaken":[]}`)
	w.want("update", `{"userID":"u1","nickname":"N"}`, `{"userID":"u1","changed":["nickname"],"notTaken":[]}`)
	sameJSON(t, text(s.sent("/chatapi/user/update")[1]), `{"userID":"u1","nickname":"N"}`)
}

func TestToken(t *testing.T) {
	s := newStub(t)
	s.on("/auth/get_user_token", func(body *value.Object) (any, error) {
		if member(body, "userID") != "u1" {
			return nil, refusal{1004, "RecordNotFoundError", ""}
		}
		return value.NewObject("token", "eyJ.secret.token", "expireTimeSeconds", int64(7776000)), nil
	})
	w := newWorld(t, s, false)
	res, err := w.run("token", `{"userID":"u1"}`)
	if err != nil || strings.Contains(text(res), "eyJ") || !strings.Contains(text(res), `"platform":"linux","token":"***","expireTimeSeconds":7776000`) {
		t.Errorf("got %s, %v", text(res), err)
	}
	res, err = w.run("token", `{"userID":"u1","platform":"web","show":true}`)
	if err != nil || !strings.Contains(text(res), `"platformID":5,"platform":"web","token":"eyJ.secret.token"`) {
		t.Errorf("got %s, %v", text(res), err)
	}
	w.refused("token", `{"userID":"u1","platform":"admin"}`, fault.Usage, "admin")
	w.refused("token", `{"userID":"u1","platform":"andriod"}`, fault.Usage, "did you mean android?")
	w.refused("token", `{"userID":"u1","platformID":13}`, fault.Usage, "1 to 12")
	w.refused("token", `{"userID":"u1","platformID":5,"platform":"web"}`, fault.Usage, "one of them")
	w.refused("token", `{"userID":"nobody"}`, fault.NotFound, "nobody")
}

func TestResetPassword(t *testing.T) {
	s := newStub(t)
	s.gives("/chatadmin/user/password/reset", nil)
	w := newWorld(t, s, true)
	if _, err := w.run("reset_password", `{"userID":"u1","password":"password"}`); err != nil {
		t.Fatal(err)
	}
	sameJSON(t, text(s.sent("/chatadmin/user/password/reset")[0]), `{"userID":"u1","newPassword":"5f4dcc3b5aa765d61d8327deb882cf99"}`)
	w.refused("reset_password", `{"userID":"u1"}`, fault.Usage, "missing field password")
	w.refused("reset_password", `{"userID":"imAdmin","password":"x"}`, fault.Denied, "logged in as")
	w.DryRun = true
	if res, err := w.run("reset_password", `{"userID":"u1","password":"password"}`); err != nil || strings.Contains(text(res), "5f4d") || !strings.Contains(text(res), `"password":"***"`) {
		t.Errorf("got %s, %v", text(res), err)
	}
	newWorld(t, s, false).refused("reset_password", `{"userID":"u1","password":"x"}`, fault.Unsupported, "no chat server")
}
