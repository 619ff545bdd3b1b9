package target

import (
	"os"
	"path/filepath"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Paths are imctl's own folders, by the XDG rules. They are made when something is written to them (MakeDir).
type Paths struct {
	Config string // the contexts file
	Cache  string // tokens and what can be fetched again
	State  string // history, journals, audit
	Data   string // the user's library
}

// FindPaths works out the folders from the environment.
func FindPaths(getenv func(string) string) (Paths, error) {
	var missing bool
	dir := func(variable string, fallback ...string) string {
		if set := getenv(variable); filepath.IsAbs(set) { // by the XDG rules a relative path is ignored
			return filepath.Join(set, "imctl")
		}
		home := getenv("HOME")
		if home == "" {
			home = getenv("USERPROFILE")
		}
		if home == "" {
			missing = true
		}
		return filepath.Join(append(append([]string{home}, fallback...), "imctl")...)
	}
	p := Paths{
		Config: dir("XDG_CONFIG_HOME", ".config"),
		Cache:  dir("XDG_CACHE_HOME", ".cache"),
		State:  dir("XDG_STATE_HOME", ".local", "state"),
		Data:   dir("XDG_DATA_HOME", ".local", "share"),
	}
	if missing {
		return Paths{}, fault.New(fault.Usage, "there is no home folder: HOME is not set").
			WithHint("set HOME, or XDG_CONFIG_HOME, XDG_CACHE_HOME, XDG_STATE_HOME and XDG_DATA_HOME")
	}
	return p, nil
}

// ConfigFile is the path of the contexts file: IMCTL_CONFIG, or config.yaml in the Config folder.
func ConfigFile(getenv func(string) string) (string, error) {
	if path := getenv("IMCTL_CONFIG"); path != "" {
		return path, nil
	}
	p, err := FindPaths(getenv)
	if err != nil {
		return "", err
	}
	return filepath.Join(p.Config, "config.yaml"), nil
}

// MakeDir makes a folder, and those above it that are missing, for the user alone.
func MakeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.New(fault.Usage, "making the folder %s: %w", dir, reason(err))
	}
	return nil
}
