package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// usage writes how a command is called. It leaves the flags that every command has to `imctl --help`, so that a command's
// own can be seen. It is plain Go, as cobra's templates would make the program larger by half (TestSize).
func usage(cmd *cobra.Command) error {
	local := cmd.LocalFlags() // first: the line of use tells by them whether there are flags
	var b strings.Builder
	b.WriteString("Usage:")
	if cmd.Runnable() {
		b.WriteString("\n  " + cmd.UseLine())
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\n  " + cmd.CommandPath() + " [command]")
	}
	if len(cmd.Aliases) > 0 {
		b.WriteString("\n\nAliases:\n  " + cmd.NameAndAliases())
	}
	if cmd.HasExample() {
		b.WriteString("\n\nExamples:\n" + cmd.Example)
	}
	if cmd.HasAvailableSubCommands() {
		groups := cmd.Groups()
		if len(groups) == 0 {
			groups = []*cobra.Group{{Title: "Available Commands:"}}
		}
		for _, group := range groups {
			b.WriteString("\n\n" + group.Title)
			for _, c := range cmd.Commands() {
				if c.GroupID == group.ID && (c.IsAvailableCommand() || c.Name() == "help") {
					fmt.Fprintf(&b, "\n  %-*s %s", c.NamePadding(), c.Name(), c.Short)
				}
			}
		}
	}
	if local.HasAvailableFlags() {
		b.WriteString("\n\nFlags:\n" + strings.TrimRight(local.FlagUsages(), "\n"))
	}
	if cmd.HasAvailableInheritedFlags() {
		b.WriteString("\n\nThe flags of every command (--context, -o, --dry-run, --yes and more): imctl --help")
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\n\nUse \"" + cmd.CommandPath() + " [command] --help\" for more information about a command.")
	}
	_, err := fmt.Fprintln(cmd.OutOrStderr(), b.String())
	return err
}
