package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/renameio/v2"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/store"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/journal"
	"github.com/openimsdk/imctl/runtime/output"
	"github.com/openimsdk/imctl/runtime/sandbox/child"
	"github.com/openimsdk/imctl/runtime/target"
)

// keptCalls is how many of the last calls a failure can show.
const keptCalls = 20

// session is the target in force with what was opened for it.
type session struct {
	target *target.Target
	env    *bindings.Env
	child  *child.Child
	calls  *callLog
	audit  *auditFile
	plan   *planFile

	journalMu sync.Mutex // while it is begun
	journal   atomic.Pointer[journal.Journal]

	othersMu sync.Mutex
	others   map[string]*bindings.Env // other contexts that are read from, by name

	scratch string // the state folder of a sandbox that ends with this process
	budget  *budget
}

// open resolves the target and makes the Env, once. interactive says that a person at a terminal can be asked; a
// script's own run is consent.
func (a *app) open(ctx context.Context, interactive bool) (*session, error) {
	a.opening.Lock()
	defer a.opening.Unlock()
	if a.session != nil {
		return a.session, nil
	}
	if err := a.openTape(); err != nil {
		return nil, err
	}
	t, err := a.resolveTape()
	if err != nil {
		return nil, err
	}
	paths, err := target.FindPaths(a.sys.Getenv)
	if err != nil {
		return nil, err
	}
	s := &session{target: t, calls: &callLog{}, budget: &budget{}}
	s.budget.limit.Store(a.g.maxRequests)
	if t.Sandbox {
		if err := a.startSandbox(ctx, s, paths.State); err != nil {
			return nil, err
		}
	}
	if t.Gateway, err = a.tape.draw("gateway", func() (string, error) { return t.Gateway, nil }); err != nil {
		return nil, err
	}
	client := openim.New(a.clientConfig(s, paths.Cache))
	state := filepath.Join(paths.State, "contexts", t.Name)
	if s.child != nil || a.tape.player != nil { // what is remembered of a sandbox ends with it
		if state, err = os.MkdirTemp("", "imctl-sandbox-"); err != nil {
			return nil, fault.New(fault.Internal, "no temporary folder: %w", err)
		}
		s.scratch = state
	}
	s.audit = &auditFile{path: filepath.Join(paths.State, "audit.jsonl")}
	env := &bindings.Env{
		API: client, Stores: store.New(a.storesConfig(t)), Gateway: openim.Setting{Value: t.Gateway, Source: t.Source("gateway")}, Now: a.now, Rand: a.tape.random, StateDir: state, Version: Version, DryRun: a.g.dryRun,
		Target: bindings.Target{
			Name: t.Name, Admin: t.Admin, Protected: t.Protected, Named: t.NamedOnCommandLine,
			ReadOnly: t.ReadOnly, MaxObjects: t.MaxObjects,
		},
		Log:   a.logger(),
		Stdin: a.sys.Stdin,
		Open:  a.openFile, Create: a.createFile, Folder: makeFolder,
		Warn: func(format string, args ...any) { a.note("warning: "+format, args...) },
		Track: func(label string) bindings.Progress {
			return output.NewProgress(a.sys.Stderr, a.sys.StderrIsTerminal && !a.g.quiet, label)
		},
		Audit: s.audit.write,
	}
	if a.g.plan != "" {
		if s.plan, err = a.openPlan(a.g.plan, t.Name); err != nil {
			return nil, err
		}
		env.DryRun, env.Planning, env.Plan = true, true, s.plan.add
	} else if a.g.dryRun && !interactive {
		env.Plan = func(p bindings.Planned) error {
			a.note("dry run: would %s %s", p.Op, value.Text(p.Params))
			return nil
		}
	}
	if interactive {
		env.Ask = a.ask
	}
	env.Other = func(ctx context.Context, name string) (*bindings.Env, error) { return a.other(ctx, s, name) }
	s.env = env
	a.session = s
	return s, nil
}

// opened is the session, nil when none was opened yet.
func (a *app) opened() *session {
	a.opening.Lock()
	defer a.opening.Unlock()
	return a.session
}

// close ends what was opened. ok says that the run went well: only then a plan appears.
func (s *session) close(ok bool) error {
	s.env.API.Close()
	err := s.env.Stores.Close()
	for _, other := range s.others {
		other.API.Close()
		err = errors.Join(err, other.Stores.Close())
	}
	if s.child != nil {
		s.child.Close()
	}
	err = errors.Join(err, s.audit.close())
	if j := s.journal.Load(); j != nil {
		err = errors.Join(err, j.Close())
	}
	if s.scratch != "" {
		err = errors.Join(err, os.RemoveAll(s.scratch))
	}
	if s.plan != nil {
		err = errors.Join(err, s.plan.close(ok))
	}
	return err
}

// resolve finds the target by flags, environment and contexts file, in this order.
func (a *app) resolve() (*target.Target, error) {
	path, err := target.ConfigFile(a.sys.Getenv)
	if err != nil {
		return nil, err
	}
	file, err := target.Load(path)
	if err != nil {
		return nil, err
	}
	for _, w := range file.Warnings {
		a.note("warning: %s", w)
	}
	return target.Resolve(file, target.Overrides{
		Context: a.g.context, Server: a.g.server, Gateway: a.g.gateway, Admin: a.g.admin, SecretFile: a.g.secretFile,
		Timeout: a.g.requestTimeout, ReadOnly: a.g.readOnly,
	}, a.sys.Getenv)
}

