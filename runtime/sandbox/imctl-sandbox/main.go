// Command imctl-sandbox runs "OpenIM in a box", the stand-in server of package sandbox. As `imctl-sandbox mongod` it is the
// sandbox's MongoDB alone, for tests that kill a store.
package main

import (
	"context"
	"os"

	"github.com/openimsdk/imctl/runtime/sandbox"
	"github.com/openimsdk/imctl/runtime/sandbox/ferret"
)

func main() {
	args := os.Args[1:]
	if len(args) > 0 && args[0] == "mongod" {
		os.Exit(mongod(args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(sandbox.Run(context.Background(), startEngine, args, os.Stdin, os.Stdout, os.Stderr))
}

// startEngine starts the MongoDB of a sandbox, which ends with it.
func startEngine(context.Context) (*sandbox.Engine, error) {
	e, err := ferret.Start("127.0.0.1:0", "")
	if err != nil {
		return nil, err
	}
	return &sandbox.Engine{Addr: e.Addr, Quicken: e.Quicken, Close: e.Close}, nil
}
