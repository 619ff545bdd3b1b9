package target

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/openimsdk/imctl/bindings/fault"
)

const contextsFile = `# my contexts

current: prod # the usual one
contexts:
  # the live system
  - name: prod
    api: https://im.example:10002 # behind nginx
    gateway: wss://im.example:10001
    admin: imAdmin
    secret:
      file: /etc/openim/share.yml
      key: secret
    chat:
      admin: https://im.example:10009
      account: chatAdmin
      password:
        command: pass show openim/chat
    mongo:
      addresses:
        - db1:27017
      database: openim_v3
      password:
        env: MONGO_PASSWORD
    redis:
      addresses:
        - r1:6379
      db: 3
      mode: standalone
    timeout: 1m30s
    protected: true
    max_objects: 100
  # for trying things
  - name: test
    api: http://127.0.0.1:10002
    read_only: true
`

func writeConfig(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, path string) *File {
	t.Helper()
	f, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestLoad(t *testing.T) {
	f := load(t, writeConfig(t, contextsFile))
	c, err := f.Get("prod")
	if err != nil {
		t.Fatal(err)
	}
	want := Context{
		Name: "prod", API: "https://im.example:10002", Gateway: "wss://im.example:10001", Admin: "imAdmin",
		Secret:  SecretRef{File: "/etc/openim/share.yml", Key: "secret"},
		Chat:    Chat{Admin: "https://im.example:10009", Account: "chatAdmin", Password: SecretRef{Command: "pass show openim/chat"}},
		Mongo:   Mongo{Addresses: []string{"db1:27017"}, Database: "openim_v3", Password: SecretRef{Env: "MONGO_PASSWORD"}},
		Redis:   Redis{Addresses: []string{"r1:6379"}, DB: 3, Mode: "standalone"},
		Timeout: 90 * time.Second, Protected: true, MaxObjects: 100,
	}
	if diff := cmp.Diff(want, *c, cmp.AllowUnexported(SecretRef{})); diff != "" {
		t.Error(diff)
	}
	if f.Current != "prod" || len(f.Warnings) != 0 {
		t.Errorf("current %q, warnings %q", f.Current, f.Warnings)
	}
}

func TestSaveKeepsTheFile(t *testing.T) {
	path := writeConfig(t, contextsFile)
	before := load(t, path)
	if err := Update(path, func(f *File) error { return f.Use("test") }); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(path)
	want := strings.Replace(strings.Replace(contextsFile, "current: prod", "current: test", 1), "\n\n", "\n", 1)
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("more than the current context has changed:\n%s", diff)
	}
	after := load(t, path)
	if diff := cmp.Diff(before.Contexts, after.Contexts, cmp.AllowUnexported(SecretRef{})); diff != "" {
		t.Error(diff)
	}
	if err := Update(path, func(f *File) error { return f.Remove("prod") }); err != nil {
		t.Fatal(err)
	}
	text, _ = os.ReadFile(path)
	if s := string(text); !strings.Contains(s, "# for trying things\n  - name: test") || strings.Contains(s, "nginx") || strings.Contains(s, "live system") {
		t.Errorf("comments are astray:\n%s", s)
	}
}

func TestModes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "imctl", "config.yaml")
	f := load(t, path)
	if err := f.Add(Context{Name: "a", API: "http://h:1"}); err != nil {
		t.Fatal(err)
	}
	if err := f.Save(path); err != nil {
		t.Fatal(err)
	}
	for p, want := range map[string]os.FileMode{path: 0o600, path + ".lock": 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", filepath.Base(p), got, want)
		}
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	f = load(t, path)
	if len(f.Warnings) != 1 || !strings.Contains(f.Warnings[0], "chmod 600") {
		t.Errorf("warnings: %q", f.Warnings)
	}
	if err := f.Save(path); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("saved with mode %o", info.Mode().Perm())
	}
}

