package lualib

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/vm"
)

// fuzzVM is a VM whose functions a fuzz test calls.
func fuzzVM(t testing.TB) *vm.VM {
	v := vm.New(context.Background(), vm.Options{Stdout: &bytes.Buffer{}, Modules: Modules(Options{})})
	t.Cleanup(func() { _ = v.Close(context.Background()) })
	return v
}

// call calls a function of a module; ok is false when it raised an error, which must not be a fault of imctl.
func call(t *testing.T, v *vm.VM, module, name string, args ...lua.LValue) (lua.LValue, bool) {
	t.Helper()
	fn := v.L.GetField(v.L.GetGlobal(module), name).(*lua.LFunction)
	got, err := v.Call(fn, args...)
	if err != nil {
		if strings.Contains(err.Error(), "a fault of imctl") {
			t.Fatalf("%s.%s: %v", module, name, err)
		}
		return nil, false
	}
	return got[0], true
}

// text is a value as JSON, with NaN and infinities written out.
func text(t *testing.T, v *vm.VM, lv lua.LValue) string {
	t.Helper()
	plain, err := v.Conv.FromLua(lv)
	if err != nil {
		t.Fatal(err)
	}
	b, err := value.Marshal(plain)
	if err != nil {
		return "no JSON: " + err.Error()
	}
	return string(b)
}

// roundTrip holds that what was decoded is still the same after encode and decode.
func roundTrip(t *testing.T, v *vm.VM, module, doc string, encodeOptions, decodeOptions lua.LValue) {
	t.Helper()
	first, ok := call(t, v, module, "decode", lua.LString(doc), decodeOptions)
	if !ok || first == lua.LNil {
		return
	}
	if _, err := v.Conv.FromLua(first); err != nil {
		return // nested too deep for the way back
	}
	written, ok := call(t, v, module, "encode", first, encodeOptions)
	if !ok {
		if want := text(t, v, first); !strings.HasPrefix(want, "no JSON") {
			t.Fatalf("%s.encode refuses what decode gave: %s", module, want)
		}
		return
	}
	again, ok := call(t, v, module, "decode", written, decodeOptions)
	if !ok {
		t.Fatalf("%s.decode refuses what encode wrote: %q", module, written.String())
	}
	if a, b := text(t, v, first), text(t, v, again); a != b {
		t.Fatalf("%q came back as %q by %q", a, b, written.String())
	}
}

func FuzzJSON(f *testing.F) {
	for _, doc := range []string{`{"a":[],"b":{},"c":null}`, `[9007199254740993,-0,1e400,0.1]`, `"\u0000\ud800é"`, `{"":1,"":2}`, `[[[[]]]]`, ` true `, "{\"\xff\":[],\"\":{},\"\xfe\":null}"} {
		f.Add(doc)
	}
	v := fuzzVM(f)
	f.Fuzz(func(t *testing.T, doc string) {
		roundTrip(t, v, "json", doc, lua.LNil, lua.LNil)
		indented := v.L.NewTable()
		indented.RawSetString("indent", lua.LNumber(2))
		roundTrip(t, v, "json", doc, indented, lua.LNil)
	})
}

func FuzzYAML(f *testing.F) {
	for _, doc := range []string{"a: 1\nb: [x, 'y', \"z\"]\n", "- ~\n- .inf\n- 0x1F\n- 1e3\n", "a: &x {b: 1}\nc: *x\n<<: *x\n", "|\n a\n b\n", "? a\n: b\n", "a:\n- b: c\n  d: e\n",
		"18446744073709551616", "!!str 5", "\"\\u00e9\\n\\t\"", "a: >\n  x\n\n  y\n", "'it''s'", "2026-11-25", "yes: no", "{a, b: }", "--- 1\n--- 2"} {
		f.Add(doc)
	}
	v := fuzzVM(f)
	f.Fuzz(func(t *testing.T, doc string) { roundTrip(t, v, "yaml", doc, lua.LNil, lua.LNil) })
}

func FuzzCSV(f *testing.F) {
	for _, doc := range []string{"a,b\n1,2\n", "\"x\"\"y\",\"l1\nl2\"\n", "\"\"\n\n", "a\r\nb", "\uFEFFa,b\n", ",\n,", "\"\r\r\n\"", "\"\uFEFF\",b\n", "\uFEFF\uFEFFa\n", `"a` + "\r\n" + `b"`, " a , b "} {
		f.Add(doc, false)
		f.Add(doc, true)
	}
	v := fuzzVM(f)
	lineEnds := regexp.MustCompile(`\r+\n`)
	f.Fuzz(func(t *testing.T, doc string, header bool) {
		doc = lineEnds.ReplaceAllString(doc, "\n") // of several \r the last goes with the \n, and the one before it at the next reading
		reading := v.L.NewTable()
		reading.RawSetString("header", lua.LBool(header))
		roundTrip(t, v, "csv", doc, lua.LNil, reading)
	})
}

// FuzzTime: no text crashes the readers of times and durations, and a time that was read comes back.
func FuzzTime(f *testing.F) {
	for _, s := range []string{"2026-11-25T08:30:00.5Z", "2026-11-25", "P1DT2H", "1h30m", "%Y-%m-%d", "%:z%L%%%", "+08:00"} {
		f.Add(s)
	}
	v := fuzzVM(f)
	f.Fuzz(func(t *testing.T, s string) {
		if ms, ok := call(t, v, "time", "parse", lua.LString(s)); ok {
			if back, ok := call(t, v, "time", "format", ms); ok {
				if again, ok := call(t, v, "time", "parse", back); !ok || again != ms {
					t.Fatalf("%q: %v came back as %v by %q", s, ms, again, back.String())
				}
			}
		}
		if d, ok := call(t, v, "time", "duration", lua.LString(s)); ok {
			call(t, v, "time", "format_duration", d)
		}
		options := v.L.NewTable()
		options.RawSetString("layout", lua.LString(s))
		call(t, v, "time", "parse", lua.LString(s), options)
		call(t, v, "time", "format", lua.LNumber(0), lua.LString(s), lua.LString(s))
	})
}