// secret is a secret of the target, read when it is needed.
func (a *app) secret(ref target.SecretRef) openim.Secret {
	return openim.Secret{
		Get:    func(ctx context.Context) (string, error) { return ref.Get(ctx, a.sys.Getenv) },
		Source: ref.Source(),
	}
}

// clientConfig is the REST client's part of the target.
func (a *app) clientConfig(s *session, cacheDir string) openim.Config {
	t := s.target
	setting := func(name, text string) openim.Setting { return openim.Setting{Value: text, Source: t.Source(name)} }
	cfg := openim.Config{
		Context: t.Name, API: setting("api", t.API), AdminUserID: t.Admin, AdminSource: t.Source("admin"),
		Secret: a.secret(t.Secret), ChatAdmin: setting("chat.admin", t.Chat.Admin), ChatAPI: setting("chat.api", t.Chat.API),
		ChatAccount: t.Chat.Account, ChatPassword: a.secret(t.Chat.Password),
		Timeout: t.Timeout, TimeoutSource: t.Source("timeout"), Retries: 3, OnCall: s.calls.add,
	}
	if !t.Sandbox { // a sandbox forgets its tokens when it ends
		cfg.CacheDir = cacheDir
	}
	a.tape.standIn(&cfg)
	if a.completing() {
		cfg.Retries = 0
		if t.Secret.Command != "" {
			cfg.Secret.Get = func(context.Context) (string, error) {
				return "", fault.New(fault.Auth, "no program is run while a shell completes")
			}
		}
	}
	if a.g.trace {
		cfg.Trace = a.sys.Stderr
	}
	noWrites := a.g.dryRun || a.g.plan != "" || t.ReadOnly
	cfg.Guard = func(path string, write bool) error {
		if write && noWrites {
			return fault.New(fault.Denied, "%s writes, and nothing may be written now", path)
		}
		return s.budget.spend()
	}
	return cfg
}

// startSandbox uses the sandbox that was left running, or starts one that ends with this process.
func (a *app) startSandbox(ctx context.Context, s *session, state string) error {
	ready, running := readSandbox(state)
	if !running {
		program, err := child.Find(a.sys.Getenv("IMCTL_SANDBOX"))
		if err != nil {
			return err
		}
		if s.child, err = child.Start(ctx, program, nil, a.sys.Stderr); err != nil {
			return err
		}
		ready = s.child.Ready
		a.note("context sandbox: an OpenIM stand-in in memory, which ends with this command")
	}
	t := s.target
	t.API, t.Gateway, t.Admin = ready.API, ready.Gateway, ready.Admin
	t.Secret = target.Held(ready.Secret, "the sandbox")
	t.Redis = target.Redis{Addresses: []string{ready.Redis}}
	if ready.Mongo != "" {
		t.Mongo = target.Mongo{Addresses: []string{ready.Mongo}, Database: ready.Database}
	}
	return nil
}

func (a *app) openFile(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(a.sys.Stdin), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fault.New(fault.Usage, "can't read the file: %w", err)
	}
	return f, nil
}

// createFile writes a file whole or not at all: under a temporary name, renamed when it is closed. A device or a pipe is
// written as it stands.
func (a *app) createFile(name string) (bindings.File, error) {
	switch name {
	case "-", "/dev/stdout":
		return plainFile{a.sys.Stdout}, nil
	case "/dev/stderr": // a file behind it, opened again, would be written from its beginning
		return plainFile{a.sys.Stderr}, nil
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return nil, fault.New(fault.Usage, "can't write the file: %w", err)
		}
		return deviceFile{f}, nil
	}
	f, err := renameio.NewPendingFile(name, renameio.WithPermissions(0o644), renameio.WithExistingPermissions())
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // the path is that of a temporary name
	}
	if err != nil {
		return nil, fault.New(fault.Usage, "can't write the file %s: %w", name, err)
	}
	return pendingFile{f}, nil
}

// makeFolder makes a folder with those above it; what operations write there is for the user alone.
func makeFolder(name string) error {
	if err := os.MkdirAll(name, 0o700); err != nil {
		return fault.New(fault.Usage, "can't make the folder %s: %w", name, err)
	}
	return nil
}

type deviceFile struct{ *os.File }

func (f deviceFile) Commit() error { return f.Close() }
func (f deviceFile) Discard()      { _ = f.Close() }

type plainFile struct{ io.Writer }

func (plainFile) Commit() error { return nil }
func (plainFile) Discard()      {}

type pendingFile struct{ *renameio.PendingFile }

func (f pendingFile) Commit() error { return f.CloseAtomicallyReplace() }
func (f pendingFile) Discard()      { _ = f.Cleanup() }

// callLog keeps the last calls for reports.
type callLog struct {
	mu    sync.Mutex
	calls []openim.Call
}

func (l *callLog) add(c openim.Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, c)
	if len(l.calls) > 2*keptCalls {
		n := copy(l.calls, l.calls[len(l.calls)-keptCalls:])
		clear(l.calls[n:])
		l.calls = l.calls[:n]
	}
}

// since returns the kept calls that started at or after t.
func (l *callLog) since(t time.Time) []openim.Call {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []openim.Call
	for _, c := range l.calls {
		if !c.Start.Before(t) {
			out = append(out, c)
		}
	}
	if len(out) > keptCalls {
		out = out[len(out)-keptCalls:]
	}
	return out
}
