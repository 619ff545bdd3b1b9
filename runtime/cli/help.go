package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// helpCommand replaces cobra's: it also takes an operation by its Lua name, and what explain knows.
func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND | OPERATION | TOPIC]", Short: "Help about a command, an operation or a topic", GroupID: "setup",
		Long:    "Help about a command (imctl help run), an operation (imctl help user add, imctl help user.add), or anything that imctl\nexplain knows (imctl help expect).",
		Example: "  imctl help user.import\n  imctl help context add",
		Args:    cobra.ArbitraryArgs,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
			return a.helpWords(args), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.help(args) },
	}
}

func (a *app) help(args []string) error {
	if len(args) == 1 {
		if area, op, dotted := strings.Cut(args[0], "."); dotted {
			args = []string{area, strings.ReplaceAll(op, "_", "-")}
		}
	}
	cmd, rest, err := a.root.Find(args)
	if err == nil && len(rest) == 0 {
		cmd.InitDefaultHelpFlag()
		return cmd.Help()
	}
	topic := strings.Join(args, ".")
	if e, ok := a.explainTopic(topic); ok {
		return a.printExplained(e)
	}
	if strings.Contains(topic, ":") {
		_, err := bindings.FindMethod(a.areas, topic)
		return err
	}
	if cmd != nil && cmd != a.root && len(rest) > 0 {
		return a.unknownCommand(cmd, rest[0])
	}
	return fault.New(fault.Usage, "no help about %s%s", topic, fault.DidYouMean(topic, a.topics())).WithHint("see imctl --help")
}

// helpWords are the words that can follow on the command line of help.
func (a *app) helpWords(args []string) []string {
	cmd, rest, err := a.root.Find(args)
	if err != nil || len(rest) > 0 {
		return nil
	}
	var words []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			words = append(words, c.Name())
		}
	}
	return words
}
