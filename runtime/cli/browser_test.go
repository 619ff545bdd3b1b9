package cli_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/openimsdk/imctl/runtime/testrun"
)

// browser is a page in headless Chromium, spoken to over a pair of pipes by the DevTools protocol: a JSON object and a
// zero byte each way.
type browser struct {
	t       *testing.T
	to      *os.File
	answers chan devtoolsMessage
	page    string // the session of the page
	id      int

	events []devtoolsMessage
}

type devtoolsMessage struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// newBrowser opens a file in Chromium. The test is skipped where there is none.
func newBrowser(t *testing.T, file string) *browser {
	t.Helper()
	chromium := tool(t, cmp.Or(os.Getenv("CHROMIUM"), "chromium"), "chromium")
	in, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	from, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir(), "about:blank")
	cmd.ExtraFiles = []*os.File{in, out}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = in.Close(), out.Close()
	b := &browser{t: t, to: to, answers: make(chan devtoolsMessage)}
	go func() {
		defer close(b.answers)
		r := bufio.NewReader(from)
		for {
			text, err := r.ReadBytes(0)
			if err != nil {
				return
			}
			var a devtoolsMessage
			if json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &a) == nil {
				b.answers <- a
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_, _ = to.Close(), from.Close()
		for range b.answers { // until its reader has ended
		}
	})
	var target struct{ TargetID, SessionID string }
	b.call(&target, "Target.createTarget", map[string]any{"url": "about:blank"})
	b.call(&target, "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true})
	b.page = target.SessionID
	for _, domain := range []string{"Runtime", "Log", "Network", "Page"} {
		b.call(nil, domain+".enable", nil)
	}
	b.call(nil, "Page.navigate", map[string]any{"url": "file://" + file})
	b.wait("Page.loadEventFired")
	return b
}

// next reads one answer or event.
func (b *browser) next() devtoolsMessage {
	b.t.Helper()
	select {
	case a, ok := <-b.answers:
		if !ok {
			b.t.Fatal("Chromium has ended")
		}
		if a.Method != "" {
			b.events = append(b.events, a)
		}
		return a
	case <-time.After(time.Minute):
		b.t.Fatal("Chromium says nothing")
	}
	return devtoolsMessage{}
}

func (b *browser) wait(event string) {
	b.t.Helper()
	for b.next().Method != event {
	}
}

func (b *browser) call(into any, method string, params map[string]any) {
	b.t.Helper()
	b.id++
	text, err := json.Marshal(map[string]any{"id": b.id, "method": method, "params": params, "sessionId": b.page})
	if b.page == "" {
		text, err = json.Marshal(map[string]any{"id": b.id, "method": method, "params": params})
	}
	if err == nil {
		_, err = b.to.Write(append(text, 0))
	}
	if err != nil {
		b.t.Fatal(err)
	}
	for {
		a := b.next()
		if a.ID != b.id {
			continue
		}
		if a.Error != nil {
			b.t.Fatalf("%s: %s", method, a.Error.Message)
		}
		if into != nil {
			if err := json.Unmarshal(a.Result, into); err != nil {
				b.t.Fatal(err)
			}
		}
		return
	}
}

// eval evaluates JavaScript in the page.
func (b *browser) eval(into any, code string) {
	b.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct{ Text string }
	}
	b.call(&r, "Runtime.evaluate", map[string]any{"expression": code, "returnByValue": true})
	if r.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", code, r.ExceptionDetails.Text)
	}
	if err := json.Unmarshal(r.Result.Value, into); err != nil {
		b.t.Fatalf("%s: %v", code, err)
	}
}

// complaints are what the page's scripts and the browser complained of, and what the page asked for beside itself.
func (b *browser) complaints() []string {
	var said []string
	for _, e := range b.events {
		switch e.Method {
		case "Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled", "Page.javascriptDialogOpening":
			said = append(said, e.Method+" "+string(e.Params))
		case "Network.requestWillBeSent":
			var p struct{ Request struct{ URL string } }
			if json.Unmarshal(e.Params, &p); !strings.HasPrefix(p.Request.URL, "file://") {
				said = append(said, "it asked for "+p.Request.URL)
			}
		}
	}
	return said
}

