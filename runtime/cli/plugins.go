package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/output"
	"github.com/openimsdk/imctl/runtime/plugin"
	"github.com/openimsdk/imctl/runtime/target"
)

// pluginFolders are where plugins are looked for: those of IMCTL_PLUGINS first, then the user's own.
func (a *app) pluginFolders() []string {
	folders := filepath.SplitList(a.sys.Getenv("IMCTL_PLUGINS"))
	if paths, err := target.FindPaths(a.sys.Getenv); err == nil {
		folders = append(folders, filepath.Join(paths.Data, "plugins"))
	}
	return folders
}

// addPlugins adds a command for each plugin, when the command line may mean one: a word that is no command, or a
// request for help or completion.
func (a *app) addPlugins(root *cobra.Command) {
	own := map[string]bool{"help": true, "completion": true}
	for _, c := range root.Commands() {
		own[c.Name()] = true
	}
	word := ""
	for _, arg := range a.sys.Args {
		if own[arg] && arg != "help" || arg == "--version" {
			return
		}
		if word == "" && !strings.HasPrefix(arg, "-") {
			word = arg
		}
	}
	for _, p := range plugin.Find(a.pluginFolders(), func(name string) bool { return own[name] }) {
		if p.Note == "" {
			if !root.ContainsGroup("plugins") {
				root.AddGroup(&cobra.Group{ID: "plugins", Title: "Plugins:"})
			}
			root.AddCommand(a.scriptCommand(p))
		} else if strings.TrimSuffix(p.Name, ".lua") == word {
			a.note("warning: %s", p.Problem())
		}
	}
}

// scriptCommand is the command of a plugin, with flags, help and output forms as a built-in one has.
func (a *app) scriptCommand(p plugin.Plugin) *cobra.Command {
	h := p.Header
	in := &input{name: h.Name, specs: h.Args, fields: value.NewObject(), sys: a.sys}
	cmd := &cobra.Command{
		Use: h.Name + usageOf(h.Args), Short: h.Help, GroupID: "plugins", Example: indent(h.Example), Args: cobra.ArbitraryArgs,
		Long: h.Help + "\n\nEffect: " + h.Effect.String() + "\nScript: " + p.Path,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := in.positional(args); err != nil {
				return err
			}
			values, err := h.Values(in.fields)
			if err != nil {
				return err
			}
			if h.Effect == bindings.Destroy && !a.g.dryRun && a.g.plan == "" {
				yes, err := a.ask(cmd.Context(), bindings.Question{Op: h.Name, Context: a.contextName(), Preview: bindings.Preview{
					Count: -1, Text: "run " + h.Name + ", which destroys,",
				}})
				if err != nil || !yes {
					return orDenied(err)
				}
			}
			return a.runScripts(cmd.Context(), []script{{name: p.Path, header: h, values: values}}, plainRun())
		},
	}
	for _, s := range h.Args {
		in.addFlags(cmd.Flags(), s)
	}
	return cmd
}

func orDenied(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Denied, "not confirmed").WithHint("nothing was sent")
}

func indent(text string) string {
	if text == "" {
		return ""
	}
	return "  " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ")
}

// contextName is the name of the context in force, for a question.
func (a *app) contextName() string {
	t, err := a.resolve()
	if err != nil {
		return "?"
	}
	return t.Name
}

// headerArgs reads a script's arguments by its header's declaration: `imctl run idle.lua --days 5`.
func (a *app) headerArgs(h *plugin.Header, args []string) (*value.Object, error) {
	in := &input{name: h.Name, specs: h.Args, fields: value.NewObject(), sys: a.sys}
	flags := pflag.NewFlagSet(h.Name, pflag.ContinueOnError)
	flags.SetOutput(a.sys.Stderr)
	flags.Usage = func() {}
	for _, s := range h.Args {
		in.addFlags(flags, s)
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if err := flags.Parse(args); err != nil {
		var names []string
		flags.VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		return nil, fault.New(fault.Usage, "%s: %s", h.Name, err.Error()).WithHint("it takes %s", strings.Join(names, ", "))
	}
	if err := in.positional(flags.Args()); err != nil {
		return nil, err
	}
	return h.Values(in.fields)
}

func (a *app) pluginCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "plugin", Short: "List and make plugins: Lua scripts that are commands", GroupID: "setup", Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.unknownCommand(cmd, args[0])
			}
			return fault.New(fault.Usage, "plugin needs a command").WithHint("see imctl plugin --help")
		},
	}
	list := &cobra.Command{Use: "list", Short: "List the plugins, and what keeps one from being a command", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return a.pluginList() }}
	path := &cobra.Command{Use: "path", Short: "Print the folders in which plugins are looked for", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, f := range a.pluginFolders() {
				fmt.Fprintln(a.sys.Stdout, f)
			}
			return nil
		}}
	create := &cobra.Command{Use: "new NAME", Short: "Make a plugin to start from", Args: exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.pluginNew(args[0]) }}
	cmd.AddCommand(list, path, create)
	return cmd
}

// reserved tells whether a name is a command of imctl itself.
func (a *app) reserved(name string) bool {
	return name == "help" || name == "completion" || slices.ContainsFunc(a.root.Commands(), func(c *cobra.Command) bool {
		return c.GroupID != "plugins" && c.Name() == name
	})
}

func (a *app) pluginList() error {
	p, err := a.printer()
	if err != nil {
		return err
	}
	list := plugin.Find(a.pluginFolders(), a.reserved)
	for _, l := range list {
		if l.Note != "" {
			a.note("warning: %s", l.Problem())
		}
	}
	return p.Value(list, []output.Column{{Name: "name", Order: 1, Key: true}, {Name: "effect", Order: 2}, {Name: "help", Order: 3},
		{Name: "path", Order: 4}, {Name: "note"}})
}

// pluginTemplate is a plugin that works.
const pluginTemplate = `--[[ imctl
name: %s
help: Say in one sentence what it does.
effect: read
args:
  - {name: limit, type: int, default: 10, help: how many accounts}
timeout: 5m
]]
-- What a plugin returns is printed in the form that -o asks for.
local rows = {}
for u in user.list{limit = args.limit} do
	rows[#rows + 1] = {userID = u.userID, nickname = u.nickname}
end
return rows
`

func (a *app) pluginNew(name string) error {
	text := fmt.Sprintf(pluginTemplate, name)
	if _, err := plugin.Parse(text, name); err != nil {
		return fault.New(fault.Usage, "%q is no name for a command", name).WithHint("lower-case letters, digits and -")
	}
	if a.reserved(name) {
		return fault.New(fault.Exists, "imctl has a command %s itself", name)
	}
	folders := a.pluginFolders()
	if len(folders) == 0 {
		return fault.New(fault.Usage, "there is no folder for plugins: HOME is not set")
	}
	folder := folders[len(folders)-1]
	file := filepath.Join(folder, name+".lua")
	if _, err := os.Stat(file); err == nil {
		return fault.New(fault.Exists, "%s is there already", file)
	}
	if err := target.MakeDir(folder); err != nil {
		return err
	}
	if err := renameio.WriteFile(file, []byte(text), 0o644); err != nil {
		return fault.New(fault.Usage, "can't write the plugin: %w", err)
	}
	fmt.Fprintln(a.sys.Stdout, file)
	a.note("imctl %s runs it", name)
	return nil
}
