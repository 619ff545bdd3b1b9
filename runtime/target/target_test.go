package target

import (
	"strings"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

// got is a setting of the target with its source, as "value < source".
func got(t *Target, name string) string {
	for _, s := range t.Settings() {
		if s.Name == name {
			return s.Value + " < " + s.Source
		}
	}
	return ""
}

func TestResolve(t *testing.T) {
	for _, c := range []struct {
		name  string
		flags Overrides
		env   map[string]string
		want  map[string]string
	}{
		{"the current context", Overrides{}, nil, map[string]string{
			"context": "prod < current context of the file", "api": "https://im.example:10002 < context prod",
			"secret": "file /etc/openim/share.yml (key secret) < context prod", "timeout": "1m30s < context prod",
			"chat.password": "command pass … < context prod", "protected": "true < context prod", "redis.db": "3 < context prod",
		}},
		{"the environment's context", Overrides{}, map[string]string{"IMCTL_CONTEXT": "test"}, map[string]string{
			"context": "test < environment variable IMCTL_CONTEXT", "admin": "imAdmin < default", "timeout": "30s < default",
			"gateway": "ws://127.0.0.1:10001 < default, from the api address", "secret": "not set < ", "read_only": "true < context test",
		}},
		{"the flag's context", Overrides{Context: "test"}, map[string]string{"IMCTL_CONTEXT": "prod"}, map[string]string{"context": "test < --context"}},
		{"flag before environment before context", Overrides{Context: "prod", Admin: "flagAdmin", Timeout: time.Second, ReadOnly: true, SecretFile: "/flag"},
			map[string]string{"IMCTL_ADMIN": "envAdmin", "IMCTL_GATEWAY": "ws://env:1", "IMCTL_TIMEOUT": "5s", "IMCTL_SECRET": "openIM123",
				"IMCTL_CHAT_PASSWORD": "openIM123", "IMCTL_CHAT_ACCOUNT": "acc", "IMCTL_CHAT_API": "http://chat:10008"},
			map[string]string{
				"admin": "flagAdmin < --admin", "gateway": "ws://env:1 < environment variable IMCTL_GATEWAY", "timeout": "1s < --timeout",
				"secret": "file /flag < --secret-file", "read_only": "true < --read-only", "chat.admin": "https://im.example:10009 < context prod",
				"chat.password": "environment variable IMCTL_CHAT_PASSWORD < environment variable IMCTL_CHAT_PASSWORD",
				"chat.account":  "acc < environment variable IMCTL_CHAT_ACCOUNT", "chat.api": "http://chat:10008 < environment variable IMCTL_CHAT_API",
			}},
		{"a secret in the environment", Overrides{}, map[string]string{"IMCTL_SECRET": "openIM123", "IMCTL_READ_ONLY": "1", "IMCTL_TIMEOUT": "2s"}, map[string]string{
			"secret":    "environment variable IMCTL_SECRET < environment variable IMCTL_SECRET",
			"read_only": "true < environment variable IMCTL_READ_ONLY", "timeout": "2s < environment variable IMCTL_TIMEOUT",
		}},
		{"a secret file in the environment", Overrides{}, map[string]string{"IMCTL_SECRET_FILE": "/run/secret"}, map[string]string{
			"secret": "file /run/secret < environment variable IMCTL_SECRET_FILE",
		}},
		{"a server by flag takes nothing from the current context", Overrides{Server: "http://h:10002"}, nil, map[string]string{
			"context": "@h:10002 < --server", "api": "http://h:10002 < --server", "admin": "imAdmin < default", "secret": "not set < ",
			"gateway": "ws://h:10001 < default, from the api address", "protected": "", "mongo.database": "",
		}},
		{"a server by environment", Overrides{}, map[string]string{"IMCTL_SERVER": "http://h:10002", "IMCTL_SECRET": "x"}, map[string]string{
			"context": "@h:10002 < environment variable IMCTL_SERVER", "secret": "environment variable IMCTL_SECRET < environment variable IMCTL_SECRET",
		}},
		{"a server beside a context", Overrides{Context: "prod", Server: "http://h:1"}, nil, map[string]string{
			"context": "prod < --context", "api": "http://h:1 < --server", "secret": "file /etc/openim/share.yml (key secret) < context prod",
		}},
		{"a guard can't be lifted", Overrides{Context: "test"}, map[string]string{"IMCTL_READ_ONLY": "false"}, map[string]string{"read_only": "true < context test"}},
		{"the sandbox by name", Overrides{Context: "sandbox"}, map[string]string{"IMCTL_SERVER": "http://h:1"}, map[string]string{
			"context": "sandbox < --context", "api": "set when the sandbox starts < ", "admin": "imAdmin < default",
		}},
		{"a server beside the sandbox of the environment", Overrides{Server: "http://h:1"}, map[string]string{"IMCTL_CONTEXT": "sandbox"}, map[string]string{
			"context": "@h:1 < --server",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			target, err := Resolve(load(t, writeConfig(t, contextsFile)), c.flags, env(c.env))
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range c.want {
				if g := got(target, name); g != want {
					t.Errorf("%s: got %q, want %q", name, g, want)
				}
			}
			if target.NamedOnCommandLine != (c.flags.Context != "") {
				t.Errorf("NamedOnCommandLine is %v", target.NamedOnCommandLine)
			}
			for _, s := range target.Settings() {
				if strings.Contains(s.Value+s.Source, "openIM123") {
					t.Errorf("the secret shows in %v", s)
				}
			}
		})
	}
}

func TestNothingConfiguredIsTheSandbox(t *testing.T) {
	target, err := Resolve(&File{}, Overrides{ReadOnly: true}, noEnv)
	if err != nil || !target.Sandbox || target.Name != "sandbox" || target.Admin != "imAdmin" || !target.ReadOnly {
		t.Fatalf("%+v, %v", target, err)
	}
	target.API, target.Secret = "http://127.0.0.1:1", Held("openIM123", "the sandbox")
	if g := got(target, "api"); g != "http://127.0.0.1:1 < sandbox" {
		t.Error(g)
	}
	if g := got(target, "secret"); g != "the sandbox < sandbox" {
		t.Error(g)
	}
}

func TestResolveDoesNotChangeTheFile(t *testing.T) {
	f := load(t, writeConfig(t, contextsFile))
	if _, err := Resolve(f, Overrides{Context: "prod", Server: "http://h:1", Admin: "other"}, noEnv); err != nil {
		t.Fatal(err)
	}
	if c, _ := f.Get("prod"); c.Admin != "imAdmin" || c.API != "https://im.example:10002" {
		t.Errorf("%+v", c)
	}
}

func TestResolveErrors(t *testing.T) {
	for _, c := range []struct {
		flags Overrides
		env   map[string]string
		want  string
	}{
		{Overrides{Context: "pord"}, nil, `no context "pord"; did you mean prod? (named by --context)`},
		{Overrides{}, map[string]string{"IMCTL_CONTEXT": "x"}, "(named by environment variable IMCTL_CONTEXT)"},
		{Overrides{Server: "localhost:10002"}, nil, `api (from --server): "localhost:10002" has no scheme; did you mean http://localhost:10002?`},
		{Overrides{Context: "prod"}, map[string]string{"IMCTL_GATEWAY": "x:1"}, "gateway (from environment variable IMCTL_GATEWAY)"},
		{Overrides{}, map[string]string{"IMCTL_SECRET": "openIM123", "IMCTL_SECRET_FILE": "/x"}, "both IMCTL_SECRET and IMCTL_SECRET_FILE"},
		{Overrides{}, map[string]string{"IMCTL_TIMEOUT": "5"}, `IMCTL_TIMEOUT: "5" is not a duration`},
		{Overrides{Timeout: -1}, nil, "timeout (from --timeout)"},
		{Overrides{}, map[string]string{"IMCTL_READ_ONLY": "yep"}, "neither true nor false"},
		{Overrides{Context: "sandbox", Server: "http://h"}, nil, "does not go with the sandbox"},
		{Overrides{Context: "sandbox", SecretFile: "x"}, nil, "does not go with the sandbox"},
		{Overrides{Server: "http://me:openIM123@h"}, nil, "holds a user"},
	} {
		_, err := Resolve(load(t, writeConfig(t, contextsFile)), c.flags, env(c.env))
		wantFault(t, err, fault.Usage, c.want)
		if e := fault.From(err); e != nil && strings.Contains(e.Error()+e.Hint, "openIM123") {
			t.Errorf("the secret is in %q", e)
		}
	}
	f := load(t, writeConfig(t, "current: gone\ncontexts:\n  - name: bare\n  - name: rel\n    api: http://h\n    secret: {file: x}\n"))
	_, err := Resolve(f, Overrides{}, noEnv)
	wantFault(t, err, fault.Usage, `no context "gone"`, "current context of the file")
	_, err = Resolve(f, Overrides{Context: "bare"}, noEnv)
	wantFault(t, err, fault.Usage, "no api address")
	_, err = Resolve(f, Overrides{Context: "rel"}, noEnv)
	wantFault(t, err, fault.Usage, "secret.file", "relative path")
}

func TestPaths(t *testing.T) {
	p, err := FindPaths(env(map[string]string{"HOME": "/home/me", "XDG_STATE_HOME": "/state", "XDG_CACHE_HOME": "relative"}))
	want := Paths{Config: "/home/me/.config/imctl", Cache: "/home/me/.cache/imctl", State: "/state/imctl", Data: "/home/me/.local/share/imctl"}
	if err != nil || p != want {
		t.Errorf("got %+v, %v", p, err)
	}
	if _, err := FindPaths(noEnv); !fault.Is(err, fault.Usage) {
		t.Errorf("got %v", err)
	}
	for want, m := range map[string]map[string]string{
		"/c.yaml":                      {"IMCTL_CONFIG": "/c.yaml", "HOME": "/h"},
		"/x/imctl/config.yaml":         {"XDG_CONFIG_HOME": "/x", "HOME": "/h"},
		"/h/.config/imctl/config.yaml": {"HOME": "/h"},
	} {
		if got, err := ConfigFile(env(m)); err != nil || got != want {
			t.Errorf("got %s, %v; want %s", got, err, want)
		}
	}
}
