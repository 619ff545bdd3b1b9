// Command imctl-sandbox runs "OpenIM in a box", the stand-in server of package sandbox. As `imctl-sandbox mongod` it is the
// sandbox's MongoDB alone, for tests that kill a store.
package main

import (
	"context"
	"os"

	"github.com/openimsdk/imctl/runtime/sandbox"
)

func main() {
	args := os.Args[1:]
	if len(args) > 0 && args[0] == "mongod" {
		os.Exit(mongod(args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(sandbox.Run(context.Background(), args, os.Stdin, os.Stdout, os.Stderr))
}
