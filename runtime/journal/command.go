package journal

import (
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
)

// CommandLine is the command that does a step by hand.
func CommandLine(areas []bindings.Area, step bindings.Planned) string {
	op, err := bindings.FindOp(areas, step.Op)
	fields, ok := value.From(step.Params).(*value.Object)
	if err != nil || !ok {
		return step.Op
	}
	words := []string{"imctl", op.Area(), strings.ReplaceAll(op.Name, "_", "-")}
	for _, p := range op.Params() {
		v, given := fields.Get(p.Name)
		if !given {
			continue
		}
		list, many := v.(value.List)
		if !many {
			list = value.List{v}
		}
		for _, e := range list {
			if words = append(words, "--"+p.Flag()); e != true {
				words[len(words)-1] += "=" + quoted(value.Text(e))
			}
		}
	}
	if op.Effect == bindings.Destroy {
		words = append(words, "--yes")
	}
	return strings.Join(words, " ")
}

// quoted is text as a part of a word of a shell.
func quoted(text string) string {
	if strings.IndexFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-' && r != '.'
	}) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
