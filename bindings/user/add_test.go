package user

import (
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

func TestRegister(t *testing.T) {
	s := newStub(t)
	newAccounts(s, "u0")
	w := newWorld(t, s, false)
	w.want("register", `{"users":[{"userID":"u1","nickname":"n"},{"userID":"用户2","nickname":"李"}]}`, `{"registered":2,"userIDs":["u1","用户2"]}`)
	sameJSON(t, text(s.sent("/user/user_register")[0]),
		`{"users":[{"userID":"u1","nickname":"n"},{"userID":"用户2","nickname":"李"}]}`)
	// Case 011: the server's words, its code and the operationID that was sent are in the error.
	e := w.refused("register", `{"users":[{"userID":"u0","nickname":"n"}]}`, fault.Exists,
		"user.register", "1102", "RegisteredAlreadyError", "userID registered already")
	if last := s.calls[len(s.calls)-1]; e.OperationID != last.op || e.Code != 1102 || e.Op != "user.register" {
		t.Errorf("error %+v, operationID sent %s", e, last.op)
	}
}

func TestRegisterRefusesBeforeSending(t *testing.T) {
	s := newStub(t)
	w := newWorld(t, s, false)
	for fields, part := range map[string]string{
		`{"users":[{"userId":"x","nickname":"n"}]}`:                               "unknown field userId in users[1]; did you mean userID?", // case 018
		`{"users":[{"userID":"a:b","nickname":"n"}]}`:                             `users[1].userID "a:b"`,
		`{"users":[{"userID":"a b","nickname":"n"}]}`:                             "a space",
		`{"users":[{"userID":"a@b","nickname":"n"}]}`:                             `"@"`,
		`{"users":[{"userID":" ","nickname":"n"}]}`:                               "users[1].userID is blank",
		`{"users":[{"userID":"a"}]}`:                                              "missing field users[1].nickname",
		`{"users":[{"userID":"a","nickname":"n"},{"userID":"a","nickname":"n"}]}`: "users[2].userID",
		`{"users":[]}`: "users is an empty list",
		`{}`:           "missing field users",
	} {
		w.refused("register", fields, fault.Usage, part)
	}
	if s.total() != 0 {
		t.Errorf("%d calls were sent", s.total())
	}
}

func TestAddOnTheMessageServer(t *testing.T) {
	s := newStub(t)
	newAccounts(s, "u0")
	w := newWorld(t, s, false)
	res, err := w.run("add", `{"userID":"alice"}`)
	if err != nil {
		t.Fatal(err)
	}
	o := res.(*value.Object)
	if member(o, "via") != "im" || member(o, "canLogin") != false || member(o, "nickname") != "alice" {
		t.Errorf("got %s", text(res))
	}
	w.refused("add", `{"userID":"u0","nickname":"x"}`, fault.Exists, "u0", "1102")
	for _, id := range []string{"a:b", "a-b", "a.b", "a@b", "a b"} {
		w.refused("add", `{"userID":"`+id+`"}`, fault.Usage, "userID \""+id+`"`, "only letters, digits and _")
	}
	w.refused("add", `{"userID":"  "}`, fault.Usage, "blank")
	w.refused("add", `{}`, fault.Usage, "missing field userID")
	w.refused("add", `{"userId":"a"}`, fault.Usage, "did you mean userID?")
	if n := len(s.sent("/user/user_register")); n != 2 {
		t.Errorf("%d registrations were sent, want 2", n)
	}
}

func TestAddSaysWhatFoundNoPlace(t *testing.T) {
	s := newStub(t)
	newAccounts(s)
	w := newWorld(t, s, false)
	res, err := w.run("add", `{"userID":"alice","email":"a@example.com","password":"secret"}`)
	if err != nil || !strings.Contains(text(res), `"via":"im","canLogin":false`) || !strings.Contains(text(res), `"notStored":["email","password"]`) {
		t.Errorf("got %s, %v", text(res), err)
	}
	if len(w.warnings) != 1 || strings.Contains(text(s.sent("/user/user_register")[0]), "secret") {
		t.Errorf("warnings %q", w.warnings)
	}
}

func TestAddThroughTheChatServer(t *testing.T) {
	s := newStub(t)
	newAccounts(s, "known")
	s.gives("/chatadmin/user/import/json", nil)
	w := newWorld(t, s, true)
	res, err := w.run("add", `{"userID":"alice","nickname":"Alice","areaCode":"+86","phoneNumber":"013800","password":"password"}`)
	if err != nil || !strings.Contains(text(res), `"via":"chat","canLogin":true`) {
		t.Fatalf("got %s, %v", text(res), err)
	}
	sameJSON(t, text(s.sent("/chatadmin/user/import/json")[0]), `{"users":[{"userID":"alice","nickname":"Alice","areaCode":"+86",
		"phoneNumber":"013800","password":"5f4dcc3b5aa765d61d8327deb882cf99"}]}`)
	if len(s.sent("/user/user_register")) != 0 {
		t.Error("the message server was asked to register too")
	}
	w.refused("add", `{"userID":"known","email":"a@x"}`, fault.Exists, "known")
	w.refused("add", `{"userID":"b","account":"bob","password":"x"}`, fault.Usage, "email")
	w.refused("add", `{"userID":"b","phoneNumber":"1"}`, fault.Usage, "areaCode")
	w.refused("add", `{"userID":"b","areaCode":"86","phoneNumber":"1"}`, fault.Usage, "must begin with +")
	w.refused("add", `{"userID":"b","email":"a@x","account":"b-b"}`, fault.Usage, "letters and digits")
	if n := len(s.sent("/chatadmin/user/import/json")); n != 1 {
		t.Errorf("%d imports, want 1", n)
	}
	// Without login fields the message server alone is asked, chat server or not.
	if res, err := w.run("add", `{"userID":"carol"}`); err != nil || !strings.Contains(text(res), `"via":"im"`) {
		t.Errorf("got %s, %v", text(res), err)
	}
}

func TestAddSetsOnTheMessageServerWhatTheChatServerDoesNotPassOn(t *testing.T) {
	s := newStub(t)
	a := newAccounts(s)
	s.on("/chatadmin/user/import/json", func(body *value.Object) (any, error) {
		a.put(value.NewObject("userID", "alice"))
		return nil, nil
	})
	w := newWorld(t, s, true)
	if _, err := w.run("add", `{"userID":"alice","email":"a@x","ex":"{}"}`); err != nil {
		t.Fatal(err)
	}
	if member(a.byID["alice"], "ex") != "{}" {
		t.Errorf("got %s", text(a.byID["alice"]))
	}
}
