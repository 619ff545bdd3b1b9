package cli

import (
	"io"
	"os"

	"golang.org/x/term"

	"github.com/openimsdk/imctl/runtime/output"
)

// System is the process as the command line sees it; the only place that touches package os for streams, arguments
// and the environment is OS.
type System struct {
	Args   []string // without the program's name
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Getenv func(string) string

	StdinIsTerminal  bool
	StdoutIsTerminal bool
	StderrIsTerminal bool
	Width            int        // of the terminal on stdout, 0 when it is none
	StderrWidth      func() int // the same of stderr, now
	ColorOut         func(mode string) bool
	ColorErr         func(mode string) bool
}

// OS is the System of this process.
func OS() System {
	s := System{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
		StdinIsTerminal: output.IsTerminal(os.Stdin), StdoutIsTerminal: output.IsTerminal(os.Stdout),
		StderrIsTerminal: output.IsTerminal(os.Stderr),
		StderrWidth:      func() int { return width(os.Stderr) },
		ColorOut:         func(mode string) bool { return output.UseColor(mode, os.Stdout, os.Getenv) },
		ColorErr:         func(mode string) bool { return output.UseColor(mode, os.Stderr, os.Getenv) },
	}
	if s.StdoutIsTerminal {
		s.Width = width(os.Stdout)
	}
	return s
}

// width is that of a terminal, 0 when the stream is none.
func width(f *os.File) int {
	w, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return w
}
