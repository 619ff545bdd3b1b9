package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/check"
)

// areaCommand is the command of an area; its subcommands are made when they are needed, which keeps the start short.
func (a *app) areaCommand(area bindings.Area) *cobra.Command {
	cmd := &cobra.Command{
		Use: area.Name, Short: area.Doc, GroupID: "ops", Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.unknownCommand(cmd, args[0])
			}
			return fault.New(fault.Usage, "%s needs an operation", area.Name).WithHint("see imctl %s --help", area.Name)
		},
	}
	if !a.mayNeed(area.Name) {
		return cmd
	}
	for _, op := range area.All() {
		cmd.AddCommand(a.opCommand(area, op))
	}
	return cmd
}

// mayNeed tells whether the operations of an area can matter to this command line.
func (a *app) mayNeed(area string) bool {
	for _, arg := range a.sys.Args {
		switch arg {
		case area, "help", "completion", "__complete", "__completeNoDesc", "docs":
			return true
		}
	}
	return false
}

// opCommand is the generated command of one operation.
func (a *app) opCommand(area bindings.Area, op bindings.Op) *cobra.Command {
	specs := op.Params()
	in := &input{name: op.FullName(), specs: specs, fields: value.NewObject(), sys: a.sys}
	long := op.Doc
	if op.Notes != "" {
		long += "\n\n" + op.Notes
	}
	if op.GivesHandle() {
		long += "\n\nMethods, in Lua:"
		for _, m := range area.Methods() {
			long += fmt.Sprintf("\n  :%-20s %s", m.Name, m.Doc)
		}
	}
	long += "\n\nEffect: " + op.EffectText()
	cmd := &cobra.Command{
		Use: strings.ReplaceAll(op.Name, "_", "-") + usageOf(specs), Short: op.Doc, Long: long,
		Example:     "  " + check.CommandLine(op) + "\n\n  in Lua: " + op.Example,
		Args:        cobra.ArbitraryArgs,
		Annotations: map[string]string{"op": op.FullName()},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.runOp(cmd.Context(), op, in, args)
		},
	}
	if strings.Contains(op.Name, "_") {
		cmd.Aliases = []string{op.Name}
	}
	for _, s := range specs {
		in.addFlags(cmd.Flags(), s)
	}
	return cmd
}

func usageOf(specs []bindings.Param) string {
	var b strings.Builder
	for place := 1; ; place++ {
		found := false
		for _, s := range specs {
			if s.Arg != place {
				continue
			}
			found = true
			name := strings.ToUpper(s.Flag())
			if s.Variadic {
				name += "..."
			}
			if !s.Required {
				name = "[" + name + "]"
			}
			b.WriteString(" " + name)
		}
		if !found {
			return b.String()
		}
	}
}

// input collects the fields of one call from flags and arguments.
type input struct {
	name   string // of the operation or plugin, for messages
	specs  []bindings.Param
	fields *value.Object
	sys    System
}

// addFlags makes the flags of one parameter. A secret has no flag for itself, only for where to read it.
func (in *input) addFlags(f *pflag.FlagSet, s bindings.Param) {
	help := s.Help
	if len(s.Enum) > 0 {
		help += " (" + strings.Join(s.Enum, "|") + ")"
	}
	if s.Default != "" {
		help += " (default " + s.Default + ")"
	}
	if s.Required && s.Arg == 0 {
		help += " (required)"
	}
	if s.Type == bindings.Hidden {
		f.Var(&secretFlag{in, s, "env"}, s.Flag()+"-env", help+", from this environment variable")
		f.Var(&secretFlag{in, s, "file"}, s.Flag()+"-file", help+", from this file; - is standard input")
		return
	}
	flag := f.VarPF(&paramFlag{in, s}, s.Flag(), "", help)
	if s.Type == bindings.Bool {
		flag.NoOptDefVal = "true"
	}
}

// paramFlag is the flag of one parameter: its text becomes plain data of the parameter's type.
type paramFlag struct {
	in   *input
	spec bindings.Param
}

func (p *paramFlag) String() string { return "" }

// Type is shown in the help behind the flag's name.
func (p *paramFlag) Type() string {
	switch p.spec.Type {
	case bindings.Bool:
		return "bool"
	case bindings.Strings:
		return "string, repeatable"
	case bindings.Obj, bindings.Objects, bindings.Ints, bindings.Any:
		return "JSON or @file"
	}
	return string(p.spec.Type)
}

