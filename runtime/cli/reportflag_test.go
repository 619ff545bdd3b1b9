package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestReportFlag(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "x")
	for _, c := range []struct {
		args []string
		want string // what was asked for, or with "!" a part of the error
	}{
		{nil, ""},
		{[]string{"--report", "json"}, "json"},
		{[]string{"--report", "json=" + file, "--report=html=-"}, "json=" + file + ",html"},
		{[]string{"--report", "jsn"}, `!no report "jsn"; did you mean json?`},
		{[]string{"--report", "json="}, "!has no name"},
		{[]string{"--report", "json", "--report", "html"}, "!can't both go to standard output"},
		{[]string{"--report", "json=" + file, "--report", "html=" + dir + "/./x"}, "!can't both go to " + dir},
		{[]string{"--report", "json=" + dir}, "!is a folder"},
		{[]string{"--report", "json=" + filepath.Join(dir, "no", "x")}, "!can't write the file"},
	} {
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		r := addReportFlag(flags, "json", "html")
		err := flags.Parse(c.args)
		var reports []openReport
		if err == nil {
			reports, err = r.open((&app{}).createFile)
		}
		discardReports(reports)
		got := r.String()
		if err != nil {
			got = "!" + err.Error()
		}
		if fails := strings.HasPrefix(c.want, "!"); fails && !strings.Contains(got, c.want[1:]) || fails != (err != nil) || !fails && got != c.want {
			t.Errorf("%q: got %q, want %q", c.args, got, c.want)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestReportFlagOnly(t *testing.T) {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	r := addReportFlag(flags, "json", "tap")
	if err := flags.Parse([]string{"--report=json"}); err != nil {
		t.Fatal(err)
	}
	if err := r.only("a load", "json"); err != nil {
		t.Error(err)
	}
	if err := r.only("a load", "html"); err == nil {
		t.Error("json was taken")
	}
}
