package api

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/bindingtest"
	"github.com/openimsdk/imctl/bindings/convert"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

func TestDeclarations(t *testing.T) { bindingtest.CheckDeclarations(t, Area()) }

func TestCall(t *testing.T) {
	userToken := bindingtest.Call{"/auth/get_user_token", `{"userID":"u1","platformID":5}`, `{"token":"ut"}`}
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "data", Op: "call", Params: `{"path":"/group/get_groups_info","body":{"groupIDs":["g1"]}}`,
			Calls: []bindingtest.Call{{"/group/get_groups_info", `{"groupIDs":["g1"]}`, `{"groupInfos":[],"x":{},"n":null,"big":18446744073709551615}`}},
			Want:  `{"groupInfos":[],"x":{},"n":null,"big":18446744073709551615}`},
		{Name: "no data, no body", Op: "call", Params: `{"path":"/msg/get_server_time"}`, Calls: []bindingtest.Call{{"/msg/get_server_time", `{}`, ""}}},
		{Name: "an array", Op: "call", Params: `{"path":"/user/get_users_online_status","body":{"userIDs":["a"]}}`, Calls: []bindingtest.Call{{"/user/get_users_online_status", "", `[{"status":0}]`}}, Want: `[{"status":0}]`},
		{Name: "the server's error", Op: "call", Params: `{"path":"/group/dismiss_group","body":{"groupID":"g1"}}`, Calls: []bindingtest.Call{{"/group/dismiss_group", "", "!1204 DismissedAlreadyError"}}, Kind: fault.API, Say: "DismissedAlreadyError (errCode 1204)"},
		{Name: "as a user", Op: "call", Params: `{"path":"/msg/get_server_time","userID":"u1","platformID":5}`, Calls: []bindingtest.Call{userToken, {"/msg/get_server_time", "", `{"serverTime":1}`}}, Want: `{"serverTime":1}`},
		{Name: "raw", Op: "call", Params: `{"path":"/grup/x","body":{"userId":1},"raw":true}`, Calls: []bindingtest.Call{{"/grup/x", `{"userId":1}`, `{}`}}},
		{Name: "unknown path", Op: "call", Params: `{"path":"/grup/create_group"}`, Kind: fault.Usage, Say: "did you mean /group/create_group?"},
		{Name: "path of another server", Op: "call", Params: `{"path":"/x"}`, Kind: fault.Usage, Say: "raw=true"},
		{Name: "unknown field", Op: "call", Params: `{"path":"/group/dismiss_group","body":{"groupId":"g"}}`, Kind: fault.Usage, Say: "did you mean groupID?"},
		{Name: "GET with a body", Op: "call", Params: `{"path":"/third/prometheus","body":{"a":1}}`, Kind: fault.Usage, Say: "takes no body"},
		{Name: "wrong method", Op: "call", Params: `{"path":"/group/get_groups","method":"GET"}`, Kind: fault.Usage, Say: "is a POST, not a GET"},
		{Name: "a pattern", Op: "call", Params: `{"path":"/object/*name"}`, Kind: fault.Usage, Say: "method"},
		{Name: "no platform", Op: "call", Params: `{"path":"/msg/get_server_time","userID":"u1"}`, Kind: fault.Usage, Say: "platformID"},
		{Name: "platform alone", Op: "call", Params: `{"path":"/msg/get_server_time","platformID":5}`, Kind: fault.Usage, Say: "userID"},
		{Name: "two tokens", Op: "call", Params: `{"path":"/msg/get_server_time","userID":"u1","as":"t"}`, Kind: fault.Usage, Say: "one token"},
		{Name: "a blank token is not the admin's", Op: "call", Params: `{"path":"/msg/get_server_time","as":""}`, Kind: fault.Usage, Say: "blank"},
		{Name: "a blank user is not the admin", Op: "call", Params: `{"path":"/msg/get_server_time","userID":"","platformID":5}`, Kind: fault.Usage, Say: "blank"},
		{Name: "no token for the user", Op: "call", Params: `{"path":"/msg/get_server_time","userID":"u1","platformID":5}`, Calls: []bindingtest.Call{{"/auth/get_user_token", "", "!1004 RecordNotFoundError"}}, Kind: fault.NotFound},
	})
}