func TestSaveThroughALink(t *testing.T) {
	path := writeConfig(t, contextsFile)
	link := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	if err := Update(link, func(f *File) error { return f.Use("test") }); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Lstat(link); info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	if load(t, path).Current != "test" {
		t.Error("the file behind the link was not changed")
	}
}

func TestConcurrentChangesAreAllKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 10 {
				c := Context{Name: fmt.Sprintf("c%d-%d", w, i), API: "http://h:1"}
				for { // Load, Add, Save: refused when the other was quicker, never lost
					f, err := Load(path)
					if err == nil {
						err = f.Add(c)
					}
					if err == nil {
						err = f.Save(path)
					}
					if err == nil {
						break
					}
					if !fault.Is(err, fault.Denied) {
						t.Error(err)
						return
					}
				}
				c.Name += "-u"
				if err := Update(path, func(f *File) error { return f.Add(c) }); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
	if n := len(load(t, path).Contexts); n != 40 {
		t.Errorf("%d contexts, want 40", n)
	}
}

func TestFileErrors(t *testing.T) {
	f := load(t, writeConfig(t, contextsFile))
	_, err := f.Get("prd")
	wantFault(t, err, fault.Usage, `no context "prd"; did you mean prod?`, "contexts: prod, test, sandbox")
	wantFault(t, f.Use("tset"), fault.Usage, "did you mean test?")
	wantFault(t, f.Remove("nosuch"), fault.Usage, `no context "nosuch"`)
	wantFault(t, f.Add(Context{Name: "prod", API: "http://h:1"}), fault.Exists, "already")
	wantFault(t, f.Add(Context{Name: "sandbox", API: "http://h:1"}), fault.Usage, "reserved")
	wantFault(t, f.Add(Context{Name: "../x", API: "http://h:1"}), fault.Usage, "can't be the name")
	wantFault(t, f.Add(Context{Name: "a"}), fault.Usage, "no api address")
	wantFault(t, f.Add(Context{Name: "a", API: "http://h", Secret: Held("openIM123", "x")}), fault.Usage, "can't be stored")
	wantFault(t, f.Add(Context{Name: "a", API: "http://h", Secret: SecretRef{File: "share.yml"}}), fault.Usage, "relative path")
	if err := f.Use(Sandbox); err != nil || f.Current != "" {
		t.Errorf("%v, current %q", err, f.Current)
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		context Context
		want    string
	}{
		{Context{API: "localhost:10002"}, `api: "localhost:10002" has no scheme; did you mean http://localhost:10002?`},
		{Context{Gateway: "http://h:10001"}, `gateway: "http://h:10001" starts with http; did you mean ws://h:10001?`},
		{Context{Gateway: "h:10001"}, "did you mean ws://h:10001?"},
		{Context{API: "http://"}, "names no host"},
		{Context{API: "http://h:1x"}, `api: "http://h:1x" is not an address`},
		{Context{API: "http://me:openIM123@h"}, "holds a user"},
		{Context{API: "me:openIM123@h"}, "has no scheme"},
		{Context{API: "http://h/?token=openIM123"}, "has a query"},
		{Context{Chat: Chat{Admin: "h:10009"}}, `chat.admin: "h:10009" has no scheme`},
		{Context{Mongo: Mongo{URI: "mongodb://u:openIM123@h1:1,h2:2/db"}}, "holds a password"},
		{Context{Mongo: Mongo{URI: "h1:1"}}, "did you mean mongodb://h1:1?"},
		{Context{Redis: Redis{Mode: "sentinal"}}, "did you mean sentinel?"},
		{Context{Redis: Redis{Addresses: []string{"h"}}}, `redis.addresses: "h" is not host:port`},
		{Context{Secret: SecretRef{Env: "X", Command: "echo openIM123"}}, "secret: two sources"},
		{Context{Redis: Redis{Password: SecretRef{Key: "a"}}}, `redis.password: key "a" without a file`},
		{Context{MaxObjects: -1}, "max_objects"},
		{Context{Timeout: -1}, "timeout"},
	} {
		err := c.context.Check()
		wantFault(t, err, fault.Usage, c.want)
		if e := fault.From(err); e != nil && strings.Contains(e.Error()+e.Hint, "openIM123") {
			t.Errorf("the secret is in %q", e)
		}
	}
	fine := Context{API: "https://h", Gateway: "wss://h/msg_gateway", Prometheus: "http://[::1]:9090", Mongo: Mongo{URI: "mongodb://u@h1:1,h2:2/db?replicaSet=rs0"},
		Redis: Redis{Addresses: []string{"[::1]:6379"}}}
	if err := fine.Check(); err != nil {
		t.Error(err)
	}
}

