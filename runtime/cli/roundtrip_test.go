package cli_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/openimsdk/imctl/runtime/sandbox/child"
)

// seedWorld fills a deployment; then it holds a connection, says that it is ready, and looks what became of its history when
// it is told to go on.
const seedWorld = `
local users, groups, members, messages = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3]), tonumber(arg[4])
local function id(i) return "u" .. i % users end
local batch = {}
for i = 0, users - 1 do
	batch[#batch + 1] = { userID = id(i), nickname = "Nutzer Ü " .. i }
	if #batch == 1000 or i == users - 1 then
		user.register { users = batch }
		batch = {}
	end
end
local gs = {}
for g = 0, groups - 1 do gs[g + 1] = g end
task.map(gs, function(g)
	local ids = {}
	for m = 1, members - 1 do ids[m] = id(g * members + m) end
	group.create { groupID = "g" .. g, groupName = "Gruppe " .. g, ownerUserID = id(g * members), memberUserIDs = ids }
end, { concurrency = 8 })
for i = 1, users / 100 do friend.import { ownerUserID = id(i), friendUserIDs = { id(i + 1), id(i + 2) } } end
task.map(gs, function(g)
	for i = 1, messages / groups do
		message.send { sendID = id(g * members + i % members), groupID = "g" .. g, text = "message " .. i .. " in g" .. g }
	end
end, { concurrency = 16 })
message.send { sendID = "u2", recvID = "u1", text = "between us" }
message.wait { sendID = "u2", recvID = "u1", text = "between us" }

local function history(group)
	local lines = {}
	for m in message.pull { conversationID = "sg_" .. group, userID = "u1" } do
		if m.text and m.text ~= "" then lines[#lines + 1] = m.seq .. " " .. m.sendID .. " " .. m.text end
	end
	return table.concat(lines, "\n"), #lines
end
local c = client.connect("u1")
local before, n = history("g0")
print("ready " .. n)
io.stdout:flush()
io.read("*l")
local after = history("g0")
if after ~= before then error("the history of g0 is another one") end
local newest = message.send { sendID = "u2", groupID = "g0", text = "after the restore" }
local got = c:expect { text = "after the restore", within = "30s" }
local last = tonumber(before:match("([^\n]*)$"):match("^%d+"))
if tonumber(tostring(got.seq)) <= last then error("seq " .. tostring(got.seq) .. " was given before: the last one was " .. last) end
print("consistent")
`

// TestRoundTrip backs a whole deployment up, wipes its database, and restores it: all is there again, by content, and a
// client that was connected all the time sees what it saw.
func TestRoundTrip(t *testing.T) {
	users, groups, members, messages := "2000", "20", "40", "8000"
	if os.Getenv("IMCTL_ROUNDTRIP") == "whole" { // make roundtrip: minutes, nearly all of them the sandbox's MongoDB's
		users, groups, members, messages = "20000", "500", "40", "200000"
	}
	program := exec.Command(filepath.Join(binaries(t), child.Program), "--until-stdin-closes")
	program.Stderr = os.Stderr
	stdin, err := program.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = program.Wait()
	})
	ready, err := child.ReadReady(stdout)
	if err != nil {
		t.Fatal(err)
	}
	w := &killWorld{t: t, imctl: filepath.Join(binaries(t), "imctl"), home: t.TempDir()}
	config := fmt.Sprintf("current: whole\ncontexts:\n- name: whole\n  timeout: 10m\n  api: %s\n  gateway: %s\n  admin: %s\n  secret: {file: %s}\n  mongo: {addresses: [%q], database: %s}\n  redis: {addresses: [%q]}\n",
		ready.API, ready.Gateway, ready.Admin, filepath.Join(w.home, "secret"), ready.Mongo, ready.Database, ready.Redis)
	for name, text := range map[string]string{"imctl/config.yaml": config, "secret": ready.Secret, "seed.lua": seedWorld} {
		file := filepath.Join(w.home, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	client := startSeed(t, w, users, groups, members, messages)
	step := stopwatch(t)
	client.says("ready ")
	step("seeded")

	w.mustRun("data", "backup", "b.tar.zst")
	step("backed up")
	w.mustRun("data", "verify", "--deep", "b.tar.zst")
	step("verified by a restore")
	if w.client, err = mongo.Connect(options.Client().SetHosts([]string{ready.Mongo}).SetDirect(true)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.client.Disconnect(context.Background()) })
	before := w.holds()
	step("summed")
	db := w.client.Database("openim_v3")
	if err := db.Drop(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.mustRun("data", "restore", "b.tar.zst", "--yes")
	step("restored")
	after := w.holds()
	for name, want := range before {
		if strings.HasSuffix(name, "_version") {
			continue // dropped, so that clients sync fully; the services make them anew
		}
		if after[name] != want {
			t.Errorf("%s holds %s, want %s", name, after[name], want)
		}
	}
	if n, err := db.Collection("msg").CountDocuments(t.Context(), bson.D{}); err != nil || n < 10 {
		t.Errorf("%d documents of messages, %v", n, err)
	}
	out, err := w.run("data", "check", "-o", "jsonl")
	if err != nil || strings.Contains(out, `"kind"`) {
		t.Errorf("data check: %v\n%s", err, out)
	}
	step("checked")
	client.goOn()
	client.says("consistent")
	step("looked at by the client")
}

// seedClient is the script that seeds and looks.
type seedClient struct {
	t     *testing.T
	in    io.WriteCloser
	lines *bufio.Scanner
	cmd   *exec.Cmd
}

func startSeed(t *testing.T, w *killWorld, args ...string) *seedClient {
	t.Helper()
	c := &seedClient{t: t, cmd: w.command(append([]string{"run", "seed.lua"}, args...)...)}
	c.cmd.Stderr = os.Stderr
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.lines = bufio.NewScanner(out)
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.in.Close()
		_ = c.cmd.Wait()
	})
	return c
}

func (c *seedClient) says(want string) {
	c.t.Helper()
	if !c.lines.Scan() || !strings.HasPrefix(c.lines.Text(), want) {
		c.t.Fatalf("the client says %q, want %q", c.lines.Text(), want)
	}
	c.t.Log(c.lines.Text())
}

func (c *seedClient) goOn() {
	if _, err := io.WriteString(c.in, "\n"); err != nil {
		c.t.Fatal(err)
	}
}

// stopwatch logs how long each step took.
func stopwatch(t *testing.T) func(string) {
	last := time.Now()
	return func(step string) {
		t.Logf("%s: %.1f s", step, time.Since(last).Seconds())
		last = time.Now()
	}
}
