package cli_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// maxSize is the most bytes that the released program may have (DESIGN §11).
const maxSize = 40_000_000

// TestSize: the program stays small. One method called by a name that only the run knows, as text/template does it, and
// the linker keeps every exported method there is: it was 13 MB.
func TestSize(t *testing.T) {
	if testing.Short() {
		t.Skip("it links the program")
	}
	dir := t.TempDir()
	program, linked := filepath.Join(dir, "imctl"), filepath.Join(dir, "linked")
	out, err := os.Create(linked)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w -dumpdep", "-o", program, ".")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stdout, cmd.Stderr = out, out // what the linker kept, and what for
	if err := cmd.Run(); err != nil {
		text, _ := os.ReadFile(linked)
		t.Fatalf("%v\n%s", err, text[max(0, len(text)-2000):])
	}
	if _, err := out.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	edges, said := 0, ""
	lines := bufio.NewScanner(out)
	for lines.Buffer(nil, 1<<20); lines.Scan(); {
		if strings.Contains(lines.Text(), " -> ") {
			edges++
		}
		if who, _, yes := strings.Cut(lines.Text(), " <ReflectMethod> -> "); yes && who != said {
			t.Errorf("%s is linked, which calls methods by name", who)
			said = who
		}
	}
	if err := lines.Err(); err != nil || edges < 10_000 {
		t.Errorf("the linker told of %d uses, %v", edges, err)
	}
	info, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() >= maxSize {
		t.Errorf("the program has %d bytes; less than %d are allowed", info.Size(), maxSize)
	}
}
