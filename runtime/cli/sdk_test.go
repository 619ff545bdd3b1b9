package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// These tests let OpenIM's own client SDKs talk to the sandbox, unmodified. The SDKs are no part of this project: the
// tests run only where OPENIM_SDK_DIR names a folder, outside the tree, in which somebody has run
//
//	npm install @openim/wasm-client-sdk@3.8.5 @openim/client-sdk@0.0.14 ws playwright-core
//
// They need Node.js, and Chromium (on the PATH, or named by CHROMIUM). What drives the SDKs is in testdata/sdk.

// sdkTest is where the tests take place: a sandbox, imctl, and the folder with the SDKs.
type sdkTest struct {
	person
	dir     string // OPENIM_SDK_DIR
	browser *sdkDriver
}

// sdkOpener makes a user of one of the SDKs who is not logged in.
type sdkOpener func(t *testing.T, id string) *sdkUser

// TestSDK is an acceptance test of a server by its clients. That a login resolves proves nothing, so it is always
// events and lists that are looked at.
func TestSDK(t *testing.T) {
	dir := os.Getenv("OPENIM_SDK_DIR")
	if dir == "" {
		t.Skip("skipped: no SDK (OPENIM_SDK_DIR is not set)")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &sdkTest{person: newPerson(t, true), dir: dir}
	w.browser = w.newBrowser(t)
	quiet := []*sdkUser{w.wasm(t, "quiet_wasm"), w.js(t, "quiet_js")}
	w.register(t, quiet...)
	idle := w.idle(t, quiet)
	for _, sdk := range []struct {
		name string
		open sdkOpener
	}{{"wasm", w.wasm}, {"js", w.js}} {
		t.Run(sdk.name, func(t *testing.T) {
			t.Run("sync", func(t *testing.T) { w.sync(t, sdk.name, sdk.open) })
			t.Run("message", func(t *testing.T) { w.message(t, sdk.name, sdk.open) })
			t.Run("cut", func(t *testing.T) { w.cut(t, sdk.name, sdk.open) })
			t.Run("kick", func(t *testing.T) { w.kick(t, sdk.name, sdk.open) })
			t.Run("expired", func(t *testing.T) { w.expired(t, sdk.name, sdk.open) })
			t.Run("imctl", func(t *testing.T) { w.imctl(t, sdk.name, sdk.open) })
		})
	}
	t.Run("cross", w.cross)
	t.Run("idle", idle)
}

// register makes the users' accounts.
func (w *sdkTest) register(t *testing.T, users ...*sdkUser) {
	t.Helper()
	var rows strings.Builder
	for _, u := range users {
		fmt.Fprintf(&rows, "{ userID = %q, nickname = %q },", u.id, "nick of "+u.id)
	}
	w.script(t, `user.register { users = { `+rows.String()+` } }`)
}

// conversationOf is the id of the conversation of two users.
func conversationOf(a, b *sdkUser) string {
	return "si_" + min(a.id, b.id) + "_" + max(a.id, b.id)
}

// token is a token of the user for the platform web, which ends the one before.
func (w *sdkTest) token(t *testing.T, id string) string {
	t.Helper()
	out, err := w.command(t.Context(), t, "user", "token", id, "web", "--show", "-o", "json", "--query", "token").Output()
	if err != nil {
		t.Fatalf("no token for %s: %v", id, err)
	}
	return strings.Trim(strings.TrimSpace(string(out)), `"`)
}

// script runs Lua and returns what it printed.
func (w *sdkTest) script(t *testing.T, lua string) string {
	t.Helper()
	return w.wants(t, 0, "run", "-e", lua).stdout
}

// pair is two users who are logged in and know nothing of each other.
func (w *sdkTest) pair(t *testing.T, name string, open sdkOpener) (a, b *sdkUser) {
	t.Helper()
	a, b = open(t, name+"_a"), open(t, name+"_b")
	w.register(t, a, b)
	a.login(t, w.token(t, a.id))
	b.login(t, w.token(t, b.id))
	return a, b
}
