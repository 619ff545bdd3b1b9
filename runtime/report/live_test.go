package report

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/openimsdk/imctl/runtime/testrun"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestLive draws the line by hand: what is written through it never stands beside it.
func TestLive(t *testing.T) {
	var screen bytes.Buffer
	width := 200
	l := &Live{out: &screen, width: func() int { return width }, files: 2} // nothing draws it but this test
	start := time.Now()
	draw := func(p testrun.Progress) {
		l.Show(p)
		l.draw(start.Add(3 * time.Second))
	}
	said := func(want string) {
		t.Helper()
		if got := screen.String(); got != want {
			t.Errorf("on the screen %q, want %q", got, want)
		}
		screen.Reset()
	}
	write := func(text string) {
		if _, err := io.WriteString(l.Over(&screen), text); err != nil {
			t.Fatal(err)
		}
	}
	draw(testrun.Progress{})
	said("") // nothing is planned: this may be a script without tests
	one := &testrun.Test{Blocks: []string{"block"}, Name: "one\x1b[2J", Start: start}
	draw(testrun.Progress{Planned: 3, Running: []*testrun.Test{one}})
	said("\r\x1b[Kfile 1/2, 0/3 tests: 3 s in block > one\\x1b[2J")
	write("✓ one\n")
	said("\r\x1b[K✓ one\n")
	write("half a line")
	draw(testrun.Progress{Planned: 3, Done: 1})
	said("half a line") // and nothing that would wipe it out
	write(" and the rest\n")
	said(" and the rest\n")
	draw(testrun.Progress{Planned: 3, Done: 1, Failed: 1, Files: 1, Running: []*testrun.Test{one, one}})
	said("\r\x1b[Kfile 2/2, 1/3 tests, 1 failed, 2 running: 3 s in block > one\\x1b[2J")
	width = 18
	draw(testrun.Progress{Planned: 3, Done: 2, Files: 2})
	said("\r\x1b[Kfile 2/2, 2/3 te…")
}

// TestLiveEnds: when it is closed, nothing of it is left.
func TestLiveEnds(t *testing.T) {
	var screen bytes.Buffer
	l := NewLive(&screen, func() int { return 0 }, 1)
	l.Show(testrun.Progress{Planned: 1})
	for drawn := false; !drawn; time.Sleep(time.Millisecond) { // by the ticker
		l.mu.Lock()
		drawn = l.shown != ""
		l.mu.Unlock()
	}
	l.Close()
	if _, err := io.WriteString(l.Over(&screen), "after\n"); err != nil {
		t.Fatal(err)
	}
	if got := screen.String(); got != "\r\x1b[K0/1 tests\r\x1b[Kafter\n" || strings.Count(got, "tests") != 1 {
		t.Errorf("on the screen %q", got)
	}
}
