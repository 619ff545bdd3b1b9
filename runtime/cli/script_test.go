package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/tidwall/gjson"

	"github.com/openimsdk/imctl/runtime/sandbox/child"
)

// TestScripts runs testdata/script/*.txtar against the real programs. IMCTL_UPDATE_SCRIPTS=1 rewrites what cmp compares
// with. Beside testscript's own commands a script has:
//
//	stub [-tls] NAME SPEC        start the server that the file SPEC describes (stub_test.go); $NAME is its URL, $NAME_HOST host:port
//	requests [-ids] [-nologin] NAME   print the log of its requests to stdout
//	sandbox NAME [ARGS]          start imctl-sandbox; $NAME is its address, $NAME_GATEWAY its gateway's, $NAME_SECRET and $IMCTL_SECRET its secret
//	nobody NAME                  $NAME becomes an address where nothing listens
//	rc N CMD...                  run a program and check its exact exit code
//	timed MIN MAX rc N CMD...    the same, and its duration in milliseconds
//	interrupt AFTER rc N CMD...  the same, with SIGINT after so many milliseconds, which must end it within a second
//	json FILE PATH WANT          FILE (or stdout) is one JSON document, and the gjson PATH in it gives WANT
//	lines N FILE                 FILE (or stdout) has N lines
//	nowhere TEXT [FOLDER...]     no file below the work folder holds TEXT, those in FOLDER apart
//	mode PERM FILE               FILE has these permissions, in octal
//	write FILE LUA               FILE becomes what the Lua code prints: for inputs too long to be in the script
func TestScripts(t *testing.T) {
	testscript.Run(t, scriptParams(t, false))
}

// TestTimedScripts runs the scripts that measure time: one after the other, when all others have ended.
func TestTimedScripts(t *testing.T) {
	testscript.RunT(oneByOne{t}, scriptParams(t, true))
}

// oneByOne is a testing.T whose tests don't run in parallel.
type oneByOne struct{ *testing.T }

func (oneByOne) Parallel()     {}
func (oneByOne) Verbose() bool { return testing.Verbose() }

// Run runs a test, and returns when it has ended.
func (o oneByOne) Run(name string, f func(testscript.T)) {
	o.T.Run(name, func(t *testing.T) { f(oneByOne{t}) })
}

func scriptParams(t *testing.T, timed bool) testscript.Params {
	bin := binaries(t)
	all, err := filepath.Glob(filepath.Join("..", "..", "testdata", "script", "*.txtar"))
	if err != nil || len(all) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	files := slices.DeleteFunc(all, func(name string) bool {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(text, []byte("\ntimed ")) != timed
	})
	return testscript.Params{
		Files: files, RequireUniqueNames: true, UpdateScripts: os.Getenv("IMCTL_UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error { return setUp(env, bin) },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"stub": cmdStub, "requests": cmdRequests, "sandbox": cmdSandbox, "nobody": cmdNobody,
			"rc": cmdRC, "timed": cmdTimed, "interrupt": cmdInterrupt,
			"json": cmdJSON, "lines": cmdLines, "nowhere": cmdNowhere, "mode": cmdMode, "write": cmdWrite,
		},
	}
}

// setUp gives the script a home of its own, and ends what it left running.
func setUp(env *testscript.Env, bin string) error {
	home := filepath.Join(env.WorkDir, "home")
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	env.Setenv("HOME", home)
	for variable, dir := range map[string]string{"CONFIG": "config", "CACHE": "cache", "STATE": "state", "DATA": "data"} {
		env.Setenv("XDG_"+variable+"_HOME", filepath.Join(home, dir))
	}
	env.Setenv("PATH", bin+string(os.PathListSeparator)+env.Getenv("PATH"))
	env.Values[stubsKey] = map[string]*stub{}
	env.Defer(func() {
		var ready child.Ready
		data, err := os.ReadFile(filepath.Join(home, "state", "imctl", "sandbox.json"))
		if err == nil && json.Unmarshal(data, &ready) == nil && ready.PID > 1 {
			_ = syscall.Kill(ready.PID, syscall.SIGKILL)
		}
	})
	return nil
}

type key string

const stubsKey key = "stubs"

func usage(ts *testscript.TestScript, bad bool, text string) {
	if bad {
		ts.Fatalf("usage: %s", text)
	}
}

func cmdStub(ts *testscript.TestScript, neg bool, args []string) {
	tls := len(args) > 0 && args[0] == "-tls"
	if tls {
		args = args[1:]
	}
	usage(ts, neg || len(args) != 2, "stub [-tls] NAME SPEC")
	s, err := newStub([]byte(ts.ReadFile(args[1])), tls)
	ts.Check(err)
	ts.Defer(s.stop)
	ts.Value(stubsKey).(map[string]*stub)[args[0]] = s
	ts.Setenv(args[0], s.URL)
	ts.Setenv(args[0]+"_HOST", s.Listener.Addr().String())
}

func cmdRequests(ts *testscript.TestScript, neg bool, args []string) {
	var ids bool
	var skip []string
	for len(args) > 1 {
		switch args[0] {
		case "-ids":
			ids = true
		case "-nologin":
			skip = append(skip, adminTokenPath)
		}
		args = args[1:]
	}
	usage(ts, neg || len(args) != 1, "requests [-ids] [-nologin] NAME")
	s := ts.Value(stubsKey).(map[string]*stub)[args[0]]
	if s == nil {
		ts.Fatalf("no stub %s", args[0])
	}
	fmt.Fprint(ts.Stdout(), s.requests(ids, skip))
}