func TestBrokenFiles(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"contexts:\n  - name: x\n    tmeout: 3s\n", `config.yaml:3:5: no setting "tmeout"; did you mean timeout?`},
		{"contexts:\n  - name: x\n    timeout: soon\n", `config.yaml:3: timeout: "soon" is not a duration`},
		{"contexts:\n  - name: x\n    secret: openIM123\n", "config.yaml:3:13: secret: a secret itself is never kept here"},
		{"contexts:\n  - name: x\n    chat: {password: openIM123}\n", "password: a secret itself is never kept here"},
		{"contexts:\n  - name: x\n    secret: *openIM123\n", "config.yaml:3:"},
		{"contexts:\n  - name: x\n    secret: !openIM123\n", "config.yaml:3:"},
		{"contexts:\n  - name: x\n    secret: 'openIM123\n", "config.yaml:3:"},
		{"contexts:\n  - name: x\n   api: [\n", "config.yaml:3:"},
		{"a: b\n\tc: d", "config.yaml:2:"},
		{"contexts:\n  - name: x\n  - name: x\n", `two contexts have the name "x"`},
		{"contexts:\n  - name: x\n    name: y\n", "config.yaml:3:5:"},
		{"contexts:\n  - name: sandbox\n", "contexts[0].name"},
		{"contexts: 5\n", "config.yaml:1:11:"},
		{"- a\n", "config.yaml:1:1:"},
	} {
		_, err := Load(writeConfig(t, c.text))
		wantFault(t, err, fault.Usage, c.want)
		if e := fault.From(err); e != nil && strings.Contains(e.Error()+e.Hint, "openIM123") {
			t.Errorf("the secret is in %q", e)
		}
	}
	for _, text := range []string{"", "# nothing\n", "contexts: []\n", "contexts:\n"} {
		path := writeConfig(t, text)
		if f := load(t, path); len(f.Contexts) != 0 {
			t.Errorf("%q: %v", text, f.Contexts)
		}
		if err := Update(path, func(f *File) error { return f.Add(Context{Name: "a", API: "http://h"}) }); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := Load(t.TempDir()); !fault.Is(err, fault.Usage) {
		t.Errorf("a folder: %v", err)
	}
}

// FuzzLoad: no text breaks the reader, and what it reads it writes back the same.
func FuzzLoad(f *testing.F) {
	f.Add(contextsFile)
	for _, s := range []string{"", "contexts:\n- name: a\n  timeout: 3s\n", "{}", "contexts: [{name: a, secret: {env: X}}]", "&a b: *a", "? x\n: y", "a: |\n x\n", "contexts:\n !# t", "current: \"\\u0000\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := parse("config.yaml", []byte(text))
		if err != nil {
			_ = fault.From(err).Error()
			return
		}
		out, err := file.text()
		if err != nil {
			t.Fatal(err)
		}
		again, err := parse("config.yaml", out)
		if err != nil {
			t.Skip("the file is not written: ", err) // Save refuses what it could not read back
		}
		if diff := cmp.Diff(file.Contexts, again.Contexts, cmp.AllowUnexported(SecretRef{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s\nfrom %q\nto %q", diff, text, out)
		}
	})
}
