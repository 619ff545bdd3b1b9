// Command imctl administers and tests OpenIM deployments.
package main

import (
	"os"

	"github.com/openimsdk/imctl/runtime/cli"
)

func main() {
	os.Exit(cli.Main(cli.OS()))
}
