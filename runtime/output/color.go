package output

import (
	"os"

	"github.com/mattn/go-isatty"
)

// UseColor decides for one stream whether it is coloured. always and never are the user's word; auto follows NO_COLOR,
// CLICOLOR_FORCE and TERM=dumb, and otherwise asks whether the stream is a terminal.
func UseColor(mode string, f *os.File, getenv func(string) string) bool {
	switch mode {
	case "always":
		return true
	case "never":
		return false
	}
	if getenv("NO_COLOR") != "" {
		return false
	}
	if force := getenv("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true
	}
	return getenv("TERM") != "dumb" && IsTerminal(f)
}

// IsTerminal tells whether the stream is a terminal.
func IsTerminal(f *os.File) bool {
	return f != nil && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}
