// Command imctl-sandbox runs "OpenIM in a box", the stand-in server of package sandbox.
package main

import (
	"context"
	"os"

	"github.com/openimsdk/imctl/runtime/sandbox"
)

func main() {
	os.Exit(sandbox.Run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
