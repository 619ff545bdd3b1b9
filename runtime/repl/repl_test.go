package repl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/vm"
)

type listParams struct {
	Count int64 `arg:"1" default:"3"`
}
type addParams struct {
	UserID  string          `arg:"1,required" help:"the account"`
	Mode    string          `enum:"fast,slow"`
	Deep    bool            `json:"deep"`
	Pin     bindings.Secret `json:"pin"`
	File    string          `help:"the file to read"`
	Profile profile         `json:"profile"`
}
type profile struct {
	Nickname string `json:"nickname"`
	FaceURL  string `json:"faceURL"`
}
type row struct {
	N int64 `column:"1"`
}

func testAreas() []bindings.Area {
	return []bindings.Area{{Name: "user", Doc: "accounts", Ops: []bindings.Op{
		{Name: "list", Doc: "List accounts.", Example: "user.list()", Run: bindings.Stream(
			func(ctx context.Context, _ *bindings.Env, p listParams) iter.Seq2[row, error] {
				return func(yield func(row, error) bool) {
					for i := range p.Count {
						if ctx.Err() != nil {
							yield(row{}, context.Cause(ctx))
							return
						}
						if !yield(row{i}, nil) {
							return
						}
					}
				}
			})},
		{Name: "add", Doc: "Add an account.", Notes: "A note.", Effect: bindings.Write, Example: `user.add{userID="a"}`,
			Run: bindings.Func(func(_ context.Context, _ *bindings.Env, p addParams) (string, error) { return p.UserID, nil })},
		{Name: "count", Doc: "Count.", Example: "user.count()",
			Run: bindings.Func(func(context.Context, *bindings.Env, struct{}) (int64, error) { return 7, nil })},
	}}, {Name: "group", Doc: "groups"}, {Name: "line", Doc: "open lines", Ops: []bindings.Op{
		{Name: "open", Doc: "Open a line.", Example: `line.open("a")`,
			Run: bindings.Func(func(_ context.Context, _ *bindings.Env, p openParams) (openLine, error) { return openLine(p), nil })},
		{Name: "say", Doc: "Say something.", Example: `line.say("a", "hi")`,
			Run: bindings.Func(func(_ context.Context, _ *bindings.Env, p sayParams) (string, error) {
				return p.Line + " says " + p.Text, nil
			})},
		{Name: "shut", Doc: "Shut a line.", Example: `line.shut("a")`,
			Run: bindings.Func(func(_ context.Context, _ *bindings.Env, p shutParams) (string, error) { return "shut", nil })},
	}}}
}

// openLine is a handle, and sayParams and shutParams are what its methods take.
type openParams struct {
	UserID string `json:"userID" arg:"1,required" help:"whose line"`
}
type openLine struct {
	UserID string `json:"userID" help:"whose line"`
}
type sayParams struct {
	Line   string `json:"line" arg:"1,required" help:"the line"`
	Text   string `json:"text" arg:"2" help:"what is said"`
	AlsoTo string `json:"alsoToUserID" help:"who else hears it"`
}
type shutParams struct {
	Line string `json:"line" arg:"1,required" help:"the line"`
}

func (l openLine) Handle() (area, id string) { return "line", l.UserID }

// fakeHost prints values as texts.
type fakeHost struct {
	out, notes bytes.Buffer
	errs       []error
}

func (h *fakeHost) Prompt() string  { return "> " }
func (h *fakeHost) Forms() []string { return []string{"table", "json"} }
func (h *fakeHost) Print(w io.Writer, form string, _ int, v any) error {
	if form == "json" {
		text, err := value.Marshal(value.From(v))
		fmt.Fprintln(w, string(text))
		return err
	}
	_, err := fmt.Fprintln(w, value.Text(value.From(v)))
	return err
}
func (h *fakeHost) PrintRows(w io.Writer, form string, width int, _ bindings.Op, rows bindings.Rows) error {
	for row, err := range rows {
		if err != nil {
			return err
		}
		if err := h.Print(w, "json", width, row); err != nil {
			return err
		}
	}
	return nil
}
func (h *fakeHost) Fail(err error)            { h.errs = append(h.errs, err) }
func (h *fakeHost) Note(text string)          { h.notes.WriteString(text + "\n") }
func (h *fakeHost) Interrupt(func()) func()   { return func() {} }
func (h *fakeHost) Contexts() []string        { return []string{"sandbox", "prod"} }
func (h *fakeHost) ShowContext() (any, error) { return "sandbox", nil }
func (h *fakeHost) Requests() func() (int64, []string) {
	return func() (int64, []string) { return 2, []string{"POST /a", "POST /b"} }
}
func (h *fakeHost) SwitchContext(_ context.Context, name string) (any, error) {
	return "now " + name, nil
}
func (h *fakeHost) IDs(context.Context, string) []string { return []string{"alice", "alina", "bob"} }

