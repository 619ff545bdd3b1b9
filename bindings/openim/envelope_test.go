package openim

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// Every row of SERVER-BEHAVIOUR §2, and what proxies put in the server's place.
func TestEnvelope(t *testing.T) {
	type row struct {
		name   string
		path   string // default /user/get_users
		status int
		ctype  string
		body   string
		kind   fault.Kind // "" = success
		code   int
		words  []string
	}
	rows := []row{
		{name: "success", body: `{"errCode":0,"errMsg":"","errDlt":"","data":{"a":1}}`},
		{name: "success without data", body: `{"errCode":0,"errMsg":"","errDlt":""}`},
		{name: "success with space around", body: " \r\n\t" + strings.Repeat(" ", 100) + `{"errCode":0}` + "\n"},
		{name: "operationID missing", body: `{"errCode":1001,"errMsg":"ArgsError","errDlt":"header must have operationID"}`,
			kind: fault.API, code: 1001, words: []string{"ArgsError", "header must have operationID"}},
		{name: "broken request, lax", body: `{"errCode":1001,"errMsg":"unexpected EOF","errDlt":""}`,
			kind: fault.API, code: 1001, words: []string{"unexpected EOF"}},
		{name: "broken request, strict", status: 400, body: `{"errCode":1001,"errMsg":"ArgsError","errDlt":"unexpected EOF"}`,
			kind: fault.API, code: 1001, words: []string{"HTTP 400", "unexpected EOF"}},
		{name: "online status", status: 400, path: "/user/get_users_online_status", body: `{"errCode":500,"errMsg":"ServerInternalError","errDlt":"EOF"}`,
			kind: fault.API, code: 500},
		{name: "permission", body: `{"errCode":1002,"errMsg":"NoPermissionError","errDlt":"only admin"}`,
			kind: fault.Denied, code: 1002, words: []string{"only admin"}},
		{name: "record not found, cluster", body: `{"errCode":1004,"errMsg":"RecordNotFoundError","errDlt":""}`, kind: fault.NotFound, code: 1004},
		{name: "record not found, standalone", body: `{"errCode":500,"errMsg":"ServerInternalError","errDlt":"mongo: no documents in result"}`,
			kind: fault.NotFound, code: 500},
		{name: "duplicate key", body: `{"errCode":500,"errMsg":"ServerInternalError","errDlt":"E11000 duplicate key error"}`, kind: fault.Exists, code: 500},
		{name: "registered already", body: `{"errCode":1102,"errMsg":"RegisteredAlreadyError","errDlt":"userID registered already"}`,
			kind: fault.Exists, code: 1102, words: []string{"RegisteredAlreadyError", "userID registered already"}},
		{name: "user not found", body: `{"errCode":1101,"errMsg":"UserIDNotFoundError","errDlt":""}`, kind: fault.NotFound, code: 1101},
		{name: "group not found", body: `{"errCode":1201,"errMsg":"GroupIDNotFoundError","errDlt":""}`, kind: fault.NotFound, code: 1201},
		{name: "empty errMsg", body: `{"errCode":1205,"errMsg":"","errDlt":""}`, kind: fault.API, code: 1205, words: []string{"GroupTypeNotSupport"}},
		{name: "unknown code", body: `{"errCode":4711,"errMsg":"","errDlt":""}`, kind: fault.API, code: 4711, words: []string{"4711"}},
		{name: "rpc panic", body: `{"errCode":500,"errMsg":"panic error","errDlt":"runtime error: x"}`, kind: fault.API, code: 500, words: []string{"panic error"}},
		{name: "control characters", body: `{"errCode":1001,"errMsg":"a\u001b[31mb\nc","errDlt":""}`, kind: fault.API, code: 1001, words: []string{"a.[31mb c"}},

		{name: "handler panic, standalone", status: 500, kind: fault.Unreachable, words: []string{"HTTP 500", "an empty body", "crashed"}},
		{name: "HTML 502", status: 502, ctype: "text/html", body: "<html>502 Bad Gateway</html>", kind: fault.Unreachable,
			words: []string{"HTTP 502", "text/html", "<html>502 Bad Gateway</html>", `context "test"`}},
		{name: "HTML 200", ctype: "text/html", body: "<html>login</html>", kind: fault.Unreachable, words: []string{"HTTP 200", "text/html", "login", "not JSON"}},
		{name: "cut JSON", ctype: "application/json", body: `{"errCode":0,"data":{"total":1`, kind: fault.Unreachable,
			words: []string{"HTTP 200", "application/json", "cut JSON", `{"errCode":0,"data":{"total":1`}},
		{name: "two documents", body: `{"errCode":0}{"errCode":0}`, kind: fault.Unreachable, words: []string{"broken or cut JSON"}},
		{name: "empty body", kind: fault.Unreachable, words: []string{"HTTP 200", "an empty body", "no content type"}},
		{name: "only space", body: strings.Repeat(" ", 300), kind: fault.Unreachable, words: []string{"an empty body"}},
		{name: "null", body: "null", kind: fault.Unreachable, words: []string{"first bytes: null", "without an envelope"}},
		{name: "list", body: "[]", kind: fault.Unreachable, words: []string{"without an envelope"}},
		{name: "CORS string", body: `"Options Request!"`, kind: fault.Unreachable, words: []string{"without an envelope"}},
		{name: "no errCode", body: `{"data":{}}`, kind: fault.Unreachable, words: []string{"without errCode"}},
		{name: "errCode inside data only", body: `{"data":{"errCode":0}}`, kind: fault.Unreachable, words: []string{"without errCode"}},
		{name: "errCode a string", body: `{"errCode":"0"}`, kind: fault.Unreachable, words: []string{"no whole number"}},
		{name: "errCode null", body: `{"errCode":null}`, kind: fault.Unreachable, words: []string{"no whole number"}},
		{name: "errCode a fraction", body: `{"errCode":0.5}`, kind: fault.Unreachable, words: []string{"no whole number"}},
		{name: "errCode 0 with HTTP 400", status: 400, body: `{"errCode":0}`, kind: fault.Unreachable, words: []string{"HTTP 400", "errCode 0"}},
		{name: "errCode 0 with HTTP 500", status: 500, body: `{"errCode":0}`, kind: fault.Unreachable, words: []string{"HTTP 500"}},
		{name: "deep nesting", body: strings.Repeat("[", 2<<20), kind: fault.Unreachable, words: []string{"broken or cut JSON"}},
		{name: "binary", body: "\x00\x01\xff\x1b[2J", kind: fault.Unreachable, words: []string{"first bytes: ....[2J"}},

		{name: "404 of the router", status: 404, ctype: "text/plain", body: "404 page not found", kind: fault.Unsupported,
			words: []string{"this server has no /user/get_users", "HTTP 404"}},
		{name: "404 on a new path", status: 404, path: "/user/get_user_client_config", body: "404 page not found", kind: fault.Unsupported, words: []string{"3.8.3"}},
		{name: "404 on a foreign path", status: 404, path: "/metrics", body: "404 page not found", kind: fault.Unreachable,
			words: []string{"this server has no /metrics; not an answer of OpenIM's", "404 page not found"}},
		{name: "404 of nginx", status: 404, body: "<html>404 Not Found</html>", kind: fault.Unreachable},
		{name: "redirect", status: 301, body: "", kind: fault.Unreachable, words: []string{"redirects to"}},
		{name: "proxy login", status: 407, body: "x", kind: fault.Unreachable, words: []string{"HTTP_PROXY"}},
		{name: "TLS port of nginx", status: 400, body: "<h1>The plain HTTP request was sent to HTTPS port</h1>", kind: fault.Unreachable, words: []string{"https://"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var operationID string
			s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
				operationID = r.Header.Get("operationID")
				w.Header()["Content-Type"] = nil
				if row.ctype != "" {
					w.Header().Set("Content-Type", row.ctype)
				}
				if row.status != 0 {
					w.WriteHeader(row.status)
				}
				io.WriteString(w, row.body)
			})
			path := row.path
			if path == "" {
				path = "/user/get_users"
			}
			ans, err := client(t, config(s.URL)).Call(t.Context(), path, nil)
			if row.kind == "" {
				if err != nil {
					t.Fatal(err)
				}
				if ans.OperationID != operationID || ans.Status != 200 {
					t.Errorf("answer %+v, operationID sent %q", ans, operationID)
				}
				return
			}
			e := failed(t, err, row.kind, row.words...)
			status := row.status
			if status == 0 {
				status = 200
			}
			if e.Code != row.code || e.Status != status || e.OperationID != operationID || operationID == "" {
				t.Errorf("code %d, status %d, operationID %q (sent %q)", e.Code, e.Status, e.OperationID, operationID)
			}
			if len(e.Detail) > len("first bytes: ")+shown+len("…") {
				t.Errorf("detail has %d bytes", len(e.Detail))
			}
		})
	}
}

