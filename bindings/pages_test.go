package bindings

import (
	"fmt"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings/fault"
)

func TestPages(t *testing.T) {
	for _, c := range []struct {
		name  string
		pages []string // rows by page, in letters; the last one comes again and again
		total int64
		want  string
		calls int
		warn  string
		fails bool
	}{
		{name: "none", pages: []string{""}, calls: 1},
		{name: "a short page at the end", pages: []string{"abc", "de"}, total: 5, want: "abcde", calls: 2},
		{name: "as many as there are", pages: []string{"abc", "def"}, total: 6, want: "abcdef", calls: 2},
		{name: "a shift repeats a row", pages: []string{"abc", "cde", ""}, total: 6, want: "abcde", calls: 3, warn: "counts 6 letters, and 5 were listed"},
		{name: "twice in a page", pages: []string{"aab", ""}, total: 2, want: "ab", calls: 1},
		{name: "pages are cut short", pages: []string{"ab", "cd", "e"}, total: 5, want: "abcde", calls: 3},
		{name: "fewer than counted", pages: []string{"ab", ""}, total: 9, want: "ab", calls: 2, warn: "counts 9 letters, and 2 were listed"},
		{name: "more than counted", pages: []string{"abc", "de"}, total: 2, want: "abcde", calls: 2, warn: "counts 2 letters, and 5 were listed"},
		{name: "far more than counted", pages: []string{"abc", "def", "ghi"}, total: 1, want: "abcdef", calls: 2, fails: true},
		{name: "a page again", pages: []string{"abc", "abc"}, total: 9, want: "abc", calls: 2, fails: true},
		{name: "no count", pages: []string{"abc", "de"}, total: -1, want: "abcde", calls: 2},
		{name: "no count, a page again", pages: []string{"abc"}, total: -1, want: "abc", calls: 2, fails: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var warned []string
			env := &Env{Warn: func(format string, args ...any) { warned = append(warned, fmt.Sprintf(format, args...)) }}
			calls, got := 0, ""
			rows := Pages(env, "letters", 3, func(s string) string { return s }, func(number, size int64) ([]string, int64, error) {
				if calls++; number != int64(calls) || size != 3 {
					t.Errorf("call %d asks for page %d of %d", calls, number, size)
				}
				return strings.Split(c.pages[min(calls, len(c.pages))-1], ""), c.total, nil
			})
			var failure error
			for r, err := range rows {
				if failure = err; err == nil {
					got += r
				}
			}
			if got != c.want || calls != c.calls || (failure != nil) != c.fails || failure != nil && !fault.Is(failure, fault.API) {
				t.Errorf("%q in %d calls, %v; want %q in %d", got, calls, failure, c.want, c.calls)
			}
			if all := strings.Join(warned, "\n"); !strings.Contains(all, c.warn) || c.warn == "" && all != "" {
				t.Errorf("warned %q, want %q", all, c.warn)
			}
		})
	}
}

func TestPagesWithoutWarn(t *testing.T) {
	page := func(int64, int64) ([]string, int64, error) { return nil, 7, nil }
	for range Pages(&Env{}, "letters", 3, func(s string) string { return s }, page) {
		t.Error("a row")
	}
}

func TestPartialError(t *testing.T) {
	bad := fault.New(fault.Denied, "no")
	failure := func(id string) (string, *fault.Error) {
		if id == "good" {
			return id, nil
		}
		return id, bad
	}
	for _, c := range []struct{ rows, kind, text string }{
		{"good good", "", ""},
		{"x", "denied", "no"},
		{"good x", "partial", "1 of 2 not done: x: no"},
		{"a b c d e f g", "partial", "7 of 7 not done: a: no; b: no; c: no; d: no; e: no; and 2 more"},
	} {
		e := fault.From(PartialError(strings.Fields(c.rows), "not done", failure))
		if e == nil && c.kind != "" || e != nil && (string(e.Kind) != c.kind || e.Message != c.text) {
			t.Errorf("%s: %v, want %s %q", c.rows, e, c.kind, c.text)
		}
	}
}

func TestBatches(t *testing.T) {
	for _, c := range []struct {
		kind fault.Kind
		sent int
	}{{fault.API, 2}, {fault.Auth, 1}} {
		sent, failed := 0, ""
		Batches(strings.Fields("a b c"), 2, func([]string) error { sent++; return fault.New(c.kind, "no") }, func(id string, err error) {
			if fault.Is(err, c.kind) {
				failed += id
			}
		})
		if sent != c.sent || failed != "abc" {
			t.Errorf("%s: %d batches sent, %s failed", c.kind, sent, failed)
		}
	}
}
