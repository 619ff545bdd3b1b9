package repl

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
)

// cmdEdit opens the editor on the last input and runs what was saved.
func (s *session) cmdEdit(ctx context.Context, _ string) error {
	if s.term == nil {
		return fault.New(fault.Usage, ":edit needs a terminal")
	}
	text, err := s.edit(s.last)
	if err != nil || strings.TrimSpace(text) == "" {
		return err
	}
	text = strings.TrimRight(text, "\n")
	fmt.Fprintln(s.Stdout, text)
	s.term.remember(text)
	s.last = text
	for _, u := range units(text) {
		if err := s.unit(ctx, u, fmt.Sprintf("input %d", s.number)); err != nil {
			return err
		}
	}
	s.good = append(s.good, text)
	return nil
}

// edit returns what the user saved, "" when nothing was.
func (s *session) edit(text string) (string, error) {
	dir, err := os.MkdirTemp("", "imctl-edit-") // 0700
	if err != nil {
		return "", fault.New(fault.Internal, "no temporary folder: %w", err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "input.lua")
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		return "", fault.New(fault.Internal, "no temporary file: %w", err)
	}
	before, err := os.Stat(path)
	if err != nil {
		return "", fault.New(fault.Internal, "no temporary file: %w", err)
	}
	editor := "vi"
	for _, name := range []string{"EDITOR", "VISUAL"} {
		if e := s.Getenv(name); e != "" {
			editor = e
		}
	}
	cmd := exec.Command("sh", "-c", editor+` "$1"`, "sh", path)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	s.lent.Store(true)
	defer s.lent.Store(false)
	if err := cmd.Run(); err != nil {
		return "", fault.New(fault.Usage, "the editor %s failed: %w", editor, err).WithHint("set EDITOR to another one")
	}
	after, err := os.Stat(path)
	if err != nil {
		return "", fault.New(fault.Usage, "the editor left no file: %w", err)
	}
	if after.ModTime().Equal(before.ModTime()) && after.Size() == before.Size() {
		s.Host.Note("nothing was saved, nothing runs")
		return "", nil
	}
	saved, err := os.ReadFile(path)
	if err != nil {
		return "", fault.New(fault.Usage, "can't read what was saved: %w", err)
	}
	return string(saved), nil
}