// Set is called once for each time the flag is given; a list grows.
func (p *paramFlag) Set(text string) error {
	v, err := p.in.parse(p.spec, text)
	if err != nil {
		return err
	}
	if p.spec.Type == bindings.Strings {
		old, _ := p.in.fields.Get(p.spec.Name)
		list, _ := old.(value.List)
		v = append(list, v)
	}
	p.in.fields.Set(p.spec.Name, v)
	return nil
}

// parse turns text into plain data; for structured types "@file" reads a file and "@-" standard input.
func (in *input) parse(s bindings.Param, text string) (any, error) {
	name, isFile := strings.CutPrefix(text, "@")
	switch s.Type {
	case bindings.Obj, bindings.Objects, bindings.Any:
		if isFile {
			data, err := in.read(name)
			if err != nil {
				return nil, fault.New(fault.Usage, "%s: %w", s.Name, err)
			}
			text = string(data)
		}
	}
	return s.ParseText(text)
}

func (in *input) read(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(in.sys.Stdin)
	}
	return os.ReadFile(name)
}

// secretFlag reads a secret parameter from where the flag says.
type secretFlag struct {
	in   *input
	spec bindings.Param
	from string
}

func (s *secretFlag) String() string { return "" }

// Type is shown in the help behind the flag's name.
func (s *secretFlag) Type() string { return map[string]string{"env": "name", "file": "path"}[s.from] }

// Set reads the secret.
func (s *secretFlag) Set(where string) error {
	if s.from == "env" {
		text := s.in.sys.Getenv(where)
		if text == "" {
			return fmt.Errorf("the environment variable %s is empty or not set", where)
		}
		s.in.fields.Set(s.spec.Name, text)
		return nil
	}
	data, err := s.in.read(where)
	if err != nil {
		return err
	}
	s.in.fields.Set(s.spec.Name, strings.TrimRight(string(data), "\r\n"))
	return nil
}

// positional adds the arguments to the fields.
func (in *input) positional(args []string) error {
	specs := in.specs
	for i := 0; i < len(args); i++ {
		var spec *bindings.Param
		for j := range specs {
			if specs[j].Arg == i+1 {
				spec = &specs[j]
			}
		}
		if spec == nil {
			return fault.New(fault.Usage, "%s: unexpected argument %q", in.name, args[i]).
				WithHint("usage: imctl %s%s", strings.ReplaceAll(strings.ReplaceAll(in.name, "_", "-"), ".", " "), usageOf(specs))
		}
		if spec.Variadic {
			var list value.List
			for _, text := range args[i:] {
				list = append(list, text)
			}
			in.fields.Set(spec.Name, list)
			return nil
		}
		if spec.Type == bindings.Hidden {
			return fault.New(fault.Usage, "%s is a secret and can't be an argument", spec.Name).
				WithHint("use --%s-env or --%s-file", spec.Flag(), spec.Flag())
		}
		v, err := in.parse(*spec, args[i])
		if err != nil {
			return fault.New(fault.Usage, "%s: %w", in.name, err)
		}
		if spec.Type == bindings.Strings {
			v = value.List{v}
		}
		in.fields.Set(spec.Name, v)
	}
	return nil
}

// softLimit is the memory, in bytes, from which on an operation's garbage is collected more eagerly: what an operation
// holds is flat, so more is garbage that a busy machine has not come to collect.
const softLimit = 56 << 20

// runOp checks the input, runs the operation and prints its result. Input is checked before a target is looked at.
func (a *app) runOp(ctx context.Context, op bindings.Op, in *input, args []string) error {
	if err := in.positional(args); err != nil {
		return err
	}
	params, err := op.Bind(in.fields)
	if err != nil {
		if e := fault.From(err); e.Hint == "" {
			e.Hint = fmt.Sprintf("see imctl %s %s --help", op.Area(), strings.ReplaceAll(op.Name, "_", "-"))
		}
		return err
	}
	printer, err := a.printer()
	if err != nil {
		return err
	}
	if err := printer.Check(columnsOf(op)); err != nil {
		return err
	}
	debug.SetMemoryLimit(softLimit)
	ctx, cancel := a.limited(ctx)
	defer cancel()
	s, err := a.open(ctx, true)
	if err != nil {
		return err
	}
	result, err := op.Invoke(ctx, s.env, params)
	return a.printResult(printer, op, result, err)
}
