package cli

import (
	"io"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/runtime/lualib"
)

// libraryOptions are what the Lua library may use: the machine's files and environment, the logger, and HTTP within
// the limits of the flags.
func (a *app) libraryOptions() lualib.Options {
	o := lualib.Options{
		Getenv: a.sys.Getenv, Files: lualib.AllFiles(), Log: a.logger, Timeout: a.g.requestTimeout, Now: a.now,
		Transport: a.tape.transport(),
		OnCall: func(c openim.Call) {
			if session := a.opened(); session != nil {
				session.calls.add(c)
			}
		},
		Mask: a.mask,
		Guard: func(what string) error {
			session := a.opened()
			if a.g.dryRun || a.g.plan != "" || a.g.readOnly || session != nil && session.target.ReadOnly {
				return fault.New(fault.Denied, "nothing may be written now, and what this does can't be known: %s", what).
					WithHint("it is refused under --dry-run, --plan and --read-only, and in a read-only context")
			}
			return nil
		},
	}
	if a.g.trace {
		o.Trace = a.sys.Stderr
	}
	return o
}

func logFormats() []string { return []string{"console", "json"} }

func logLevels() []string { return []string{"debug", "info", "warn", "error"} }

// checkLogFlags says which log flag is wrong.
func (a *app) checkLogFlags() error {
	for _, f := range []struct {
		flag, got string
		choices   []string
	}{{"--log-format", a.g.logFormat, logFormats()}, {"--log-level", a.g.logLevel, logLevels()}} {
		ok := false
		for _, c := range f.choices {
			ok = ok || c == f.got
		}
		if !ok {
			return fault.New(fault.Usage, "%s: want %s, got %q%s", f.flag, strings.Join(f.choices, ", "), f.got, fault.DidYouMean(f.got, f.choices))
		}
	}
	return nil
}

// logger writes log lines to standard error, in the form and from the level on that the flags ask for.
func (a *app) logger() zerolog.Logger {
	level, err := zerolog.ParseLevel(a.g.logLevel)
	if err != nil {
		level = zerolog.InfoLevel
	}
	var out io.Writer = a.sys.Stderr
	if a.g.logFormat != "json" {
		out = zerolog.ConsoleWriter{
			Out: a.sys.Stderr, NoColor: !a.sys.ColorErr(a.g.color), TimeFormat: time.TimeOnly,
			FormatMessage: func(v any) string { // no control characters on a terminal
				text, _ := v.(string)
				return strings.Map(func(r rune) rune {
					if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
						return '.'
					}
					return r
				}, text)
			},
		}
	}
	return zerolog.New(out).Level(level).With().Timestamp().Logger()
}
