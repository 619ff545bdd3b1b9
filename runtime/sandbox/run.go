package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"
)

// Exit codes of the program.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// Run is the program imctl-sandbox: it starts a sandbox, prints one line of JSON that
// names its parts, and runs until a signal, the end of the context, or (if asked) the
// end of stdin. The engine is that of Config. It returns the exit code.
func Run(ctx context.Context, engine func(context.Context) (*Engine, error), args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	cfg := Config{Engine: engine}
	flags := pflag.NewFlagSet("imctl-sandbox", pflag.ContinueOnError)
	flags.SetOutput(io.Discard) // errors are told below
	flags.StringVar(&cfg.API, "api", anyPort, "where the IM server's API listens")
	flags.StringVar(&cfg.Gateway, "gateway", anyPort, "where the WebSocket gateway listens")
	flags.StringVar(&cfg.ChatAdmin, "chat-admin", anyPort, "where the chat server's admin API listens")
	flags.StringVar(&cfg.ChatAPI, "chat-api", anyPort, "where the chat server's user API listens")
	flags.StringVar(&cfg.Mongo, "mongo", anyPort, "where MongoDB listens; it runs from its first client on")
	flags.StringVar(&cfg.Generation, "generation", GenerationMain, "the server's generation: main or 3.8.3")
	flags.StringVar(&cfg.Data, "data", "", "a folder to keep the state in: a start goes on where the last sandbox on it ended, be it by kill -9; left out: in memory only. There is no MongoDB then: the folder keeps the requests to the APIs, and what is written into MongoDB isn't one")
	flags.StringVar(&cfg.Fault, "fault", "", "faults to make: "+FaultHelp)
	flags.Uint64Var(&cfg.Seed, "seed", 0, "the same seed makes the same random choices; a folder of --data keeps the one it began with")
	untilStdin := flags.Bool("until-stdin-closes", false, "end when stdin closes, as it does when the parent is gone")
	verbose := flags.Bool("verbose", false, "log to stderr")
	if err := flags.Parse(args); errors.Is(err, pflag.ErrHelp) {
		fmt.Fprintf(stdout, "imctl-sandbox is a stand-in for an OpenIM server, for learning and tests.\n\n%s", flags.FlagUsages())
		return exitDone
	} else if err != nil {
		fmt.Fprintf(stderr, "imctl-sandbox: %v (see --help)\n", err)
		return exitUsage
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "imctl-sandbox: unexpected argument %q (see --help)\n", flags.Arg(0))
		return exitUsage
	}
	if cfg.Fault == "help" {
		fmt.Fprint(stdout, FaultList())
		return exitDone
	}
	if _, err := cfg.withDefaults(); err != nil {
		fmt.Fprintf(stderr, "imctl-sandbox: --generation: %v\n", err)
		return exitUsage
	}
	if _, err := parseFaults(cfg.Fault, cfg.Seed); err != nil {
		fmt.Fprintf(stderr, "imctl-sandbox: --fault: %v\n", err)
		return exitUsage
	}
	if *verbose {
		cfg.Log = stderr
	}

	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if *untilStdin {
		// Nothing waits for this goroutine: a blocked read of stdin can't be ended, it
		// goes with the process.
		go func() {
			_, _ = io.Copy(io.Discard, stdin)
			stop()
		}()
	}
	s, err := Start(ctx, cfg)
	if errors.Is(err, context.Canceled) { // it was told to end while it replayed its journal
		return exitDone
	}
	var folder folderError
	if errors.As(err, &folder) {
		fmt.Fprintf(stderr, "imctl-sandbox: --data: %v\n", err)
		return exitUsage
	}
	if err != nil {
		fmt.Fprintf(stderr, "imctl-sandbox: %v\n", err)
		return exitFailed
	}
	if err := json.NewEncoder(stdout).Encode(s.Ready()); err != nil {
		_ = s.Close()
		fmt.Fprintf(stderr, "imctl-sandbox: %v\n", err)
		return exitFailed
	}
	<-ctx.Done()
	if err := s.Close(); err != nil {
		fmt.Fprintf(stderr, "imctl-sandbox: %v\n", err)
		return exitFailed
	}
	return exitDone
}