// testPage opens the report in HTML, and uses it.
func testPage(t *testing.T, r reported, c testrun.Counts) {
	b := newBrowser(t, r.file["html"])
	const visible = `[...document.querySelectorAll("li.test")].filter((e) => e.checkVisibility()).length`
	all := c.Ran + c.Errors + c.Pending + c.NotRun
	for _, step := range []struct {
		what, code string
		want       any
	}{
		{"the title", `document.title`, "imctl test: failed"},
		{"all tests are there", visible, float64(all)},
		{"all failures are open", `document.querySelectorAll("li.failed details[open] pre.message").length >= ` + jsNumber(c.Failed+c.Errors), true},
		{"each failed test can be repeated", `document.querySelectorAll("li.failed pre.repeat").length`, float64(c.Failed)},
		{"only what failed", `document.querySelector("#only-failed").click(), ` + visible, float64(c.Failed + c.Errors)},
		{"it says how many", `document.querySelector("#shown").value`, shownText(c.Failed+c.Errors, all)},
		{"nothing has such a name", `(() => { const s = document.querySelector("input[type=search]"); s.value = "no such test"; s.dispatchEvent(new Event("input", {bubbles: true})); return ` + visible + ` })()`, float64(0)},
		{"names are searched", `(() => { const s = document.querySelector("input[type=search]"); const name = document.querySelector("li.failed .name").textContent; s.value = name.toUpperCase(); s.dispatchEvent(new Event("input", {bubbles: true})); return ` + visible + ` >= 1 })()`, true},
		{"every mark has a name for those who can't see it", `[...document.querySelectorAll(".mark")].every((e) => e.getAttribute("aria-label"))`, true},
		{"nothing is wider than the page", `document.documentElement.scrollWidth <= innerWidth`, true},
		{"no markup came out of names and messages", `document.querySelectorAll("main script, main h1, main b").length`, float64(0)},
	} {
		var got any
		if b.eval(&got, step.code); got != step.want {
			t.Errorf("%s: %v, want %v", step.what, got, step.want)
		}
	}
	for _, scheme := range []string{"light", "dark"} {
		b.call(nil, "Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}})
		var ratio float64
		if b.eval(&ratio, leastContrast); ratio < 4.5 {
			t.Errorf("%s: the contrast of text is down to %.2f, want 4.5 at least", scheme, ratio)
		}
	}
	b.call(nil, "Emulation.setDeviceMetricsOverride", map[string]any{"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": true})
	var fits bool
	if b.eval(&fits, `document.documentElement.scrollWidth <= innerWidth`); !fits {
		t.Error("on a phone it is wider than the screen")
	}
	if said := b.complaints(); len(said) > 0 {
		t.Errorf("the browser complained:\n%s", strings.Join(said, "\n"))
	}
}

// leastContrast is the least contrast of text with what is behind it, by the formula of the WCAG.
const leastContrast = `(() => {
	const rgb = (c) => c.match(/[\d.]+/g).map(Number);
	const light = (c) => { const [r, g, b] = rgb(c).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b };
	const behind = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if ((rgb(c)[3] ?? 1) > 0) return c } return "rgb(255, 255, 255)" };
	document.querySelector("#only-all").click();
	let least = 21;
	for (const e of document.querySelectorAll("body *")) {
		if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
		const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
		least = Math.min(least, (a + 0.05) / (b + 0.05));
	}
	return least;
})()`

func jsNumber(n int) string {
	text, _ := json.Marshal(n) // a number can be written
	return string(text)
}

func shownText(n, of int) string {
	if n == of {
		return ""
	}
	return jsNumber(n) + " of " + jsNumber(of) + " shown"
}
