package user

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// gateway is a stub of presence: who is connected where, and which tokens live.
type gateway struct {
	mu   sync.Mutex
	open map[string][]int64 // platforms by account
	dead map[string]bool    // "account/platform"
	deaf bool               // force_logout changes nothing
}

func newGateway(s *stub) *gateway {
	g := &gateway{open: map[string][]int64{}, dead: map[string]bool{}}
	s.on("/user/get_users_online_status", func(body *value.Object) (any, error) {
		g.mu.Lock()
		defer g.mu.Unlock()
		var out value.List
		for _, id := range texts(member(body, "userIDs")) {
			details := value.List{}
			for _, p := range g.open[id] {
				details = append(details, value.NewObject("platformID", p, "connID", fmt.Sprintf("c%d", p), "isBackground", false, "token", fmt.Sprintf("%s/%d", id, p)))
			}
			out = append(out, value.NewObject("userID", id, "status", int64(len(details)), "detailPlatformStatus", details))
		}
		return out, nil
	})
	s.on("/auth/force_logout", func(body *value.Object) (any, error) {
		g.mu.Lock()
		defer g.mu.Unlock()
		id, platform := member(body, "userID").(string), member(body, "platformID").(int64)
		if g.deaf {
			return nil, nil
		}
		var left []int64
		for _, p := range g.open[id] {
			if p == platform {
				g.dead[fmt.Sprintf("%s/%d", id, p)] = true
			} else {
				left = append(left, p)
			}
		}
		g.open[id] = left
		return nil, nil
	})
	s.on("/auth/parse_token", func(body *value.Object) (any, error) {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.dead[member(body, "token").(string)] {
			return nil, refusal{1506, "TokenKickedError", ""}
		}
		return value.NewObject("userID", "x", "platformID", int64(1)), nil
	})
	return g
}

func TestDisableWithoutAChatServer(t *testing.T) {
	s := newStub(t)
	newAccounts(s, "u1", "u2")
	g := newGateway(s)
	g.open["u1"] = []int64{1, 5}
	w := newWorld(t, s, false)
	res, err := w.run("disable", `{"userID":"u1","reason":"spam"}`)
	got := text(res)
	for _, part := range []string{`"userID":"u1"`, `"disabled":true`, `"already":false`, `"means":["imctl's ban list","logged out on all platforms"]`,
		"message server has no bans", "2 sessions closed, their tokens are dead"} {
		if err != nil || !strings.Contains(got, part) {
			t.Errorf("%s is missing in %s, %v", part, got, err)
		}
	}
	if n := len(s.sent("/auth/force_logout")); n != 12 {
		t.Errorf("%d logouts, want 12", n)
	}
	if info, serr := os.Stat(w.StateDir + "/bans.json"); serr != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the ban list: %v %v", info, serr)
	}
	if res, err := w.run("disable", `{"userID":"u1"}`); err != nil || !strings.Contains(text(res), `"already":true`) || !strings.Contains(text(res), "no session was open") {
		t.Errorf("again: %s, %v", text(res), err)
	}
	if res, err := w.run("disabled", `{}`); err != nil || !strings.Contains(text(res), `"userID":"u1","nickname":"","reason":"spam"`) {
		t.Errorf("disabled: %s, %v", text(res), err)
	}
	w.want("enable", `{"userID":"u1"}`, `{"userID":"u1","enabled":true,"already":false,"means":["imctl's ban list"],"count":1}`)
	w.want("enable", `{"userID":"u1"}`, `{"userID":"u1","enabled":true,"already":true,"means":[],"count":1}`)
	w.want("disabled", `{}`, `[]`)
	w.refused("enable", `{"userID":"nobody"}`, fault.NotFound, "nobody")
	w.refused("disable", `{"userID":"nobody"}`, fault.NotFound, "nobody")
	w.refused("disable", `{}`, fault.Usage, "missing field userID")
	w.refused("disable", `{"userID":"u1","all":true}`, fault.Usage, "all takes every account")
}

func TestDisableTellsWhenASessionStays(t *testing.T) {
	s := newStub(t)
	newAccounts(s, "u1")
	g := newGateway(s)
	g.open["u1"], g.deaf = []int64{2}, true
	w := newWorld(t, s, false)
	res, err := w.run("disable", `{"userID":"u1"}`)
	if err == nil || err.Kind != fault.Partial || !strings.Contains(text(res), `"disabled":true`) || !strings.Contains(text(res), "still logged in on android") {
		t.Errorf("got %s, %v", text(res), err)
	}
}

func TestDisableWithAChatServer(t *testing.T) {
	s := newStub(t)
	newAccounts(s, "u1")
	newGateway(s)
	blocked := value.List{}
	s.on("/chatadmin/block/search", func(*value.Object) (any, error) {
		return value.NewObject("total", int64(len(blocked)), "users", blocked), nil
	})
	s.on("/chatadmin/block/add", func(body *value.Object) (any, error) {
		blocked = append(blocked, body)
		return nil, nil
	})
	s.on("/chatadmin/block/del", func(*value.Object) (any, error) {
		blocked = value.List{}
		return nil, nil
	})
	w := newWorld(t, s, true)
	res, err := w.run("disable", `{"userID":"u1","reason":"spam"}`)
	if err != nil || !strings.Contains(text(res), "block at the chat server") {
		t.Errorf("got %s, %v", text(res), err)
	}
	sameJSON(t, text(s.sent("/chatadmin/block/add")[0]), `{"userID":"u1","reason":"spam"}`)
	if res, err := w.run("disable", `{"userID":"u1"}`); err != nil || !strings.Contains(text(res), `"already":true`) || len(s.sent("/chatadmin/block/add")) != 1 {
		t.Errorf("again: %s, %v", text(res), err)
	}
	if _, serr := os.Stat(w.StateDir + "/bans.json"); serr == nil {
		t.Error("the own ban list was written too")
	}
	w.want("enable", `{"userID":"u1"}`, `{"userID":"u1","enabled":true,"already":false,"means":["block at the chat server"],"count":1}`)
	w.want("disabled", `{}`, `[]`)
}

