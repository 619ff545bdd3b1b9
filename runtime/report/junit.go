package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/openimsdk/imctl/runtime/testrun"
)

// The elements of JUnit's XML, as far as Jenkins' schema for it allows them (testdata/reports/junit.rng says the same of what
// is written here). What Surefire adds for tests that are run again is among them.
type (
	junitRun struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string           `xml:"name,attr"`
		File       string           `xml:"file,attr"`
		Tests      int              `xml:"tests,attr"`
		Failures   int              `xml:"failures,attr"`
		Errors     int              `xml:"errors,attr"`
		Skipped    int              `xml:"skipped,attr"`
		Time       string           `xml:"time,attr"`
		Timestamp  string           `xml:"timestamp,attr"` // UTC
		Properties *[]junitProperty `xml:"properties>property"`
		Cases      []junitCase      `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name      string     `xml:"name,attr"`
		ClassName string     `xml:"classname,attr"`
		Time      string     `xml:"time,attr"`
		Skipped   *junitText `xml:"skipped"`
		Failure   *junitText `xml:"failure"`
		Error     *junitText `xml:"error"`
		Rerun     []junitRerun
	}
	junitText struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",cdata"`
	}
	junitRerun struct {
		XMLName xml.Name // flakyFailure, rerunFailure, flakyError or rerunError
		Message string   `xml:"message,attr"`
		Type    string   `xml:"type,attr"`
		Trace   struct {
			Text string `xml:",cdata"`
		} `xml:"stackTrace"`
	}
)

func newJUnit(o Options) testrun.Reporter {
	return whole(func(s *testrun.Summary) error {
		run := junitRun{Name: "imctl", Time: seconds(s.MS), Suites: []junitSuite{}}
		for _, f := range byFile(s) {
			suite := junitFile(f, s)
			run.Tests += suite.Tests
			run.Failures += suite.Failures
			run.Errors += suite.Errors
			run.Suites = append(run.Suites, suite)
		}
		text, err := xml.MarshalIndent(run, "", "  ")
		if err == nil {
			_, err = io.WriteString(o.Out, xml.Header+string(text)+"\n")
		}
		return err
	})
}

// seconds is milliseconds as the schema wants times.
func seconds(ms float64) string { return strconv.FormatFloat(ms/1000, 'f', 3, 64) }

func junitFile(f fileResults, s *testrun.Summary) junitSuite {
	suite := junitSuite{Name: plain(f.name), File: plain(f.name)}
	class, ms, start := className(f.name), 0.0, s.Start
	for i, t := range f.tests {
		if i == 0 && !t.Start.IsZero() {
			start = t.Start
		}
		ms += t.MS
		suite.add(junitTest(t, class))
	}
	for _, t := range f.troubles {
		c := junitCase{Name: troubleTitle(t), ClassName: class, Time: seconds(0)}
		c.fail([]testrun.Problem{t.Problem}, nil, "")
		suite.add(c)
	}
	suite.Time, suite.Timestamp = seconds(ms), start.UTC().Format("2006-01-02T15:04:05")
	var properties []junitProperty
	if s.Seed != 0 {
		properties = append(properties, junitProperty{"seed", strconv.FormatUint(s.Seed, 10)})
	}
	if s.Ended != "" {
		properties = append(properties, junitProperty{"ended", plain(s.Ended)})
	}
	if properties != nil {
		suite.Properties = &properties
	}
	return suite
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

// className is a file's path as the class of its tests: readers of JUnit take what stands before the last dot for the
// package.
func className(file string) string {
	name := strings.Trim(strings.TrimSuffix(plain(file), ".lua"), "./")
	return strings.NewReplacer(".", "_", "/", ".", `\`, ".").Replace(name)
}

func junitTest(t *testrun.Test, class string) junitCase {
	c := junitCase{Name: title(t), ClassName: class, Time: seconds(t.MS)}
	switch t.Status {
	case testrun.Failed:
		c.fail(t.Problems, t.Earlier, t.Repeat)
	case testrun.Flaky:
		c.rerun("flaky", t.Problems[0], problemsText(t.Problems, nil, ""))
		for _, p := range t.Earlier {
			c.rerun("flaky", p, problemsText([]testrun.Problem{p}, nil, ""))
		}
	case testrun.Pending:
		c.Skipped = &junitText{Message: "pending"}
	case testrun.NotRun:
		c.Skipped = &junitText{Message: "not run: " + plain(t.Reason)}
	}
	return c
}

// fail makes the case a failure when an expectation was not met, else an error.
func (c *junitCase) fail(problems, earlier []testrun.Problem, repeat string) {
	text := &junitText{Message: firstLine(problems[0]), Type: kind(problems[0]), Text: problemsText(problems, nil, repeat)}
	if len(problems) > 1 {
		text.Message += fmt.Sprintf(" (and %d more)", len(problems)-1)
	}
	if c.Error = text; expectation(problems) {
		c.Failure, c.Error = text, nil
	}
	for _, p := range earlier {
		c.rerun("rerun", p, problemsText([]testrun.Problem{p}, nil, ""))
	}
}

// rerun adds another try of the case.
func (c *junitCase) rerun(what string, p testrun.Problem, text string) {
	name := what + "Error"
	if expectation([]testrun.Problem{p}) {
		name = what + "Failure"
	}
	try := junitRerun{XMLName: xml.Name{Local: name}, Message: firstLine(p), Type: kind(p)}
	try.Trace.Text = text
	c.Rerun = append(c.Rerun, try)
}

func kind(p testrun.Problem) string {
	if p.Kind == "" {
		return "error"
	}
	return plain(p.Kind)
}
