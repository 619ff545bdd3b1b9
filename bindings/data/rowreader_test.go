package data

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// memory is a file that is not on a disk.
type memory struct{ bytes.Buffer }

func (*memory) Commit() error { return nil }
func (*memory) Discard()      {}

func kindOf(t testing.TB, name string) rowKind {
	t.Helper()
	kinds, err := chosenKinds([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	return kinds[0]
}

// readAll reads a text as rows; each flaw is kept, and the error that ended it.
func readAll(format, text string, k rowKind) (rows []row, flaws []string, err error) {
	in, err := newRowReader(format, "x", strings.NewReader(text), k.fresh)
	if err != nil {
		return nil, nil, err
	}
	for {
		r, _, err := in.next()
		var flaw *rowFlaw
		switch {
		case errors.Is(err, io.EOF):
			return rows, flaws, nil
		case errors.As(err, &flaw):
			flaws = append(flaws, flaw.Error())
		case err != nil:
			return rows, flaws, err
		default:
			rows = append(rows, r)
		}
	}
}

func TestRowFlaws(t *testing.T) {
	for _, c := range []struct{ name, format, kind, text, want string }{
		{"half a row", "jsonl", "users", `{"userID":"a"`, "x:1: not a JSON object"},
		{"no object", "jsonl", "users", "\n\n[1]", "x:3: want a JSON object, got a list of 1"},
		{"unknown field", "jsonl", "users", `{"userId":"a"}`, "x:1: userId: unknown field; did you mean userID?"},
		{"wrong type", "jsonl", "users", `{"userID":7}`, "x:1: userID: want a string, got the number 7"},
		{"number too large", "jsonl", "users", `{"userID":"a","appMangerLevel":4294967296}`, "x:1: appMangerLevel: want a whole number"},
		{"nested type", "jsonl", "messages", `{"options":{"history":1}}`, "x:1: options.history: want true or false, got the number 1"},
		{"no UTF-8", "jsonl", "users", "{\"userID\":\"\xff\"}", "x:1: the row is not UTF-8"},
		{"blank id", "jsonl", "users", `{"userID":" "}`, "x:1: userID is blank"},
		{"control character in an id", "jsonl", "friends", `{"ownerUserID":"a","friendUserID":"b\n"}`, "x:1: friendUserID"},
		{"its own friend", "jsonl", "friends", `{"ownerUserID":"a","friendUserID":"a"}`, "friendUserID is the owner itself"},
		{"role", "jsonl", "members", `{"groupID":"g","userID":"a","roleLevel":1}`, "x:1: roleLevel: want one of [20 60 100], got 1"},
		{"no time", "jsonl", "messages", `{"conversationID":"c","sendID":"a"}`, "x:1: sendTime: 0 is no time"},
		{"no receiver", "jsonl", "messages", `{"conversationID":"c","sendID":"a","sendTime":1,"sessionType":1}`, "x:1: recvID is blank"},
		{"number in a cell", "csv", "members", "groupID,userID,roleLevel\ng,a,x", `x:2: roleLevel: want a whole number, got the string "x"`},
		{"flag in a cell", "csv", "friends", "ownerUserID,friendUserID,isPinned\n\na,b,maybe", `x:3: isPinned: want true or false`},
		{"object in a cell", "csv", "messages", "options\n{", "x:2: options: "},
		{"too few cells", "csv", "users", "userID,nickname\na", "x:2: the row has 1 fields and the header 2"},
		{"line after a long cell", "csv", "users", "userID,nickname\na,\"1\n2\r\n3\"\n ,b", "x:5: userID is blank"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, flaws, err := readAll(c.format, c.text, kindOf(t, c.kind))
			if err != nil || len(flaws) != 1 || !strings.Contains(flaws[0], c.want) {
				t.Errorf("flaws %q, error %v; want %q", flaws, err, c.want)
			}
		})
	}
}

func TestUnreadableFiles(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "x is empty: it has no header"},
		{"unknown column", "userID,nikname\n", "x:1: unknown column nikname; did you mean nickname?"},
		{"column twice", "userID,userID\n", "x:1: column userID is there twice"},
		{"open quote", "userID\na\n\"b\nc", "x:3: a quote is not closed"},
		{"quote within", "userID\na\"b", "x:2: not valid CSV"},
		{"text behind a quote", "userID\n\"a\"b", "x:2: not valid CSV"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := readAll(formatCSV, c.text, kindOf(t, "users"))
			if !fault.Is(err, fault.Usage) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// oddTexts are texts that files tend to break.
var oddTexts = []string{"", "a", " a ", "\"", "\"\"", ",", "\r\n", "\n", "\r", "a\rb", "\t", "😀", "名", "\x01\x1b[0m\x7f", "null", "true", "007", "1e5",
	"=1+1", bom, bom + "x", "\u2028", "\\n", "<&>", strings.Repeat("x", 70_000)}

// randomRow fills the fields of a row at random.
func randomRow(draw *rand.Rand, k rowKind) row {
	r := k.fresh()
	to := reflect.ValueOf(r).Elem()
	for _, f := range value.Fields(to.Type()) {
		switch at := to.FieldByIndex(f.Index); at.Kind() {
		case reflect.String:
			at.SetString(oddTexts[draw.IntN(len(oddTexts))])
		case reflect.Bool:
			at.SetBool(draw.IntN(2) == 0)
		case reflect.Int32:
			at.SetInt(int64(int32(draw.Uint32())))
		case reflect.Int64:
			at.SetInt(int64(draw.Uint64()))
		case reflect.Map:
			at.Set(reflect.ValueOf(map[string]bool{"history": true, oddTexts[draw.IntN(len(oddTexts))]: false}))
		case reflect.Slice:
			at.Set(reflect.ValueOf([]string{oddTexts[draw.IntN(len(oddTexts))], "b"}))
		case reflect.Pointer:
			at.Set(reflect.ValueOf(value.NewObject("title", oddTexts[draw.IntN(len(oddTexts))])))
		}
	}
	return r
}

func TestRowsSurvive(t *testing.T) {
	t.Parallel()
	draw := rand.New(rand.NewPCG(7, 7))
	for _, format := range []string{formatJSONL, formatCSV} {
		for _, k := range rowKinds() {
			t.Run(format+" "+k.name, func(t *testing.T) {
				var rows []row
				to := &memory{}
				w, err := newRowWriter(to, k, format)
				if err != nil {
					t.Fatal(err)
				}
				for range 300 {
					r := randomRow(draw, k)
					rows = append(rows, r)
					if err := w.write(r); err != nil {
						t.Fatal(err)
					}
				}
				sum, err := w.commit()
				if err != nil || sum.Rows != 300 || sum.Bytes != int64(to.Len()) {
					t.Fatalf("%+v, %v", sum, err)
				}
				in := bareReader(t, format, to.String(), k)
				for i, want := range rows {
					got, err := in()
					if err != nil {
						t.Fatalf("row %d: %v", i+1, err)
					}
					if !reflect.DeepEqual(got, want) {
						t.Fatalf("row %d: got\n%+v\nwant\n%+v", i+1, got, want)
					}
				}
			})
		}
	}
}

// bareReader reads rows without the checks of their kind.
func bareReader(t testing.TB, format, text string, k rowKind) func() (row, error) {
	t.Helper()
	in, err := newRowReader(format, "x", strings.NewReader(text), k.fresh)
	if err != nil {
		t.Fatal(err)
	}
	return func() (row, error) {
		switch in := in.(type) {
		case *jsonRows:
			line, err := in.readLine()
			if err != nil {
				return nil, err
			}
			plain, err := value.Parse(line)
			if err != nil {
				return nil, err
			}
			r := k.fresh()
			return r, value.IntoStrict(plain, r)
		case *csvRows:
			texts, _, err := in.record()
			if err != nil {
				return nil, err
			}
			r := k.fresh()
			for i, text := range texts {
				if why := setText(reflect.ValueOf(r).Elem().FieldByIndex(in.fields[i].Index), text); why != "" {
					return nil, errors.New(why)
				}
			}
			return r, nil
		}
		return nil, errors.New("no such reader")
	}
}

// FuzzRows: whatever a file holds, reading it ends, with rows or errors that say where; a row that was read is written and
// read again as it was.
func FuzzRows(f *testing.F) {
	for _, k := range rowKinds() {
		for _, format := range []string{formatJSONL, formatCSV} {
			to := &memory{}
			w, err := newRowWriter(to, k, format)
			if err != nil {
				f.Fatal(err)
			}
			if err := errors.Join(w.write(k.fresh()), w.out.Flush()); err != nil {
				f.Fatal(err)
			}
			f.Add(format == formatCSV, k.name, to.String())
		}
	}
	f.Add(true, "users", "userID,nickname\r\na,\"b\"\"\r\n\"\r\n")
	f.Add(false, "users", `{"userID":"a","nickname":null}`+"\n\n{}")
	f.Fuzz(func(t *testing.T, isCSV bool, name, text string) {
		kinds, err := chosenKinds([]string{name})
		if err != nil {
			return
		}
		k, format := kinds[0], formatJSONL
		if isCSV {
			format = formatCSV
		}
		rows, flaws, err := readAll(format, text, k)
		if err != nil && !fault.Is(err, fault.Usage) {
			t.Fatalf("%v is no usage error", err)
		}
		for _, flaw := range flaws {
			if !strings.HasPrefix(flaw, "x:") {
				t.Errorf("flaw %q says no place", flaw)
			}
		}
		for _, r := range rows {
			to := &memory{}
			w, err := newRowWriter(to, k, format)
			if err == nil {
				err = errors.Join(w.write(r), w.out.Flush())
			}
			if err != nil {
				t.Fatal(err)
			}
			again, flaws, err := readAll(format, to.String(), k)
			if err != nil || len(flaws) > 0 || len(again) != 1 {
				t.Fatalf("%+v is written as %q, and that is read as %v %v %v", r, to.String(), again, flaws, err)
			}
			second := &memory{}
			w, err = newRowWriter(second, k, format)
			if err == nil {
				err = errors.Join(w.write(again[0]), w.out.Flush())
			}
			if err != nil || second.String() != to.String() {
				t.Fatalf("%q becomes %q, %v", to.String(), second.String(), err)
			}
		}
	})
}