func newVM(t *testing.T, out io.Writer) *vm.VM {
	v := vm.New(context.Background(), vm.Options{
		Areas: testAreas(), Stdout: out, OpenEnv: func() (*bindings.Env, error) { return &bindings.Env{}, nil },
	})
	t.Cleanup(func() { _ = v.Close(context.Background()) })
	return v
}

// run gives lines to a REPL in a pipe.
func run(t *testing.T, text string) (*fakeHost, Result) {
	t.Helper()
	h := &fakeHost{}
	res, err := Run(context.Background(), newVM(t, &h.out), Options{
		Host: h, Areas: testAreas(), Stdin: strings.NewReader(text), Stdout: &h.out, Form: "table",
		Getenv: func(string) string { return "" },
	})
	if err != nil {
		t.Fatal(err)
	}
	return h, res
}

func TestValues(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a local stays", "local x = 5\nx\nx = x + 1\nx", "5\n6\n"},
		{"a local function calls itself", "local function f(n) if n == 0 then return 0 end return 1 + f(n-1) end\nf(4)", "4\n"},
		{"several locals", "local a, b, c = (function() return 1, 2 end)()\na, b, c", "1\n2\n"},
		{"a local may hide an area", "local user = 1\nuser\nuser = nil\nuser.count()", "1\n7\n"},
		{"calls in one line", "user.count(); user.add('a')", "7\na\n"},
		{"the last value", "1 + 1\n_ * 10\n_", "2\n20\n20\n"},
		{"nil prints nothing and is no last value", "7\nprint()\n_", "7\n\n7\n"},
		{"rows are the last value", "user.list()\n#_", `{"n":0}` + "\n" + `{"n":1}` + "\n" + `{"n":2}` + "\n3\n"},
		{"a stream outlives its input", "s = user.list()\n#s:all()", "3\n"},
		{"a global is global", "x = 3\n_G.x, getfenv(0).x", "3\n3\n"},
		{"a local is not", "local x = 3\n_G.x == nil", "true\n"},
		{"a bare name is complete", "x = 1\nx\n", "1\n"},
		{"a block", "for i = 1, 2 do\n  print(i)\nend", "1\n2\n"},
		{"a method", "l = line.open('a')\nl:say('hi')\nl:say{text='ho'}\nl.userID", "a says hi\na says ho\na\n"},
		{"exit leaves", "1\nexit\n2", "1\n"},
		{"quit() leaves", "1\n quit() \n2", "1\n"},
		{"a pasted exit leaves", "x = 1\nexit\nx", ""},
		{":exit leaves", "1\n:exit\n2", "1\n"},
		{"exit may be a variable", "exit = 3\nlocal function quit() return 4 end\nexit\nquit()", "3\n4\n"},
		{"forms", ":as json\n{1, 2}", "[1,2]\n"},
		{"a table with a bracket in a text", "#{\n  '}',\n  \"(\", -- {\n}", "2\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, _ := run(t, c.text)
			if h.out.String() != c.want || len(h.errs) > 0 {
				t.Errorf("got %q, errors %v; want %q", h.out.String(), h.errs, c.want)
			}
		})
	}
}

func TestManyRowsAreNotKept(t *testing.T) {
	h, _ := run(t, "user.list(1001)\n_ == nil")
	if !strings.HasSuffix(h.out.String(), "\ntrue\n") {
		t.Errorf("got ...%q", h.out.String()[max(0, h.out.Len()-40):])
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ text, message, where string }{
		{"x = 1\nuser.cuont()", "did you mean user.count?", "input 2:1"},
		{`user.add{userid="a"}`, "did you mean userID?", "input 1:1"},
		{"for i = 1, 2 do\n  error('no')\nend", "no", "input 1:2"},
		{":contxt", "did you mean :context?", ""},
		{":as jsn", "did you mean json?", ""},
		{"help usr", "did you mean user?", ""},
		{"help user.cuont", "did you mean user.count?", ""},
		{"help count", "did you mean user.count?", ""},
		{"help l:sya", "did you mean say?", ""},
		{"help('user.cuont')", "did you mean user.count?", "input 1:1"},
		{":load", "needs a file", ""},
		{":load none.lua", "no script none.lua", ""},
		{":time maybe", "on or off", ""},
		{":edit", "needs a terminal", ""},
	} {
		h, res := run(t, c.text+"\n'after'")
		if len(h.errs) != 1 || res.Failed != 1 || !strings.Contains(h.errs[0].Error(), c.message) || !strings.HasSuffix(h.out.String(), "after\n") {
			t.Errorf("%s: errors %v, output %q", c.text, h.errs, h.out.String())
			continue
		}
		var s *vm.ScriptError
		if errors.As(h.errs[0], &s) != (c.where != "") || s != nil && fmt.Sprintf("%s:%d", s.File, s.Line) != c.where {
			t.Errorf("%s: at %v, want %s", c.text, s, c.where)
		}
	}
}

