package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings/fault"
)

// TestReadmeCommands runs every command of the README's console blocks, in order, as a newcomer would type them. What
// the reader has to put in is put in: an OpenIM config folder whose server is the sandbox that an earlier line started.
func TestReadmeCommands(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	bin := binaries(t)
	for from, to := range map[string]string{bin: filepath.Join(work, "bin"), "../../scripts": filepath.Join(work, "scripts")} {
		abs, err := filepath.Abs(from)
		if err == nil {
			err = os.Symlink(abs, to)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"HOME=" + work, "PATH=" + os.Getenv("PATH"), "STAGE_SECRET=openIM123"}
	ran := 0
	run := func(line string) {
		t.Helper()
		cmd := exec.Command("bash", "-c", line)
		cmd.Dir, cmd.Env = work, env
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("$ %s\n%v\n%s", line, err, out)
		}
	}
	t.Cleanup(func() { // also when a line in between failed
		cmd := exec.Command(filepath.Join(bin, "imctl"), "sandbox", "stop")
		cmd.Env = env
		_ = cmd.Run()
	})
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(block[1]) {
			line, isCommand := strings.CutPrefix(strings.TrimSpace(line), "$ ")
			if !isCommand {
				continue
			}
			if strings.Contains(line, "/path/to/openim/config") {
				run("bin/imctl sandbox start")
				line = strings.Replace(line, "/path/to/openim/config", configFolder(t, work, env), 1)
			}
			run(line)
			ran++
		}
	}
	for i, block := range regexp.MustCompile("(?s)```lua\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		file := filepath.Join(work, fmt.Sprintf("readme%d.lua", i))
		if err := os.WriteFile(file, []byte(block[1]), 0o600); err != nil {
			t.Fatal(err)
		}
		how := "test "
		if strings.Contains(block[1], "scenario.iterate") {
			how = "run --vus 2 --iterations 4 "
		}
		run("bin/imctl --context sandbox " + how + file)
		ran++
	}
	if ran < 15 {
		t.Errorf("only %d commands were found", ran)
	}
}

// configFolder makes the config folder of a server that is the running sandbox.
func configFolder(t *testing.T, work string, env []string) string {
	t.Helper()
	cmd := exec.Command("bin/imctl", "sandbox", "status", "-o", "json", "--query", "api")
	cmd.Dir, cmd.Env = work, env
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	address := strings.Trim(strings.TrimSpace(string(out)), `"`)
	port := address[strings.LastIndexByte(address, ':')+1:]
	dir := filepath.Join(work, "openim-config")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"share.yml":      "secret: openIM123\nimAdminUser:\n  userIDs: [imAdmin]\n",
		"openim-api.yml": "api:\n  listenIP: 0.0.0.0\n  ports: [" + port + "]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestReadmeExitCodes compares the README's table with the codes that the program has.
func TestReadmeExitCodes(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range fault.ExitCodes() {
		if row := fmt.Sprintf("| %d | %s |\n", c.Code, c.Meaning); !strings.Contains(string(text), row) {
			t.Errorf("the README lacks the row %q", row)
		}
	}
}
