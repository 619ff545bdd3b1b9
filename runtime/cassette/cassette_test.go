package cassette

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJVc2VySUQiOiJhIn0.c2lnbmF0dXJl"

// ask sends one request and returns the status and body of its answer.
func ask(t *testing.T, rt http.RoundTripper, url, body string) (int, string, error) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text), nil
}

func TestRecordAndReplay(t *testing.T) {
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n++
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/login":
			io.WriteString(w, `{"errCode":0,"data":{"token":"`+jwt+`","big":9007199254740993}}`)
		case "/count":
			io.WriteString(w, strings.Repeat("x", n))
		case "/echo":
			w.WriteHeader(http.StatusTeapot)
			w.Write(body)
		}
	}))
	defer server.Close()
	var tape bytes.Buffer
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r, err := NewRecorder(&tape, http.DefaultTransport, start)
	if err != nil {
		t.Fatal(err)
	}
	r.Draw("unique", "name-1")
	requests := [][2]string{
		{"/login", `{"secret":"openIM123"}`}, {"/count", ""}, {"/count", ""}, {"/echo", `{"token":"` + jwt + `","n":1}`}, {"/echo", "no json"},
	}
	var recorded []string
	for _, q := range requests {
		status, text, err := ask(t, r, server.URL+q[0], q[1])
		if err != nil || status == 0 {
			t.Fatal(err)
		}
		recorded = append(recorded, text)
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(recorded[0], jwt) {
		t.Error("the run itself must see the real token")
	}
	for _, secret := range []string{"openIM123", jwt} {
		if strings.Contains(tape.String(), secret) {
			t.Errorf("the recording holds %s", secret)
		}
	}

	p, err := Load(&tape, "tape")
	if err != nil {
		t.Fatal(err)
	}
	if !p.Start().Equal(start) {
		t.Errorf("start %v", p.Start())
	}
	if v, err := p.Draw("unique"); v != "name-1" || err != nil {
		t.Errorf("drew %q %v", v, err)
	}
	if _, err := p.Draw("unique"); !fault.Is(err, fault.Unreachable) {
		t.Errorf("a second draw gave %v", err)
	}
	// The replayed run has another secret, and the masked token that it was given.
	_, login, err := ask(t, p, "http://replay.invalid/login", `{"secret":"another"}`)
	if err != nil || !strings.Contains(login, "masked-2") || !strings.Contains(login, "9007199254740993") {
		t.Errorf("login gave %s %v", login, err)
	}
	for i := range 2 {
		if _, text, err := ask(t, p, "http://replay.invalid/count", ""); err != nil || text != recorded[i+1] {
			t.Errorf("answer %d: %q %v", i, text, err)
		}
	}
	if status, text, err := ask(t, p, "http://replay.invalid/echo", `{"token":"masked-2","n":1}`); err != nil || status != http.StatusTeapot || !strings.Contains(text, "masked-2") {
		t.Errorf("echo gave %d %q %v", status, text, err)
	}
	if _, _, err := ask(t, p, "http://replay.invalid/count", ""); !fault.Is(err, fault.Unreachable) {
		t.Errorf("a third count gave %v", err)
	}
	if p.Left() != 1 {
		t.Errorf("%d left", p.Left())
	}
}

