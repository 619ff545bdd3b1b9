package check

import (
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
)

// CommandLine is an operation's example as a command line, derived from its Lua example.
func CommandLine(op bindings.Op) string {
	name := "imctl " + op.Area() + " " + strings.ReplaceAll(op.Name, "_", "-")
	calls, err := Calls(op.Example, "example", []bindings.Area{{Name: op.Area()}})
	if err != nil {
		return name
	}
	for _, c := range calls {
		if c.Op != op.Name || !c.Literal {
			continue
		}
		fields, err := op.Arguments(c.Args)
		if err != nil {
			return name
		}
		return name + words(op.Params(), fields)
	}
	return name
}

func words(specs []bindings.Param, fields *value.Object) string {
	var args, flags strings.Builder
	for place := 1; place <= len(specs); place++ {
		for _, s := range specs {
			v, given := fields.Get(s.Name)
			if s.Arg != place || !given || s.Type == bindings.Hidden {
				continue
			}
			list, isList := v.(value.List)
			if !isList || !s.Variadic && s.Type != bindings.Strings {
				list = value.List{v}
			}
			for _, e := range list {
				args.WriteString(" " + quote(value.Text(e)))
			}
		}
	}
	for _, s := range specs {
		v, given := fields.Get(s.Name)
		switch {
		case !given || s.Arg > 0 && s.Type != bindings.Hidden:
		case s.Type == bindings.Hidden:
			flags.WriteString(" --" + s.Flag() + "-file " + s.Flag() + ".txt")
		case s.Type == bindings.Bool && v == true:
			flags.WriteString(" --" + s.Flag())
		case s.Type == bindings.Bool:
			flags.WriteString(" --" + s.Flag() + "=false")
		case s.Type == bindings.Strings:
			list, _ := v.(value.List)
			for _, e := range list {
				flags.WriteString(" --" + s.Flag() + " " + quote(value.Text(e)))
			}
		default:
			flags.WriteString(" --" + s.Flag() + " " + quote(value.Text(v)))
		}
	}
	return args.String() + flags.String()
}

// quote is text as one word of a POSIX shell.
func quote(text string) string {
	plain := text != "" && strings.IndexFunc(text, func(r rune) bool {
		return !(r == '_' || r == '-' || r == '.' || r == '/' || r == ':' || r == ',' || r == '=' || r == '+' || r == '@' ||
			r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 127)
	}) < 0
	if plain {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
