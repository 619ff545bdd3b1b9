// Package child starts the program imctl-sandbox as a child process and reads where it listens. It knows the program's
// interface, not its inside, so that imctl itself carries nothing of it.
package child

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Program is the name of the sandbox's executable.
const Program = "imctl-sandbox"

// Ready is the line that the program prints when it listens (DESIGN §9). Parts that aren't built yet are empty.
type Ready struct {
	API       string `json:"api" column:"1"`
	Gateway   string `json:"gateway,omitempty"`
	ChatAPI   string `json:"chatAPI,omitempty"`
	ChatAdmin string `json:"chatAdmin,omitempty"`
	Redis     string `json:"redis,omitempty"`
	Mongo     string `json:"mongo,omitempty"`    // host:port
	Database  string `json:"database,omitempty"` // of MongoDB
	Secret    string `json:"secret"`
	Admin     string `json:"admin"`
	PID       int    `json:"pid" column:"2"`
}

// Child is a running sandbox that ends with this process, also when this process is killed.
type Child struct {
	Ready Ready
	cmd   *exec.Cmd
	stdin io.Closer
	done  chan struct{}
}

// Find returns the path of the program: the given one, else beside this executable, else on the PATH.
func Find(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	if self, err := os.Executable(); err == nil {
		if resolved, err := filepath.EvalSymlinks(self); err == nil {
			self = resolved
		}
		beside := filepath.Join(filepath.Dir(self), Program)
		if _, err := os.Stat(beside); err == nil {
			return beside, nil
		}
	}
	path, err := exec.LookPath(Program)
	if err != nil {
		return "", fault.New(fault.Unsupported, "no context is configured, and the program %s of the sandbox is not there", Program).
			WithHint("put %s beside imctl, or point imctl at a deployment: imctl context add, or --server", Program)
	}
	return path, nil
}

// readyWithin is how long a start may take: a journal of --data has to be replayed first.
const readyWithin = time.Minute

// Start starts the program and waits, at most a minute, until it listens.
func Start(ctx context.Context, program string, args []string, stderr io.Writer) (*Child, error) {
	cmd := exec.Command(program, append([]string{"--until-stdin-closes"}, args...)...)
	cmd.Stderr = stderr
	cmd.SysProcAttr = ownGroup()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, startError(program, err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, startError(program, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, startError(program, err)
	}
	c := &Child{cmd: cmd, stdin: stdin, done: make(chan struct{})}
	lines := make(chan readyLine, 1)
	go func() {
		defer close(c.done)
		ready, err := ReadReady(stdout)
		lines <- readyLine{ready, err}
		_, _ = io.Copy(io.Discard, stdout) // nothing more is said there
		_ = cmd.Wait()
	}()
	ctx, cancel := context.WithTimeoutCause(ctx, readyWithin, fmt.Errorf("it was not ready within %s", readyWithin))
	defer cancel()
	select {
	case got := <-lines:
		if got.err != nil {
			c.Close()
			return nil, startError(program, got.err)
		}
		c.Ready = got.Ready
		return c, nil
	case <-ctx.Done():
		c.Close()
		return nil, startError(program, context.Cause(ctx))
	}
}

type readyLine struct {
	Ready
	err error
}

// ReadReady reads the line that the program prints when it listens.
func ReadReady(r io.Reader) (Ready, error) {
	var ready Ready
	line, err := bufio.NewReader(r).ReadBytes('\n')
	if err != nil {
		return ready, errors.New("it ended without saying that it is ready")
	}
	if err := json.Unmarshal(line, &ready); err != nil || ready.API == "" {
		return ready, errors.New("it said something else than that it is ready")
	}
	return ready, nil
}

func startError(program string, err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	return fault.New(fault.Internal, "the sandbox %s did not start: %w", program, err)
}

// Close ends the child and waits for it; after 3 s it is killed.
func (c *Child) Close() {
	_ = c.stdin.Close() // the child ends when its standard input does
	select {
	case <-c.done:
	case <-time.After(3 * time.Second):
		_ = c.cmd.Process.Kill()
		<-c.done
	}
}
