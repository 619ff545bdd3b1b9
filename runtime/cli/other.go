package cli

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/store"
	"github.com/openimsdk/imctl/runtime/target"
)

// other gives operations another context beside that of the session, to read from only: whatever it allows, its client
// refuses to write. Flags and environment variables are about the session's own context and mean nothing here.
func (a *app) other(ctx context.Context, s *session, name string) (*bindings.Env, error) {
	if a.tape != nil && (a.tape.player != nil || a.tape.recorder != nil) {
		return nil, fault.New(fault.Unsupported, "a recording holds one deployment: context %s can't be read beside it", name)
	}
	s.othersMu.Lock()
	defer s.othersMu.Unlock()
	if env := s.others[name]; env != nil {
		return env, nil
	}
	path, err := target.ConfigFile(a.sys.Getenv)
	if err != nil {
		return nil, err
	}
	file, err := target.Load(path)
	if err != nil {
		return nil, err
	}
	if _, err := file.Get(name); err != nil && name != target.Sandbox {
		return nil, err
	}
	t, err := target.Resolve(file, target.Overrides{Context: name, Timeout: a.g.requestTimeout, ReadOnly: true}, func(string) string { return "" })
	if err != nil {
		return nil, err
	}
	paths, err := target.FindPaths(a.sys.Getenv)
	if err != nil {
		return nil, err
	}
	beside := &session{target: t, calls: s.calls, budget: s.budget}
	if t.Sandbox {
		if _, running := readSandbox(paths.State); !running {
			return nil, fault.New(fault.Unsupported, "no sandbox is running, and one that is started for this is empty").WithHint("imctl sandbox start")
		}
		if err := a.startSandbox(ctx, beside, paths.State); err != nil {
			return nil, err
		}
	}
	if t.API == s.target.API {
		return nil, fault.New(fault.Usage, "context %s is the same deployment, %s", name, t.API)
	}
	env := *s.env
	env.API = openim.New(a.clientConfig(beside, paths.Cache))
	env.Stores = store.New(a.storesConfig(t))
	env.Gateway = openim.Setting{Value: t.Gateway, Source: t.Source("gateway")}
	env.StateDir, env.Held, env.Audit, env.Journal, env.Plan, env.Other = "", nil, nil, nil, nil, nil
	env.Target = bindings.Target{Name: t.Name, Admin: t.Admin, ReadOnly: true}
	if s.others == nil {
		s.others = map[string]*bindings.Env{}
	}
	s.others[name] = &env
	return &env, nil
}
