package output

import (
	"bytes"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

var update = flag.Bool("update", false, "write the golden files anew")

type user struct {
	UserID     string `json:"userID"`
	Nickname   string `json:"nickname"`
	CreateTime int64  `json:"createTime"`
	Ex         any    `json:"ex"`
}

func userColumns() []Column {
	return []Column{
		{Name: "userID", Order: 1, Key: true},
		{Name: "createTime", Order: 3},
		{Name: "nickname", Order: 2},
		{Name: "ex", Order: 4, Wide: true},
	}
}

func users() []user {
	return []user{
		{"u1", "张三丰", 1700000000000, nil},
		{"007", "Li, \"Wei\"", 9007199254740993, value.NewObject("level", int64(3), "tags", value.List{"a", "b"})},
		{"emoji", "👨‍👩‍👧 family 👍🏽 e\u0301", -1, "a\nb\tc"},
		{"\x1b[31mred\x1b[0m", "bell\a \u009b31m \u202egnp.exe", math.MaxInt64, ""},
	}
}

// inEveryFormat prints by each format what the function gives to the printer, under a heading.
func inEveryFormat(t *testing.T, o Options, print func(*Printer) error) string {
	t.Helper()
	var all bytes.Buffer
	for _, format := range Formats() {
		var out bytes.Buffer
		o.Format, o.Out = format, &out
		p, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString("== " + format + " ==\n")
		if err := print(p); err != nil {
			e := fault.From(err)
			all.WriteString("error: " + e.Error() + " (" + e.Hint + ")\n")
		}
		all.Write(out.Bytes())
		checkDocument(t, format, out.Bytes())
	}
	return all.String()
}

// checkDocument asks independent readers whether the document is well formed, if there is one.
func checkDocument(t *testing.T, format string, text []byte) {
	t.Helper()
	if len(text) == 0 {
		return
	}
	var v any
	switch format {
	case JSON:
		if err := json.Unmarshal(text, &v); err != nil {
			t.Errorf("not one JSON document: %v\n%s", err, text)
		}
	case YAML:
		if err := yaml.Unmarshal(text, &v); err != nil {
			t.Errorf("not YAML: %v\n%s", err, text)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

func stream[T any](cols []Column, rows ...T) func(*Printer) error {
	return func(p *Printer) error {
		r := p.Rows(cols)
		for _, row := range rows {
			if err := r.Add(row); err != nil {
				r.Abort()
				return err
			}
		}
		return r.Close()
	}
}

func TestGolden(t *testing.T) {
	object := value.NewObject("userID", "u1", "big", int64(9007199254740993), "unsigned", uint64(math.MaxUint64),
		"share", 0.25, "none", value.Null{}, "yes", true, "empty", value.List{}, "nested", value.NewObject("a", value.NewObject("b", "x")),
		"tags", value.List{"a", int64(1)}, "likeNumber", "0123", "members", value.List{
			value.NewObject("id", "m1", "role", int64(20)), value.NewObject("id", "成员", "name", "x")})
	ragged := []any{
		value.NewObject("a", int64(1)), value.NewObject("b", "x", "a", value.Null{}), value.NewObject(),
		"a scalar", value.NewObject("a", 0.5, "c", value.List{int64(1), value.NewObject("d", "e")}),
	}
	cases := []struct {
		name  string
		opts  Options
		print func(*Printer) error
	}{
		{"users", Options{}, func(p *Printer) error { return p.Value(users(), userColumns()) }},
		{"users-streamed", Options{}, stream(userColumns(), users()...)},
		{"users-undeclared", Options{}, stream(nil, users()...)},
		{"users-no-headers", Options{NoHeaders: true}, stream(userColumns(), users()...)},
		{"users-color", Options{Color: true}, stream(userColumns(), users()...)},
		{"users-narrow", Options{Width: 30}, stream(userColumns(), users()...)},
		{"users-columns", Options{Columns: []string{"nickname", "ex.level,ex.tags.1"}}, stream(userColumns(), users()...)},
		{"users-query-rows", Options{Query: "nickname"}, stream(userColumns(), users()...)},
		{"users-query-list", Options{Query: "#(createTime>0)#"}, stream(userColumns(), users()...)},
		{"users-query-count", Options{Query: "#"}, stream(userColumns(), users()...)},
		{"users-query-nothing", Options{Query: "nosuch"}, stream(userColumns(), users()...)},
		{"users-unknown-column", Options{Columns: []string{"nicknmae"}}, stream(userColumns(), users()...)},
		{"ragged", Options{}, stream(nil, ragged...)},
		{"empty", Options{}, stream[user](nil)},
		{"empty-declared", Options{}, stream[user](userColumns())},
		{"empty-list", Options{}, func(p *Printer) error { return p.Value([]user(nil), userColumns()) }},
		{"object", Options{}, func(p *Printer) error { return p.Value(object, []Column{{Name: "userID", Order: 1, Key: true}}) }},
		{"object-columns", Options{Columns: []string{"nested.a.b", "big"}}, func(p *Printer) error { return p.Value(object, nil) }},
		{"object-query", Options{Query: "members.#.id"}, func(p *Printer) error { return p.Value(object, nil) }},
		{"string", Options{}, func(p *Printer) error { return p.Value("two\nlines \x1b[1mbold", nil) }},
		{"number", Options{}, func(p *Printer) error { return p.Value(int64(9007199254740993), nil) }},
		{"nothing", Options{}, func(p *Printer) error { return p.Value(nil, nil) }},
		{"not-a-number", Options{}, func(p *Printer) error { return p.Value(value.NewObject("a", math.NaN()), nil) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { golden(t, c.name, inEveryFormat(t, c.opts, c.print)) })
	}
}

func TestValueAndRowsAgree(t *testing.T) {
	whole := inEveryFormat(t, Options{}, func(p *Printer) error { return p.Value(users(), userColumns()) })
	streamed := inEveryFormat(t, Options{}, stream(userColumns(), users()...))
	if diff := cmp.Diff(whole, streamed); diff != "" {
		t.Error(diff)
	}
}

func TestAbort(t *testing.T) {
	got := inEveryFormat(t, Options{}, func(p *Printer) error {
		r := p.Rows(userColumns())
		_ = r.Add(users()[0])
		r.Abort()
		r.Abort()
		return r.Close()
	})
	golden(t, "abort", got)
	got = inEveryFormat(t, Options{}, func(p *Printer) error {
		p.Rows(userColumns()).Abort()
		return nil
	})
	for line := range strings.Lines(got) {
		if !strings.HasPrefix(line, "== ") {
			t.Errorf("a stream that failed before its first row printed %q", line)
		}
	}
	for _, query := range []string{"#", "userID"} {
		inEveryFormat(t, Options{Query: query}, func(p *Printer) error {
			r := p.Rows(userColumns())
			_ = r.Add(users()[0])
			r.Abort()
			return nil
		})
	}
}

func TestAbortAfterBadRow(t *testing.T) {
	got := inEveryFormat(t, Options{}, stream[any](nil, value.NewObject("a", int64(1)), value.NewObject("a", math.Inf(1))))
	golden(t, "bad-row", got)
}

func TestUsageErrors(t *testing.T) {
	_, err := New(Options{Format: "jsno"})
	if !fault.Is(err, fault.Usage) || !strings.Contains(err.Error(), "did you mean json?") {
		t.Errorf("got %v", err)
	}
	if _, err := New(Options{Columns: []string{" , "}}); !fault.Is(err, fault.Usage) {
		t.Errorf("got %v", err)
	}
	p, err := New(Options{Columns: []string{"userId"}, Out: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	err = p.Check(userColumns())
	if !fault.Is(err, fault.Usage) || !strings.HasPrefix(fault.From(err).Hint, "columns: userID, ") {
		t.Errorf("got %v", err)
	}
	if err := p.Value(value.NewObject("userId", "x"), userColumns()); err != nil {
		t.Errorf("a member that the server added is refused: %v", err)
	}
}

func TestWidthsAfterTheSample(t *testing.T) {
	var out bytes.Buffer
	p, _ := New(Options{Out: &out})
	r := p.Rows([]Column{{Name: "id", Order: 1}, {Name: "name", Order: 2}})
	row := func(id, name string) any { return value.NewObject("id", id, "name", name) }
	for range sampleRows - 1 {
		_ = r.Add(row("a", "b"))
	}
	if out.Len() > 0 {
		t.Error("printed before the sample is complete")
	}
	_ = r.Add(row("ab", "b"))
	if out.Len() == 0 {
		t.Error("held after the sample is complete")
	}
	_ = r.Add(row("longer", "x"))
	_ = r.Close()
	lines := strings.Split(out.String(), "\n")
	if lines[0] != "id  name" || lines[1] != "a   b" || lines[sampleRows+1] != "longer  x" {
		t.Errorf("got %q, %q, %q", lines[0], lines[1], lines[sampleRows+1])
	}
}

func TestFlush(t *testing.T) {
	var out bytes.Buffer
	p, _ := New(Options{Out: &out})
	r := p.Rows(nil)
	_ = r.Flush()
	_ = r.Add(value.NewObject("id", "a"))
	_ = r.Flush()
	if out.String() != "id\na\n" {
		t.Errorf("got %q", out.String())
	}
}

func TestEveryLineOfATableFits(t *testing.T) {
	for _, w := range []int{24, 30, 40, 80} {
		var out bytes.Buffer
		p, _ := New(Options{Format: Wide, Width: w, Out: &out})
		if err := stream(userColumns(), users()...)(p); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if got := width(strings.TrimSuffix(line, "\n")); got > max(w, 4*minWidth+3*gap) {
				t.Errorf("width %d: %d columns: %q", w, got, line)
			}
		}
	}
}

func TestDropped(t *testing.T) {
	for _, format := range Formats() {
		p, _ := New(Options{Format: format, Columns: nil, Out: &bytes.Buffer{}})
		r := p.Rows(nil)
		if format == Name {
			r = p.Rows([]Column{{Name: "a", Key: true}})
		}
		for range sampleRows {
			_ = r.Add(value.NewObject("a", "x"))
		}
		_ = r.Add(value.NewObject("a", "x", "late", "y"))
		want := format == CSV || format == Table || format == Wide
		if got := r.Dropped(); (len(got) == 1) != want {
			t.Errorf("%s: %q", format, got)
		}
		list := make(value.List, sampleRows+1)
		for i := range list {
			list[i] = value.NewObject("a", "x")
		}
		list[sampleRows] = value.NewObject("late", "y")
		var out bytes.Buffer
		if p, _ := New(Options{Format: format, Out: &out}); format != Name {
			if err := p.Value(list, nil); err != nil || !strings.Contains(out.String(), "late") {
				t.Errorf("%s: a whole list lost a member: %v", format, err)
			}
		}
	}
}

type counter struct{ n, writes int }

func (c *counter) Write(b []byte) (int, error) { c.n += len(b); c.writes++; return len(b), nil }

func TestLongStream(t *testing.T) {
	for _, format := range Formats() {
		var c counter
		p, _ := New(Options{Format: format, Out: &c})
		r := p.Rows(userColumns())
		for range 20_000 {
			if err := r.Add(value.NewObject("userID", "u", "nickname", "张三", "createTime", int64(1))); err != nil {
				t.Fatal(err)
			}
		}
		if len(r.held) > 0 {
			t.Errorf("%s holds %d rows", format, len(r.held))
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if c.writes < 20_000 {
			t.Errorf("%s: %d writes", format, c.writes)
		}
	}
}

func TestProgress(t *testing.T) {
	var out bytes.Buffer
	clock := time.Unix(0, 0)
	p := NewProgress(&out, true, "importing")
	p.started, p.now = clock, func() time.Time { return clock }
	p.Set(0, 1000)
	for range 200 {
		clock = clock.Add(10 * time.Millisecond)
		p.Add(1)
	}
	if n := strings.Count(out.String(), "\r"); n != 21 {
		t.Errorf("drawn %d times in two seconds, want 21", n)
	}
	if !strings.HasSuffix(out.String(), "importing 200/1000 (20%) 100/s 8s left") {
		t.Errorf("got %q", out.String())
	}
	p.Finish("imported 1000")
	if !strings.HasSuffix(out.String(), "\r\x1b[Kimported 1000\n") {
		t.Errorf("got %q", out.String())
	}
	out.Reset()
	quiet := NewProgress(&out, false, "x")
	quiet.Set(1, 2)
	quiet.Finish("done")
	if out.Len() > 0 {
		t.Errorf("not a terminal, yet printed %q", out.String())
	}
}

func TestUseColor(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, c := range []struct {
		mode string
		env  map[string]string
		want bool
	}{
		{"auto", nil, false},
		{"always", map[string]string{"NO_COLOR": "1"}, true},
		{"never", map[string]string{"CLICOLOR_FORCE": "1"}, false},
		{"auto", map[string]string{"CLICOLOR_FORCE": "1"}, true},
		{"auto", map[string]string{"CLICOLOR_FORCE": "0"}, false},
		{"auto", map[string]string{"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, false},
	} {
		if got := UseColor(c.mode, file, func(k string) string { return c.env[k] }); got != c.want {
			t.Errorf("%s %v: got %v", c.mode, c.env, got)
		}
	}
}
