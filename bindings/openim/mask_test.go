package openim

import (
	"encoding/json"
	"strings"
	"testing"
)

const jwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJVc2VySUQiOiJpbUFkbWluIn0.4f_3-xyzABC"

func TestMask(t *testing.T) {
	inner, _ := json.Marshal(map[string]string{"password": `p"w\`, "name": "n"})
	nested, _ := json.Marshal(map[string]string{"data": string(inner)})
	twice, _ := json.Marshal(map[string]string{"data": string(nested)})
	for _, row := range []struct {
		name, text, want string
		secrets          []string
	}{
		{"nothing", "plain text: a, b", "plain text: a, b", nil},
		{"empty secret", `{"secret":"","a":"abc"}`, `{"secret":"","a":"abc"}`, []string{""}},
		{"secret", "x openIM123 y openIM123", "x *** y ***", []string{"openIM123"}},
		{"secret in JSON form", `{"a":"q\"uo\\te"}`, `{"a":"***"}`, []string{`q"uo\te`}},
		{"secret in URL form", "a=p%40ss+w&b", "a=***&b", []string{"p@ss w"}},
		{"short secret", "a banana a, ba", "*** banana ***, ba", []string{"a"}},
		{"longer secret first", "abcdef", "***", []string{"abcd", "abcdef"}},
		{"members", `{"token":"a","Secret" : "b","newPassword":"c","name":"d"}`, `{"token":"***","Secret" : "***","newPassword":"***","name":"d"}`, nil},
		{"chat", `{"adminToken":"a","imToken":"b","chatToken":"c"}`, `{"adminToken":"***","imToken":"***","chatToken":"***"}`, nil},
		{"escaped quote in a value", `{"password":"a\"b\\","x":1}`, `{"password":"***","x":1}`, nil},
		{"number, null, bool", `{"password":12,"token":null,"secret":true}`, `{"password":"***","token":null,"secret":"***"}`, nil},
		{"list", `{"tokens":["a]","b"],"x":[1]}`, `{"tokens":"***","x":[1]}`, nil},
		{"object", `{"token":{"token":"a","b":"c"}}`, `{"token":{"token":"***","b":"c"}}`, nil},
		{"cut value", `{"token":"abc`, `{"token":"***"`, nil},
		{"cut list", `{"tokens":["abc","de`, `{"tokens":"***"`, nil},
		{"cut before the value", `{"token":`, `{"token":`, nil},
		{"JSON in a string", string(nested), `{"data":"{\"name\":\"n\",\"password\":\"***\"}"}`, nil},
		{"JSON in a string in a string", string(twice), `{"data":"{\"data\":\"{\\\"name\\\":\\\"n\\\",\\\"password\\\":\\\"***\\\"}\"}"}`, nil},
		{"the end of the string around", `"token\":\"abc"`, `"token\":\"***\""`, nil},
		{"empty at the end of the string around", `"token\":\""`, `"token\":\""`, nil},
		{"JWT", "bad token " + jwt + ".", "bad token ***.", nil},
		{"cut JWT", jwt[:30], "***", nil},
		{"JWT in an address", "ws://h:10001/?sendID=a&x=" + jwt + "&b=1", "ws://h:10001/?sendID=a&x=***&b=1", nil},
		{"query", "http://h/?token=abc&a=1", "http://h/?token=***&a=1", nil},
		{"base64 of a message content", `{"content":"eyJjb250ZW50IjoiaGkifQ=="}`, `{"content":"eyJjb250ZW50IjoiaGkifQ=="}`, nil},
		{"address", "mongodb://root:openIM123@h:27017/x", "mongodb://root:***@h:27017/x", nil},
		{"address with @ in the password", "redis://:p@ss@h:1", "redis://:***@h:1", nil},
		{"address without a password", "http://h:10002/a:b@c", "http://h:10002/a:b@c", nil},
		{"not a member", `"token" is missing: "x"`, `"token" is missing: "x"`, nil},
		{"text before", `the "token": "x"`, `the "token": "***"`, nil},
	} {
		if got := Mask(row.text, row.secrets...); got != row.want {
			t.Errorf("%s:\n got %s\nwant %s", row.name, got, row.want)
		}
		if got := Mask([]byte(row.text), row.secrets...); got != row.want {
			t.Errorf("%s, bytes: got %s", row.name, got)
		}
	}
}

func TestSnippetShowsNoHalfSecret(t *testing.T) {
	for size := 8000; size < 8900; size += 7 {
		text := `{"a":"` + strings.Repeat("x", size) + `","t":"` + testSecret + `","token":"abcdefghijk","j":"` + jwt + `"` + strings.Repeat(" ", 10000)
		for _, limit := range []int{shown, 512, size, size + 20} {
			got := snippet([]byte(text), limit, []string{testSecret})
			for _, bad := range []string{"openI", "abcd", "eyJhbG"} {
				if strings.Contains(got, bad) {
					t.Fatalf("size %d, limit %d: …%s", size, limit, got[max(0, len(got)-60):])
				}
			}
		}
	}
	// A window that masking shrinks below the limit ends in the middle of a secret.
	text := `{"token":"` + strings.Repeat("y", 1<<10) + `","s":" openI`
	body := []byte(text + "M123" + strings.Repeat("z", 20000))
	for cut := range 12 {
		got := snippet(body, len(text)-1<<10-6+cut, []string{testSecret})
		if strings.Contains(got, "ope") {
			t.Errorf("cut %d: %s", cut, got)
		}
	}
}

func FuzzMask(f *testing.F) {
	f.Add(`{"token":"a\"b","x":{"password":["a"]}}`, "openIM123")
	f.Add(`{\"token\":\"`+jwt, "")
	f.Add(`"token\":\""`, "")
	f.Fuzz(func(t *testing.T, text, secret string) {
		once := Mask(text, secret)
		if len(secret) >= 4 && !strings.Contains(Masked, secret) && !strings.Contains(secret, "*") && strings.Contains(once, secret) &&
			!strings.ContainsAny(secret, "\"\\:,@/?&=[]{} ") {
			t.Errorf("%q is left in %q", secret, once)
		}
		if json.Valid([]byte(text)) && secret == "" && !strings.Contains(text, "://") && !strings.ContainsAny(text, "?&") && !strings.Contains(text, "eyJ") && !json.Valid([]byte(once)) {
			t.Errorf("%q became %q, which is no JSON", text, once)
		}
	})
}
