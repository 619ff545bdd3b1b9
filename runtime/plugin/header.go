// Package plugin reads the header of a script, which makes it a command: its name, arguments, effect and budget; and
// finds the scripts in the plugins folder.
package plugin

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// Header is what a script says of itself in its first comment:
//
//	--[[ imctl
//	name: idle-users
//	help: Report accounts that nobody has used.
//	effect: read
//	args:
//	  - {name: days, type: int, default: 30, help: registered more than this many days ago}
//	timeout: 10m
//	]]
type Header struct {
	Name    string
	Help    string
	Example string
	Effect  bindings.Effect
	Args    []bindings.Param
	Budget  Budget
}

// Budget is what a script may use; a zero is no limit of its own.
type Budget struct {
	Profile     string        // "restricted": no programs, no environment, files only in its folder
	Timeout     time.Duration // of the whole run
	MaxMemory   string        // 256MiB
	MaxRequests int64
	AllowHosts  []string // the hosts that http may reach
}

// Profiles are the names of profiles.
func Profiles() []string { return []string{"full", "restricted"} }

// yamlHeader is the header as it is written.
type yamlHeader struct {
	Name        string    `yaml:"name"`
	Help        string    `yaml:"help"`
	Example     string    `yaml:"example"`
	Effect      string    `yaml:"effect"`
	Args        []yamlArg `yaml:"args"`
	Profile     string    `yaml:"profile"`
	Timeout     string    `yaml:"timeout"`
	MaxMemory   string    `yaml:"max_memory"`
	MaxRequests int64     `yaml:"max_requests"`
	AllowHosts  []string  `yaml:"allow_hosts"`
}

type yamlArg struct {
	Name     string   `yaml:"name"`
	Type     string   `yaml:"type"`
	Help     string   `yaml:"help"`
	Default  any      `yaml:"default"`
	Required bool     `yaml:"required"`
	Position int      `yaml:"position"`
	Enum     []string `yaml:"enum"`
}

// comment finds the header's YAML: the first thing in the script but a byte order mark and a "#!" line.
func comment(source string) (text string, line int, found bool) {
	source = strings.TrimPrefix(source, "\uFEFF")
	line = 1
	if strings.HasPrefix(source, "#!") {
		_, source, _ = strings.Cut(source, "\n")
		line++
	}
	trimmed := strings.TrimLeft(source, " \t\r\n")
	line += strings.Count(source[:len(source)-len(trimmed)], "\n")
	rest, ok := strings.CutPrefix(trimmed, "--[[ imctl")
	if !ok || rest != "" && rest[0] != '\n' && rest[0] != '\r' {
		return "", 0, false
	}
	text, _, found = strings.Cut(rest, "]]")
	return text, line, found
}

// Parse reads the header of a script; nil when it has none. name is the file's, for messages and as the default name.
func Parse(source, name string) (*Header, error) {
	text, line, found := comment(source)
	if !found {
		return nil, nil
	}
	var y yamlHeader
	if err := yaml.UnmarshalWithOptions([]byte(text), &y, yaml.DisallowUnknownField()); err != nil {
		return nil, headerError(name, line, yamlText(err))
	}
	h := &Header{Name: y.Name, Help: strings.TrimSpace(y.Help), Example: y.Example, Budget: Budget{
		Profile: y.Profile, MaxMemory: y.MaxMemory, MaxRequests: y.MaxRequests, AllowHosts: y.AllowHosts,
	}}
	if h.Name == "" {
		h.Name = strings.ReplaceAll(strings.TrimSuffix(filepath.Base(name), ".lua"), "_", "-")
	}
	if err := h.fill(y); err != nil {
		return nil, headerError(name, line, err.Error())
	}
	return h, nil
}

func headerError(name string, line int, text string) error {
	return fault.New(fault.Usage, "%s:%d: the header: %s", name, line, text).WithHint("see imctl plugin new for a header to start from")
}

