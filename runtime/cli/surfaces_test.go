package cli

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/check"
	"github.com/openimsdk/imctl/runtime/vm"
)

// TestSurfaces walks every operation and proves that each surface has it, with the fields, the text, the effect and
// the example of the one declaration.
func TestSurfaces(t *testing.T) {
	areas := Areas()
	var stdout bytes.Buffer
	a := &app{sys: System{Args: []string{"docs"}, Stdout: &stdout, Stderr: &stdout, ColorOut: noColor, ColorErr: noColor}, areas: areas}
	a.root = a.rootCommand()
	v := vm.New(context.Background(), vm.Options{Areas: areas, Stdout: &stdout})
	defer v.Close(context.Background())
	documented := documentedOps(t, a, &stdout)
	for _, area := range areas {
		if area.Doc == "" {
			t.Errorf("area %s has no doc", area.Name)
		}
		names := map[string]bool{}
		for _, op := range area.All() {
			t.Run(op.FullName(), func(t *testing.T) {
				if names[op.Name] {
					t.Fatal("declared twice")
				}
				names[op.Name] = true
				checkDeclaration(t, op)
				checkLua(t, v, op)
				checkCommand(t, a, op)
				checkDocs(t, documented[op.FullName()], op)
				checkExample(t, areas, op)
			})
		}
	}
}

func noColor(string) bool { return false }

func checkDeclaration(t *testing.T, op bindings.Op) {
	if op.Doc == "" || !strings.HasSuffix(op.Doc, ".") {
		t.Errorf("doc %q is no sentence", op.Doc)
	}
	if op.Name != strings.ToLower(op.Name) {
		t.Errorf("the name is not lower_snake")
	}
	if op.Effect == bindings.Destroy && op.Preview == nil {
		t.Errorf("destroys without a preview: what would it ask?")
	}
	places := map[int]bool{}
	for _, p := range op.Params() {
		if p.Help == "" {
			t.Errorf("field %s has no help", p.Name)
		}
		if p.Arg > 0 && places[p.Arg] {
			t.Errorf("two fields at argument %d", p.Arg)
		}
		places[p.Arg] = true
		if p.Default != "" {
			if _, err := p.ParseText(p.Default); err != nil {
				t.Errorf("default of %s: %v", p.Name, err)
			}
		}
	}
	columns := 0
	for _, f := range op.Result() {
		if f.Column > 0 {
			columns++
		}
	}
	if op.Run.Stream && columns == 0 && len(op.Result()) > 0 {
		t.Errorf("rows without a default column")
	}
}

func checkLua(t *testing.T, v *vm.VM, op bindings.Op) {
	table, ok := v.L.GetGlobal(op.Area()).(*lua.LTable)
	if !ok {
		t.Fatalf("no Lua table %s", op.Area())
	}
	if _, ok := table.RawGetString(op.Name).(*lua.LFunction); !ok {
		t.Errorf("no Lua function")
	}
	// The function checks fields against the same declaration: an unknown one is refused before anything else.
	got, err := v.Run(`return pcall(`+op.FullName()+`, {no_such_field_anywhere = 1})`, "test")
	if err != nil || len(got) < 2 || !strings.Contains(v.Text(got[1]), "unknown field no_such_field_anywhere") {
		t.Errorf("an unknown field gave %v %v", got, err)
	}
}

func checkCommand(t *testing.T, a *app, op bindings.Op) {
	cmd, _, err := a.root.Find([]string{op.Area(), strings.ReplaceAll(op.Name, "_", "-")})
	if err != nil || cmd.Annotations["op"] != op.FullName() {
		t.Fatalf("no command: %v", err)
	}
	if strings.Contains(op.Name, "_") {
		if same, _, _ := a.root.Find([]string{op.Area(), op.Name}); same != cmd {
			t.Errorf("the name with _ does not find the command")
		}
	}
	for _, want := range []string{op.Doc, op.Notes, "Effect: " + op.Effect.String()} {
		if !strings.Contains(cmd.Long, want) {
			t.Errorf("the help lacks %q", want)
		}
	}
	if !strings.Contains(cmd.Example, op.Example) {
		t.Errorf("the help lacks the example")
	}
	checkFlags(t, a, cmd, op)
}

