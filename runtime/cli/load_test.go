package cli_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// loadReport is what tests read of the JSON report of a load.
type loadReport struct {
	Elapsed float64
	Metrics []struct {
		Name                    string
		Count                   int64
		Value                   float64
		Med, P90, P95, P99, Max float64
	}
	Thresholds []struct {
		Threshold string
		OK        bool
	}
}

func readLoadReport(t *testing.T, path string) (r loadReport) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r loadReport) count(t *testing.T, name string) int64 {
	t.Helper()
	for _, m := range r.Metrics {
		if m.Name == name {
			return max(m.Count, int64(m.Value))
		}
	}
	t.Fatalf("the report has no metric %s", name)
	return 0
}

// TestChatLoad: a thousand clients in pairs exchange 10,000 messages, and each is looked for by its content: none is lost,
// doubled or out of order. With -short there are 100 clients and 2,000 messages.
func TestChatLoad(t *testing.T) {
	p := newPerson(t, true)
	vus, messages := "500", "10000"
	if testing.Short() {
		vus, messages = "50", "2000"
	}
	path := filepath.Join(t.TempDir(), "chat.json")
	r := p.run(t, append(p.gateway(), "run", "--vus", vus, "--iterations", messages, "--report", "json="+path, shipped(t, "load/steady_chat.lua"),
		"--pace", "0s", "--within", "60s", "--encoding", "js")...)
	t.Logf("in %s", r.took.Round(time.Second/10))
	report := readLoadReport(t, path)
	for _, v := range report.Thresholds {
		if !v.OK && v.Threshold != "p95(message_latency) < 1s" { // of a busy machine
			t.Errorf("%s does not hold:\n%s", v.Threshold, r.stderr)
		}
	}
	if got := fmt.Sprint(report.count(t, "message_latency")); got != messages {
		t.Errorf("%s messages arrived, want %s", got, messages)
	}
	p.wants(t, 2, append(p.gateway(), "run", shipped(t, "load/steady_chat.lua"), "--pase", "3s")...)
}

// TestChatPercentiles holds the percentiles of the report against those of a second measurement: the moments at which the
// script itself says that it sent and received each message, by another clock, in a file.
func TestChatPercentiles(t *testing.T) {
	p := newPerson(t, true)
	dir := t.TempDir()
	path, stamps := filepath.Join(dir, "chat.json"), filepath.Join(dir, "stamps")
	p.run(t, append(p.gateway(), "run", "--vus", "10", "--duration", "3s", "--report", "json="+path, shipped(t, "load/steady_chat.lua"),
		"--pace", "10ms", "--timestamps", stamps)...)
	report := readLoadReport(t, path)
	if lost := report.count(t, "lost"); lost > 0 {
		t.Errorf("%d messages were lost", lost)
	}
	took := stampedMS(t, stamps)
	if int64(len(took)) != report.count(t, "message_latency") || len(took) < 50 {
		t.Fatalf("the file has %d messages, the report %d", len(took), report.count(t, "message_latency"))
	}
	slices.Sort(took)
	for _, m := range report.Metrics {
		if m.Name != "message_latency" {
			continue
		}
		for _, c := range []struct{ percent, got float64 }{{50, m.Med}, {90, m.P90}, {95, m.P95}, {99, m.P99}, {100, m.Max}} {
			want := took[max(int(math.Ceil(c.percent/100*float64(len(took))-1e-9))-1, 0)]
			if math.Abs(c.got-want) > 0.02*want {
				t.Errorf("p%v is %v ms, by the file %v ms", c.percent, c.got, want)
			}
		}
		t.Logf("%d messages, p95 %v ms", m.Count, m.P95)
	}
}

// stampedMS reads the lines "sent received" of a file, in seconds, and gives the time between them in milliseconds.
func stampedMS(t *testing.T, path string) (took []float64) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var sent, received float64
		if _, err := fmt.Sscan(lines.Text(), &sent, &received); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		took = append(took, (received-sent)*1000)
	}
	return took
}

// TestLoadScripts runs the other scripts of scripts/load as they are, for a moment.
func TestLoadScripts(t *testing.T) {
	p := newPerson(t, true)
	for _, c := range []struct {
		script  string
		args    []string
		counted string
	}{
		{"register_storm.lua", []string{"--batch", "3"}, "registered"},
		{"login_storm.lua", []string{"--stay", "10ms"}, "group:login"},
		{"group_fanout.lua", []string{"--members", "4"}, "delivered"},
	} {
		t.Run(c.script, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "report.json")
			args := append(p.gateway(), "run", "--vus", "3", "--iterations", "12", "--report", "json="+path, shipped(t, "load/"+c.script))
			r := p.run(t, append(args, c.args...)...)
			report := readLoadReport(t, path)
			for _, v := range report.Thresholds {
				if !v.OK && v.Threshold[0] != 'p' { // percentiles are of a busy machine
					t.Errorf("%s does not hold:\n%s%s", v.Threshold, r.stdout, r.stderr)
				}
			}
			want := map[string]int64{"registered": 36, "group:login": 12, "delivered": 36}[c.counted]
			if got := report.count(t, c.counted); got != want {
				t.Errorf("%s is %d, want %d", c.counted, got, want)
			}
		})
	}
}

// TestLoadOnTerminal: one line shows how far a load is; what VUs print takes its place, and the report stands alone.
func TestLoadOnTerminal(t *testing.T) {
	keyboard, terminal, err := pty.Open()
	if err != nil {
		t.Skip("no pty:", err)
	}
	defer keyboard.Close()
	script := write(t, "slow.lua", `scenario.iterate(function() sleep(1.3) print("half of VU " .. scenario.vu) end)`)
	cmd := exec.Command(filepath.Join(binaries(t), "imctl"), "--color", "never", "run", "--vus", "2", "--duration", "2s", script)
	cmd.Env = []string{"HOME=" + t.TempDir(), "TERM=xterm"}
	cmd.Stdout, cmd.Stderr = terminal, terminal
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	terminal.Close()
	shown := make(chan string)
	go func() {
		text, _ := io.ReadAll(keyboard) // it ends with an error when nobody has the terminal open any more
		shown <- string(text)
	}()
	err = cmd.Wait()
	text := <-shown
	for _, want := range []string{
		"\r\x1b[K1s of 2s · 2 VUs · 0 iterations", "half of VU 1\r\n", "half of VU 2\r\n", "closed: 2 VUs for 2s\r\n", "iterations   4,",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q on the terminal:\n%q", want, text)
		}
	}
	if at := strings.LastIndex(text, "\x1b[K"); err != nil || at < 0 || strings.Contains(text[at:], "iterations, ") {
		t.Errorf("%v, the line was left behind:\n%q", err, text)
	}
}
