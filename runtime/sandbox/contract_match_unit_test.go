package sandbox

import (
	"net/http"
	"strconv"
	"testing"
	"time"
)

// TestMatcher shows that the matcher takes right answers and, above all, refuses
// wrong ones.
func TestMatcher(t *testing.T) {
	now := time.Now()
	ms := strconv.FormatInt(now.UnixMilli(), 10)
	today := now.UTC().Format(time.DateOnly)
	tests := []struct {
		name, want, got string
		ok              bool
	}{
		{"partial object", `{"a":1}`, `{"a":1,"b":2}`, true},
		{"missing key", `{"a":1}`, `{"b":1}`, false},
		{"wrong value", `{"a":1}`, `{"a":2}`, false},
		{"object for scalar", `{"a":1}`, `{"a":{"x":1}}`, false},
		{"number as string", `{"a":1}`, `{"a":"1"}`, false},
		{"string as number", `{"a":"1"}`, `{"a":1}`, false},
		{"64-bit exact", `{"a":9007199254740993}`, `{"a":9007199254740993}`, true},
		{"64-bit one off", `{"a":9007199254740993}`, `{"a":9007199254740992}`, false},
		{"bool", `{"a":true}`, `{"a":false}`, false},
		{"null wanted", `{"a":null}`, `{"a":0}`, false},
		{"null for list", `{"a":null}`, `{"a":[]}`, true},
		{"list any order", `{"l":[1,2]}`, `{"l":[2,1]}`, true},
		{"list too long", `{"l":[1,2]}`, `{"l":[1,2,3]}`, false},
		{"list too short", `{"l":[1,2]}`, `{"l":[1]}`, false},
		{"list distinct partners", `{"l":[{"a":1},{"a":1}]}`, `{"l":[{"a":1},{"a":2}]}`, false},
		{"list needs another pairing", `{"l":["<any>",1]}`, `{"l":[1,2]}`, true},
		{"empty list and null", `{"l":[]}`, `{"l":null}`, true},
		{"empty list and absence", `{"l":[]}`, `{}`, false},
		{"seq right", `{"l":{"$seq":[1,2]}}`, `{"l":[1,2]}`, true},
		{"seq wrong order", `{"l":{"$seq":[1,2]}}`, `{"l":[2,1]}`, false},
		{"seq longer", `{"l":{"$seq":[1,2]}}`, `{"l":[1,2,3]}`, false},
		{"has", `{"l":{"$has":[2]}}`, `{"l":[1,2,3]}`, true},
		{"has not", `{"l":{"$has":[4]}}`, `{"l":[1,2,3]}`, false},
		{"has twice", `{"l":{"$has":[1,1]}}`, `{"l":[1,2]}`, false},
		{"none", `{"l":{"$none":[4]}}`, `{"l":[1,2]}`, true},
		{"none broken", `{"l":{"$none":[{"a":1}]}}`, `{"l":[{"a":1,"b":2}]}`, false},
		{"len", `{"l":{"$len":2}}`, `{"l":[1,2]}`, true},
		{"len wrong", `{"l":{"$len":2}}`, `{"l":[1]}`, false},
		{"len of null", `{"l":{"$len":0}}`, `{"l":null}`, true},
		{"operator on an object", `{"l":{"$len":0}}`, `{"l":{}}`, false},
		{"unknown operator", `{"l":{"$most":[1]}}`, `{"l":[1]}`, false},
		{"any absent", `{"a":"<any>"}`, `{}`, false},
		{"any null", `{"a":"<any>"}`, `{"a":null}`, true},
		{"string", `{"a":"<string>"}`, `{"a":1}`, false},
		{"number", `{"a":"<number>"}`, `{"a":"1"}`, false},
		{"bool wildcard", `{"a":"<bool>"}`, `{"a":0}`, false},
		{"list wildcard", `{"a":"<list>"}`, `{"a":{}}`, false},
		{"nonempty", `{"a":"<nonempty>"}`, `{"a":""}`, false},
		{"empty absent", `{"a":"<empty>"}`, `{}`, true},
		{"empty zero is not empty", `{"a":"<empty>"}`, `{"a":0}`, false},
		{"empty with content", `{"a":"<empty>"}`, `{"a":[1]}`, false},
		{"null wildcard", `{"a":"<null>"}`, `{"a":[]}`, false},
		{"ge", `{"a":"<ge:3>"}`, `{"a":3}`, true},
		{"ge below", `{"a":"<ge:3>"}`, `{"a":2}`, false},
		{"ms-time", `{"a":"<ms-time>"}`, `{"a":` + ms + `}`, true},
		{"ms-time in seconds", `{"a":"<ms-time>"}`, `{"a":` + ms[:10] + `}`, false},
		{"ms-time as string", `{"a":"<ms-time>"}`, `{"a":"` + ms + `"}`, false},
		{"ms-time shifted", `{"a":"<ms-time:3600000>"}`, `{"a":` + ms + `}`, false},
		{"ms-time any", `{"a":"<ms-time:any>"}`, `{"a":1}`, false},
		{"s-time", `{"a":"<s-time:0>"}`, `{"a":` + ms[:10] + `}`, true},
		{"s-time in ms", `{"a":"<s-time:0>"}`, `{"a":` + ms + `}`, false},
		{"token", `{"a":"<token>"}`, `{"a":"x.y-_.z"}`, true},
		{"token two parts", `{"a":"<token>"}`, `{"a":"x.y"}`, false},
		{"json-string", `{"a":"<json-string>"}`, `{"a":"[1]"}`, false},
		{"re", `{"a":"<re:^x+$>"}`, `{"a":"xxy"}`, false},
		{"unknown wildcard", `{"a":"<sometimes>"}`, `{"a":"<sometimes>"}`, false},
		{"day key", `{"<day:0>":1}`, `{"` + today + `":1}`, true},
		{"day key missing", `{"<day:-1>":1}`, `{"` + today + `":1}`, false},
		{"saved", `{"a":"${id}"}`, `{"a":7}`, true},
		{"saved has its type", `{"a":"${id}"}`, `{"a":"7"}`, false},
		{"saved inside text", `{"a":"g${id}"}`, `{"a":"g7"}`, true},
		{"never saved", `{"a":"${other}"}`, `{"a":"${other}"}`, false},
	}
	m := matcher{saved: map[string]any{}, before: now, after: now}
	if err := decodeExact([]byte(`{"id":7}`), &m.saved); err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var want, got any
			if err := decodeExact([]byte(test.want), &want); err != nil {
				t.Fatal(err)
			}
			if err := decodeExact([]byte(test.got), &got); err != nil {
				t.Fatal(err)
			}
			if err := m.match("data", want, got, true); (err == nil) != test.ok {
				t.Errorf("matches: %t, want %t (%v)", err == nil, test.ok, err)
			}
		})
	}
}