func TestEnvelopeDataAbsentOrNull(t *testing.T) {
	for body, want := range map[string]string{
		`{"errCode":0}`:               "",
		`{"errCode":0,"data":null}`:   "null",
		`{"data":[1, 2],"errCode":0}`: "[1, 2]",
		`  {"errCode":0,"data":"x"}`:  `"x"`,
	} {
		s := newStub(t, func(_ int64, w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) })
		ans, err := client(t, config(s.URL)).Call(t.Context(), "/user/get_users", nil)
		if err != nil || string(ans.Data) != want || want == "" && ans.Data != nil {
			t.Errorf("%s: %q %v", body, ans.Data, err)
		}
	}
}

func TestBigNumbersKeepTheirDigits(t *testing.T) {
	var got string
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/echo") {
			b, _ := io.ReadAll(r.Body)
			got = string(b)
		}
		good(w, `{"seq":9007199254740993,"max":9223372036854775807,"idHash":18446744073709551615,"ex":"1513407461112281552","more":{"n":9007199254740995}}`)
	})
	c := client(t, config(s.URL))
	type data struct {
		Seq, Max int64
		IDHash   uint64 `json:"idHash"`
		Ex       string
		Rest     value.Rest `json:"-"`
	}
	d, err := Do[data](t.Context(), c, "/user/get_x", nil)
	if err != nil {
		t.Fatal(err)
	}
	if d.Seq != 9007199254740993 || d.Max != 9223372036854775807 || d.IDHash != 18446744073709551615 || d.Ex != "1513407461112281552" {
		t.Errorf("%+v", d)
	}
	if _, err := c.Call(t.Context(), "/user/echo", d); err != nil {
		t.Fatal(err)
	}
	for _, digits := range []string{`"seq":9007199254740993`, `"max":9223372036854775807`, `"idHash":18446744073709551615`, `"n":9007199254740995`} {
		if !strings.Contains(got, digits) {
			t.Errorf("%s is not in %s", digits, got)
		}
	}
}

