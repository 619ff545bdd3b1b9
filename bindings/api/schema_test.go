package api

import (
	"slices"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings/value"
)

func loaded(t testing.TB) *schema {
	s, err := parseSchema(schemaJSON)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sample is a value that a field takes.
func (s *schema) sample(f field, depth int) any {
	if f.Repeated {
		return value.List{s.sample(f.single(), depth)}
	}
	switch f.Type {
	case "string":
		return "x"
	case "bool":
		return true
	case "message":
		return s.sampleOf(s.fields(f.Message), depth+1)
	case "map":
		if f.Message == "any" {
			return value.NewObject("k", value.List{value.Null{}, int64(1)})
		}
		return value.NewObject("k", s.sample(elementOf(s, f), depth+1))
	}
	return int64(1)
}

func (s *schema) sampleOf(fields []field, depth int) *value.Object {
	o := value.NewObject()
	for _, f := range fields {
		if depth < 4 {
			o.Set(f.Name, s.sample(f, depth))
		}
	}
	return o
}

// TestEveryEndpoint builds a good request for each endpoint out of the schema, and then spoils it field by field.
func TestEveryEndpoint(t *testing.T) {
	s := loaded(t)
	if len(s.Endpoints) != 153 {
		t.Fatalf("%d endpoints", len(s.Endpoints))
	}
	for _, e := range s.Endpoints {
		good := s.sampleOf(e.Request.Fields, 0)
		out, err := s.check(e, good)
		if err != nil {
			t.Errorf("%s: %v", e.Path, err)
			continue
		}
		if value.Text(out) != value.Text(good) {
			t.Errorf("%s: %s became %s", e.Path, value.Text(good), value.Text(out))
		}
		s.spoil(t, e, e.Request.Fields, "", nil)
		for _, name := range e.Required {
			s.drop(t, e, name)
		}
		if _, err := s.find(e.Path+"sx", ""); err == nil || !strings.Contains(err.Error(), "did you mean ") {
			t.Errorf("%ssx: %v", e.Path, err)
		}
	}
}

// spoil misspells and mistypes each field, down to those of nested objects.
func (s *schema) spoil(t *testing.T, e *endpoint, fields []field, path string, at []field) {
	for _, f := range fields {
		place := join(path, f.Name)
		if f.Repeated && f.Type == "message" {
			place += "[1]"
		}
		wrongName := s.with(e, at, f, func(o *value.Object) {
			v, _ := o.Get(f.Name)
			o.Delete(f.Name)
			o.Set(f.Name+"x", v)
		})
		if _, err := s.check(e, wrongName); err == nil || !strings.Contains(err.Error(), "unknown field "+join(path, f.Name)+"x; did you mean ") {
			t.Errorf("%s: misspelt %s: %v", e.Path, place, err)
		}
		bad := any(int64(1))
		if strings.Contains(f.Type, "int") && !f.Repeated {
			bad = "1"
		}
		wrongType := s.with(e, at, f, func(o *value.Object) { o.Set(f.Name, bad) })
		if _, err := s.check(e, wrongType); err == nil || !strings.Contains(err.Error(), join(path, f.Name)+": want ") {
			t.Errorf("%s: mistyped %s: %v", e.Path, place, err)
		}
		if f.Type == "message" && len(at) < 2 {
			s.spoil(t, e, s.fields(f.Message), place, append(slices.Clone(at), f))
		}
	}
}

// with is a good request changed by edit in the object that the path of fields leads to.
func (s *schema) with(e *endpoint, at []field, _ field, edit func(*value.Object)) *value.Object {
	root := s.sampleOf(e.Request.Fields, 0)
	o := root
	for _, f := range at {
		v, _ := o.Get(f.Name)
		if l, ok := v.(value.List); ok {
			v = l[0]
		}
		o = v.(*value.Object)
	}
	edit(o)
	return root
}

func (s *schema) drop(t *testing.T, e *endpoint, name string) {
	root := s.sampleOf(e.Request.Fields, 0)
	o := root
	parent, last, nested := strings.Cut(name, ".")
	if nested {
		v, _ := root.Get(parent)
		o = v.(*value.Object)
	} else {
		last = name
	}
	for _, empty := range []any{nil, value.Null{}} {
		if o.Set(last, empty); empty == nil {
			o.Delete(last)
		}
		if _, err := s.check(e, root); err == nil || !strings.Contains(err.Error(), "missing field "+name) {
			t.Errorf("%s without %s: %v", e.Path, name, err)
		}
	}
}

func TestCheck(t *testing.T) {
	s := loaded(t)
	for _, c := range []struct{ path, body, want, say string }{
		{"/user/user_register", `{"users":[{"userID":"a","nickname":"n"},{"userId":"b","nickname":"n"}]}`, "", "unknown field users[2].userId; did you mean userID?"},
		{"/user/get_users_info", `{"userIDs":[]}`, `{"userIDs":[]}`, ""},
		{"/user/get_users_info", `{"userIDs":{}}`, `{"userIDs":[]}`, ""},
		{"/user/get_users_info", `{"userIDs":["a",null]}`, "", "userIDs[2]: want a string, got null"},
		{"/user/get_users_info", `{"userIDs":"a"}`, "", `userIDs: want a list of string, got the string "a"`},
		{"/user/get_users_info", `{"userIDs":null}`, "", "missing field userIDs"},
		{"/user/update_user_info_ex", `{"userInfo":{"userID":"a","nickname":null,"ex":""}}`, `{"userInfo":{"userID":"a","nickname":null,"ex":""}}`, ""},
		{"/user/update_user_info_ex", `{"userInfo":[]}`, "", "missing field userInfo.userID"},
		{"/user/set_user_client_config", `{"userID":"a","configs":[]}`, `{"userID":"a","configs":{}}`, ""},
		{"/user/set_user_client_config", `{"userID":"a","configs":{"k":1}}`, "", "configs.k: want a string"},
		{"/user/get_users", `{"pagination":{"pageNumber":1}}`, "", "showNumber"},
		{"/user/get_users", `{"pagination":{"pageNumber":0,"showNumber":1}}`, "", "pagination.pageNumber is empty"},
		{"/user/get_users", `{"pagination":{"pageNumber":-1,"showNumber":1}}`, "", "pagination.pageNumber >= 1, got -1"},
		{"/user/get_users", `{"pagination":{"pageNumber":2147483648,"showNumber":1}}`, "", "from -2147483648 to 2147483647"},
		{"/group/mute_group_member", `{"groupID":"g","userID":"u","mutedSeconds":-1}`, "", "mutedSeconds: want a whole number of 0 or more"},
		{"/group/get_full_group_member_user_ids", `{"groupID":"g","idHash":18446744073709551615}`, `{"groupID":"g","idHash":18446744073709551615}`, ""},
		{"/group/get_full_group_member_user_ids", `{"groupID":"g","idHash":18446744073709551616}`, "", "idHash: want a whole number"},
		{"/msg/revoke_msg", `{"conversationID":"c","seq":9007199254740993,"userID":"u"}`, `{"conversationID":"c","seq":9007199254740993,"userID":"u"}`, ""},
		{"/msg/revoke_msg", `{"conversationID":"c","seq":"1","userID":"u"}`, "", `seq: want a whole number`},
		{"/msg/revoke_msg", `{"conversationID":"c","seq":1.5,"userID":"u"}`, "", `seq: want a whole number, got the number 1.5`},
		{"/msg/revoke_msg", `{"conversationID":"","seq":1,"userID":"u"}`, "", "field conversationID is empty"},
		{"/msg/send_msg", `{"sendID":"a","contentType":101,"sessionType":1,"content":{"content":"x"}}`, "", "missing field recvID: it is needed when sessionType is 1"},
		{"/msg/send_msg", `{"sendID":"a","contentType":101,"sessionType":3,"content":{"content":"x"}}`, "", "missing field groupID"},
		{"/msg/send_msg", `{"sendID":"a","recvID":"b","contentType":110,"sessionType":1,"content":{"data":[],"x":{"y":null}}}`, `{"sendID":"a","recvID":"b","contentType":110,"sessionType":1,"content":{"data":[],"x":{"y":null}}}`, ""},
		{"/msg/mark_msgs_as_read", `{"conversationID":"c","seqs":[1,0],"userID":"u"}`, "", "holds a 0"},
		{"/auth/force_logout", `{"platformID":13,"userID":"u"}`, "", "platformID >= 1 and <= 12, got 13"},
		{"/msg/get_server_time", `{"x":1}`, "", "there are none here"},
		{"/group/create_group", `{"groupinfo":{},"owner":1}`, "", "did you mean groupInfo?; unknown field owner; did you mean ownerUserID?; missing field groupInfo"},
	} {
		body, err := value.Parse([]byte(c.body))
		if err != nil {
			t.Fatal(err)
		}
		e, err := s.find(c.path, "")
		if err != nil {
			t.Fatal(err)
		}
		out, err := s.check(e, body.(*value.Object))
		switch {
		case c.say != "" && (err == nil || !strings.Contains(err.Error(), c.say)):
			t.Errorf("%s %s: %v, want %q", c.path, c.body, err, c.say)
		case c.say == "" && err != nil:
			t.Errorf("%s %s: %v", c.path, c.body, err)
		case c.say == "" && value.Text(out) != c.want:
			t.Errorf("%s %s: sends %s", c.path, c.body, value.Text(out))
		}
	}
}

func TestTooMany(t *testing.T) {
	s := loaded(t)
	ids := make(value.List, 1001)
	for i := range ids {
		ids[i] = "x"
	}
	e, _ := s.find("/group/kick_group", "")
	_, err := s.check(e, value.NewObject("groupID", "g", "kickedUserIDs", ids))
	if err == nil || !strings.Contains(err.Error(), "kickedUserIDs: 1001 entries; the server takes 1000") {
		t.Error(err)
	}
}

func TestFind(t *testing.T) {
	s := loaded(t)
	for _, c := range []struct{ path, method, found, say string }{
		{"/group/create_group", "", "/group/create_group", ""},
		{"/object/alice/a.png", "GET", "/object/*name", ""},
		{"/object/alice/a.png", "", "", "no endpoint"},
		{"/group/creat_group", "", "", "did you mean /group/create_group?"},
		{"group/create_group", "", "", "did you mean /group/create_group?"},
		{"/Group/Create_Group", "", "", "did you mean /group/create_group?"},
		{"", "", "", "no endpoint"},
	} {
		e, err := s.find(c.path, c.method)
		if err == nil && (c.say != "" || e.Path != c.found) || err != nil && (c.say == "" || !strings.Contains(err.Error(), c.say)) {
			t.Errorf("%s: %v, %v", c.path, e, err)
		}
	}
	for path, foreign := range map[string]bool{"/x": true, "/echo": true, "/grup/create_group": false, "/user/x": false, "/restart": false, "x": false, "": false} {
		if s.foreign(path) != foreign {
			t.Errorf("foreign(%q) is not %v", path, foreign)
		}
	}
}

// FuzzCheck: no request makes the check fail by itself, and what it passes it passes again unchanged.
func FuzzCheck(f *testing.F) {
	s := loaded(f)
	for i, body := range []string{`{}`, `{"users":[{"userID":"a"}]}`, `{"pagination":{"pageNumber":1e3,"showNumber":null}}`, `{"content":{"a":[[]]}}`, `{"seqs":[0,-0,1e400]}`, `{"userInfo":[]}`} {
		f.Add(uint8(i*20), body)
	}
	f.Fuzz(func(t *testing.T, n uint8, text string) {
		plain, err := value.Parse([]byte(text))
		body, ok := plain.(*value.Object)
		if err != nil || !ok {
			return
		}
		e := s.Endpoints[int(n)%len(s.Endpoints)]
		out, err := s.check(e, body)
		if err != nil {
			return
		}
		again, err := s.check(e, out)
		if err != nil || value.Text(again) != value.Text(out) {
			t.Fatalf("%s %s: then %s, %v", e.Path, value.Text(out), value.Text(again), err)
		}
		if _, err := value.Parse([]byte(value.Text(out))); err != nil {
			t.Fatal(err)
		}
	})
}