func TestFailuresAreRecordedToo(t *testing.T) {
	var tape bytes.Buffer
	broken := roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") })
	r, err := NewRecorder(&tape, broken, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := ask(t, r, "http://x.invalid/a", ""); err == nil {
		t.Fatal("no error")
	}
	p, err := Load(&tape, "tape")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := ask(t, p, "http://x.invalid/a", ""); err == nil || !strings.Contains(err.Error(), "recorded: no answer") {
		t.Errorf("got %v", err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestLoadRefuses(t *testing.T) {
	const head = `{"imctlCassette":1}` + "\n"
	for name, text := range map[string]string{
		"empty": "", "something else": "{}\n", "another version": `{"imctlCassette":99}` + "\n", "cut": head + `{"method":"PO`,
		"a step of no connection":  head + `{"ws":"open","conn":1}`,
		"a handshake without form": head + `{"ws":"dial","conn":1}`,
		"two handshakes":           head + `{"ws":"dial","conn":1,"login":{}}` + "\n" + `{"ws":"dial","conn":1,"login":{}}`,
		"an unknown step":          head + `{"ws":"dial","conn":1,"login":{}}` + "\n" + `{"ws":"opne","conn":1}`,
		"no frame":                 head + `{"ws":"dial","conn":1,"login":{}}` + "\n" + `{"ws":"in","conn":1}`,
		"no error":                 head + `{"ws":"dial","conn":1,"login":{}}` + "\n" + `{"ws":"refused","conn":1}`,
		"data of another form":     head + `{"ws":"dial","conn":1,"login":{}}` + "\n" + `{"ws":"in","conn":1,"frame":{"reqIdentifier":2001,"data":{"a":"b"}}}`,
	} {
		if _, err := Load(strings.NewReader(text), "tape"); !fault.Is(err, fault.Usage) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzLoad: no recording, however broken, ends the program or makes a run wait for ever.
func FuzzLoad(f *testing.F) {
	const head = `{"imctlCassette":1}` + "\n"
	f.Add([]byte(head + `{"method":"POST","url":"/a","answer":"{}"}` + "\n" + `{"draw":"x","value":"y"}`))
	f.Add([]byte(head + `{"ws":"dial","conn":1,"login":{"userID":"a","platformID":5}}` + "\n" + `{"ws":"open","conn":1}` + "\n" +
		`{"ws":"out","conn":1,"frame":{"reqIdentifier":1001,"msgIncr":"a_1","data":{"userID":"a"}}}` + "\n" + `{"ws":"gaveUp","conn":1,"frame":{"msgIncr":"a_1"}}` + "\n" +
		`{"ws":"in","conn":1,"frame":{"reqIdentifier":1001,"msgIncr":"a_1","data":{"c":1}}}` + "\n" + `{"began":2,"method":"POST","url":"/a"}` + "\n" +
		`{"ws":"in","conn":1,"frame":{"reqIdentifier":2001,"data":[{"conversationID":"c","messages":[null,{"seq":1}]}]}}` + "\n" +
		`{"ws":"in","conn":1,"frame":{"reqIdentifier":2002,"raw":"AAAA"}}` + "\n" + `{"ws":"waited","how":"x"}` + "\n" + `{"ws":"end","conn":1,"how":"x"}` + "\n" +
		`{"ws":"unsent","conn":1,"frame":{"msgIncr":"a_1"},"error":{"message":"x"}}` + "\n" + `{"ws":"bad","conn":1}` + "\n" + `{"ws":"cut","conn":1}` + "\n" + `{"ws":"dial","conn":2,"login":{"userID":"a","platformID":5}}` + "\n" +
		`{"ws":"refused","conn":2,"error":{"kind":"auth","message":"x"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Load(bytes.NewReader(data), "tape")
		if err != nil {
			return
		}
		p.Left()
		over, cancel := context.WithCancel(context.Background())
		for _, s := range slices.Clone(p.socks) {
			for key := range p.logins {
				id, platform, _ := strings.Cut(key, " ")
				n, _ := strconv.Atoi(platform)
				got, e := p.Dial(over, openim.Login{UserID: id, PlatformID: n}, "", nil)
				if e != nil {
					continue
				}
				for key := range s.asked {
					got.(*playedSocket).take(key, "")
				}
				for i, f := range []openim.Frame{request("a", 1), {ReqIdentifier: openim.WSPullByRange, Data: openim.EncodePull("a", false, openim.SeqRange{ConversationID: "c", Begin: 1, End: 2, Num: 2})}} {
					_, _ = got.Write(over, f)
					got.GaveUp("a_1")
					if i == 0 {
						p.Waited("x")
					}
				}
				for range 3 { // what does not come yet would be waited for
					if s := got.(*playedSocket); len(s.inbox) > 0 {
						_, _ = s.Read(over)
					}
				}
				got.Cut()
			}
		}
		cancel()
	})
}
