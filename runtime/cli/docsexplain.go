package cli

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/runtime/check"
)

// explained is what imctl explain says about one thing.
type explained struct {
	Name    string `json:"name"`
	What    string `json:"what"` // errCode, exit code, kind, operation, area, library, topic
	Text    string `json:"text"`
	Hint    string `json:"hint,omitempty"`
	Kind    string `json:"kind,omitempty"`
	Exit    *int   `json:"exitCode,omitempty"`
	Example string `json:"example,omitempty"`
}

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use: "explain CODE | KIND | OPERATION | TOPIC", Short: "Explain an errCode, an exit code, a kind of error, an operation, a topic", GroupID: "setup",
		Long: "Explain an errCode of the server (1102), an exit code (7), a kind of error (not_found), an operation (user.add), a function\n" +
			"of the Lua library (str.pad), or a topic. Without an argument it lists the topics.",
		Example: "  imctl explain 1102\n  imctl explain not_found\n  imctl explain dry-run",
		Args:    cobra.ArbitraryArgs,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return a.topics(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.listTopics()
			}
			name := strings.Join(args, ".")
			e, ok := a.explainTopic(name)
			if !ok {
				if _, err := strconv.Atoi(name); err == nil {
					return fault.New(fault.NotFound, "no errCode and no exit code %s is known", name).
						WithHint("the server's webhooks and forks have codes of their own; look for the operationID in its logs")
				}
				return fault.New(fault.Usage, "nothing to explain under %s%s", name, fault.DidYouMean(name, a.topics())).WithHint("imctl explain lists the topics")
			}
			return a.printExplained(e)
		},
	}
}

func (a *app) listTopics() error {
	for _, t := range concepts() {
		if _, err := fmt.Fprintf(a.sys.Stdout, "%-12s %s\n", t.Name, firstSentence(t.Text)); err != nil {
			return fault.New(fault.Script, "can't write to standard output: %w", err)
		}
	}
	a.note("and every errCode, exit code, kind of error, operation and library function")
	return nil
}

func (a *app) printExplained(e explained) error {
	if a.g.output != "" {
		p, err := a.printer()
		if err != nil {
			return err
		}
		return p.Value(e, nil)
	}
	text := e.Name + " (" + e.What + ")\n" + e.Text + "\n"
	if e.Kind != "" {
		text += "kind: " + e.Kind + "\n"
	}
	if e.Exit != nil {
		text += fmt.Sprintf("exit code: %d\n", *e.Exit)
	}
	if e.Hint != "" {
		text += "hint: " + e.Hint + "\n"
	}
	if e.Example != "" {
		text += "example:\n  " + strings.ReplaceAll(e.Example, "\n", "\n  ") + "\n"
	}
	if _, err := io.WriteString(a.sys.Stdout, text); err != nil {
		return fault.New(fault.Script, "can't write to standard output: %w", err)
	}
	return nil
}

// explainTopic finds what a name means.
func (a *app) explainTopic(name string) (explained, bool) {
	if code, err := strconv.Atoi(name); err == nil {
		return explainCode(code)
	}
	for _, k := range errorKinds() {
		if k.Name == name {
			return k, true
		}
	}
	if i := slices.IndexFunc(concepts(), func(e explained) bool { return e.Name == name }); i >= 0 {
		return concepts()[i], true
	}
	for _, area := range a.areas {
		if area.Name == name {
			return explained{Name: name, What: "area", Text: area.Doc, Hint: "imctl " + name + " --help lists its operations"}, true
		}
	}
	op, err := bindings.FindOp(a.areas, strings.ReplaceAll(name, "-", "_"))
	if strings.Contains(name, ":") {
		op, err = bindings.FindMethod(a.areas, name)
	}
	if err == nil {
		text := op.Doc
		if op.Notes != "" {
			text += "\n" + op.Notes
		}
		return explained{Name: op.FullName(), What: "operation, effect " + op.EffectText(), Text: text,
			Hint: "its fields: imctl help " + op.FullName(), Example: op.Example + "\n" + check.CommandLine(op)}, true
	}
	return explainLibrary(name)
}

// explainCode explains a number: an errCode of the server, else an exit code of imctl.
func explainCode(code int) (explained, bool) {
	if info, ok := openim.Explain(code); ok {
		exit := fault.ExitCode(&fault.Error{Kind: info.Kind, Code: code})
		return explained{Name: fmt.Sprintf("%d %s", code, info.Name), What: "errCode", Text: info.Meaning, Hint: info.Hint, Kind: string(info.Kind), Exit: &exit}, true
	}
	for _, e := range fault.ExitCodes() {
		if e.Code == code {
			return explained{Name: strconv.Itoa(code), What: "exit code", Text: e.Meaning}, true
		}
	}
	return explained{}, false
}

// explainLibrary explains a module of the Lua library, one of its functions, a function of the test library, a matcher.
func explainLibrary(name string) (explained, bool) {
	for _, m := range libraries() {
		if m.Name == name {
			return explained{Name: name, What: "library", Text: m.Doc}, true
		}
		for _, f := range m.Funcs {
			if m.Name+"."+f.Name == name {
				return explained{Name: f.Signature(m.Name), What: "function", Text: f.Doc, Example: f.Example}, true
			}
		}
	}
	for _, f := range append(testLibrary(), machineFunctions()...) {
		if f.Name == name {
			return explained{Name: strings.TrimPrefix(f.Signature(""), "."), What: "function", Text: f.Doc}, true
		}
	}
	for _, f := range fixtures() {
		if "fixture."+f.Name == name {
			return explained{Name: "fixture." + f.Name + "(" + f.Params + ")", What: "function", Text: f.Doc}, true
		}
	}
	for _, m := range matchers() {
		if m.Name == name {
			return explained{Name: "expect(x):" + m.Name + "(" + m.Params + ")", What: "matcher", Text: "Expects x " + m.Doc + "."}, true
		}
	}
	return explained{}, false
}

// topics lists the names that can be explained, for suggestions and completion; codes are left out.
func (a *app) topics() []string {
	var names []string
	for _, e := range concepts() {
		names = append(names, e.Name)
	}
	for _, e := range errorKinds() {
		names = append(names, e.Name)
	}
	for _, area := range a.areas {
		names = append(names, area.Name)
		for _, op := range area.All() {
			names = append(names, op.FullName())
		}
	}
	for _, m := range libraries() {
		names = append(names, m.Name)
	}
	for _, f := range append(testLibrary(), machineFunctions()...) {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
