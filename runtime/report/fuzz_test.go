package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/runtime/testrun"
)

// FuzzReports: whatever stands in names and messages, each report stays one document of its form, and nothing in it is
// more than text.
func FuzzReports(f *testing.F) {
	for _, seed := range []string{"plain", "]]></failure>", "\x1b[2J\x00\xff", "a # TODO b\n1..0\nBail out!", "</pre><script>x</script>", "\u202e\ufffe\U0010ffff", "::error::x%0A", "...\n---\n"} {
		f.Add(seed, seed)
	}
	point := regexp.MustCompile(`^(TAP version 13|# .*|(not )?ok \d+ - .*|  .*|1\.\.\d+)$`)
	f.Fuzz(func(t *testing.T, name, text string) {
		problem := testrun.Problem{Kind: name, Message: text, Diff: []string{text}, Hint: text, At: name, Source: text, Trace: []string{text}, Logs: []string{text}}
		s := &testrun.Summary{Files: []string{name}, Tests: []*testrun.Test{
			{File: name, Blocks: []string{name}, Name: name, Status: testrun.Failed, Problems: []testrun.Problem{problem}, Repeat: text},
			{File: name, Blocks: []string{}, Name: text, Status: testrun.NotRun, Reason: text},
		}, Troubles: []*testrun.Trouble{{File: name, Blocks: []string{text}, Problem: problem}}}
		for _, format := range Formats() {
			var b bytes.Buffer
			if err := tell(New(format, Options{Out: &b, Getenv: noWorkflow}), s); err != nil {
				t.Fatalf("%s: %v", format, err)
			}
			out := b.String()
			if i := strings.IndexFunc(out, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x202e || r == 0xfffe }); i >= 0 && format != "json" {
				t.Errorf("%s has %q in it", format, out[max(0, i-20):i+5])
			}
			switch format {
			case "json":
				var doc Document
				if err := json.Unmarshal(b.Bytes(), &doc); err != nil || len(doc.Tests) != 2 {
					t.Errorf("%v in\n%s", err, out)
				}
			case "junit":
				for d := xml.NewDecoder(&b); ; {
					if _, err := d.Token(); errors.Is(err, io.EOF) {
						break
					} else if err != nil {
						t.Fatalf("%v in\n%s", err, out)
					}
				}
			case "tap":
				for line := range strings.Lines(out) {
					if !point.MatchString(strings.TrimSuffix(line, "\n")) {
						t.Errorf("the line %q in\n%s", line, out)
					}
				}
				if strings.Count(out, "\n  ---\n") != 3 || strings.Count(out, "\n  ...\n") != 3 || strings.Count(out, "\nnot ok ") != 2 {
					t.Errorf("TAP of other points than told:\n%s", out)
				}
			case "github":
				if n := strings.Count(out, "\n"); n != 3 || strings.Count("\n"+out, "\n::") != n {
					t.Errorf("other than 3 commands:\n%s", out)
				}
			case "html":
				if strings.Count(out, "<script") != 1 || strings.Count(out, "<li class=\"test") != 3 || strings.Count(out, "</pre>") != strings.Count(out, "<pre") {
					t.Errorf("other elements than ours:\n%s", out)
				}
			}
		}
	})
}
