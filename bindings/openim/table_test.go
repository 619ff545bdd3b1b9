package openim

import (
	"os"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings/fault"
)

// testdata/effects.txt has every path of the message server's API with its effect, judged by what the endpoint does.
func TestWrites(t *testing.T) {
	text, err := os.ReadFile("testdata/effects.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		effect, path, _ := strings.Cut(strings.TrimSpace(line), " ")
		path = strings.TrimSpace(path)
		n++
		if got := Writes(path); got != (effect == "write") || effect != "read" && effect != "write" {
			t.Errorf("%s: Writes is %v, want %s", path, got, effect)
		}
		if !strings.Contains(path, "*") && !knownPath(&endpoint{}, path) {
			t.Errorf("%s is in no known part of the API", path)
		}
	}
	if n != 153 {
		t.Errorf("%d paths", n)
	}
}

func TestWritesChatAndUnknown(t *testing.T) {
	for path, want := range map[string]bool{
		"/account/login": false, "/account/info": false, "/account/search": false, "/account/update": true, "/account/add_user": true,
		"/account/change_password": true, "/account/del_admin": true, "/account/register": true,
		"/user/import/json": true, "/user/allow_register/get": false, "/user/allow_register/set": true, "/default/user/find": false,
		"/default/user/search": false, "/default/group/add": true, "/invitation_code/gen": true, "/invitation_code/search": false,
		"/forbidden/ip/search": false, "/forbidden/user/del": true, "/applet/search": false, "/applet/update": true,
		"/block/add": true, "/block/del": true, "/block/search": false, "/user/password/reset": true, "/client_config/get": false,
		"/client_config/set": true, "/statistic/new_user_count": false, "/application/latest_version": false,
		"/application/page_versions": false, "/application/add_version": true, "/user/find/full": false, "/user/search/public": false,
		"/config/set_configs": true,
		"/":                   true, "/x": true, "/user/full": true, "full": true, "/getaway": true, "/user/delete_user": true,
	} {
		if Writes(path) != want {
			t.Errorf("%s: want %v", path, want)
		}
	}
}

func TestExplain(t *testing.T) {
	seen := map[int]bool{}
	for _, info := range codes() {
		if seen[info.Code] || info.Name == "" || info.Meaning == "" || info.Kind == "" {
			t.Errorf("%+v", info)
		}
		seen[info.Code] = true
	}
	for _, code := range []int{500, 1001, 1002, 1003, 1004, 1101, 1102, 1201, 1202, 1203, 1204, 1205, 1206, 1301, 1302, 1303, 1304, 1305,
		1401, 1402, 1403, 1404, 1501, 1502, 1503, 1504, 1505, 1506, 1507, 1601, 1602, 1603, 1604, 1701, 80000, 90002, 90004, 90007,
		10001, 10014, 20001, 20002, 20003, 20004, 20005, 20009, 20010, 20011, 20012, 20013, 20014, 20101} {
		if info, ok := Explain(code); !ok || info.Meaning == "" || info.Code != code {
			t.Errorf("%d: %+v", code, info)
		}
	}
	if info, ok := Explain(4711); ok || info.Kind != fault.API {
		t.Errorf("%+v", info)
	}
}
