package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkStart measures an empty script from start to finish beside lua5.1 and kubectl, turn by turn in one run, and
// the size of the binary. A yardstick that is not installed is said to be missing.
func BenchmarkStart(b *testing.B) {
	dir := binaries(b)
	script := filepath.Join(b.TempDir(), "empty.lua")
	if err := os.WriteFile(script, nil, 0o600); err != nil {
		b.Fatal(err)
	}
	commands := []struct {
		name string
		argv []string
	}{
		{"imctl", []string{filepath.Join(dir, "imctl"), "run", script}},
		{"lua5.1", []string{"lua5.1", script}},
		{"kubectl", []string{"kubectl", "version", "--client"}},
	}
	const rounds = 40
	best := map[string]time.Duration{}
	total := map[string]time.Duration{}
	for round := range rounds + 1 {
		for _, c := range commands {
			if _, err := exec.LookPath(c.argv[0]); err != nil {
				if round == 0 {
					b.Logf("%s is not installed: not compared", c.name)
				}
				continue
			}
			cmd := exec.Command(c.argv[0], c.argv[1:]...)
			cmd.Env = append(os.Environ(), "HOME="+b.TempDir())
			start := time.Now()
			if err := cmd.Run(); err != nil {
				b.Fatalf("%s: %v", c.name, err)
			}
			if took := time.Since(start); round > 0 { // the first fills the file cache
				total[c.name] += took
				if best[c.name] == 0 || took < best[c.name] {
					best[c.name] = took
				}
			}
		}
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	for _, c := range commands {
		if best[c.name] > 0 {
			b.ReportMetric(ms(total[c.name])/rounds, c.name+"-ms")
		}
	}
	if k := total["kubectl"]; k > 0 {
		b.ReportMetric(float64(total["imctl"])/float64(k), "imctl/kubectl")
	}
	if info, err := os.Stat(filepath.Join(dir, "imctl")); err == nil {
		b.ReportMetric(float64(info.Size())/1e6, "binary-MB")
	}
	b.ReportMetric(0, "ns/op")
}
