package cli_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

var built struct {
	once sync.Once
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	if server := os.Getenv(plainClient); server != "" {
		sendPlain(server)
		return
	}
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// binaries builds imctl and imctl-sandbox once for all tests and returns the folder that holds both.
func binaries(t testing.TB) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "imctl-bin-"); built.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-trimpath", "-o", built.dir+string(filepath.Separator), ".", "./runtime/sandbox/imctl-sandbox")
		cmd.Dir = filepath.Join("..", "..")
		if out, err := cmd.CombinedOutput(); err != nil {
			built.err = errors.Join(err, fmt.Errorf("%s", out))
		}
	})
	if built.err != nil {
		t.Fatalf("building the programs: %v", built.err)
	}
	return built.dir
}
