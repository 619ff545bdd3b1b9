package cli

import (
	"context"
	"io"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/lualib"
	"github.com/openimsdk/imctl/runtime/target"
	"github.com/openimsdk/imctl/runtime/vm"
	"github.com/openimsdk/imctl/stdlib"
)

// vmOptions makes the options of a script's VM. The target is opened when the script first calls an operation, so
// that a script without one starts at once.
func (a *app) vmOptions(ctx context.Context, s script, maxMemory uint64) vm.Options {
	path := append([]string{}, s.path...)
	if paths, err := target.FindPaths(a.sys.Getenv); err == nil {
		path = append(path, filepath.Join(paths.Data, "lib"))
	}
	return vm.Options{
		Areas: a.areas, Stdlib: stdlib.FS, Globals: stdlib.Globals(), Path: path, Args: s.args,
		Stdin: a.sys.Stdin, Stdout: a.sys.Stdout, Stderr: a.sys.Stderr, Getenv: a.sys.Getenv, MaxMemory: maxMemory,
		OpenEnv: func() (*bindings.Env, error) {
			s, err := a.open(ctx, false)
			if err != nil {
				return nil, err
			}
			return s.env, nil
		},
		Host:    a.hostFuncs(nil),
		Modules: lualib.Modules(a.libraryOptions()),
	}
}

// scriptOptions are vmOptions within the limits of a script. done frees what they hold open.
func (a *app) scriptOptions(ctx context.Context, r running, l limits) (opts vm.Options, done func(), err error) {
	s := r.script
	opts = a.vmOptions(ctx, s, l.maxMemory)
	opts.Host = a.hostFuncs(r.calls)
	if r.tests != nil {
		maps.Copy(opts.Host, r.tests.Host())
	}
	done = func() {}
	lib := a.libraryOptions()
	lib.Restricted, lib.AllowHost = l.restricted, l.allowHost
	if r.onCall != nil {
		lib.OnCall = r.onCall
	}
	if l.restricted {
		folder := a.g.folder
		if folder == "" {
			folder = filepath.Dir(s.name)
		}
		root, err := os.OpenRoot(folder)
		if err != nil {
			return opts, done, fault.New(fault.Usage, "the folder of the restricted profile: %w", err).WithHint("name another with --folder")
		}
		done = func() { _ = root.Close() } // it was only read through
		lib.Files, opts.Restricted, opts.Getenv = lualib.FolderFiles(root), true, nil
	}
	if l.readOnly {
		lib.Guard = func(what string) error {
			return fault.New(fault.Denied, "%s: the script's header says that it only reads", what)
		}
	}
	opts.Modules = lualib.Modules(lib)
	opts.Cover = a.cover
	opts.OpenEnv = func() (*bindings.Env, error) {
		session, err := a.open(ctx, false)
		if err != nil {
			return nil, err
		}
		session.budget.limit.Store(l.maxRequests)
		env := *session.env
		if r.calls != nil {
			env.API = env.API.Observed(r.calls.add)
		}
		if l.readOnly && !env.Target.ReadOnly {
			env.Target.ReadOnly, env.Target.ReadOnlyBy = true, "the header of "+s.name
		}
		if l.restricted {
			noFiles(&env)
		}
		return &env, nil
	}
	return opts, done, nil
}

// noFiles gives operations the files of the restricted profile, and the contexts beside its own: none.
func noFiles(env *bindings.Env) {
	refuse := func(name string) error {
		return fault.New(fault.Denied, "%s: operations read and write no files in the restricted profile", name)
	}
	env.Open = func(name string) (io.ReadCloser, error) { return nil, refuse(name) }
	env.Create = func(name string) (bindings.File, error) { return nil, refuse(name) }
	env.Folder = refuse
	env.Other = nil
}

// hostFuncs are what our Lua library may ask.
// calls are those of the script, nil for those of the session.
func (a *app) hostFuncs(calls *callLog) map[string]vm.HostFunc {
	return map[string]vm.HostFunc{
		"now": func([]any) (any, error) { // milliseconds, for durations
			return float64(time.Since(a.started).Microseconds()) / 1000, nil
		},
		"unique": func([]any) (any, error) { return a.unique() }, // a part of a name that no other run has
		"color":  func([]any) (any, error) { return a.sys.ColorOut(a.g.color), nil },
		"calls": func(args []any) (any, error) { // the calls of the last so many milliseconds
			log := calls
			if session := a.opened(); log == nil && session != nil {
				log = session.calls
			}
			if log == nil {
				return value.List{}, nil
			}
			ms, ok := args[0].(float64)
			if n, isInt := args[0].(int64); isInt {
				ms, ok = float64(n), true
			}
			if !ok {
				return nil, fault.New(fault.Usage, "want milliseconds")
			}
			list := value.List{}
			for _, c := range log.since(time.Now().Add(-time.Duration(ms * float64(time.Millisecond)))) {
				list = append(list, value.NewObject("method", c.Method, "path", c.Path, "operationID", c.OperationID,
					"status", int64(c.Status), "code", int64(c.Code), "ms", float64(c.Duration.Microseconds())/1000,
					"failed", c.Err != nil))
			}
			return list, nil
		},
	}
}
