package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// message sends a text to somebody who reads it.
func (w *sdkTest) message(t *testing.T, name string, open sdkOpener) {
	a, b := w.pair(t, name+"_message", open)
	w.delivers(t, a, b, 1)
	b.call(t, "markConversationMessageAsRead", conversationOf(a, b))
	receipt := a.wait(t, 10*time.Second, "OnRecvC2CReadReceipt", func(data json.RawMessage) bool {
		return strings.Contains(string(data), b.id)
	})
	t.Logf("%s: OnRecvC2CReadReceipt %s", a.id, receipt.Data)
	w.delivers(t, b, a, 2)
}

// delivers sends a text and checks what arrives of it.
func (w *sdkTest) delivers(t *testing.T, from, to *sdkUser, seq int) {
	t.Helper()
	text := fmt.Sprintf("%s says %d", from.id, seq)
	sent := from.send(t, to.id, text)
	got := to.receive(t, text)
	t.Logf("%s: OnRecvNewMessages %q from %s, seq %d, serverMsgID %s", to.id, got.TextElem.Content, got.SendID, got.Seq, got.ServerMsgID)
	if got.ServerMsgID == "" || got.ServerMsgID != sent.ServerMsgID || got.Seq != seq || got.SendID != from.id {
		t.Errorf("want the serverMsgID %q and the seq %d", sent.ServerMsgID, seq)
	}
}

// cut lets somebody miss three messages.
func (w *sdkTest) cut(t *testing.T, name string, open sdkOpener) {
	a, b := open(t, name+"_cut_a"), open(t, name+"_cut_b")
	w.register(t, a, b)
	way := newCutter(t, strings.TrimPrefix(b.gateway, "ws://"))
	b.gateway = "ws://" + way.Addr().String()
	a.login(t, w.token(t, a.id))
	b.login(t, w.token(t, b.id))
	w.delivers(t, a, b, 1)
	time.Sleep(6 * time.Second) // the SDK for browsers asks for nothing when it comes back soon after it has synced
	way.cut(true)
	for i := range 3 {
		a.send(t, b.id, fmt.Sprintf("missed %d", i+1))
	}
	time.Sleep(500 * time.Millisecond)
	way.up()
	b.wait(t, 30*time.Second, "OnConnectSuccess", nil)
	b.receive(t, "missed 3")
	history := b.history(t, conversationOf(a, b))
	t.Logf("%s: after the cut OnRecvNewMessages has the newest, and the history shows %q", b.id, history)
	if want := []string{a.id + " says 1", "missed 1", "missed 2", "missed 3"}; !slices.Equal(history, want) {
		t.Errorf("the history is %q, want %q", history, want)
	}
	w.delivers(t, a, b, 5)
}

// cross lets the two SDKs talk to each other.
func (w *sdkTest) cross(t *testing.T) {
	a, b := w.js(t, "cross_js"), w.wasm(t, "cross_wasm")
	w.register(t, a, b)
	a.login(t, w.token(t, a.id))
	b.login(t, w.token(t, b.id))
	w.delivers(t, a, b, 1)
	w.delivers(t, b, a, 2)
}

// imctl lets a user of the SDK talk to one of imctl's.
func (w *sdkTest) imctl(t *testing.T, name string, open sdkOpener) {
	u, other := open(t, name+"_sdk"), &sdkUser{id: name + "_imctl"}
	w.register(t, u, other)
	u.login(t, w.token(t, u.id))
	cmd := w.command(t.Context(), t, append(w.gateway(), "run", "-e", fmt.Sprintf(`
local sdk, me = %q, %q
local c = client.connect { userID = me, platform = "linux" }
print "connected"
local got = c:expect { from = sdk, text = "from the SDK", within = "20s" }
print("message seq " .. got.seq .. " " .. got.clientMsgID)
c:read { from = sdk }
c:send { to = sdk, text = "from imctl" }
c:expect { type = "read", from = sdk, within = "20s" }
print "read"`, u.id, other.id))...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	lines := bufio.NewScanner(stdout)
	next := func(want string) {
		t.Helper()
		if !lines.Scan() || lines.Text() != want {
			_, _ = io.Copy(io.Discard, stdout)
			_ = cmd.Wait()
			t.Fatalf("imctl says %q, want %q\n%s", lines.Text(), want, discreetly(stderr.Bytes()))
		}
		t.Logf("%s: %s", other.id, lines.Text())
	}
	next("connected")
	sent := u.send(t, other.id, "from the SDK")
	next("message seq 1 " + sent.ClientMsgID)
	u.wait(t, 10*time.Second, "OnRecvC2CReadReceipt", nil)
	got := u.receive(t, "from imctl")
	t.Logf("%s: OnRecvC2CReadReceipt, and OnRecvNewMessages %q, seq %d", u.id, got.TextElem.Content, got.Seq)
	if got.Seq != 2 || got.SendID != other.id {
		t.Errorf("got %+v", got)
	}
	u.call(t, "markConversationMessageAsRead", conversationOf(u, other))
	next("read")
}
