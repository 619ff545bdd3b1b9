package data

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/openimsdk/imctl/bindings/store"
)

var built struct {
	once sync.Once
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// sandboxProgram builds the program that holds a MongoDB for tests, once, without the race detector.
func sandboxProgram(t testing.TB) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "imctl-data-"); built.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-trimpath", "-o", built.dir, "./runtime/sandbox/imctl-sandbox")
		cmd.Dir, cmd.Stderr = filepath.Join("..", ".."), os.Stderr
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		built.err = cmd.Run()
	})
	if built.err != nil {
		t.Fatalf("building imctl-sandbox: %v", built.err)
	}
	return filepath.Join(built.dir, "imctl-sandbox")
}

// mongod is a MongoDB of its own, in memory or in a folder, which can be killed.
type mongod struct {
	addr  string
	cmd   *exec.Cmd
	stdin io.Closer
}

func startMongod(t testing.TB, args ...string) *mongod {
	t.Helper()
	cmd := exec.Command(sandboxProgram(t), append([]string{"mongod"}, args...)...)
	cmd.Stderr = os.Stderr
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
	m := &mongod{cmd: cmd, stdin: stdin}
	t.Cleanup(m.stop)
	var ready struct{ Mongo string }
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &ready) != nil || ready.Mongo == "" {
		t.Fatalf("imctl-sandbox mongod said %q, %v", line, err)
	}
	m.addr = ready.Mongo
	return m
}

func (m *mongod) stop() {
	_ = m.stdin.Close()
	_ = m.cmd.Wait()
}

func (m *mongod) kill() {
	_ = m.cmd.Process.Kill()
	_ = m.cmd.Wait()
}

// stores connects to it.
func (m *mongod) stores(t testing.TB, database string) *store.Stores {
	t.Helper()
	s := store.New(store.Config{Context: "test", Mongo: store.Mongo{Addresses: []string{m.addr}, Database: database}})
	t.Cleanup(func() { _ = s.Close() })
	return s
}
