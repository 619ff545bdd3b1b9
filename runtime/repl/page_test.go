package repl

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPage(t *testing.T) {
	out := filepath.Join(t.TempDir(), "paged")
	for _, c := range []struct {
		name  string
		text  string
		wide  bool
		paged bool
	}{
		{"fits", strings.Repeat("row\n", 8), false, false},
		{"too tall", strings.Repeat("row\n", 9), false, true},
		{"wrapped lines count", strings.Repeat("a row of twenty-two c.\n", 4), false, false},
		{"and are too tall", strings.Repeat("a row of twenty-two c.\n", 5), false, true},
		{"wide characters too", strings.Repeat("名前名前名前\n", 5), false, true},
		{"colours don't", strings.Repeat("\x1b[1mrow\x1b[0m\n", 8), false, false},
		{"too wide", "a row of twenty-two c.\n", true, true},
	} {
		var direct bytes.Buffer
		_ = os.Remove(out)
		p := newPage(&direct, 11, 10, c.wide, []string{"sh", "-c", "cat > " + out})
		for line := range strings.Lines(c.text) {
			if _, err := p.Write([]byte(line)); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.close(); err != nil {
			t.Fatal(err)
		}
		paged, _ := os.ReadFile(out)
		got := map[bool]string{true: string(paged), false: direct.String()}[c.paged]
		if got != c.text || p.started() != c.paged {
			t.Errorf("%s: paged %v, got %q", c.name, p.started(), got)
		}
	}
}

func TestPagerThatIsLeft(t *testing.T) {
	var direct bytes.Buffer
	p := newPage(&direct, 80, 5, false, []string{"true"})
	var err error
	rows := 0
	for ; err == nil && rows < 1_000_000; rows++ {
		_, err = fmt.Fprintf(p, "row %d\n", rows)
	}
	if !errors.Is(err, errQuit) {
		t.Errorf("after %d rows: %v", rows, err)
	}
	if err := p.close(); err != nil || direct.Len() > 0 {
		t.Errorf("%v, %q", err, direct.String())
	}
}

func TestPagerThatIsNotThere(t *testing.T) {
	var direct bytes.Buffer
	p := newPage(&direct, 80, 5, false, []string{"/nowhere/pager"})
	text := strings.Repeat("row\n", 10)
	if _, err := p.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := p.close(); err != nil || direct.String() != text {
		t.Errorf("%v, %q", err, direct.String())
	}
}
