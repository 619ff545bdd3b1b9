package target

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/openimsdk/imctl/bindings/fault"
)

// File is the contexts file.
type File struct {
	Current  string    `yaml:"current,omitempty"` // "" is the sandbox
	Contexts []Context `yaml:"contexts"`

	// Warnings are about the file itself, as its mode; they don't keep it from being used.
	Warnings []string `yaml:"-"`

	comments yaml.CommentMap
	loaded   []byte // what the file held, to see whether another process has changed it since
}

// Names lists the contexts that can be named, the sandbox last.
func (f *File) Names() []string {
	names := make([]string, 0, len(f.Contexts)+1)
	for _, c := range f.Contexts {
		names = append(names, c.Name)
	}
	return append(names, Sandbox)
}

// Get finds a context by name. The sandbox is not in the file.
func (f *File) Get(name string) (*Context, error) {
	if i := f.index(name); i >= 0 {
		return &f.Contexts[i], nil
	}
	return nil, f.missing(name)
}

func (f *File) index(name string) int {
	return slices.IndexFunc(f.Contexts, func(c Context) bool { return c.Name == name })
}

func (f *File) missing(name string) error {
	return fault.New(fault.Usage, "no context %q%s", name, fault.DidYouMean(name, f.Names())).
		WithHint("contexts: %s", strings.Join(f.Names(), ", "))
}

// Add checks a context and appends it.
func (f *File) Add(c Context) error {
	if err := checkName(c.Name); err != nil {
		return err
	}
	if f.index(c.Name) >= 0 {
		return fault.New(fault.Exists, "there is a context %q already", c.Name).
			WithHint("remove it first, or choose another name")
	}
	if c.API == "" {
		return fault.New(fault.Usage, "context %q has no api address", c.Name).WithHint("such as http://127.0.0.1:10002")
	}
	if err := c.Check(); err != nil {
		return err
	}
	if err := checkStored(&c); err != nil {
		return err
	}
	f.Contexts = append(f.Contexts, c)
	return nil
}

// checkStored tells whether the references to secrets mean the same in another process and another folder.
func checkStored(c *Context) error {
	for _, s := range secretSettings() {
		ref := s.at(c)
		if ref.held != "" {
			return fault.New(fault.Usage, "context %q: %s is known in this process only and can't be stored", c.Name, s.name)
		}
		if ref.File != "" && !filepath.IsAbs(ref.File) && !strings.HasPrefix(ref.File, "~/") {
			return fault.New(fault.Usage, "context %q: %s.file: %q is a relative path", c.Name, s.name, ref.File).
				WithHint("write the whole path, or one from ~/")
		}
	}
	return nil
}

// Remove takes a context out. If it was the current one, the sandbox is from then on.
func (f *File) Remove(name string) error {
	i := f.index(name)
	if i < 0 {
		return f.missing(name)
	}
	f.Contexts = slices.Delete(f.Contexts, i, i+1)
	f.forgetComments(i)
	if f.Current == name {
		f.Current = ""
	}
	return nil
}

// forgetComments drops the comments of the context at i and moves those of later ones up by one.
func (f *File) forgetComments(i int) {
	moved := yaml.CommentMap{}
	for path, comments := range f.comments {
		rest, ok := strings.CutPrefix(path, "$.contexts[")
		var n int
		if ok {
			_, err := fmt.Sscanf(rest, "%d]", &n)
			ok = err == nil
		}
		switch {
		case !ok || n < i:
			moved[path] = comments
		case n > i:
			moved[fmt.Sprintf("$.contexts[%d%s", n-1, rest[strings.IndexByte(rest, ']'):])] = comments
		}
	}
	f.comments = moved
}

// Use makes a context the current one.
func (f *File) Use(name string) error {
	if name == Sandbox {
		f.Current = ""
		return nil
	}
	if f.index(name) < 0 {
		return f.missing(name)
	}
	f.Current = name
	return nil
}

// parse reads the text of a contexts file.
func parse(path string, text []byte) (*File, error) {
	f, comments := &File{}, yaml.CommentMap{}
	err := guarded(func() error { return yaml.UnmarshalWithOptions(text, f, yaml.Strict(), yaml.CommentToMap(comments)) })
	if err != nil {
		return nil, explain(path, text, err)
	}
	f.comments, f.loaded = comments, text // afterwards: an empty document sets all of f to zero
	seen := map[string]bool{}
	for i, c := range f.Contexts {
		if err := checkName(c.Name); err != nil {
			e := fault.From(err)
			return nil, fault.New(fault.Usage, "%s: contexts[%d].name: %s", path, i, e.Message).WithHint("%s", e.Hint)
		}
		if seen[c.Name] {
			return nil, fault.New(fault.Usage, "%s: two contexts have the name %q", path, c.Name)
		}
		seen[c.Name] = true
	}
	return f, nil
}

// text is what Save writes.
func (f *File) text() ([]byte, error) {
	if f.Contexts == nil {
		f.Contexts = []Context{}
	}
	var text []byte
	err := guarded(func() (err error) {
		text, err = yaml.MarshalWithOptions(f, yaml.IndentSequence(true), yaml.WithComment(f.comments))
		return err
	})
	if err != nil { // a comment that has no place any more
		text, err = yaml.MarshalWithOptions(f, yaml.IndentSequence(true))
	}
	return text, err
}

func modeWarnings(path string, info os.FileInfo) []string {
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return []string{fmt.Sprintf("%s is open to other users (mode %04o); run: chmod 600 %s", path, mode, path)}
	}
	return nil
}