func TestPost(t *testing.T) {
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "good", Op: "post", Params: `{"path":"/group/get_groups_info","body":{"groupIDs":[]}}`, Calls: []bindingtest.Call{{"/group/get_groups_info", `{"groupIDs":[]}`, `{"groupInfos":null}`}},
			Want: `{"errCode":0,"errMsg":"","errDlt":"","data":{"groupInfos":null},"status":200}`},
		{Name: "an error is a result", Op: "post", Params: `{"path":"/group/dismiss_group","body":{"groupID":"g"}}`, Calls: []bindingtest.Call{{"/group/dismiss_group", "", "!1204 DismissedAlreadyError"}},
			Want: `{"errCode":1204,"errMsg":"DismissedAlreadyError"}`},
		{Name: "a user's bad token is a result", Op: "post", Params: `{"path":"/msg/get_server_time","as":"bad"}`, Calls: []bindingtest.Call{{"/msg/get_server_time", "", "!1503 TokenMalformedError"}}, Want: `{"errCode":1503}`},
		{Name: "a bad token to look at is a result", Op: "post", Params: `{"path":"/auth/parse_token","body":{"token":"bad"}}`, Calls: []bindingtest.Call{{"/auth/parse_token", "", "!1503 TokenMalformedError"}}, Want: `{"errCode":1503}`},
		{Name: "what the schema refuses", Op: "post", Params: `{"path":"/group/dismiss_group","body":{}}`, Kind: fault.Usage, Say: "missing field groupID"},
		{Name: "what the server refuses", Op: "post", Params: `{"path":"/group/dismiss_group","body":{},"raw":true}`, Calls: []bindingtest.Call{{"/group/dismiss_group", `{}`, "!1001 ArgsError"}}, Want: `{"errCode":1001}`},
		{Name: "a path of its own", Op: "post", Params: `{"path":"/x","body":{"a":{},"b":[]}}`, Calls: []bindingtest.Call{{"/x", `{"a":{},"b":[]}`, `1`}}, Want: `{"data":1}`},
		{Name: "a misspelt path", Op: "post", Params: `{"path":"/user/get_user_info"}`, Kind: fault.Usage, Say: "did you mean"},
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
	e := bindingtest.Env(t, nil, nil)
	e.API = openim.New(openim.Config{API: openim.Setting{Value: server.URL}})
	defer e.API.Close()
	if _, err := bindingtest.Invoke(t.Context(), t, Area(), e, "call", `{"path":"/msg/send_simple_msg","body":{"content":"x"},"urlQuery":{"key":"a+b="},"as":"usertoken"}`); err != nil {
		t.Error(err)
	}
	v, err := bindingtest.Invoke(t.Context(), t, Area(), e, "call", `{"path":"/third/prometheus"}`)
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
	e := bindingtest.Env(t, nil, nil)
	e.Target.ReadOnly = true
	if _, err := bindingtest.Invoke(t.Context(), t, Area(), e, "call", `{"path":"/group/dismiss_group","body":{"groupID":"g"}}`); err == nil || err.Kind != fault.Denied {
		t.Errorf("read-only: %v", err)
	}
}

func TestEndpointsAndDescribe(t *testing.T) {
	all, err := bindingtest.Invoke(t.Context(), t, Area(), bindingtest.Env(t, nil, nil), "endpoints", `{}`)
	if err != nil || len(all.(value.List)) != 153 {
		t.Errorf("%d, %v", len(all.(value.List)), err)
	}
	bindingtest.RunAll(t, Area(), []bindingtest.Step{
		{Name: "by text", Op: "endpoints", Params: `{"filter":"MUTE_GROUP_m"}`, Want: `[{"path":"/group/mute_group_member","effect":"write","fields":["groupID*","userID*","mutedSeconds*"]},{"path":"/group/cancel_mute_group_member"}]`},
		{Name: "by area", Op: "endpoints", Params: `{"area":"jssdk"}`, Want: `[{"effect":"read"},{"effect":"read"}]`},
		{Name: "no such area", Op: "endpoints", Params: `{"area":"grop"}`, Kind: fault.Usage, Say: "did you mean group?"},
		{Name: "nested fields", Op: "describe", Params: `{"path":"/friend/is_friend"}`,
			Want: `{"method":"POST","access":"self or admin","effect":"read","request":[{"name":"userID1","type":"string","required":true},{"name":"userID2"}],"response":[{"name":"inUser1Friends","type":"bool"},{}]}`},
		{Name: "misspelt", Op: "describe", Params: `{"path":"/friend/is_frend"}`, Kind: fault.Usage, Say: "did you mean /friend/is_friend?"},
	})
	op, _ := Area().Find("describe")
	idle := bindingtest.Env(t, nil, nil)
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
	e := bindingtest.Env(t, nil, nil)
	e.API = bindingtest.Client(t, server.URL)
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
		if i >= len(bodies) || !bindingtest.SameJSON(bodies[i], want) {
			t.Errorf("body %d: %v, want %s", i, bodies, want)
		}
	}
}
