package testrun

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestProblemsAreCompleted: a problem is told with the server's log lines of its calls, and nothing is told with a secret.
func TestProblemsAreCompleted(t *testing.T) {
	var asked [][]string
	s := New(Options{
		Mask: func(text string) string { return strings.ReplaceAll(text, "hunter2", "***") },
		Logs: func(ids []string) []string {
			asked = append(asked, ids)
			return []string{"refused hunter2 of " + strings.Join(ids, " ")}
		},
		Repeat: func(t *Test) string { return "again " + t.FullName() },
	})
	f := s.File("a.lua", 0)
	f.Plan([]declared{{ID: 1, Blocks: []string{"for hunter2"}, Name: "logs in with hunter2"}})
	calls := []Call{{Path: "/login?password=hunter2", OperationID: "op-1"}, {Path: "/user", OperationID: "op-2"}}
	problem := Problem{Message: "m hunter2", Hint: "h hunter2", Source: "s hunter2", Diff: []string{"d hunter2"}, Trace: []string{"t hunter2"}, Calls: calls}
	f.done(outcome{ID: 1, Tries: 2, Problems: []Problem{problem}, Earlier: []Problem{{Message: "e hunter2"}}})
	f.End(nil, true, false)
	sum, err := s.End("")
	if err != nil {
		t.Fatal(err)
	}
	got := sum.Tests[0]
	want := Problem{Message: "m ***", Hint: "h ***", Source: "s ***", Diff: []string{"d ***"}, Trace: []string{"t ***"},
		Calls: []Call{{Path: "/login?password=***", OperationID: "op-1"}, calls[1]}, Logs: []string{"refused *** of op-1 op-2"}}
	if !reflect.DeepEqual(got.Problems, []Problem{want}) {
		t.Errorf("got  %+v\nwant %+v", got.Problems[0], want)
	}
	if got.Earlier[0].Message != "e ***" || got.FullName() != "for *** > logs in with ***" || got.Repeat != "again for *** > logs in with ***" {
		t.Errorf("%+v", got)
	}
	if len(asked) != 1 { // not of the problem without calls
		t.Errorf("the logs were asked for %v", asked)
	}
	if calls[0].Path != "/login?password=hunter2" {
		t.Error("the calls of the log were changed")
	}
}

func TestProgress(t *testing.T) {
	var told []string
	s := New(Options{Progress: func(p Progress) {
		var names []string
		for _, t := range p.Running {
			names = append(names, t.Name)
		}
		told = append(told, fmt.Sprintf("%d/%d failed %d files %d running %v", p.Done, p.Planned, p.Failed, p.Files, names))
	}})
	a, b := s.File("a.lua", 0), s.File("b.lua", 0)
	plan(a, "one")
	plan(b, "two")
	s.started(a.plan[0])
	s.started(b.plan[0])
	b.done(outcome{ID: 1, Problems: []Problem{{Message: "no"}}})
	a.done(outcome{ID: 1})
	a.End(nil, true, false)
	want := []string{"0/1 failed 0 files 0 running []", "0/2 failed 0 files 0 running []", "0/2 failed 0 files 0 running [one]",
		"0/2 failed 0 files 0 running [one two]", "1/2 failed 1 files 0 running [one]", "2/2 failed 1 files 0 running []",
		"2/2 failed 1 files 1 running []"}
	if !slices.Equal(told, want) {
		t.Errorf("told\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
}

// TestExit: a script that leaves by os.exit has failed, whatever its code, as long as tests were to come.
func TestExit(t *testing.T) {
	var r recorder
	s := New(Options{}, &r)
	in, before := s.File("in.lua", 0), s.File("before.lua", 0)
	plan(in, "one", "two")
	in.plan[0].Start = s.sum.Start
	plan(before, "three")
	if in.End(nil, true, false) || before.End(nil, true, false) {
		t.Error("an error was reported that the script did not have")
	}
	want := []string{"file in.lua", "failed block > one", "not run block > two", "file before.lua", "not run block > three",
		"trouble it ended the script before all its tests had run"}
	if !slices.Equal(r.told, want) {
		t.Errorf("told %q", r.told)
	}
}
