package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/openimsdk/imctl/runtime/sandbox/child"
)

const importRows = 200_000

// bigCSV writes a file of importRows accounts.
func bigCSV(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "big.csv")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "userID,nickname")
	for i := range importRows {
		fmt.Fprintf(w, "u%06d,User %d\n", i, i)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

// importer runs `imctl user import` against a sandbox of the test's own.
type importer struct {
	bin, home string
	ready     child.Ready
}

func newImporter(t *testing.T) *importer {
	t.Helper()
	bin := binaries(t)
	c, err := child.Start(context.Background(), filepath.Join(bin, child.Program), nil, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return &importer{bin: bin, home: t.TempDir(), ready: c.Ready}
}

func (im *importer) command(args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(im.bin, "imctl"), args...)
	cmd.Env = []string{"HOME=" + im.home, "PATH=" + os.Getenv("PATH"), "IMCTL_SERVER=" + im.ready.API, "IMCTL_SECRET=" + im.ready.Secret}
	return cmd
}

type importResult struct {
	Created, Updated, Skipped, Resumed, Rejected, Rows int
}

func (im *importer) run(t *testing.T, file string) (importResult, int64) {
	t.Helper()
	cmd := im.command("user", "import", file, "-o", "json")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	peak := make(chan int64)
	go func() { peak <- watchMemory(cmd.Process.Pid) }()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("import: %v\n%s", err, stderr.String())
	}
	var r importResult
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatalf("%v in %s", err, stdout.String())
	}
	return r, <-peak
}

// watchMemory reads the peak of a process's memory, in KiB, until it has ended. (The figure that the system gives with
// the end of a child counts the memory of the process that started it.)
func watchMemory(pid int) int64 {
	var peak int64
	for {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		_, after, found := strings.Cut(string(text), "VmHWM:")
		if err != nil || !found {
			return peak
		}
		var kib int64
		if _, err := fmt.Sscan(after, &kib); err == nil && strings.Contains(string(text), "Name:\timctl") {
			peak = max(peak, kib)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (im *importer) count(t *testing.T) int {
	t.Helper()
	out, err := im.command("user", "count", "-o", "json", "--query", "count").Output()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if _, err := fmt.Sscan(string(out), &n); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	return n
}

// TestImportSurvivesKills kills an import at ten random moments; the run after that finishes it, with nothing lost and
// nothing doubled.
func TestImportSurvivesKills(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	im := newImporter(t)
	file := bigCSV(t)
	kills := 0
	for range 10 {
		cmd := im.command("user", "import", file)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(20+random.IntN(400)) * time.Millisecond)
		if cmd.Process.Kill() == nil {
			kills++
		}
		if cmd.Wait() == nil { // it was done before it could be killed: a further run would find all ids taken
			if n := im.count(t); n != importRows {
				t.Errorf("%d accounts, want %d", n, importRows)
			}
			t.Logf("done after %d runs", kills)
			return
		}
	}
	before := im.count(t)
	r, _ := im.run(t, file)
	t.Logf("%d kills, %d accounts before the last run, which gave %+v", kills, before, r)
	if kills == 0 {
		t.Error("nothing was killed")
	}
	if n := im.count(t); n != importRows {
		t.Errorf("%d accounts, want %d", n, importRows)
	}
	if r.Rejected != 0 || r.Created+r.Resumed+r.Skipped != r.Rows {
		t.Errorf("the last run gave %+v", r)
	}
}

// TestImportMemoryAndRepeat imports everything twice: in flat memory, and the second time everything is known.
func TestImportMemoryAndRepeat(t *testing.T) {
	im := newImporter(t)
	file := bigCSV(t)
	r, kib := im.run(t, file)
	if r.Created != importRows || r.Rejected != 0 {
		t.Errorf("got %+v", r)
	}
	t.Logf("%d MiB at the most", kib>>10)
	if kib == 0 || kib > 100_000 {
		t.Errorf("%d KiB of memory, want under 100 MB", kib)
	}
	if n := im.count(t); n != importRows {
		t.Errorf("%d accounts", n)
	}
	again, err := im.command("user", "import", file, "--on-conflict", "skip", "-o", "json", "--query", "skipped").Output()
	if err != nil || strings.TrimSpace(string(again)) != fmt.Sprint(importRows) {
		t.Errorf("the second time: skipped %s, %v", again, err)
	}
	if n := im.count(t); n != importRows {
		t.Errorf("%d accounts after the second time", n)
	}
}

// TestImportProgress looks at a terminal while an import runs.
func TestImportProgress(t *testing.T) {
	im := newImporter(t)
	file := bigCSV(t)
	terminal, err := pty.Start(im.command("user", "import", file))
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	var shown bytes.Buffer
	_, _ = io.Copy(&shown, terminal) // ends with an error of the terminal when the program has ended
	if text := shown.String(); !strings.Contains(text, "\r") || !regexp.MustCompile(`big\.csv \d{3,}`).MatchString(text) {
		t.Errorf("no progress on the terminal:\n%q", text)
	}
}
