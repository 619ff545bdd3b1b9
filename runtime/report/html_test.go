package report

import (
	"bytes"
	"regexp"
	"testing"
	"time"

	"github.com/openimsdk/imctl/runtime/testrun"
)

// TestHostilePage: whatever a name or a text holds, a page has the same tags and attributes.
func TestHostilePage(t *testing.T) {
	tags := func(x string) []string {
		p := testrun.Problem{During: x, Kind: x, Message: x, Diff: []string{x, "at " + x + ": got " + x + ", want " + x}, Hint: x, At: x, Source: x,
			Trace: []string{x}, Calls: []testrun.Call{{Method: x, Path: x, OperationID: x, Status: 200}}, Logs: []string{x}}
		s := &testrun.Summary{Files: []string{x}, Start: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Ended: x,
			Troubles: []*testrun.Trouble{{File: x, Blocks: []string{x}, Problem: p}}}
		for _, status := range []testrun.Status{testrun.Passed, testrun.Failed, testrun.Flaky, testrun.Pending, testrun.NotRun} {
			for range 2 { // ten tests: the slowest are told
				s.Tests = append(s.Tests, &testrun.Test{File: x, Blocks: []string{x}, Name: x, Tags: []string{x}, Status: status, Reason: x, MS: 2000, Tries: 1,
					Problems: []testrun.Problem{p}, Earlier: []testrun.Problem{p}, Repeat: x})
			}
		}
		var b bytes.Buffer
		if err := tell(New("html", Options{Out: &b, Getenv: noWorkflow}), s); err != nil {
			t.Fatal(err)
		}
		return regexp.MustCompile(`(?s)<[a-zA-Z/!].*?>`).FindAllString(b.String(), -1)
	}
	want := tags("name")
	if len(want) < 200 {
		t.Errorf("only %d tags", len(want))
	}
	for _, x := range []string{`</script><script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `"><b x="`, `' onmouseover='x`, `<!-- `, `</pre></style></title>`, `&lt;b&gt;`} {
		got := tags(x)
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Errorf("%s: tag %d is %s", x, i, got[min(i, len(got)-1)])
				break
			}
		}
	}
}
