package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestReplayWithoutNetwork records the end-to-end script and plays it back with no server, and where the system lets
// us with no network at all.
func TestReplayWithoutNetwork(t *testing.T) {
	bin := binaries(t)
	tape := filepath.Join(t.TempDir(), "e2e.tape")
	script, err := filepath.Abs("../../scripts/e2e.lua")
	if err != nil {
		t.Fatal(err)
	}
	run := func(argv ...string) string {
		t.Helper()
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", argv, err, out)
		}
		return string(out)
	}
	imctl := filepath.Join(bin, "imctl")
	run(imctl, "--record", tape, "run", script)
	argv := []string{imctl, "--replay", tape, "run", script}
	if exec.Command("unshare", "--net", "true").Run() == nil {
		argv = append([]string{"unshare", "--net"}, argv...)
	} else {
		t.Log("no network namespace can be made here: replayed with the network on, and no server")
	}
	out := run(argv...)
	if !strings.Contains(out, ", 0 failed") || strings.Contains(out, "context sandbox") {
		t.Errorf("the replayed run:\n%s", out)
	}
	text, err := os.ReadFile(tape)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "openIM123") || strings.Contains(string(text), "eyJhbGci") {
		t.Error("the recording holds a secret")
	}
}
