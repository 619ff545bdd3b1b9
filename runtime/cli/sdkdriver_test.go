package cli_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"
)

// sdkDriver is a process that drives an SDK, by lines of JSON.
type sdkDriver struct {
	mu      sync.Mutex
	in      io.Writer
	calls   int
	answers map[int]chan sdkLine
	users   map[string]*sdkUser
}

// sdkLine is what a driver says: the answer to a call, or an event of a user.
type sdkLine struct {
	ID      int             `json:"id"`
	OK      json.RawMessage `json:"ok"`
	Failed  json.RawMessage `json:"failed"`
	User    string          `json:"user"`
	Event   string          `json:"event"`
	Data    json.RawMessage `json:"data"`
	ErrCode int             `json:"errCode"`
}

var tokenLike = regexp.MustCompile(`eyJ[\w-]*(\.[\w-]+)*`)

// discreetly is a text without its tokens.
func discreetly(text []byte) string { return tokenLike.ReplaceAllString(string(text), "<token>") }

// startDriver runs a script of testdata/sdk in Node until the test ends.
func (w *sdkTest) startDriver(t *testing.T, script string, env ...string) *sdkDriver {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "testdata", "sdk", script))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", path)
	cmd.Env = append(os.Environ(), append(env, "OPENIM_SDK_DIR="+w.dir)...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	d := &sdkDriver{in: stdin, answers: map[int]chan sdkLine{}, users: map[string]*sdkUser{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.read(stdout)
	}()
	t.Cleanup(func() {
		_ = stdin.Close()
		stop := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		defer stop.Stop()
		<-done
		_ = cmd.Wait()
		if t.Failed() && stderr.Len() > 0 {
			t.Logf("%s said: %s", script, discreetly(stderr.Bytes()))
		}
	})
	return d
}

// read hands out the driver's lines until it ends; whoever then still waits for an answer is told.
func (d *sdkDriver) read(r io.Reader) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var line sdkLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			continue // not a driver's line
		}
		d.mu.Lock()
		if line.Event != "" {
			if u := d.users[line.User]; u != nil {
				u.events = append(u.events, line)
			}
		} else if answer := d.answers[line.ID]; answer != nil {
			answer <- line
			delete(d.answers, line.ID)
		}
		d.mu.Unlock()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, answer := range d.answers {
		close(answer)
	}
	d.answers = nil
}

// newBrowser starts a browser on a page with the SDK.
func (w *sdkTest) newBrowser(t *testing.T) *sdkDriver {
	t.Helper()
	chromium, err := exec.LookPath(cmp.Or(os.Getenv("CHROMIUM"), "chromium"))
	if err != nil {
		t.Fatalf("no Chromium: %v", err)
	}
	sdk := filepath.Join(w.dir, "node_modules", "@openim", "wasm-client-sdk")
	mux := http.NewServeMux()
	mux.Handle("/lib/", http.FileServer(http.Dir(sdk)))
	mux.Handle("/", http.FileServer(http.Dir(filepath.Join(sdk, "assets"))))
	mux.HandleFunc("/{$}", func(rw http.ResponseWriter, r *http.Request) {
		http.ServeFile(rw, r, filepath.Join("..", "..", "testdata", "sdk", "page.html"))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return w.startDriver(t, "browser.mjs", "CHROMIUM="+chromium, "PAGE="+server.URL+"/")
}

// open gives the driver a user.
func (w *sdkTest) open(t *testing.T, d *sdkDriver, id string) *sdkUser {
	t.Helper()
	u := &sdkUser{id: id, api: w.server.API, gateway: w.server.Gateway, driver: d, seen: map[string]int{}}
	d.mu.Lock()
	d.users[id] = u
	d.mu.Unlock()
	u.call(t, "open")
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the events of %s: %s", id, u.story())
		}
	})
	return u
}

// wasm is a user of the SDK for browsers, with a page and a store of its own.
func (w *sdkTest) wasm(t *testing.T, id string) *sdkUser {
	t.Helper()
	return w.open(t, w.browser, id)
}

// js is a user of the SDK in JavaScript, in a process of its own.
func (w *sdkTest) js(t *testing.T, id string) *sdkUser {
	t.Helper()
	return w.open(t, w.startDriver(t, "node.cjs"), id)
}

// try calls a method of the SDK, and returns its result or what it failed with.
func (u *sdkUser) try(t *testing.T, method string, args ...any) (json.RawMessage, error) {
	t.Helper()
	d := u.driver
	d.mu.Lock()
	d.calls++
	id, answer := d.calls, make(chan sdkLine, 1)
	if d.answers == nil {
		d.mu.Unlock()
		return nil, errors.New("the driver has ended")
	}
	d.answers[id] = answer
	if args == nil {
		args = []any{}
	}
	err := json.NewEncoder(d.in).Encode(map[string]any{"id": id, "user": u.id, "call": method, "args": args})
	d.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case line, ok := <-answer:
		if !ok {
			return nil, errors.New("the driver has ended")
		}
		if line.Failed != nil {
			return nil, errors.New(discreetly(line.Failed))
		}
		return line.OK, nil
	case <-time.After(time.Minute):
		return nil, errors.New("no answer within a minute")
	}
}

// call is a try that must succeed; it returns the result's data.
func (u *sdkUser) call(t *testing.T, method string, args ...any) json.RawMessage {
	t.Helper()
	got, err := u.try(t, method, args...)
	if err != nil {
		t.Fatalf("%s of %s: %v", method, u.id, err)
	}
	var result struct {
		Data json.RawMessage `json:"data"`
	}
	if len(got) > 0 {
		if err := json.Unmarshal(got, &result); err != nil {
			t.Fatalf("%s of %s: %v in %s", method, u.id, err, discreetly(got))
		}
	}
	return result.Data
}