// yamlText is the first line of the reader's error, which holds the place and the reason.
func yamlText(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}

func (h *Header) fill(y yamlHeader) error {
	if !regexp.MustCompile(`^[a-z][a-z0-9-]{0,40}$`).MatchString(h.Name) {
		return fmt.Errorf("name: %q is no command name: lower-case letters, digits and -", h.Name)
	}
	effects := []bindings.Effect{bindings.Read, bindings.Write, bindings.Destroy}
	var words []string
	for _, e := range effects {
		words = append(words, e.String())
	}
	i := slices.Index(words, y.Effect)
	switch {
	case y.Effect == "":
		h.Effect = bindings.Write
	case i < 0:
		return fmt.Errorf("effect: %q is not one of %s%s", y.Effect, strings.Join(words, ", "), fault.DidYouMean(y.Effect, words))
	default:
		h.Effect = effects[i]
	}
	if y.Profile != "" && !slices.Contains(Profiles(), y.Profile) {
		return fmt.Errorf("profile: %q is not one of %s%s", y.Profile, strings.Join(Profiles(), ", "), fault.DidYouMean(y.Profile, Profiles()))
	}
	if y.MaxRequests < 0 {
		return errors.New("max_requests: a limit can't be negative")
	}
	if y.Timeout != "" {
		d, err := time.ParseDuration(y.Timeout)
		if err != nil || d <= 0 {
			return fmt.Errorf("timeout: %q is no duration like 10m", y.Timeout)
		}
		h.Budget.Timeout = d
	}
	return h.fillArgs(y.Args)
}

func (h *Header) fillArgs(list []yamlArg) error {
	types := []bindings.Type{bindings.String, bindings.Int, bindings.Float, bindings.Bool, bindings.Duration, bindings.Strings, bindings.Any}
	seen := map[string]bool{}
	for _, a := range list {
		if !regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`).MatchString(a.Name) {
			return fmt.Errorf("args: %q is no name: letters, digits and _", a.Name)
		}
		if seen[a.Name] {
			return fmt.Errorf("args: %s is there twice", a.Name)
		}
		seen[a.Name] = true
		p := bindings.Param{Name: a.Name, Type: bindings.Type(a.Type), Help: a.Help, Required: a.Required, Arg: a.Position, Enum: a.Enum}
		if a.Type == "" {
			p.Type = bindings.String
		}
		if !slices.Contains(types, p.Type) {
			var words []string
			for _, t := range types {
				words = append(words, string(t))
			}
			return fmt.Errorf("args: %s: no type %q%s; there are %s", a.Name, a.Type, fault.DidYouMean(a.Type, words), strings.Join(words, ", "))
		}
		if a.Default != nil {
			p.Default = value.Text(value.From(a.Default))
			if _, err := p.ParseText(p.Default); err != nil {
				return fmt.Errorf("args: default of %w", err)
			}
		}
		h.Args = append(h.Args, p)
	}
	return nil
}

// Values checks the fields that were given against the header's arguments and adds the defaults.
func (h *Header) Values(given *value.Object) (*value.Object, error) {
	out := value.NewObject()
	for _, p := range h.Args {
		v, ok := given.Get(p.Name)
		if !ok && p.Default != "" {
			var err error
			if v, err = p.ParseText(p.Default); err != nil {
				return nil, fault.New(fault.Usage, "%w", err)
			}
			ok = true
		}
		switch {
		case !ok && p.Required:
			return nil, fault.New(fault.Usage, "missing argument %s: %s", p.Name, p.Help)
		case !ok:
			continue
		}
		if text := value.Text(v); len(p.Enum) > 0 && !slices.Contains(p.Enum, text) {
			return nil, fault.New(fault.Usage, "%s: %q is not one of %s%s", p.Name, text, strings.Join(p.Enum, ", "), fault.DidYouMean(text, p.Enum))
		}
		out.Set(p.Name, v)
	}
	return out, nil
}
