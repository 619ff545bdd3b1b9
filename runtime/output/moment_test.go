package output

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings/value"
)

func TestMoments(t *testing.T) {
	const ms = 1767323045000
	want := time.UnixMilli(ms).Format(time.DateTime)
	row := value.NewObject("id", "a", "createTime", int64(ms), "muteEndTime", int64(0), "seq", int64(ms))
	isMoment := func(name string) bool { return strings.HasSuffix(name, "Time") }
	print := func(format string, v any) string {
		var out bytes.Buffer
		p, err := New(Options{Format: format, Out: &out, Moment: isMoment})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Value(v, nil); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	for _, v := range []any{value.List{row}, row, value.NewObject("deep", row)} {
		got := print(Table, v)
		if !strings.Contains(got, want) || strings.Count(got, "1767323045000") != 1 {
			t.Errorf("table:\n%s", got)
		}
	}
	for _, format := range []string{JSON, JSONL, YAML, CSV} {
		if got := print(format, value.List{row}); strings.Contains(got, want) || strings.Count(got, "1767323045000") != 2 {
			t.Errorf("%s must keep the number:\n%s", format, got)
		}
	}
}
