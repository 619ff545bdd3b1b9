package cli

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/output"
	"github.com/openimsdk/imctl/runtime/sandbox/child"
	"github.com/openimsdk/imctl/runtime/target"
)

// sandboxFile holds the ready line of a sandbox that was left running.
func sandboxFile(state string) string { return filepath.Join(state, "sandbox.json") }

// readSandbox returns the sandbox that was left running, if it still lives.
func readSandbox(state string) (child.Ready, bool) {
	var ready child.Ready
	data, err := os.ReadFile(sandboxFile(state))
	if err != nil || json.Unmarshal(data, &ready) != nil || ready.PID <= 0 {
		return ready, false
	}
	if !sandboxAlive(ready.PID) {
		return ready, false
	}
	return ready, true
}

// sandboxAlive tells whether pid is a living sandbox, and not another program that got its number.
func sandboxAlive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil || p.Signal(syscall.Signal(0)) != nil {
		return false
	}
	name, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	return err != nil || strings.Contains(string(name), child.Program)
}

func (a *app) sandboxCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "sandbox", Short: "Start, stop and reset the sandbox, a stand-in for an OpenIM deployment", GroupID: "setup",
		Long: "The sandbox answers as an OpenIM server does, in memory. It is for learning and for tests, and is no OpenIM server.\n" +
			"Commands in the context sandbox start one that ends with them; `sandbox start` leaves one running for all of them.\n" +
			"`sandbox start --data DIR` keeps its state in a folder too: the next start on it goes on there, also after kill -9.",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.unknownCommand(cmd, args[0])
			}
			return fault.New(fault.Usage, "sandbox needs a command").WithHint("see imctl sandbox --help")
		},
	}
	start := &cobra.Command{
		Use: "start [FLAGS OF IMCTL-SANDBOX...]", Short: "Start a sandbox and leave it running", Args: cobra.ArbitraryArgs,
		Long: "Start a sandbox and leave it running. The flags are those of imctl-sandbox, which imctl-sandbox --help tells.\n" +
			"With --data DIR its state outlives it: start it again with the same folder. Clients that are to come back to it need the same addresses too: --api, --gateway.",
		Example:            "imctl sandbox start --data ./box --api 127.0.0.1:10002 --gateway 127.0.0.1:10001",
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if slices.Contains(args, "--help") || slices.Contains(args, "-h") {
				return cmd.Help()
			}
			return a.sandboxStart(args)
		},
	}
	stop := &cobra.Command{
		Use: "stop", Short: "Stop the sandbox that was left running", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return a.sandboxStop() },
	}
	status := &cobra.Command{
		Use: "status", Short: "Show the sandbox that was left running", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			ready, running := readSandbox(a.statePath())
			if !running {
				return fault.New(fault.NotFound, "no sandbox was left running").WithHint("imctl sandbox start")
			}
			return a.printReady(ready)
		},
	}
	reset := &cobra.Command{
		Use: "reset", Short: "Stop the sandbox and start an empty one", Args: cobra.NoArgs,
		Long: "Stop the sandbox that was left running and start an empty one, in memory. A folder of --data is left as it is.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.sandboxStop(); err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
			return a.sandboxStart(nil)
		},
	}
	cmd.AddCommand(start, stop, status, reset)
	return cmd
}

// statePath is the state folder, "" when there is no home folder.
func (a *app) statePath() string {
	paths, err := target.FindPaths(a.sys.Getenv)
	if err != nil {
		return ""
	}
	return paths.State
}

func (a *app) printReady(ready child.Ready) error {
	p, err := a.printer()
	if err != nil {
		return err
	}
	ready.Secret = "***"
	return p.Value(ready, []output.Column{{Name: "api", Order: 1, Key: true}, {Name: "pid", Order: 2}})
}

// keepsData tells whether the flags of a sandbox make it go on where an earlier one stopped.
func keepsData(args []string) bool {
	return slices.ContainsFunc(args, func(arg string) bool { return arg == "--data" || strings.HasPrefix(arg, "--data=") })
}

// sandboxStart starts a sandbox in a session of its own and writes down where it listens.
func (a *app) sandboxStart(args []string) error {
	state := a.statePath()
	if ready, running := readSandbox(state); running {
		return fault.New(fault.Exists, "a sandbox is running already, at %s", ready.API).WithHint("imctl sandbox reset empties it")
	}
	program, err := child.Find(a.sys.Getenv("IMCTL_SANDBOX"))
	if err != nil {
		return err
	}
	err = os.MkdirAll(state, 0o700)
	if err == nil && !keepsData(args) { // what was remembered of the last sandbox went with it
		err = os.RemoveAll(filepath.Join(state, "contexts", target.Sandbox))
	}
	if err != nil {
		return fault.New(fault.Usage, "can't write the state folder: %w", err)
	}
	cmd := exec.Command(program, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(state, "sandbox.log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fault.New(fault.Usage, "can't write the sandbox's log: %w", err)
	}
	defer log.Close()
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		return fault.New(fault.Internal, "the sandbox did not start: %w", err)
	}
	ready, err := child.ReadReady(stdout)
	if err != nil {
		kill := time.AfterFunc(time.Second, func() { _ = cmd.Process.Kill() }) // when it said something else and runs on
		_ = cmd.Wait()
		kill.Stop()
		said, _ := os.ReadFile(log.Name())
		if text := strings.TrimSpace(string(said)); text != "" && cmd.ProcessState.ExitCode() == fault.ExitUsage {
			return fault.New(fault.Usage, "%s", text)
		}
		return fault.New(fault.Internal, "the sandbox did not start: %w", err).WithHint("its log is %s", log.Name())
	}
	data, err := json.Marshal(ready)
	if err == nil {
		err = os.WriteFile(sandboxFile(state), data, 0o600)
	}
	if err != nil {
		_ = cmd.Process.Kill()
		return fault.New(fault.Internal, "can't write down where the sandbox is: %w", err)
	}
	if err := cmd.Process.Release(); err != nil {
		return err
	}
	return a.printReady(ready)
}

func (a *app) sandboxStop() error {
	state := a.statePath()
	ready, running := readSandbox(state)
	if !running {
		return fault.New(fault.NotFound, "no sandbox was left running")
	}
	p, err := os.FindProcess(ready.PID)
	if err == nil {
		err = p.Signal(syscall.SIGTERM)
	}
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fault.New(fault.Internal, "the sandbox can't be stopped: %w", err)
	}
	for range 50 {
		if !sandboxAlive(ready.PID) {
			return os.Remove(sandboxFile(state))
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fault.New(fault.Timeout, "the sandbox (pid %d) did not end within 2.5 s", ready.PID)
}