func TestActingOnTheOwnAccountIsRefused(t *testing.T) { // case 024
	s := newStub(t)
	w := newWorld(t, s, false)
	for _, name := range []string{"disable", "enable", "delete", "logout"} {
		err := w.refused(name, `{"userID":"imAdmin"}`, fault.Denied, "imAdmin", "logged in as")
		if fault.ExitCode(err) != fault.ExitDenied {
			t.Errorf("%s: exit code %d", name, fault.ExitCode(err))
		}
	}
	if s.total() != 0 {
		t.Errorf("%d calls were sent", s.total())
	}
}

func TestDisableAllAsksAndLeavesOutTheAdmin(t *testing.T) { // case 036
	s := newStub(t)
	newAccounts(s, "u1", "imAdmin", "u2")
	newGateway(s)
	w := newWorld(t, s, false)
	var asked bindings.Question
	answer := false
	w.Ask = func(_ context.Context, q bindings.Question) (bool, error) {
		asked = q
		return answer, nil
	}
	w.refused("disable", `{"all":true}`, fault.Denied, "not confirmed")
	if asked.Preview.Count != 2 || asked.Preview.Text != "disable 2 accounts" || len(s.writes()) != 0 {
		t.Errorf("asked %+v, writes %v", asked, s.writes())
	}
	w.DryRun = true
	res, err := w.run("disable", `{"all":true}`)
	if err != nil || len(s.writes()) != 0 || strings.Contains(text(res), "imAdmin") || strings.Count(text(res), `"planned":true`) != 2 {
		t.Errorf("dry run: %s, %v", text(res), err)
	}
	w.DryRun, answer = false, true
	res, err = w.run("disable", `{"all":true}`)
	if err != nil || !strings.Contains(text(res), `"count":2`) || strings.Contains(text(res), "imAdmin") || strings.Contains(text(res), `"already":true`) {
		t.Errorf("got %s, %v", text(res), err)
	}
	res, err = w.run("enable", `{"all":true}`)
	if err != nil || !strings.Contains(text(res), `"count":2`) {
		t.Errorf("got %s, %v", text(res), err)
	}
}

func TestLogout(t *testing.T) {
	s := newStub(t)
	newAccounts(s, "u1")
	g := newGateway(s)
	g.open["u1"] = []int64{1, 5}
	w := newWorld(t, s, false)
	w.want("logout", `{"userID":"u1","platform":"ios"}`,
		`[{"userID":"u1","platformID":1,"platform":"ios","sessions":1,"loggedOut":true,"verified":"closed, token dead"}]`)
	res, err := w.run("logout", `{"userID":"u1"}`)
	if err != nil || len(res.(value.List)) != 12 || !strings.Contains(text(res), `"platform":"web","sessions":1,"loggedOut":true,"verified":"closed, token dead"`) {
		t.Errorf("got %s, %v", text(res), err)
	}
	if res, err := w.run("logout", `{"userID":"u1"}`); err != nil || strings.Count(text(res), "nothing was open") != 12 {
		t.Errorf("again: %s, %v", text(res), err)
	}
	w.refused("logout", `{"userID":"nobody"}`, fault.NotFound, "nobody")
	g.open["u1"], g.deaf = []int64{3}, true
	if res, err := w.run("logout", `{"userID":"u1","platformID":3}`); err == nil || err.Kind != fault.Partial || !strings.Contains(text(res), "still open") {
		t.Errorf("deaf: %s, %v", text(res), err)
	}
}

func TestOnline(t *testing.T) {
	s := newStub(t)
	newAccounts(s, "u1", "u2", "u3")
	s.gives("/user/get_users_status", value.NewObject("statusList", value.List{
		value.NewObject("userID", "u2", "status", int64(0), "platformIDs", value.List{}),
		value.NewObject("userID", "u1", "status", int64(1), "platformIDs", value.List{int64(5), int64(1)}),
	}))
	w := newWorld(t, s, false)
	w.want("online", `{"userIDs":["u1","u2","u3"]}`, `[{"userID":"u1","state":"online","platforms":["ios","web"],"platformIDs":[1,5]},
		{"userID":"u2","state":"offline","platforms":[],"platformIDs":[]},
		{"userID":"u3","state":"unknown","platforms":[],"platformIDs":[],"reason":"the server's answer leaves this account out"}]`)
	s.on("/user/get_users_status", func(*value.Object) (any, error) { return nil, refusal{500, "ServerInternalError", "gateway"} })
	if res, err := w.run("online", `{"userIDs":["u1"]}`); err != nil || !strings.Contains(text(res), `"state":"unknown"`) || len(w.warnings) != 1 {
		t.Errorf("got %s, %v", text(res), err)
	}
	w.refused("online", `{"userIDs":["nobody"]}`, fault.NotFound, "nobody")
}

func TestSessionsHideTokens(t *testing.T) {
	s := newStub(t)
	newAccounts(s, "u1")
	newGateway(s).open["u1"] = []int64{5}
	w := newWorld(t, s, false)
	w.want("sessions", `{"userIDs":["u1"]}`, `[{"userID":"u1","platformID":5,"platform":"web","connID":"c5","isBackground":false}]`)
}
