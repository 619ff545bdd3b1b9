package user

import (
	"regexp"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings/bindingtest"
	"github.com/openimsdk/imctl/bindings/value"
)

func TestArea(t *testing.T) {
	bindingtest.CheckDeclarations(t, Area())
	names := map[string]bool{}
	for _, op := range Area().All() {
		names[op.Name] = true
		if len(op.Result()) == 0 {
			t.Errorf("%s does not describe its result", op.FullName())
		}
	}
	for _, want := range strings.Fields("add register get find list count exists update disable enable disabled delete logout token online sessions import export reset_password") {
		if !names[want] {
			t.Errorf("user.%s is missing", want)
		}
	}
}

// The examples call no operation but their own.
func TestExamples(t *testing.T) {
	calls := regexp.MustCompile(`user\.(\w+)`)
	for _, op := range Area().All() {
		for _, c := range calls.FindAllStringSubmatch(op.Example, -1) {
			if c[1] != op.Name {
				t.Errorf("%s: the example calls user.%s", op.FullName(), c[1])
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
