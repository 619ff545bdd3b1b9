package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openimsdk/imctl/runtime/sandbox/child"
)

// These tests run the scripts that imctl is shipped with, by the real programs.

// shipped is the path of a script in scripts/.
func shipped(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "scripts", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// person is somebody with a home folder, in which imctl keeps its state.
type person struct {
	home   string
	server child.Ready // where imctl is pointed at; empty: the built-in context
}

// newPerson starts a sandbox for the person when own is set.
func newPerson(t *testing.T, own bool) person {
	t.Helper()
	p := person{home: t.TempDir()}
	if !own {
		return p
	}
	cmd := exec.Command(filepath.Join(binaries(t), child.Program), "--until-stdin-closes")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	if p.server, err = child.ReadReady(stdout); err != nil {
		t.Fatal(err)
	}
	if p.server.Gateway == "" {
		t.Fatal("the sandbox has no gateway")
	}
	return p
}

func (p person) command(ctx context.Context, t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	if p.server.API != "" {
		args = append([]string{"--server", p.server.API, "--admin", p.server.Admin}, args...)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(binaries(t), "imctl"), args...)
	cmd.Env = []string{"HOME=" + p.home, "PATH=" + os.Getenv("PATH"), "IMCTL_SECRET=" + p.server.Secret}
	return cmd
}

// result is what a run of imctl came to.
type result struct {
	code           int
	stdout, stderr string
	took           time.Duration
}

// run runs imctl and checks that nothing it says holds a secret or a token.
func (p person) run(t *testing.T, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := p.command(ctx, t, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	_ = cmd.Run()
	r := result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String(), time.Since(start)}
	p.discreet(t, r.stdout+r.stderr)
	return r
}

// wants runs imctl and checks its exit code.
func (p person) wants(t *testing.T, code int, args ...string) result {
	t.Helper()
	r := p.run(t, args...)
	if r.code != code {
		t.Fatalf("imctl %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), r.code, code, r.stdout, r.stderr)
	}
	return r
}

// discreet fails when the text holds the secret, or what looks like the start of a token.
func (p person) discreet(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{p.server.Secret, "eyJ"} {
		if secret != "" && strings.Contains(text, secret) {
			t.Errorf("the output holds %q:\n%s", secret, text)
		}
	}
}

// leftovers fails when anything of a script's fixtures is still in use: accounts that are not retired, friendships,
// groups. The accounts themselves stay, since OpenIM can't delete them.
func (p person) leftovers(t *testing.T) {
	t.Helper()
	const look = `
local disabled, accounts = {}, 0
for row in user.disabled() do disabled[row.userID] = true end
for u in user.list() do
	accounts = accounts + 1
	if u.nickname ~= "" then print(u.userID .. " has its name") end
	if not disabled[u.userID] then print(u.userID .. " is not disabled") end
	for f in friend.list(u.userID) do print(u.userID .. " has the friend " .. f.userID) end
	for g in group.list { userID = u.userID } do
		if g.status ~= 2 then print(u.userID .. " is in the group " .. g.groupID) end
	end
end
for g in group.list() do print("the group " .. g.groupID .. " is not dismissed") end
if accounts < 4 then print("only " .. accounts .. " accounts were made at all") end`
	if r := p.wants(t, 0, "run", "-e", look); r.stdout != "" {
		t.Errorf("left behind:\n%s", r.stdout)
	}
}

// changed writes a copy of a shipped script in which one text, that is in it once, is replaced.
func changed(t *testing.T, name, old, with string) (path string, line int) {
	t.Helper()
	text, err := os.ReadFile(shipped(t, name))
	if err != nil {
		t.Fatal(err)
	}
	before, after, found := strings.Cut(string(text), old)
	if !found || strings.Contains(after, old) {
		t.Fatalf("%s does not hold %q once", name, old)
	}
	path = filepath.Join(t.TempDir(), filepath.Base(name))
	if err := os.WriteFile(path, []byte(before+with+after), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, 1 + strings.Count(before, "\n")
}

func TestEndToEndScript(t *testing.T) {
	r := newPerson(t, false).wants(t, 0, "run", shipped(t, "e2e.lua"))
	if r.took > 20*time.Second {
		t.Errorf("it took %v, want less than 20 s", r.took)
	}
	sum := regexp.MustCompile(`(\d+) tests, (\d+) checks: (\d+) passed, 0 failed \(`).FindStringSubmatch(r.stdout)
	if sum == nil {
		t.Fatalf("no summary, or not all green:\n%s", r.stdout)
	}
	if checks, _ := strconv.Atoi(sum[2]); checks < 25 || sum[1] != sum[3] {
		t.Errorf("%s; want at least 25 checks, and all tests passed", sum[0])
	}
}

func TestEndToEndScriptCleansUp(t *testing.T) {
	p := newPerson(t, true)
	p.wants(t, 0, "run", shipped(t, "e2e.lua"))
	p.leftovers(t)
}

func TestEndToEndScriptRed(t *testing.T) {
	p := newPerson(t, true)
	path, line := changed(t, "e2e.lua", "memberCount = 3", "memberCount = 4")
	r := p.wants(t, 1, "run", path)
	for _, want := range []string{
		`✗ has its members`, `got 3, want 4`, regexp.QuoteMeta(path) + `:` + strconv.Itoa(line) + `: .*memberCount = 4`,
		`/group/get_groups_info .*operationID imctl-[0-9a-f]{16}`, `1 failed`,
	} {
		if !regexp.MustCompile(want).MatchString(r.stdout) {
			t.Errorf("the output does not match %q:\n%s", want, r.stdout)
		}
	}
	p.leftovers(t)
}

func TestEndToEndScriptInterrupted(t *testing.T) {
	p := newPerson(t, true)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := p.command(ctx, t, "run", shipped(t, "e2e.lua"))
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var seen strings.Builder
	lines := bufio.NewScanner(io.TeeReader(stdout, &seen))
	interrupted := false
	for lines.Scan() {
		if strings.Contains(lines.Text(), "has its members") { // in the middle: friends, groups and messages are there
			interrupted = true
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Error(err)
			}
		}
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 130 || !interrupted {
		t.Fatalf("exit code %d, want 130\n%s%s", code, seen.String(), stderr.String())
	}
	p.discreet(t, seen.String()+stderr.String())
	p.leftovers(t)
}

func TestSmokeScript(t *testing.T) {
	p := newPerson(t, true)
	for _, flag := range []string{"--read-only", "--dry-run"} {
		if r := p.wants(t, 0, flag, "run", shipped(t, "smoke.lua")); !strings.Contains(r.stdout, "12 passed, 0 failed") {
			t.Errorf("%s: no green summary:\n%s", flag, r.stdout)
		}
	}
	p.wants(t, 1, "run", shipped(t, "smoke.lua"), "--max-skew", "-3600") // no clock is that right
	wrong := p
	wrong.server.Secret = "this-is-not-it"
	wrong.home = t.TempDir() // no token is kept there
	wrong.wants(t, 3, "run", shipped(t, "smoke.lua"))
}

func TestSmokeScriptNothingListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := newPerson(t, false)
	p.server = child.Ready{API: "http://" + l.Addr().String(), Admin: "imAdmin", Secret: "some-secret"}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	r := p.wants(t, 4, "--read-only", "run", shipped(t, "smoke.lua"))
	if !strings.Contains(r.stderr, l.Addr().String()) || !strings.Contains(r.stderr, "smoke.lua:") {
		t.Errorf("the error names neither the address nor the line:\n%s", r.stderr)
	}
}

func TestIdleUsersScript(t *testing.T) {
	t.Parallel()
	p := newPerson(t, true)
	script := shipped(t, "maintenance/idle_users.lua")
	p.wants(t, 0, "run", "-e", `
user.register { users = {
	{ userID = "quiet1", nickname = 'Quiet, "one"' }, { userID = "quiet2", nickname = "安静" }, { userID = "talker", nickname = "T" },
	{ userID = "in_group", nickname = "G" }, { userID = "banned", nickname = "B" },
} }
user.disable("banned")
group.create { groupID = "g1", groupName = "g", ownerUserID = "in_group", memberUserIDs = { "quiet2" } }`)
	time.Sleep(17 * time.Second)
	p.wants(t, 0, "run", "-e", `
message.wait { conversationID = message.send { sendID = "talker", recvID = "quiet1", text = "hi" }.conversationID, userID = "quiet1", text = "hi" }
message.wait { groupID = "g1", text = "hi", clientMsgID = message.send { sendID = "in_group", groupID = "g1", text = "hi" }.clientMsgID }
user.add { userID = "fresh" }`)
	const days = "0.00018" // 15.6 s

	csv := filepath.Join(t.TempDir(), "idle.csv")
	r := p.wants(t, 0, "run", script, "--days", days, "--csv", csv)
	if !strings.Contains(r.stdout, "2 idle accounts") {
		t.Errorf("want 2 idle accounts:\n%s", r.stdout)
	}
	rows, err := os.ReadFile(csv)
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`^userID,nickname,registered\nquiet1,"Quiet, ""one""",\d{4}-\d\d-\d\d\nquiet2,安静,\d{4}-\d\d-\d\d\n$`)
	if !want.Match(rows) {
		t.Errorf("the CSV file is\n%s", rows)
	}
	if r := p.wants(t, 0, "run", script, "--days", days, "--limit", "1"); !strings.Contains(r.stdout, "1 idle account:") {
		t.Errorf("--limit 1:\n%s", r.stdout)
	}
	if r := p.wants(t, 0, "run", script); !strings.Contains(r.stdout, "0 idle accounts") {
		t.Errorf("30 days:\n%s", r.stdout)
	}
	if r := p.wants(t, 0, "--dry-run", "run", script, "--days", days, "--disable"); !strings.Contains(r.stdout, "2 accounts would be disabled") {
		t.Errorf("a dry run:\n%s", r.stdout)
	}
	disabled := `local ids = {} for row in user.disabled() do ids[#ids + 1] = row.userID end table.sort(ids) print(table.concat(ids, " "))`
	if r := p.wants(t, 0, "run", "-e", disabled); r.stdout != "banned\n" {
		t.Errorf("disabled before --disable: %s", r.stdout)
	}
	p.wants(t, 0, "run", script, "--days", "0.00005", "--limit", "2", "--disable")
	if r := p.wants(t, 0, "run", "-e", disabled); r.stdout != "banned quiet1 quiet2\n" {
		t.Errorf("disabled after --disable: %s", r.stdout)
	}
	p.wants(t, 1, "run", script, "--dais", "3")
}

func TestTestCommandExitCodes(t *testing.T) {
	p := newPerson(t, false)
	for name, c := range map[string]struct {
		text string
		code int
	}{
		"none":    {`print("no test here")`, 8},
		"failing": {`it("fails", function() expect(1):equals(2) end)`, 1},
		"passing": {`it("passes", function() expect(1):equals(1) end)`, 0},
	} {
		path := filepath.Join(t.TempDir(), name+".lua")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		p.wants(t, c.code, "test", path)
	}
}