func TestUnits(t *testing.T) {
	for _, c := range []struct {
		text string
		want []unit
	}{
		{"x = 1\ny = 2", []unit{{"x = 1\ny = 2", 0}}},
		{"1 + 1\nx = 2\n\nx", []unit{{"1 + 1", 0}, {"x = 2", 1}, {"x", 3}}},
		{":as json\nfunction f()\n  return 1\nend\nf()", []unit{{":as json", 0}, {"function f()\n  return 1\nend", 1}, {"f()", 4}}},
		{"t = user.list()\n  :all()", []unit{{"t = user.list()\n  :all()", 0}}},
		{"1 + 1\n) wrong\nx = 1", []unit{{") wrong", 1}}},
		{"(\n1", []unit{{"(\n1", 0}}},
	} {
		if got := units(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%q: %v, want %v", c.text, got, c.want)
		}
	}
}

func TestLongBlockInPipe(t *testing.T) {
	var b strings.Builder
	b.WriteString("t = {\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "  {%d, '}'}, -- {\n", i)
	}
	b.WriteString("}\n#t\n")
	if h, _ := run(t, b.String()); h.out.String() != "5000\n" {
		t.Errorf("got %q, %v", h.out.String(), h.errs)
	}
}

func TestSaveAndLoad(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s.lua")
	h, _ := run(t, "local x = 2\nx + 1\n_ * 2\nuser.count()\npassword = 'hunter2'\nbroken(\n)\n:save "+path+"\n:save "+path)
	text, err := os.ReadFile(path)
	want := "local x = 2\n_ = x + 1\nprint(_ * 2)\nuser.count()\n-- here an input with a secret was left out\n"
	if err != nil || string(text) != want {
		t.Errorf("got %q, %v\nwant %q", text, err, want)
	}
	if last := h.errs[len(h.errs)-1]; fault.From(last).Kind != fault.Exists {
		t.Errorf("a second save: %v", last)
	}
	h, _ = run(t, ":load "+path+"\nx")
	if h.out.String() != "6\n2\n" || len(h.errs) > 0 {
		t.Errorf("loaded: %q, %v", h.out.String(), h.errs)
	}
}

func TestLoadedScriptThatExits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e.lua")
	script := "#!/usr/bin/env imctl\ncleanup(function() print('cleaned') end)\nos.exit(3)\nprint('no')"
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	h, res := run(t, ":load "+path+"\n'goes on'\nos.exit(4)\n'no'")
	if h.out.String() != "cleaned\ngoes on\n" || res.Code != 4 || !strings.Contains(h.notes.String(), "exit code 3") {
		t.Errorf("got %q, %q, code %d, %v", h.out.String(), h.notes.String(), res.Code, h.errs)
	}
}

func TestHelpAndTime(t *testing.T) {
	h, _ := run(t, "help\nhelp user\nhelp user.add\nhelp(user.add)\nuser.add\n:time on\n1\n:context\n:context prod")
	text := h.out.String()
	for _, want := range []string{":save FILE", "user.list", "A note.", "Effect: write", `user.add{userID="a"}`, "(fast, slow)", "sandbox", "now prod"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the help", want)
		}
	}
	if strings.Count(text, "A note.") != 3 || len(h.errs) > 0 {
		t.Errorf("help in three ways: %v\n%s", h.errs, text)
	}
	if !strings.Contains(h.notes.String(), "2 requests\n  POST /a") {
		t.Errorf("notes: %s", h.notes.String())
	}
}

func TestHelpOfMethods(t *testing.T) {
	for _, c := range []struct{ text, want, not string }{
		{"help line.open", "Methods:\n  :say ", ":open"},
		{"l = line.open('a')\nhelp(l)", "Methods:\n  :say ", ":open"},
		{"help line.say", "line.say: Say something.\n\nFields:\n  line ", "Methods"},
		{"l = line.open('a')\nhelp l:say", "l:say: Say something.\n\nFields:\n  text ", "the line"},
		{"help anything:say", "anything:say: Say something.\n\nFields:\n  text ", "the line"},
		{"l = line.open('a')\nhelp(l.say)", "line.say: Say something.", "Methods"},
	} {
		h, _ := run(t, c.text)
		if text := h.out.String(); !strings.Contains(text, c.want) || strings.Contains(text, c.not) || len(h.errs) > 0 {
			t.Errorf("%s: %v\n%s", c.text, h.errs, text)
		}
	}
}

func TestChart(t *testing.T) {
	h, _ := run(t, ":as chart\n{1, 5, 2}\nuser.list()\n{'no', 'numbers'}")
	for _, want := range []string{"values: 3 points, least 1, mean 2.66667, most 5", "n: 3 points", "╭", "no"} {
		if !strings.Contains(h.out.String(), want) {
			t.Errorf("no %q in\n%s", want, h.out.String())
		}
	}
	spiky := make([]float64, 1000)
	spiky[501] = 9
	if got := reduced(spiky, 50); len(got) != 50 || slices.Max(got) != 9 {
		t.Errorf("the peak is lost: %v", got)
	}
}
