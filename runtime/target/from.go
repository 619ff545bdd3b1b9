package target

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Note says what was found for a setting and where, or what could not be used and why.
type Note struct {
	Setting string `json:"setting"`
	Value   string `json:"value"`  // of a secret only where it comes from
	Source  string `json:"source"` // "share.yml line 3", or an environment variable
	Remark  string `json:"remark"`
}

// folder reads settings out of a configuration folder of OpenIM, with the environment's overrides.
type folder struct {
	dir    string
	getenv func(string) string
	docs   map[string]*document
	notes  []Note
	err    error // the first fault of a file that can't be done without
}

// required are the files without which there is no context.
func required() []string { return []string{"share.yml", "openim-api.yml"} }

// FromConfigDir makes a context out of the server's own configuration folder. Variables named IMENV_<FILE>_<PATH>
// win over the files, as for the server. Secrets stay where they are: the context only refers to them. share.yml and
// openim-api.yml must be there; what is wrong with another file is noted.
func FromConfigDir(dir string, getenv func(string) string) (Context, []Note, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return Context{}, nil, fault.New(fault.Usage, "folder %s: %w", dir, err)
	}
	if info, err := os.Stat(absolute); err != nil {
		return Context{}, nil, fault.New(fault.Usage, "folder %s: %w", dir, reason(err))
	} else if !info.IsDir() {
		return Context{}, nil, fault.New(fault.Usage, "%s is a file; name the folder that it is in", dir)
	}
	f := &folder{dir: absolute, getenv: getenv, docs: map[string]*document{}}
	for _, name := range []string{"share.yml", "openim-api.yml", "openim-msggateway.yml", "mongodb.yml", "redis.yml", "kafka.yml",
		"minio.yml", "discovery.yml", "log.yml"} {
		f.open(name)
	}
	c := Context{}
	f.server(&c)
	f.stores(&c)
	f.monitoring(&c)
	if f.err != nil {
		return Context{}, f.notes, f.err
	}
	if err := c.Check(); err != nil {
		e := fault.From(err)
		return Context{}, f.notes, fault.New(fault.Usage, "%s: %s", dir, e.Message).WithHint("%s", e.Hint)
	}
	return c, f.notes, nil
}

func (f *folder) open(name string) {
	path := filepath.Join(f.dir, name)
	doc, err := readDocument(path)
	if err != nil {
		f.broken(name, err)
		doc = &document{path: path}
	}
	f.docs[name] = doc
}

// broken takes note of a fault in a file.
func (f *folder) broken(name string, err error) {
	if slices.Contains(required(), name) {
		if f.err == nil {
			f.err = err
		}
		return
	}
	f.notes = append(f.notes, Note{Setting: name, Source: name, Remark: fault.From(err).Message})
}

func (f *folder) note(setting, value, source, remark string) {
	f.notes = append(f.notes, Note{Setting: setting, Value: value, Source: source, Remark: remark})
}

// variable is the name of the environment variable that overrides a key of a file.
func variable(file, key string) string {
	name := "IMENV_" + strings.TrimSuffix(file, ".yml") + "_" + key
	return strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(name))
}

// find reads a scalar, and where it stands.
func (f *folder) find(file, key string) (text, source string) {
	if name := variable(file, key); f.getenv(name) != "" {
		return f.getenv(name), "environment variable " + name
	}
	v, err := f.docs[file].text(key)
	if err != nil {
		f.broken(file, err)
	}
	return v.text, f.docs[file].at(v.line)
}

func (f *folder) findList(file, key string) (list []string, source string) {
	if name := variable(file, key); f.getenv(name) != "" {
		return splitList(f.getenv(name)), "environment variable " + name
	}
	list, line, err := f.docs[file].list(key)
	if err != nil {
		f.broken(file, err)
	}
	return list, f.docs[file].at(line)
}

// set puts the first of the keys that has a value into a setting.
func (f *folder) set(setting string, to *string, file string, keys ...string) {
	for _, key := range keys {
		if text, source := f.find(file, key); text != "" {
			*to = text
			f.note(setting, shown(text), source, "")
			return
		}
	}
}

func (f *folder) setList(setting string, to *[]string, file, key string) {
	if list, source := f.findList(file, key); len(list) > 0 {
		*to = list
		f.note(setting, shown(strings.Join(list, ",")), source, "")
	}
}

// shown is a value without what may be a password, if it is a URL.
func shown(text string) string {
	if strings.Contains(text, "://") {
		return redact(text)
	}
	return text
}

// setSecret refers to a secret where it is, if there is one.
func (f *folder) setSecret(setting string, to *SecretRef, file, key string) {
	text, source := f.find(file, key)
	if text == "" {
		return
	}
	*to = SecretRef{File: filepath.Join(f.dir, file), Key: key}
	if name := variable(file, key); f.getenv(name) != "" {
		*to = SecretRef{Env: name}
	}
	f.note(setting, to.Source(), source, "")
}

// address joins a listening address and its first port to one that a client can use.
func (f *folder) address(setting, scheme, file, ipKey, portsKey, fallback string) string {
	ip, _ := f.find(file, ipKey)
	ports, source := f.findList(file, portsKey)
	remark := ""
	if len(ports) == 0 {
		ports, source, remark = []string{fallback}, "default", fmt.Sprintf("%s names no port", file)
	}
	if net.ParseIP(ip).IsUnspecified() || ip == "" {
		ip = "127.0.0.1"
		if remark != "" {
			remark += "; "
		}
		remark += "it listens on every address: 127.0.0.1 is right on the server's own machine only"
	}
	value := scheme + "://" + net.JoinHostPort(ip, ports[0])
	f.note(setting, value, source, remark)
	return value
}
