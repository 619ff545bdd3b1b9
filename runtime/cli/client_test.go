package cli_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// These tests drive virtual users through the real programs, against the sandbox's own gateway.

// gateway are the arguments that name the gateway of a person's sandbox.
func (p person) gateway() []string {
	return []string{"--gateway", p.server.Gateway}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestClientTenLines is the end-to-end test that a user writes first.
func TestClientTenLines(t *testing.T) {
	p := newPerson(t, true)
	script := write(t, "ten.lua", `
it("brings a message from alice to bob", function()
	local people = fixture.users(2)
	local alice = client.connect { userID = people[1].userID, platform = "web" }
	local bob = client.connect { userID = people[2].userID, platform = "ios", encoding = "js" }
	local sent = alice:send { to = bob.userID, text = "hi" }
	local got = bob:expect { from = alice.userID, text = "hi", within = "5s" }
	expect(got.serverMsgID):equals(sent.serverMsgID)
	expect(got.latency):less_than(5000)
end)`)
	r := p.wants(t, 0, append(p.gateway(), "test", script)...)
	if !strings.Contains(r.stdout, "1 passed, 0 failed") {
		t.Error(r.stdout)
	}
	red := write(t, "red.lua", `
it("waits for what never comes", function()
	local people = fixture.users(2)
	local bob = client.connect(people[1].userID)
	bob:expect { from = "nobody", text = "hi", within = "100ms" }
end)`)
	r = p.wants(t, 1, append(p.gateway(), "test", red)...)
	for _, want := range []string{`no message from nobody with the text "hi" within 100ms`, "connected", "red.lua:5"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("the report lacks %q:\n%s", want, r.stdout)
		}
	}
}

func TestMessagesScript(t *testing.T) {
	p := newPerson(t, true)
	r := p.wants(t, 0, append(p.gateway(), "run", shipped(t, "e2e_messages.lua"))...)
	if !strings.Contains(r.stdout, "12 passed, 0 failed") {
		t.Errorf("not all green:\n%s", r.stdout)
	}
	p.leftovers(t)
}

// TestClientErrors: what goes wrong is said, ends with the right code, and never hangs.
func TestClientErrors(t *testing.T) {
	p := newPerson(t, true)
	p.wants(t, 0, "run", "-e", `user.register{users={{userID="alice", nickname="a"}, {userID="bob", nickname="b"}}}`)
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, c := range []struct {
		name   string
		code   int
		args   []string
		script string
		want   string
	}{
		{"nothing listens", 4, []string{"--gateway", "ws://127.0.0.1:1"}, `client.connect("alice")`, "can't reach ws://127.0.0.1:1 (from --gateway)"},
		{"the API's address", 4, []string{"--gateway", strings.Replace(p.server.API, "http", "ws", 1)}, `client.connect("alice")`, "no OpenIM gateway answered"},
		{"it says nothing", 124, []string{"--gateway", "ws://" + l.Addr().String(), "--request-timeout", "500ms"}, `client.connect("alice")`, "no answer to the handshake"},
		{"no such account", 1, p.gateway(), `client.connect("nobody")`, "no account nobody"},
		{"another's token", 3, p.gateway(), `client.connect{userID="alice", token=user.token{userID="bob", platform="web", show=true}.token}`, "errCode 1502"},
		{"no token", 3, p.gateway(), `client.connect{userID="alice", token="nonsense"}`, "errCode 1503"},
		{"no such method", 1, p.gateway(), `client.connect("alice"):sned{}`, "did you mean send?"},
		{"read-only", 7, append([]string{"--read-only"}, p.gateway()...), `client.connect{userID="alice", platform="ios"}:send{to="bob", text="x"}`, "read-only"},
		{"unknown receiver", 1, p.gateway(), `client.connect("alice", "ios"):send{to="ghost", text="x"}`, "1004"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := p.run(t, append(c.args, "run", "-e", c.script)...)
			if r.code != c.code || !strings.Contains(r.stderr, c.want) || r.took > 20*time.Second {
				t.Errorf("code %d, want %d, after %s:\n%s", r.code, c.code, r.took, r.stderr)
			}
		})
	}
	if r := p.wants(t, 0, append(p.gateway(), "client", "send", "alice", "bob", "hi", "-o", "json")...); !strings.Contains(r.stdout, "serverMsgID") {
		t.Error(r.stdout)
	}
	if r := p.wants(t, 0, append(p.gateway(), "client", "watch", "bob", "--duration", "300ms", "-o", "json")...); !strings.Contains(r.stdout, `"connected"`) {
		t.Error(r.stdout)
	}
	if r := p.run(t, append(p.gateway(), "client", "connect", "bob")...); !strings.Contains(r.stderr, "client watch bob") {
		t.Error(r.stderr)
	}
	start := time.Now()
	r := p.wants(t, 124, append(p.gateway(), "--timeout", "500ms", "run", "-e", `client.connect("alice", "ios"):expect{within="1m"}`)...)
	if time.Since(start) > 10*time.Second {
		t.Errorf("it took %s to end:\n%s", time.Since(start), r.stderr)
	}
}

// TestCopyUsers: accounts of one sandbox are copied to another, from its context and from a file, once and again.
func TestCopyUsers(t *testing.T) {
	from, to := newPerson(t, true), newPerson(t, true)
	from.wants(t, 0, "run", "-e", `
local users = {}
for i = 1, 250 do users[i] = { userID = "u" .. i, nickname = "安 " .. i, ex = "007" } end
user.register { users = users }`)
	secret := write(t, "secret", from.server.Secret)
	person{home: to.home}.wants(t, 0, "context", "add", "old", "--api", from.server.API, "--secret-file", secret)
	script := shipped(t, "migrate/copy_users.lua")
	program := filepath.Join(binaries(t), "imctl")
	args := []string{"run", script, "--from", "old", "--imctl", program}
	to.wants(t, 7, append([]string{"--dry-run"}, args...)...) // another program can't be run then
	for i, want := range []string{"250 copied", "250 there already"} {
		if r := to.wants(t, 0, args...); !strings.Contains(r.stdout, want) || !strings.Contains(r.stdout, "250 of 250 accounts") {
			t.Errorf("run %d:\n%s%s", i, r.stdout, r.stderr)
		}
	}
	if r := to.wants(t, 0, "run", "-e", `local u = user.get("u7")[1] print(u.nickname, u.ex)`); r.stdout != "安 7\t007\n" {
		t.Errorf("copied as %q", r.stdout)
	}
	file := filepath.Join(t.TempDir(), "users.csv")
	from.wants(t, 0, "run", "-e", `user.update{userID="u7", nickname="new"}`)
	from.wants(t, 0, "user", "export", file)
	if r := to.wants(t, 0, "--dry-run", "run", script, "--file", file, "--update"); !strings.Contains(r.stdout, "nothing was written") {
		t.Error(r.stdout)
	}
	if r := to.wants(t, 0, "run", script, "--file", file, "--update"); !strings.Contains(r.stdout, "0 refused") {
		t.Error(r.stdout)
	}
	if r := to.wants(t, 0, "run", "-e", `print(user.get("u7")[1].nickname)`); r.stdout != "new\n" {
		t.Errorf("updated to %q", r.stdout)
	}
	to.wants(t, 1, "run", script)
	if r := to.wants(t, 1, "run", script, "--from", "nowhere", "--imctl", program); !strings.Contains(r.stderr, "can't be read") {
		t.Error(fmt.Sprint(r.stderr))
	}
}
