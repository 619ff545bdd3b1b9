// Package target says which deployment imctl works on: the file of contexts, the settings of the one in force and
// where each came from, where secrets are fetched, and how all of it is read out of OpenIM's own configuration folder.
// It opens no connection, and it imports nothing of imctl but bindings/fault.
package target

import (
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

const (
	defaultAdmin   = "imAdmin"
	defaultTimeout = 30 * time.Second
	gatewayPort    = "10001"
)

// Overrides are the values of flags; zero values were not given.
type Overrides struct {
	Context     string        // --context
	Server      string        // --server
	Gateway     string        // --gateway
	Admin       string        // --admin
	SecretFile  string        // --secret-file
	ChatAdmin   string        // --chat-admin
	ChatAPI     string        // --chat-api
	ChatAccount string        // --chat-account
	Timeout     time.Duration // the time limit of one call
	ReadOnly    bool          // --read-only
}

// Target is the context in force, with every setting resolved.
type Target struct {
	Context
	Sandbox            bool // the built-in context: the caller starts it and sets the addresses and the secret
	AdHoc              bool // no context of the file: --server or IMCTL_SERVER alone
	NamedOnCommandLine bool // by --context on this command line, as a protected context demands

	sources map[string]string
}

// Resolve works out the target: a flag wins over the environment, that over the context, that over the default. An
// address without a context makes one for this run, which takes nothing from the current context, so that a secret
// never goes to another server. With nothing configured the target is the sandbox.
func Resolve(file *File, flags Overrides, getenv func(string) string) (*Target, error) {
	t := &Target{NamedOnCommandLine: flags.Context != "", sources: map[string]string{}}
	if err := t.choose(file, flags, getenv); err != nil {
		return nil, err
	}
	if !t.Sandbox {
		if err := t.override(flags, getenv); err != nil {
			return nil, err
		}
	}
	if err := t.limits(flags, getenv); err != nil {
		return nil, err
	}
	t.defaults()
	if !t.Sandbox && t.API == "" {
		return nil, fault.New(fault.Usage, "context %q has no api address", t.Name).WithHint("set api in the context, IMCTL_SERVER, or --server")
	}
	if err := t.check(t.named); err != nil {
		return nil, err
	}
	return t, nil
}

// named adds the source of a setting to its name in an error.
func (t *Target) named(setting string) string { return " (from " + t.Source(setting) + ")" }

// choose picks the context.
func (t *Target) choose(file *File, flags Overrides, getenv func(string) string) error {
	name, source := flags.Context, "--context"
	server, from := flags.Server, "--server"
	if name == "" {
		name, source = getenv("IMCTL_CONTEXT"), "environment variable IMCTL_CONTEXT"
		if name == Sandbox && server != "" {
			name = ""
		}
	}
	if name == "" {
		if server == "" {
			server, from = getenv("IMCTL_SERVER"), "environment variable IMCTL_SERVER"
		}
		if server != "" {
			t.AdHoc, t.Name, t.sources["context"] = true, "@"+host(server), from
			return nil
		}
		name, source = file.Current, "current context of the file"
	}
	if name == "" || name == Sandbox {
		if name == "" {
			source = "default"
		}
		t.Sandbox, t.Name, t.sources["context"] = true, Sandbox, source
		for _, s := range textSettings() {
			if v := s.from(flags); v != "" {
				return fault.New(fault.Usage, "%s %q does not go with the sandbox, which has its own settings", s.flag, redact(v)).
					WithHint("name a server by --server or a context by --context")
			}
		}
		if flags.SecretFile != "" {
			return fault.New(fault.Usage, "--secret-file does not go with the sandbox, which has its own secret").
				WithHint("name a server by --server or a context by --context")
		}
		return nil
	}
	c, err := file.Get(name)
	if err != nil {
		e := fault.From(err)
		return fault.New(fault.Usage, "%s (named by %s)", e.Message, source).WithHint("%s", e.Hint)
	}
	t.Context, t.sources["context"] = *c, source
	return checkStored(c)
}

func host(server string) string {
	if u, err := url.Parse(server); err == nil && u.Host != "" {
		return u.Host
	}
	return redact(server)
}

// override applies flags and environment variables to single settings.
func (t *Target) override(flags Overrides, getenv func(string) string) error {
	for _, s := range textSettings() {
		if v := s.from(flags); v != "" {
			*s.at(&t.Context), t.sources[s.name] = v, s.flag
		} else if v := getenv(s.env); v != "" {
			*s.at(&t.Context), t.sources[s.name] = v, "environment variable "+s.env
		}
	}
	for _, s := range secretSettings() {
		env, file := lookupEnv(getenv, s.env), lookupEnv(getenv, s.envFile)
		switch {
		case s.from(flags) != "":
			*s.at(&t.Context), t.sources[s.name] = SecretRef{File: s.from(flags)}, s.flag
		case env != "" && file != "":
			return fault.New(fault.Usage, "two sources of the %s: both %s and %s are set", s.name, s.env, s.envFile).WithHint("unset one of them")
		case env != "":
			*s.at(&t.Context), t.sources[s.name] = SecretRef{Env: s.env}, "environment variable "+s.env
		case file != "":
			*s.at(&t.Context), t.sources[s.name] = SecretRef{File: file}, "environment variable "+s.envFile
		}
	}
	return nil
}

func lookupEnv(getenv func(string) string, name string) string {
	if name == "" {
		return ""
	}
	return getenv(name)
}

// limits sets the time limit and the read-only guard. A guard can be put on by a flag or the environment, never
// taken off.
func (t *Target) limits(flags Overrides, getenv func(string) string) error {
	if flags.Timeout != 0 {
		t.Timeout, t.sources["timeout"] = flags.Timeout, "--timeout"
	} else if text := getenv("IMCTL_TIMEOUT"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return fault.New(fault.Usage, "IMCTL_TIMEOUT: %q is not a duration", text).WithHint("such as 5s or 1m30s")
		}
		t.Timeout, t.sources["timeout"] = d, "environment variable IMCTL_TIMEOUT"
	}
	text := getenv("IMCTL_READ_ONLY")
	env, err := strconv.ParseBool(text)
	if text != "" && err != nil {
		return fault.New(fault.Usage, "IMCTL_READ_ONLY: %q is neither true nor false", text)
	}
	switch {
	case t.ReadOnly:
	case flags.ReadOnly:
		t.ReadOnly, t.sources["read_only"] = true, "--read-only"
	case env:
		t.ReadOnly, t.sources["read_only"] = true, "environment variable IMCTL_READ_ONLY"
	}
	return nil
}

func (t *Target) defaults() {
	if t.Admin == "" {
		t.Admin, t.sources["admin"] = defaultAdmin, "default"
	}
	if t.Timeout == 0 {
		t.Timeout, t.sources["timeout"] = defaultTimeout, "default"
	}
	if u, err := url.Parse(t.API); t.Gateway == "" && err == nil && u.Scheme == "http" && u.Hostname() != "" {
		t.Gateway, t.sources["gateway"] = "ws://"+net.JoinHostPort(u.Hostname(), gatewayPort), "default, from the api address"
	}
}
