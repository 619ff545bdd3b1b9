package vm

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestOracle runs the snippets in testdata/oracle. What they have to print lies beside them, written by lua5.1; where
// lua5.1 is installed, it is asked again. UPDATE_ORACLE=1 writes its answers anew.
func TestOracle(t *testing.T) {
	path, err := exec.LookPath("lua5.1")
	if err != nil {
		t.Log("NO lua5.1 HERE: the snippets are compared with its stored answers only")
	}
	files, _ := filepath.Glob("testdata/oracle/*.lua")
	if len(files) < 7 {
		t.Fatalf("only %d snippets", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			golden := strings.TrimSuffix(file, ".lua") + ".out"
			if path != "" {
				cmd := exec.Command(path, filepath.Base(file))
				cmd.Dir = filepath.Dir(file)
				cmd.Env = append(os.Environ(), "TZ=UTC")
				answer, err := cmd.Output()
				if err != nil {
					t.Fatalf("lua5.1: %v", err)
				}
				if os.Getenv("UPDATE_ORACLE") != "" {
					os.WriteFile(golden, answer, 0o644)
				}
				compareLines(t, "lua5.1 against its stored answer", file, string(answer), golden)
			}
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			var out bytes.Buffer
			v := New(ctx, Options{Stdout: &out, Stderr: &out, MaxMemory: 1 << 30})
			defer v.Close(context.Background())
			if _, err := v.Run(string(source), filepath.Base(file)); err != nil {
				t.Error(err)
			}
			compareLines(t, "ours", file, out.String(), golden)
		})
	}
}

// compareLines compares what was printed with the stored answer, line by line. The sign of a NaN is the machine's.
func compareLines(t *testing.T, who, file, printed, golden string) {
	t.Helper()
	stored, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.ReplaceAll(printed, "-nan", "nan"), "\n")
	want := strings.Split(strings.ReplaceAll(string(stored), "-nan", "nan"), "\n")
	for i := range max(len(got), len(want)) {
		line := func(lines []string) string {
			if i < len(lines) {
				return lines[i]
			}
			return "(nothing)"
		}
		if line(got) != line(want) {
			t.Errorf("%s: %s: line %d of the output\n got %s\nwant %s", file, who, i+1, line(got), line(want))
			if i > 200 {
				return
			}
		}
	}
}
