package user

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// case025 is the file of case 025: BOM, CRLF, 1000 rows.
func case025() string {
	var b strings.Builder
	b.WriteString(bom + "userID,nickname,phone\r\n")
	for i := 1; i <= 1000; i++ {
		id, nick, phone := fmt.Sprintf("u%d", i), fmt.Sprintf("Name %d", i), ""
		switch i {
		case 10:
			id = "known"
		case 20, 900:
			id = "twice"
		case 30:
			id = ""
		case 40:
			id = "a:b"
		case 50:
			nick = `"Li, Wei"`
		case 60:
			phone = "013800"
		case 70:
			id = "1513407461112281552"
		case 80:
			nick = "李伟"
		}
		fmt.Fprintf(&b, "%s,%s,%s\r\n", id, nick, phone)
	}
	return b.String()
}

func TestImportCase025(t *testing.T) {
	s := newStub(t)
	a := newAccounts(s, "known")
	w := newWorld(t, s, false)
	w.write("users.csv", case025())

	res, err := w.run("import", `{"file":"users.csv","rejects":"bad.csv"}`)
	if err == nil || err.Kind != fault.Partial || fault.ExitCode(err) != fault.ExitPartial {
		t.Fatalf("error %v, want kind partial", err)
	}
	o := res.(*value.Object)
	if member(o, "created") != int64(996) || member(o, "rejected") != int64(4) || member(o, "rows") != int64(1000) {
		t.Fatalf("got %s", text(res))
	}
	for i, part := range []string{`"row":10,"userID":"known","reason":"the userID is registered already"`, `"row":30,"userID":"","reason":"userID is blank"`,
		`"row":40,"userID":"a:b"`, `"row":900,"userID":"twice","reason":"repeats the userID of row 20"`} {
		if got := text(member(o, "rejects").(value.List)[i]); !strings.Contains(got, part) {
			t.Errorf("reject %d is %s, want %s", i, got, part)
		}
	}
	if got, want := w.read("bad.csv"), bom+"userID,nickname,phone\r\nknown,Name 10,\r\n,Name 30,\r\na:b,Name 40,\r\ntwice,Name 900,\r\n"; got != want {
		t.Errorf("bad.csv is %q, want %q", got, want)
	}
	if len(a.ids()) != 997 {
		t.Errorf("%d accounts, want 997", len(a.ids()))
	}
	for id, nick := range map[string]string{"u50": "Li, Wei", "u80": "李伟", "1513407461112281552": "Name 70", "twice": "Name 20"} {
		if u := a.byID[id]; u == nil || member(u, "nickname") != nick {
			t.Errorf("account %s is %s", id, text(u))
		}
	}
	if len(w.warnings) != 1 || !strings.Contains(w.warnings[0], "no place for phone") {
		t.Errorf("warnings %q", w.warnings)
	}

	res, err = w.run("import", `{"file":"users.csv","rejects":"bad2.csv"}`)
	if err == nil || err.Kind != fault.Partial || member(res.(*value.Object), "created") != int64(0) || len(a.ids()) != 997 {
		t.Errorf("second run: %s, %v", text(res), err)
	}
	if got := strings.Count(w.read("bad2.csv"), "\r\n"); got != 1001 {
		t.Errorf("bad2.csv has %d lines, want 1001", got)
	}

	before := len(s.writes())
	w.DryRun = true
	res, _ = w.run("import", `{"file":"bad.csv"}`)
	if got := text(res); len(s.writes()) != before || !strings.Contains(got, `"created":0`) || !strings.Contains(got, `"rejected":4`) || !strings.Contains(got, `"planned":true`) {
		t.Errorf("dry run: %s, writes %v", got, s.writes()[before:])
	}
}

func TestImportKeepsPhonesWhereAsked(t *testing.T) {
	s := newStub(t)
	a := newAccounts(s)
	w := newWorld(t, s, false)
	w.write("u.csv", "userID,nickname,phone\nu1,Ann,013800\nu2,Bob,\n")
	if res, err := w.run("import", `{"file":"u.csv","extra":"ex"}`); err != nil {
		t.Fatalf("%s %v", text(res), err)
	}
	if member(a.byID["u1"], "ex") != `{"phoneNumber":"013800"}` || member(a.byID["u2"], "ex") != nil {
		t.Errorf("got %s", text(a.byID["u1"]))
	}
}

