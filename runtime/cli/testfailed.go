package cli

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/google/renameio/v2"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/target"
	"github.com/openimsdk/imctl/runtime/testrun"
)

// failedTests remembers which tests failed when they ran last: full names by the absolute path of their file.
type failedTests map[string][]string

func (a *app) failedFile() (string, error) {
	paths, err := target.FindPaths(a.sys.Getenv)
	if err != nil {
		return "", err
	}
	return filepath.Join(paths.State, "failed-tests.json"), nil
}

// loadFailed reads what is remembered; nothing is remembered at first.
func (a *app) loadFailed() (failedTests, error) {
	path, err := a.failedFile()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return failedTests{}, nil
	}
	var f failedTests
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if err != nil {
		return nil, fault.New(fault.Usage, "can't read which tests failed last time: %w", err).WithHint("run them all once, without --failed; if that does not help remove %s", path)
	}
	return f, nil
}

// rememberFailed notes the outcome of those tests that ran; the others keep theirs.
func (a *app) rememberFailed(sum *testrun.Summary) error {
	f, err := a.loadFailed()
	if err != nil {
		f = failedTests{}
	}
	before, _ := json.Marshal(f) // a map of lists of strings can be written
	for _, t := range sum.Tests {
		if t.Status == testrun.NotRun || t.Status == testrun.Pending {
			continue
		}
		file, err := filepath.Abs(t.File)
		if err != nil {
			return fault.New(fault.Internal, "the folder of %s: %w", t.File, err)
		}
		name := t.FullName()
		failed := slices.DeleteFunc(f[file], func(other string) bool { return other == name })
		if t.Status == testrun.Failed {
			failed = append(failed, name)
		}
		if f[file] = failed; len(failed) == 0 {
			delete(f, file)
		}
	}
	text, err := json.Marshal(f)
	if err != nil || string(text) == string(before) {
		return err
	}
	path, err := a.failedFile()
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o700)
	}
	if err == nil {
		err = renameio.WriteFile(path, text, 0o600)
	}
	if err != nil {
		return fault.New(fault.Usage, "can't note which tests failed: %w", err)
	}
	return nil
}

// files are the remembered files, in order.
func (f failedTests) files() []string { return slices.Sorted(maps.Keys(f)) }

// only are the tests of scripts that failed last time, for testrun.Options.
func (f failedTests) only(scripts []script) (map[string]bool, error) {
	only := map[string]bool{}
	for _, s := range scripts {
		file, err := filepath.Abs(s.name)
		if err != nil {
			return nil, fault.New(fault.Usage, "the folder of %s: %w", s.name, err)
		}
		for _, name := range f[file] {
			only[testrun.Key(s.name, name)] = true
		}
	}
	return only, nil
}
