package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/runtime/output"
	"github.com/openimsdk/imctl/runtime/repl"
	"github.com/openimsdk/imctl/runtime/target"
)

// completions teaches the commands what a shell may offer: contexts, forms, the words of enums, columns, scripts, and the
// ids of users and groups.
func (a *app) completions(root *cobra.Command) {
	if !a.completing() {
		return
	}
	flagWords(root, "output", output.Formats)
	flagWords(root, "color", func() []string { return []string{"auto", "always", "never"} })
	flagWords(root, "context", a.contextNames)
	flagWords(root, "log-format", logFormats)
	flagWords(root, "log-level", logLevels)
	for _, name := range []string{"server", "gateway", "admin", "query", "timeout", "request-timeout", "max-memory", "max-requests", "allow-host"} {
		flagWords(root, name, func() []string { return nil })
	}
	// As in flagWords, it can't fail here.
	_ = root.RegisterFlagCompletionFunc("columns", func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		return a.columnNames(cmd), cobra.ShellCompDirectiveNoFileComp
	})
	a.completeCommand(root)
}

// columnNames are the fields of what a command's operation gives.
func (a *app) columnNames(cmd *cobra.Command) []string {
	op, err := bindings.FindOp(a.areas, cmd.Annotations["op"])
	if err != nil {
		return nil
	}
	var names []string
	for _, f := range op.Result() {
		names = append(names, f.Name)
	}
	return names
}

// completeCommand walks the commands below parent.
func (a *app) completeCommand(parent *cobra.Command) {
	for _, cmd := range parent.Commands() {
		full, isOp := cmd.Annotations["op"]
		path := strings.TrimPrefix(cmd.CommandPath(), "imctl ")
		switch {
		case isOp:
			if op, err := bindings.FindOp(a.areas, full); err == nil {
				a.completeOp(cmd, op)
			}
		case path == "run" || path == "test" || path == "check":
			cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
				if path == "run" && len(args) > 0 { // the script's own
					return nil, cobra.ShellCompDirectiveDefault
				}
				return []string{"lua"}, cobra.ShellCompDirectiveFilterFileExt
			}
		case path == "context use" || path == "context remove":
			cmd.ValidArgsFunction = argWords(a.contextNames)
		}
		if path == "run" {
			flagWords(cmd, "export", func() []string { return exports })
		}
		if path == "check" {
			flagWords(cmd, "format", func() []string { return []string{"human", "github"} })
		}
		a.completeCommand(cmd)
	}
}

// completeOp offers the words of enums and booleans, ids, and, for fields that name a file, files.
func (a *app) completeOp(cmd *cobra.Command, op bindings.Op) {
	specs := op.Params()
	for _, s := range specs {
		if s.Type == bindings.Hidden || namesFile(s) { // files are what a shell offers by itself
			continue
		}
		// As in flagWords, it can't fail here.
		_ = cmd.RegisterFlagCompletionFunc(s.Flag(), func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
			return a.wordsOf(cmd.Context(), s, begun), cobra.ShellCompDirectiveNoFileComp
		})
	}
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		i := slices.IndexFunc(specs, func(s bindings.Param) bool { return s.Arg == len(args)+1 || s.Variadic && len(args) >= s.Arg })
		if i < 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		if namesFile(specs[i]) {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return a.wordsOf(cmd.Context(), specs[i], begun), cobra.ShellCompDirectiveNoFileComp
	}
}

// wordsOf are the values that a parameter can have, when they are few, or ids that begin so.
func (a *app) wordsOf(ctx context.Context, s bindings.Param, begun string) []string {
	if s.Type == bindings.Bool {
		return []string{"true", "false"}
	}
	if area := repl.IDsOf(s); area != "" {
		return a.liveIDs(ctx, area, begun)
	}
	return s.Enum
}

// namesFile tells whether a parameter is the name of a file, or takes @file.
func namesFile(s bindings.Param) bool {
	switch s.Type {
	case bindings.Obj, bindings.Objects, bindings.Any:
		return true
	}
	name := strings.ToLower(s.Name)
	return s.Type == bindings.String && (strings.HasSuffix(name, "file") || name == "rejects" || name == "out")
}

func (a *app) contextNames() []string {
	path, err := target.ConfigFile(a.sys.Getenv)
	if err != nil {
		return nil
	}
	file, err := target.Load(path)
	if err != nil {
		return nil
	}
	return file.Names()
}

func argWords(words func() []string) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return words(), cobra.ShellCompDirectiveNoFileComp
	}
}

// flagWords offers words for a flag. A flag that does not exist is left alone.
func flagWords(cmd *cobra.Command, flag string, words func() []string) {
	if cmd.Flag(flag) == nil {
		return
	}
	// It fails only for a flag that is registered twice, which keeps the first.
	_ = cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return words(), cobra.ShellCompDirectiveNoFileComp
	})
}
