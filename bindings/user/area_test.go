package user

import (
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/gopher-lua/parse"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
)

func TestArea(t *testing.T) {
	area := Area()
	names := map[string]bool{}
	for _, op := range area.All() {
		if names[op.Name] {
			t.Errorf("%s is there twice", op.FullName())
		}
		names[op.Name] = true
		if op.Doc == "" || op.Notes == "" || op.Example == "" || !strings.HasSuffix(op.Doc, ".") {
			t.Errorf("%s lacks Doc, Notes or Example", op.FullName())
		}
		if len(op.Result()) == 0 {
			t.Errorf("%s does not describe its result", op.FullName())
		}
		for _, p := range append(op.Params(), op.Result()...) {
			if p.Help == "" {
				t.Errorf("%s: %s has no help", op.FullName(), p.Name)
			}
		}
		if op.Effect == bindings.Destroy && op.Preview == nil {
			t.Errorf("%s destroys without a preview", op.FullName())
		}
	}
	for _, want := range strings.Fields("add register get find list count exists update disable enable disabled delete logout token online sessions import export reset_password") {
		if !names[want] {
			t.Errorf("user.%s is missing", want)
		}
	}
}

// The examples parse, begin with a call of their own operation, and name its real fields.
func TestExamples(t *testing.T) {
	calls, fields := regexp.MustCompile(`user\.(\w+)`), regexp.MustCompile(`(\w+)\s*=\s*["{\d\w]`)
	for _, op := range Area().All() {
		if _, err := parse.Parse(strings.NewReader(op.Example), op.FullName()); err != nil {
			t.Errorf("%s: %v", op.FullName(), err)
		}
		for _, c := range calls.FindAllStringSubmatch(op.Example, -1) {
			if c[1] != op.Name {
				t.Errorf("%s: the example calls user.%s", op.FullName(), c[1])
			}
		}
		known := map[string]bool{}
		for _, p := range op.Params() {
			known[p.Name] = true
			for _, f := range p.Fields {
				known[f.Name] = true
			}
		}
		text := op.Example
		if i := strings.Index(text, "{"); i >= 0 {
			text = text[i:]
		} else {
			text = ""
		}
		for _, f := range fields.FindAllStringSubmatch(text, -1) {
			if !known[f[1]] {
				t.Errorf("%s: the example names the field %s", op.FullName(), f[1])
			}
		}
	}
}

func FuzzCSVRows(f *testing.F) {
	f.Add("userID,nickname\na,b\n\"c\r\nd\",e\r\n", ",")
	f.Add(bom+"userID\n\"", ";")
	f.Fuzz(func(t *testing.T, data, delimiter string) {
		src, err := newSource(formatCSV, strings.NewReader(data), delimiter)
		if err != nil {
			return
		}
		fuzzRows(t, src, len(data))
	})
}

func FuzzJSONLRows(f *testing.F) {
	f.Add(`{"userID":"a","n":1513407461112281552}` + "\n\n[]\nnull\n{")
	f.Fuzz(func(t *testing.T, data string) {
		src, err := newSource(formatJSONL, strings.NewReader(data), ",")
		if err != nil {
			return
		}
		fuzzRows(t, src, len(data))
	})
}

// fuzzRows: every source ends, numbers its rows in order, and gives as many values as names in a good row.
func fuzzRows(t *testing.T, src source, size int) {
	im := &importer{}
	im.p.IgnoreColumns = true
	for row := int64(1); ; row++ {
		rec, err := src.next()
		if err != nil {
			return
		}
		if rec.row != row || rec.row > int64(size)+1 {
			t.Fatalf("row %d is numbered %d", row, rec.row)
		}
		if rec.flaw == "" && len(rec.values) != len(rec.names) {
			t.Fatalf("%d values for %d names", len(rec.values), len(rec.names))
		}
		if it := im.itemOf(rec); it.outcome != rejected {
			im.check(it)
		}
	}
}

func TestJSONNumbersKeepEveryDigit(t *testing.T) {
	src, err := newJSONL(strings.NewReader(`{"userID":1513407461112281552,"nickname":null,"ex":{"b":1,"a":[]}}`))
	if err != nil {
		t.Fatal(err)
	}
	rec, err := src.next()
	if got := value.From(rec.values); err != nil || text(got) != `["1513407461112281552","","{\"b\":1,\"a\":[]}"]` {
		t.Errorf("got %s, %v", text(got), err)
	}
}
