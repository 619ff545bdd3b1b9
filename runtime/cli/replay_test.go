package cli_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestReplayWithoutNetwork records the end-to-end scripts and plays them back with no server, and where the system lets
// us with no network at all. A replay that went well once goes well each time.
func TestReplayWithoutNetwork(t *testing.T) {
	for name, times := range map[string]int{"e2e.lua": 1, "e2e_messages.lua": 3} {
		t.Run(name, func(t *testing.T) {
			tape := record(t, shipped(t, name))
			for range times {
				r := replay(t, tape, shipped(t, name))
				if r.code != 0 || !strings.Contains(r.stdout, ", 0 failed") || strings.Contains(r.stderr, "context sandbox") {
					t.Fatalf("the replayed run: code %d\n%s%s", r.code, r.stdout, r.stderr)
				}
			}
			text, err := os.ReadFile(tape)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "openIM123") || strings.Contains(string(text), "eyJhbGci") {
				t.Error("the recording holds a secret")
			}
		})
	}
}

// TestReplayOfAChangedScript: what was not recorded fails the test in which it stands, at once, and no other test.
func TestReplayOfAChangedScript(t *testing.T) {
	tape := record(t, shipped(t, "e2e_messages.lua"))
	path, _ := changed(t, "e2e_messages.lua", `send { to = bob.userID, text = "hi" }`, `send { to = bob.userID, text = "hello" }`)
	r := replay(t, tape, path)
	for _, want := range []string{"✗ exchange a message", "not recorded: request 1003", `{"content":"hello"}`, "11 passed, 1 failed"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("the output lacks %q:\n%s%s", want, r.stdout, r.stderr)
		}
	}
}

// TestReplayOfTasks: tasks that run side by side make their requests in another order each time, and draw one another's
// ids for messages; connections come back and pull what they missed in the meantime.
func TestReplayOfTasks(t *testing.T) {
	script := write(t, "tasks.lua", `
it("talks in pairs", function()
	local people = fixture.users(8)
	local c = task.map(people, function(u) return client.connect { userID = u.userID, platform = "ios" } end, { concurrency = 4 })
	local tasks = {}
	for i = 1, #c, 2 do
		local a, b = c[i], c[i + 1]
		tasks[#tasks + 1] = task.spawn(function()
			for n = 1, 10 do
				a:send { to = b.userID, text = "ping" }
				b:expect { from = a.userID, text = "ping", within = "20s" }
				local sent = b:send { to = a.userID, text = "pong " .. n }
				expect(a:expect { from = b.userID, text = "pong " .. n, within = "20s" }.clientMsgID):equals(sent.clientMsgID)
				if n % 3 == 0 then
					b:drop()
					for m = 1, 5 do a:send { to = b.userID, text = "away " .. m, noWait = true } end
					b:reconnect()
					b:expect { from = a.userID, text = "away 5", within = "20s" }
				end
			end
		end)
	end
	for _, t in ipairs(tasks) do t:wait() end
end)`)
	tape := record(t, script)
	for range 3 {
		if r := replay(t, tape, script); r.code != 0 {
			t.Fatalf("the replayed run: code %d\n%s%s", r.code, r.stdout, r.stderr)
		}
	}
}

// record runs a script on a sandbox of its own and returns the recording.
func record(t *testing.T, script string) string {
	t.Helper()
	tape := filepath.Join(t.TempDir(), "run.tape")
	newPerson(t, false).wants(t, 0, "--record", tape, "run", script)
	return tape
}

// replay plays a recording with no network, where that can be had.
func replay(t *testing.T, tape, script string) result {
	t.Helper()
	argv := []string{filepath.Join(binaries(t), "imctl"), "--replay", tape, "run", script}
	if exec.Command("unshare", "--net", "true").Run() == nil {
		argv = append([]string{"unshare", "--net"}, argv...)
	} else {
		t.Log("no network namespace can be made here: replayed with the network on, and no server")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run()
	return result{code: cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}
}
