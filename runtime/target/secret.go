package target

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

const (
	maxSecret      = 64 << 10         // a longer one is some other file
	commandTimeout = 30 * time.Second // for a command that asks a password store
)

// SecretRef says where a secret comes from: exactly one of an environment variable, a file, or a command. It never
// holds the secret that a file of contexts could show.
type SecretRef struct {
	Env     string `yaml:"env,omitempty"`
	File    string `yaml:"file,omitempty"`    // an absolute path, or one from ~/
	Key     string `yaml:"key,omitempty"`     // the file is YAML and this is the dotted path of the secret in it
	Command string `yaml:"command,omitempty"` // run by sh -c; its first output is the secret

	held   string // a secret known in this process alone
	source string
}

// Held is a reference to a secret that this process has already, as that of a sandbox it started. It can't be saved.
func Held(secret, source string) SecretRef { return SecretRef{held: secret, source: source} }

// IsZero tells whether no source is named.
func (r SecretRef) IsZero() bool { return r == SecretRef{} }

// Source says where the secret comes from, without anything that may be secret itself: of a command only the program.
func (r SecretRef) Source() string {
	switch {
	case r.held != "":
		return r.source
	case r.Env != "":
		return "environment variable " + r.Env
	case r.File != "" && r.Key != "":
		return "file " + r.File + " (key " + r.Key + ")"
	case r.File != "":
		return "file " + r.File
	case r.Command != "":
		return "command " + program(r.Command)
	}
	return "not set"
}

// String is Source, so that printing a reference by any means shows no secret.
func (r SecretRef) String() string { return r.Source() }

// GoString is Source.
func (r SecretRef) GoString() string { return r.Source() }

// program is the first word of a command that is not a setting of a variable.
func program(command string) string {
	for _, word := range strings.Fields(command) {
		if !strings.Contains(word, "=") {
			return word + " …"
		}
	}
	return "…"
}

func (r SecretRef) check(name string) error {
	n := 0
	for _, source := range []string{r.Env, r.File, r.Command} {
		if source != "" {
			n++
		}
	}
	switch {
	case n > 1:
		return fault.New(fault.Usage, "%s: two sources of one secret (env %q, file %q, command %q)", name, r.Env, r.File, program(r.Command)).
			WithHint("keep exactly one of env, file and command")
	case r.Key != "" && r.File == "":
		return fault.New(fault.Usage, "%s: key %q without a file", name, r.Key)
	case strings.ContainsAny(r.Env, "= \t$"):
		return fault.New(fault.Usage, "%s.env: write the name of the variable alone", name)
	}
	return nil
}

// Get fetches the secret. Where the variable, or the key of the file, holds a URI with a password in it, the password
// is the secret.
func (r SecretRef) Get(ctx context.Context, getenv func(string) string) (string, error) {
	if err := r.check("secret"); err != nil {
		return "", err
	}
	var secret string
	var err error
	switch {
	case r.held != "":
		return r.held, nil
	case r.Env != "":
		if secret = uriPassword(getenv(r.Env)); secret == "" {
			err = fault.New(fault.Auth, "environment variable %s is not set", r.Env)
		}
	case r.File != "":
		secret, err = r.fromFile(getenv)
	case r.Command != "":
		secret, err = r.fromCommand(ctx)
	default:
		return "", fault.New(fault.Auth, "no source for this secret is configured").
			WithHint("set one in the context (env, file or command), or IMCTL_SECRET, or --secret-file")
	}
	if err != nil {
		return "", err
	}
	if secret == "" {
		return "", fault.New(fault.Auth, "the secret from %s is empty", r.Source())
	}
	return secret, nil
}

func (r SecretRef) fromFile(getenv func(string) string) (string, error) {
	path := r.File
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		path = filepath.Join(getenv("HOME"), rest)
	}
	if r.Key != "" {
		doc, err := readDocument(path)
		if err != nil {
			return "", err
		}
		v, err := doc.text(r.Key)
		if err == nil && v.text == "" {
			err = fault.New(fault.Auth, "file %s has no value under the key %s", r.File, r.Key)
		}
		return uriPassword(v.text), err
	}
	text, err := readFile(path, maxSecret)
	if err != nil {
		return "", err
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if strings.ContainsAny(secret, "\r\n") {
		return "", fault.New(fault.Usage, "file %s has several lines: it should hold the secret alone", r.File).
			WithHint("for a secret in a YAML file set key to its path in there: {file: share.yml, key: secret}")
	}
	return secret, nil
}

// fromCommand runs the command. Its stderr is left out of errors, since it may hold the secret.
func (r SecretRef) fromCommand(ctx context.Context) (string, error) {
	limited, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	cmd := exec.CommandContext(limited, "sh", "-c", r.Command)
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return "", fault.From(ctx.Err())
	case limited.Err() != nil:
		return "", fault.New(fault.Timeout, "%s gave no secret within %v", r.Source(), commandTimeout)
	case err != nil:
		status := "could not be run"
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			status = exit.ProcessState.String()
		}
		return "", fault.New(fault.Auth, "%s gave no secret: %s", r.Source(), status).
			WithHint("run it by hand to see what it says; its messages are not shown here, since they may hold the secret")
	case len(out) > maxSecret:
		return "", fault.New(fault.Auth, "%s gave %d bytes: that is no secret", r.Source(), len(out))
	}
	secret, _, _ := bytes.Cut(out, []byte("\n"))
	return strings.TrimRight(string(secret), "\r"), nil
}

// splitPassword takes the password out of a URI, of which the host part may be a list of hosts.
func splitPassword(uri string) (without, password string) {
	scheme, rest, found := strings.Cut(uri, "://")
	if !found {
		return uri, ""
	}
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	at := strings.LastIndexByte(authority, '@') // a password may hold a slash that should have been escaped
	if at < 0 {
		return uri, ""
	}
	user, password, _ := strings.Cut(authority[:at], ":")
	without = scheme + "://" + user + authority[at:] + tail
	if plain, err := url.PathUnescape(password); err == nil {
		password = plain
	}
	return without, password
}

func uriPassword(text string) string {
	if _, password := splitPassword(text); password != "" {
		return password
	}
	return text
}

func readFile(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return nil, fault.New(fault.Usage, "%s is a folder, not a file", path)
	}
	if err == nil && info.Size() > limit {
		return nil, fault.New(fault.Usage, "%s is %d bytes long; the limit is %d", path, info.Size(), limit)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.New(fault.Usage, "reading %s: %w", path, reason(err))
	}
	return text, nil
}

// reason is the cause of a file error without the path, which the message has already.
func reason(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
