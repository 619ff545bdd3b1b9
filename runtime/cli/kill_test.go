package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// killedSuite makes all kinds of things, among accounts and groups that were there before, one after the other and side
// by side. It says each step, also those of the ends of its tests.
const killedSuite = `
local function step(name) print("step " .. name) io.stdout:flush() end
local function ends(name) fixture.defer(function() step("end of " .. name) end) end

describe("much", function()
	local us, team
	before_all(function()
		ends("block")
		us = fixture.users(4)
		step("users")
		fixture.friends(us[1], us[2])
		team = fixture.group { owner = us[1], members = { us[2], { userID = "ben" } } }
		step("group")
	end)

	it("friends", function()
		ends("friends")
		fixture.friends(us[3], { userID = "ann" })
		step("friends")
		friend.add { fromUserID = us[4].userID, toUserID = us[3].userID }
		ends("more friends")
		friend.block { ownerUserID = us[1].userID, blackUserIDs = { us[4].userID, "dan" } }
		step("blocks")
		friend.block { ownerUserID = "dan", blackUserIDs = { us[4].userID } }
	end)

	it("groups", function()
		ends("groups")
		local g = group.create { ownerUserID = us[2].userID, groupName = "Own", memberUserIDs = { us[3].userID, "cid" } }
		step("group without a name")
		group.invite { groupID = "club", userIDs = { us[3].userID, us[4].userID } }
		step("invitation")
		ends("invitation")
		group.transfer { groupID = g.groupID, newOwnerUserID = us[3].userID }
		group.transfer { groupID = "club", newOwnerUserID = us[4].userID }
		step("transfer")
		group.join { groupID = "open", userID = us[1].userID }
	end)

	it("people at work", function()
		ends("people")
		local a, b = client.connect(us[1].userID), client.connect(us[2].userID)
		step("connected")
		a:send { to = us[2].userID, text = "hi" }
		b:expect { text = "hi", within = "5s" }
		a:send { groupID = team.groupID, text = "hi all" }
		message.send { sendID = us[3].userID, recvID = us[4].userID, text = "and you" }
		step("messages")
		user.disable { userIDs = { us[3].userID, "dan" } }
		step("disabled")
		conversation.set { ownerUserID = "ann", userID = "ben", isPinned = false }
	end)

	it("side by side", function()
		ends("tasks")
		task.map({ 1, 2, 3, 4, 5, 6 }, function(i)
			local u = user.add { userID = fixture.id("task"), nickname = "T" .. i }
			step("task " .. i)
			group.create { ownerUserID = u.userID, groupName = "T" .. i, memberUserIDs = { "ann" } }
		end, { concurrency = 3 })
		step("tasks")
	end)
end)`

// beside runs side by side with it, in a VM of its own, and makes what is its own alone.
const beside = `
it("minds its own business", function()
	for i = 1, 4 do
		local a, b = fixture.user(), user.add { userID = fixture.id("own"), nickname = "B" }
		print("step own " .. i)
		io.stdout:flush()
		fixture.friends(a, b)
		fixture.group { owner = b, members = { a } }
		fixture.defer(function() print("step end of own " .. i) end)
	end
end)`

// kills is how often the suite is killed.
const kills = 20

// TestKilledRunIsSwept ends a suite by SIGKILL at moments drawn by a seed. After each a sweep leaves the server as it was.
func TestKilledRunIsSwept(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	draw := rand.New(rand.NewPCG(seed, 0))
	p := newPerson(t, true)
	p.wants(t, 0, "run", "-e", before)
	was := p.snapshot(t)
	suite := append(p.gateway(), "test", "--jobs", "2", write(t, "much_test.lua", killedSuite), write(t, "beside_test.lua", beside))

	whole := p.wants(t, 0, suite...)
	steps := strings.Count(whole.stdout, "step ")
	if steps < 20 {
		t.Fatalf("%d steps:\n%s", steps, whole.stdout)
	}
	p.asBefore(t, was, "a run that nobody killed")
	p.noJournal(t)
	for n := range kills {
		at, pause := draw.IntN(steps)+1, time.Duration(draw.IntN(4000))*time.Microsecond
		last := p.killed(t, suite, at, pause)
		left := p.swept(t)
		t.Logf("kill %d: %v behind step %d (%s); %d things were left", n+1, pause, at, last, left)
		p.asBefore(t, was, "kill -9 and a sweep")
		p.noJournal(t)
	}
}

// killed runs the suite and kills it a little while after a step. It returns what the step was.
func (p person) killed(t *testing.T, suite []string, step int, pause time.Duration) (last string) {
	t.Helper()
	cmd := p.command(context.Background(), t, suite...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines, seen := bufio.NewScanner(stdout), 0
	for seen < step && lines.Scan() {
		if strings.HasPrefix(lines.Text(), "step ") {
			seen++
			last = strings.TrimPrefix(lines.Text(), "step ")
		}
	}
	time.Sleep(pause)
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_, _ = io.Copy(io.Discard, stdout)
	_ = cmd.Wait()
	if seen < step {
		t.Fatalf("it ended at step %d of %d\n%s", seen, step, stderr.String())
	}
	return last
}

// swept sweeps, and follows the advice for what imctl can't be sure of: a request that was killed before its answer, about
// what was there before the run. It returns how much was left.
func (p person) swept(t *testing.T) (left int) {
	t.Helper()
	for n := range 3 {
		r := p.run(t, "-o", "json", "test", "--sweep")
		if r.code == 0 {
			return max(left, strings.Count(r.stdout, `"outcome"`))
		}
		var rows []struct{ Op, Outcome, Detail string }
		if err := json.Unmarshal([]byte(r.stdout), &rows); err != nil || r.code != 5 {
			t.Fatalf("sweep %d: exit code %d, %v\n%s%s", n+1, r.code, err, r.stdout, r.stderr)
		}
		left = max(left, len(rows))
		unsure := 0
		for _, row := range rows {
			if _, advice, _ := strings.Cut(row.Detail, "look at it; imctl "); row.Outcome == "not_sure" {
				unsure++
				t.Logf("not sure: %s", advice)
				p.wants(t, 0, strings.Fields(advice)...)
			}
		}
		if unsure == len(rows) {
			for _, path := range p.journals(t) {
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
			}
			return left
		}
		if unsure == 0 {
			t.Fatalf("sweep %d left something that it was sure of\n%s%s", n+1, r.stdout, r.stderr)
		}
	}
	t.Fatal("three sweeps did not remove everything")
	return left
}

// noJournal fails when a journal is left in the person's home.
func (p person) noJournal(t *testing.T) {
	t.Helper()
	if left := p.journals(t); len(left) > 0 {
		t.Errorf("journals are left: %v", left)
	}
	if _, err := os.Stat(filepath.Join(p.home, ".local", "state", "imctl", "audit.jsonl")); err != nil {
		t.Errorf("the state is not where this test looks: %v", err)
	}
}

// journals are the files that runs left.
func (p person) journals(t *testing.T) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(p.home, ".local", "state", "imctl", "contexts", "*", "journal", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return left
}
