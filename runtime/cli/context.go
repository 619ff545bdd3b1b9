package cli

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/output"
	"github.com/openimsdk/imctl/runtime/target"
)

func (a *app) contextCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "context", Short: "Add, list, choose, show, test and remove contexts: the deployments that imctl knows", GroupID: "setup",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.unknownCommand(cmd, args[0])
			}
			return fault.New(fault.Usage, "context needs a command").WithHint("see imctl context --help")
		},
	}
	list := &cobra.Command{Use: "list", Short: "List the contexts", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return a.contextList() }}
	use := &cobra.Command{Use: "use NAME", Short: "Make a context the current one", Args: exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeContexts(func(f *target.File) error { return f.Use(args[0]) })
		}}
	remove := &cobra.Command{Use: "remove NAME", Short: "Forget a context", Args: exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeContexts(func(f *target.File) error { return f.Remove(args[0]) })
		}}
	show := &cobra.Command{Use: "show", Short: "Show the settings in force, and where each comes from", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return a.contextShow() }}
	test := &cobra.Command{Use: "test", Short: "Try the context: address, credentials, generation, chat server", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return a.contextTest(cmd.Context()) }}
	cmd.AddCommand(a.contextAddCommand(), list, use, show, test, remove)
	return cmd
}

// exactly demands one argument of that name.
func exactly(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fault.New(fault.Usage, "%s wants exactly one argument: %s", cmd.CommandPath(), name)
		}
		return nil
	}
}

func (a *app) contextAddCommand() *cobra.Command {
	var c target.Context
	var from string
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Add a context, by flags or out of the server's own config folder", Args: exactly("NAME"),
		Long: "Add a context. --from reads the server's own config folder: addresses, admin, and where each secret stands (the\n" +
			"secrets themselves stay there). Flags win over the folder. A secret is named by where it comes from, never given.",
		Example: "  imctl context add prod --from ./config\n  imctl context add stage --api http://10.0.0.5:10002 --secret-env STAGE_SECRET --protected",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.contextAdd(args[0], c, from)
		},
	}
	f := cmd.Flags()
	f.StringVar(&from, "from", "", "the server's config folder")
	f.StringVar(&c.API, "api", "", "the API's address, http://HOST:10002")
	f.StringVar(&c.Secret.Env, "secret-env", "", "environment variable that holds the server's secret")
	f.StringVar(&c.Secret.Command, "secret-command", "", "command that prints the server's secret")
	f.StringVar(&c.Chat.Admin, "chat-admin", "", "the chat server's admin API, http://HOST:10009")
	f.StringVar(&c.Chat.API, "chat-api", "", "the chat server's user API, http://HOST:10008")
	f.StringVar(&c.Chat.Account, "chat-account", "", "an administrator's account on the chat server")
	f.StringVar(&c.Chat.Password.Env, "chat-password-env", "", "environment variable that holds its password")
	f.StringVar(&c.Chat.Password.File, "chat-password-file", "", "file that holds its password")
	f.BoolVar(&c.Protected, "protected", false, "writes need --context NAME on the very command line")
	f.IntVar(&c.MaxObjects, "max-objects", 0, "the most objects one operation may touch")
	return cmd
}

func (a *app) contextAdd(name string, flags target.Context, from string) error {
	var c target.Context
	var notes []target.Note
	if from != "" {
		var err error
		if c, notes, err = target.FromConfigDir(from, a.sys.Getenv); err != nil {
			return err
		}
	}
	c.Name = name
	set := func(at *string, v string) {
		if v != "" {
			*at = v
		}
	}
	set(&c.API, flags.API)
	set(&c.API, a.g.server)
	set(&c.Gateway, a.g.gateway)
	set(&c.Admin, a.g.admin)
	set(&c.Chat.Admin, flags.Chat.Admin)
	set(&c.Chat.API, flags.Chat.API)
	set(&c.Chat.Account, flags.Chat.Account)
	for _, file := range []*string{&a.g.secretFile, &flags.Chat.Password.File} { // the context is used from other folders too
		if *file != "" {
			path, err := filepath.Abs(*file)
			if err != nil {
				return fault.New(fault.Usage, "%s: %w", *file, err)
			}
			*file = path
		}
	}
	flags.Secret.File = a.g.secretFile
	if !flags.Secret.IsZero() {
		c.Secret = flags.Secret
	}
	if !flags.Chat.Password.IsZero() {
		c.Chat.Password = flags.Chat.Password
	}
	c.Protected = c.Protected || flags.Protected
	c.ReadOnly = c.ReadOnly || a.g.readOnly
	if flags.MaxObjects != 0 {
		c.MaxObjects = flags.MaxObjects
	}
	if a.g.requestTimeout > 0 {
		c.Timeout = a.g.requestTimeout
	}
	if c.API == "" {
		return fault.New(fault.Usage, "a context needs the API's address").WithHint("--api http://HOST:10002, or --from CONFIG_FOLDER")
	}
	if err := a.changeContexts(func(f *target.File) error { return f.Add(c) }); err != nil {
		return err
	}
	if len(notes) > 0 {
		p, err := a.printer()
		if err != nil {
			return err
		}
		return p.Value(notes, []output.Column{{Name: "setting", Order: 1, Key: true}, {Name: "value", Order: 2}, {Name: "source", Order: 3}, {Name: "remark", Order: 4}})
	}
	a.note("context %s added; imctl context use %s makes it the current one", name, name)
	return nil
}

