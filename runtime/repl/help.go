package repl

import (
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/vm"
)

const usageText = `Type Lua. An expression prints its value, and _ is then that value (of a
stream the rows, when they are at most 1000). Unfinished input goes on with
the next line. A local of the top level stays visible for later inputs, until
it is set to nil. Tab completes. Ctrl-C drops a half-typed input, or cancels
the call that runs. Ctrl-D leaves, as exit, quit and os.exit(CODE) do.

`

// luaHelp is the Lua function help: of an operation, an area, their names, or a handle.
func (s *session) luaHelp(L *lua.LState) int {
	name := ""
	if L.GetTop() > 0 && L.Get(1) != lua.LNil {
		if name = s.v.NameOf(L.Get(1)); name == "" {
			name = L.Get(1).String()
		}
		if area, ok := vm.HandleArea(L.Get(1)); ok {
			for _, op := range area.All() {
				if op.GivesHandle() {
					name = op.FullName()
				}
			}
		}
	}
	if err := s.paged(func(w io.Writer, width int) error { return s.help(w, width, name) }); err != nil {
		s.v.Raise(L, err)
	}
	return 0
}

// help explains an operation, an area, a command, or the REPL.
func (s *session) help(w io.Writer, width int, name string) error {
	name = strings.TrimSuffix(strings.TrimSuffix(name, "()"), ".")
	var b strings.Builder
	switch {
	case name == "":
		b.WriteString(usageText)
		for _, c := range s.commands() {
			fmt.Fprintf(&b, "  %-36s %s\n", c.usage, c.help)
		}
		b.WriteString("\n")
		for _, a := range s.Areas {
			fmt.Fprintf(&b, "  %-12s %s\n", a.Name, a.Doc)
		}
		b.WriteString("\nhelp user lists the operations of an area, help user.add explains one.\n")
	case strings.HasPrefix(name, ":"):
		c, err := s.findCommand(strings.TrimPrefix(name, ":"))
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s\n  %s\n", c.usage, c.help)
	case strings.Contains(name, ":"):
		op, err := bindings.FindMethod(s.areasOf(name), name)
		if err != nil {
			return err
		}
		describeOp(&b, name, op, op.MethodParams())
	case strings.Contains(name, "."):
		op, err := bindings.FindOp(s.Areas, name)
		if err != nil {
			return err
		}
		describeOp(&b, name, op, op.Params())
		if area, err := s.findArea(op.Area()); err == nil && op.GivesHandle() {
			b.WriteString("\nMethods:\n")
			for _, m := range area.Methods() {
				fmt.Fprintf(&b, "  :%-20s %s\n", m.Name, m.Doc)
			}
		}
	default:
		area, err := s.findArea(name)
		if err != nil {
			return err
		}
		b.WriteString(area.Name + ": " + area.Doc + "\n\n")
		for _, op := range area.All() {
			fmt.Fprintf(&b, "  %-28s %-8s %s\n", op.FullName(), op.Effect, op.Doc)
		}
	}
	_, err := io.WriteString(w, wrap(b.String(), width))
	return err
}

func (s *session) findArea(name string) (bindings.Area, error) {
	var names []string
	for _, a := range s.Areas {
		if a.Name == name {
			return a, nil
		}
		names = append(names, a.Name)
	}
	for _, a := range s.Areas { // "help import": the operation's own name
		for _, op := range a.All() {
			if op.Name == name {
				return bindings.Area{}, fault.New(fault.Usage, "no area %s; did you mean %s?", name, op.FullName())
			}
		}
	}
	return bindings.Area{}, fault.New(fault.Usage, "no help on %s%s", name, fault.DidYouMean(name, names)).
		WithHint("areas: %s", strings.Join(names, ", "))
}

// areasOf are the areas whose methods a name like c:send can mean: that of c when it is a handle.
func (s *session) areasOf(name string) []bindings.Area {
	name, _, _ = strings.Cut(name, ":")
	if area, ok := vm.HandleArea(s.lua.Value(strings.Split(name, "."))); ok {
		return []bindings.Area{area}
	}
	return s.Areas
}

// describeOp explains an operation under a name.
func describeOp(b *strings.Builder, name string, op bindings.Op, params []bindings.Param) {
	fmt.Fprintf(b, "%s: %s\n", name, op.Doc)
	if op.Notes != "" {
		b.WriteString("\n" + op.Notes + "\n")
	}
	if len(params) > 0 {
		b.WriteString("\nFields:\n")
		describeFields(b, params, "  ")
	}
	if result := op.Result(); len(result) > 0 {
		what := "Result:"
		if op.Run.Stream {
			what = "Each row:"
		}
		b.WriteString("\n" + what + "\n")
		describeFields(b, result, "  ")
	}
	fmt.Fprintf(b, "\nEffect: %s\nExample:\n  %s\n", op.EffectText(), strings.ReplaceAll(op.Example, "\n", "\n  "))
}

func describeFields(b *strings.Builder, fields []bindings.Param, indent string) {
	for _, f := range fields {
		help := f.Help
		if len(f.Enum) > 0 {
			help += " (" + strings.Join(f.Enum, ", ") + ")"
		}
		if f.Default != "" {
			help += " (default " + f.Default + ")"
		}
		if f.Required {
			help += " (required)"
		}
		head := fmt.Sprintf("%s%-*s %-16s", indent, 24-len(indent), f.Name, f.Type)
		b.WriteString(strings.TrimRight(head+" "+strings.TrimSpace(help), " ") + "\n")
		describeFields(b, f.Fields, indent+"  ")
	}
}

// wrap breaks long lines between words; a line goes on below its own last column, or where it is indented.
func wrap(text string, width int) string {
	if width < 40 {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		indent := len(line) - len(strings.TrimLeft(line, " "))
		if at := strings.LastIndex(line, "  "); at >= 0 && at+2 < width/2+10 {
			indent = at + 2
		}
		for runewidth.StringWidth(line) >= width {
			head := runewidth.Truncate(line, width-1, "")
			cut := strings.LastIndexByte(head, ' ')
			if cut <= indent {
				break
			}
			b.WriteString(strings.TrimRight(line[:cut], " ") + "\n")
			line = strings.Repeat(" ", indent) + strings.TrimLeft(line[cut:], " ")
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}