func TestImportConflicts(t *testing.T) {
	for mode, want := range map[string]string{
		"skip": `"created":1,"updated":0,"skipped":1`, "update": `"created":1,"updated":1,"skipped":0`, "report": `"created":1,"updated":0,"skipped":0`,
	} {
		s := newStub(t)
		a := newAccounts(s, "old")
		w := newWorld(t, s, false)
		w.write("u.jsonl", `{"userID":"old","nickname":"New name","globalRecvMsgOpt":0}`+"\n\n"+`{"userID":"neu","nickname":"Neu","ex":{"a":1}}`+"\n")
		res, err := w.run("import", `{"file":"u.jsonl","on_conflict":"`+mode+`"}`)
		if (err != nil) != (mode == "report") || !strings.Contains(text(res), want) {
			t.Errorf("%s: %s, %v", mode, text(res), err)
		}
		if name := member(a.byID["old"], "nickname"); (name == "New name") != (mode == "update") {
			t.Errorf("%s: the nickname is %s", mode, name)
		}
		if member(a.byID["neu"], "ex") != `{"a":1}` {
			t.Errorf("%s: got %s", mode, text(a.byID["neu"]))
		}
	}
}

func TestImportSplitsABatchThatIsRefused(t *testing.T) {
	s := newStub(t)
	a := newAccounts(s)
	var calls atomic.Int64
	s.on("/user/user_register", func(body *value.Object) (any, error) {
		calls.Add(1)
		if strings.Contains(text(body), `"bad`) { // a rule that only the server knows
			return nil, refusal{1001, "ArgsError", "nickname is a swear word"}
		}
		return a.register(body)
	})
	w := newWorld(t, s, false)
	var b strings.Builder
	b.WriteString("userID,nickname\n")
	for i := range 500 {
		nick := "n"
		if i == 77 || i == 300 {
			nick = "bad"
		}
		fmt.Fprintf(&b, "u%d,%s\n", i, nick)
	}
	w.write("u.csv", b.String())
	res, err := w.run("import", `{"file":"u.csv"}`)
	if err == nil || err.Kind != fault.Partial || !strings.Contains(text(res), `"created":498`) || !strings.Contains(text(res), `"row":78`) ||
		!strings.Contains(text(res), `"row":301`) || !strings.Contains(text(res), "swear word") || len(a.ids()) != 498 {
		t.Errorf("got %s, %v", text(res), err)
	}
	if calls.Load() > 60 {
		t.Errorf("%d calls for two bad rows in 500", calls.Load())
	}
}

func TestImportGivesUpOnABrokenServer(t *testing.T) {
	s := newStub(t)
	newAccounts(s)
	s.on("/user/user_register", func(*value.Object) (any, error) { return nil, refusal{500, "ServerInternalError", "disk full"} })
	w := newWorld(t, s, false)
	w.write("u.csv", numbered(5000))
	res, err := w.run("import", `{"file":"u.csv"}`)
	if err == nil || err.Kind != fault.API || !strings.Contains(err.Error(), "refuses every row") || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %s, %v", text(res), err)
	}
	if n := len(s.sent("/user/user_register")); n > 2000 {
		t.Errorf("%d calls", n)
	}
}

func numbered(n int) string {
	var b strings.Builder
	b.WriteString("userID,nickname\n")
	for i := range n {
		b.WriteString("id" + strconv.Itoa(i) + ",Name\n")
	}
	return b.String()
}

func TestImportRefusesAFileBeforeSending(t *testing.T) {
	s := newStub(t)
	w := newWorld(t, s, false)
	for name, c := range map[string]struct{ text, part string }{
		"unknown.csv":  {"userId,nickname\na,b\n", "unknown column userId; did you mean userID?"},
		"twice.csv":    {"userID,nickname,phone,phoneNumber\n", "columns phone and phoneNumber mean the same"},
		"noid.csv":     {"nickname\nb\n", "no column userID"},
		"nonick.csv":   {"userID\nb\n", "no column nickname"},
		"empty.csv":    {"", "the file is empty"},
		"utf16.csv":    {"\xff\xfeu\x00", "UTF-16"},
		"noname.csv":   {"userID,nickname,\n", "column 3 has no name"},
		"text.jsonl":   {"userID,nickname\n", "not JSONL"},
		"unknown.json": {"", "can't be told from its name"},
		"bad.xlsx":     {"no workbook", "no XLSX workbook"},
	} {
		w.write(name, c.text)
		w.refused("import", `{"file":"`+name+`"}`, fault.Usage, c.part)
	}
	w.refused("import", `{"file":"missing.csv"}`, fault.Usage, "missing.csv")
	w.refused("import", `{"file":"a.csv","rejects":"a.csv"}`, fault.Usage, "itself")
	w.refused("import", `{"file":"a.csv","on_conflict":"updat"}`, fault.Usage, "did you mean update?")
	w.refused("import", `{"file":"a.csv","delimiter":";;"}`, fault.Usage)
	if s.total() != 0 {
		t.Errorf("%d calls were sent", s.total())
	}
}

func TestImportIgnoreColumnsAndDelimiter(t *testing.T) {
	s := newStub(t)
	a := newAccounts(s)
	w := newWorld(t, s, false)
	w.Stdin = strings.NewReader("userID;nickname;shoe size\nu1;Ann;42\n")
	if res, err := w.run("import", `{"file":"-","delimiter":";","ignore_columns":true}`); err != nil || len(a.ids()) != 1 {
		t.Errorf("got %s, %v", text(res), err)
	}
}