func (a *app) changeContexts(change func(*target.File) error) error {
	path, err := target.ConfigFile(a.sys.Getenv)
	if err != nil {
		return err
	}
	return target.Update(path, change)
}

func (a *app) contextList() error {
	p, err := a.printer()
	if err != nil {
		return err
	}
	path, err := target.ConfigFile(a.sys.Getenv)
	if err != nil {
		return err
	}
	file, err := target.Load(path)
	if err != nil {
		return err
	}
	current := file.Current
	if current == "" {
		current = target.Sandbox
	}
	rows := value.List{value.NewObject("name", target.Sandbox, "api", "(started when it is needed)", "current", current == target.Sandbox,
		"protected", false, "read_only", false)}
	for _, c := range file.Contexts {
		rows = append(rows, value.NewObject("name", c.Name, "api", c.API, "current", c.Name == current,
			"protected", c.Protected, "read_only", c.ReadOnly))
	}
	return p.Value(rows, []output.Column{{Name: "name", Order: 1, Key: true}, {Name: "api", Order: 2}, {Name: "current", Order: 3},
		{Name: "protected", Order: 4}, {Name: "read_only", Order: 5}})
}

func (a *app) contextShow() error {
	p, err := a.printer()
	if err != nil {
		return err
	}
	t, err := a.resolve()
	if err != nil {
		return err
	}
	return p.Value(t.Settings(), []output.Column{{Name: "name", Order: 1, Key: true}, {Name: "value", Order: 2}, {Name: "source", Order: 3}})
}

// probe is one thing that context test tried.
type probe struct {
	What   string `json:"what"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

// contextTest tries what a context says, in the order in which things fail: the address, the credentials, then what
// hangs on them.
func (a *app) contextTest(ctx context.Context) error {
	p, err := a.printer()
	if err != nil {
		return err
	}
	ctx, cancel := a.limited(ctx)
	defer cancel()
	s, err := a.open(ctx, true)
	if err != nil {
		return err
	}
	var probes []probe
	var first error
	try := func(what string, fn func() (string, error)) {
		detail, err := fn()
		if err != nil {
			detail = fault.From(err).Error()
			if first == nil {
				first = err
			}
		}
		probes = append(probes, probe{what, err == nil, detail})
	}
	try("api answers", func() (string, error) {
		_, err := s.env.API.Call(ctx, "/auth/parse_token", map[string]string{"token": "none"}, openim.NoToken())
		if e := fault.From(err); e != nil && e.Code == 0 { // any code of the server's own is an answer
			return "", err
		}
		return s.target.API, nil
	})
	if first == nil {
		try("credentials", func() (string, error) {
			_, err := s.env.API.Call(ctx, "/user/get_users_info", map[string]any{"userIDs": []string{s.target.Admin}})
			return "admin " + s.target.Admin, err
		})
	}
	if first == nil {
		try("generation", func() (string, error) {
			g, err := s.env.API.Generation(ctx)
			return string(g), err
		})
		if s.env.API.HasChat() {
			try("chat server", func() (string, error) {
				_, err := s.env.API.Chat(ctx, "/account/info", map[string]any{})
				return s.target.Chat.Admin, err
			})
		}
	}
	if err := p.Value(probes, []output.Column{{Name: "what", Order: 1, Key: true}, {Name: "ok", Order: 2}, {Name: "detail", Order: 3}}); err != nil {
		return err
	}
	return first
}
