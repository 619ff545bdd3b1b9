package client

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
)

// newEnv is an Env of a script against the stub.
func newEnv(t testing.TB, s *stub, change ...func(*openim.Config)) *bindings.Env {
	t.Helper()
	cfg := openim.Config{
		API: openim.Setting{Value: s.URL, Source: "the test"}, AdminUserID: "imAdmin", Timeout: 3 * time.Second,
		Secret: openim.Secret{Get: func(context.Context) (string, error) { return "secret", nil }},
	}
	for _, c := range change {
		c(&cfg)
	}
	api := openim.New(cfg)
	env := &bindings.Env{
		API: api, Gateway: openim.Setting{Value: "ws" + strings.TrimPrefix(s.URL, "http"), Source: "--gateway"},
		Now: time.Now, Rand: rand.Reader, Held: bindings.NewHeld(), Warn: func(string, ...any) {},
	}
	held := env.Held
	t.Cleanup(func() {
		held.Close()
		api.Close()
	})
	return env
}

// run runs an operation as a script does.
func run(env *bindings.Env, name string, args ...any) (any, error) {
	op, ok := Area().Find(name)
	if !ok {
		panic("no operation " + name)
	}
	fields, err := op.Arguments(args)
	if err != nil {
		return nil, err
	}
	params, err := op.Bind(fields)
	if err != nil {
		return nil, err
	}
	return op.Invoke(context.Background(), env, params)
}

// must is run for what must work.
func must[T any](t testing.TB, env *bindings.Env, name string, args ...any) T {
	t.Helper()
	got, err := run(env, name, args...)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return got.(T)
}

func connect(t testing.TB, env *bindings.Env, user string, fields ...any) string {
	t.Helper()
	return must[Connection](t, env, "connect", object(append([]any{"userID", user}, fields...)...)).ID
}
