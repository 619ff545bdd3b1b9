package user

import (
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

func TestGet(t *testing.T) {
	s := newStub(t)
	a := newAccounts(s, "u1", "u2")
	a.byID["u1"].Set("appMangerLevel", int64(1))
	a.byID["u1"].Set("newField", "kept")
	w := newWorld(t, s, false)
	res, err := w.run("get", `{"userIDs":["u2","u1","u2"]}`)
	if err != nil {
		t.Fatal(err)
	}
	rows := res.(value.List)
	if len(rows) != 2 || member(rows[1].(*value.Object), "newField") != "kept" || member(rows[0].(*value.Object), "userID") != "u2" {
		t.Errorf("got %s", text(res))
	}
	w.refused("get", `{"userIDs":["nobody"]}`, fault.NotFound, "nobody")
	w.refused("get", `{"userIDs":["u1","x","y"]}`, fault.NotFound, "x, y", "missing_ok")
	w.refused("get", `{"userIDs":["u1"," "]}`, fault.Usage, "userIDs is blank")
	w.refused("get", `{}`, fault.Usage, "missing field userIDs")
	w.refused("get", `{"userIDs":["u1"],"full":true}`, fault.Unsupported, "no chat server")
	if res, err := w.run("get", `{"userIDs":["u1","x"],"missing_ok":true}`); err != nil || len(res.(value.List)) != 1 {
		t.Errorf("missing_ok: %s %v", text(res), err)
	}
}

func TestGetFullHidesThePassword(t *testing.T) {
	s := newStub(t)
	newAccounts(s, "u1")
	s.gives("/chatapi/user/find/full", value.NewObject("users", value.List{
		value.NewObject("userID", "u1", "account", "ann", "password", "5f4dcc3b", "phoneNumber", "013800")}))
	w := newWorld(t, s, true)
	res, err := w.run("get", `{"userIDs":["u1"],"full":true}`)
	if err != nil {
		t.Fatal(err)
	}
	if got := text(res); strings.Contains(got, "5f4dcc3b") || !strings.Contains(got, `"phoneNumber":"013800"`) || !strings.Contains(got, `"account":"ann"`) {
		t.Errorf("got %s", got)
	}
}

func TestExists(t *testing.T) {
	s := newStub(t)
	newAccounts(s, "u1")
	w := newWorld(t, s, false)
	w.want("exists", `{"userIDs":["u1","x","u1"]}`,
		`[{"userID":"u1","exists":true},{"userID":"x","exists":false},{"userID":"u1","exists":true}]`)
}

func TestListStreamsEveryPage(t *testing.T) {
	s := newStub(t)
	newAccounts(s, "a", "b", "c", "d", "e")
	w := newWorld(t, s, false)
	res, err := w.run("list", `{"showNumber":2}`)
	if err != nil || len(res.(value.List)) != 5 {
		t.Fatalf("got %s, %v", text(res), err)
	}
	if n := len(s.sent("/user/get_users")); n != 3 || len(w.warnings) != 0 {
		t.Errorf("%d pages, warnings %q", n, w.warnings)
	}
	res, err = w.run("list", `{"showNumber":2,"limit":3}`)
	if err != nil || len(res.(value.List)) != 3 || len(s.sent("/user/get_users")) != 5 {
		t.Errorf("limit: %s, %v", text(res), err)
	}
}

func TestListEndsWithAnErrorWhenTheServerRepeatsItself(t *testing.T) {
	s := newStub(t)
	s.gives("/user/get_users", value.NewObject("total", int64(100), "users", value.List{value.NewObject("userID", "a")}))
	w := newWorld(t, s, false)
	w.refused("list", `{}`, fault.API, "repeats itself")
}

func TestListWarnsOfAnotherTotal(t *testing.T) {
	s := newStub(t)
	a := newAccounts(s, "a", "b", "c")
	s.on("/user/get_users", func(body *value.Object) (any, error) {
		got, err := a.page(body)
		got.(*value.Object).Set("total", int64(4))
		return got, err
	})
	w := newWorld(t, s, false)
	res, err := w.run("list", `{"showNumber":2}`)
	if err != nil || len(res.(value.List)) != 3 || len(w.warnings) != 1 || !strings.Contains(w.warnings[0], "counts 4 accounts, and 3 were listed") {
		t.Errorf("got %s, %v, warnings %q", text(res), err, w.warnings)
	}
}

func TestListSystem(t *testing.T) {
	s := newStub(t)
	newAccounts(s, "a", "imAdmin")
	s.gives("/user/get_all_users_uid", value.NewObject("total", int64(2), "userIDs", value.List{"a", "imAdmin"}))
	w := newWorld(t, s, false)
	res, err := w.run("list", `{"system":true}`)
	if err != nil || len(res.(value.List)) != 2 {
		t.Errorf("got %s, %v", text(res), err)
	}
}

func TestFind(t *testing.T) {
	for _, c := range []struct{ fields, sent string }{
		{`{"keyword":"a.b"}`, `"userID":"a\\.b","nickName":"a\\.b"`},
		{`{"nickname":"Li (Wei)","exact":true}`, `"nickName":"^(?:Li \\(Wei\\))$"`},
		{`{"userID":"^a.*","regex":true}`, `"userID":"^a.*"`},
	} {
		s := newStub(t)
		newAccounts(s, "a", "b")
		w := newWorld(t, s, false)
		if res, err := w.run("find", c.fields); err != nil || len(res.(value.List)) != 2 {
			t.Errorf("%s: %s, %v", c.fields, text(res), err)
		}
		if got := text(s.sent("/user/get_users")[0]); !strings.Contains(got, c.sent) {
			t.Errorf("%s sent %s, want %s", c.fields, got, c.sent)
		}
	}
	w := newWorld(t, newStub(t), false)
	w.refused("find", `{}`, fault.Usage, "missing field keyword")
	w.refused("find", `{"keyword":"a","userID":"b"}`, fault.Usage, "alone")
	w.refused("find", `{"keyword":"a","via":"caht"}`, fault.Usage, "did you mean chat")
	w.refused("find", `{"keyword":"a","via":"chat"}`, fault.Unsupported, "no chat server")
}

func TestFindThroughTheChatServer(t *testing.T) {
	s := newStub(t)
	s.gives("/chatapi/user/search/full", value.NewObject("total", int64(1), "users", value.List{
		value.NewObject("userID", "u1", "nickname", "Ann", "email", "a@x", "password", "hash")}))
	w := newWorld(t, s, true)
	res, err := w.run("find", `{"keyword":"a@x","via":"chat"}`)
	if err != nil || !strings.Contains(text(res), `"email":"a@x"`) || strings.Contains(text(res), "hash") {
		t.Errorf("got %s, %v", text(res), err)
	}
}

func TestCount(t *testing.T) {
	s := newStub(t)
	newAccounts(s, "a", "b")
	s.gives("/user/get_all_users_uid", value.NewObject("total", int64(7), "userIDs", value.List{"a"}))
	w := newWorld(t, s, false)
	w.want("count", `{}`, `{"count":2,"of":"ordinary accounts"}`)
	w.want("count", `{"system":true}`, `{"count":7,"of":"accounts of all levels"}`)
	w.refused("count", `{"system":true,"keyword":"x"}`, fault.Usage, "ordinary accounts only")
}
