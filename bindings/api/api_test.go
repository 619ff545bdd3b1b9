package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/convert"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

func TestCall(t *testing.T) {
	userToken := call{"/auth/get_user_token", `{"userID":"u1","platformID":5}`, `{"token":"ut"}`}
	runAll(t, []step{
		{name: "data", op: "call", params: `{"path":"/group/get_groups_info","body":{"groupIDs":["g1"]}}`,
			calls: []call{{"/group/get_groups_info", `{"groupIDs":["g1"]}`, `{"groupInfos":[],"x":{},"n":null,"big":18446744073709551615}`}},
			want:  `{"groupInfos":[],"x":{},"n":null,"big":18446744073709551615}`},
		{name: "no data, no body", op: "call", params: `{"path":"/msg/get_server_time"}`, calls: []call{{"/msg/get_server_time", `{}`, ""}}},
		{name: "an array", op: "call", params: `{"path":"/user/get_users_online_status","body":{"userIDs":["a"]}}`, calls: []call{{"/user/get_users_online_status", "", `[{"status":0}]`}}, want: `[{"status":0}]`},
		{name: "the server's error", op: "call", params: `{"path":"/group/dismiss_group","body":{"groupID":"g1"}}`, calls: []call{{"/group/dismiss_group", "", "!1204 DismissedAlreadyError"}}, kind: fault.API, say: "DismissedAlreadyError (errCode 1204)"},
		{name: "as a user", op: "call", params: `{"path":"/msg/get_server_time","userID":"u1","platformID":5}`, calls: []call{userToken, {"/msg/get_server_time", "", `{"serverTime":1}`}}, want: `{"serverTime":1}`},
		{name: "raw", op: "call", params: `{"path":"/grup/x","body":{"userId":1},"raw":true}`, calls: []call{{"/grup/x", `{"userId":1}`, `{}`}}},
		{name: "unknown path", op: "call", params: `{"path":"/grup/create_group"}`, kind: fault.Usage, say: "did you mean /group/create_group?"},
		{name: "path of another server", op: "call", params: `{"path":"/x"}`, kind: fault.Usage, say: "raw=true"},
		{name: "unknown field", op: "call", params: `{"path":"/group/dismiss_group","body":{"groupId":"g"}}`, kind: fault.Usage, say: "did you mean groupID?"},
		{name: "GET with a body", op: "call", params: `{"path":"/third/prometheus","body":{"a":1}}`, kind: fault.Usage, say: "takes no body"},
		{name: "wrong method", op: "call", params: `{"path":"/group/get_groups","method":"GET"}`, kind: fault.Usage, say: "is a POST, not a GET"},
		{name: "a pattern", op: "call", params: `{"path":"/object/*name"}`, kind: fault.Usage, say: "method"},
		{name: "no platform", op: "call", params: `{"path":"/msg/get_server_time","userID":"u1"}`, kind: fault.Usage, say: "platformID"},
		{name: "platform alone", op: "call", params: `{"path":"/msg/get_server_time","platformID":5}`, kind: fault.Usage, say: "userID"},
		{name: "two tokens", op: "call", params: `{"path":"/msg/get_server_time","userID":"u1","as":"t"}`, kind: fault.Usage, say: "one token"},
		{name: "a blank token is not the admin's", op: "call", params: `{"path":"/msg/get_server_time","as":""}`, kind: fault.Usage, say: "blank"},
		{name: "a blank user is not the admin", op: "call", params: `{"path":"/msg/get_server_time","userID":"","platformID":5}`, kind: fault.Usage, say: "blank"},
		{name: "no token for the user", op: "call", params: `{"path":"/msg/get_server_time","userID":"u1","platformID":5}`, calls: []call{{"/auth/get_user_token", "", "!1004 RecordNotFoundError"}}, kind: fault.NotFound},
	})
}