func TestImportRowsThatCantBeRead(t *testing.T) {
	s := newStub(t)
	newAccounts(s)
	w := newWorld(t, s, false)
	w.write("u.csv", "userID,nickname,globalRecvMsgOpt\nu1,\"a\"b,0\nu2,Bob\nu3,\xff,0\nu4,Dan,x\nu5,\"two\nlines\",1\n,,\n")
	res, err := w.run("import", `{"file":"u.csv","rejects":"bad.csv"}`)
	got := text(res)
	for _, part := range []string{`"created":1`, `"rejected":5`, `not valid CSV`, `2 fields and the header 3`, "not UTF-8", `want a whole number`, "userID is blank"} {
		if err == nil || !strings.Contains(got, part) {
			t.Errorf("%s is missing in %s, %v", part, got, err)
		}
	}
	if got, want := w.read("bad.csv"), "userID,nickname,globalRecvMsgOpt\nu1,\"a\"b,0\nu2,Bob\nu3,\xff,0\nu4,Dan,x\n,,\n"; got != want {
		t.Errorf("bad.csv is %q, want %q", got, want)
	}
}

func TestImportThroughTheChatServer(t *testing.T) {
	s := newStub(t)
	a := newAccounts(s, "known")
	s.on("/chatadmin/user/import/json", func(body *value.Object) (any, error) {
		for _, u := range member(body, "users").(value.List) { // one after the other, none taken back
			o := u.(*value.Object)
			if member(o, "email") == "taken@x" {
				return nil, refusal{20014, "EmailAlreadyRegister", ""}
			}
			a.mu.Lock()
			a.put(o)
			a.mu.Unlock()
		}
		return nil, nil
	})
	w := newWorld(t, s, true)
	w.write("u.csv", "userID,nickname,phone,email,password,ex\nu1,A,013800,,secret,e1\nu2,B,,taken@x,,\nu3,C,,c@x,,\nknown,D,,d@x,,\nplain,E,,,,\n")
	res, err := w.run("import", `{"file":"u.csv","areaCode":"+86"}`)
	if err == nil || !strings.Contains(text(res), `"created":3`) || !strings.Contains(text(res), `"row":2`) || !strings.Contains(text(res), `"row":4`) {
		t.Errorf("got %s, %v", text(res), err)
	}
	if u := a.byID["u1"]; member(u, "phoneNumber") != "013800" || member(u, "areaCode") != "+86" || member(u, "password") != md5Hex("secret") || member(u, "ex") != "e1" {
		t.Errorf("got %s", text(u))
	}
	if a.byID["u3"] == nil || a.byID["plain"] == nil || member(a.byID["plain"], "email") != nil {
		t.Errorf("accounts %v", a.ids())
	}
}

func TestImportXLSXRoundTrip(t *testing.T) {
	s := newStub(t)
	a := newAccounts(s)
	a.put(value.NewObject("userID", "007", "nickname", "李 \"Wei\", x", "ex", "{}", "createTime", int64(1700000000000)))
	a.put(value.NewObject("userID", "1513407461112281552", "nickname", "Long"))
	w := newWorld(t, s, false)
	for _, name := range []string{"out.xlsx", "out.csv", "out.jsonl"} {
		if res, err := w.run("export", `{"file":"`+name+`"}`); err != nil || !strings.Contains(text(res), `"rows":2`) {
			t.Fatalf("%s: %s, %v", name, text(res), err)
		}
		s2 := newStub(t)
		b := newAccounts(s2)
		w2 := newWorld(t, s2, false)
		w2.dir = w.dir
		if res, err := w2.run("import", `{"file":"`+name+`"}`); err != nil || !strings.Contains(text(res), `"created":2`) {
			t.Errorf("%s: %s, %v", name, text(res), err)
		}
		if u := b.byID["007"]; u == nil || member(u, "nickname") != "李 \"Wei\", x" || member(u, "ex") != "{}" || b.byID["1513407461112281552"] == nil {
			t.Errorf("%s: %v %s", name, b.ids(), text(u))
		}
	}
}

func TestExportIsWholeOrNotThere(t *testing.T) {
	s := newStub(t)
	newAccounts(s)
	s.on("/user/get_users", func(*value.Object) (any, error) { return nil, refusal{500, "ServerInternalError", ""} })
	w := newWorld(t, s, false)
	w.refused("export", `{"file":"out.csv"}`, fault.API)
	w.refused("export", `{"file":"out.txz"}`, fault.Usage, "format")
	if names, _ := filepath.Glob(filepath.Join(w.dir, "*")); len(names) != 0 {
		t.Errorf("left behind: %v", names)
	}
}
