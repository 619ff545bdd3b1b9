package check

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzSource: whatever the text, the check ends without a panic, and each finding has a place inside of it, a code and
// a message.
func FuzzSource(f *testing.F) {
	for _, pattern := range []string{"../../scripts/*.lua", "../../scripts/*/*.lua", "../../stdlib/*.lua"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text))
		}
	}
	for _, s := range []string{
		"", "#!x", "\uFEFFuser.ad{}", "user.add{'a', x = {[1] = 2}, ...}", "local t = [==[ ]] ]==] x", "goto a ::a::", "\r\r\nprnt()",
		"user.register{users = {{userID = 1}, {}, 3}}", "'\\", "[[", "--[[", "a.b['c']:d{e=f}.g = 1", "expect(x).never:a()", "0x", "1e", "local user <const> = 1",
		"for i = 1 do", "if a then elseif", "x = = 1", "f\n(g)", "return return", "0e", "é = 1", "\x00", "user[1] user.x.y.z()",
	} {
		f.Add(s)
	}
	d := declarations()
	f.Fuzz(func(t *testing.T, source string) {
		lines := 1 + strings.Count(source, "\n") + strings.Count(source, "\r")
		for _, finding := range Source(source, "x.lua", d) {
			if finding.Line < 1 || finding.Line > max(lines, 1) || finding.Column < 1 || finding.Code == "" || finding.Message == "" {
				t.Fatalf("%+v of %q (%d lines)", finding, source, lines)
			}
			if utf8.ValidString(source) && !utf8.ValidString(finding.Message) {
				t.Fatalf("%+v: a broken message", finding)
			}
			if finding.Severity != Error && finding.Severity != Warning {
				t.Fatalf("%+v: no such severity", finding)
			}
		}
	})
}

// thousandLines is a script with a hundred faults.
func thousandLines() string {
	var b strings.Builder
	for i := range 1000 {
		switch i % 6 {
		case 0:
			fmt.Fprintf(&b, "local u%d = user.add{userID = 'user_%d', nickname = 'N', level = %d}\n", i%50, i, i+1)
		case 1:
			fmt.Fprintf(&b, "if u%d then print(string.format('%%s', tostring(u%d))) end\n", i%50, i%50)
		case 2:
			name := "nickname"
			if i%5 == 0 {
				name = "nicknam"
			}
			fmt.Fprintf(&b, "user.register{users = {{userID = 'a%d', nickname = 'b'}, {userID = 'b%d', %s = 'c'}}}\n", i, i, name)
		case 3:
			fmt.Fprintf(&b, "describe('x', function() expect(user.get('a%d')):equals({1, 2, 3}) end)\n", i)
		case 4:
			b.WriteString("for k, v in pairs({}) do table.insert({}, k .. v) end\n")
		case 5:
			call := "print(user.list(), u0, %d)\n"
			if i%5 == 0 {
				call = "prnt(user.list(), usr%d)\n"
			}
			fmt.Fprintf(&b, call, i%50)
		}
	}
	return b.String()
}

// TestSpeed holds the promise of 50 ms for 1,000 lines, in time of the processor and on the best of a few tries, since the
// machine has other work.
func TestSpeed(t *testing.T) {
	source, best := thousandLines(), time.Hour
	for range 10 {
		start := processorTime(t)
		if n := len(Source(source, "x.lua", declarations())); n < 80 {
			t.Fatalf("%d findings", n)
		}
		best = min(best, processorTime(t)-start)
	}
	limit := 50 * time.Millisecond
	if raceDetector {
		limit *= 10
	}
	if best > limit {
		t.Errorf("1,000 lines take %s, want at most %s", best, limit)
	}
}

func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkThousandLines(b *testing.B) {
	source, d := thousandLines(), declarations()
	for b.Loop() {
		Source(source, "x.lua", d)
	}
}

func BenchmarkSyntaxError(b *testing.B) {
	source, d := thousandLines()+"if x print(1) end\n", declarations()
	for b.Loop() {
		Source(source, "x.lua", d)
	}
}