func TestPost(t *testing.T) {
	runAll(t, []step{
		{name: "good", op: "post", params: `{"path":"/group/get_groups_info","body":{"groupIDs":[]}}`, calls: []call{{"/group/get_groups_info", `{"groupIDs":[]}`, `{"groupInfos":null}`}},
			want: `{"errCode":0,"errMsg":"","errDlt":"","data":{"groupInfos":null},"status":200}`},
		{name: "an error is a result", op: "post", params: `{"path":"/group/dismiss_group","body":{"groupID":"g"}}`, calls: []call{{"/group/dismiss_group", "", "!1204 DismissedAlreadyError"}},
			want: `{"errCode":1204,"errMsg":"DismissedAlreadyError"}`},
		{name: "a user's bad token is a result", op: "post", params: `{"path":"/msg/get_server_time","as":"bad"}`, calls: []call{{"/msg/get_server_time", "", "!1503 TokenMalformedError"}}, want: `{"errCode":1503}`},
		{name: "a bad token to look at is a result", op: "post", params: `{"path":"/auth/parse_token","body":{"token":"bad"}}`, calls: []call{{"/auth/parse_token", "", "!1503 TokenMalformedError"}}, want: `{"errCode":1503}`},
		{name: "what the schema refuses", op: "post", params: `{"path":"/group/dismiss_group","body":{}}`, kind: fault.Usage, say: "missing field groupID"},
		{name: "what the server refuses", op: "post", params: `{"path":"/group/dismiss_group","body":{},"raw":true}`, calls: []call{{"/group/dismiss_group", `{}`, "!1001 ArgsError"}}, want: `{"errCode":1001}`},
		{name: "a path of its own", op: "post", params: `{"path":"/x","body":{"a":{},"b":[]}}`, calls: []call{{"/x", `{"a":{},"b":[]}`, `1`}}, want: `{"data":1}`},
		{name: "a misspelt path", op: "post", params: `{"path":"/user/get_user_info"}`, kind: fault.Usage, say: "did you mean"},
	})
}

func TestTokenAndQueryOnTheWire(t *testing.T) {
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, fmt.Sprint(r.Method, " ", r.URL.RequestURI(), " ", r.Header.Get("token")))
		if r.URL.Path == "/third/prometheus" {
			http.Redirect(w, r, "http://grafana/", http.StatusFound)
			return
		}
		fmt.Fprint(w, `{"errCode":0}`)
	}))
	defer server.Close()
	e := env(t, nil, nil)
	e.API = openim.New(openim.Config{API: openim.Setting{Value: server.URL}})
	defer e.API.Close()
	if _, err := invoke(t, e, "call", `{"path":"/msg/send_simple_msg","body":{"content":"x"},"urlQuery":{"key":"a+b="},"as":"usertoken"}`); err != nil {
		t.Error(err)
	}
	v, err := invoke(t, e, "call", `{"path":"/third/prometheus"}`)
	if err != nil || value.Text(v) != `{"status":302,"location":"http://grafana/"}` {
		t.Errorf("%s, %v", value.Text(v), err)
	}
	if len(got) != 2 || got[0] != "POST /msg/send_simple_msg?key=a%2Bb%3D usertoken" || !strings.HasPrefix(got[1], "GET /third/prometheus") {
		t.Errorf("%q", got)
	}
}

func TestEffects(t *testing.T) {
	op, _ := Area().Find("call")
	user := "u1"
	for _, c := range []struct {
		p    CallParams
		want bindings.Effect
	}{
		{CallParams{Path: "/group/get_groups"}, bindings.Read},
		{CallParams{Path: "/group/get_groups", UserID: &user}, bindings.Write},
		{CallParams{Path: "/group/create_group"}, bindings.Write},
		{CallParams{Path: "/group/dismiss_group"}, bindings.Destroy},
		{CallParams{Path: "/msg/delete_msgs"}, bindings.Destroy},
		{CallParams{Path: "/msg/user_clear_all_msg"}, bindings.Destroy},
		{CallParams{Path: "/third/logs/delete"}, bindings.Destroy},
		{CallParams{Path: "/restart"}, bindings.Destroy},
		{CallParams{Path: "/object/x", Method: "GET"}, bindings.Read},
		{CallParams{Path: "/unknown"}, bindings.Write},
	} {
		if got := op.EffectOf(&c.p); got != c.want {
			t.Errorf("%s: %s, want %s", c.p.Path, got, c.want)
		}
	}
	e := env(t, nil, nil)
	e.Target.ReadOnly = true
	if _, err := invoke(t, e, "call", `{"path":"/group/dismiss_group","body":{"groupID":"g"}}`); err == nil || err.Kind != fault.Denied {
		t.Errorf("read-only: %v", err)
	}
}

