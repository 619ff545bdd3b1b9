package sandbox

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asProgram makes the test binary the program imctl-sandbox, for tests of a real child.
const asProgram = "SANDBOX_TEST_AS_PROGRAM"

func runAsProgram() {
	if os.Getenv(asProgram) != "" {
		os.Exit(Run(context.Background(), nil, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
}

// child is a running program.
type child struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr bytes.Buffer
}

func startChild(t *testing.T, args ...string) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: exec.CommandContext(t.Context(), self, args...)}
	c.cmd.Env = append(os.Environ(), asProgram+"=1")
	c.cmd.Stderr = &c.stderr
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.stdout = bufio.NewReader(stdout)
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// ready reads the line and gives it back raw too.
func (c *child) ready(t *testing.T) (Ready, map[string]any) {
	t.Helper()
	line, err := c.stdout.ReadBytes('\n')
	if err != nil {
		t.Fatalf("no ready line: %v %s", err, c.stderr.String())
	}
	var r Ready
	var raw map[string]any
	if err := json.Unmarshal(line, &r); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(line, &raw); err != nil {
		t.Fatal(err)
	}
	return r, raw
}

// wait waits for the end, which must come soon.
func (c *child) wait(t *testing.T) int {
	t.Helper()
	killer := time.AfterFunc(10*time.Second, func() { _ = c.cmd.Process.Kill() })
	defer killer.Stop()
	rest, err := io.ReadAll(c.stdout)
	if err != nil || len(rest) > 0 {
		t.Errorf("more on stdout: %q %v", rest, err)
	}
	_ = c.cmd.Wait() // the code says it
	return c.cmd.ProcessState.ExitCode()
}

func TestProgramEndsWhenStdinCloses(t *testing.T) {
	t.Parallel()
	began := time.Now()
	c := startChild(t, "--until-stdin-closes")
	r, raw := c.ready(t)
	t.Logf("ready after %v", time.Since(began))
	var keys []string
	for k := range raw {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	if want := "admin api chatAPI chatAdmin gateway pid redis secret"; strings.Join(keys, " ") != want {
		t.Errorf("keys of the ready line: %v, want %s", keys, want)
	}
	if r.PID != c.cmd.Process.Pid || r.Secret != "openIM123" || r.Admin != "imAdmin" {
		t.Errorf("ready: %+v", r)
	}
	for _, base := range []string{r.API, r.ChatAPI, r.ChatAdmin} {
		if !strings.HasPrefix(base, "http://127.0.0.1:") {
			t.Errorf("address %q", base)
		}
		resp, err := http.Get(base + "/")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	http.DefaultClient.CloseIdleConnections()
	if err := c.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if code := c.wait(t); code != exitDone {
		t.Errorf("exit %d: %s", code, c.stderr.String())
	}
	if c.stderr.Len() > 0 {
		t.Errorf("not quiet: %s", c.stderr.String())
	}
	if conn, err := net.Dial("tcp", r.Redis); err == nil {
		_ = conn.Close()
		t.Error("redis still listens")
	}
}

func TestProgramEndsOnSignals(t *testing.T) {
	t.Parallel()
	for _, sig := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		c := startChild(t, "--verbose")
		c.ready(t)
		if err := c.cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		if code := c.wait(t); code != exitDone {
			t.Errorf("%v: exit %d: %s", sig, code, c.stderr.String())
		}
		_ = c.stdin.Close()
	}
}

func TestProgramUsage(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", anyPort)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	tests := []struct {
		args []string
		code int
		say  string
	}{
		{[]string{"--help"}, exitDone, "--until-stdin-closes"},
		{[]string{"--no-such"}, exitUsage, "--no-such"},
		{[]string{"extra"}, exitUsage, `"extra"`},
		{[]string{"--generation", "2"}, exitUsage, "3.8.3"},
		{[]string{"--fault", "sometimes"}, exitUsage, "sometimes"},
		{[]string{"--seed", "x"}, exitUsage, "--seed"},
		{[]string{"--api", taken.Addr().String()}, exitFailed, "in use"},
	}
	for _, test := range tests {
		var out bytes.Buffer
		code := Run(t.Context(), nil, test.args, nil, &out, &out)
		if code != test.code || !strings.Contains(out.String(), test.say) {
			t.Errorf("%v: exit %d, %q", test.args, code, out.String())
		}
		if code != exitDone && strings.Count(out.String(), "\n") != 1 {
			t.Errorf("%v: more than a line: %q", test.args, out.String())
		}
	}
}
