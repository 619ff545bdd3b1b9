package load

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// sample is a report with something of everything in it.
func sample(t *testing.T) *Report {
	t.Helper()
	r := NewRegistry()
	latency, err := r.Declare("message_latency", Trend, "")
	if err != nil {
		t.Fatal(err)
	}
	group, err := r.Group("log in")
	if err != nil {
		t.Fatal(err)
	}
	lost, _ := r.Declare("lost", Counter, "")
	delivered, _ := r.Declare("delivered", Share, "")
	queue, _ := r.Declare("queue", Gauge, "")
	for n := range 5 {
		_ = r.VUs.Add(float64(n + 1))
	}
	rec := newRecorder(r)
	r.mark()
	for i := range 200 {
		d := time.Duration(i%20+1) * time.Millisecond
		r.Exchange(openim.Call{Method: "POST", Path: "/user/get_users_info", Duration: d})
		r.Operation("user.get", d, nil)
		latency.Took(2 * d)
		group.Took(d / 3)
		r.Took.Took(3 * d)
		r.Iterations.Inc()
		r.Checks.Inc()
		delivered.Saw(i%50 != 0)
		_ = queue.Add(float64(i % 7))
		if i%40 == 0 {
			e := fault.New(fault.NotFound, "no account <nobody>")
			e.Code = 1004
			r.Operation("user.get", d, e)
			r.Exchange(openim.Call{Method: "POST", Path: "/user/get_users_info", Duration: d, Err: e})
			r.Failed.Inc()
			r.ChecksFailed.Inc()
			r.Fail(Problem{Kind: expectation, Where: "chat.lua:7", Message: "expected 1 to equal 2\ngot 1, want 2"})
			_ = lost.Add(1)
		}
		if i%50 == 49 {
			rec.upTo(time.Duration(i/50+1)*time.Second, 5)
		}
	}
	p, err := Options{VUs: 5, Duration: 4 * time.Second, Thresholds: []string{
		"p95(message_latency) < 50ms", "lost == 0", "p95(mesage_latency) < 1s", "rate(http_failed) < 5%",
	}}.Plan(Shard{})
	if err != nil {
		t.Fatal(err)
	}
	return NewReport(Head{Version: "1.0", Script: `<b>chat</b>.lua`, Text: "x", Context: "stage", Plan: p}, r, Result{
		Started: time.Date(2026, 11, 25, 8, 30, 0, 0, time.UTC), Starting: 1234 * time.Millisecond, Elapsed: 4 * time.Second,
		Series: rec.close(4*time.Second, 5), Ended: fault.New(fault.Canceled, "interrupted"),
	})
}

// golden compares with a file; IMCTL_UPDATE_GOLDEN=1 writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("IMCTL_UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs:\n%s", name, got)
	}
}

func TestSummary(t *testing.T) {
	var b bytes.Buffer
	if err := sample(t).WriteSummary(&b, false); err != nil {
		t.Fatal(err)
	}
	golden(t, "summary.golden", b.Bytes())
	var colored bytes.Buffer
	if err := sample(t).WriteSummary(&colored, true); err != nil {
		t.Fatal(err)
	}
	if plain := regexp.MustCompile("\x1b\\[[0-9]*m").ReplaceAll(colored.Bytes(), nil); !bytes.Equal(plain, b.Bytes()) {
		t.Errorf("the colours change the text:\n%s", plain)
	}
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	if err := sample(t).WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(b.Bytes())).ReadAll() // it wants the same number of cells in each row
	if err != nil || len(rows) < 20 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	golden(t, "report.csv.golden", b.Bytes())
}

// TestJSONRoundTrip: what is written and read again is the same report.
func TestJSONRoundTrip(t *testing.T) {
	r := sample(t)
	text, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(text, []byte("\n")); n != 1 || !bytes.HasPrefix(text, []byte(`{"imctl":"1.0",`)) {
		t.Errorf("%d lines, %.40s", n, text)
	}
	read, err := ReadReport(text, "x")
	if err != nil {
		t.Fatal(err)
	}
	again, err := read.JSON()
	if err != nil || !bytes.Equal(again, text) {
		t.Errorf("%v: it changed:\n%s\n%s", err, text, again)
	}
}

// TestHTML: the page is well-formed, needs nothing else, and holds names as text.
func TestHTML(t *testing.T) {
	for name, r := range map[string]*Report{"full": sample(t), "empty": NewReport(Head{Version: "1.0", Script: "x.lua", Plan: planOf(t, Options{})}, NewRegistry(), Result{})} {
		var b bytes.Buffer
		if err := r.WriteHTML(&b); err != nil {
			t.Fatal(err)
		}
		page := b.String()
		if m := regexp.MustCompile(`(?i)(src|href)=|url\(|@import|<script|https?://`).FindString(page); m != "" {
			t.Errorf("%s: the page asks for something else: %s", name, m)
		}
		if strings.Contains(page, "<b>chat") || strings.Contains(page, "<nobody>") {
			t.Errorf("%s: a name is taken for a tag", name)
		}
		for _, svg := range regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(page, -1) {
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
				t.Errorf("%s: a number that is none: %.300s", name, svg)
			}
			for dec := xml.NewDecoder(strings.NewReader(svg)); ; {
				if _, err := dec.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("%s: %v in %.300s", name, err, svg)
				}
			}
		}
		if got := strings.Count(page, "<svg"); name == "full" && got != 6 {
			t.Errorf("%d pictures", got)
		}
		for _, want := range []string{"&lt;b&gt;chat&lt;/b&gt;.lua", "interrupted", "✗ missed", "no value of mesage_latency came; did you mean message_latency?", "prefers-color-scheme: dark", "log in"} {
			if name == "full" && !strings.Contains(page, want) {
				t.Errorf("the page lacks %q", want)
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{number(0), "0"}, {number(999), "999"}, {number(1234567), "1,234,567"}, {number(-1234.5), "-1,234.5"},
		{Amount(0.0123, "%"), "1.23%"}, {Amount(12.3456, "ms"), "12.35ms"}, {Amount(0.05, "ms"), "50µs"}, {Amount(123456, "ms"), "123.5s"},
		{Amount(0, "ms"), "0ms"}, {Amount(12, "bytes"), "12bytes"}, {Short(time.Hour), "1h"}, {Short(90 * time.Second), "1m30s"}, {Short(time.Minute), "1m"},
		{clock(5), "5s"}, {clock(65), "1:05"}, {clock(3700), "1:01:40"}, {span(0.0123), "12ms"}, {span(61.23), "1m1.2s"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}
