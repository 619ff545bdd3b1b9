package output

import (
	"bytes"
	"encoding/csv"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/openimsdk/imctl/bindings/value"
)

func seeds(f *testing.F) {
	for _, s := range []string{"", "007", "1e3", "a,b", "\"", "a\nb", "a\r\nb", " x ", "\x1b[31m", "张三", "👍🏽", "yes", ".nan", "<<", "- a", "a: b",
		"a #b", "\t", "\r", "\ufeff", "\u2028", "\u0085", "\x00", "\xff", "'", "{", "?", "~", "12:30:45", "0x1F", "2020-01-01", "=", strings.Repeat("k", 1100)} {
		f.Add(s, "x")
		f.Add("x", s)
	}
}

// FuzzCSV: what is written is read back by encoding/csv as it was.
func FuzzCSV(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, a, b string) {
		var out bytes.Buffer
		p, _ := New(Options{Format: CSV, Out: &out})
		cols := []Column{{Name: "a"}, {Name: "b"}}
		if a == b { // a table of one column, too
			cols = cols[:1]
		}
		r := p.Rows(cols)
		if err := r.Add(value.NewObject("a", a, "b", b)); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(&out).ReadAll()
		if err != nil || len(records) != 2 {
			t.Fatalf("%v: %q", err, records)
		}
		reader := strings.NewReplacer("\r\n", "\n") // encoding/csv reads so, in quoted fields too
		want := []string{reader.Replace(a), reader.Replace(b)}[:len(cols)]
		if !slices.Equal(records[1], want) {
			t.Fatalf("got %q, want %q", records[1], want)
		}
	})
}

// FuzzTable: a row is one line, aligned, with nothing in it that a terminal acts on.
func FuzzTable(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, w := range []int{0, 20} {
			var out bytes.Buffer
			p, _ := New(Options{Out: &out, Width: w})
			r := p.Rows([]Column{{Name: "a", Order: 1}, {Name: "b", Order: 2}})
			for _, row := range [][2]string{{a, b}, {b, a}, {"x", "y"}} {
				if err := r.Add(value.NewObject("a", row[0], "b", row[1])); err != nil {
					t.Fatal(err)
				}
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			text := out.String()
			if n := strings.Count(text, "\n"); n != 4 {
				t.Fatalf("%d lines: %q", n, text)
			}
			if !utf8.ValidString(text) || strings.IndexFunc(strings.ReplaceAll(text, "\n", ""), unsafe) >= 0 {
				t.Fatalf("raw control characters: %q", text)
			}
		}
	})
}

// FuzzYAML: what is written is read back by another YAML reader as it was.
func FuzzYAML(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, a, b string) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) || a == b {
			return
		}
		var out bytes.Buffer
		p, _ := New(Options{Format: YAML, Out: &out})
		doc := value.NewObject(a, b, b, value.List{value.NewObject(a, value.List{b, value.List{a}}, b, a), value.List{}, value.NewObject()})
		if err := p.Value(doc, nil); err != nil {
			t.Fatal(err)
		}
		var got any
		if err := yaml.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatalf("%v\n%s", err, out.Bytes())
		}
		want := map[string]any{a: b, b: []any{map[string]any{a: []any{b, []any{a}}, b: a}, []any{}, map[string]any{}}}
		if !reflect.DeepEqual(got, any(want)) {
			t.Fatalf("got %#v\nwant %#v\n%s", got, want, out.Bytes())
		}
	})
}
