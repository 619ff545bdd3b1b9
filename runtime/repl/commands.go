package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/google/renameio/v2"
	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/vm"
)

// command is a word behind a colon.
type command struct {
	name, usage, help string
	run               func(ctx context.Context, arg string) error
}

func (s *session) commands() []command {
	return []command{
		{"help", ":help, help AREA, help AREA.OPERATION", "this, the operations of an area, one operation", s.cmdHelp},
		{"as", ":as FORM", "how values print: " + strings.Join(s.forms(), ", "), s.cmdAs},
		{"time", ":time on|off", "say how long each input took, and its requests", s.cmdTime},
		{"context", ":context [NAME]", "show the deployment in force, or go to another", s.cmdContext},
		{"load", ":load FILE", "run a script here; its top-level locals stay visible", s.cmdLoad},
		{"save", ":save FILE, :save! FILE", "write the good inputs as a script; ! overwrites", s.cmdSave},
		{"edit", ":edit", "edit the last input in $EDITOR, and run what was saved", s.cmdEdit},
		{"quit", "exit, quit, :quit", "leave, as Ctrl-D does", s.cmdQuit},
	}
}

func (s *session) findCommand(name string) (command, error) {
	var names []string
	for _, c := range s.commands() {
		if c.name == name {
			return c, nil
		}
		names = append(names, ":"+c.name)
	}
	return command{}, fault.New(fault.Usage, "no command :%s%s", name, fault.DidYouMean(":"+name, names)).
		WithHint("commands: %s", strings.Join(names, ", "))
}

func (s *session) command(ctx context.Context, word, arg string) error {
	switch word {
	case "save!":
		return s.save(arg, true)
	case "exit":
		word = "quit"
	}
	c, err := s.findCommand(word)
	if err != nil {
		return err
	}
	return c.run(ctx, arg)
}

func (s *session) cmdHelp(_ context.Context, arg string) error {
	return s.paged(func(w io.Writer, width int) error { return s.help(w, width, arg) })
}

// forms are those of the output, and the chart, which only a REPL has.
func (s *session) forms() []string { return append(s.Host.Forms(), chartForm) }

func (s *session) plainForm() string {
	if s.Form == chartForm {
		return "table"
	}
	return s.Form
}

func (s *session) cmdAs(_ context.Context, arg string) error {
	if arg == "" {
		s.Host.Note("values print as " + s.Form)
		return nil
	}
	if !slices.Contains(s.forms(), arg) {
		return fault.New(fault.Usage, "no form %s%s", arg, fault.DidYouMean(arg, s.forms())).
			WithHint("forms: %s", strings.Join(s.forms(), ", "))
	}
	s.Form = arg
	return nil
}

func (s *session) cmdTime(_ context.Context, arg string) error {
	switch arg {
	case "", "on":
		s.timing = arg == "on" || !s.timing
	case "off":
		s.timing = false
	default:
		return fault.New(fault.Usage, ":time takes on or off, not %s", arg)
	}
	s.Host.Note("timing is " + map[bool]string{true: "on", false: "off"}[s.timing])
	return nil
}

func (s *session) cmdContext(ctx context.Context, arg string) error {
	show, err := s.Host.ShowContext, error(nil)
	if arg != "" {
		show = func() (any, error) { return s.Host.SwitchContext(s.root, arg) }
	}
	what, err := show()
	if err != nil {
		return err
	}
	if arg != "" {
		s.v.Reopen()
	}
	return s.paged(func(w io.Writer, width int) error { return s.Host.Print(w, s.plainForm(), width, what) })
}

func (s *session) cmdLoad(ctx context.Context, arg string) error {
	if arg == "" {
		return fault.New(fault.Usage, ":load needs a file")
	}
	code, exited, err := s.lua.Load(ctx, home(arg, s.Getenv))
	if exited {
		s.Host.Note(fmt.Sprintf("%s ended with exit code %d", arg, code))
	}
	return err
}

func (s *session) cmdSave(_ context.Context, arg string) error {
	if name, ok := strings.CutPrefix(arg, "! "); ok {
		return s.save(strings.TrimSpace(name), true)
	}
	return s.save(arg, false)
}

// leaves tells whether an input is a bare exit or quit, and no variable of that name is there.
func (s *session) leaves(text string) bool {
	word := strings.TrimSuffix(strings.TrimSpace(text), "()")
	return (word == "exit" || word == "quit") && s.lua.Value([]string{word}) == lua.LNil
}

func (s *session) cmdQuit(context.Context, string) error {
	_, err := s.lua.Run("os.exit(0)", "quit")
	return err
}

// save writes the inputs that went well, one with a secret left out.
func (s *session) save(name string, overwrite bool) error {
	if name == "" {
		return fault.New(fault.Usage, ":save needs a file")
	}
	lastValue := regexp.MustCompile(`(^|[^\w.])_($|\W)`)
	var b strings.Builder
	left := 0
	for i, text := range s.good {
		if s.secrets.in(text) {
			b.WriteString("-- here an input with a secret was left out\n")
			left++
			continue
		}
		usesLast := i+1 < len(s.good) && lastValue.MatchString(s.good[i+1])
		for _, u := range units(text) {
			if _, _, isCommand := commandOf(u.text); !isCommand {
				b.WriteString(statement(u.text, usesLast) + "\n")
			}
		}
	}
	path := home(name, s.Getenv)
	if _, err := os.Stat(path); err == nil && !overwrite {
		return fault.New(fault.Exists, "%s is there already", name).WithHint(":save! %s overwrites it", name)
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fault.New(fault.Usage, "can't write the script: %w", err)
	}
	if err := renameio.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		return fault.New(fault.Usage, "can't write the script: %w", err)
	}
	note := "wrote " + plural(len(s.good)-left, "input") + " to " + name
	if left > 0 {
		note += "; left out " + plural(left, "input") + " with a secret"
	}
	s.Host.Note(note)
	return nil
}

// statement is an input as a script has it: an expression, which stands alone only in a REPL, is printed there.
func statement(text string, usesLast bool) string {
	switch {
	case !vm.IsExpression(text):
		return text
	case usesLast:
		return "_ = " + text
	case vm.IsStatement(text):
		return text
	}
	return "print(" + text + ")"
}

// home puts the user's home folder in place of "~".
func home(path string, getenv func(string) string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && getenv("HOME") != "" {
		return getenv("HOME") + "/" + rest
	}
	return path
}