func checkFlags(t *testing.T, a *app, cmd *cobra.Command, op bindings.Op) {
	want := map[string]bool{}
	for _, p := range op.Params() {
		if p.Type == bindings.Hidden {
			want[p.Flag()+"-env"], want[p.Flag()+"-file"] = true, true
		} else {
			want[p.Flag()] = true
		}
		f := cmd.Flags().Lookup(p.Flag())
		if f != nil && !strings.Contains(f.Usage, p.Help) {
			t.Errorf("the help of --%s lacks the field's", p.Flag())
		}
	}
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name != "help" && !want[f.Name] {
			t.Errorf("a flag --%s without a field", f.Name)
		}
		delete(want, f.Name)
	})
	for name := range want {
		t.Errorf("no flag --%s", name)
	}
	a.root.PersistentFlags().VisitAll(func(f *pflag.Flag) {
		for _, p := range op.Params() {
			if p.Flag() == f.Name {
				t.Errorf("the field %s hides the global flag --%s", p.Name, f.Name)
			}
		}
	})
}

// documentedOps reads what `imctl docs --json` prints.
func documentedOps(t *testing.T, a *app, stdout *bytes.Buffer) map[string]*value.Object {
	t.Helper()
	a.root.SetArgs([]string{"docs", "--json"})
	if err := a.root.Execute(); err != nil {
		t.Fatal(err)
	}
	doc, err := value.Parse(stdout.Bytes())
	if err != nil {
		t.Fatalf("docs --json is no JSON: %v", err)
	}
	out := map[string]*value.Object{}
	areas, _ := doc.(*value.Object).Get("areas")
	for _, area := range areas.(value.List) {
		name, _ := area.(*value.Object).Get("name")
		ops, _ := area.(*value.Object).Get("ops")
		for _, op := range ops.(value.List) {
			opName, _ := op.(*value.Object).Get("name")
			out[name.(string)+"."+opName.(string)] = op.(*value.Object)
		}
	}
	return out
}

func checkDocs(t *testing.T, doc *value.Object, op bindings.Op) {
	if doc == nil {
		t.Fatal("docs --json lacks it")
	}
	for key, want := range map[string]any{"doc": op.Doc, "effect": op.Effect.String(), "example": op.Example, "stream": op.Run.Stream} {
		if got, _ := doc.Get(key); got != want {
			t.Errorf("docs: %s is %v, want %v", key, got, want)
		}
	}
	params, _ := doc.Get("params")
	var got, want []string
	if list, ok := params.(value.List); ok {
		for _, p := range list {
			name, _ := p.(*value.Object).Get("name")
			got = append(got, name.(string))
		}
	}
	for _, p := range op.Params() {
		want = append(want, p.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("docs: fields %v, want %v", got, want)
	}
}

// checkExample proves that the example parses, names only real operations and fields, shows its own operation, and
// that its literal calls are accepted.
func checkExample(t *testing.T, areas []bindings.Area, op bindings.Op) {
	calls, err := check.Calls(op.Example, "example", areas)
	if err != nil {
		t.Fatalf("the example does not parse: %v", err)
	}
	own := false
	for _, c := range calls {
		called, err := bindings.FindOp(areas, c.Name())
		if err != nil {
			t.Errorf("example: %v", err)
			continue
		}
		own = own || c.Name() == op.FullName()
		var names []string
		for _, p := range called.Params() {
			names = append(names, p.Name)
		}
		for _, f := range c.Fields {
			if !c.Literal && !slices.Contains(names, f) {
				t.Errorf("example: %s has no field %s", c.Name(), f)
			}
		}
		if !c.Literal {
			continue
		}
		fields, err := called.Arguments(c.Args)
		if err == nil {
			_, err = called.Bind(fields)
		}
		if err != nil {
			t.Errorf("example: %v", err)
		}
	}
	if !own {
		t.Errorf("the example does not show %s", op.FullName())
	}
	if line := check.CommandLine(op); !strings.HasPrefix(line, "imctl "+op.Area()+" ") {
		t.Errorf("command line %q", line)
	}
}
