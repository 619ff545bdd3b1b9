package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"github.com/openimsdk/imctl/runtime/sandbox/ferret"
)

// mongod runs the database engine alone until stdin closes. It prints {"mongo": ADDR} when it listens.
func mongod(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := pflag.NewFlagSet("imctl-sandbox mongod", pflag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("listen", "127.0.0.1:0", "where it listens")
	dir := flags.String("dir", "", "a folder to keep the data in; left out: a temporary one")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	engine, err := ferret.Start(*addr, *dir)
	if err != nil {
		fmt.Fprintf(stderr, "imctl-sandbox mongod: %v\n", err)
		return 1
	}
	if err := json.NewEncoder(stdout).Encode(map[string]string{"mongo": engine.Addr}); err != nil {
		return 1
	}
	_, _ = io.Copy(io.Discard, stdin)
	if err := engine.Close(); err != nil {
		fmt.Fprintf(stderr, "imctl-sandbox mongod: %v\n", err)
		return 1
	}
	return 0
}