func TestEndpointsAndDescribe(t *testing.T) {
	all, err := invoke(t, env(t, nil, nil), "endpoints", `{}`)
	if err != nil || len(all.(value.List)) != 153 {
		t.Errorf("%d, %v", len(all.(value.List)), err)
	}
	runAll(t, []step{
		{name: "by text", op: "endpoints", params: `{"filter":"MUTE_GROUP_m"}`, want: `[{"path":"/group/mute_group_member","effect":"write","fields":["groupID*","userID*","mutedSeconds*"]},{"path":"/group/cancel_mute_group_member"}]`},
		{name: "by area", op: "endpoints", params: `{"area":"jssdk"}`, want: `[{"effect":"read"},{"effect":"read"}]`},
		{name: "no such area", op: "endpoints", params: `{"area":"grop"}`, kind: fault.Usage, say: "did you mean group?"},
		{name: "nested fields", op: "describe", params: `{"path":"/friend/is_friend"}`,
			want: `{"method":"POST","access":"self or admin","effect":"read","request":[{"name":"userID1","type":"string","required":true},{"name":"userID2"}],"response":[{"name":"inUser1Friends","type":"bool"},{}]}`},
		{name: "misspelt", op: "describe", params: `{"path":"/friend/is_frend"}`, kind: fault.Usage, say: "did you mean /friend/is_friend?"},
	})
	op, _ := Area().Find("describe")
	idle := env(t, nil, nil)
	for _, e := range loaded(t).Endpoints {
		if _, err := op.Invoke(t.Context(), idle, &DescribeParams{Path: e.Path}); err != nil {
			t.Errorf("%s: %v", e.Path, err)
		}
	}
}

// TestExactInLua runs the cases of big integers and of empty values as scripts see them.
func TestExactInLua(t *testing.T) {
	var bodies []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/auth/get_admin_token":
			fmt.Fprint(w, `{"errCode":0,"data":{"token":"t"}}`)
			return
		case "/x":
			fmt.Fprint(w, `{"errCode":0,"data":{"seq":9007199254740993,"max":9223372036854775807,"ex":"1513407461112281552","a":[],"b":{},"c":null,"d":["u1",null,"u3"]}}`)
			return
		}
		bodies = append(bodies, string(body))
		fmt.Fprint(w, `{"errCode":0}`)
	}))
	defer server.Close()
	e := env(t, nil, nil)
	e.API = openim.New(openim.Config{API: openim.Setting{Value: server.URL}, AdminUserID: "imAdmin", Secret: openim.Secret{Get: func(context.Context) (string, error) { return "secret", nil }}})
	defer e.API.Close()
	L := lua.NewState()
	defer L.Close()
	conv := convert.New(L)
	table := L.NewTable()
	for _, op := range Area().All() {
		table.RawSetString(op.Name, L.NewFunction(func(L *lua.LState) int {
			args := make([]any, L.GetTop())
			for i := range args {
				args[i], _ = conv.FromLua(L.Get(i + 1))
			}
			fields, err := op.Arguments(args)
			var p, result any
			if err == nil {
				p, err = op.Bind(fields)
			}
			if err == nil {
				result, err = op.Invoke(t.Context(), e, p)
			}
			if err != nil {
				L.RaiseError("%s", err.Error())
			}
			L.Push(conv.ToLua(value.From(result)))
			return 1
		}))
	}
	L.SetGlobal("api", table)
	L.SetGlobal("null", conv.Null)
	err := L.DoString(`
		local d = api.post("/x", {}).data
		assert(tostring(d.seq) .. " " .. tostring(d.max) .. " " .. d.ex == "9007199254740993 9223372036854775807 1513407461112281552")
		api.post("/echo", {seq = d.seq, max = d.max})
		assert(#d.a == 0 and #d.d == 3 and d.c == null)
		api.post("/echo", {a = d.a, b = d.b, c = d.c, d = d.d})
		api.post("/user/get_users_info", {userIDs = {}})
		api.call("/user/set_user_client_config", {userID = "u", configs = {}})
		api.call{path = "/msg/get_server_time", body = {}}
		api.call("/msg/get_server_time", {}, {raw = true})
		assert(api.post("/echo", {}).data == nil and api.call("/msg/get_server_time") == nil)`)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		`{"seq":9007199254740993,"max":9223372036854775807}`, `{"a":[],"b":{},"c":null,"d":["u1",null,"u3"]}`,
		`{"userIDs":[]}`, `{"userID":"u","configs":{}}`, `{}`, `{}`,
	} {
		if i >= len(bodies) || !sameJSON(bodies[i], want) {
			t.Errorf("body %d: %v, want %s", i, bodies, want)
		}
	}
}