func TestMatcherOfWholeAnswers(t *testing.T) {
	good := answer{http.StatusOK, http.Header{"X-A": {"1"}}, []byte(`{"errCode":0,"errMsg":"","errDlt":"","data":{"n":1,"l":null}}`)}
	bare := answer{http.StatusOK, nil, []byte(`{"errCode":1001,"errMsg":"ArgsError","errDlt":"x"}`)}
	text := answer{http.StatusNotFound, nil, []byte("404 page not found\n")}
	tests := []struct {
		name, want string
		got        answer
		ok         bool
	}{
		{"all right", `{"status":200,"errCode":0,"data":{"n":1},"dataKeys":["l"],"absent":["m","m.x"],"headers":{"X-A":"1"}}`, good, true},
		{"status", `{"status":400}`, good, false},
		{"status list", `{"status":[400,200]}`, good, true},
		{"errCode", `{"errCode":1001}`, good, false},
		{"errCode list", `{"errCode":[1004,500]}`, bare, false},
		{"errMsg", `{"errMsg":"Other"}`, bare, false},
		{"noData with data", `{"noData":true}`, good, false},
		{"noData", `{"noData":true}`, bare, true},
		{"data absent", `{"data":{"n":1}}`, bare, false},
		{"dataKeys", `{"dataKeys":["m"]}`, good, false},
		{"absent", `{"absent":["n"]}`, good, false},
		{"header", `{"headers":{"X-A":"2"}}`, good, false},
		{"header missing", `{"headers":{"X-B":"<any>"}}`, good, false},
		{"body", `{"status":404,"body":"404 page not found"}`, text, true},
		{"body differs", `{"body":"404"}`, text, false},
		{"empty body wanted", `{"body":""}`, text, false},
		{"envelope wanted", `{"status":404,"errCode":0}`, text, false},
		{"bodyJson", `{"bodyJson":{"errCode":1001}}`, bare, true},
		{"bodyJson differs", `{"bodyJson":[]}`, bare, false},
		{"oneOf", `{"oneOf":[{"status":500},{"errCode":1001}]}`, bare, true},
		{"oneOf none", `{"oneOf":[{"status":500},{"errCode":1002}]}`, bare, false},
		{"unknown expectation", `{"errcode":0}`, good, false},
		{"no expectation", `{}`, good, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var want map[string]any
			if err := decodeExact([]byte(test.want), &want); err != nil {
				t.Fatal(err)
			}
			m := matcher{before: time.Now(), after: time.Now()}
			if err := m.expect(want, test.got); (err == nil) != test.ok {
				t.Errorf("matches: %t, want %t (%v)", err == nil, test.ok, err)
			}
		})
	}
}

