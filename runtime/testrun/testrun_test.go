package testrun

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/openimsdk/imctl/bindings/value"
)

// recorder keeps what it is told, in order.
type recorder struct{ told []string }

func (r *recorder) File(name string) { r.told = append(r.told, "file "+name) }
func (r *recorder) Test(t *Test) {
	r.told = append(r.told, fmt.Sprintf("%s %s", t.Status, t.FullName()))
}
func (r *recorder) Trouble(t *Trouble)   { r.told = append(r.told, "trouble "+t.Problem.Message) }
func (r *recorder) End(s *Summary) error { r.told = append(r.told, "end "+s.Ended); return nil }

func plan(f *File, names ...string) value.List {
	var list []declared
	for i, n := range names {
		list = append(list, declared{ID: i + 1, Blocks: []string{"block"}, Name: n, Tags: []string{n + "-tag"}})
	}
	return f.Plan(list)
}

func TestWanted(t *testing.T) {
	for name, c := range map[string]struct {
		opts Options
		want string
	}{
		"all":      {Options{}, "[true true true]"},
		"filter":   {Options{Filters: []*regexp.Regexp{regexp.MustCompile("^block > b$")}}, "[false true false]"},
		"tags":     {Options{Tags: []string{"a-tag", "c-tag"}}, "[true false true]"},
		"not tags": {Options{NotTags: []string{"a-tag"}}, "[false true true]"},
		"only":     {Options{Only: map[string]bool{Key("f.lua", "block > c"): true, Key("g.lua", "block > a"): true}}, "[false false true]"},
		"both":     {Options{Tags: []string{"a-tag"}, NotTags: []string{"a-tag"}}, "[false false false]"},
	} {
		if got := fmt.Sprint(plan(New(c.opts).File("f.lua", 0), "a", "b", "c")); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestOrder: a file's shuffled order depends on the seed and the file, not on what else runs.
func TestOrder(t *testing.T) {
	order := func(seed uint64, file string, others ...string) []int {
		s := New(Options{Shuffle: true, Seed: seed})
		for _, o := range others {
			s.File(o, 0).draw.Perm(9)
		}
		return s.File(file, 0).draw.Perm(20)
	}
	same := order(7, "f.lua")
	if got := order(7, "f.lua", "a.lua", "b.lua"); !slices.Equal(got, same) {
		t.Errorf("%v beside others, %v alone", got, same)
	}
	if slices.Equal(order(8, "f.lua"), same) || slices.Equal(order(7, "g.lua"), same) {
		t.Error("another seed or file has the same order")
	}
}

// TestFilesAreToldWhole: of files that run side by side each is told in one piece, and a script that dies leaves no test
// without an outcome.
func TestFilesAreToldWhole(t *testing.T) {
	var r recorder
	s := New(Options{}, &r)
	a, b := s.File("a.lua", 0), s.File("b.lua", 0)
	plan(a, "one", "two", "three")
	plan(b, "four")
	a.done(outcome{ID: 1})
	b.done(outcome{ID: 1, Problems: []Problem{{Message: "no"}}})
	b.End(nil, true, false)
	if _, err := a.Host()["test_start"]([]any{int64(2)}); err != nil {
		t.Fatal(err)
	}
	if !a.End(&Problem{Message: "memory limit reached"}, true, false) {
		t.Error("the error is not in the report")
	}
	if _, err := a.Host()["test_start"]([]any{int64(3)}); err == nil {
		t.Error("an abandoned script was still listened to")
	}
	sum, err := s.End("")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"file a.lua", "passed block > one", "failed block > two", "not run block > three", "file b.lua", "failed block > four", "end "}
	if !slices.Equal(r.told, want) {
		t.Errorf("told %q\nwant %q", r.told, want)
	}
	if c := sum.Counts(); c.Ran != 3 || c.Failed != 2 || c.NotRun != 1 || !sum.TestsFailed() {
		t.Errorf("counts %+v", c)
	}
}

func TestStoppedRun(t *testing.T) {
	var r recorder
	s := New(Options{}, &r)
	f := s.File("a.lua", 0)
	plan(f, "one", "two")
	f.plan[0].Start = s.sum.Start
	f.End(&Problem{Message: "interrupted"}, true, true)
	if want := []string{"file a.lua", "not run block > one", "not run block > two"}; !slices.Equal(r.told, want) {
		t.Errorf("told %q", r.told)
	}
}
