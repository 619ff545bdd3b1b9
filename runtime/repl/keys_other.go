//go:build !unix

package repl

import (
	"context"
	"io"
	"os"
)

// keys does nothing here: the line editor reads the terminal itself, and a pasted block runs line by line.
type keys struct{}

const pasteOn, pasteOff = "", ""

func newKeys(terminal *os.File) (*keys, *os.File, error) { return &keys{}, terminal, nil }

func (k *keys) start()                                {}
func (k *keys) stop()                                 {}
func (k *keys) finish()                               {}
func (k *keys) burst() (lines []string, partial bool) { return nil, false }
func (k *keys) drop()                                 {}
func (k *keys) interrupt(string)                      {}

// TerminalUntil reads the terminal.
func TerminalUntil(context.Context) io.Reader { return os.Stdin }