func cmdSandbox(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) < 1, "sandbox NAME [ARGS...]")
	program := filepath.Join(built.dir, child.Program)
	cmd := exec.Command(program, append([]string{"--until-stdin-closes"}, args[1:]...)...)
	stdin, err := cmd.StdinPipe()
	ts.Check(err)
	stdout, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	ready, err := child.ReadReady(stdout)
	ts.Check(err)
	ts.Setenv(args[0], ready.API)
	ts.Setenv(args[0]+"_GATEWAY", ready.Gateway)
	ts.Setenv(args[0]+"_SECRET", ready.Secret)
	ts.Setenv("IMCTL_SECRET", ready.Secret)
}

func cmdNobody(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 1, "nobody NAME")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], "http://"+l.Addr().String())
	ts.Check(l.Close())
}

func cmdRC(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) < 2, "rc N CMD...")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func cmdTimed(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) < 5 || args[2] != "rc", "timed MIN MAX rc N CMD...")
	least, err := strconv.Atoi(args[0])
	ts.Check(err)
	most, err := strconv.Atoi(args[1])
	ts.Check(err)
	start := time.Now()
	ts.Check(exec.Command(filepath.Join(built.dir, "imctl"), "version").Run())
	most += 5 * int(time.Since(start).Milliseconds()) // some 50 ms, more on a busy machine
	start = time.Now()
	cmdRC(ts, false, args[3:])
	if ms := int(time.Since(start).Milliseconds()); ms < least || ms > most {
		ts.Fatalf("it took %d ms, want %d to %d", ms, least, most)
	}
}

func cmdInterrupt(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) < 4 || args[1] != "rc", "interrupt AFTER rc N CMD...")
	after, err := strconv.Atoi(args[0])
	ts.Check(err)
	want, err := strconv.Atoi(args[2])
	ts.Check(err)
	cmd := exec.Command(filepath.Join(built.dir, args[3]), args[4:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), ts.Stdout(), ts.Stderr()
	for _, name := range []string{"WORK", "PATH", "HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "IMCTL_SECRET"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	ts.Check(cmd.Start())
	start := time.Now()
	timer := time.AfterFunc(time.Duration(after)*time.Millisecond, func() { _ = cmd.Process.Signal(os.Interrupt) })
	defer timer.Stop()
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("exit code %d after %v, want %d", got, time.Since(start), want)
	}
	if late := time.Since(start) - time.Duration(after)*time.Millisecond; late > time.Second {
		ts.Fatalf("it ended %v after the interrupt", late)
	}
}

func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 3, "json FILE PATH WANT")
	text := ts.ReadFile(args[0])
	if !json.Valid([]byte(text)) {
		ts.Fatalf("%s is not one JSON document:\n%s", args[0], text)
	}
	if got := gjson.Get(text, args[1]).String(); got != args[2] {
		ts.Fatalf("%s is %q, want %q", args[1], got, args[2])
	}
}

func cmdLines(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 2, "lines N FILE")
	if got := strconv.Itoa(strings.Count(ts.ReadFile(args[1]), "\n")); got != args[0] {
		ts.Fatalf("%s has %s lines, want %s", args[1], got, args[0])
	}
}

func cmdNowhere(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) < 1, "nowhere TEXT [FOLDER OR FILE...]")
	work := ts.Getenv("WORK")
	ts.Check(filepath.WalkDir(work, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if slices.ContainsFunc(args[1:], func(except string) bool { return path == ts.MkAbs(except) }) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		data, err := os.ReadFile(path)
		if err == nil && bytes.Contains(data, []byte(args[0])) {
			ts.Fatalf("%s holds %s", strings.TrimPrefix(path, work), args[0])
		}
		return err
	}))
}

func cmdMode(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 2, "mode PERM FILE")
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

func cmdWrite(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 2, "write FILE LUA")
	ts.Check(ts.Exec("imctl", "run", "-e", args[1]))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(ts.ReadFile("stdout")), 0o600))
}

// TestSandboxEndsWithItsParent ends imctl by signals; by SIGKILL it can clean up nothing. Its sandbox goes all the same.
func TestSandboxEndsWithItsParent(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			testSandboxEndsAfter(t, signal)
		})
	}
}

func testSandboxEndsAfter(t *testing.T, signal syscall.Signal) {
	cmd := exec.Command(filepath.Join(binaries(t), "imctl"), "run", "-e", `user.count() print("ready") sleep(60)`)
	cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("imctl said %q, %v", line, err)
	}
	sandboxes := childrenOf(t, cmd.Process.Pid)
	if len(sandboxes) != 1 {
		t.Fatalf("children of imctl: %v, want one sandbox", sandboxes)
	}
	if err := cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		// A zombie is gone too: whoever adopted it has not collected it yet.
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", sandboxes[0]))
		if err != nil || bytes.Contains(stat, []byte(") Z ")) {
			return
		}
		if time.Now().After(deadline) {
			_ = syscall.Kill(sandboxes[0], syscall.SIGKILL)
			t.Fatal("the sandbox outlived its parent")
		}
	}
}

// childrenOf lists the child processes of pid.
func childrenOf(t *testing.T, pid int) (children []int) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		t.Skip("there is no /proc to look for child processes in")
	}
	for _, name := range stats {
		data, err := os.ReadFile(name)
		if err != nil {
			continue // it has just ended
		}
		fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
		if fields[1] == strconv.Itoa(pid) {
			child, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			children = append(children, child)
		}
	}
	return children
}