// TestRunnerFailsOnWrongAnswers runs small cases, right and wrong, against a sandbox.
func TestRunnerFailsOnWrongAnswers(t *testing.T) {
	const right = `{"setup":[{"path":"/user/user_register","as":"admin","request":{"users":{"$users":["u",3]}}},
		{"path":"/user/get_users","as":"user:u0","request":{"pagination":{"pageNumber":1,"showNumber":1}},"save":{"first":"data.users.0.userID"}}],
		"call":{"path":"/user/get_users_info","as":"admin","request":{"userIDs":["${first}"]}},
		"expect":{"status":200,"errCode":0,"data":{"usersInfo":[{"userID":"${first}"}]}}}`
	tests := []struct {
		name, line string
		ok         bool
	}{
		{"right", right, true},
		{"setup fails", `{"setup":[{"path":"/user/user_register","as":"admin","request":{}}],"call":{"path":"/user/get_users_info","as":"admin","request":{"userIDs":["x"]}},"expect":{"status":200}}`, false},
		{"wrong code", `{"call":{"path":"/user/get_users_info","as":"admin","request":{"userIDs":["x"]}},"expect":{"errCode":1004}}`, false},
		{"never becomes true", `{"call":{"path":"/user/get_users_info","as":"admin","request":{"userIDs":["x"]}},"expect":{"data":{"usersInfo":{"$len":1}}},"eventually":60}`, false},
		{"no such caller", `{"call":{"path":"/user/get_users_info","as":"user:nobody","request":{}},"expect":{"status":200}}`, false},
		{"header taken away", `{"call":{"path":"/user/get_users_info","as":"admin","headers":{"operationID":null},"request":{}},"expect":{"errDlt":"header must have operationID"}}`, true},
	}
	client := &http.Client{}
	t.Cleanup(client.CloseIdleConnections)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var c contractCase
			if err := decodeExact([]byte(test.line), &c); err != nil {
				t.Fatal(err)
			}
			s := startTest(t, Config{})
			if err := newContractRun(s.Ready(), client).run(t.Context(), c); (err == nil) != test.ok {
				t.Errorf("passes: %t, want %t (%v)", err == nil, test.ok, err)
			}
		})
	}
}
