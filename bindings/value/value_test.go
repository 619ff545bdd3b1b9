package value

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func TestJSONIsExact(t *testing.T) {
	for _, text := range []string{
		`{"b":1,"a":[],"c":{},"d":null,"e":["u1",null,"u3"]}`,
		`[9007199254740993,9223372036854775807,18446744073709551615,-9223372036854775808]`,
		`123456789012345678901234567890`, `1.5`, `-0.25`, `"x\"\\\n\u001f"`, `"王小明 😀"`, `true`, `null`, `[]`, `{}`,
		`{"z":{"y":{"x":[1,2,{"w":"v"}]}}}`,
	} {
		v, err := Parse([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got, err := Marshal(v)
		if err != nil || string(got) != text {
			t.Errorf("got %s %v, want %s", got, err, text)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{``, `{`, `{"a":1`, `[1,]`, `nul`, `{"a" 1}`, strings.Repeat("[", 5000) + strings.Repeat("]", 5000), strings.Repeat("[", 1<<20)} {
		if v, err := Parse([]byte(text)); err == nil {
			t.Errorf("%.20s gave %v", text, v)
		}
	}
}

func TestMarshalRefusesWhatJSONLacks(t *testing.T) {
	for _, f := range []float64{math.NaN(), math.Inf(1)} {
		if _, err := Marshal(f); err == nil {
			t.Errorf("%v was written", f)
		}
	}
}

type account struct {
	UserID  string
	FaceURL *string
	Wait    time.Duration
	Tags    []string
	Inner   struct{ N int64 }
	Rest    Rest `json:"-"`
}

func TestIntoAndBack(t *testing.T) {
	const text = `{"userID":"a","faceURL":null,"wait":"1m30s","tags":["x"],"inner":{"n":7},"later":18446744073709551615}`
	plain, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var a account
	if err := Into(plain, &a); err != nil {
		t.Fatal(err)
	}
	if a.UserID != "a" || a.FaceURL != nil || a.Wait != 90*time.Second || a.Inner.N != 7 {
		t.Errorf("got %+v", a)
	}
	if got, err := Marshal(a); err != nil || string(got) != text {
		t.Errorf("got %s %v", got, err)
	}
}

func TestIntoNamesThePlace(t *testing.T) {
	for text, want := range map[string]string{
		`{"userID":1}`:            `userID: want a string, got the number 1`,
		`{"inner":{"n":"x"}}`:     `inner.n: want a whole number, got the string "x"`,
		`{"tags":["a",2]}`:        `tags[2]: want a string, got the number 2`,
		`{"wait":"soon"}`:         `wait: want a duration like "5s" or "1m30s", or a number of seconds, got the string "soon"`,
		`{"inner":{"n":1.5}}`:     `inner.n: want a whole number, got the number 1.5`,
		`{"inner":[1]}`:           `inner: want a table of fields, got a list of 1`,
		`{"inner":{"n":1e300}}`:   `inner.n: want a whole number, got the number 1e+300`,
		`{"userID":{"deep":"x"}}`: `userID: want a string, got a table of fields`,
	} {
		plain, err := Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var a account
		if err := Into(plain, &a); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	var a account
	err := IntoStrict(NewObject("inner", NewObject("m", int64(1))), &a)
	var unknown *UnknownError
	if !errors.As(err, &unknown) || unknown.Path != "inner" && unknown.Name != "m" {
		t.Errorf("got %v", err)
	}
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,null]}`, `[18446744073709551616,1e400,-0]`, `"\ud800"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Parse(data)
		if err != nil {
			return
		}
		text, err := Marshal(v)
		if err != nil {
			t.Fatalf("%q was read but can't be written: %v", data, err)
		}
		again, err := Parse(text)
		if err != nil {
			t.Fatalf("%q was written as %q: %v", data, text, err)
		}
		second, err := Marshal(again)
		if err != nil || string(second) != string(text) {
			t.Errorf("%q then %q", text, second)
		}
		if !json.Valid(text) {
			t.Errorf("%q is no JSON", text)
		}
	})
}

// TestMarshalAgreesWithFrom: writing a Go value at once gives what its plain data gives.
func TestMarshalAgreesWithFrom(t *testing.T) {
	url := "http://x"
	for _, v := range []any{
		account{}, &account{UserID: "a", FaceURL: &url, Wait: time.Second, Tags: []string{"x", "ü"}, Rest: Rest{NewObject("z", Null{}, "a", List{int64(1)})}},
		[]account{{UserID: "1"}, {UserID: "2", Rest: Rest{NewObject("k", "v")}}}, map[string]any{"b": 1, "a": []int{1, 2}, "n": nil},
		[]any{nil, uint64(math.MaxUint64), 1.5, true, json.RawMessage(`{"r":1}`), time.Unix(0, 0), json.Number("12")},
		struct {
			A int `json:"a,omitempty"`
			account
			O *Object
			N *int
		}{}, [2]bool{true, false}, []byte("x"),
	} {
		direct, err := Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := Marshal(From(v))
		if err != nil || string(direct) != string(plain) {
			t.Errorf("%T: %s, by way of plain data %s %v", v, direct, plain, err)
		}
	}
}