func TestDoNamesTheWrongMember(t *testing.T) {
	s := newStub(t, func(_ int64, w http.ResponseWriter, _ *http.Request) { good(w, `{"users":[{"level":"x"}]}`) })
	type data struct{ Users []struct{ Level int } }
	_, err := Do[data](t.Context(), client(t, config(s.URL)), "/user/get_users", nil)
	failed(t, err, fault.API, "users[1].level", "/user/get_users")
}

func TestGzip(t *testing.T) {
	for _, broken := range []bool{false, true} {
		s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				t.Error("gzip is not asked for")
			}
			var b bytes.Buffer
			zw := gzip.NewWriter(&b)
			fmt.Fprintf(zw, `{"errCode":0,"data":"%s"}`, strings.Repeat("a", 100_000))
			zw.Close()
			if broken {
				b.Truncate(b.Len() / 2)
			}
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(b.Bytes())
		})
		ans, err := client(t, config(s.URL)).Call(t.Context(), "/user/get_users", nil)
		if broken {
			failed(t, err, fault.Unreachable, "broke before the whole answer")
		} else if err != nil || len(ans.Data) != 100_002 {
			t.Errorf("%v %v", ans, err)
		}
	}
}

func TestAnswerTooLarge(t *testing.T) {
	for _, chunked := range []bool{false, true} {
		s := newStub(t, func(_ int64, w http.ResponseWriter, _ *http.Request) {
			if chunked {
				w.(http.Flusher).Flush()
			}
			good(w, `"`+strings.Repeat("a", 3<<20)+`"`)
		})
		c := client(t, config(s.URL))
		c.maxAnswer = 2 << 20
		_, err := c.Call(t.Context(), "/user/get_users", nil)
		failed(t, err, fault.API, "larger than 2 MiB")
	}
}

func TestRequestTooLarge(t *testing.T) {
	s := newStub(t, func(_ int64, w http.ResponseWriter, _ *http.Request) { good(w, "1") })
	_, err := client(t, config(s.URL)).Call(t.Context(), "/user/user_register", strings.Repeat("a", maxRequest))
	failed(t, err, fault.Usage, "fewer rows")
	if s.calls.Load()+s.logins.Load() != 0 {
		t.Error("something was sent")
	}
}

func TestBareAnswers(t *testing.T) {
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet || r.Header.Get("token") != "" && strings.HasPrefix(r.URL.Path, "/prometheus_discovery"):
			w.WriteHeader(500)
		case r.URL.Path == "/third/prometheus":
			w.Header().Set("Location", "http://grafana:3000")
			w.WriteHeader(302)
		case r.URL.Path == "/prometheus_discovery/api":
			io.WriteString(w, "[]")
		default:
			io.WriteString(w, "<html>")
		}
	})
	c := client(t, config(s.URL))
	ans, err := c.Call(t.Context(), "/prometheus_discovery/api", nil, Method("GET"))
	if err != nil || string(ans.Data) != "[]" {
		t.Errorf("%v %v", ans, err)
	}
	ans, err = c.Call(t.Context(), "/third/prometheus", nil, Method("GET"))
	if err != nil || ans.Status != 302 || ans.Header.Get("Location") != "http://grafana:3000" {
		t.Errorf("%v %v", ans, err)
	}
	_, err = c.Call(t.Context(), "/prometheus_discovery/user", nil, Method("GET"))
	failed(t, err, fault.Unreachable, "not JSON")
}
