// Package stdlib holds the Lua modules that are shipped in the binary.
package stdlib

import "embed"

// FS holds the modules: require("imctl.test") reads test.lua.
//
//go:embed *.lua
var FS embed.FS

// Globals names the globals that load a module when they are first used.
func Globals() map[string]string {
	globals := map[string]string{}
	for _, name := range []string{
		"describe", "it", "pending", "each", "before_all", "before_each", "after_each", "after_all", "expect", "expect_message", "check", "eventually", "fixture",
	} {
		globals[name] = "imctl.test"
	}
	globals["tbl"], globals["task"] = "imctl.tbl", "imctl.task"
	globals["scenario"], globals["threshold"] = "imctl.scenario", "imctl.scenario"
	return globals
}
